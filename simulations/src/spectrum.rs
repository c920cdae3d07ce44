//! Extreme eigenvalues of a symmetric operator that is known only by its products with vectors.

use crate::noise::{NoiseStream, Purpose};
use nalgebra::{DMatrix, SymmetricEigen};
use thiserror::Error;

/// The method of Lanczos (J. Res. Natl. Bur. Stand. 45, 255 (1950)) with full reorthogonalisation, from a random start
/// that is a function of the seed.
///
/// The start has a component along every eigenvector with probability 1; of a multiple eigenvalue one copy is found.
///
/// ```
/// use glassbox_simulations::spectrum::Lanczos;
/// // The diagonal matrix 1, 2, … 50.
/// let extremes = Lanczos::new(50, 50, 7)?.extremes(|vector, product| {
///     for (i, (out, value)) in product.iter_mut().zip(vector).enumerate() {
///         *out = (i + 1) as f64 * value;
///     }
/// })?;
/// assert!((extremes.smallest.eigenvalue - 1.0).abs() <= extremes.smallest.error_bound);
/// assert!((extremes.largest.eigenvalue - 50.0).abs() <= extremes.largest.error_bound);
/// # Ok::<(), glassbox_simulations::spectrum::SpectrumError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lanczos {
    dimension: usize,
    steps: usize,
    seed: u64,
}

/// An approximate eigenvalue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ritz {
    /// The value.
    pub eigenvalue: f64,
    /// An eigenvalue of the operator lies within this distance: the residual, and rounding of the products.
    pub error_bound: f64,
}

/// The two ends of a spectrum.
///
/// Both lie within the spectrum up to rounding: the smallest is never below the true one, the largest never above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extremes {
    /// The smallest eigenvalue.
    pub smallest: Ritz,
    /// The largest eigenvalue.
    pub largest: Ritz,
    /// Products with the operator that were needed.
    pub products: usize,
}

/// Why a spectrum cannot be given.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SpectrumError {
    /// No dimension, or no steps.
    #[error("{argument} is {value}; it must be at least 1")]
    TooFew {
        /// Name of the argument.
        argument: &'static str,
        /// The value.
        value: usize,
    },
    /// The operator gave NaN or infinity.
    #[error("product {product} with the operator is not finite")]
    NotFinite {
        /// Number of the product.
        product: usize,
    },
}

/// Rounding of a product with n terms a row, in ulps of its size and √n: a margin over the random walk of plain sums, not a
/// proven bound.
const ROUNDING_MARGIN: f64 = 8.0;

impl Lanczos {
    /// At most `steps` products with an operator of `dimension`, from a start drawn under `seed`.
    ///
    /// # Errors
    /// [`SpectrumError::TooFew`] for a dimension or steps of 0.
    pub fn new(dimension: usize, steps: usize, seed: u64) -> Result<Self, SpectrumError> {
        for (argument, value) in [("dimension", dimension), ("steps", steps)] {
            if value == 0 {
                return Err(SpectrumError::TooFew { argument, value });
            }
        }
        Ok(Self { dimension, steps: steps.min(dimension), seed })
    }

    /// The extreme eigenvalues of the symmetric operator that `apply(vector, product)` multiplies with.
    ///
    /// # Errors
    /// [`SpectrumError::NotFinite`] for a product with NaN or infinity.
    pub fn extremes(&self, mut apply: impl FnMut(&[f64], &mut [f64])) -> Result<Extremes, SpectrumError> {
        let mut vector = vec![0.0; self.dimension];
        NoiseStream::new(self.seed, Purpose::Spectrum, 0).gaussians(0, &mut vector);
        normalise(&mut vector);
        let (mut basis, mut diagonal, mut off_diagonal) = (Vec::new(), Vec::new(), Vec::new());
        let mut product = vec![0.0; self.dimension];
        let mut largest_product = 0.0_f64;
        loop {
            apply(&vector, &mut product);
            let size = dot(&product, &product).sqrt();
            if !size.is_finite() {
                return Err(SpectrumError::NotFinite { product: diagonal.len() });
            }
            largest_product = largest_product.max(size);
            diagonal.push(dot(&vector, &product));
            basis.push(std::mem::take(&mut vector));
            // Twice is enough (Parlett, "The Symmetric Eigenvalue Problem", section 6.9).
            for _ in 0..2 {
                for known in &basis {
                    let overlap = dot(known, &product);
                    product.iter_mut().zip(known).for_each(|(value, known)| *value -= overlap * known);
                }
            }
            vector = product.clone();
            let rest = normalise(&mut vector);
            off_diagonal.push(rest);
            // What is left is rounding: the basis spans all that the start can reach.
            let reached =
                rest <= ROUNDING_MARGIN * f64::EPSILON * largest_product * (self.dimension as f64).sqrt();
            if reached || basis.len() == self.steps {
                break;
            }
        }
        Ok(self.ends(&diagonal, &off_diagonal, largest_product))
    }

    fn ends(&self, diagonal: &[f64], off_diagonal: &[f64], size: f64) -> Extremes {
        let count = diagonal.len();
        let tridiagonal = DMatrix::from_fn(count, count, |i, j| match i.abs_diff(j) {
            0 => diagonal[i],
            1 => off_diagonal[i.min(j)],
            _ => 0.0,
        });
        let eigen = SymmetricEigen::new(tridiagonal);
        let rounding = ROUNDING_MARGIN * f64::EPSILON * size * (self.dimension as f64).sqrt();
        let ritz = |index: usize| Ritz {
            eigenvalue: eigen.eigenvalues[index],
            error_bound: off_diagonal[count - 1] * eigen.eigenvectors[(count - 1, index)].abs() + rounding,
        };
        let (smallest, largest) = (eigen.eigenvalues.imin(), eigen.eigenvalues.imax());
        Extremes { smallest: ritz(smallest), largest: ritz(largest), products: count }
    }
}

fn dot(first: &[f64], second: &[f64]) -> f64 {
    first.iter().zip(second).map(|(a, b)| a * b).sum()
}

/// Scales to length 1 and returns the length there was; a vector of 0 stays.
fn normalise(vector: &mut [f64]) -> f64 {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|value| *value /= length);
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagonal(values: &[f64]) -> impl FnMut(&[f64], &mut [f64]) + '_ {
        move |vector, product| {
            for ((out, value), factor) in product.iter_mut().zip(vector).zip(values) {
                *out = value * factor;
            }
        }
    }

    #[test]
    fn bounds_hold_while_it_converges() {
        let values: Vec<f64> = (0..400).map(|i| (0.1 * f64::from(i)).sin() + 0.01 * f64::from(i)).collect();
        let nearest = |x: f64| values.iter().map(|value| (value - x).abs()).fold(f64::INFINITY, f64::min);
        let (least, most) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
        for steps in [1, 3, 10, 40, 150, 400] {
            let found = Lanczos::new(400, steps, 3).unwrap().extremes(diagonal(&values)).unwrap();
            for end in [found.smallest, found.largest] {
                assert!(nearest(end.eigenvalue) <= end.error_bound, "{steps}: {end:?}");
            }
            assert!(found.smallest.eigenvalue >= least - 1e-13 && found.largest.eigenvalue <= most + 1e-13);
        }
        let found = Lanczos::new(400, 150, 3).unwrap().extremes(diagonal(&values)).unwrap();
        assert!(
            (found.smallest.eigenvalue - least).abs() < 1e-12
                && (found.largest.eigenvalue - most).abs() < 1e-12
        );
    }

    #[test]
    fn few_distinct_eigenvalues_end_it_early() {
        let values: Vec<f64> = (0..90).map(|i| f64::from(i % 3)).collect();
        let found = Lanczos::new(90, 90, 5).unwrap().extremes(diagonal(&values)).unwrap();
        assert_eq!(found.products, 3);
        assert!(found.smallest.eigenvalue.abs() < 1e-14 && (found.largest.eigenvalue - 2.0).abs() < 1e-14);
        let nothing = Lanczos::new(9, 9, 5).unwrap().extremes(diagonal(&[0.0; 9])).unwrap();
        assert_eq!(
            (nothing.products, nothing.largest.eigenvalue, nothing.largest.error_bound),
            (1, 0.0, 0.0)
        );
    }

    #[test]
    fn what_cannot_be_done_is_named() {
        assert_eq!(Lanczos::new(0, 1, 0).unwrap_err().to_string(), "dimension is 0; it must be at least 1");
        assert!(Lanczos::new(1, 0, 0).is_err());
        let error = Lanczos::new(2, 2, 0).unwrap().extremes(diagonal(&[f64::NAN, 1.0])).unwrap_err();
        assert_eq!(error.to_string(), "product 0 with the operator is not finite");
    }
}
