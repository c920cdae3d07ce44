//! Legend of a comparison: rows above the panels, where there is no data to hide.

use plotters::style::RGBColor;

use crate::canvas::{Canvas, Lettering, Point};
use crate::comparison::{Comparison, Line};
use crate::text_layout::{shorten, width};
use crate::theme::{self, LABEL_SIZE, LINE_SPACING, Marker};

const SAMPLE: f64 = 26.0;
const GAP: f64 = 6.0;
const BETWEEN: f64 = 16.0;

/// One entry: a sample of the line, of the marker or of both, and a name.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    label: String,
    colour: RGBColor,
    line: Option<Line>,
    marker: Option<Marker>,
}

/// Entries with the places of their left ends.
pub(super) struct Legend {
    placed: Vec<(Entry, Point)>,
    pub(super) height: f64,
}

impl Legend {
    /// Lays the entries of a figure out in rows between `left` and `right`.
    pub(super) fn new(figure: &Comparison, highest: usize, left: f64, right: f64) -> Self {
        let row = LABEL_SIZE * LINE_SPACING;
        let (mut across, mut down) = (left, 0.0);
        let mut placed = Vec::new();
        for mut entry in entries(figure, highest) {
            entry.label = shorten(&entry.label, LABEL_SIZE, right - left - SAMPLE - GAP);
            let room = SAMPLE + GAP + width(&entry.label, LABEL_SIZE);
            if across > left && across + room > right {
                (across, down) = (left, down + row);
            }
            placed.push((entry, (across, down + 0.5 * row)));
            across += room + BETWEEN;
        }
        let height = if placed.is_empty() { 0.0 } else { down + row };
        Self { placed, height }
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, top: f64) {
        for (entry, (left, down)) in &self.placed {
            let down = top + down;
            let ends = [(*left, down), (left + SAMPLE, down)];
            match entry.line {
                Some(Line::Prediction) => canvas.path(&ends, entry.colour, 1.7),
                Some(Line::Dashed) => canvas.dashes(&ends, entry.colour, 1.5),
                None => {}
            }
            if let Some(marker) = entry.marker {
                canvas.marker(marker, (left + 0.5 * SAMPLE, down), 3.0, entry.colour);
            }
            canvas.text(&entry.label, (left + SAMPLE + GAP, down), Lettering::default());
        }
    }
}

/// Laws first; a series with the name and colour of a law shares its entry.
fn entries(figure: &Comparison, highest: usize) -> Vec<Entry> {
    let colour = |index| theme::colour(figure.palette, index, highest);
    let mut entries: Vec<Entry> = Vec::new();
    for law in figure.laws.iter().filter(|law| !law.label.is_empty()) {
        let (label, line) = (law.label.clone(), Some(law.line));
        let entry = Entry { label, colour: colour(law.colour), line, marker: None };
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    for series in figure.series.iter().filter(|series| !series.label.is_empty()) {
        let (colour, marker) = (colour(series.colour), Some(theme::marker(figure.palette, series.colour)));
        let same = |entry: &&mut Entry| entry.label == series.label && entry.colour == colour;
        match entries.iter_mut().find(same) {
            Some(entry) => entry.marker = marker,
            None => entries.push(Entry { label: series.label.clone(), colour, line: None, marker }),
        }
    }
    entries
}
