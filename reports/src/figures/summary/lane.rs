//! One section's verdicts: its name, and below it the dots, stacked where they would hide one another.

use std::collections::BTreeSet;

use glassbox_oracle::verdict::{Outcome, Verdict};

use super::Columns;
use super::deviation::{deviation, threshold};
use crate::canvas::{Canvas, Lettering};
use crate::report::Section;
use crate::text_layout::{height, shorten};
use crate::theme::{self, FAINT_INK, LABEL_SIZE, SUMMARY_WIDTH};

const RADIUS: f64 = 3.6;
const SPACING: f64 = 9.0;
const MOST_ROWS: usize = 7;

/// A verdict with its place.
struct Dot {
    outcome: Outcome,
    across: f64,
    row: usize,
    beyond: f64,
}

/// One section's verdicts, placed.
pub(super) struct Lane {
    title: String,
    dots: Vec<Dot>,
    strokes: Vec<f64>,
    rows: usize,
    pub(super) height: f64,
}

impl Lane {
    pub(super) fn new(section: &Section, columns: &Columns) -> Self {
        let mut dots: Vec<Dot> = section.verdicts.iter().map(|verdict| dot(verdict, columns)).collect();
        dots.sort_by(|one, other| one.across.total_cmp(&other.across).then(other.outcome.cmp(&one.outcome)));
        let rows = stack(&mut dots);
        let checked = section.verdicts.iter().filter(|verdict| deviation(verdict).is_some());
        let thresholds = checked.filter_map(threshold).flat_map(|value| [-value, value]);
        // strokes nearer than half a unit are one
        let halves: BTreeSet<i64> = thresholds.map(|value| half_units(columns.across(value))).collect();
        let strokes = halves.into_iter().map(|half| 0.5 * half as f64).collect();
        let title = shorten(&section.title, LABEL_SIZE, SUMMARY_WIDTH - 60.0);
        let height = height(1, LABEL_SIZE) + rows as f64 * SPACING + 14.0;
        Self { title, dots, strokes, rows, height }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, columns: &Columns, top: f64) {
        let heading = top + 5.0 + 0.5 * height(1, LABEL_SIZE);
        canvas.text(&self.title, (columns.left + 4.0, heading), Lettering::default());
        let first = top + 7.0 + height(1, LABEL_SIZE) + 0.5 * SPACING;
        let last = first + self.rows.saturating_sub(1) as f64 * SPACING;
        for across in &self.strokes {
            canvas.line((*across, first - 7.0), (*across, last + 7.0), FAINT_INK, 1.2);
        }
        if self.dots.is_empty() {
            let faint = Lettering { colour: FAINT_INK, ..Lettering::default() };
            canvas.text("no checks in this section", (columns.left + 4.0, first), faint);
        }
        for dot in &self.dots {
            let centre = (dot.across, first + dot.row as f64 * SPACING);
            let colour = theme::outcome_colour(dot.outcome);
            if dot.beyond == 0.0 {
                canvas.marker(theme::outcome_marker(dot.outcome), centre, RADIUS, colour);
            } else {
                let (tip, back) = (centre.0 + 4.0 * dot.beyond, centre.0 - 4.5 * dot.beyond);
                canvas.polygon(&[(tip, centre.1), (back, centre.1 - 4.2), (back, centre.1 + 4.2)], colour);
            }
        }
    }
}

fn dot(verdict: &Verdict, columns: &Columns) -> Dot {
    let outcome = verdict.outcome;
    let Some(deviation) = deviation(verdict) else {
        return Dot { outcome, across: columns.separate, row: 0, beyond: 0.0 };
    };
    let outside =
        columns.range.fraction(deviation.clamp(-1e9, 1e9)).is_none_or(|place| !(0.0..=1.0).contains(&place));
    let beyond = if outside { deviation.signum() } else { 0.0 };
    Dot { outcome, across: columns.across(deviation), row: 0, beyond }
}

/// Gives each dot the first row where it touches no other; past the last row dots may overlap. Returns the rows used.
fn stack(dots: &mut [Dot]) -> usize {
    let mut ends = [f64::NEG_INFINITY; MOST_ROWS];
    let mut used = 1;
    for dot in dots {
        let free = ends.iter().position(|end| dot.across - end >= SPACING);
        let earliest = (0..MOST_ROWS).min_by(|one, other| ends[*one].total_cmp(&ends[*other])).unwrap_or(0);
        dot.row = free.unwrap_or(earliest);
        ends[dot.row] = dot.across;
        used = used.max(dot.row + 1);
    }
    used
}

#[allow(clippy::cast_possible_truncation, reason = "places lie within the figure")]
fn half_units(across: f64) -> i64 {
    (2.0 * across).round() as i64
}
