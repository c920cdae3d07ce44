//! Whether the weights of a replica are independent, and what their correlation costs.
//!
//! Analysis of variance: the mean square between replicas over that within is Fisher's F if all values are independent
//! and Gaussian with one variance (Fisher, Statistical Methods for Research Workers, 1925). Its expectation is
//! `1 + w ρ/(1 − ρ)` for w values a replica with correlation ρ inside a replica.

use super::error::{VerdictError, require_count, require_replicas};
use super::evidence::Evidence;
use super::sensitivity::Sensitivity;
use super::unit::in_common_units;
use crate::numerics::tail_probability::Ratio;

/// Practical tolerance: a variance between replicas twice that of independent weights, so that standard errors that
/// count weights are too small by √2. Tests by replica do not need this.
const TOLERANCE: f64 = 1.0;

/// What replicas say about the correlation of their weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DesignEffect {
    /// Correlation of two values of one replica, estimated; negative where replicas differ less than by chance.
    pub intra_replica_correlation: f64,
    /// Variance of a replica's mean over that of as many independent values; at least 0.
    pub design_effect: f64,
    /// Number of independent values that have a mean as uncertain as all of these.
    pub effective_sample_size: f64,
    /// Mean square between replicas over that within.
    ratio: f64,
    between: f64,
    within: f64,
    values: usize,
}

/// Measures the correlation of the values inside replicas (one slice a replica), for means of these values: pass squares
/// of displacements for the mean squared displacement.
///
/// # Errors
/// [`VerdictError`] for fewer than 2 replicas, one of fewer than 2 values, a value that is not finite or replicas
/// without spread inside.
pub fn measure<R: AsRef<[f64]>>(replicas: &[R]) -> Result<DesignEffect, VerdictError> {
    measured("design effect", replicas)
}

fn measured<R: AsRef<[f64]>>(check: &str, replicas: &[R]) -> Result<DesignEffect, VerdictError> {
    let values = require_replicas(check, replicas, 2, 2)?;
    let (count, size) = (replicas.len() as f64, values as f64);
    let (replicas, _) = in_common_units(replicas);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let grand = replicas.iter().map(|one| one.iter().sum::<f64>()).sum::<f64>() / size;
    let (mut between, mut within, mut sizes) = (0.0, 0.0, 0.0);
    for replica in &replicas {
        let values: &[f64] = replica;
        let (centre, weights) = (mean(values), values.len() as f64);
        between += weights * (centre - grand).powi(2);
        within += values.iter().map(|value| (value - centre).powi(2)).sum::<f64>();
        sizes += weights * weights;
    }
    if within == 0.0 {
        let reason = "the values inside the replicas do not differ";
        return Err(VerdictError::UnsuitableSample { check: check.to_owned(), reason });
    }
    let ratio = (between / (count - 1.0)) / (within / (size - count));
    // Size of a replica, reduced where replicas differ in size (Donner, Int. Stat. Rev. 54, 67 (1986)).
    let weights = (size - sizes / size) / (count - 1.0);
    let correlation = (ratio - 1.0) / (ratio - 1.0 + weights);
    let design_effect = (1.0 + (weights - 1.0) * correlation).max(0.0);
    Ok(DesignEffect {
        intra_replica_correlation: correlation,
        design_effect,
        effective_sample_size: size / design_effect,
        ratio,
        between: count - 1.0,
        within: size - count,
        values,
    })
}

/// Tests whether the values inside replicas (one slice a replica) are independent.
///
/// The p-value is exact for independent Gaussian values, and good for others in replicas of many. The effect is the
/// excess of the variance between replicas over that of independent values. A shared or shifted noise stream makes it
/// positive, a constraint on the weights negative.
///
/// # Errors
/// As [`measure`].
pub fn check<R: AsRef<[f64]>>(
    name: impl Into<String>,
    seed: u64,
    replicas: &[R],
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    let DesignEffect { effective_sample_size, ratio, between, within, values, .. } =
        measured(&name, replicas)?;
    let law = Ratio { first: between, second: within };
    Ok(Evidence {
        observed: ratio,
        predicted: 1.0,
        standard_error: Some((2.0 / between + 2.0 / within).sqrt()),
        p_value: Some(law.two_sided_p_value(ratio)),
        effect_measure: "excess variance between replicas",
        effect: ratio - 1.0,
        practical_tolerance: TOLERANCE,
        effective_sample_size,
        ..Evidence::of_sample(name, seed, values, sensitivity(between, within))
    })
}

/// The smallest excess of the variance between replicas that [`check`] finds in 99 of 100 samples of this many replicas
/// of this many values.
///
/// # Errors
/// [`VerdictError`] for fewer than 2 of either or a probability outside (0, 1).
pub fn detectable(
    replicas: usize,
    weights: usize,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    let replicas = require_count("replicas", replicas, 2)?;
    let weights = require_count("weights of a replica", weights, 2)?;
    sensitivity(replicas - 1.0, replicas * (weights - 1.0)).found(false_alarm_probability)
}

/// Number of replicas of this many values with which [`check`] finds an excess `effect` of the variance between replicas
/// in 99 of 100 runs, at this false-alarm probability.
///
/// # Errors
/// [`VerdictError`] for fewer than 2 values, or unless the effect is above 0 and the probability in (0, 1).
pub fn samples_needed(
    weights: usize,
    effect: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    let weights = require_count("weights of a replica", weights, 2)?;
    let at = |replicas: f64| sensitivity(replicas - 1.0, replicas * (weights - 1.0));
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, 2.0)
}

fn sensitivity(between: f64, within: f64) -> Sensitivity {
    Sensitivity::VarianceRatio { first: between, second: within }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use approx::assert_relative_eq;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    /// By hand: two replicas of two values, between 16, within 2 · 1.
    #[test]
    fn four_values() {
        let evidence = check("x", 0, &[[0.0, 2.0], [4.0, 6.0]]).unwrap();
        assert_relative_eq!(evidence.observed, 16.0 / 2.0);
        let measured = measure(&[[0.0, 2.0], [4.0, 6.0]]).unwrap();
        assert_relative_eq!(measured.intra_replica_correlation, 7.0 / 9.0);
        assert_relative_eq!(measured.design_effect, 16.0 / 9.0);
        // F(1, 2) is the square of t with two degrees of freedom, whose tail is 1 − t/√(2 + t²); doubled for two sides.
        let upper = 1.0 - (8.0_f64 / 10.0).sqrt();
        assert_relative_eq!(evidence.p_value.unwrap(), 2.0 * upper, max_relative = 1e-10);
        assert!(measure(&[[1.0, 1.0], [2.0, 2.0]]).is_err() && measure(&[[1.0, 2.0]]).is_err());
    }

    /// A correlation of 2 % in 300 replicas of 100: an excess of 2.04 with a relative error of √(2/299); five of them.
    #[test]
    fn a_shared_part_of_the_noise_is_found() {
        let mut noise = SmallRng::seed_from_u64(42);
        let sample: Vec<Vec<f64>> = (0..300)
            .map(|_| {
                let common = 0.02_f64.sqrt() * trials::gaussian(&mut noise);
                (0..100).map(|_| common + 0.98_f64.sqrt() * trials::gaussian(&mut noise)).collect()
            })
            .collect();
        let measured = measure(&sample).unwrap();
        assert!((0.55..1.45).contains(&(measured.design_effect / 2.98)), "{measured:?}");
        assert!(check("x", 42, &sample).unwrap().p_value.unwrap() < 1e-6);
        assert_relative_eq!(measured.effective_sample_size * measured.design_effect, 30_000.0);
    }

    #[test]
    fn three_verbs_agree() {
        let found = detectable(300, 100, 1e-6).unwrap();
        assert!((299.0..=300.0).contains(&samples_needed(100, found, 1e-6).unwrap()), "{found}");
        assert!(detectable(1, 100, 1e-6).is_err() && samples_needed(1, 0.5, 1e-6).is_err());
    }

    /// 2,000 runs at a nominal 1 %. The assertion fails on one correct seed in a million.
    #[test]
    fn size() {
        trials::assert_size(2000, 0.01, 43, |noise| {
            let sample: Vec<Vec<f64>> =
                (0..20).map(|k| (0..10 + k).map(|_| trials::gaussian(noise)).collect()).collect();
            check("size", 43, &sample).unwrap().p_value.unwrap()
        });
    }
}
