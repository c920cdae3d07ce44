//! Colours of marks: roles, and places on a sequence from cold to hot that a colour bar explains.

use plotters::style::RGBColor;

use super::error::FigureError;
use super::model::fixed_range;
use crate::axes::Range;
use crate::comparison::Scale;
use crate::theme;

/// Colour and line style of a mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tone {
    /// A value of the colour bar: temperature, waiting time, batch size …
    Ordered(f64),
    /// Measured in the simulation.
    Measured,
    /// What the null model gives: dashed, neutral.
    Null,
    /// What the paper states.
    Paper,
    /// Guide to the eye: thin, grey.
    Guide,
    /// One of seven distinct hues for unordered things.
    Category(usize),
}

/// What [`Tone::Ordered`] means: a sequence of colours from cold to hot with ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct ColourBar {
    /// Quantity and unit in words.
    pub label: String,
    /// How values become colours.
    pub scale: Scale,
    /// Values of the coldest and the hottest colour; those of the marks where not given.
    pub range: Option<(f64, f64)>,
    /// Name of the swatch for 0 on a logarithmic bar; drawn only where a mark has the value 0.
    pub zero_label: String,
}

impl ColourBar {
    /// Equal ratios are equally far apart; 0 has a swatch of its own.
    pub fn logarithmic(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Logarithmic, range: None, zero_label: "0".to_owned() }
    }

    /// Equal differences are equally far apart.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { scale: Scale::Linear, ..Self::logarithmic(label) }
    }

    /// Fixes the values of the coldest and the hottest colour.
    #[must_use]
    pub fn within(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Names the swatch for 0: "T = 0".
    #[must_use]
    pub fn with_zero_label(mut self, label: impl Into<String>) -> Self {
        self.zero_label = label.into();
        self
    }
}

/// A colour bar with its range settled by the values that use it.
#[derive(Clone, Debug)]
pub(super) struct Sequence {
    pub(super) label: String,
    pub(super) range: Range,
    /// Name of the swatch for 0, where there is one.
    pub(super) zero: Option<String>,
    /// Values in use, as fractions of the bar.
    pub(super) used: Vec<f64>,
}

impl Sequence {
    /// Settles a bar; `values` are those of the marks.
    pub(super) fn new(bar: &ColourBar, values: &[f64]) -> Result<Self, FigureError> {
        let range = match bar.range {
            Some(range) => fixed_range(&format!("colour bar {:?}", bar.label), bar.scale, range)?,
            None => Range::exactly(bar.scale, values.iter().copied()),
        };
        let has_zero = bar.scale == Scale::Logarithmic && values.contains(&0.0);
        let zero = has_zero.then(|| bar.zero_label.clone());
        let mut used: Vec<f64> = values
            .iter()
            .filter_map(|value| range.fraction(*value))
            .filter(|fraction| (0.0..=1.0).contains(fraction))
            .collect();
        used.sort_by(f64::total_cmp);
        used.dedup();
        Ok(Self { label: bar.label.clone(), range, zero, used })
    }

    /// Colour of a value: ink for 0 on a logarithmic bar, grey for what has no place.
    fn colour(&self, value: f64) -> RGBColor {
        match self.range.fraction(value) {
            Some(fraction) => theme::temperature_colour(fraction),
            None if value == 0.0 => theme::INK,
            None => theme::FRAME,
        }
    }
}

/// How a mark is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    pub(super) colour: RGBColor,
    pub(super) width: f64,
    pub(super) dashed: bool,
    /// Whether a wider line of paper lies below, so that it is seen on dark cells.
    pub(super) cased: bool,
}

/// The stroke of a tone; ordered tones look up their colour in `sequence`.
pub(super) fn stroke(tone: Tone, sequence: Option<&Sequence>) -> Stroke {
    let (colour, width, dashed) = match tone {
        Tone::Ordered(value) => {
            (sequence.map_or(theme::FRAME, |sequence| sequence.colour(value)), 1.4, false)
        }
        Tone::Measured => (theme::MEASURED, 1.5, false),
        Tone::Null => (theme::NULL_MODEL, 1.3, true),
        Tone::Paper => (theme::PAPER_VALUE, 1.3, false),
        Tone::Guide => (theme::FRAME, 0.9, false),
        Tone::Category(index) => (theme::category_colour(index), 1.5, false),
    };
    Stroke { colour, width, dashed, cased: false }
}
