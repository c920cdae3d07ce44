//! Results by content: one file a task, named by its identifier.

use glassbox_simulations::protocol::{Record, RecordError, Task};
use std::path::{Path, PathBuf};

/// A folder of records (`quench-….safetensors`, `trajectory-….safetensors`, `sweep-….safetensors`) and checkpoints
/// (`….checkpoint`).
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store in `folder`, made if it is not there.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn open(folder: &Path) -> Result<Self, RecordError> {
        std::fs::create_dir_all(folder).map_err(|source| RecordError::File {
            action: "make",
            path: folder.to_owned(),
            source,
        })?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The file of a task's record.
    #[must_use]
    pub fn path(&self, task: &Task) -> PathBuf {
        self.folder.join(format!("{}.safetensors", task.identifier()))
    }

    /// The file of an unfinished task.
    #[must_use]
    pub fn checkpoint(&self, task: &Task) -> PathBuf {
        self.folder.join(format!("{}.checkpoint", task.identifier()))
    }

    /// Whether a task is finished.
    #[must_use]
    pub fn has(&self, task: &Task) -> bool {
        self.path(task).exists()
    }

    /// The record of a finished task.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn read(&self, task: &Task) -> Result<Record, RecordError> {
        Record::read(&self.path(task))
    }

    /// Keeps a record and forgets the checkpoint.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn write(&self, task: &Task, record: &Record) -> Result<(), RecordError> {
        record.write(&self.path(task), &serde_json::to_string(task).unwrap_or_default())?;
        // A checkpoint that stays behind costs space only; the record is what counts.
        let _ = std::fs::remove_file(self.checkpoint(task));
        Ok(())
    }
}
