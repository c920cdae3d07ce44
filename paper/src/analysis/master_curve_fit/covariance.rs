//! The covariance of a few points of a curve from few initial conditions.
//!
//! Pseudo-values of the jackknife (Tukey 1958) turn any smooth function of the mean curve into a mean of n vectors; their
//! covariance over n is that of the bootstrap over initial conditions to first order, without the noise of resampling. The
//! correlations are shrunk towards 0 by the estimated optimal share of Schäfer and Strimmer (Stat. Appl. Genet. Mol. Biol. 4,
//! 32 (2005)).

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

/// A covariance that can be inverted.
#[derive(Clone, Debug)]
pub(super) struct Covariance {
    factor: Cholesky<f64, Dyn>,
}

impl Covariance {
    /// The covariance of the mean of `pseudo_values[initial_condition][point]`; `None` where a point does not vary, where
    /// there are no more vectors than points, or where what is left is singular.
    pub(super) fn of_mean(pseudo_values: &[Vec<f64>]) -> Option<Self> {
        let count = pseudo_values.len();
        let points = pseudo_values.first()?.len();
        if count <= points + 1 {
            return None;
        }
        let n = count as f64;
        let mut standardised = DMatrix::from_fn(count, points, |i, j| pseudo_values[i][j]);
        let mut deviations = Vec::with_capacity(points);
        for mut column in standardised.column_iter_mut() {
            let mean = column.mean();
            column.add_scalar_mut(-mean);
            let deviation = (column.norm_squared() / (n - 1.0)).sqrt();
            if deviation.is_nan() || deviation <= f64::EPSILON * mean.abs() {
                return None;
            }
            column /= deviation;
            deviations.push(deviation);
        }
        let products = |i: usize, j: usize| standardised.column(i).component_mul(&standardised.column(j));
        let mut correlations = DMatrix::identity(points, points);
        let (mut variance, mut square) = (0.0, 0.0);
        for i in 0..points {
            for j in 0..i {
                let product = products(i, j);
                let correlation = product.sum() / (n - 1.0);
                correlations[(i, j)] = correlation;
                correlations[(j, i)] = correlation;
                let mean = product.mean();
                variance +=
                    n / (n - 1.0).powi(3) * product.iter().map(|one| (one - mean).powi(2)).sum::<f64>();
                square += correlation * correlation;
            }
        }
        let shrinkage = if square > 0.0 { (variance / square).min(1.0) } else { 1.0 };
        let covariance = DMatrix::from_fn(points, points, |i, j| {
            let kept = if i == j { 1.0 } else { (1.0 - shrinkage) * correlations[(i, j)] };
            kept * deviations[i] * deviations[j] / n
        });
        Some(Self { factor: covariance.cholesky()? })
    }

    /// `L⁻¹ x`, `L Lᵀ` the covariance: independent numbers of variance 1.
    pub(super) fn whitened(&self, vector: &[f64]) -> Option<DVector<f64>> {
        self.factor.l_dirty().solve_lower_triangular(&DVector::from_column_slice(vector))
    }
}

/// Pseudo-values `n whole − (n − 1) without[i]` of each point.
pub(super) fn pseudo_values(whole: &[f64], without: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = without.len() as f64;
    without
        .iter()
        .map(|one| whole.iter().zip(one).map(|(all, rest)| n * all - (n - 1.0) * rest).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use glassbox_simulations::noise::{NoiseStream, Purpose};

    #[test]
    fn pseudo_values_of_a_mean_are_the_values() {
        let values = [1.0, 4.0, 7.0];
        let without: Vec<Vec<f64>> = (0..3).map(|i| vec![(12.0 - values[i]) / 2.0]).collect();
        let found: Vec<f64> = pseudo_values(&[4.0], &without).concat();
        assert_eq!(found, values);
    }

    #[test]
    fn uncorrelated_points_by_hand() {
        // Two orthogonal columns of variance 4/3 and 16/3 over four vectors: their means have a quarter of that.
        let vectors: Vec<Vec<f64>> =
            [[1.0, 2.0], [-1.0, 2.0], [1.0, -2.0], [-1.0, -2.0]].iter().map(|v| v.to_vec()).collect();
        let covariance = Covariance::of_mean(&vectors).unwrap();
        let whitened = covariance.whitened(&[1.0, 1.0]).unwrap();
        assert_relative_eq!(whitened.norm_squared(), 3.0 + 0.75, max_relative = 1e-14);
    }

    #[test]
    fn what_has_no_inverse() {
        assert!(Covariance::of_mean(&[]).is_none());
        assert!(Covariance::of_mean(&[vec![1.0, 2.0], vec![2.0, 1.0], vec![0.0, 0.0]]).is_none());
        let still: Vec<Vec<f64>> = (0..9).map(|i| vec![f64::from(i), 5.0]).collect();
        assert!(Covariance::of_mean(&still).is_none());
        let broken: Vec<Vec<f64>> = (0..9).map(|i| vec![f64::from(i), f64::NAN]).collect();
        assert!(Covariance::of_mean(&broken).is_none());
    }

    /// Hotelling: for n Gaussian vectors of p points, `χ² (n − p)/((n − 1) p)` of their mean is F(p, n − p), so χ² has mean
    /// `p (n − 1)/(n − p − 2)`: 5.44 for p = 4, n = 20 (with shrinkage somewhat less). Its standard deviation is below 5, so
    /// the mean of 1000 lies between 4 (known covariance) less, and 5.44 more, 6 · 5/√1000 = 0.95 (false alarms 2e-9).
    #[test]
    fn chi_squared_of_correlated_means() {
        let stream = NoiseStream::new(3, Purpose::Initialisation, 0);
        let mut drawn = vec![0.0; 20 * 4];
        let mut mean = 0.0;
        for trial in 0..1000 {
            stream.gaussians(trial, &mut drawn);
            // Random walks: correlations √(i/j).
            let vectors: Vec<Vec<f64>> = drawn
                .chunks(4)
                .map(|steps| {
                    steps
                        .iter()
                        .scan(0.0, |sum, step| {
                            *sum += step;
                            Some(*sum)
                        })
                        .collect()
                })
                .collect();
            let average: Vec<f64> =
                (0..4).map(|i| vectors.iter().map(|vector| vector[i]).sum::<f64>() / 20.0).collect();
            let covariance = Covariance::of_mean(&vectors).unwrap();
            mean += covariance.whitened(&average).unwrap().norm_squared() / 1000.0;
        }
        assert!(mean > 4.0 - 0.95 && mean < 5.44 + 0.95, "{mean}");
    }
}
