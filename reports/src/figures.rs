//! The figures, each a function from results to SVG text.

mod comparison;
mod legend;
pub mod plate;
mod rate_matrix;
mod summary;

pub use comparison::comparison;
pub use rate_matrix::{RateMatrix, RateRow, rate_matrix};
pub use summary::summary;

/// File name of the summary figure, reserved among the ids of comparisons.
pub const SUMMARY_ID: &str = "summary";
