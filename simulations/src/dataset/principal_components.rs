//! Standardised pixels and their principal components.

use super::DatasetError;
use super::correlation::{Correlation, correlation};
use super::eigenvectors::leading;
use super::images::Images;
use rayon::prelude::*;

/// Scores of all images on the leading components.
#[derive(Debug)]
pub(super) struct Scores {
    /// Row-major (images × components).
    pub(super) scores: Vec<f32>,
    /// Share of the total variance that each component explains.
    pub(super) explained_variance_ratio: Vec<f64>,
}

/// Standardises every pixel (mean 0, population standard deviation 1; constant pixels stay 0) and projects on the first
/// `components` eigenvectors of the correlation matrix, not whitened. An eigenvector's largest component is positive.
pub(super) fn project(images: &Images, components: usize) -> Result<Scores, DatasetError> {
    let width = images.pixels_an_image;
    let count = images.count as f64;
    // The matrix, and the blocks that it is made from: asked for once to see whether they can be had.
    let pairs = width.saturating_mul(width).saturating_mul(2);
    let refused =
        |_| DatasetError::too_many("the correlations of all pairs of pixels", pairs, size_of::<f64>());
    Vec::<f64>::new().try_reserve_exact(pairs).map_err(refused)?;
    let Correlation { mean, deviation, matrix } = correlation(images);
    let varying = deviation.iter().filter(|deviation| **deviation > 0.0).count();
    if components == 0 || components > varying {
        return Err(DatasetError::Components { components, largest: varying });
    }
    let leading = leading(matrix, components);
    // A standardised pixel is (p − mean) n / deviation, deviation being n times the standard deviation.
    let scale: Vec<f64> =
        deviation.iter().map(|deviation| if *deviation > 0.0 { count / deviation } else { 0.0 }).collect();
    let mut scores = Vec::new();
    // Of many small images there are more scores than pixels.
    let length = images.count.saturating_mul(components);
    let refused = |_| DatasetError::too_many("the scores of the images", length, size_of::<f32>());
    scores.try_reserve_exact(length).map_err(refused)?;
    scores.resize(length, 0.0);
    scores.par_chunks_mut(components).zip(images.pixels.par_chunks(width)).for_each(|(scores, image)| {
        let standardised: Vec<f64> = image
            .iter()
            .zip(&mean)
            .zip(&scale)
            .map(|((p, mean), scale)| (f64::from(*p) - mean) * scale)
            .collect();
        for (score, direction) in scores.iter_mut().zip(&leading.vectors) {
            *score = single(direction.iter().zip(&standardised).map(|(d, x)| d * x).sum::<f64>());
        }
    });
    let explained = leading.values.iter().map(|value| value / varying as f64).collect();
    Ok(Scores { scores, explained_variance_ratio: explained })
}

#[allow(clippy::cast_possible_truncation, reason = "scores are kept in single precision, as the paper does")]
fn single(value: f64) -> f32 {
    value as f32
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
