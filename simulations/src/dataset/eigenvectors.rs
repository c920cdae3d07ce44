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
