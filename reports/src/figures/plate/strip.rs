//! The strip above the panels: colour bar and legend.

use plotters::style::text_anchor::HPos;

use super::colour_bar::{Sequence, stroke};
use super::names::Entry;
use crate::axes::ticks;
use crate::canvas::{Lettering, Point};
use crate::text_layout::{shorten, width};
use crate::theme::{self, FRAME, LABEL_SIZE, NOTE_SIZE, PAPER};
use crate::vector::{Pen, Sheet, Trace, lettering};

const BAR_LENGTH: f64 = 190.0;
const BAR_THICKNESS: f64 = 9.0;
const BAR_HEIGHT: f64 = 32.0;
/// Between the swatch for 0 and the bar, whose first label may stand half before it.
const SWATCH_GAP: f64 = 24.0;
const ROW: f64 = 18.0;
const SAMPLE: f64 = 24.0;
const GAP: f64 = 6.0;
const BETWEEN: f64 = 18.0;

/// Bar and legend with the places of their parts, relative to the top left of the strip.
pub(super) struct Strip {
    bar: Option<(Sequence, f64)>,
    entries: Vec<(Entry, Point)>,
    pub(super) height: f64,
}

impl Strip {
    /// Lays both out within a width: the legend to the right of the bar if there is room, else below.
    pub(super) fn new(sequence: Option<Sequence>, entries: Vec<Entry>, room: f64) -> Self {
        let bar = sequence.map(|mut sequence| {
            let zero =
                sequence.zero.as_deref().map_or(0.0, |zero| width(zero, NOTE_SIZE).max(14.0) + SWATCH_GAP);
            let free = (room - BAR_LENGTH - zero - 30.0).max(40.0);
            sequence.label = shorten(&sequence.label, LABEL_SIZE, free);
            let left = width(&sequence.label, LABEL_SIZE) + 4.0 + zero;
            (sequence, left)
        });
        let after_bar = bar.as_ref().map_or(0.0, |(_, left)| left + BAR_LENGTH + 2.0 * BETWEEN);
        let longest = entries.iter().map(|entry| entry_width(entry, room)).fold(0.0, f64::max);
        let beside = after_bar + longest <= room;
        let (first, top) = if beside { (after_bar, 0.0) } else { (0.0, BAR_HEIGHT + 4.0) };
        let (mut across, mut down) = (first, top);
        let mut placed = Vec::new();
        for mut entry in entries {
            entry.label = shorten(&entry.label, LABEL_SIZE, room - first - SAMPLE - GAP);
            let taken = entry_width(&entry, room);
            if across > first && across + taken > room {
                (across, down) = (first, down + ROW);
            }
            placed.push((entry, (across, down + 0.5 * ROW)));
            across += taken + BETWEEN;
        }
        let below = if placed.is_empty() { 0.0 } else { down + ROW };
        let height = below.max(if bar.is_some() { BAR_HEIGHT } else { 0.0 });
        Self { bar, entries: placed, height }
    }

    /// Draws the strip with its top left at a point.
    pub(super) fn draw(&self, sheet: &mut Sheet, at: Point) {
        if let Some((sequence, left)) = &self.bar {
            draw_bar(sheet, sequence, at, at.0 + left);
        }
        for (entry, place) in &self.entries {
            draw_entry(sheet, entry, (at.0 + place.0, at.1 + place.1));
        }
    }
}

fn entry_width(entry: &Entry, room: f64) -> f64 {
    (SAMPLE + GAP + width(&entry.label, LABEL_SIZE)).min(room)
}

fn draw_bar(sheet: &mut Sheet, sequence: &Sequence, at: Point, left: f64) {
    let (top, bottom, right) = (at.1 + 4.5, at.1 + 4.5 + BAR_THICKNESS, left + BAR_LENGTH);
    let label = lettering(LABEL_SIZE);
    sheet.text(&sequence.label, (at.0, 0.5 * (top + bottom)), label, false);
    sheet.gradient("bar", ((left, top), (right, bottom)), false, &theme::temperature_colours());
    let mut rungs = Trace::default();
    for fraction in &sequence.used {
        let across = left + fraction * BAR_LENGTH;
        rungs.line(&[(across, top + 2.0), (across, bottom - 2.0)]);
    }
    sheet.path(&rungs, Pen::line(PAPER, 0.8));
    let mut frame = Trace::default();
    frame.rectangle((left, top), (right, bottom));
    let small = Lettering { horizontal: HPos::Center, ..lettering(NOTE_SIZE) };
    for tick in ticks(&sequence.range, 6) {
        let across = left + tick.fraction * BAR_LENGTH;
        let length = if tick.label.is_some() { 4.0 } else { 2.0 };
        frame.line(&[(across, bottom), (across, bottom + length)]);
        if let Some(label) = tick.label {
            sheet.text(&label, (across, bottom + 11.5), small, false);
        }
    }
    sheet.path(&frame, Pen::line(FRAME, 0.8));
    if let Some(zero) = &sequence.zero {
        let taken = width(zero, NOTE_SIZE).max(14.0);
        let middle = left - SWATCH_GAP - 0.5 * taken;
        sheet.rectangle((middle - 7.0, top), (middle + 7.0, bottom), theme::INK);
        sheet.text(zero, (middle, bottom + 11.5), small, false);
    }
}

fn draw_entry(sheet: &mut Sheet, entry: &Entry, (left, down): Point) {
    let stroke = stroke(entry.tone, None);
    let right = left + SAMPLE;
    let mut sample = Trace::default();
    if entry.band {
        sample.rectangle((left, down - 4.5), (right, down + 4.5));
        sheet.path(&sample, Pen::area(stroke.colour, 0.22));
        sample = Trace::default();
    }
    if entry.line {
        sample.line(&[(left, down), (right, down)]);
        sheet.path(&sample, Pen { dashed: stroke.dashed, ..Pen::line(stroke.colour, stroke.width) });
    }
    if entry.points {
        super::draw_marks::markers(sheet, &[(0.5 * (left + right), down)], entry.tone, stroke.colour);
    }
    sheet.text(&entry.label, (right + GAP, down), lettering(LABEL_SIZE), false);
}
