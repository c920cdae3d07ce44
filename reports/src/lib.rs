//! Designed figures and an offline HTML report for glassbox verdicts.
//!
//! This crate reads result types and runs nothing. A caller fills a [`Report`] with [`Section`]s, each holding
//! the statement that is being proven, its verdicts and its [`Comparison`]s of a simulation with a law. Then
//!
//! - [`write_report`] writes `index.html`, `verdicts.json` and one SVG and one CSV file a figure;
//! - [`table::verdict_table`] is the same content for a terminal;
//! - a [`DataTable`] is any table of numbers, as text, CSV, JSON or Parquet;
//! - [`figures::comparison`] and [`figures::summary`] draw one figure as SVG text;
//! - [`figures::plate`] draws the figures of the paper, [`scorecard`] judges its claims, and [`gallery`] writes both as
//!   pages.
//!
//! The same report gives the same bytes: nothing here reads a clock, a locale or a random number.
//!
//! ```
//! use glassbox_reports::{Axis, Comparison, Curve, Observed, Report, Run, Section, Series};
//! # fn main() -> Result<(), glassbox_reports::ReportError> {
//! let run = Run::new("0.1.0", "glassbox verify", "quick", 7, 1e-6)?;
//! let comparison = Comparison::new(
//!     "free-overlap",
//!     "Overlap of free diffusion",
//!     "Overlap against the error function.",
//!     Axis::logarithmic("time (steps)"),
//!     Axis::linear("overlap"),
//! )?
//! .with_law(Curve::prediction("law", vec![(1.0, 0.9), (10.0, 0.4)], 0))
//! .with_series(Series::new(
//!     "simulation",
//!     vec![Observed { at: 1.0, observed: 0.91, standard_error: 0.01, predicted: 0.9 }],
//!     0,
//! ));
//! let section = Section::new("free", "Free diffusion", "Displacements are Gaussian.")?.with_comparison(comparison);
//! let report = Report::new("Verification", run).with_section(section);
//! let svg = glassbox_reports::figures::comparison(&report.sections[0].comparisons[0])?;
//! assert!(svg.starts_with("<svg"));
//! # Ok(())
//! # }
//! ```

mod axes;
mod canvas;
pub mod comparison;
pub mod counts;
pub mod csv;
mod data_table;
pub mod error;
pub mod figures;
pub mod gallery;
pub mod html;
pub mod json;
pub mod numbers;
mod provenance;
pub mod report;
mod report_folder;
pub mod scorecard;
pub mod table;
mod text_layout;
pub mod theme;
mod vector;
pub mod write;

pub use comparison::{Axis, Comparison, Curve, Line, Observed, Palette, Scale, Series};
pub use counts::Counts;
pub use data_table::{DataColumn, DataTable};
pub use error::ReportError;
pub use provenance::Provenance;
pub use report::{Report, Run, Section};
pub use report_folder::{
    FIGURES, GALLERY_FILES, REPORT_FILES, check_replaceable, check_report_folder, check_writable,
};
pub use scorecard::ClaimVerdict;
pub use write::{WrittenReport, write_report, write_verdicts};

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
