//! Why a task failed: kept beside it until someone asks for another try.

use super::files::is_file;
use super::names::FileKind;
use super::store::Store;
use glassbox_simulations::protocol::RecordError;
use glassbox_trajectories::{input, whole_file::write_whole};
use serde::{Deserialize, Serialize};

/// A failed task. Only tasks that cannot be done fail: a full disk or a process that is killed leaves a task undone, and a
/// network that diverges is a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened.
    pub reason: String,
    /// Machine where it happened.
    pub host: String,
}

/// Bytes of the file of a failure, at most: a reason is a sentence.
const MOST_BYTES: u64 = 1 << 20;

impl Store {
    /// Keeps the reason why a task failed.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn fail(&self, identifier: &str, failure: &Failure) -> Result<(), RecordError> {
        let path = self.place(identifier, FileKind::Failure)?;
        Ok(write_whole(&path, &serde_json::to_vec(failure).unwrap_or_default())?)
    }

    /// Why a task failed; `None` if it did not.
    #[must_use]
    pub fn failure(&self, identifier: &str) -> Option<Failure> {
        let path = self.file(identifier, FileKind::Failure);
        if !is_file(&path).ok()? {
            return None;
        }
        let text = input::read(&path, MOST_BYTES).unwrap_or_default();
        Some(serde_json::from_slice(&text).unwrap_or_else(|_| Failure {
            reason: "the file that says why cannot be read".to_owned(),
            host: "unknown".to_owned(),
        }))
    }

    /// Forgets that a task failed, so that it is tried again.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn retry(&self, identifier: &str) -> Result<(), RecordError> {
        self.forget(identifier, FileKind::Failure)
    }
}
