//! What a test has measured, before it knows its share of the budget.

use super::outcome::{Outcome, Verdict, probability};
use super::parameter_deviation::ParameterDeviation;
use super::sensitivity::Sensitivity;

/// The outcome of a test, waiting for its share of the false-alarm budget.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// What was checked; unique within a run.
    pub name: String,
    /// Measured value.
    pub observed: f64,
    /// Predicted value.
    pub predicted: f64,
    /// Standard error of the measured value, where it has one.
    pub standard_error: Option<f64>,
    /// Probability of a deviation at least this large under the law; `None` for identities.
    pub p_value: Option<f64>,
    /// What `effect`, the tolerance and the smallest visible effect measure.
    pub effect_measure: &'static str,
    /// Size of the deviation.
    pub effect: f64,
    /// The smallest deviation that matters in practice.
    pub practical_tolerance: f64,
    /// What the test could have seen.
    pub sensitivity: Sensitivity,
    /// Numbers that entered.
    pub sample_size: u64,
    /// Independent numbers that they are worth.
    pub effective_sample_size: f64,
    /// Seed of the simulation.
    pub seed: u64,
    /// The deviation in the units of the user's parameters, where the check knows them.
    pub parameter_deviations: Vec<ParameterDeviation>,
    /// A reason for which the check is lost whatever the numbers say (a diverged replica, an error).
    pub failure: Option<String>,
    /// A reason for which the check cannot decide (the law's regime was not reached).
    pub doubt: Option<String>,
}

impl Evidence {
    /// Evidence of a run that broke: it is judged inconsistent, whatever else is known.
    #[must_use]
    pub fn failed(name: impl Into<String>, seed: u64, failure: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            observed: f64::NAN,
            predicted: f64::NAN,
            standard_error: None,
            p_value: None,
            effect_measure: "none",
            effect: f64::NAN,
            practical_tolerance: f64::NAN,
            sensitivity: Sensitivity::Rounding { bound: f64::NAN },
            sample_size: 0,
            effective_sample_size: 0.0,
            seed,
            failure: Some(failure.into()),
            doubt: None,
            parameter_deviations: Vec::new(),
        }
    }

    /// What every statistical test starts from: nothing measured yet, so that a field left out is never a pass.
    pub(crate) fn of_sample(name: String, seed: u64, sample_size: usize, sensitivity: Sensitivity) -> Self {
        Self {
            predicted: 0.0,
            practical_tolerance: 0.02,
            p_value: Some(f64::NAN),
            sensitivity,
            sample_size: sample_size as u64,
            effective_sample_size: sample_size as f64,
            failure: None,
            ..Self::failed(name, seed, "")
        }
    }

    /// The same evidence, judged against another practical tolerance.
    #[must_use]
    pub fn with_practical_tolerance(self, practical_tolerance: f64) -> Self {
        Self { practical_tolerance, ..self }
    }

    /// The same evidence, inconclusive for `doubt` unless the check has failed.
    #[must_use]
    pub fn doubted(self, doubt: impl Into<String>) -> Self {
        Self { doubt: Some(doubt.into()), ..self }
    }

    /// The verdict at a false-alarm probability.
    #[must_use]
    pub fn judge(self, false_alarm_probability: f64) -> Verdict {
        let smallest_visible_effect = self.sensitivity.detectable(false_alarm_probability);
        let (outcome, reason) = self.outcome(false_alarm_probability, smallest_visible_effect);
        let difference = self.observed - self.predicted;
        Verdict {
            outcome,
            reason,
            name: self.name,
            observed: self.observed,
            predicted: self.predicted,
            standard_error: self.standard_error,
            difference_in_standard_errors: self.standard_error.map(|error| difference / error),
            p_value: self.p_value,
            false_alarm_probability,
            effect_measure: self.effect_measure.to_owned(),
            effect: self.effect,
            practical_tolerance: self.practical_tolerance,
            smallest_visible_effect,
            sample_size: self.sample_size,
            effective_sample_size: self.effective_sample_size,
            seed: self.seed,
            parameter_deviations: self.parameter_deviations,
        }
    }

    fn outcome(&self, false_alarm_probability: f64, visible: f64) -> (Outcome, String) {
        let (effect, tolerance, measure) = (self.effect, self.practical_tolerance, self.effect_measure);
        if let Some(failure) = &self.failure {
            return (Outcome::Inconsistent, failure.clone());
        }
        if !(self.observed.is_finite() && self.predicted.is_finite() && effect.is_finite()) {
            return (Outcome::Inconsistent, "a value is not finite".to_owned());
        }
        let deviates = match (self.p_value, self.sensitivity) {
            (Some(p_value), _) => p_value.is_nan() || p_value < false_alarm_probability,
            (None, Sensitivity::Rounding { bound }) => bound.is_nan() || effect.abs() > bound,
            (None, _) => true,
        };
        if deviates {
            let chance = match self.p_value {
                Some(p_value) => format!("probability {} under the law", probability(p_value)),
                None => format!("rounding explains at most {visible:.1e}"),
            };
            let as_if = self.parameter_deviations.first().map(|first| {
                let others: String =
                    self.parameter_deviations[1..].iter().map(|one| format!(", or {one}")).collect();
                format!("; as if {first}{others}")
            });
            let as_if = as_if.unwrap_or_default();
            return (Outcome::Inconsistent, format!("{measure} {effect:.2e}; {chance}{as_if}"));
        }
        if let Some(doubt) = &self.doubt {
            return (Outcome::Inconclusive, doubt.clone());
        }
        // Either may be NaN, which is never conclusive.
        if visible > tolerance || visible.is_nan() || tolerance.is_nan() {
            let reason = format!("cannot see a {measure} below {visible:.2e}; {tolerance:.2e} matters");
            return (Outcome::Inconclusive, reason);
        }
        (Outcome::Consistent, format!("no deviation; a {measure} of {visible:.2e} would have been seen"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evidence(p_value: f64, effect: f64) -> Evidence {
        Evidence {
            name: "test".into(),
            observed: 1.0,
            predicted: 1.0,
            standard_error: Some(0.1),
            p_value: Some(p_value),
            effect_measure: "relative difference",
            effect,
            practical_tolerance: 0.02,
            sensitivity: Sensitivity::Gaussian { effect_per_standard_error: 1e-3 },
            sample_size: 10,
            effective_sample_size: 10.0,
            seed: 0,
            failure: None,
            doubt: None,
            parameter_deviations: Vec::new(),
        }
    }

    #[test]
    fn three_values() {
        assert_eq!(evidence(0.5, 0.0).judge(1e-8).outcome, Outcome::Consistent);
        assert_eq!(evidence(1e-9, 0.01).judge(1e-8).outcome, Outcome::Inconsistent);
        assert_eq!(evidence(0.5, 0.0).doubted("too cold").judge(1e-8).outcome, Outcome::Inconclusive);
        assert_eq!(
            evidence(0.5, 0.0).with_practical_tolerance(1e-3).judge(1e-8).outcome,
            Outcome::Inconclusive
        );
    }

    #[test]
    fn nothing_undefined_is_a_pass() {
        assert_eq!(evidence(f64::NAN, 0.0).judge(1e-8).outcome, Outcome::Inconsistent);
        assert_eq!(evidence(0.5, f64::NAN).judge(1e-8).outcome, Outcome::Inconsistent);
        assert_eq!(
            evidence(0.5, 0.0).with_practical_tolerance(f64::NAN).judge(1e-8).outcome,
            Outcome::Inconclusive
        );
        assert_eq!(Evidence::failed("x", 0, "replica 3 diverged").judge(1e-8).outcome, Outcome::Inconsistent);
    }
}
