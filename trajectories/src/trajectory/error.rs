//! Why a file is not a trajectory, or what is wrong with the run in it.

use crate::npz::ArchiveError;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What is wrong with which file, and what is allowed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrajectoryError {
    /// A file that cannot be read, or does not hold a trajectory.
    #[error("{}: {reason}", file.display())]
    Refused {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, and what is allowed.
        reason: String,
    },
    /// A number of the run that is NaN or infinite: a fact about the run, in a file that is sound.
    #[error(
        "{}: the {what} are {value} at replica {replica}, step {step}, weight {weight}; they must be finite",
        file.display()
    )]
    NotFinite {
        /// The file.
        file: PathBuf,
        /// "weights" or "gradients".
        what: &'static str,
        /// Number of the replica, from 0.
        replica: usize,
        /// The step.
        step: u64,
        /// Number of the weight in its frame, from 0.
        weight: usize,
        /// NaN or an infinity.
        value: f64,
    },
}

impl TrajectoryError {
    pub(super) fn new(file: &Path, reason: impl Into<String>) -> Self {
        Self::Refused { file: file.to_owned(), reason: reason.into() }
    }

    /// A failure of the system or of a library while something was being done.
    pub(super) fn while_doing(file: &Path, what: &str, error: impl Display) -> Self {
        Self::new(file, format!("{what}: {error}"))
    }

    /// The file it is about.
    #[must_use]
    pub fn file(&self) -> &Path {
        match self {
            Self::Refused { file, .. } | Self::NotFinite { file, .. } => file,
        }
    }
}

impl From<ArchiveError> for TrajectoryError {
    fn from(ArchiveError { file, reason }: ArchiveError) -> Self {
        Self::Refused { file, reason }
    }
}
