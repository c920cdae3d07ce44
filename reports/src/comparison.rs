//! The data of one figure: laws as curves, simulations as points with standard errors.

use serde::Serialize;

use crate::error::{ReportError, check_id};

/// A simulation beside its law.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Slug, unique within the report: the name of the figure's files.
    pub id: String,
    /// Heading of the figure.
    pub title: String,
    /// What to see in it, in plain sentences.
    pub caption: String,
    /// The shared horizontal axis.
    pub horizontal: Axis,
    /// The vertical axis of the upper panel.
    pub vertical: Axis,
    /// How colour indices become colours.
    pub palette: Palette,
    /// The laws.
    pub laws: Vec<Curve>,
    /// The simulations.
    pub series: Vec<Series>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Axis {
    /// Quantity and unit in words: "time (steps)".
    pub label: String,
    /// How values are spaced.
    pub scale: Scale,
}

/// How values are spaced along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Equal differences are equally far apart.
    Linear,
    /// Equal ratios are equally far apart; values at or below zero cannot be drawn.
    Logarithmic,
}

/// How colour indices become colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Palette {
    /// Unordered things: distinct hues and marker shapes.
    #[default]
    Categories,
    /// Ordered things, lowest index cold and highest hot: temperatures, step sizes.
    Sequence,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The law that the simulation is judged by.
    Prediction,
    /// A null model, or the continuous-time law beside the law of the steps: shown, not judged by.
    Dashed,
}

/// A law, sampled densely enough to be drawn as a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// Name in the legend; empty for none. A series of the same name and colour shares the entry.
    pub label: String,
    /// (horizontal, vertical); a value that is not finite interrupts the line.
    pub points: Vec<(f64, f64)>,
    /// How the curve is drawn.
    pub line: Line,
    /// Index into the palette.
    pub colour: usize,
}

/// Measurements of one simulation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Series {
    /// Name in the legend; empty for none.
    pub label: String,
    /// The measurements.
    pub points: Vec<Observed>,
    /// Index into the palette.
    pub colour: usize,
}

/// One measurement and its prediction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Observed {
    /// Where along the horizontal axis.
    pub at: f64,
    /// The measured value.
    pub observed: f64,
    /// Standard error of the measured value.
    pub standard_error: f64,
    /// The value that the law predicts.
    pub predicted: f64,
}

impl Axis {
    /// An axis on which equal differences are equally far apart.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Linear }
    }

    /// An axis on which equal ratios are equally far apart.
    pub fn logarithmic(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Logarithmic }
    }
}

impl Curve {
    /// The law that the simulation is judged by.
    pub fn prediction(label: impl Into<String>, points: Vec<(f64, f64)>, colour: usize) -> Self {
        Self { label: label.into(), points, line: Line::Prediction, colour }
    }

    /// A null model, or the continuous-time law beside the law of the steps.
    pub fn dashed(label: impl Into<String>, points: Vec<(f64, f64)>, colour: usize) -> Self {
        Self { label: label.into(), points, line: Line::Dashed, colour }
    }
}

impl Series {
    /// Measurements of one simulation.
    pub fn new(label: impl Into<String>, points: Vec<Observed>, colour: usize) -> Self {
        Self { label: label.into(), points, colour }
    }
}

impl Observed {
    /// (observed − predicted) / standard error; `None` unless that is a finite number.
    pub fn difference_in_standard_errors(&self) -> Option<f64> {
        let difference = (self.observed - self.predicted) / self.standard_error;
        (self.standard_error > 0.0 && difference.is_finite()).then_some(difference)
    }
}

impl Comparison {
    /// A figure without content yet.
    ///
    /// # Errors
    /// If `id` is not a slug.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        caption: impl Into<String>,
        horizontal: Axis,
        vertical: Axis,
    ) -> Result<Self, ReportError> {
        let id = id.into();
        check_id("comparison", &id)?;
        let (title, caption, palette) = (title.into(), caption.into(), Palette::default());
        Ok(Self { id, title, caption, horizontal, vertical, palette, laws: Vec::new(), series: Vec::new() })
    }

    /// Adds a law.
    #[must_use]
    pub fn with_law(mut self, law: Curve) -> Self {
        self.laws.push(law);
        self
    }

    /// Adds a simulation.
    #[must_use]
    pub fn with_series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Chooses how colour indices become colours.
    #[must_use]
    pub fn with_palette(mut self, palette: Palette) -> Self {
        self.palette = palette;
        self
    }

    /// All measurements of all series.
    pub fn observations(&self) -> impl Iterator<Item = &Observed> {
        self.series.iter().flat_map(|series| &series.points)
    }
}
