//! Rounds: a run that cannot decide is extended, not excused.
//!
//! Each round judges *all* the data so far. A clear failure ends the run, a clear pass ends it, anything else extends
//! it. Every round spends an equal part of one false-alarm budget, so that the probability that a correct program fails
//! in any round is at most the whole budget, however the rounds depend on each other (Bonferroni over rounds and checks:
//! the price of looking `n` times is a critical value that grows with `√(ln n)`).

use super::budget::Budget;
use super::evidence::Evidence;
use super::outcome::{Outcome, Verdict};
use crate::error::{OracleError, require};

/// How often a run may be extended, and what it may cost.
///
/// ```
/// use glassbox_oracle::Displacement;
/// use glassbox_oracle::verdict::{Budget, Outcome, Rounds, VerdictError, second_moment};
///
/// # fn measured(count: u64) -> Vec<f64> {
/// #     (0..count).map(|i| glassbox_oracle::special::gaussian_upper_quantile((i as f64 + 0.5) / count as f64)).collect()
/// # }
/// let law = Displacement::gaussian(0.0, 1.0)?;
/// // 10,000 displacements cannot see a bias of 2 %; four times as many a round soon can.
/// let judged = Rounds::new(Budget::new(1e-6)?, 4)?.run(|round| {
///     let displacements = measured(10_000 * 4_u64.pow(round - 1));
///     Ok::<_, VerdictError>(vec![second_moment::check("mean squared displacement", 7, &displacements, &law)?])
/// })?;
/// assert_eq!((judged.rounds, judged.verdicts[0].outcome), (4, Outcome::Consistent));
/// # Ok::<(), VerdictError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounds {
    budget: Budget,
    rounds: u32,
    doubt: f64,
}

/// What the rounds came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The verdicts of the last round.
    pub verdicts: Vec<Verdict>,
    /// Rounds that were made.
    pub rounds: u32,
}

impl Rounds {
    /// At most `rounds ≥ 1` rounds that share `budget`. A run is doubtful while a check is inconclusive, or has a p-value
    /// that a correct program would show in fewer than one round in a hundred (shared equally by the checks).
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for no rounds.
    pub fn new(budget: Budget, rounds: u32) -> Result<Self, OracleError> {
        require("rounds", f64::from(rounds), rounds > 0, "at least 1")?;
        Ok(Self { budget, rounds, doubt: 0.01 })
    }

    /// The same, with another probability that a correct program is extended because its p-values look doubtful.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless it is at least 0 and below 1.
    pub fn with_doubt(self, doubt: f64) -> Result<Self, OracleError> {
        let inside = (0.0..1.0).contains(&doubt);
        Ok(Self { doubt: require("doubt", doubt, inside, "at least 0 and below 1")?, ..self })
    }

    /// The most rounds that are made.
    #[must_use]
    pub const fn most(&self) -> u32 {
        self.rounds
    }

    /// The budget of each round.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] where it is too small for a double.
    pub fn of_a_round(&self) -> Result<Budget, OracleError> {
        Budget::new(self.budget.total() / f64::from(self.rounds))
    }

    /// Whether these verdicts of a round leave a doubt that another round could settle: nothing failed, but something
    /// is inconclusive or has a small p-value.
    #[must_use]
    pub fn doubtful(&self, verdicts: &[Verdict]) -> bool {
        let failed = verdicts.iter().any(|verdict| verdict.outcome == Outcome::Inconsistent);
        !failed && verdicts.iter().any(|verdict| self.doubts(verdict, verdicts.len()))
    }

    /// Whether one verdict out of `checks` is not clear.
    #[must_use]
    pub fn doubts(&self, verdict: &Verdict, checks: usize) -> bool {
        let unlikely = self.doubt / checks.max(1) as f64;
        verdict.outcome == Outcome::Inconclusive || verdict.p_value.is_some_and(|p_value| p_value < unlikely)
    }

    /// Measures and judges until a round is clear or the rounds are used up. `measure` gets the number of the round,
    /// from 1, and returns the evidence of all data up to it.
    ///
    /// # Errors
    /// Those of `measure`, and [`OracleError`] for a budget that is too small for so many rounds.
    pub fn run<E: From<OracleError>>(
        &self,
        mut measure: impl FnMut(u32) -> Result<Vec<Evidence>, E>,
    ) -> Result<Judged, E> {
        let budget = self.of_a_round()?;
        let mut round = 1;
        loop {
            let verdicts = budget.judge(measure(round)?);
            if round >= self.rounds || !self.doubtful(&verdicts) {
                return Ok(Judged { verdicts, rounds: round });
            }
            round += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::location;

    fn evidence(z: f64, standard_error: f64) -> Evidence {
        location::statistic("mean", 0, z * standard_error, 0.0, standard_error, 1.0, 1).unwrap()
    }

    fn run(rounds: u32, deviations: &[(f64, f64)]) -> (u32, Outcome) {
        let plan = Rounds::new(Budget::new(1e-6).unwrap(), rounds).unwrap();
        let judged = plan.run(|round| {
            let (z, error) = deviations[round as usize - 1];
            Ok::<_, OracleError>(vec![evidence(z, error)])
        });
        let judged = judged.unwrap();
        (judged.rounds, judged.verdicts[0].outcome)
    }

    #[test]
    fn clear_results_end_a_run_and_doubtful_ones_extend_it() {
        assert_eq!(run(3, &[(0.5, 1e-3)]), (1, Outcome::Consistent));
        assert_eq!(run(3, &[(9.0, 1e-3)]), (1, Outcome::Inconsistent));
        // Too small a sample, then enough.
        assert_eq!(run(3, &[(0.5, 0.01), (0.4, 1e-3)]), (2, Outcome::Consistent));
        // A suspicious p-value goes away, or does not.
        assert_eq!(run(3, &[(3.0, 1e-3), (1.0, 5e-4)]), (2, Outcome::Consistent));
        assert_eq!(run(3, &[(3.0, 1e-3), (6.0, 5e-4)]), (2, Outcome::Inconsistent));
        assert_eq!(run(2, &[(0.5, 0.1), (0.5, 0.05)]), (2, Outcome::Inconclusive));
    }

    #[test]
    fn rounds_share_the_budget() {
        let plan = Rounds::new(Budget::new(1e-6).unwrap(), 4).unwrap();
        assert_eq!(plan.of_a_round().unwrap().total(), 2.5e-7);
        // z = 5.0 has p = 5.7e-7: a failure of one round, not of one of four.
        assert_eq!(run(1, &[(5.0, 1e-3)]), (1, Outcome::Inconsistent));
        assert_eq!(run(4, &[(5.0, 1e-3), (0.1, 1e-3)]), (2, Outcome::Consistent));
        assert!(Rounds::new(Budget::new(1e-6).unwrap(), 0).is_err());
        assert!(plan.with_doubt(1.0).is_err() && plan.with_doubt(f64::NAN).is_err());
    }

    /// Whatever the looks at growing data depend on each other: a martingale looked at four times fails no more often
    /// than its budget. 100,000 runs at a budget of 5 %; the assertion's false-alarm rate is that of 4.5 standard
    /// errors, below 1e-5, with room because the bound of Bonferroni is not tight.
    #[test]
    fn looking_often_costs_no_more_than_the_budget() {
        let plan = Rounds::new(Budget::new(0.05).unwrap(), 4).unwrap().with_doubt(0.99).unwrap();
        let runs = 100_000;
        let mut failures = 0;
        let mut state = 1_u64;
        for _ in 0..runs {
            let mut sum = 0.0;
            let mut count = 0.0_f64;
            let judged = plan.run(|round| {
                for _ in 0..4_u32.pow(round - 1) {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let uniform = ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
                    sum += crate::numerics::special::gaussian_upper_quantile(uniform);
                    count += 1.0;
                }
                Ok::<_, OracleError>(vec![evidence(sum / count.sqrt(), 1e-9)])
            });
            failures += u32::from(judged.unwrap().verdicts[0].outcome == Outcome::Inconsistent);
        }
        let bound = 0.05 * f64::from(runs) + 4.5 * (0.05 * 0.95 * f64::from(runs)).sqrt();
        assert!(f64::from(failures) < bound, "{failures} failures");
        assert!(failures > 0);
    }
}
