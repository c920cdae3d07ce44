//! Mean squared displacement, with a p-value that holds in far tails.
//!
//! The sum of squares of Gaussian displacements has the cumulant generating function
//! `n ln Σ p (1 − 2 v s)^{−1/2} exp(m² s / (1 − 2 v s))`. Its tail comes from the saddle point (Lugannani and Rice,
//! Adv. Appl. Prob. 12, 475 (1980)), whose relative error is of order 1/n however far the tail.

use super::error::{VerdictError, require_sample};
use super::evidence::{Evidence, Sensitivity};
use crate::Displacement;
use crate::special::exp_minus_square;
use libm::erfc;
use std::f64::consts::{PI, SQRT_2};

/// Practical tolerance: a relative difference of 2 %.
const TOLERANCE: f64 = 0.02;

/// Compares the mean square of independent `displacements` with the law's.
///
/// # Errors
/// [`VerdictError`] for fewer than 30 values, a value that is not finite, or a law without spread.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    displacements: &[f64],
    law: &Displacement,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, displacements, 30)?;
    let count = displacements.len() as f64;
    let predicted = law.mean_squared_displacement();
    let at_zero = Cumulants::of(law, 0.0);
    if !(at_zero.variance > 0.0 && at_zero.variance.is_finite()) {
        return Err(VerdictError::UnsuitableLaw { check: name, reason: "the law has no finite spread" });
    }
    let observed = displacements.iter().map(|displacement| displacement * displacement).sum::<f64>() / count;
    let standard_error = (at_zero.variance / count).sqrt();
    Ok(Evidence {
        name,
        observed,
        predicted,
        standard_error: Some(standard_error),
        p_value: Some(two_sided_p_value(law, observed, count)),
        effect_measure: "relative difference",
        effect: observed / predicted - 1.0,
        practical_tolerance: TOLERANCE,
        sensitivity: Sensitivity::Gaussian { effect_per_standard_error: standard_error / predicted },
        sample_size: displacements.len() as u64,
        effective_sample_size: count,
        seed,
        failure: None,
        doubt: None,
        parameter_deviations: Vec::new(),
    })
}

/// Number of independent displacements with which [`check`] finds a `relative_bias` of the mean square in 99 of 100
/// runs, at this false-alarm probability.
#[must_use]
pub fn samples_needed(law: &Displacement, relative_bias: f64, false_alarm_probability: f64) -> f64 {
    let single = Cumulants::of(law, 0.0).variance.sqrt() / law.mean_squared_displacement();
    Sensitivity::Gaussian { effect_per_standard_error: single }
        .sample_factor(false_alarm_probability, relative_bias)
}

/// Derivatives of the cumulant generating function of one squared displacement, tilted by `s`.
struct Cumulants {
    value: f64,
    mean: f64,
    variance: f64,
}

impl Cumulants {
    fn of(law: &Displacement, s: f64) -> Self {
        let parts =
            law.components().iter().filter(|(fraction, _)| *fraction > 0.0).map(|(fraction, part)| {
                let (v, square) = (part.variance(), part.mean() * part.mean());
                let shrink = 1.0 / (1.0 - 2.0 * v * s);
                let value = fraction.ln() + 0.5 * shrink.ln() + square * s * shrink;
                let mean = v * shrink + square * shrink * shrink;
                (value, mean, 2.0 * v * v * shrink * shrink + 4.0 * square * v * shrink.powi(3))
            });
        let parts: Vec<_> = parts.collect();
        let largest = parts.iter().map(|part| part.0).fold(f64::NEG_INFINITY, f64::max);
        let weight = |value: f64| (value - largest).exp();
        let total: f64 = parts.iter().map(|part| weight(part.0)).sum();
        let mean = parts.iter().map(|part| weight(part.0) * part.1).sum::<f64>() / total;
        let variance =
            parts.iter().map(|part| weight(part.0) * (part.2 + (part.1 - mean).powi(2))).sum::<f64>() / total;
        Self { value: largest + total.ln(), mean, variance }
    }
}

/// `2 min(P(mean ≥ observed), P(mean ≤ observed))` for the mean of `count` squared displacements.
fn two_sided_p_value(law: &Displacement, observed: f64, count: f64) -> f64 {
    let widest = law.components().iter().map(|(_, part)| part.variance()).fold(0.0, f64::max);
    let scale = 1.0 / law.mean_squared_displacement();
    // The tilted mean rises with s from 0 at −∞ to ∞ at 1/(2 v): bracket, then bisect.
    let (mut low, mut high) = (-scale, 0.5 / widest);
    while Cumulants::of(law, low).mean > observed {
        low *= 2.0;
        if !low.is_finite() {
            return 0.0;
        }
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if Cumulants::of(law, middle).mean > observed { high = middle } else { low = middle }
    }
    let s = 0.5 * (low + high);
    let tilted = Cumulants::of(law, s);
    let exponent = count * (s * observed - tilted.value);
    let signed = (2.0 * exponent.max(0.0)).sqrt().copysign(s);
    // At the mean the formula is 0/0, and nothing deviates.
    if signed.abs() < 1e-3 {
        return 1.0;
    }
    let tail_factor = 1.0 / (s * (count * tilted.variance).sqrt()) - 1.0 / signed;
    let density = exp_minus_square(signed / SQRT_2) / (2.0 * PI).sqrt();
    // The tail on the side of the deviation, each in its own right: a complement would round to 0.
    let tail = 0.5 * erfc(signed.abs() / SQRT_2) + signed.signum() * density * tail_factor;
    (2.0 * tail).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use statrs::distribution::{ChiSquared, ContinuousCDF};

    /// Without a mean the sum of squares over v is chi-squared: an exact second route.
    #[test]
    fn tails_are_those_of_chi_squared() {
        let law = Displacement::gaussian(0.0, 0.3).unwrap();
        for count in [30.0, 1e3, 1e5] {
            let exact = ChiSquared::new(count).unwrap();
            for z in [-8.0, -5.0, -1.0, 1.0, 5.0, 7.0] {
                let sum = count + z * (2.0 * count).sqrt();
                if sum <= 0.0 {
                    continue;
                }
                let expected = 2.0 * if z > 0.0 { exact.sf(sum) } else { exact.cdf(sum) };
                let p_value = two_sided_p_value(&law, 0.3 * sum / count, count);
                assert_relative_eq!(p_value, expected, max_relative = 0.5 / count + 1e-6);
            }
        }
    }

    #[test]
    fn a_mean_displacement_shifts_the_law() {
        // Far from zero, dw² ≈ m² + 2 m dw': Gaussian with variance 4 m² v.
        let law = Displacement::gaussian(100.0, 1.0).unwrap();
        let (count, z) = (1e4_f64, 3.0);
        let observed = law.mean_squared_displacement() + z * (40_002.0 / count).sqrt();
        assert_relative_eq!(two_sided_p_value(&law, observed, count), 2.7e-3, max_relative = 0.01);
    }

    #[test]
    fn two_percent_needs_the_expected_number() {
        // (5.61 + 2.33)² · 2 / 0.02² at 2e-8.
        let needed = samples_needed(&Displacement::gaussian(0.0, 7.0).unwrap(), 0.02, 2e-8);
        assert_relative_eq!(needed, (5.612 + 2.326_f64).powi(2) * 2.0 / 4e-4, max_relative = 1e-3);
    }
}
