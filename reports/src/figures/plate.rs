//! Plates: the figures of the paper, several panels under one legend and one colour bar.
//!
//! A [`Plate`] is data; [`plate`] draws it and [`plate_csv`] writes its numbers. Two panels side by side are made to be
//! read at 86 mm, the width of a journal's column.
//!
//! ```
//! use glassbox_reports::Provenance;
//! use glassbox_reports::figures::plate::{ColourBar, Mark, Plate, PlateAxis, PlatePanel, Tone, plate, plate_csv};
//! let curve = |temperature: f64| (1..50).map(|t| (f64::from(t), (-temperature * f64::from(t)).exp())).collect();
//! let panel = PlatePanel::new("a", "Decay", PlateAxis::logarithmic("time (steps)"), PlateAxis::linear("overlap"))
//!     .with_marks([0.01, 0.1].map(|t| Mark::line(format!("T = {t}"), curve(t), Tone::Ordered(t))));
//! let decay = Plate::new("3a", "Overlap", "Decays.", Provenance::new("0.1.0", "desk", 7, "glassbox reproduce"))?
//!     .with_colour_bar(ColourBar::logarithmic("temperature"))
//!     .with_panel(panel);
//! assert!(plate(&decay)?.starts_with("<svg"));
//! assert!(plate_csv(&decay).contains("a,line,T = 0.1,ordered,0.1,"));
//! # Ok::<(), glassbox_reports::figures::plate::FigureError>(())
//! ```

mod colour_bar;
mod csv;
mod draw_marks;
mod draw_panel;
mod error;
mod free_space;
mod heat_cells;
mod layout;
mod mark;
mod model;
mod names;
mod ranges;
mod strip;
mod upright_bar;

pub use colour_bar::{ColourBar, Tone};
pub use csv::plate_csv;
pub use error::FigureError;
pub use mark::{HeatMap, Level, Mark, Measurement, Shape};
pub use model::{Plate, PlateAxis, PlatePanel};

/// SVG text of a plate.
///
/// # Errors
/// [`FigureError`] for an id that is no slug, a plate without panels, marks whose lengths do not fit, or a fixed range
/// that cannot be an axis. No number in a mark is an error.
pub fn plate(plate: &Plate) -> Result<String, FigureError> {
    plate.validate()?;
    Ok(layout::Layout::new(plate)?.draw())
}
