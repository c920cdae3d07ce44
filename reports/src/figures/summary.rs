//! The whole run at a glance: every verdict as a dot of its deviation, a lane a section.

mod deviation;
mod lane;

use glassbox_oracle::verdict::{Outcome, Verdict};
use plotters::style::text_anchor::{HPos, VPos};

use self::deviation::{deviation, threshold};
use self::lane::Lane;
use crate::axes::{Range, ticks};
use crate::canvas::{Canvas, Lettering, paint};
use crate::error::ReportError;
use crate::report::Report;
use crate::text_layout::{height, width, wrap};
use crate::theme::{self, FAINT_INK, FRAME, GRID, HEADING_SIZE, LABEL_SIZE, NOTE_SIZE, SUMMARY_WIDTH};

const MARGIN: f64 = 14.0;
const SEPARATE_COLUMN: f64 = 84.0;
const AXIS_LABEL: &str = "deviation from the law (standard errors; from the p-value where there is one)";
const HEADING: &str = "All verdicts, by section";
const NOTE: &str = "Vertical strokes: the decision threshold that the check's share of the false-alarm budget implies. \
                    Arrowheads: beyond the axis. Right: checks without a p-value or standard error, such as exact algebra.";

/// The horizontal layout that all lanes share.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    range: Range,
    left: f64,
    right: f64,
    separate: f64,
}

impl Columns {
    /// Horizontal place of a deviation; beyond the axis, its end.
    fn across(&self, deviation: f64) -> f64 {
        let fraction = self.range.fraction(deviation.clamp(-1e9, 1e9)).unwrap_or(0.5);
        self.left + fraction.clamp(0.0, 1.0) * (self.right - self.left)
    }
}

/// SVG text of the summary.
///
/// # Errors
/// If the drawing library refuses.
pub fn summary(report: &Report) -> Result<String, ReportError> {
    let columns = Columns {
        range: Range::symmetric(extent(report)),
        left: MARGIN + 8.0,
        right: SUMMARY_WIDTH - MARGIN - SEPARATE_COLUMN,
        separate: SUMMARY_WIDTH - MARGIN - 0.5 * SEPARATE_COLUMN + 10.0,
    };
    let note = wrap(NOTE, NOTE_SIZE, SUMMARY_WIDTH - 2.0 * MARGIN);
    let lanes: Vec<Lane> = report.sections.iter().map(|section| Lane::new(section, &columns)).collect();
    let top = MARGIN + height(1, HEADING_SIZE) + height(note.len(), NOTE_SIZE) + height(1, LABEL_SIZE) + 14.0;
    let bottom =
        top + lanes.iter().map(|lane| lane.height).sum::<f64>() + if lanes.is_empty() { 30.0 } else { 4.0 };
    let total = bottom + height(2, LABEL_SIZE) + 14.0 + MARGIN;

    paint(SUMMARY_WIDTH, total, |canvas| {
        draw_header(canvas, &note);
        draw_axis(canvas, &columns, top, bottom);
        let mut lane_top = top;
        for (index, lane) in lanes.iter().enumerate() {
            if index > 0 {
                canvas.line((columns.left, lane_top), (SUMMARY_WIDTH - MARGIN, lane_top), GRID, 1.0);
            }
            lane.draw(canvas, &columns, lane_top);
            lane_top += lane.height;
        }
    })
}

/// Half a width more than the farthest threshold; the axis never grows for the sake of a gross failure.
fn extent(report: &Report) -> f64 {
    let thresholds = report.verdicts().filter(|verdict| deviation(verdict).is_some());
    let farthest = thresholds.filter_map(|verdict: &Verdict| threshold(verdict)).fold(0.0, f64::max);
    (1.4 * farthest).max(4.5)
}

fn draw_header(canvas: &mut Canvas, note: &[String]) {
    let bold = Lettering { size: HEADING_SIZE, bold: true, vertical: VPos::Top, ..Lettering::default() };
    canvas.text(HEADING, (MARGIN, MARGIN), bold);
    let small = Lettering { size: NOTE_SIZE, colour: FAINT_INK, vertical: VPos::Top, ..Lettering::default() };
    let mut top = MARGIN + height(1, HEADING_SIZE);
    for line in note {
        canvas.text(line, (MARGIN, top), small);
        top += height(1, NOTE_SIZE);
    }
    let (mut across, down) = (MARGIN + 5.0, top + 0.75 * LABEL_SIZE);
    for outcome in [Outcome::Inconsistent, Outcome::Inconclusive, Outcome::Consistent] {
        canvas.marker(theme::outcome_marker(outcome), (across, down), 3.6, theme::outcome_colour(outcome));
        let label = outcome.to_string();
        canvas.text(&label, (across + 9.0, down), Lettering::default());
        across += 30.0 + width(&label, LABEL_SIZE);
    }
}

fn draw_axis(canvas: &mut Canvas, columns: &Columns, top: f64, bottom: f64) {
    let zero = columns.across(0.0);
    for (extent, band) in [(3.0, theme::OUTER_BAND), (1.0, theme::INNER_BAND)] {
        canvas.rectangle((columns.across(-extent), top), (columns.across(extent), bottom), band);
    }
    canvas.line((zero, top), (zero, bottom), FRAME, 0.8);
    canvas.line((columns.left, bottom), (columns.right, bottom), FRAME, 1.0);
    let centred = Lettering { horizontal: HPos::Center, vertical: VPos::Top, ..Lettering::default() };
    for tick in ticks(&columns.range, 9) {
        let across = columns.left + tick.fraction * (columns.right - columns.left);
        canvas.line((across, bottom), (across, bottom - 5.0), FRAME, 1.0);
        if let Some(label) = tick.label {
            canvas.text(&label, (across, bottom + 6.0), centred);
        }
    }
    canvas.text("no p-value", (columns.separate, bottom + 6.0), centred);
    canvas.text(
        AXIS_LABEL,
        (0.5 * (columns.left + columns.right), bottom + 8.0 + height(1, LABEL_SIZE)),
        centred,
    );
}
