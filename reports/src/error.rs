//! What can go wrong when a report is put together or written.

use glassbox_trajectories::FileError;
use std::path::PathBuf;

/// Error of this crate. Each names the argument or the path at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// An id that cannot be a file name and an HTML anchor.
    #[error("{what} id {id:?}: use 1 to 100 lower-case letters, digits and single hyphens between them")]
    InvalidId {
        /// "section", "comparison", "plate" or "page".
        what: &'static str,
        /// The id given.
        id: String,
    },
    /// Two things of one kind share an id, so that one would overwrite the other.
    #[error("{what} id {id:?} is used twice, or is reserved; ids must be unique within a report")]
    RepeatedId {
        /// "section", "comparison", "plate" or "page".
        what: &'static str,
        /// The id given.
        id: String,
    },
    /// The false-alarm budget is not a probability.
    #[error("false-alarm budget {}: must lie strictly between 0 and 1", glassbox_oracle::Number::from(.0))]
    InvalidBudget(f64),
    /// The drawing library refused.
    #[error("drawing failed: {0}")]
    Drawing(String),
    /// The verdicts could not be put into JSON.
    #[error("verdicts could not be written as JSON")]
    Json(#[from] serde_json::Error),
    /// A document of another schema.
    #[error("schema {found:?}: must be {expected:?}")]
    Schema {
        /// The schema that can be read.
        expected: &'static str,
        /// The schema found.
        found: String,
    },
    /// A page or a claim names a plate that is not there.
    #[error("{by:?} names the plate {wanted:?}, which is not in the gallery")]
    UnknownPlate {
        /// The plate named.
        wanted: String,
        /// The page or the claim that names it.
        by: String,
    },
    /// A plate that cannot be drawn.
    #[error(transparent)]
    Figure(#[from] crate::figures::plate::FigureError),
    /// A column that does not fit its table.
    #[error("column {name:?}: {reason}")]
    Column {
        /// Name of the column.
        name: String,
        /// Why it does not fit.
        reason: String,
    },
    /// A table could not be put into Parquet.
    #[error("the table could not be written as Parquet: {0}")]
    Parquet(String),
    /// The file system refused.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file of someone else has the name of a file of the report.
    #[error(
        "cannot replace {}: it is not a file of an earlier report. Write into another folder, or move it away",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

/// Accepts ids that are safe as a file name on every system and as an HTML anchor.
pub(crate) fn check_id(what: &'static str, id: &str) -> Result<(), ReportError> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let valid = (1..=100).contains(&id.len())
        && id.bytes().all(allowed)
        && !id.starts_with('-')
        && !id.ends_with('-')
        && !id.contains("--");
    if valid { Ok(()) } else { Err(ReportError::InvalidId { what, id: id.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::check_id;

    #[test]
    fn only_slugs_are_accepted_so_that_no_id_leaves_the_directory() {
        for id in ["free", "free-overlap-2", "0"] {
            assert!(check_id("section", id).is_ok(), "{id}");
        }
        for id in ["", "../x", "a/b", "A", "a b", "-a", "a-", "a--b", ".", "é", &"x".repeat(101)] {
            assert!(check_id("section", id).is_err(), "{id}");
        }
    }
}
