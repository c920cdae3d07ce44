//! Non-Gaussian parameter from the second and fourth moments of networks (paper Eq. 9, PHYSICS.md A, C.11).
//!
//! The paper averages `alpha2` of each network (mean of ratios); the moments of all networks together give another number
//! (ratio of means). They are equal only if all networks have the same mean square: by Jensen's inequality networks that
//! differ raise the ratio of means even if each of them is Gaussian.

use super::bootstrap::{Bootstrap, Interval};
use super::{AnalysisError, require_count, require_each, require_equal_lengths};

/// alpha2 by both averages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NonGaussian {
    /// Mean over networks of `<dw⁴> / (3 <dw²>²) − 1`, the paper's; `None` if a network did not move.
    pub mean_of_ratios: Option<Interval>,
    /// The same of the moments averaged over networks first; `None` if no network moved.
    pub ratio_of_means: Option<Interval>,
}

/// alpha2 of networks whose displacements have these `second` and `fourth` moments about 0.
///
/// ```
/// use glassbox_paper::analysis::{Bootstrap, moments_of_networks::non_gaussian_parameter};
/// // Two Gaussian networks, one of which moves three times as far squared.
/// let found = non_gaussian_parameter(&Bootstrap::new(200, 0.95, 1)?, &[1.0, 3.0], &[3.0, 27.0])?;
/// assert!(found.mean_of_ratios.unwrap().value.abs() < 1e-15);
/// assert!((found.ratio_of_means.unwrap().value - 0.25).abs() < 1e-15);
/// # Ok::<(), glassbox_paper::analysis::AnalysisError>(())
/// ```
///
/// # Errors
/// [`AnalysisError`] for fewer than two networks, moments below 0 or not finite, a fourth moment below the square of the
/// second (no displacements have these), or lists of different lengths.
pub fn non_gaussian_parameter(
    bootstrap: &Bootstrap,
    second: &[f64],
    fourth: &[f64],
) -> Result<NonGaussian, AnalysisError> {
    require_equal_lengths(("second", second.len()), ("fourth", fourth.len()))?;
    require_count("networks", second.len(), 2)?;
    let allowed = "finite and at least 0";
    require_each("second", second, |moment| moment >= 0.0, allowed)?;
    require_each("fourth", fourth, |moment| moment >= 0.0, allowed)?;
    // In the largest moment, so that displacements of 1e-100 do not underflow.
    let unit = second.iter().copied().fold(0.0, f64::max);
    for index in 0..second.len() {
        let ratio = fourth[index] / second[index] / second[index];
        // Sums of moments are rounded, also where all displacements are equal.
        if ratio < 1.0 - 1e-9 || (second[index] == 0.0 && fourth[index] > 0.0) {
            return Err(AnalysisError::Entry {
                argument: "fourth",
                index,
                value: fourth[index],
                allowed: "at least the square of the second moment, and 0 where that is 0",
            });
        }
    }
    // Never the square of a moment, which may underflow.
    let ratio = |second: f64, fourth: f64| fourth / second / second / 3.0 - 1.0;
    let scaled: Vec<(f64, f64)> =
        second.iter().zip(fourth).map(|(second, fourth)| (second / unit, fourth / unit / unit)).collect();
    let mean_of_ratios = bootstrap.interval(second.len(), |indices| {
        let sum: f64 = indices.iter().map(|index| ratio(second[*index], fourth[*index])).sum();
        Some(sum / indices.len() as f64)
    });
    let ratio_of_means = bootstrap.interval(second.len(), |indices| {
        let (sum, sum_of_fourth) = indices.iter().fold((0.0, 0.0), |(second, fourth), index| {
            (second + scaled[*index].0, fourth + scaled[*index].1)
        });
        let count = indices.len() as f64;
        (sum > 0.0).then(|| ratio(sum / count, sum_of_fourth / count))
    });
    Ok(NonGaussian { mean_of_ratios, ratio_of_means })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use glassbox_oracle::Displacement;
    use glassbox_simulations::noise::{NoiseStream, Purpose};
    use proptest::prelude::*;

    fn bootstrap() -> Bootstrap {
        Bootstrap::new(300, 0.95, 1).unwrap()
    }

    #[test]
    fn networks_that_did_not_move() {
        let found = non_gaussian_parameter(&bootstrap(), &[0.0, 1.0, 1.0], &[0.0, 3.0, 3.0]).unwrap();
        assert_eq!(found.mean_of_ratios, None);
        // All three still: 1/27 of the resamples, below the 5% that are left out.
        assert_relative_eq!(found.ratio_of_means.unwrap().value, 0.5, max_relative = 1e-12);
        let none = non_gaussian_parameter(&bootstrap(), &[0.0; 3], &[0.0; 3]).unwrap();
        assert_eq!((none.mean_of_ratios, none.ratio_of_means), (None, None));
    }

    #[test]
    fn tiny_displacements_do_not_underflow() {
        let found = non_gaussian_parameter(&bootstrap(), &[1e-150, 1e-150], &[3e-300, 6e-300]).unwrap();
        assert_relative_eq!(found.mean_of_ratios.unwrap().value, 0.5, max_relative = 1e-12);
        assert_relative_eq!(found.ratio_of_means.unwrap().value, 0.5, max_relative = 1e-12);
    }

    #[test]
    fn bad_input_is_named() {
        let message = |second: &[f64], fourth: &[f64]| {
            non_gaussian_parameter(&bootstrap(), second, fourth).unwrap_err().to_string()
        };
        assert_eq!(
            message(&[1.0, f64::NAN], &[3.0; 2]),
            "second[1] is NaN; it must be finite and at least 0"
        );
        assert!(
            message(&[1.0, 2.0], &[3.0, 3.9]).starts_with("fourth[1] is 3.9; it must be at least the square")
        );
        message(&[0.0, 1.0], &[1.0, 3.0]);
        message(&[1.0, 1.0], &[3.0, -3.0]);
        message(&[1.0], &[3.0]);
        message(&[1.0, 1.0], &[3.0]);
    }

    proptest! {
        /// Gaussian networks: 0 by the mean of ratios; by the ratio of means the mixture of the oracle.
        #[test]
        fn gaussian_networks(variances in prop::collection::vec(0.1_f64..10.0, 2..8)) {
            let fourth: Vec<f64> = variances.iter().map(|v| 3.0 * v * v).collect();
            let found = non_gaussian_parameter(&bootstrap(), &variances, &fourth).unwrap();
            let ratios = found.mean_of_ratios.unwrap();
            prop_assert!(ratios.value.abs() < 1e-14 && ratios.low.abs() < 1e-14 && ratios.high.abs() < 1e-14);
            let share = 1.0 / variances.len() as f64;
            let parts = variances.iter().map(|v| (share, Displacement::gaussian(0.0, *v).unwrap()));
            let mixture = Displacement::mixture(parts).unwrap().non_gaussian_parameter().unwrap();
            prop_assert!((found.ratio_of_means.unwrap().value - mixture).abs() < 1e-12);
        }

        /// The unit of length does not matter.
        #[test]
        fn units(second in prop::collection::vec(0.1_f64..10.0, 3..8), length in 1e-6_f64..1e6) {
            let fourth: Vec<f64> = second.iter().enumerate().map(|(i, v)| (2.0 + i as f64) * v * v).collect();
            let long: Vec<f64> = second.iter().map(|v| v * length.powi(2)).collect();
            let long_fourth: Vec<f64> = fourth.iter().map(|v| v * length.powi(4)).collect();
            let plain = non_gaussian_parameter(&bootstrap(), &second, &fourth).unwrap();
            let scaled = non_gaussian_parameter(&bootstrap(), &long, &long_fourth).unwrap();
            let (a, b) = (plain.ratio_of_means.unwrap(), scaled.ratio_of_means.unwrap());
            prop_assert!((a.low - b.low).abs() < 1e-10 && (a.high - b.high).abs() < 1e-10);
        }
    }

    /// 30 free networks of 1000 weights: alpha2 of each scatters by √(24/1000)/3 with bias below 2/1000·(…) of order 1/N; the
    /// mean over 30 lies within 6 standard errors plus the bias `−2/N` of 0 (false alarms 2e-9).
    #[test]
    fn free_weights_are_gaussian() {
        let stream = NoiseStream::new(9, Purpose::Initialisation, 0);
        let (networks, weights) = (30, 1000);
        let mut drawn = vec![0.0; weights];
        let (mut second, mut fourth) = (vec![0.0; networks], vec![0.0; networks]);
        for network in 0..networks {
            stream.gaussians(network as u64, &mut drawn);
            second[network] = drawn.iter().map(|z| z.powi(2)).sum::<f64>() / weights as f64;
            fourth[network] = drawn.iter().map(|z| z.powi(4)).sum::<f64>() / weights as f64;
        }
        let found = non_gaussian_parameter(&bootstrap(), &second, &fourth).unwrap();
        // Kurtosis of N Gaussians about 0: variance 24/N, mean 3 N/(N + 2).
        let bound = 6.0 * (24.0 / weights as f64 / networks as f64).sqrt() / 3.0 + 2.0 / weights as f64;
        assert!(found.mean_of_ratios.unwrap().value.abs() < bound);
        assert!(found.ratio_of_means.unwrap().value.abs() < bound);
    }
}
