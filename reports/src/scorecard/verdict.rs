//! The four verdicts on a claim of the paper.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a run says about a claim of the paper. Ordered from the plainest to the one that needs most attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimVerdict {
    /// The measurement agrees with the paper and excludes the null model.
    Agrees,
    /// The measurement agrees with the paper, and the null model alone gives the same.
    ExplainedByNull,
    /// The run cannot tell: nothing was measured, or the interval is too wide.
    NotResolved,
    /// The measurement excludes what the paper states.
    Differs,
}

impl ClaimVerdict {
    /// All verdicts, in their order.
    pub const ALL: [Self; 4] = [Self::Agrees, Self::ExplainedByNull, Self::NotResolved, Self::Differs];

    /// A sign that tells the verdicts apart without colour.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Agrees => "✓",
            Self::ExplainedByNull => "○",
            Self::NotResolved => "?",
            Self::Differs => "✗",
        }
    }

    /// The verdict as a class name in pages and a value in JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::ExplainedByNull => "explained_by_null",
            Self::NotResolved => "not_resolved",
            Self::Differs => "differs",
        }
    }
}

impl fmt::Display for ClaimVerdict {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.pad(match self {
            Self::Agrees => "agrees",
            Self::ExplainedByNull => "explained by the null",
            Self::NotResolved => "not resolved at this scale",
            Self::Differs => "differs",
        })
    }
}
