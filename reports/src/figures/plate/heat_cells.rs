//! The cells of a heat map, drawn as few paths: one for each of 48 shades.

use std::collections::BTreeMap;

use super::error::FigureError;
use super::mark::HeatMap;
use super::model::fixed_range;
use super::ranges::cell_edges;
use crate::axes::{Panel, Range};
use crate::canvas::Point;
use crate::theme::{self, FRAME, INNER_BAND};
use crate::vector::{Pen, Sheet, Trace};

const SHADES: u8 = 48;

/// The values of the lightest and the darkest colour.
pub(super) fn cell_range(label: &str, map: &HeatMap) -> Result<Range, FigureError> {
    match map.range {
        Some(range) => fixed_range(&format!("colour bar {label:?}"), map.scale, range),
        None => Ok(Range::exactly(map.scale, map.values.iter().flatten().copied().flatten())),
    }
}

/// Draws the cells; one that is missing, or whose value has no place on the colour bar, is grey and struck through.
pub(super) fn draw(sheet: &mut Sheet, panel: &Panel, map: &HeatMap, range: &Range) {
    let columns = cell_edges(panel.horizontal.scale, &map.x);
    let rows = cell_edges(panel.vertical.scale, &map.y);
    let mut shades: BTreeMap<u8, Trace> = BTreeMap::new();
    let (mut missing, mut strikes) = (Trace::default(), Trace::default());
    for (row, values) in rows.iter().zip(&map.values) {
        for (column, value) in columns.iter().zip(values) {
            let Some((from, to)) = corners(panel, *column, *row) else { continue };
            match value.and_then(|value| range.fraction(value)) {
                Some(fraction) => shades.entry(shade(fraction)).or_default().rectangle(from, to),
                None => {
                    missing.rectangle(from, to);
                    strikes.line(&[from, to]);
                }
            }
        }
    }
    sheet.path(&missing, Pen::area(INNER_BAND, 1.0));
    sheet.path(&strikes, Pen::line(FRAME, 0.6));
    for (shade, cells) in &shades {
        // a hairline of the same colour closes the seams that smoothing leaves between cells
        let colour = theme::cell_colour(f64::from(*shade) / f64::from(SHADES));
        sheet.path(cells, Pen { stroke: Some((colour, 0.3)), ..Pen::area(colour, 1.0) });
    }
}

/// Lower left and upper right corner of a cell.
fn corners(panel: &Panel, column: Option<(f64, f64)>, row: Option<(f64, f64)>) -> Option<(Point, Point)> {
    let ((left, right), (low, high)) = (column?, row?);
    Some((panel.place(left, low)?, panel.place(right, high)?))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of shades"
)]
fn shade(fraction: f64) -> u8 {
    (fraction.clamp(0.0, 1.0) * f64::from(SHADES)).round() as u8
}
