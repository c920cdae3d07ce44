//! The leading eigenvectors of a positive semi-definite matrix, with the same bits for any number of threads.
//!
//! Up to [`LARGEST_DENSE`] rows the whole spectrum is computed. Above, where that takes minutes, subspace iteration with
//! Rayleigh–Ritz projection (Y. Saad, "Numerical Methods for Large Eigenvalue Problems", revised edition, section 5.1)
//! finds the leading ones: each is accepted once its residual |A v − θ v| is at most [`RESIDUAL`] of the largest
//! eigenvalue, which bounds the distance of θ to an eigenvalue. The start is random, so that it has a component along
//! every eigenvector. A spectrum that falls too slowly for that is computed whole after all.

use crate::noise::{NoiseStream, Purpose};
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rayon::prelude::*;

/// Rows of the largest matrix whose whole spectrum is computed at once.
const LARGEST_DENSE: usize = 1024;

/// Dimensions of the subspace beyond the eigenvectors asked for: the more, the fewer iterations.
const MORE_DIMENSIONS: usize = 40;

/// Residual of an accepted eigenvector over the largest eigenvalue; rounding leaves about 1e-15.
const RESIDUAL: f64 = 1e-13;

/// After so many iterations the whole spectrum is cheaper.
const MOST_ITERATIONS: usize = 200;

/// Eigenvalues in descending order, and unit eigenvectors whose largest component is positive.
#[derive(Debug)]
pub(super) struct Leading {
    pub(super) values: Vec<f64>,
    pub(super) vectors: Vec<Vec<f64>>,
}

/// The `count` leading eigenvectors of `matrix`, which must be symmetric and without negative eigenvalues.
pub(super) fn leading(matrix: DMatrix<f64>, count: usize) -> Leading {
    let found = if matrix.nrows() > LARGEST_DENSE { iterate(&matrix, count) } else { None };
    found.unwrap_or_else(|| whole_spectrum(matrix, count))
}

fn whole_spectrum(matrix: DMatrix<f64>, count: usize) -> Leading {
    let (values, vectors) = descending(matrix);
    Leading::new(values, &vectors, count)
}

/// Subspace iteration; nothing if it does not converge, or the subspace would be no small part of all.
fn iterate(matrix: &DMatrix<f64>, count: usize) -> Option<Leading> {
    let (rows, dimensions) = (matrix.nrows(), count + MORE_DIMENSIONS);
    if 4 * dimensions > rows {
        return None;
    }
    let mut start = vec![0.0; rows * dimensions];
    NoiseStream::new(0, Purpose::Spectrum, 0).gaussians(0, &mut start);
    let mut subspace = DMatrix::from_vec(rows, dimensions, start);
    for _ in 0..MOST_ITERATIONS {
        let basis = subspace.qr().q();
        let image = product(matrix, &basis);
        let (values, rotation) = descending(basis.tr_mul(&image));
        let (vectors, images) = (rotated(&basis, &rotation), rotated(&image, &rotation));
        let largest_residual =
            (0..count).map(|k| (images.column(k) - vectors.column(k) * values[k]).norm()).fold(0.0, f64::max);
        if largest_residual <= RESIDUAL * values[0] {
            return Some(Leading::new(values, &vectors, count));
        }
        subspace = images;
    }
    None
}

impl Leading {
    fn new(mut values: Vec<f64>, vectors: &DMatrix<f64>, count: usize) -> Self {
        values.truncate(count);
        let vectors = vectors.column_iter().take(count).map(|vector| {
            let largest =
                vector.iter().fold(0.0_f64, |so_far, x| if x.abs() > so_far.abs() { *x } else { so_far });
            vector.iter().map(|x| x * largest.signum()).collect()
        });
        Self { values, vectors: vectors.collect() }
    }
}

/// The whole spectrum of a small matrix, the largest eigenvalue first, with eigenvectors as columns.
fn descending(matrix: DMatrix<f64>) -> (Vec<f64>, DMatrix<f64>) {
    let eigen = SymmetricEigen::new(matrix);
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let columns: Vec<DVector<f64>> =
        order.iter().map(|index| eigen.eigenvectors.column(*index).into_owned()).collect();
    (order.iter().map(|index| eigen.eigenvalues[*index]).collect(), DMatrix::from_columns(&columns))
}

/// `matrix` (symmetric) times `basis`: each row is one sum in a fixed order, so that threads change no bit, and without
/// fused operations, so that the processor changes none.
fn product(matrix: &DMatrix<f64>, basis: &DMatrix<f64>) -> DMatrix<f64> {
    let (rows, dimensions) = basis.shape();
    let across = basis.transpose();
    let mut image = DMatrix::<f64>::zeros(dimensions, rows);
    image.as_mut_slice().par_chunks_mut(dimensions).enumerate().for_each(|(row, sums)| {
        for (entry, values) in matrix.column(row).iter().zip(across.as_slice().chunks_exact(dimensions)) {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += entry * value);
        }
    });
    image.transpose()
}

/// `vectors` times `rotation`. As sums of `tr_mul`, since the plain product is fused or not as the processor has it.
fn rotated(vectors: &DMatrix<f64>, rotation: &DMatrix<f64>) -> DMatrix<f64> {
    vectors.transpose().tr_mul(rotation)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix with these eigenvalues in a random orthogonal basis.
    fn with_spectrum(values: &[f64], seed: u64) -> DMatrix<f64> {
        let size = values.len();
        let mut entries = vec![0.0; size * size];
        NoiseStream::new(seed, Purpose::Spectrum, 1).gaussians(0, &mut entries);
        let basis = DMatrix::from_vec(size, size, entries).qr().q();
        let matrix = &basis * DMatrix::from_diagonal(&DVector::from_column_slice(values)) * basis.transpose();
        (&matrix + matrix.transpose()) * 0.5
    }

    /// The two ways find the same eigenvectors, also of close eigenvalues (9 and 8.99) and with a null space.
    #[test]
    fn iteration_finds_what_the_whole_spectrum_has() {
        let mut values = vec![100.0, 30.0, 9.0, 8.99, 5.0];
        values.extend((5..200).map(|k| 40.0 / f64::from(k * k)));
        values.resize(240, 0.0);
        for seed in 0..3 {
            let matrix = with_spectrum(&values, seed);
            let iterated = iterate(&matrix, 5).unwrap();
            let whole = whole_spectrum(matrix, 5);
            for k in 0..5 {
                // Rounding of either way: 240 sums of 240 terms of at most 100.
                assert!(
                    (iterated.values[k] - values[k]).abs() < 1e-11,
                    "{} is not {}",
                    iterated.values[k],
                    values[k]
                );
                assert!((whole.values[k] - values[k]).abs() < 1e-11);
                // Davis and Kahan: a residual of 1e-11 turns an eigenvector by 1e-11 over its gap of 0.01 at least.
                for (a, b) in iterated.vectors[k].iter().zip(&whole.vectors[k]) {
                    assert!((a - b).abs() < 4e-9, "vector {k}: {a} and {b}");
                }
                let largest = iterated.vectors[k]
                    .iter()
                    .fold(0.0_f64, |so_far, x| if x.abs() > so_far.abs() { *x } else { so_far });
                assert!(largest > 0.0);
            }
        }
    }

    #[test]
    fn threads_change_no_bit() {
        let values: Vec<f64> = (0..200).map(|k| 1.0 / f64::from(1 + k * k)).collect();
        let matrix = with_spectrum(&values, 9);
        let found = [1, 2, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| iterate(&matrix, 4)).unwrap().vectors
        });
        assert!(found[0] == found[1] && found[1] == found[2]);
    }

    /// A spectrum that falls too slowly, and a subspace that would be most of the space, are left to the other way.
    #[test]
    fn what_does_not_converge_is_no_answer() {
        let values: Vec<f64> = (0..200).map(|k| 1.0 - 1e-6 * f64::from(k)).collect();
        assert!(iterate(&with_spectrum(&values, 4), 3).is_none());
        assert!(iterate(&DMatrix::identity(100, 100), 3).is_none());
        assert_eq!(leading(DMatrix::identity(3, 3), 2).values, [1.0, 1.0]);
    }
}
