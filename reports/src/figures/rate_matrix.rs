//! A matrix of rates: rows of things, columns of what looks at them, the rate in every cell.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use crate::canvas::{Canvas, Lettering, paint};
use crate::error::ReportError;
use crate::text_layout::{height, shorten, width, wrap};
use crate::theme::{FAINT_INK, FRAME, GRID, HEADING_SIZE, INK, LABEL_SIZE, NOTE_SIZE, PAPER, blend};

/// What a matrix shows.
#[derive(Clone, Debug, PartialEq)]
pub struct RateMatrix {
    /// Heading.
    pub title: String,
    /// What the cells mean.
    pub note: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// Heads of the two columns of text that close a row.
    pub closing: [String; 2],
    /// The rows.
    pub rows: Vec<RateRow>,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct RateRow {
    /// Its name.
    pub name: String,
    /// What it is, in a line.
    pub description: String,
    /// A rate from 0 to 1 for each column, with the text of its cell; `None` where nothing was looked at.
    pub cells: Vec<Option<(f64, String)>>,
    /// Texts of the two closing columns.
    pub closing: [String; 2],
}

const MARGIN: f64 = 14.0;
const ROW: f64 = 21.0;
const CELL: f64 = 46.0;
const CLOSING: f64 = 92.0;
const NAMES: f64 = 156.0;
const DESCRIPTIONS: f64 = 292.0;
/// Room for the heads of columns, which are set upwards.
const HEADS: f64 = 146.0;

/// The colour of a rate of 1; that of 0 is nearly paper.
const CAUGHT: RGBColor = RGBColor(0x00, 0x5a, 0x8d);
const MISSED: RGBColor = RGBColor(0xf1, 0xf3, 0xf5);

/// SVG text of the matrix.
///
/// # Errors
/// If the drawing library refuses.
pub fn rate_matrix(matrix: &RateMatrix) -> Result<String, ReportError> {
    let cells = MARGIN + NAMES + DESCRIPTIONS;
    let closing = cells + CELL * matrix.columns.len() as f64 + 8.0;
    let total = closing + 2.0 * CLOSING + MARGIN;
    let note = wrap(&matrix.note, NOTE_SIZE, total - 2.0 * MARGIN);
    let heads = MARGIN + height(1, HEADING_SIZE) + height(note.len(), NOTE_SIZE) + 4.0;
    let top = heads + HEADS;
    let bottom = top + ROW * matrix.rows.len() as f64;
    paint(total, bottom + MARGIN, |canvas| {
        draw_header(canvas, matrix, &note);
        let upwards = Lettering { upwards: true, vertical: VPos::Center, ..Lettering::default() };
        for (index, head) in matrix.columns.iter().enumerate() {
            let across = cells + CELL * (index as f64 + 0.5);
            canvas.text(head, (across, top - 7.0), upwards);
        }
        for (index, head) in matrix.closing.iter().enumerate() {
            for (line, text) in wrap(head, LABEL_SIZE, CLOSING - 8.0).iter().rev().enumerate() {
                let down = top - 7.0 - 0.5 * LABEL_SIZE - height(line, LABEL_SIZE);
                canvas.text(text, (closing + CLOSING * index as f64, down), Lettering::default());
            }
        }
        canvas.line((MARGIN, top), (total - MARGIN, top), FRAME, 1.0);
        for (index, row) in matrix.rows.iter().enumerate() {
            let down = top + ROW * (index as f64 + 0.5);
            canvas.line((MARGIN, down + 0.5 * ROW), (total - MARGIN, down + 0.5 * ROW), GRID, 1.0);
            canvas.text(&shorten(&row.name, LABEL_SIZE, NAMES - 6.0), (MARGIN, down), Lettering::default());
            let faint = Lettering { size: NOTE_SIZE, colour: FAINT_INK, ..Lettering::default() };
            let description = shorten(&row.description, NOTE_SIZE, DESCRIPTIONS - 8.0);
            canvas.text(&description, (MARGIN + NAMES, down), faint);
            for (column, cell) in row.cells.iter().enumerate() {
                draw_cell(canvas, (cells + CELL * column as f64, down), cell.as_ref());
            }
            for (column, text) in row.closing.iter().enumerate() {
                let at = (closing + CLOSING * column as f64, down);
                canvas.text(&shorten(text, LABEL_SIZE, CLOSING - 4.0), at, Lettering::default());
            }
        }
    })
}

fn draw_header(canvas: &mut Canvas, matrix: &RateMatrix, note: &[String]) {
    let bold = Lettering { size: HEADING_SIZE, bold: true, vertical: VPos::Top, ..Lettering::default() };
    canvas.text(&matrix.title, (MARGIN, MARGIN), bold);
    let small = Lettering { size: NOTE_SIZE, colour: FAINT_INK, vertical: VPos::Top, ..Lettering::default() };
    let mut top = MARGIN + height(1, HEADING_SIZE);
    for line in note {
        canvas.text(line, (MARGIN, top), small);
        top += height(1, NOTE_SIZE);
    }
}

/// A cell whose left edge and middle line are given.
fn draw_cell(canvas: &mut Canvas, (left, down): (f64, f64), cell: Option<&(f64, String)>) {
    let Some((rate, text)) = cell else { return };
    let rate = if *rate > 0.0 { rate.min(1.0) } else { 0.0 };
    let fill = blend(MISSED, CAUGHT, rate);
    let half = 0.5 * ROW - 1.0;
    canvas.rectangle((left + 1.0, down - half), (left + CELL - 1.0, down + half), fill);
    let colour = if rate > 0.5 { PAPER } else { INK };
    let size = if width(text, NOTE_SIZE) > CELL - 4.0 { 0.85 * NOTE_SIZE } else { NOTE_SIZE };
    let lettering = Lettering { size, colour, horizontal: HPos::Center, ..Lettering::default() };
    canvas.text(text, (left + 0.5 * CELL, down), lettering);
}
