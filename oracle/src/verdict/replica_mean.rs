//! The mean over independent replicas of any statistic, with its variance measured: Student's t.

use super::error::{VerdictError, require_count, require_sample};
use super::evidence::Evidence;
use super::sensitivity::Sensitivity;
use super::unit::in_units;
use crate::error::require_positive;
use crate::numerics::tail_probability::student_p_value;

/// Fewest replicas from which a variance is measured.
pub(crate) const FEWEST: usize = 8;

/// Compares the mean of one value a replica with `predicted`; `scale > 0` is what the effect is relative to.
///
/// The p-value is that of Student's t, exact for Gaussian values: use it for values that are sums over many weights
/// or times. (Skewed values: see docs/guide/by-replica.md.)
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
    require_sample(&name, values, FEWEST)?;
    require_positive("scale", scale)?;
    let count = values.len() as f64;
    let (values, unit) = in_units(values);
    let Moments { mean, variance } = Moments::of(&values);
    let standard_error = (variance / count).sqrt();
    if standard_error == 0.0 {
        return Err(VerdictError::UnsuitableLaw { check: name, reason: "all replicas gave the same value" });
    }
    Ok(Evidence {
        observed: mean * unit,
        predicted,
        standard_error: Some(standard_error * unit),
        p_value: Some(student_p_value((mean - predicted / unit) / standard_error, count - 1.0)),
        effect_measure: "relative difference",
        effect: (mean - predicted / unit) / (scale / unit),
        ..Evidence::of_sample(name, seed, values.len(), sensitivity(variance.sqrt(), scale / unit, count))
    })
}

/// The smallest difference, relative to `scale`, that [`check`] finds in 99 of 100 runs of this many replicas, whose
/// values have this standard deviation.
///
/// # Errors
/// [`VerdictError`] for fewer than 8 replicas, or unless the other arguments are above 0 and the probability below 1.
pub fn detectable(
    standard_deviation: f64,
    scale: f64,
    replicas: usize,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    require_positive("standard_deviation", standard_deviation)?;
    require_positive("scale", scale)?;
    let count = require_count("mean over replicas", replicas, FEWEST)?;
    sensitivity(standard_deviation, scale, count).found(false_alarm_probability)
}

/// Number of replicas with which [`check`] finds a difference `effect`, relative to `scale`, in 99 of 100 runs, where
/// their values have this standard deviation.
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
    let at = |count| sensitivity(standard_deviation, scale, count);
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, FEWEST as f64)
}

pub(crate) fn sensitivity(standard_deviation: f64, scale: f64, count: f64) -> Sensitivity {
    Sensitivity::Student {
        effect_per_standard_error: standard_deviation / count.sqrt() / scale,
        degrees_of_freedom: count - 1.0,
    }
}

/// Mean and unbiased variance of some values, of a size whose squares a double holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Moments {
    pub(crate) mean: f64,
    pub(crate) variance: f64,
}

impl Moments {
    pub(crate) fn of(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        Self { mean, variance: squares / (count - 1.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use approx::assert_relative_eq;

    #[test]
    fn by_hand() {
        // Mean 4.5, variance 6, standard error √(6/8): t = 3.464.
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let evidence = check("x", 0, &values, 1.5, 10.0).unwrap();
        assert_relative_eq!(evidence.standard_error.unwrap(), 0.75_f64.sqrt());
        assert_relative_eq!(evidence.effect, 0.3);
        assert_relative_eq!(evidence.p_value.unwrap(), 0.010_495, max_relative = 1e-3);
        assert!(
            check("x", 0, &[1.0; 9], 1.0, 1.0).is_err() && check("x", 0, &values[..7], 1.0, 1.0).is_err()
        );
    }

    #[test]
    fn few_replicas_pay_for_the_measured_variance() {
        // At 1e-6, t with 7 degrees of freedom is cut at 16.2 (two-sided), not at 4.9.
        let found = detectable(1.0, 1.0, 8, 1e-6).unwrap();
        assert!(found > 16.0 / 8.0_f64.sqrt(), "{found}");
        let needed = samples_needed(1.0, 1.0, found, 1e-6).unwrap();
        assert_eq!(needed, 8.0);
    }

    /// 2,000 runs at a nominal 1 %. The assertion fails on one correct seed in a million.
    #[test]
    fn size() {
        trials::assert_size(2000, 0.01, 24, |noise| {
            let values: Vec<f64> = (0..12).map(|_| 3.0 + trials::gaussian(noise)).collect();
            check("size", 24, &values, 3.0, 1.0).unwrap().p_value.unwrap()
        });
    }

    /// The figures of the guide: replicas whose value is a mean of `weights` squares, of skewness √(8/weights). Nothing is
    /// claimed about tails but that at 256 replicas of 1,000 weights they are within a factor of 2 at 1e-5, which is
    /// asserted with a chance of 1e-6.
    #[test]
    #[ignore = "1e9 random numbers: cargo test -p glassbox-oracle --lib replica_mean -- --ignored --nocapture"]
    fn tails_of_skewed_replicas() {
        use rand_distr::{ChiSquared, Distribution};
        let mut noise: rand::rngs::SmallRng = rand::SeedableRng::seed_from_u64(25);
        for (replicas, weights) in [(16, 100), (64, 100), (64, 1000), (256, 100), (256, 1000)] {
            let (law, runs) = (ChiSquared::new(f64::from(weights)).unwrap(), 1_000_000_u32);
            let p_values: Vec<f64> = (0..runs)
                .map(|_| {
                    let values: Vec<f64> = (0..replicas).map(|_| law.sample(&mut noise)).collect();
                    check("x", 25, &values, f64::from(weights), 1.0).unwrap().p_value.unwrap()
                })
                .collect();
            for nominal in [1e-2, 1e-3, 1e-4, 1e-5] {
                let count = p_values.iter().filter(|p| **p < nominal).count() as u64;
                let factor = count as f64 / f64::from(runs) / nominal;
                println!("{replicas} replicas of {weights} squares, {nominal:e}: {factor:.2} times");
                if (replicas, weights) == (256, 1000) {
                    let tail = crate::numerics::tail_probability::binomial_upper_tail(
                        count,
                        u64::from(runs),
                        2.0 * nominal,
                    );
                    assert!(tail > 1e-6);
                }
            }
        }
    }
}
