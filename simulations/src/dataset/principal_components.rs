//! Standardised pixels and their principal components, with the same bits on every run.
//!
//! All sums over samples are sums of products of bytes, exact in integers: neither order nor threads can change them.

use super::DatasetError;
use super::idx::Images;
use nalgebra::{DMatrix, SymmetricEigen};
use rayon::prelude::*;

/// Scores of all images on the leading components.
#[derive(Debug)]
pub(super) struct Scores {
    /// Row-major (images × components).
    pub(super) scores: Vec<f32>,
    /// Share of the total variance that each component explains.
    pub(super) explained_variance_ratio: Vec<f64>,
}

/// Images that one task adds up.
const IMAGES_A_TASK: usize = 2048;

/// Standardises every pixel (mean 0, population standard deviation 1; constant pixels stay 0) and projects on the first
/// `components` eigenvectors of the correlation matrix, not whitened. An eigenvector's largest component is positive.
pub(super) fn project(images: &Images, components: usize) -> Result<Scores, DatasetError> {
    let width = images.pixels_an_image;
    let (sums, products) = sums(images);
    let count = images.count as f64;
    let mean: Vec<f64> = sums.iter().map(|sum| *sum as f64 / count).collect();
    // n Σp² − (Σp)² in integers, so that a constant pixel has a variance of exactly 0.
    let n = images.count as u128;
    let covariance = |i: usize, j: usize| {
        let (cross, square) =
            (n * u128::from(products[i * width + j]), u128::from(sums[i]) * u128::from(sums[j]));
        if cross >= square { (cross - square) as f64 } else { -((square - cross) as f64) }
    };
    let deviation: Vec<f64> = (0..width).map(|i| covariance(i, i).sqrt()).collect();
    let varying = deviation.iter().filter(|deviation| **deviation > 0.0).count();
    if components == 0 || components > varying {
        return Err(DatasetError::Components { components, largest: varying });
    }
    let correlation = DMatrix::from_fn(width, width, |i, j| {
        let scale = deviation[i] * deviation[j];
        if scale > 0.0 { covariance(i.min(j), i.max(j)) / scale } else { 0.0 }
    });
    let eigen = SymmetricEigen::new(correlation);
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let directions: Vec<Vec<f64>> = order[..components]
        .iter()
        .map(|index| {
            let direction: Vec<f64> = eigen.eigenvectors.column(*index).iter().copied().collect();
            let largest =
                direction.iter().fold(0.0_f64, |so_far, x| if x.abs() > so_far.abs() { *x } else { so_far });
            direction.iter().map(|x| x * largest.signum()).collect()
        })
        .collect();
    // A standardised pixel is (p − mean) n / deviation, deviation being n times the standard deviation.
    let scale: Vec<f64> =
        deviation.iter().map(|deviation| if *deviation > 0.0 { count / deviation } else { 0.0 }).collect();
    let scores = images
        .pixels
        .par_chunks(width)
        .flat_map_iter(|image| {
            let standardised: Vec<f64> = image
                .iter()
                .zip(&mean)
                .zip(&scale)
                .map(|((p, mean), scale)| (f64::from(*p) - mean) * scale)
                .collect();
            directions
                .iter()
                .map(move |direction| direction.iter().zip(&standardised).map(|(d, x)| d * x).sum::<f64>())
                .map(single)
                .collect::<Vec<f32>>()
        })
        .collect();
    let explained =
        order[..components].iter().map(|index| eigen.eigenvalues[*index] / varying as f64).collect();
    Ok(Scores { scores, explained_variance_ratio: explained })
}

#[allow(clippy::cast_possible_truncation, reason = "scores are kept in single precision, as the paper does")]
fn single(value: f64) -> f32 {
    value as f32
}

/// Σ p_i and Σ p_i p_j (upper triangle, i ≤ j) over all images.
fn sums(images: &Images) -> (Vec<u64>, Vec<u64>) {
    let width = images.pixels_an_image;
    images
        .pixels
        .par_chunks(width * IMAGES_A_TASK)
        .map(|block| {
            let (mut sums, mut products) = (vec![0_u64; width], vec![0_u64; width * width]);
            // 2,048 products of two bytes fit 32 bits, which the compiler adds up faster than 64.
            let mut row = vec![0_u32; width];
            let columns: Vec<Vec<u8>> =
                (0..width).map(|i| block.iter().skip(i).step_by(width).copied().collect()).collect();
            for i in 0..width {
                sums[i] = columns[i].iter().map(|p| u64::from(*p)).sum();
                row.fill(0);
                if sums[i] == 0 {
                    continue;
                }
                for j in i..width {
                    row[j] =
                        columns[i].iter().zip(&columns[j]).map(|(p, q)| u32::from(*p) * u32::from(*q)).sum();
                }
                products[i * width..(i + 1) * width].iter_mut().zip(&row).for_each(|(sum, part)| {
                    *sum = u64::from(*part);
                });
            }
            (sums, products)
        })
        .reduce(
            || (vec![0; width], vec![0; width * width]),
            |mut left, right| {
                left.0.iter_mut().zip(&right.0).for_each(|(sum, part)| *sum += part);
                left.1.iter_mut().zip(&right.1).for_each(|(sum, part)| *sum += part);
                left
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn two_correlated_pixels_by_hand() {
        // Pixels (0,0), (2,4), (4,2), (6,6) and a constant third: standard deviations √5, √5; covariance 4, so the
        // correlation is 0.8, the eigenvalues 1.8 and 0.2, and the first direction (1, 1)/√2.
        let pixels = vec![0, 0, 9, 2, 4, 9, 4, 2, 9, 6, 6, 9];
        let images = Images { pixels, count: 4, pixels_an_image: 3 };
        let result = project(&images, 1).unwrap();
        assert_relative_eq!(result.explained_variance_ratio[0], 0.9, max_relative = 1e-14);
        let expected = [-6.0, 0.0, 0.0, 6.0].map(|sum: f64| sum / 10.0_f64.sqrt());
        for (score, expected) in result.scores.iter().zip(expected) {
            assert_relative_eq!(f64::from(*score), expected, epsilon = 1e-6);
        }
        assert_eq!(
            project(&images, 3).unwrap_err().to_string(),
            "3 principal components; it must be at least 1 and at most 2"
        );
    }
}
