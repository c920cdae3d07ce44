//! Whether any two replicas are alike: the largest correlation between replicas.
//!
//! Replicas that were given the same seed show in no average over many of them. For two independent replicas with n
//! independent Gaussian values about a known mean, the correlation `c = Σ x y / √(Σ x² Σ y²)` makes
//! `c √((n − 1)/(1 − c²))` Student's t with n − 1 degrees of freedom, whatever either variance (the direction of one vector
//! is uniform, that of the other does not matter). The largest of all pairs is judged with their number (Bonferroni).

use super::equilibration::require_equal_lengths;
use super::error::{VerdictError, require_count};
use super::evidence::Evidence;
use super::sensitivity::Sensitivity;
use super::unit::in_units;
use crate::numerics::tail_probability::student_p_value;

/// Fewest values of a replica.
const FEWEST: usize = 10;

/// Practical tolerance: half of the values, or half of each, in common.
const TOLERANCE: f64 = 0.5;

/// Compares the largest correlation between two of the `replicas` (one slice of values about their mean each) with 0.
///
/// The values of a replica are independent of each other and Gaussian: displacements of different weights, less the
/// law's mean. The p-value is a bound. The name of the evidence gets the pair.
///
/// ```
/// use glassbox_oracle::verdict::{Budget, Outcome, replica_correlation};
/// let wave = |frequency: f64| (0..100).map(|i| (frequency * f64::from(i)).sin()).collect::<Vec<f64>>();
/// let replicas = [wave(1.0), wave(2.3), wave(3.1), wave(2.3)];
/// let verdict = &Budget::new(1e-6)?.judge(vec![replica_correlation::check("noise", 1, &replicas)?])[0];
/// assert_eq!(verdict.outcome, Outcome::Inconsistent);
/// assert!(verdict.name.contains("replicas 1 and 3"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`VerdictError`] for fewer than 2 replicas or 10 values, different lengths, a value that is not finite, or a replica
/// that does not move.
pub fn check<R: AsRef<[f64]>>(
    name: impl Into<String>,
    seed: u64,
    replicas: &[R],
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    let size = require_equal_lengths(&name, replicas, 2, FEWEST)?;
    // Each in its own unit: a correlation has none.
    let replicas: Vec<_> = replicas.iter().map(|one| in_units(one.as_ref()).0).collect();
    let norms: Vec<f64> = replicas.iter().map(|one| product(one.as_ref(), one.as_ref()).sqrt()).collect();
    if norms.contains(&0.0) {
        return Err(VerdictError::UnsuitableLaw { check: name, reason: "a replica does not move" });
    }
    let (mut largest, mut pair) = (0.0_f64, (0, 1));
    for (first, one) in replicas.iter().enumerate() {
        for (second, other) in replicas.iter().enumerate().skip(first + 1) {
            let correlation = product(one.as_ref(), other.as_ref()) / norms[first] / norms[second];
            if correlation.abs() > largest.abs() {
                (largest, pair) = (correlation, (first, second));
            }
        }
    }
    let (count, pairs) = (size as f64, pairs(replicas.len() as f64));
    // Rounding may take a perfect correlation to 1 or beyond; what is left is not known better than this, and the square of
    // t stays finite.
    let rest = (1.0 - largest * largest).max(f64::EPSILON);
    let single = student_p_value(largest * ((count - 1.0) / rest).sqrt(), count - 1.0);
    // Not `min`, which would make 1 of a NaN: a p-value that cannot be computed is no pass.
    let bound = single * pairs;
    let bound = if bound > 1.0 { 1.0 } else { bound };
    Ok(Evidence {
        observed: largest,
        predicted: 0.0,
        standard_error: Some(1.0 / count.sqrt()),
        p_value: Some(bound),
        effect_measure: "correlation",
        effect: largest,
        practical_tolerance: TOLERANCE,
        ..Evidence::of_sample(
            format!("{name}, most alike: replicas {} and {}", pair.0, pair.1),
            seed,
            size * replicas.len(),
            sensitivity(count, pairs),
        )
    })
}

/// The smallest correlation of one pair that [`check`] finds in 99 of 100 runs with so many replicas and values in each.
///
/// # Errors
/// [`VerdictError`] for numbers that [`check`] refuses, or a probability outside (0, 1).
pub fn detectable(replicas: usize, values: usize, false_alarm_probability: f64) -> Result<f64, VerdictError> {
    let replicas = require_count("replica correlation", replicas, 2)?;
    let values = require_count("replica correlation", values, FEWEST)?;
    sensitivity(values, pairs(replicas)).found(false_alarm_probability)
}

/// Number of values in each of so many replicas with which [`check`] finds a correlation `effect` of one pair in 99 of
/// 100 runs, at this false-alarm probability.
///
/// # Errors
/// [`VerdictError`] unless the effect is above 0 and the probability in (0, 1), or for fewer than 2 replicas.
pub fn samples_needed(
    replicas: usize,
    effect: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    let pairs = pairs(require_count("replica correlation", replicas, 2)?);
    let at = |values| sensitivity(values, pairs);
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, FEWEST as f64)
}

fn sensitivity(values: f64, pairs: f64) -> Sensitivity {
    Sensitivity::Largest { effect_per_standard_error: 1.0 / values.sqrt(), comparisons: pairs }
}

fn pairs(replicas: f64) -> f64 {
    0.5 * replicas * (replicas - 1.0)
}

/// Eight sums side by side, in a fixed order.
fn product(one: &[f64], other: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (left, right) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f64 = left.remainder().iter().zip(right.remainder()).map(|(a, b)| a * b).sum();
    for (left, right) in left.zip(right) {
        for ((sum, a), b) in sums.iter_mut().zip(left).zip(right) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials::{assert_size_at_most, gaussian};
    use approx::assert_relative_eq;

    #[test]
    fn copies_are_named() {
        let wave = |phase: f64| (0..20).map(|i| (f64::from(i) * 1.7 + phase).sin()).collect::<Vec<f64>>();
        let mut replicas: Vec<Vec<f64>> = (0..5).map(|i| wave(f64::from(i * i))).collect();
        replicas[4] = replicas[2].iter().map(|value| -3.0 * value).collect();
        let evidence = check("test", 0, &replicas).unwrap();
        assert_relative_eq!(evidence.observed, -1.0, max_relative = 1e-12);
        assert!(evidence.name.ends_with("replicas 2 and 4") && evidence.p_value.unwrap() < 1e-50);
    }

    /// A copy has a correlation of exactly 1 where no rounding spoils it, at any number of values.
    #[test]
    fn exact_copies_are_found_at_any_size() {
        for size in [10, 16, 64, 100, 2048, 4096] {
            let one = vec![1.0; size];
            let other = (0..size).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
            let evidence = check("test", 0, &[one.clone(), other, one]).unwrap();
            assert!(evidence.p_value.unwrap() < 1e-50, "{size}: {:?}", evidence.p_value);
            assert!(evidence.name.ends_with("replicas 0 and 2"), "{}", evidence.name);
        }
    }

    #[test]
    fn size() {
        assert_size_at_most(2_000, 0.05, 3, |noise| {
            let replicas: Vec<Vec<f64>> =
                (0..8).map(|_| (0..20).map(|_| gaussian(noise)).collect()).collect();
            check("test", 0, &replicas).unwrap().p_value.unwrap()
        });
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        assert!(check("test", 0, &[vec![1.0; 20]]).is_err());
        assert!(check("test", 0, &[vec![1.0; 20], vec![1.0; 19]]).is_err());
        assert!(check("test", 0, &[vec![1.0; 20], vec![0.0; 20]]).is_err());
        assert!(check("test", 0, &[vec![1.0; 5], vec![1.0; 5]]).is_err());
        assert!(detectable(1, 100, 1e-6).is_err() && samples_needed(2, 0.0, 1e-6).is_err());
    }

    #[test]
    fn the_verbs_agree() {
        let needed = samples_needed(100, 0.4, 1e-8).unwrap();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundreds")]
        let visible = detectable(100, needed.ceil() as usize, 1e-8).unwrap();
        assert_relative_eq!(visible, 0.4, max_relative = 0.01);
    }
}
