//! The data sets of tasks, each subset made once.

use glassbox_simulations::dataset::{self, Dataset, DatasetError};
use glassbox_simulations::protocol::{DataSource, Problem};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use thiserror::Error;

/// A data set of one's own, and its digest.
#[derive(Clone, Debug)]
pub struct OwnData {
    dataset: Dataset,
    digest: String,
}

impl OwnData {
    /// Any data set.
    #[must_use]
    pub fn new(dataset: Dataset) -> Self {
        let mut hash = Sha256::new();
        for value in dataset.inputs().iter().chain(dataset.labels()) {
            hash.update(value.to_le_bytes());
        }
        let digest = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { dataset, digest }
    }

    /// Hexadecimal digest of inputs and labels.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The data.
    #[must_use]
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }
}

/// Why a task's samples cannot be had.
#[derive(Debug, Error)]
pub enum SamplesError {
    /// The data set or the subset.
    #[error("{0}")]
    Dataset(#[from] DatasetError),
    /// A task asks for data of one's own, and there are none.
    #[error("data = \"own\": {0}")]
    NoOwnData(String),
    /// A task asks for other data than were given.
    #[error("data = \"own\": the data have the digest {given}; the task was planned with {needed}")]
    OtherData {
        /// Digest that the task has.
        needed: String,
        /// Digest of the data.
        given: String,
    },
}

/// What decides a subset: data, size and seed.
type Key = (String, usize, u64);

/// The data sets that tasks ask for.
#[derive(Debug)]
pub struct Samples {
    own: Result<OwnData, String>,
    made: Mutex<HashMap<Key, Arc<Dataset>>>,
}

impl Samples {
    /// The embedded data and perhaps one's own.
    #[must_use]
    pub fn new(own: Option<OwnData>) -> Self {
        let own = own.ok_or_else(|| "there is no file of data; give it with --data FILE".to_owned());
        Self { own, made: Mutex::default() }
    }

    /// The embedded data; tasks that need others fail, with the reason why there are none.
    #[must_use]
    pub fn without_own(reason: String) -> Self {
        Self { own: Err(reason), made: Mutex::default() }
    }

    /// The samples of a problem.
    ///
    /// # Errors
    /// [`SamplesError`].
    pub fn of(&self, problem: &Problem) -> Result<Arc<Dataset>, SamplesError> {
        let key = (format!("{:?}", problem.data), problem.samples, problem.subset_seed);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dataset) = made.get(&key) {
            return Ok(Arc::clone(dataset));
        }
        let whole = match &problem.data {
            DataSource::Mnist => dataset::mnist()?,
            DataSource::Cifar10 => dataset::cifar10()?,
            DataSource::Own { digest } => {
                let own = self.own.as_ref().map_err(|why| SamplesError::NoOwnData(why.clone()))?;
                if own.digest != *digest {
                    let (needed, given) = (digest.clone(), own.digest.clone());
                    return Err(SamplesError::OtherData { needed, given });
                }
                own.dataset.clone()
            }
        };
        let all = problem.samples == whole.sample_count();
        let subset =
            Arc::new(if all { whole } else { whole.subset(problem.samples, problem.subset_seed)? });
        made.insert(key, Arc::clone(&subset));
        Ok(subset)
    }
}
