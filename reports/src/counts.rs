//! How many verdicts there are of each value, and what follows for all of them.

use glassbox_oracle::verdict::{Outcome, Verdict};
use serde::Serialize;

/// How many verdicts there are of each value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Verdicts that are consistent.
    pub consistent: usize,
    /// Verdicts that are inconclusive.
    pub inconclusive: usize,
    /// Verdicts that are inconsistent.
    pub inconsistent: usize,
}

impl Counts {
    /// Counts verdicts by their value.
    pub fn of<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> Self {
        let mut counts = Self::default();
        for verdict in verdicts {
            match verdict.outcome {
                Outcome::Consistent => counts.consistent += 1,
                Outcome::Inconclusive => counts.inconclusive += 1,
                Outcome::Inconsistent => counts.inconsistent += 1,
            }
        }
        counts
    }

    /// All verdicts.
    pub fn total(&self) -> usize {
        self.consistent + self.inconclusive + self.inconsistent
    }

    /// The worst value counted; `None` where nothing was checked.
    pub fn worst(&self) -> Option<Outcome> {
        match (self.inconsistent, self.inconclusive, self.consistent) {
            (0, 0, 0) => None,
            (0, 0, _) => Some(Outcome::Consistent),
            (0, _, _) => Some(Outcome::Inconclusive),
            _ => Some(Outcome::Inconsistent),
        }
    }
}
