//! One panel: heading, badge, note, axes, marks, and the labels inside.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::colour_bar::{Sequence, Tone, stroke};
use super::draw_marks;
use super::free_space::{Area, Occupied};
use super::layout::PlacedPanel;
use super::mark::{Level, Mark, Shape};
use super::names::{Entry, is_direct};
use crate::axes::Panel;
use crate::canvas::{Lettering, Point};
use crate::text_layout::{height, shorten, width};
use crate::theme::{self, FAINT_INK, FRAME, GRID, INK, LABEL_SIZE, LINE_SPACING, NOTE_SIZE, PAPER};
use crate::vector::{Pen, Sheet, Trace, lettering};

/// Draws a placed panel; `index` makes names on the sheet unique.
pub(super) fn draw(
    sheet: &mut Sheet,
    placed: &PlacedPanel,
    index: usize,
    shared: Option<&Sequence>,
    entries: &[Entry],
) {
    let panel = &placed.panel;
    draw_heading(sheet, placed);
    draw_axes(sheet, placed);
    let sequence = placed.own.as_ref().or(shared);
    let mut occupied = Occupied::default();
    let mut ends = Vec::new();
    let on_cells = placed.source.marks.iter().any(|mark| matches!(mark.shape, Shape::HeatMap(_)));
    for (number, mark) in placed.source.marks.iter().enumerate() {
        let name = format!("{index}-{number}");
        let end = draw_marks::draw(sheet, panel, mark, (sequence, on_cells, &name), &mut occupied);
        if let Some(end) = end.filter(|_| is_direct(mark, entries)) {
            ends.push((end.1, mark.label.as_str(), text_colour(mark.tone, sequence)));
        }
    }
    let mut frame = Trace::default();
    frame.rectangle((panel.left, panel.top), (panel.right, panel.bottom));
    sheet.path(&frame, Pen::line(FRAME, 0.9));
    for mark in &placed.source.marks {
        draw_label_inside(sheet, panel, mark, sequence, &mut occupied);
    }
    draw_ends(sheet, panel, ends);
    let mut left = panel.right;
    for (number, bar) in placed.bars.iter().enumerate() {
        bar.draw(sheet, &format!("bar-{index}-{number}"), panel, left);
        left += bar.room();
    }
    if placed.source.marks.is_empty() {
        let faint = Lettering { horizontal: HPos::Center, colour: FAINT_INK, ..lettering(LABEL_SIZE) };
        let middle = (0.5 * (panel.left + panel.right), 0.5 * (panel.top + panel.bottom));
        sheet.text("no data", middle, faint, false);
    }
}

fn draw_heading(sheet: &mut Sheet, placed: &PlacedPanel) {
    let left = placed.panel.left;
    let mut down = placed.top + 0.5 * LABEL_SIZE * LINE_SPACING;
    let bold = Lettering { bold: true, ..lettering(LABEL_SIZE) };
    sheet.text(&placed.source.letter, (left, down), bold, false);
    let after = left + placed.letter_room;
    for line in &placed.title {
        sheet.text(line, (after, down), lettering(LABEL_SIZE), false);
        down += LABEL_SIZE * LINE_SPACING;
    }
    down = placed.top + height(placed.title.len().max(1), LABEL_SIZE) + 0.5 * height(1, NOTE_SIZE);
    if let Some(verdict) = placed.source.verdict {
        let text = format!("{} {verdict}", verdict.sign());
        let taken = width(&text, NOTE_SIZE);
        let half = 0.5 * NOTE_SIZE + 1.5;
        sheet.rectangle((left, down - half), (left + taken + 6.0, down + half), theme::claim_colour(verdict));
        let white = Lettering { colour: PAPER, horizontal: HPos::Center, ..lettering(NOTE_SIZE) };
        sheet.text(&text, (left + 3.0 + 0.5 * taken, down), white, false);
        down += NOTE_SIZE * LINE_SPACING + 1.0;
    }
    for line in &placed.note {
        sheet.text(line, (left, down), Lettering { colour: FAINT_INK, ..lettering(NOTE_SIZE) }, false);
        down += NOTE_SIZE * LINE_SPACING;
    }
}

fn draw_axes(sheet: &mut Sheet, placed: &PlacedPanel) {
    let panel = &placed.panel;
    let (mut grid, mut ticks) = (Trace::default(), Trace::default());
    let middle = Lettering { horizontal: HPos::Center, ..lettering(LABEL_SIZE) };
    for tick in &placed.horizontal_ticks {
        let across = panel.left + tick.fraction * (panel.right - panel.left);
        let length = if tick.label.is_some() { 5.0 } else { 3.0 };
        ticks.line(&[(across, panel.bottom), (across, panel.bottom - length)]);
        if let Some(label) = &tick.label {
            grid.line(&[(across, panel.top), (across, panel.bottom)]);
            sheet.text(label, (across, panel.bottom + 4.0 + 0.5 * LABEL_SIZE), middle, false);
        }
    }
    let right = Lettering { horizontal: HPos::Right, ..lettering(LABEL_SIZE) };
    for tick in &placed.vertical_ticks {
        let down = panel.bottom - tick.fraction * (panel.bottom - panel.top);
        let length = if tick.label.is_some() { 5.0 } else { 3.0 };
        ticks.line(&[(panel.left, down), (panel.left + length, down)]);
        if let Some(label) = &tick.label {
            grid.line(&[(panel.left, down), (panel.right, down)]);
            sheet.text(label, (panel.left - 5.0, down), right, false);
        }
    }
    sheet.path(&grid, Pen::line(GRID, 0.7));
    sheet.path(&ticks, Pen::line(FRAME, 0.9));
    for (index, line) in placed.horizontal_label.iter().enumerate() {
        let down = panel.bottom + 3.0 + height(1 + index, LABEL_SIZE) + 0.5 * LABEL_SIZE;
        sheet.text(line, (0.5 * (panel.left + panel.right), down), middle, false);
    }
    let upwards = Lettering { upwards: true, ..middle };
    for (index, line) in placed.vertical_label.iter().enumerate() {
        let lines = placed.vertical_label.len() - index;
        let across = panel.left - placed.tick_room - height(lines, LABEL_SIZE) + 0.5 * LABEL_SIZE;
        sheet.text(line, (across, 0.5 * (panel.top + panel.bottom)), upwards, false);
    }
}

/// Names at the right ends of marks, moved apart.
fn draw_ends(sheet: &mut Sheet, panel: &Panel, mut ends: Vec<(f64, &str, RGBColor)>) {
    const APART: f64 = NOTE_SIZE * 1.15;
    ends.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut least = panel.top;
    for end in &mut ends {
        end.0 = end.0.max(least);
        least = end.0 + APART;
    }
    let mut most = panel.bottom;
    for end in ends.iter_mut().rev() {
        end.0 = end.0.min(most);
        most = end.0 - APART;
    }
    let room = super::layout::MOST_FOR_NAMES;
    for (down, name, colour) in ends {
        let style = Lettering { colour, ..lettering(NOTE_SIZE) };
        sheet.text(&shorten(name, NOTE_SIZE, room), (panel.right + 5.0, down), style, false);
    }
}

/// Label of a reference line or a guide, where it hides least.
fn draw_label_inside(
    sheet: &mut Sheet,
    panel: &Panel,
    mark: &Mark,
    sequence: Option<&Sequence>,
    occupied: &mut Occupied,
) {
    let label = shorten(&mark.label, NOTE_SIZE, panel.right - panel.left - 10.0);
    let (long, tall) = (width(&label, NOTE_SIZE), NOTE_SIZE * 1.1);
    let candidates: Vec<(Area, bool)> = match &mark.shape {
        Shape::Level(Level::Horizontal(value)) => {
            let Some(down) = panel.down(*value) else { return };
            let lefts = [panel.right - long - 4.0, panel.left + 7.0, 0.5 * (panel.left + panel.right - long)];
            let tops = [down - tall - 1.5, down + 1.5];
            tops.iter().flat_map(|top| lefts.map(|left| (flat((left, *top), long, tall), false))).collect()
        }
        Shape::Level(Level::Vertical(value)) => {
            let Some(across) = panel.across(*value) else { return };
            let tops = spread(panel.top + 3.0, panel.bottom - tall - 6.0, 9);
            let lefts = [across + 3.0, across - long - 3.0];
            let mut areas: Vec<(Area, bool)> =
                tops.flat_map(|top| lefts.map(|left| (flat((left, top), long, tall), false))).collect();
            let tops = spread(panel.top + 3.0, panel.bottom - long - 6.0, 7);
            let lefts = [across + 1.5, across - tall - 1.5];
            areas.extend(tops.flat_map(|top| lefts.map(|left| (flat((left, top), tall, long), true))));
            areas
        }
        Shape::Slope { through, span, .. } => {
            let across = |value: f64| panel.across(value).map(|across| across.clamp(panel.left, panel.right));
            let (Some(from), Some(to)) = (across(span.0), across(span.1)) else { return };
            let Some(middle) = panel.place(through.0, through.1) else { return };
            around_line(panel, mark, (from, to), middle, (long, tall))
        }
        _ => return,
    };
    let Some((area, upwards)) = occupied.best(panel, &candidates).filter(|_| !label.is_empty()) else {
        return;
    };
    occupied.note_area(area);
    let at = (0.5 * (area.left + area.right), 0.5 * (area.top + area.bottom));
    let colour = text_colour(mark.tone, sequence);
    let style = Lettering { colour, upwards, horizontal: HPos::Center, ..lettering(NOTE_SIZE) };
    sheet.text(&label, at, style, true);
}

/// Areas beside a guide, above and below it, along its length.
fn around_line(
    panel: &Panel,
    mark: &Mark,
    (from, to): (f64, f64),
    middle: Point,
    (long, tall): (f64, f64),
) -> Vec<(Area, bool)> {
    let Shape::Slope { slope, .. } = &mark.shape else { return Vec::new() };
    let per_unit = |low: f64, high: f64, length: f64| length / (high - low);
    let down_per_across = -slope
        * per_unit(panel.vertical.low, panel.vertical.high, panel.bottom - panel.top)
        / per_unit(panel.horizontal.low, panel.horizontal.high, panel.right - panel.left);
    let mut areas = Vec::new();
    for across in spread(from.min(to), from.max(to), 9) {
        let down = middle.1 + down_per_across * (across - middle.0);
        for left in [across + 4.0, across - long - 4.0, across - 0.5 * long] {
            for top in [down - tall - 3.0, down + 3.0, down - 0.5 * tall] {
                areas.push((flat((left, top), long, tall), false));
            }
        }
    }
    areas
}

fn spread(from: f64, to: f64, count: u32) -> impl Iterator<Item = f64> {
    (0..count).map(move |step| from + (to - from) * f64::from(step) / f64::from(count - 1))
}

fn flat((left, top): Point, long: f64, tall: f64) -> Area {
    Area { left, top, right: left + long, bottom: top + tall }
}

/// The tone's colour, dark enough to be read as text.
fn text_colour(tone: Tone, sequence: Option<&Sequence>) -> RGBColor {
    match tone {
        Tone::Guide => FAINT_INK,
        _ => theme::blend(stroke(tone, sequence).colour, INK, 0.25),
    }
}
