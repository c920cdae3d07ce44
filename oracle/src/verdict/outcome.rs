//! What a check says in the end.

use super::parameter_deviation::ParameterDeviation;
use std::fmt;

/// The three values of a verdict. Ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Outcome {
    /// The simulation follows its prediction, and a bias of the practical tolerance would have been seen.
    Consistent,
    /// No deviation was seen, but the check could have missed one as large as the practical tolerance.
    Inconclusive,
    /// The simulation does not follow its prediction.
    Inconsistent,
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Outcome::Consistent => "consistent",
            Outcome::Inconclusive => "inconclusive",
            Outcome::Inconsistent => "inconsistent",
        })
    }
}

/// A judged check, with everything needed to judge the judgement.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Verdict {
    /// What was checked, in words, unique within a run: "free diffusion, 100 steps: overlap".
    pub name: String,
    /// The verdict itself.
    pub outcome: Outcome,
    /// Why, in one sentence.
    pub reason: String,
    /// The measured value, in the units of the quantity.
    pub observed: f64,
    /// The value that the law predicts, in the same units.
    pub predicted: f64,
    /// Standard error of `observed` under the law; `None` for checks that have none (exact algebra, distributions).
    pub standard_error: Option<f64>,
    /// (observed − predicted) / standard error.
    pub difference_in_standard_errors: Option<f64>,
    /// Probability, under the law, of a deviation at least this large; `None` for exact algebra.
    pub p_value: Option<f64>,
    /// This check's share of the run's false-alarm budget: below it the verdict is `Inconsistent`. 0 for exact algebra.
    pub false_alarm_probability: f64,
    /// What the three following numbers measure: "relative difference", "standardised difference" …
    pub effect_measure: String,
    /// Size of the deviation.
    pub effect: f64,
    /// The smallest deviation that matters in practice.
    pub practical_tolerance: f64,
    /// The smallest deviation that this check finds in 99 of 100 runs.
    pub smallest_visible_effect: f64,
    /// Numbers that entered the check.
    pub sample_size: u64,
    /// Independent numbers that they are worth.
    pub effective_sample_size: f64,
    /// Seed of the simulation.
    pub seed: u64,
    /// The deviation in the units of the user's parameters, each as if all others were right; empty where the check
    /// does not know them.
    pub parameter_deviations: Vec<ParameterDeviation>,
}

impl fmt::Display for Verdict {
    /// Everything needed to judge the judgement, on a few lines.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}: {}", self.outcome, self.name)?;
        writeln!(formatter, "  {}", self.reason)?;
        let (size, effective, seed) = (self.sample_size, self.effective_sample_size, self.seed);
        if !self.observed.is_finite() {
            return write!(formatter, "  {size} values, worth {effective:.0} independent ones; seed {seed}");
        }
        write!(formatter, "  observed {:.6}, predicted {:.6}", Short(self.observed), Short(self.predicted))?;
        if let (Some(error), Some(difference)) = (self.standard_error, self.difference_in_standard_errors) {
            write!(formatter, ", difference {difference:.2} standard errors of {error:.2e}")?;
        }
        writeln!(formatter)?;
        if let Some(p_value) = self.p_value {
            let share = self.false_alarm_probability;
            writeln!(
                formatter,
                "  p-value {p_value:.1e}; a correct program fails this check with {share:.1e}"
            )?;
        }
        let (effect, tolerance, visible) =
            (self.effect, self.practical_tolerance, self.smallest_visible_effect);
        writeln!(
            formatter,
            "  {} {effect:.2e}, tolerance {tolerance:.2e}, smallest visible {visible:.2e}",
            self.effect_measure
        )?;
        write!(formatter, "  {size} values, worth {effective:.0} independent ones; seed {seed}")
    }
}

/// A p-value in words: one too small for a double is not zero.
pub(super) fn probability(p_value: f64) -> String {
    if p_value == 0.0 { "below 1e-307".to_owned() } else { format!("{p_value:.1e}") }
}

/// A number in the shorter of the two notations.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.abs();
        if magnitude == 0.0 || (1e-3..1e6).contains(&magnitude) || !magnitude.is_finite() {
            fmt::Display::fmt(&self.0, formatter)
        } else {
            fmt::LowerExp::fmt(&self.0, formatter)
        }
    }
}
