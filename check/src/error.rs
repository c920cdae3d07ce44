//! Why a trajectory cannot be examined.

use super::source::SourceError;
use glassbox_oracle::OracleError;
use glassbox_oracle::inference::InferenceError;
use glassbox_oracle::verdict::VerdictError;
use glassbox_reports::ReportError;
use thiserror::Error;

/// Input from which nothing can be concluded. It never becomes a pass.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExaminationError {
    /// The trajectory cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Frames that are no trajectory.
    #[error("{0}")]
    Shape(String),
    /// Options that contradict each other or the file.
    #[error("{0}")]
    Options(String),
    /// A parameter outside its range.
    #[error(transparent)]
    Oracle(#[from] OracleError),
    /// Parameters that cannot be inferred.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// A test that cannot be made.
    #[error(transparent)]
    Verdict(#[from] VerdictError),
    /// A report that cannot be made.
    #[error(transparent)]
    Report(#[from] ReportError),
}
