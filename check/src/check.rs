//! A piece of evidence with what is to be said about it if it fails.

use glassbox_oracle::verdict::{Budget, Evidence, Outcome, Verdict};
use glassbox_reports::Comparison;

/// Evidence, and a remark for the case that it is inconsistent.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub(crate) evidence: Evidence,
    pub(crate) remark: Option<String>,
}

impl Check {
    pub(crate) fn with_remark(self, remark: impl Into<String>) -> Self {
        Self { remark: Some(remark.into()), ..self }
    }
}

impl From<Evidence> for Check {
    fn from(evidence: Evidence) -> Self {
        Self { evidence, remark: None }
    }
}

/// A section of the report before it is judged.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) statement: String,
    pub(crate) checks: Vec<Check>,
    pub(crate) comparisons: Vec<Comparison>,
}

impl Part {
    pub(crate) fn new(id: &'static str, title: &'static str, statement: impl Into<String>) -> Self {
        Self { id, title, statement: statement.into(), checks: Vec::new(), comparisons: Vec::new() }
    }
}

/// Evidence without any number that is not one: where sums overflow, that is the finding.
fn numbers_or_failure(evidence: Evidence) -> Evidence {
    let numbers = [evidence.observed, evidence.predicted, evidence.effect, evidence.p_value.unwrap_or(0.0)];
    let holds =
        numbers.iter().all(|one| one.is_finite()) && evidence.standard_error.is_none_or(f64::is_finite);
    if holds || evidence.failure.is_some() {
        return evidence;
    }
    let overflow = "the numbers of this check overflow a double: the run is far from its law, or it diverged";
    Evidence::failed(evidence.name, evidence.seed, overflow)
}

/// Judges all checks against one budget, in order. An undecided check says how much more data would decide it.
pub(crate) fn judge(budget: &Budget, checks: Vec<Check>) -> Vec<Verdict> {
    let (evidence, remarks): (Vec<Evidence>, Vec<Option<String>>) =
        checks.into_iter().map(|check| (numbers_or_failure(check.evidence), check.remark)).unzip();
    let doubts: Vec<bool> = evidence.iter().map(|one| one.doubt.is_some()).collect();
    let mut verdicts = budget.judge(evidence);
    for ((verdict, remark), doubted) in verdicts.iter_mut().zip(remarks).zip(doubts) {
        if verdict.outcome == Outcome::Inconclusive && !doubted {
            let factor = (verdict.smallest_visible_effect / verdict.practical_tolerance).powi(2);
            if factor.is_finite() {
                verdict.reason += &format!("; {factor:.1} times as much data would do");
            }
        }
        if verdict.outcome == Outcome::Inconsistent
            && let Some(remark) = remark
        {
            verdict.reason += &format!("; {remark}");
        }
    }
    verdicts
}
