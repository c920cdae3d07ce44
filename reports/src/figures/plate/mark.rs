//! What is drawn in a panel of a plate: lines, bands, points, histograms, guides, heat maps.

use super::colour_bar::Tone;
use crate::comparison::Scale;

/// One thing drawn in a panel. Marks are drawn in the order in which they are given.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Name in the CSV file and in the legend; empty for none.
    pub label: String,
    /// Colour and line style.
    pub tone: Tone,
    /// Whether the name stands at the right end of the mark instead of in the legend.
    pub direct: bool,
    /// What is drawn.
    pub shape: Shape,
}

/// What is drawn. Values are in the units of the panel's axes; one that is not finite is not drawn and breaks a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Line through (x, y).
    Line(Vec<(f64, f64)>),
    /// Area between low and high: (x, low, high).
    Band(Vec<(f64, f64, f64)>),
    /// Points with error bars; `joined` by a thin line or not.
    Points {
        /// The points.
        points: Vec<Measurement>,
        /// Whether a thin line joins them.
        joined: bool,
    },
    /// Outline of a histogram: a height between each pair of neighbouring edges.
    Steps {
        /// Edges of the bins, one more than heights.
        edges: Vec<f64>,
        /// Heights: density, count …
        heights: Vec<f64>,
    },
    /// Guide to the eye through a point: y ∝ x^slope if both axes are logarithmic, else a straight line as drawn.
    Slope {
        /// A point on the guide.
        through: (f64, f64),
        /// Exponent, or change of drawn height (decades or units) with drawn distance.
        slope: f64,
        /// Where along the horizontal axis the guide begins and ends.
        span: (f64, f64),
    },
    /// Reference line over the whole panel.
    Level(Level),
    /// Coloured cells with a colour bar of their own.
    HeatMap(HeatMap),
}

/// A reference line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Level {
    /// At this height.
    Horizontal(f64),
    /// At this place along the horizontal axis.
    Vertical(f64),
}

/// Coloured cells. Cells meet half-way between the values, as those are spaced on the panel's axes.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Middles of the columns, rising.
    pub x: Vec<f64>,
    /// Middles of the rows, rising.
    pub y: Vec<f64>,
    /// A row of values for each y, in it one for each x; `None` where nothing was measured.
    pub values: Vec<Vec<Option<f64>>>,
    /// How values become colours.
    pub scale: Scale,
    /// Values of the lightest and the darkest colour; the smallest and largest value where not given.
    pub range: Option<(f64, f64)>,
}

/// A point with the ends of its error bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// Along the horizontal axis.
    pub x: f64,
    /// Along the vertical axis.
    pub y: f64,
    /// Low end of the error bar; NaN for no bar.
    pub low: f64,
    /// High end of the error bar; NaN for no bar.
    pub high: f64,
}

impl Measurement {
    /// A point with an error bar from `low` to `high`.
    pub fn new(x: f64, y: f64, low: f64, high: f64) -> Self {
        Self { x, y, low, high }
    }

    /// A point without error bar.
    pub fn bare(x: f64, y: f64) -> Self {
        Self { x, y, low: f64::NAN, high: f64::NAN }
    }
}

impl Mark {
    fn new(label: impl Into<String>, tone: Tone, shape: Shape) -> Self {
        Self { label: label.into(), tone, direct: false, shape }
    }

    /// Line through (x, y).
    pub fn line(label: impl Into<String>, points: Vec<(f64, f64)>, tone: Tone) -> Self {
        Self::new(label, tone, Shape::Line(points))
    }

    /// Area between low and high: (x, low, high).
    pub fn band(label: impl Into<String>, points: Vec<(f64, f64, f64)>, tone: Tone) -> Self {
        Self::new(label, tone, Shape::Band(points))
    }

    /// Points with error bars.
    pub fn points(label: impl Into<String>, points: Vec<Measurement>, tone: Tone) -> Self {
        Self::new(label, tone, Shape::Points { points, joined: false })
    }

    /// Points with error bars, joined by a thin line.
    pub fn joined(label: impl Into<String>, points: Vec<Measurement>, tone: Tone) -> Self {
        Self::new(label, tone, Shape::Points { points, joined: true })
    }

    /// Outline of a histogram; `edges` is one longer than `heights`.
    pub fn steps(label: impl Into<String>, edges: Vec<f64>, heights: Vec<f64>, tone: Tone) -> Self {
        Self::new(label, tone, Shape::Steps { edges, heights })
    }

    /// Guide to the eye of a slope through a point, its label beside it.
    pub fn slope(label: impl Into<String>, through: (f64, f64), slope: f64, span: (f64, f64)) -> Self {
        Self::new(label, Tone::Guide, Shape::Slope { through, slope, span })
    }

    /// Reference line over the whole panel, its label beside it.
    pub fn level(label: impl Into<String>, level: Level, tone: Tone) -> Self {
        Self::new(label, tone, Shape::Level(level))
    }

    /// Coloured cells; `values[row][column]` belongs to `y[row]` and `x[column]`.
    pub fn heat_map(
        label: impl Into<String>,
        x: Vec<f64>,
        y: Vec<f64>,
        values: Vec<Vec<Option<f64>>>,
        scale: Scale,
    ) -> Self {
        Self::new(label, Tone::Measured, Shape::HeatMap(HeatMap { x, y, values, scale, range: None }))
    }

    /// Puts the name at the right end of the mark instead of into the legend.
    #[must_use]
    pub fn with_direct_label(mut self) -> Self {
        self.direct = true;
        self
    }

    /// Fixes the values of the lightest and the darkest colour of a heat map; other marks stay as they are.
    #[must_use]
    pub fn with_value_range(mut self, low: f64, high: f64) -> Self {
        if let Shape::HeatMap(map) = &mut self.shape {
            map.range = Some((low, high));
        }
        self
    }

    /// Why the lengths of the mark do not fit each other; `None` if they do.
    pub(super) fn misfit(&self) -> Option<String> {
        match &self.shape {
            Shape::Steps { edges, heights } if edges.len() != heights.len() + 1 => Some(format!(
                "{} edges for {} heights; there must be one edge more than heights",
                edges.len(),
                heights.len()
            )),
            Shape::HeatMap(map) if map.values.len() != map.y.len() => {
                Some(format!("{} rows of values for {} y", map.values.len(), map.y.len()))
            }
            Shape::HeatMap(map) => map.values.iter().find(|row| row.len() != map.x.len()).map(|row| {
                format!(
                    "a row of {} values for {} x; all rows must have one for each x",
                    row.len(),
                    map.x.len()
                )
            }),
            _ => None,
        }
    }
}
