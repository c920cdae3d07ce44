//! How many independent values correlated series are worth.
//!
//! The mean of n values of a stationary series has the variance `V τ/n`, with the integrated autocorrelation time
//! `τ = 1 + 2 Σ ρ_k` in units of the recording interval. It is estimated by the initial monotone sequence of Geyer
//! (Stat. Sci. 7, 473 (1992)): pairs `ρ_{2m} + ρ_{2m+1}` are summed while they are positive, and kept from rising.
//! Consistent from above for reversible dynamics, such as overdamped Langevin dynamics in equilibrium.

use super::autocovariance::lagged_products;
use super::error::{VerdictError, require_replicas};
use super::unit::in_common_units;

/// Fewest values of a series.
const FEWEST: usize = 10;

/// The integrated autocorrelation time of series, and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlated {
    /// Mean of all values.
    pub mean: f64,
    /// Variance of one value, about that mean.
    pub variance: f64,
    /// `1 + 2 Σ ρ_k`, in recording intervals (the statistical inefficiency); 1 for independent values.
    pub integrated_time: f64,
    /// Number of values.
    pub sample_size: usize,
    /// Number of values over the integrated time, at most n log10 n (Vehtari et al., Bayesian Anal. 16, 667 (2021)).
    pub effective_sample_size: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
    /// Lags that entered the sum.
    pub window: usize,
}

/// Measures the integrated autocorrelation time of stationary `series`, one slice a replica, all with the same law.
///
/// Autocovariances are about the mean of all series together, so that series stuck at different values count as
/// strongly correlated. A time that is not small against the length of a series (above a tenth, say) is itself
/// uncertain, and usually too small.
///
/// ```
/// use glassbox_oracle::verdict::effective_sample_size::measure;
/// // x' = x/2 + noise: the time is (1 + ½)/(1 − ½) = 3. (The noise is a fixed congruential sequence.)
/// let (mut state, mut x) = (1_u64, 0.0);
/// let series: Vec<f64> = (0..20_000).map(|_| {
///     state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
///     x = 0.5 * x + (state >> 11) as f64 / 9.007e15 - 0.5;
///     x
/// }).collect();
/// let measured = measure(&[series])?;
/// assert!((measured.integrated_time - 3.0).abs() < 0.4);
/// # Ok::<(), glassbox_oracle::verdict::VerdictError>(())
/// ```
///
/// # Errors
/// [`VerdictError`] for no series, one of fewer than 10 values, a value that is not finite, or series without spread.
pub fn measure<R: AsRef<[f64]>>(series: &[R]) -> Result<Correlated, VerdictError> {
    let sample_size = require_replicas("effective sample size", series, 1, FEWEST)?;
    let count = sample_size as f64;
    let (series, unit) = in_common_units(series);
    let mean = series.iter().map(|one| one.iter().sum::<f64>()).sum::<f64>() / count;
    let longest = series.iter().map(|one| one.len()).max().unwrap_or(0);
    let mut products = vec![0.0; longest];
    for one in &series {
        for (sum, product) in products.iter_mut().zip(lagged_products(one, mean)) {
            *sum += product;
        }
    }
    let scale = series.iter().flat_map(|one| one.iter()).fold(0.0_f64, |scale, x| scale.max(x.abs()));
    // Below this the spread is rounding of the mean.
    if products[0] <= count * (16.0 * f64::EPSILON * scale).powi(2) {
        let reason = "all values are alike";
        return Err(VerdictError::UnsuitableSample { check: "effective sample size".to_owned(), reason });
    }
    let (mut pairs, mut last, mut window) = (0.0, f64::INFINITY, 0);
    for pair in products.chunks_exact(2) {
        let sum = (pair[0] + pair[1]) / products[0];
        if sum <= 0.0 {
            break;
        }
        last = sum.min(last);
        pairs += last;
        window += 2;
    }
    let integrated_time = (2.0 * pairs - 1.0).max(1.0 / count.log10());
    let variance = products[0] / count;
    Ok(Correlated {
        mean: mean * unit,
        variance: variance * unit * unit,
        integrated_time,
        sample_size,
        effective_sample_size: count / integrated_time,
        standard_error: (variance * integrated_time / count).sqrt() * unit,
        window,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use approx::assert_relative_eq;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    /// `x' = a x + noise`, stationary, of variance 1.
    pub(super) fn chain(noise: &mut SmallRng, a: f64, length: usize) -> Vec<f64> {
        let mut x = trials::gaussian(noise);
        (0..length)
            .map(|_| {
                x = a * x + (1.0 - a * a).sqrt() * trials::gaussian(noise);
                x
            })
            .collect()
    }

    /// The time of a chain is (1 + a)/(1 − a). The windowed sum of W lags of n values has a relative error of about
    /// √(2 (2 W + 1)/n) (Sokal 1997), with W ≈ 10 times for a window as long as the noise allows: below 0.12 here, and
    /// 0.5 is four of them and more; 0.06 and 0.3 for the shorter times.
    #[test]
    fn chains_have_their_known_times() {
        let mut noise = SmallRng::seed_from_u64(44);
        for (a, allowed) in [(0.0, 0.3), (0.5, 0.3), (0.9, 0.5), (-0.5, 0.5)] {
            let series: Vec<Vec<f64>> = (0..8).map(|_| chain(&mut noise, a, 8000)).collect();
            let measured = measure(&series).unwrap();
            let expected = (1.0 + a) / (1.0 - a);
            let ratio = measured.integrated_time / expected;
            assert!((ratio - 1.0).abs() < allowed, "{a}: {measured:?}");
            assert_relative_eq!(measured.effective_sample_size * measured.integrated_time, 64_000.0);
        }
    }

    #[test]
    fn stuck_series_are_hardly_worth_more_than_their_number() {
        let mut noise = SmallRng::seed_from_u64(45);
        let series: Vec<Vec<f64>> = (0..6)
            .map(|k| chain(&mut noise, 0.0, 1000).iter().map(|x| x + 10.0 * f64::from(k)).collect())
            .collect();
        assert!(measure(&series).unwrap().effective_sample_size < 12.0);
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        assert!(measure(&[vec![1.0; 20]]).unwrap_err().to_string().contains("alike"));
        assert!(measure(&[vec![0.1; 20]]).is_err() && measure(&[vec![1.0; 9]]).is_err());
        assert!(measure::<Vec<f64>>(&[]).is_err());
        // A series that alternates is worth more than its length, but not without bound.
        let alternating: Vec<f64> = (0..100).map(|i| f64::from(i % 2)).collect();
        let measured = measure(&[alternating]).unwrap();
        assert_relative_eq!(measured.effective_sample_size, 200.0, max_relative = 1e-12);
    }
}
