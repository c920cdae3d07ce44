//! One look for every figure: colours, sizes, strokes.
//!
//! Lengths are in layout units, 1/520 of the width of a figure; [`RESOLUTION`] canvas pixels make one unit, so that
//! whole canvas pixels are fine enough for smooth curves.

use glassbox_oracle::verdict::Outcome;
use plotters::style::RGBColor;

use crate::comparison::Palette;
use crate::scorecard::ClaimVerdict;

/// Canvas pixels in one layout unit.
pub const RESOLUTION: f64 = 3.0;
/// Width of a comparison figure.
pub const FIGURE_WIDTH: f64 = 520.0;
/// Width of the summary figure.
pub const SUMMARY_WIDTH: f64 = 760.0;
/// Font size of a figure's heading.
pub const HEADING_SIZE: f64 = 15.0;
/// Font size of labels, ticks and legends.
pub const LABEL_SIZE: f64 = 12.5;
/// Font size of notes.
pub const NOTE_SIZE: f64 = 11.0;
/// Height of a line of text as a multiple of its font size.
pub const LINE_SPACING: f64 = 1.35;

/// Text and frames.
pub const INK: RGBColor = RGBColor(0x22, 0x26, 0x2b);
/// Notes and minor marks.
pub const FAINT_INK: RGBColor = RGBColor(0x5a, 0x62, 0x6b);
/// Frame of a panel.
pub const FRAME: RGBColor = RGBColor(0x8a, 0x92, 0x9a);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xe9, 0xec, 0xef);
/// Background of a figure.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Within three standard errors.
pub const OUTER_BAND: RGBColor = RGBColor(0xf3, 0xf5, 0xf7);
/// Within one standard error.
pub const INNER_BAND: RGBColor = RGBColor(0xe2, 0xe7, 0xec);

/// Measured in the simulation.
pub const MEASURED: RGBColor = RGBColor(0x00, 0x5f, 0x96);
/// What the null model gives.
pub const NULL_MODEL: RGBColor = RGBColor(0x5f, 0x66, 0x6e);
/// What the paper states.
pub const PAPER_VALUE: RGBColor = RGBColor(0xc4, 0x50, 0x00);

/// Okabe and Ito's colours (Color Universal Design, 2008) without yellow, which vanishes on white.
const CATEGORIES: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x4d, 0x4d, 0x4d),
];

/// Dark blue over purple and red to amber; lightness rises throughout, so the order survives without colour.
const COLD_TO_HOT: [RGBColor; 6] = [
    RGBColor(0x1c, 0x2a, 0x84),
    RGBColor(0x5b, 0x2a, 0xa0),
    RGBColor(0x97, 0x2c, 0x8f),
    RGBColor(0xc4, 0x3f, 0x6b),
    RGBColor(0xe0, 0x69, 0x43),
    RGBColor(0xef, 0xa0, 0x24),
];

/// Pale yellow over green and teal to navy; lightness falls throughout.
const LIGHT_TO_DARK: [RGBColor; 6] = [
    RGBColor(0xfb, 0xf4, 0xd0),
    RGBColor(0xc6, 0xe0, 0xb0),
    RGBColor(0x7d, 0xc3, 0xb0),
    RGBColor(0x3a, 0x96, 0xab),
    RGBColor(0x22, 0x62, 0x96),
    RGBColor(0x1c, 0x2c, 0x66),
];

/// Shape of a point; differs between neighbouring categories, so that colour is not the only sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// Disc.
    Disc,
    /// Square.
    Square,
    /// Square on its corner.
    Diamond,
    /// Triangle, point up.
    Triangle,
}

/// Colour of a category; colours repeat after the seventh.
pub fn category_colour(index: usize) -> RGBColor {
    CATEGORIES[index % CATEGORIES.len()]
}

/// Colour between cold (0) and hot (1); anything outside, or no number at all, takes the nearer end.
pub fn temperature_colour(fraction: f64) -> RGBColor {
    between(&COLD_TO_HOT, fraction)
}

/// Colour of a cell between the smallest (0) and the largest (1) value, as [`temperature_colour`].
pub fn cell_colour(fraction: f64) -> RGBColor {
    between(&LIGHT_TO_DARK, fraction)
}

/// The colours of [`temperature_colour`] at equal distances from cold to hot.
pub fn temperature_colours() -> [RGBColor; 6] {
    COLD_TO_HOT
}

/// The colours of [`cell_colour`] at equal distances from the smallest to the largest value.
pub fn cell_colours() -> [RGBColor; 6] {
    LIGHT_TO_DARK
}

fn between(sequence: &[RGBColor; 6], fraction: f64) -> RGBColor {
    let last = sequence.len() - 1;
    let place = if fraction > 0.0 { fraction.min(1.0) * last as f64 } else { 0.0 };
    let (mut index, mut rest) = (0, place);
    while rest > 1.0 && index + 1 < last {
        index += 1;
        rest -= 1.0;
    }
    blend(sequence[index], sequence[index + 1], rest)
}

/// Colour between two others: `low` at 0, `high` at 1.
pub(crate) fn blend(low: RGBColor, high: RGBColor, fraction: f64) -> RGBColor {
    RGBColor(mix(low.0, high.0, fraction), mix(low.1, high.1, fraction), mix(low.2, high.2, fraction))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of two bytes is a byte")]
fn mix(low: u8, high: u8, fraction: f64) -> u8 {
    (f64::from(low) + (f64::from(high) - f64::from(low)) * fraction).round().clamp(0.0, 255.0) as u8
}

/// Colour of an index in a figure whose highest index is `highest`.
pub fn colour(palette: Palette, index: usize, highest: usize) -> RGBColor {
    match palette {
        Palette::Categories => category_colour(index),
        Palette::Sequence => temperature_colour(index as f64 / highest.max(1) as f64),
    }
}

/// Marker of an index. Along a sequence all are discs: order is told by lightness.
pub fn marker(palette: Palette, index: usize) -> Marker {
    const MARKERS: [Marker; 4] = [Marker::Disc, Marker::Square, Marker::Diamond, Marker::Triangle];
    match palette {
        Palette::Categories => MARKERS[index % MARKERS.len()],
        Palette::Sequence => Marker::Disc,
    }
}

/// Colour of a verdict on a claim of the paper.
pub fn claim_colour(verdict: ClaimVerdict) -> RGBColor {
    match verdict {
        ClaimVerdict::Agrees => RGBColor(0x0b, 0x5f, 0x95),
        ClaimVerdict::ExplainedByNull => RGBColor(0x5f, 0x55, 0x8f),
        ClaimVerdict::NotResolved => RGBColor(0x5b, 0x63, 0x6b),
        ClaimVerdict::Differs => RGBColor(0xb3, 0x26, 0x1e),
    }
}

/// Colour of a verdict.
pub fn outcome_colour(outcome: Outcome) -> RGBColor {
    match outcome {
        Outcome::Consistent => RGBColor(0x00, 0x72, 0xb2),
        Outcome::Inconclusive => RGBColor(0xb8, 0x7a, 0x00),
        Outcome::Inconsistent => RGBColor(0xc0, 0x32, 0x1f),
    }
}

/// Marker of a verdict.
pub fn outcome_marker(outcome: Outcome) -> Marker {
    match outcome {
        Outcome::Consistent => Marker::Disc,
        Outcome::Inconclusive => Marker::Triangle,
        Outcome::Inconsistent => Marker::Diamond,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(colour: RGBColor) -> f64 {
        0.2126 * f64::from(colour.0) + 0.7152 * f64::from(colour.1) + 0.0722 * f64::from(colour.2)
    }

    #[test]
    fn heat_brightens_throughout_and_odd_fractions_take_an_end() {
        let shades: Vec<f64> =
            (0..=20).map(|step| luminance(temperature_colour(f64::from(step) / 20.0))).collect();
        assert!(shades.windows(2).all(|pair| pair[1] > pair[0]), "{shades:?}");
        let cells: Vec<f64> = (0..=20).map(|step| luminance(cell_colour(f64::from(step) / 20.0))).collect();
        assert!(cells.windows(2).all(|pair| pair[1] < pair[0]), "{cells:?}");
        assert_eq!(temperature_colour(f64::NAN), temperature_colour(0.0));
        assert_eq!(temperature_colour(f64::INFINITY), COLD_TO_HOT[5]);
        assert_eq!(temperature_colour(-3.0), COLD_TO_HOT[0]);
    }
}
