//! Why a profile cannot be made, read or written.

use glassbox_oracle::OracleError;
use glassbox_reports::ReportError;
use glassbox_simulations::dataset::DatasetError;
use glassbox_simulations::integrator::IntegratorError;
use glassbox_simulations::landscape::LandscapeError;
use glassbox_simulations::network::NetworkError;
use std::path::PathBuf;
use thiserror::Error;

/// Error of this module. It never becomes a line that agrees.
#[derive(Debug, Error)]
pub enum ProfileError {
    /// A problem that cannot be measured.
    #[error("problem {problem:?}: {reason}")]
    Problem {
        /// Its name.
        problem: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A name that an integrator cannot have: it becomes a file.
    #[error(
        "integrator {0:?}: use 1 to 100 lower-case letters, digits and single hyphens between them as its name"
    )]
    Name(String),
    /// A law refused its parameters.
    #[error(transparent)]
    Oracle(#[from] OracleError),
    /// The integrator refused its parameters.
    #[error(transparent)]
    Integrator(#[from] IntegratorError),
    /// A landscape refused its parameters.
    #[error(transparent)]
    Landscape(#[from] LandscapeError),
    /// The embedded data set could not be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A network could not be made.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A committed profile that is not there.
    #[error("{}: no such file; with --accept, regress writes it", .0.display())]
    Missing(PathBuf),
    /// A committed profile that cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A committed profile that is none.
    #[error("{}: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong in it, with its place where that is known.
        reason: String,
    },
    /// A profile could not be put into JSON.
    #[error("a profile could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The file system refused.
    #[error(transparent)]
    Report(#[from] ReportError),
}
