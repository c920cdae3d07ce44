//! Autocorrelation of a stationary process, from one pair of times of independent weights or replicas: exact.
//!
//! For Gaussian pairs with equal variances, `x + y` and `x − y` are independent, with variances `2 V (1 + r)` and
//! `2 V (1 − r)`: the ratio of their sums of squares, over `(1 + r)/(1 − r)`, is Fisher's F with n and n degrees of
//! freedom, whatever V (Pitman, Biometrika 31, 9 (1939)).

use super::error::{VerdictError, require_count, require_sample};
use super::evidence::Evidence;
use super::sensitivity::Sensitivity;
use super::unit::in_common_units;
use crate::error::{require, require_finite};
use crate::numerics::tail_probability::Ratio;

/// Fewest pairs.
const FEWEST: usize = 10;

/// Compares the correlation of `values` with the values of the same weights at a later time, `later`, with a law's.
///
/// Both are stationary, Gaussian, about the known `mean`; the pairs are independent: different weights or replicas.
/// `correlation` is the law's autocorrelation at their distance in time, such as `weight_covariance(lag)` over
/// `weight_variance()` of [`crate::laws::StationaryWell`]. The p-value is exact. The temperature does not enter.
///
/// # Errors
/// [`VerdictError`] for fewer than 10 pairs, unpaired values, values that are not finite or all alike, or unless
/// `−1 < correlation < 1`.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    values: &[f64],
    later: &[f64],
    mean: f64,
    correlation: f64,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, values, FEWEST)?;
    require_sample(&name, later, FEWEST)?;
    require_finite("mean", mean)?;
    require_correlation(correlation)?;
    if values.len() != later.len() {
        return Err(VerdictError::UnsuitableSample { check: name, reason: "the two times differ in number" });
    }
    let samples = [values, later];
    let (both, unit) = in_common_units(&samples);
    let mean = mean / unit;
    let (mut sums, mut differences) = (0.0, 0.0);
    for (first, second) in both[0].iter().zip(both[1].iter()) {
        let (x, y) = (first - mean, second - mean);
        sums += (x + y) * (x + y);
        differences += (x - y) * (x - y);
    }
    if sums + differences == 0.0 {
        return Err(VerdictError::UnsuitableSample { check: name, reason: "all values are the mean" });
    }
    let pairs = values.len() as f64;
    let observed = (sums - differences) / (sums + differences);
    let ratio = sums * (1.0 - correlation) / (differences * (1.0 + correlation));
    Ok(Evidence {
        observed,
        predicted: correlation,
        standard_error: Some((1.0 - correlation * correlation) / pairs.sqrt()),
        p_value: Some(Ratio { first: pairs, second: pairs }.two_sided_p_value(ratio)),
        effect_measure: "difference of autocorrelation",
        effect: observed - correlation,
        ..Evidence::of_sample(name, seed, values.len(), sensitivity(correlation, pairs))
    })
}

/// The smallest difference of the autocorrelation that [`check`] finds in 99 of 100 samples of this many pairs.
///
/// # Errors
/// [`VerdictError`] for fewer than 10 pairs, or unless `−1 < correlation < 1` and the probability is in (0, 1).
pub fn detectable(correlation: f64, pairs: usize, false_alarm_probability: f64) -> Result<f64, VerdictError> {
    require_correlation(correlation)?;
    let pairs = require_count("autocorrelation", pairs, FEWEST)?;
    sensitivity(correlation, pairs).found(false_alarm_probability)
}

/// Number of independent pairs with which [`check`] finds a difference `effect` of the autocorrelation in 99 of 100
/// runs, at this false-alarm probability.
///
/// # Errors
/// [`VerdictError`] unless the effect is above 0, `−1 < correlation < 1` and the probability in (0, 1).
pub fn samples_needed(
    correlation: f64,
    effect: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    require_correlation(correlation)?;
    let at = |pairs| sensitivity(correlation, pairs);
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, FEWEST as f64)
}

pub(crate) fn require_correlation(correlation: f64) -> Result<(), VerdictError> {
    require("correlation", correlation, correlation.abs() < 1.0, "above -1 and below 1")?;
    Ok(())
}

fn sensitivity(correlation: f64, pairs: f64) -> Sensitivity {
    Sensitivity::Correlation { correlation, pairs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use approx::assert_relative_eq;
    use rand::rngs::SmallRng;

    fn pairs(noise: &mut SmallRng, correlation: f64, count: usize) -> (Vec<f64>, Vec<f64>) {
        let mut pair = || {
            let x = trials::gaussian(noise);
            (
                3.0 + x,
                3.0 + correlation * x + (1.0 - correlation * correlation).sqrt() * trials::gaussian(noise),
            )
        };
        (0..count).map(|_| pair()).unzip()
    }

    /// Second route for r = 0: the density of the observed correlation, `(1 − ρ²)^{n/2 − 1}`, integrated.
    #[test]
    fn without_correlation_the_density_is_known() {
        let x: Vec<f64> = (0..20).map(|i| f64::from(i) - 9.5).collect();
        let y: Vec<f64> = x.iter().map(|x| if *x > 0.0 { 12.0 - x } else { -x }).collect();
        let evidence = check("x", 0, &x, &y, 0.0, 0.0).unwrap();
        let (xx, yy): (f64, f64) = (x.iter().map(|x| x * x).sum(), y.iter().map(|y| y * y).sum());
        let xy: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
        assert_relative_eq!(evidence.observed, 2.0 * xy / (xx + yy), max_relative = 1e-12);
        let rho = evidence.observed.abs();
        let simpson = |from: f64| {
            let (steps, width) = (20_000, (1.0 - from) / 20_000.0);
            let f = |i: i32| (1.0 - (from + f64::from(i) * width).powi(2)).max(0.0).powi(9);
            (0..=steps)
                .map(|i| {
                    f(i) * if i == 0 || i == steps {
                        1.0
                    } else if i % 2 == 1 {
                        4.0
                    } else {
                        2.0
                    }
                })
                .sum::<f64>()
                * width
                / 3.0
        };
        assert_relative_eq!(
            evidence.p_value.unwrap(),
            2.0 * simpson(rho) / simpson(-1.0),
            max_relative = 1e-6
        );
    }

    /// A wrong autocorrelation of the visible size is found: the power over 400 runs is 99 %, and below 95 % only with a
    /// probability of 1e-8.
    #[test]
    fn a_visible_difference_is_found() {
        let (correlation, alpha) = (0.6, 1e-4);
        let effect = detectable(correlation, 400, alpha).unwrap();
        for other in [correlation + effect, correlation - effect] {
            let found = trials::rejections(400, alpha, 37, |noise| {
                let (x, y) = pairs(noise, other, 400);
                check("x", 37, &x, &y, 3.0, correlation).unwrap().p_value.unwrap()
            });
            assert!(found > 380, "{other}: {found}");
        }
        let needed = samples_needed(correlation, effect, alpha).unwrap();
        assert!((399.0..=400.0).contains(&needed), "{needed}");
    }

    #[test]
    fn bad_input_is_refused() {
        let x = [1.0; 12];
        assert!(check("x", 0, &x, &x[..11], 0.0, 0.5).unwrap_err().to_string().contains("differ in number"));
        assert!(check("x", 0, &x, &x, 1.0, 0.5).unwrap_err().to_string().contains("all values"));
        assert!(check("x", 0, &x, &x, 0.0, 1.0).is_err() && check("x", 0, &x, &x, f64::NAN, 0.5).is_err());
        // The same values at both times are perfectly correlated, which no law with r < 1 allows.
        assert_eq!(check("x", 0, &x, &x, 0.0, 0.5).unwrap().p_value.unwrap(), 0.0);
    }

    /// 2,000 runs at a nominal 1 %. Either assertion fails on one correct seed in a million.
    #[test]
    fn size() {
        for correlation in [-0.5, 0.97] {
            trials::assert_size(2000, 0.01, 38, |noise| {
                let (x, y) = pairs(noise, correlation, 50);
                check("size", 38, &x, &y, 3.0, correlation).unwrap().p_value.unwrap()
            });
        }
    }
}
