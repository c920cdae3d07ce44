//! From raw IDX files to a prepared data set.

use super::principal_components::project;
use super::{Dataset, DatasetError, idx, prepared_file};
use std::path::Path;

/// A prepared data set with what there is to say about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// Scores and parity labels.
    pub dataset: Dataset,
    /// Share of the variance of all standardised pixels that each component explains.
    pub explained_variance_ratio: Vec<f64>,
}

/// Reads raw images and labels (IDX, plain or gzip), standardises every pixel, and projects on the first `components`
/// principal components. Labels are +1 for even digits and −1 for odd ones. The same bits on every run and with any
/// number of threads.
///
/// # Errors
/// [`DatasetError`] for files that cannot be read or are malformed, or that do not belong together.
pub fn prepare(images: &Path, labels: &Path, components: usize) -> Result<Prepared, DatasetError> {
    let pixels = idx::read_images(images)?;
    let digits = idx::read_labels(labels)?;
    let malformed = |problem| DatasetError::Malformed { path: labels.to_owned(), problem };
    if digits.len() != pixels.count {
        let (found, expected) = (digits.len(), pixels.count);
        return Err(malformed(format!("has {found} labels; the images are {expected}")));
    }
    if let Some(index) = digits.iter().position(|digit| *digit > 9) {
        return Err(malformed(format!("label {index} is {}; digits are 0 to 9", digits[index])));
    }
    let scores = project(&pixels, components)?;
    let parity = digits.iter().map(|digit| if digit % 2 == 0 { 1.0 } else { -1.0 }).collect();
    Ok(Prepared {
        dataset: Dataset::new(scores.scores, parity, components)?,
        explained_variance_ratio: scores.explained_variance_ratio,
    })
}

impl Prepared {
    /// Writes the data set to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`DatasetError::File`] where the file system refuses; an existing file is left as it was.
    pub fn write(&self, path: &Path) -> Result<(), DatasetError> {
        prepared_file::write(&self.dataset, path)
    }
}
