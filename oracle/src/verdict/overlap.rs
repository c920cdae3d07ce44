//! Overlap: the number of displacements within the half width is binomial.

use super::binomial::two_sided_p_value;
use super::error::{VerdictError, require_sample};
use super::evidence::{Evidence, Sensitivity};
use crate::Displacement;

/// Practical tolerance: a relative difference of the overlap of 2 %.
const TOLERANCE: f64 = 0.02;

/// Compares the fraction of independent `displacements` within `half_width` with the law's overlap.
///
/// The p-value is exact (binomial). The displacements must be independent: different weights or replicas.
///
/// # Errors
/// [`VerdictError`] for an empty sample, a value that is not finite, or a law whose overlap is 0 or 1.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    displacements: &[f64],
    law: &Displacement,
    half_width: f64,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, displacements, 1)?;
    let predicted = law.overlap(half_width);
    let mobile = law.mobile_fraction(half_width);
    if !(predicted > 0.0 && mobile > 0.0) {
        return Err(VerdictError::UnsuitableLaw { check: name, reason: "the law's overlap is 0 or 1" });
    }
    let count = displacements.iter().filter(|displacement| displacement.abs() <= half_width).count() as u64;
    let trials = displacements.len() as u64;
    let observed = count as f64 / trials as f64;
    let standard_error = (predicted * mobile / trials as f64).sqrt();
    Ok(Evidence {
        name,
        observed,
        predicted,
        standard_error: Some(standard_error),
        p_value: Some(two_sided_p_value(count, trials, predicted)),
        effect_measure: "relative difference",
        effect: observed / predicted - 1.0,
        practical_tolerance: TOLERANCE,
        sensitivity: Sensitivity::Gaussian { effect_per_standard_error: standard_error / predicted },
        sample_size: trials,
        effective_sample_size: trials as f64,
        seed,
        failure: None,
        doubt: None,
        parameter_deviations: Vec::new(),
    })
}
