//! A statistic that is Gaussian under the law with a known standard error, such as a martingale with known increments.

use super::error::VerdictError;
use super::evidence::Evidence;
pub use super::mean::check as mean;
use super::sensitivity::Sensitivity;
use crate::error::require_positive;
use crate::numerics::tail_probability::gaussian_p_value;

/// Compares `observed` with `predicted` where the law makes the difference Gaussian with `standard_error`.
///
/// `scale` is what the effect is relative to and `sample_size` the number of independent values behind `observed`. The
/// practical tolerance is 2 % of `scale`.
///
/// # Errors
/// [`VerdictError`] unless `standard_error` and `scale` are finite and above 0.
pub fn statistic(
    name: impl Into<String>,
    seed: u64,
    observed: f64,
    predicted: f64,
    standard_error: f64,
    scale: f64,
    sample_size: usize,
) -> Result<Evidence, VerdictError> {
    require_positive("standard_error", standard_error)?;
    require_positive("scale", scale)?;
    let name = name.into();
    let z = (observed - predicted) / standard_error;
    Ok(Evidence {
        observed,
        predicted,
        standard_error: Some(standard_error),
        p_value: Some(gaussian_p_value(z)),
        effect_measure: "relative difference",
        effect: (observed - predicted) / scale,
        ..Evidence::of_sample(name, seed, sample_size, sensitivity(standard_error, scale))
    })
}

/// The smallest difference, relative to `scale`, that [`statistic`] finds in 99 of 100 runs.
///
/// # Errors
/// [`VerdictError`] unless `standard_error` and `scale` are above 0 and the probability in (0, 1).
pub fn detectable(
    standard_error: f64,
    scale: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    require_positive("standard_error", standard_error)?;
    require_positive("scale", scale)?;
    sensitivity(standard_error, scale).found(false_alarm_probability)
}

/// Number of independent values with which [`statistic`] finds a difference `effect`, relative to `scale`, in 99 of 100
/// runs; `standard_deviation` is that of one value.
///
/// # Errors
/// [`VerdictError`] unless all arguments are above 0 and the probability below 1.
pub fn samples_needed(
    standard_deviation: f64,
    scale: f64,
    effect: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    require_positive("standard_deviation", standard_deviation)?;
    require_positive("scale", scale)?;
    let at = |count: f64| sensitivity(standard_deviation / count.sqrt(), scale);
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, 1.0)
}

fn sensitivity(standard_error: f64, scale: f64) -> Sensitivity {
    Sensitivity::Gaussian { effect_per_standard_error: standard_error / scale }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn three_verbs_by_hand() {
        let evidence = statistic("x", 1, 3.0, 1.0, 0.5, 10.0, 7).unwrap();
        assert_relative_eq!(evidence.p_value.unwrap(), 6.334_248_367e-5, max_relative = 1e-9);
        assert_relative_eq!(evidence.effect, 0.2);
        assert_relative_eq!(detectable(0.5, 10.0, 0.05).unwrap(), 0.05 * 4.286_311_859, max_relative = 1e-9);
        assert_eq!(samples_needed(0.5, 10.0, 0.05, 0.05).unwrap(), 19.0); // 4.286² = 18.4
        assert!(detectable(0.0, 10.0, 0.05).is_err() && samples_needed(1.0, 1.0, -1.0, 0.05).is_err());
    }
}
