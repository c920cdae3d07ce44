//! A deviation in the user's units: by which factor a parameter would be wrong.

use super::evidence::Evidence;
use crate::OracleError;
use crate::inference::Estimate;
use crate::laws::Parameter;
use std::fmt;

/// The factor by which one parameter would have to differ from what was stated to explain a measured value, all other
/// parameters being right.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParameterDeviation {
    /// The parameter.
    pub parameter: Parameter,
    /// Its factor and standard error; 1 is what was stated.
    pub factor: Estimate,
    /// The change of the factor that matters in practice.
    pub practical_tolerance: f64,
}

impl ParameterDeviation {
    /// Whether the factor differs from 1 by more than matters.
    #[must_use]
    pub fn matters(&self) -> bool {
        (self.factor.value - 1.0).abs() > self.practical_tolerance
    }
}

impl fmt::Display for ParameterDeviation {
    /// "temperature 1.8 % ± 0.3 % too high (2.0 % matters)", or as a factor where it is not near 1.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Estimate { value, standard_error, .. } = self.factor;
        if !(0.7..1.4).contains(&value) {
            let decimals = decimals(standard_error);
            return write!(
                formatter,
                "{} {value:.decimals$} ± {standard_error:.decimals$} times what was stated",
                self.parameter
            );
        }
        let (percent, error) = (100.0 * (value - 1.0).abs(), 100.0 * standard_error);
        let direction = if value < 1.0 { "low" } else { "high" };
        let matters = 100.0 * self.practical_tolerance;
        let (shown, of_tolerance) = (decimals(error), decimals(0.3 * matters));
        write!(
            formatter,
            "{} {percent:.shown$} % ± {error:.shown$} % too {direction} ({matters:.of_tolerance$} % matters)",
            self.parameter
        )
    }
}

/// Decimals that show an error to one or two digits.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 12")]
fn decimals(error: f64) -> usize {
    if error > 0.0 && error.is_finite() { (0.5 - error.log10()).ceil().clamp(0.0, 12.0) as usize } else { 3 }
}

/// A factor whose standard error is larger says nothing.
const LARGEST_ERROR: f64 = 0.5;

impl Evidence {
    /// The same evidence, with its deviation in the units of the user's parameters: `predict` gives the observed
    /// quantity for one parameter multiplied by a factor.
    ///
    /// Parameters on which the quantity does not depend, or whose change could not explain it, are left out.
    #[must_use]
    pub fn in_parameters(
        self,
        parameters: &[Parameter],
        predict: impl Fn(Parameter, f64) -> Result<f64, OracleError>,
    ) -> Self {
        let (Some(standard_error), Some(scale)) = (self.standard_error, self.scale()) else { return self };
        let deviations = parameters.iter().filter_map(|parameter| {
            let solved = solve(self.observed, |factor| predict(*parameter, factor).ok())?;
            let factor = Estimate::new(solved.factor, standard_error / solved.slope.abs(), None);
            let at_one = slope(1.0, |factor| predict(*parameter, factor).ok())?;
            let practical_tolerance = self.practical_tolerance * scale / at_one.abs();
            let says_something = factor.standard_error < LARGEST_ERROR * factor.value;
            says_something.then_some(ParameterDeviation {
                parameter: *parameter,
                factor,
                practical_tolerance,
            })
        });
        let deviations = deviations.collect();
        Self { parameter_deviations: deviations, ..self }
    }

    /// What the effect is relative to, in the units of the observed value; `None` where there is no deviation at all.
    fn scale(&self) -> Option<f64> {
        let scale = (self.observed - self.predicted) / self.effect;
        (scale.is_finite() && scale != 0.0).then_some(scale.abs())
    }
}

struct Solved {
    factor: f64,
    slope: f64,
}

/// By Newton's method in the logarithm of the factor, from 1.
fn solve(observed: f64, predict: impl Fn(f64) -> Option<f64>) -> Option<Solved> {
    let mut logarithm = 0.0_f64;
    for _ in 0..60 {
        let factor = logarithm.exp();
        let slope = slope(factor, &predict)?;
        let change = (observed - predict(factor)?) / (slope * factor);
        if !change.is_finite() || logarithm.abs() > 20.0 {
            return None;
        }
        logarithm += change.clamp(-1.0, 1.0);
        if change.abs() < 1e-10 {
            return Some(Solved { factor: logarithm.exp(), slope });
        }
    }
    None
}

fn slope(factor: f64, predict: impl Fn(f64) -> Option<f64>) -> Option<f64> {
    let width = 1e-4 * factor;
    let slope = (predict(factor + width)? - predict(factor - width)?) / (2.0 * width);
    (slope != 0.0 && slope.is_finite()).then_some(slope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Displacement;
    use crate::verdict::{Budget, second_moment};
    use approx::assert_relative_eq;

    /// Displacements of variance 1.018 where 1 was predicted.
    fn evidence() -> Evidence {
        let sample: Vec<f64> =
            (0..100_000).map(|i| if i % 2 == 0 { 1.018_f64.sqrt() } else { -(1.018_f64.sqrt()) }).collect();
        let law = Displacement::gaussian(0.0, 1.0).unwrap();
        second_moment::check("mean squared displacement", 1, &sample, &law).unwrap()
    }

    #[test]
    fn a_deviation_is_told_in_the_users_units() {
        let told = evidence().in_parameters(&Parameter::ALL, |parameter, factor| {
            Ok(match parameter {
                Parameter::Temperature => factor,
                Parameter::DatasetSize => 1.0 / factor,
                Parameter::Mobility => factor * factor,
                // An effect of this size cannot come from it.
                Parameter::Stiffness => 1.0 / (1.0 + 1e-3 * factor),
                Parameter::Step => 1.0,
            })
        });
        let texts: Vec<String> = told.parameter_deviations.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "mobility 0.90 % ± 0.22 % too high (1.00 % matters)",
                "temperature 1.8 % ± 0.4 % too high (2.0 % matters)",
                "dataset_size 1.8 % ± 0.4 % too low (2.0 % matters)"
            ]
        );
        assert!(!told.parameter_deviations[1].matters());
        assert_relative_eq!(told.parameter_deviations[1].factor.value, 1.018, max_relative = 1e-9);
        let verdict = &Budget::new(0.01).unwrap().judge(vec![told])[0];
        assert!(verdict.reason.contains("as if mobility 0.90 %"), "{}", verdict.reason);
    }

    #[test]
    fn large_factors_are_told_as_factors() {
        let factor = Estimate::new(2.004, 0.004, None);
        let deviation = ParameterDeviation { parameter: Parameter::Step, factor, practical_tolerance: 0.02 };
        assert_eq!(deviation.to_string(), "step 2.004 ± 0.004 times what was stated");
        let factor = Estimate::new(0.5, 0.01, None);
        assert_eq!(
            ParameterDeviation { factor, ..deviation }.to_string(),
            "step 0.500 ± 0.010 times what was stated"
        );
    }
}
