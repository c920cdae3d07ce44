//! The scorecard: every claim of the paper beside what was measured, the null model, and a verdict by one rule.
//!
//! ```
//! use glassbox_reports::Provenance;
//! use glassbox_reports::scorecard::{Claim, ClaimVerdict, Measured, Scorecard, StatedValue, scorecard_json};
//! let measured = Measured { value: -0.47, low: -0.49, high: -0.46, confidence: 0.95, unit: String::new() };
//! let claim = Claim::new("28", "Fig. 4b", "The final overlap is a power of the temperature.", "exponent −0.48")
//!     .with_paper_value(StatedValue::from_digits("-0.48")?)
//!     .with_measured(measured)
//!     .with_null("free diffusion", -0.5)
//!     .with_figure("4b")
//!     .judged();
//! assert_eq!(claim.verdict, ClaimVerdict::Agrees);
//! let made = Provenance::new("0.1.0", "desk", 7, "glassbox reproduce");
//! let scorecard = Scorecard::new("The paper, claim by claim", made).with_claim(claim);
//! assert!(scorecard_json(&scorecard)?.contains("glassbox-scorecard/1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod claim;
mod document;
mod judgement;
mod page;
mod stated;
mod table;
mod verdict;

use serde::Serialize;

use crate::provenance::Provenance;

pub use claim::{Claim, Measured, NullValue, PaperStatement};
pub use document::{SCHEMA, read_scorecard, scorecard_json};
pub use judgement::{Judgement, NARROW, judge, judge_statement};
pub(crate) use page::claim_badge;
pub use page::scorecard_page;
pub use stated::{NotANumber, StatedValue};
pub use table::scorecard_table;
pub use verdict::ClaimVerdict;

/// The claims of the paper and how the verdicts were made.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    /// Heading.
    pub title: String,
    /// How the measurements were made.
    pub provenance: Provenance,
    /// The claims, in any order.
    pub claims: Vec<Claim>,
}

/// Claims by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct VerdictCounts {
    /// Claims that agree.
    pub agrees: usize,
    /// Claims that the null model explains.
    pub explained_by_null: usize,
    /// Claims that the run cannot tell.
    pub not_resolved: usize,
    /// Claims that differ.
    pub differs: usize,
}

impl VerdictCounts {
    /// Claims of one verdict.
    pub fn of(&self, verdict: ClaimVerdict) -> usize {
        match verdict {
            ClaimVerdict::Agrees => self.agrees,
            ClaimVerdict::ExplainedByNull => self.explained_by_null,
            ClaimVerdict::NotResolved => self.not_resolved,
            ClaimVerdict::Differs => self.differs,
        }
    }

    /// The counts as a sentence.
    pub fn sentence(&self) -> String {
        let total: usize = ClaimVerdict::ALL.iter().map(|verdict| self.of(*verdict)).sum();
        let parts = ClaimVerdict::ALL.map(|verdict| match (verdict, self.of(verdict)) {
            (ClaimVerdict::Agrees, 1) => "1 agrees".to_owned(),
            (ClaimVerdict::Agrees, count) => format!("{count} agree"),
            (ClaimVerdict::Differs, 1) => "1 differs".to_owned(),
            (ClaimVerdict::Differs, count) => format!("{count} differ"),
            (verdict, count) => format!("{count} {verdict}"),
        });
        let noun = if total == 1 { "claim" } else { "claims" };
        format!("{total} {noun}: {}.", parts.join(", "))
    }
}

impl Scorecard {
    /// A scorecard without claims.
    pub fn new(title: impl Into<String>, provenance: Provenance) -> Self {
        Self { title: title.into(), provenance, claims: Vec::new() }
    }

    /// Adds a claim.
    #[must_use]
    pub fn with_claim(mut self, claim: Claim) -> Self {
        self.claims.push(claim);
        self
    }

    /// Claims by verdict.
    pub fn counts(&self) -> VerdictCounts {
        let mut counts = VerdictCounts::default();
        for claim in &self.claims {
            let count = match claim.verdict {
                ClaimVerdict::Agrees => &mut counts.agrees,
                ClaimVerdict::ExplainedByNull => &mut counts.explained_by_null,
                ClaimVerdict::NotResolved => &mut counts.not_resolved,
                ClaimVerdict::Differs => &mut counts.differs,
            };
            *count += 1;
        }
        counts
    }

    /// The claims by number: plain numbers first, then the others, each kind by its number.
    pub fn sorted(&self) -> Vec<&Claim> {
        let mut claims: Vec<&Claim> = self.claims.iter().collect();
        claims.sort_by(|one, other| one.order().cmp(&other.order()));
        claims
    }
}
