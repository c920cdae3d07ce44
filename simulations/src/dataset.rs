//! Data sets: real MNIST and CIFAR-10, ready to use, and the way from the raw files to them.

mod cifar;
mod correlation;
mod eigenvectors;
mod idx;
mod images;
mod prepare;
mod prepared_file;
mod principal_components;
mod raw_file;

pub use prepare::{Prepared, prepare, prepare_cifar};
pub use prepared_file::{read_prepared, write_prepared};

use crate::noise::{NoiseStream, Purpose};
use std::path::PathBuf;
use thiserror::Error;

/// Inputs and labels ±1.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    inputs: Vec<f32>,
    labels: Vec<f32>,
    input_dimension: usize,
}

/// The MNIST training set: 60,000 images, standardised pixels projected on the first 10 principal components (not
/// whitened), label +1 for even digits and −1 for odd ones. Embedded; its terms are in the crate `glassbox-data`.
///
/// ```
/// let mnist = glassbox_simulations::dataset::mnist()?;
/// assert_eq!((mnist.sample_count(), mnist.input_dimension()), (60_000, 10));
/// # Ok::<(), glassbox_simulations::dataset::DatasetError>(())
/// ```
///
/// # Errors
/// [`DatasetError`] if the embedded file is damaged.
pub fn mnist() -> Result<Dataset, DatasetError> {
    prepared_file::parse(glassbox_data::MNIST, "embedded MNIST".as_ref())
}

/// The CIFAR-10 training set: 50,000 images, standardised pixels (in three colours) projected on the first 10 principal
/// components (not whitened), label +1 for even classes (airplane, bird, deer, frog, ship) and −1 for odd ones
/// (automobile, cat, dog, horse, truck). Embedded; its terms are in the crate `glassbox-data`.
///
/// ```
/// let cifar10 = glassbox_simulations::dataset::cifar10()?;
/// assert_eq!((cifar10.sample_count(), cifar10.input_dimension()), (50_000, 10));
/// # Ok::<(), glassbox_simulations::dataset::DatasetError>(())
/// ```
///
/// # Errors
/// [`DatasetError`] if the embedded file is damaged.
pub fn cifar10() -> Result<Dataset, DatasetError> {
    prepared_file::parse(glassbox_data::CIFAR10, "embedded CIFAR-10".as_ref())
}

impl Dataset {
    /// A data set of `inputs`, row-major (samples × `input_dimension`), and as many `labels`.
    ///
    /// # Errors
    /// [`DatasetError`] for no samples, lengths that do not fit, inputs that are not finite, labels other than ±1.
    pub fn new(inputs: Vec<f32>, labels: Vec<f32>, input_dimension: usize) -> Result<Self, DatasetError> {
        if labels.is_empty() || input_dimension == 0 || u32::try_from(labels.len()).is_err() {
            return Err(DatasetError::Shape { samples: labels.len(), input_dimension });
        }
        if Some(inputs.len()) != labels.len().checked_mul(input_dimension) {
            return Err(DatasetError::Lengths {
                inputs: inputs.len(),
                labels: labels.len(),
                input_dimension,
            });
        }
        if let Some(index) = inputs.iter().position(|value| !value.is_finite()) {
            return Err(DatasetError::Input { sample: index / input_dimension, value: inputs[index] });
        }
        if let Some(sample) = labels.iter().position(|label| label.abs() != 1.0) {
            return Err(DatasetError::Label { sample, value: labels[sample] });
        }
        Ok(Self { inputs, labels, input_dimension })
    }

    /// Inputs, sample after sample.
    #[must_use]
    pub fn inputs(&self) -> &[f32] {
        &self.inputs
    }

    /// Labels, ±1.
    #[must_use]
    pub fn labels(&self) -> &[f32] {
        &self.labels
    }

    /// Number of samples P_D.
    #[must_use]
    pub fn sample_count(&self) -> usize {
        self.labels.len()
    }

    /// Inputs of a sample.
    #[must_use]
    pub fn input_dimension(&self) -> usize {
        self.input_dimension
    }

    /// A random subset of `count` samples, half of each label (+1 has the odd one), in the order of the data set. A
    /// pure function of the data set, `count` and `seed`.
    ///
    /// # Errors
    /// [`DatasetError::Subset`] for count 0 or more than a label has.
    pub fn subset(&self, count: usize, seed: u64) -> Result<Self, DatasetError> {
        let mut wanted = [count.div_ceil(2), count / 2];
        let positive = self.labels.iter().filter(|label| **label > 0.0).count();
        let available = [positive, self.sample_count() - positive];
        if count == 0 || wanted[0] > available[0] || wanted[1] > available[1] {
            return Err(DatasetError::Subset { count, positive, negative: available[1] });
        }
        #[allow(clippy::cast_possible_truncation, reason = "the constructor holds the count below 2^32")]
        let length = self.sample_count() as u32;
        let mut chosen = Vec::with_capacity(count);
        for sample in NoiseStream::new(seed, Purpose::Subset, 0).permutation(0, length) {
            let class = usize::from(self.labels[sample as usize] < 0.0);
            if wanted[class] > 0 {
                wanted[class] -= 1;
                chosen.push(sample as usize);
            }
        }
        chosen.sort_unstable();
        let d = self.input_dimension;
        Ok(Self {
            inputs: chosen
                .iter()
                .flat_map(|sample| self.inputs[sample * d..(sample + 1) * d].to_vec())
                .collect(),
            labels: chosen.iter().map(|sample| self.labels[*sample]).collect(),
            input_dimension: d,
        })
    }
}

/// Data that cannot be used.
#[derive(Debug, Error)]
pub enum DatasetError {
    /// No samples, no inputs, or more samples than 32 bits can count.
    #[error(
        "a data set of {samples} samples of {input_dimension} inputs; both must be at least 1, samples below 2^32"
    )]
    Shape {
        /// Samples given.
        samples: usize,
        /// Inputs a sample.
        input_dimension: usize,
    },
    /// Inputs and labels that do not fit together.
    #[error("{inputs} inputs and {labels} labels; there must be {input_dimension} inputs for each label")]
    Lengths {
        /// Inputs given.
        inputs: usize,
        /// Labels given.
        labels: usize,
        /// Inputs a sample.
        input_dimension: usize,
    },
    /// An input that is NaN or infinite.
    #[error("an input of sample {sample} is {value}; it must be finite")]
    Input {
        /// The sample.
        sample: usize,
        /// The input.
        value: f32,
    },
    /// A label that is not ±1.
    #[error("the label of sample {sample} is {value}; it must be 1 or -1")]
    Label {
        /// The sample.
        sample: usize,
        /// The label.
        value: f32,
    },
    /// A subset that the data set does not have.
    #[error(
        "a subset of {count} samples; it must be at least 1 with at most {positive} of label +1 and {negative} of label -1"
    )]
    Subset {
        /// Samples asked for.
        count: usize,
        /// Samples of label +1.
        positive: usize,
        /// Samples of label −1.
        negative: usize,
    },
    /// A number of principal components that the data cannot have.
    #[error("{components} principal components; it must be at least 1 and at most {largest}")]
    Components {
        /// Components asked for.
        components: usize,
        /// Pixels that vary.
        largest: usize,
    },
    /// More than fits into memory.
    #[error(
        "{what} take {gigabytes:.1} GB, which this process cannot have. Take fewer or smaller images, or fewer components"
    )]
    Memory {
        /// What is to be held.
        what: &'static str,
        /// Its size.
        gigabytes: f64,
    },
    /// A file that is not what it should be.
    #[error("{path}: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what is allowed.
        problem: String,
    },
    /// A file that cannot be read or written.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
}

impl DatasetError {
    /// The refusal of so many numbers of `size` bytes.
    fn too_many(what: &'static str, count: usize, size: usize) -> Self {
        Self::Memory { what, gigabytes: count as f64 * size as f64 / 1e9 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bad_data_are_named() {
        let message = |inputs: &[f32], labels: &[f32]| {
            Dataset::new(inputs.to_vec(), labels.to_vec(), 2).unwrap_err().to_string()
        };
        assert_eq!(message(&[1.0], &[1.0]), "1 inputs and 1 labels; there must be 2 inputs for each label");
        assert_eq!(message(&[1.0, f32::NAN], &[1.0]), "an input of sample 0 is NaN; it must be finite");
        assert_eq!(message(&[1.0, 2.0], &[0.0]), "the label of sample 0 is 0; it must be 1 or -1");
        assert!(Dataset::new(vec![], vec![], 2).is_err());
    }

    proptest! {
        #[test]
        fn subsets_are_balanced_ordered_and_repeatable(count in 1_usize..40, seed in any::<u64>()) {
            let labels: Vec<f32> = (0..60).map(|i| if i % 3 == 0 { 1.0 } else { -1.0 }).collect();
            let inputs: Vec<f32> = (0..60_u8).map(f32::from).collect();
            let data = Dataset::new(inputs, labels, 1).unwrap();
            let subset = data.subset(count, seed).unwrap();
            prop_assert_eq!(subset.sample_count(), count);
            prop_assert_eq!(subset.labels().iter().filter(|label| **label > 0.0).count(), count.div_ceil(2));
            prop_assert!(subset.inputs().is_sorted() && subset.inputs().windows(2).all(|pair| pair[0] != pair[1]));
            prop_assert_eq!(data.subset(count, seed).unwrap(), subset);
            prop_assert!(data.subset(41, seed).is_err() && data.subset(0, seed).is_err());
        }
    }
}
