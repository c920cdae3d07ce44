//! Why a test cannot be made.

use crate::{Displacement, OracleError};
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
    /// Numbers that do not fit together.
    #[error("{check}: {reason}")]
    UnsuitableSample {
        /// The check.
        check: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// A parameter of the test outside its domain.
    #[error(transparent)]
    Oracle(#[from] OracleError),
}

/// Accepts at least `needed` values, all finite.
pub(crate) fn require_sample(check: &str, values: &[f64], needed: usize) -> Result<(), VerdictError> {
    require_count(check, values.len(), needed)?;
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(VerdictError::NotFinite { check: check.to_owned(), index, value: values[index] }),
        None => Ok(()),
    }
}

/// Accepts a sample of at least `needed`.
pub(crate) fn require_count(check: &str, count: usize, needed: usize) -> Result<f64, VerdictError> {
    if count < needed {
        return Err(VerdictError::TooFew { check: check.to_owned(), count, needed });
    }
    Ok(count as f64)
}

/// Accepts at least `needed` replicas of at least `each` values, all finite; gives the number of values.
pub(crate) fn require_replicas<R: AsRef<[f64]>>(
    check: &str,
    replicas: &[R],
    needed: usize,
    each: usize,
) -> Result<usize, VerdictError> {
    require_count(check, replicas.len(), needed)?;
    for (number, replica) in replicas.iter().enumerate() {
        require_sample(&format!("{check}, replica {number}"), replica.as_ref(), each)?;
    }
    Ok(replicas.iter().map(|replica| replica.as_ref().len()).sum())
}

/// Accepts a law with a finite spread above 0, and gives its standard deviation.
pub(crate) fn require_spread(check: &str, law: &Displacement) -> Result<f64, VerdictError> {
    let spread = law.variance().sqrt();
    if spread > 0.0 && !law.variance().is_normal() && spread.is_finite() {
        let reason = "the variance of the law underflows a double; give law and values in other units";
        return Err(VerdictError::UnsuitableLaw { check: check.to_owned(), reason });
    }
    if spread > 0.0 && spread.is_finite() {
        return Ok(spread);
    }
    Err(VerdictError::UnsuitableLaw { check: check.to_owned(), reason: "the law has no finite spread" })
}
