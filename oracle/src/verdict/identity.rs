//! Algebra that holds to rounding.

use super::error::VerdictError;
use super::evidence::Evidence;
use super::sensitivity::Sensitivity;

/// Compares `observed` with `predicted`, which must agree within `rounding_bound`, a bound derived from the number and
/// size of the terms that were rounded. All three are in the same units; no false-alarm probability is spent.
///
/// # Errors
/// [`VerdictError::NotFinite`] unless the bound is finite and at least 0.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    observed: f64,
    predicted: f64,
    rounding_bound: f64,
    sample_size: usize,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    if !(rounding_bound.is_finite() && rounding_bound >= 0.0) {
        return Err(VerdictError::NotFinite { check: name, index: 0, value: rounding_bound });
    }
    Ok(Evidence {
        name,
        observed,
        predicted,
        standard_error: None,
        p_value: None,
        effect_measure: "absolute difference",
        effect: observed - predicted,
        practical_tolerance: rounding_bound,
        sensitivity: Sensitivity::Rounding { bound: rounding_bound },
        sample_size: sample_size as u64,
        effective_sample_size: sample_size as f64,
        seed,
        failure: None,
        doubt: None,
        parameter_deviations: Vec::new(),
    })
}
