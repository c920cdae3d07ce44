//! Why a file is no trajectory.

use crate::npz::ArchiveError;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What is wrong with which file, and what is allowed.
#[derive(Debug, Error)]
#[error("{}: {reason}", file.display())]
pub struct TrajectoryError {
    file: PathBuf,
    reason: String,
}

impl TrajectoryError {
    pub(super) fn new(file: &Path, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), reason: reason.into() }
    }

    /// A failure of the system or of a library while something was being done.
    pub(super) fn while_doing(file: &Path, what: &str, error: impl Display) -> Self {
        Self::new(file, format!("{what}: {error}"))
    }

    /// The file it is about.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl From<ArchiveError> for TrajectoryError {
    fn from(ArchiveError { file, reason }: ArchiveError) -> Self {
        Self { file, reason }
    }
}
