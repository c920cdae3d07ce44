//! Two variances of Gaussian values: Fisher's F.

use crate::numerics::tail_probability::Ratio;
use crate::verdict::error::{VerdictError, require_count, require_sample};
use crate::verdict::evidence::Evidence;
use crate::verdict::replica_mean::Moments;
use crate::verdict::sensitivity::Sensitivity;
use crate::verdict::unit::{in_units, require_squares};

/// Fewest values of a sample.
const FEWEST: usize = 8;

/// Compares the variances of two samples of independent Gaussian values about their own means; exact.
///
/// It is not for other distributions: values with an excess kurtosis κ make the statistic vary `1 + κ/2` times as much.
/// Use [`super::by_replica`] for those. The effect is the relative difference.
///
/// # Errors
/// [`VerdictError`] for fewer than 8 values, a value that is not finite, or samples without spread.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    first: &[f64],
    second: &[f64],
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, first, FEWEST)?;
    require_sample(&name, second, FEWEST)?;
    let (one, other) = (Moments::of(&in_units(first).0).variance, Moments::of(&in_units(second).0).variance);
    if one == 0.0 || other == 0.0 {
        return Err(VerdictError::UnsuitableSample { check: name, reason: "a sample has no spread" });
    }
    require_squares(&name, first)?;
    require_squares(&name, second)?;
    let law = Ratio { first: first.len() as f64 - 1.0, second: second.len() as f64 - 1.0 };
    Ok(Evidence {
        observed: one,
        predicted: other,
        standard_error: Some(other * (2.0 / law.first + 2.0 / law.second).sqrt()),
        p_value: Some(law.two_sided_p_value(one / other)),
        effect_measure: "relative difference",
        effect: one / other - 1.0,
        ..Evidence::of_sample(name, seed, first.len() + second.len(), sensitivity(law.first, law.second))
    })
}

/// The smallest relative difference that [`check`] finds in 99 of 100 pairs of samples of these sizes.
///
/// # Errors
/// [`VerdictError`] for fewer than 8 values or a probability outside (0, 1).
pub fn detectable(first: usize, second: usize, false_alarm_probability: f64) -> Result<f64, VerdictError> {
    let first = require_count("first sample", first, FEWEST)?;
    let second = require_count("second sample", second, FEWEST)?;
    sensitivity(first - 1.0, second - 1.0).found(false_alarm_probability)
}

/// Size of each of two equal samples with which [`check`] finds a relative difference `effect` in 99 of 100 pairs, at
/// this false-alarm probability.
///
/// # Errors
/// [`VerdictError`] unless the effect is above 0 and the probability in (0, 1).
pub fn samples_needed(effect: f64, false_alarm_probability: f64) -> Result<f64, VerdictError> {
    let at = |n: f64| sensitivity(n - 1.0, n - 1.0);
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, FEWEST as f64)
}

fn sensitivity(first: f64, second: f64) -> Sensitivity {
    Sensitivity::VarianceRatio { first, second }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use approx::assert_relative_eq;

    #[test]
    fn swapped_samples_have_the_same_p_value() {
        let first: Vec<f64> = (0..12).map(f64::from).collect();
        let second: Vec<f64> = (0..30).map(|i| f64::from(i * i % 13)).collect();
        let there = check("x", 0, &first, &second).unwrap();
        let back = check("x", 0, &second, &first).unwrap();
        assert_relative_eq!(there.p_value.unwrap(), back.p_value.unwrap(), max_relative = 1e-9);
        assert_relative_eq!(there.observed, 13.0);
        assert!(check("x", 0, &[1.0; 8], &first).is_err());
    }

    /// The visible difference of 0.5e6 values on either side, by hand: (4.892 + 2.326 · 1.014) √(4/n).
    #[test]
    fn three_verbs_agree() {
        let found = detectable(500_000, 500_000, 1e-6).unwrap();
        assert_relative_eq!(found, 7.24 * (4.0_f64 / 500_000.0).sqrt(), max_relative = 0.01);
        let needed = samples_needed(found, 1e-6).unwrap();
        assert_relative_eq!(needed, 500_000.0, max_relative = 1e-4);
    }

    /// 2,000 runs at a nominal 1 %. The assertion fails on one correct seed in a million.
    #[test]
    fn size() {
        trials::assert_size(2000, 0.01, 51, |noise| {
            let first: Vec<f64> = (0..40).map(|_| 5.0 + trials::gaussian(noise)).collect();
            let second: Vec<f64> = (0..25).map(|_| trials::gaussian(noise)).collect();
            check("size", 51, &first, &second).unwrap().p_value.unwrap()
        });
    }
}
