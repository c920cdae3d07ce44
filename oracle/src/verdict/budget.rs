//! One false-alarm probability for a whole run.

use super::evidence::Evidence;
use super::outcome::Verdict;
use crate::error::{OracleError, require};

/// The probability that a run of correct simulations raises any false alarm, shared equally by its statistical
/// checks (Bonferroni: valid whatever the dependence between them). Identities of algebra need no share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    total: f64,
}

impl Budget {
    /// The smallest budget: the share of each of up to ten million checks is then a number of full precision. A share that has
    /// underflowed to 0 would let every deviation pass.
    pub const LEAST: f64 = 1e-300;

    /// A budget of `total`, at least [`LEAST`](Self::LEAST) and below 1. A run of verification uses 1e-6.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] outside that range.
    pub fn new(total: f64) -> Result<Self, OracleError> {
        Ok(Self {
            total: require(
                "false-alarm budget",
                total,
                (Self::LEAST..1.0).contains(&total),
                "at least 1e-300 and below 1",
            )?,
        })
    }

    /// The whole budget.
    #[must_use]
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// The share of each of `checks` statistical checks.
    #[must_use]
    pub fn share(&self, checks: usize) -> f64 {
        self.total / checks.max(1) as f64
    }

    /// Judges all the evidence of a run, in order.
    #[must_use]
    pub fn judge(&self, evidence: Vec<Evidence>) -> Vec<Verdict> {
        let share = self.share(evidence.iter().filter(|one| one.p_value.is_some()).count());
        let judged = evidence.into_iter().map(|one| {
            let own_share = if one.p_value.is_some() { share } else { 0.0 };
            one.judge(own_share)
        });
        judged.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_to_the_whole() {
        let budget = Budget::new(1e-6).unwrap();
        assert!((budget.share(40) * 40.0 - 1e-6).abs() < 1e-20);
        for total in [5e-324, 9e-301, -1.0, f64::INFINITY] {
            assert!(Budget::new(total).unwrap_err().to_string().contains("at least 1e-300"), "{total}");
        }
        assert!(Budget::new(Budget::LEAST).unwrap().share(10_000_000) >= f64::MIN_POSITIVE);
        assert!(Budget::new(0.0).is_err() && Budget::new(1.0).is_err() && Budget::new(f64::NAN).is_err());
    }
}
