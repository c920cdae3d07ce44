//! What can go wrong when a plate is put together or drawn.

/// Error of a plate. Each names the part at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// An id that cannot be a file name and an HTML anchor.
    #[error("plate id {0:?}: use 1 to 100 lower-case letters, digits and single hyphens between them")]
    Id(String),
    /// A plate without panels.
    #[error("plate {0:?} has no panels")]
    Empty(String),
    /// Lengths of a mark that do not fit each other.
    #[error("panel {panel:?}, mark {mark:?}: {reason}")]
    Shape {
        /// Letter of the panel.
        panel: String,
        /// Label of the mark.
        mark: String,
        /// Which length should be which.
        reason: String,
    },
    /// A fixed range that cannot be an axis.
    #[error("{what}: range {low} to {high} must be finite and rising, and above 0 if logarithmic")]
    Range {
        /// Which axis or colour bar.
        what: String,
        /// Low end given.
        low: String,
        /// High end given.
        high: String,
    },
}
