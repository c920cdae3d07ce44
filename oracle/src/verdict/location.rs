//! A statistic that is standard Gaussian under the law: a mean with known variance, a martingale with known increments.

use super::error::{VerdictError, require_sample};
use super::evidence::{Evidence, Sensitivity, gaussian_p_value};
use crate::Displacement;
use crate::error::require_positive;

/// Practical tolerance: 2 % of the scale, which for [`mean`] is the law's standard deviation.
const TOLERANCE: f64 = 0.02;

/// Compares the mean of independent `displacements` with the law's; exact for a Gaussian law.
///
/// # Errors
/// [`VerdictError`] for an empty sample, a value that is not finite, or a law without spread.
pub fn mean(
    name: impl Into<String>,
    seed: u64,
    displacements: &[f64],
    law: &Displacement,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, displacements, 1)?;
    let spread = law.variance().sqrt();
    if !(spread > 0.0 && spread.is_finite()) {
        return Err(VerdictError::UnsuitableLaw { check: name, reason: "the law has no finite spread" });
    }
    let count = displacements.len() as f64;
    let observed = displacements.iter().sum::<f64>() / count;
    let evidence =
        statistic(name, seed, observed, law.mean(), spread / count.sqrt(), spread, displacements.len())?;
    Ok(Evidence { effect_measure: "standardised difference", ..evidence })
}

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
        name,
        observed,
        predicted,
        standard_error: Some(standard_error),
        p_value: Some(gaussian_p_value(z)),
        effect_measure: "relative difference",
        effect: (observed - predicted) / scale,
        practical_tolerance: TOLERANCE,
        sensitivity: Sensitivity::Gaussian { effect_per_standard_error: standard_error / scale },
        sample_size: sample_size as u64,
        effective_sample_size: sample_size as f64,
        seed,
        failure: None,
        doubt: None,
        parameter_deviations: Vec::new(),
    })
}
