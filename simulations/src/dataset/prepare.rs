//! From raw files to a prepared data set.

use super::images::{Images, parity};
use super::principal_components::project;
use super::{Dataset, DatasetError, cifar, idx, prepared_file};
use std::path::{Path, PathBuf};

/// A prepared data set with what there is to say about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// Scores and parity labels.
    pub dataset: Dataset,
    /// Share of the variance of all standardised pixels that each component explains.
    pub explained_variance_ratio: Vec<f64>,
}

/// Reads the raw images and labels of MNIST or Fashion-MNIST (IDX, plain or gzip), standardises every pixel, and projects
/// on the first `components` principal components, not whitened. Labels are +1 for even classes (of MNIST: even digits)
/// and −1 for odd ones. The same bits on every run and with any number of threads.
///
/// # Errors
/// [`DatasetError`] for files that cannot be read or are malformed, or that do not belong together, and for a number of
/// components that is 0 or above the number of pixels that vary.
pub fn prepare(images: &Path, labels: &Path, components: usize) -> Result<Prepared, DatasetError> {
    let pixels = idx::read_images(images)?;
    let classes = idx::read_labels(labels)?;
    let malformed = |problem| DatasetError::Malformed { path: labels.to_owned(), problem };
    if classes.len() != pixels.count {
        let (found, expected) = (classes.len(), pixels.count);
        return Err(malformed(format!("has {found} labels; the images are {expected}")));
    }
    let labels = parity(&classes).map_err(malformed)?;
    Prepared::new(&pixels, labels, components)
}

/// The same from the binary batches of CIFAR-10 (rows of a class and 3,072 pixels, plain or gzip), in the order given.
/// Labels are +1 for even classes (airplane, bird, deer, frog, ship) and −1 for odd ones (automobile, cat, dog, horse,
/// truck).
///
/// # Errors
/// [`DatasetError`] for no batches, batches that cannot be read or are malformed, a batch given twice, and a number of
/// components that is 0 or above the number of pixels that vary.
pub fn prepare_cifar(batches: &[PathBuf], components: usize) -> Result<Prepared, DatasetError> {
    let (pixels, classes) = cifar::read_batches(batches)?;
    if batches.is_empty() {
        return Err(DatasetError::Shape { samples: 0, input_dimension: pixels.pixels_an_image });
    }
    let mut labels = Vec::with_capacity(pixels.count);
    for (path, classes) in batches.iter().zip(&classes) {
        labels.extend(
            parity(classes).map_err(|problem| DatasetError::Malformed { path: path.clone(), problem })?,
        );
    }
    Prepared::new(&pixels, labels, components)
}

impl Prepared {
    fn new(images: &Images, labels: Vec<f32>, components: usize) -> Result<Self, DatasetError> {
        let scores = project(images, components)?;
        Ok(Self {
            dataset: Dataset::new(scores.scores, labels, components)?,
            explained_variance_ratio: scores.explained_variance_ratio,
        })
    }

    /// Writes the data set to `path`, whole or not at all.
    ///
    /// # Errors
    /// [`DatasetError::File`] where the file system refuses; an existing file is left as it was.
    pub fn write(&self, path: &Path) -> Result<(), DatasetError> {
        prepared_file::write_prepared(&self.dataset, path)
    }
}
