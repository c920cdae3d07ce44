//! Why a test cannot be made.

use crate::OracleError;
use thiserror::Error;

/// Input that no test can use. It never becomes a pass.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum VerdictError {
    /// Too few numbers.
    #[error("{check}: {count} values given; it needs at least {needed}")]
    TooFew {
        /// The check.
        check: String,
        /// What was given.
        count: usize,
        /// What it needs.
        needed: usize,
    },
    /// A value that is NaN or infinite.
    #[error("{check}: value {index} is {value}; every value must be finite")]
    NotFinite {
        /// The check.
        check: String,
        /// Position of the first such value.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A law that the test cannot use.
    #[error("{check}: {reason}")]
    UnsuitableLaw {
        /// The check.
        check: String,
        /// What is wrong with the law.
        reason: &'static str,
    },
    /// A parameter of the test outside its domain.
    #[error(transparent)]
    Oracle(#[from] OracleError),
}

/// Accepts at least `needed` values, all finite.
pub(crate) fn require_sample(check: &str, values: &[f64], needed: usize) -> Result<(), VerdictError> {
    if values.len() < needed {
        return Err(VerdictError::TooFew { check: check.to_owned(), count: values.len(), needed });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(VerdictError::NotFinite { check: check.to_owned(), index, value: values[index] }),
        None => Ok(()),
    }
}
