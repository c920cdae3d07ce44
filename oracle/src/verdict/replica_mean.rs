//! The mean over independent replicas of any statistic, with its variance measured: Student's t.

use super::error::{VerdictError, require_sample};
use super::evidence::{Evidence, Sensitivity, student_p_value};
use crate::error::require_positive;

/// Practical tolerance: 2 % of the scale.
const TOLERANCE: f64 = 0.02;

/// Compares the mean of one value a replica with `predicted`; `scale > 0` is what the effect is relative to.
///
/// The p-value is that of Student's t, exact for Gaussian values: use it for values that are sums over many weights
/// or times.
///
/// # Errors
/// [`VerdictError`] for fewer than 8 replicas, a value that is not finite, replicas that are all alike, or a bad scale.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    values: &[f64],
    predicted: f64,
    scale: f64,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, values, 8)?;
    require_positive("scale", scale)?;
    let count = values.len() as f64;
    let observed = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - observed) * (value - observed)).sum();
    let standard_error = (squares / (count * (count - 1.0))).sqrt();
    if standard_error == 0.0 {
        return Err(VerdictError::UnsuitableLaw { check: name, reason: "all replicas gave the same value" });
    }
    Ok(Evidence {
        name,
        observed,
        predicted,
        standard_error: Some(standard_error),
        p_value: Some(student_p_value((observed - predicted) / standard_error, count - 1.0)),
        effect_measure: "relative difference",
        effect: (observed - predicted) / scale,
        practical_tolerance: TOLERANCE,
        sensitivity: Sensitivity::Student {
            effect_per_standard_error: standard_error / scale,
            degrees_of_freedom: count - 1.0,
        },
        sample_size: values.len() as u64,
        effective_sample_size: count,
        seed,
        failure: None,
        doubt: None,
        parameter_deviations: Vec::new(),
    })
}
