//! Colour bar beside a panel: for the cells of a heat map, or for ordered colours of this panel alone.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::colour_bar::Sequence;
use super::error::FigureError;
use super::heat_cells::cell_range;
use super::mark::{HeatMap, Shape};
use super::model::PlatePanel;
use crate::axes::{Panel, Tick, ticks};
use crate::canvas::Lettering;
use crate::text_layout::{height, shorten, width};
use crate::theme::{self, FAINT_INK, FRAME, LABEL_SIZE, NOTE_SIZE, PAPER};
use crate::vector::{Pen, Sheet, Trace, lettering};

const BEFORE: f64 = 9.0;
const THICKNESS: f64 = 9.0;
const TICK: f64 = 4.0;

/// A bar with its ticks.
pub(super) struct UprightBar {
    label: String,
    ticks: Vec<Tick>,
    colours: Vec<RGBColor>,
    zero: Option<String>,
    used: Vec<f64>,
}

/// The bars of a panel: one for each heat map and one for its own ordered colours.
pub(super) fn bars(panel: &PlatePanel, own: Option<&Sequence>) -> Result<Vec<UprightBar>, FigureError> {
    let mut bars = Vec::new();
    for mark in &panel.marks {
        if let Shape::HeatMap(map) = &mark.shape {
            bars.push(UprightBar::of_cells(&mark.label, map)?);
        }
    }
    bars.extend(own.map(UprightBar::of_sequence));
    Ok(bars)
}

impl UprightBar {
    fn of_cells(label: &str, map: &HeatMap) -> Result<Self, FigureError> {
        let range = cell_range(label, map)?;
        Ok(Self {
            label: label.to_owned(),
            ticks: ticks(&range, 5),
            colours: theme::cell_colours().to_vec(),
            zero: None,
            used: Vec::new(),
        })
    }

    fn of_sequence(sequence: &Sequence) -> Self {
        Self {
            label: sequence.label.clone(),
            ticks: ticks(&sequence.range, 6),
            colours: theme::temperature_colours().to_vec(),
            zero: sequence.zero.clone(),
            used: sequence.used.clone(),
        }
    }

    fn label_room(&self) -> f64 {
        let labels = self.ticks.iter().filter_map(|tick| tick.label.as_deref()).chain(self.zero.as_deref());
        labels.map(|label| width(label, NOTE_SIZE)).fold(0.0, f64::max).min(60.0)
    }

    /// Room that the bar takes beside the panel.
    pub(super) fn room(&self) -> f64 {
        BEFORE + THICKNESS + TICK + 2.0 + self.label_room() + height(1, LABEL_SIZE)
    }

    /// Draws the bar from `left` on, as high as the panel.
    pub(super) fn draw(&self, sheet: &mut Sheet, name: &str, panel: &Panel, left: f64) {
        let left = left + BEFORE;
        let right = left + THICKNESS;
        let swatch = if self.zero.is_some() { 15.0 } else { 0.0 };
        let (top, bottom) = (panel.top, panel.bottom - swatch);
        sheet.gradient(name, ((left, top), (right, bottom)), true, &self.colours);
        let mut rungs = Trace::default();
        for fraction in &self.used {
            let down = bottom - fraction * (bottom - top);
            rungs.line(&[(left + 2.0, down), (right - 2.0, down)]);
        }
        sheet.path(&rungs, Pen::line(PAPER, 0.8));
        let mut frame = Trace::default();
        frame.rectangle((left, top), (right, bottom));
        let small = lettering(NOTE_SIZE);
        for tick in &self.ticks {
            let down = bottom - tick.fraction * (bottom - top);
            let length = if tick.label.is_some() { TICK } else { 0.5 * TICK };
            frame.line(&[(right, down), (right + length, down)]);
            if let Some(label) = &tick.label {
                sheet.text(&shorten(label, NOTE_SIZE, 60.0), (right + TICK + 2.0, down), small, false);
            }
        }
        if let Some(zero) = &self.zero {
            let top = panel.bottom - 9.0;
            sheet.rectangle((left, top), (right, panel.bottom), theme::INK);
            sheet.text(&shorten(zero, NOTE_SIZE, 60.0), (right + TICK + 2.0, top + 4.5), small, false);
        }
        sheet.path(&frame, Pen::line(FRAME, 0.8));
        let across = right + TICK + 2.0 + self.label_room() + 0.5 * height(1, LABEL_SIZE);
        let upwards = Lettering { upwards: true, horizontal: HPos::Center, colour: FAINT_INK, ..small };
        let label = shorten(&self.label, NOTE_SIZE, panel.bottom - panel.top);
        sheet.text(&label, (across, 0.5 * (panel.top + panel.bottom)), upwards, false);
    }
}
