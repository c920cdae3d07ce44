//! Why a task failed: kept beside it until someone asks for another try.

use super::store::{FileKind, Store, remove};
use crate::protocol::RecordError;
use glassbox_trajectories::whole_file::write_whole;
use serde::{Deserialize, Serialize};
use std::fs;

/// A failed task. Only tasks that cannot be done fail: a full disk or a process that is killed leaves a task undone, and a
/// network that diverges is a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What happened.
    pub reason: String,
    /// Machine where it happened.
    pub host: String,
}

impl Store {
    /// Keeps the reason why a task failed.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn fail(&self, identifier: &str, failure: &Failure) -> Result<(), RecordError> {
        self.make_room(identifier)?;
        let path = self.file(identifier, FileKind::Failure);
        Ok(write_whole(&path, &serde_json::to_vec(failure).unwrap_or_default())?)
    }

    /// Why a task failed; `None` if it did not.
    #[must_use]
    pub fn failure(&self, identifier: &str) -> Option<Failure> {
        let text = fs::read(self.file(identifier, FileKind::Failure)).ok()?;
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
        remove(&self.file(identifier, FileKind::Failure))
    }
}
