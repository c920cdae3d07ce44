//! The correlation matrix of pixels, with the same bits on every run, any number of threads and any machine.
//!
//! All sums over images are exact, so that no order of adding up can change them. Products of pixels are matrix products
//! of a few images in single precision: it holds every whole number up to 2²⁴, and the product of two bytes is at most
//! 255², of which 258 fit below. Double precision, whole up to 2⁵³, adds those up over all images.

use super::images::Images;
use super::raw_file::LARGEST_BODY;
use nalgebra::{DMatrix, DMatrixView};
use rayon::prelude::*;
use std::ops::Range;

/// Images in one product of matrices.
const IMAGES_A_PRODUCT: usize = 256;

const _: () = assert!(IMAGES_A_PRODUCT * 255 * 255 <= 1 << f32::MANTISSA_DIGITS);
const _: () = assert!(LARGEST_BODY * 255 * 255 <= 1 << f64::MANTISSA_DIGITS);

/// Pixels along a side of the blocks that the matrix is made of.
const PIXELS_A_BLOCK: usize = 256;

/// Correlations, and what standardises a pixel.
#[derive(Debug)]
pub(super) struct Correlation {
    /// Mean of each pixel.
    pub(super) mean: Vec<f64>,
    /// Images times the population standard deviation of each pixel; 0 for one that never changes.
    pub(super) deviation: Vec<f64>,
    /// Correlation of each pair of pixels; 0 where one of them never changes.
    pub(super) matrix: DMatrix<f64>,
}

/// Means, deviations and correlations of the pixels of `images`.
pub(super) fn correlation(images: &Images) -> Correlation {
    let width = images.pixels_an_image;
    let (sums, squares) = sums(images);
    let n = images.count as u128;
    // n Σpq − Σp Σq in integers, so that a constant pixel has a variance of exactly 0.
    let covariance = |i: usize, j: usize, products: u64| {
        let (cross, square) = (n * u128::from(products), u128::from(sums[i]) * u128::from(sums[j]));
        if cross >= square { (cross - square) as f64 } else { -((square - cross) as f64) }
    };
    let deviation: Vec<f64> = (0..width).map(|i| covariance(i, i, squares[i]).sqrt()).collect();
    let sides: Vec<Range<usize>> =
        (0..width).step_by(PIXELS_A_BLOCK).map(|start| start..width.min(start + PIXELS_A_BLOCK)).collect();
    let pairs: Vec<(&Range<usize>, &Range<usize>)> = sides
        .iter()
        .enumerate()
        .flat_map(|(first, rows)| sides[first..].iter().map(move |columns| (rows, columns)))
        .collect();
    let blocks: Vec<DMatrix<f64>> = pairs
        .par_iter()
        .map(|(rows, columns)| {
            let products = products(images, rows, columns);
            DMatrix::from_fn(rows.len(), columns.len(), |row, column| {
                let (i, j) = (rows.start + row, columns.start + column);
                let scale = deviation[i] * deviation[j];
                if scale > 0.0 { covariance(i, j, whole(products[(row, column)])) / scale } else { 0.0 }
            })
        })
        .collect();
    let mut matrix = DMatrix::zeros(width, width);
    for ((rows, columns), block) in pairs.iter().zip(&blocks) {
        for (column, j) in (*columns).clone().enumerate() {
            for (row, i) in (*rows).clone().enumerate() {
                matrix[(i, j)] = block[(row, column)];
                matrix[(j, i)] = block[(row, column)];
            }
        }
    }
    let mean = sums.iter().map(|sum| *sum as f64 / images.count as f64).collect();
    Correlation { mean, deviation, matrix }
}

/// Σ p_i and Σ p_i² over all images.
fn sums(images: &Images) -> (Vec<u64>, Vec<u64>) {
    let width = images.pixels_an_image;
    let none = || (vec![0_u64; width], vec![0_u64; width]);
    images
        .pixels
        .par_chunks(width)
        .fold(none, |(mut sums, mut squares), image| {
            for (pixel, (sum, square)) in image.iter().zip(sums.iter_mut().zip(&mut squares)) {
                *sum += u64::from(*pixel);
                *square += u64::from(*pixel) * u64::from(*pixel);
            }
            (sums, squares)
        })
        .reduce(none, |mut left, right| {
            left.0.iter_mut().zip(&right.0).for_each(|(sum, part)| *sum += part);
            left.1.iter_mut().zip(&right.1).for_each(|(sum, part)| *sum += part);
            left
        })
}

/// Σ p_i p_j over all images, for i in `rows` and j in `columns`.
fn products(images: &Images, rows: &Range<usize>, columns: &Range<usize>) -> DMatrix<f64> {
    let width = images.pixels_an_image;
    let mut total = DMatrix::<f64>::zeros(rows.len(), columns.len());
    for few in images.pixels.chunks(width * IMAGES_A_PRODUCT) {
        let count = few.len() / width;
        let (left, right) = (singles(few, width, rows), singles(few, width, columns));
        let left = DMatrixView::from_slice(&left, rows.len(), count);
        // An image a row: as it lies in memory, without transposing it.
        let right = DMatrixView::from_slice_with_strides(&right, count, columns.len(), columns.len(), 1);
        let product = left * right;
        total.iter_mut().zip(product.iter()).for_each(|(sum, part)| *sum += f64::from(*part));
    }
    total
}

/// The pixels of `range` in single precision, image after image.
fn singles(images: &[u8], width: usize, range: &Range<usize>) -> Vec<f32> {
    let mut singles = Vec::with_capacity(images.len() / width * range.len());
    for image in images.chunks_exact(width) {
        singles.extend(image[range.clone()].iter().map(|pixel| f32::from(*pixel)));
    }
    singles
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sum of products of bytes: whole, not negative, and below 2^53"
)]
fn whole(sum: f64) -> u64 {
    sum as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More images than one product takes and more pixels than a block has, some of them at the largest value: the
    /// sums must be those of integers.
    #[test]
    fn products_are_those_of_integers() {
        let (count, width) = (2 * IMAGES_A_PRODUCT + 7, PIXELS_A_BLOCK + 5);
        let pixels: Vec<u8> = (0..count * width)
            .map(|index| match index % width {
                0 | 260 => 255,
                pixel => u8::try_from((index / width * 31 + pixel * pixel * 7 + index % 11) % 256).unwrap(),
            })
            .collect();
        let images = Images { pixels, count, pixels_an_image: width };
        let found = products(&images, &(0..width), &(0..width));
        for i in 0..width {
            for j in [0, 1, i, width - 1] {
                let expected: u64 = (0..count)
                    .map(|image| {
                        let pixel = |k: usize| u64::from(images.pixels[image * width + k]);
                        pixel(i) * pixel(j)
                    })
                    .sum();
                assert_eq!(whole(found[(i, j)]), expected, "pixels {i} and {j}");
            }
        }
        let correlation = correlation(&images);
        assert_eq!(correlation.matrix, correlation.matrix.transpose());
        // The constant pixels correlate with nothing, the others with themselves.
        for i in 0..width {
            let expected = if i == 0 || i == 260 { 0.0 } else { 1.0 };
            assert!((correlation.matrix[(i, i)] - expected).abs() < 1e-14, "pixel {i}");
            assert_eq!(correlation.deviation[i] > 0.0, expected > 0.0, "pixel {i}");
        }
    }
}
