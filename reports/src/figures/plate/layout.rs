//! Everything of a plate placed: rooms beside panels, rows, columns, the strip above and the line below.

use super::colour_bar::{ColourBar, Sequence, Tone};
use super::draw_panel;
use super::error::FigureError;
use super::model::{Plate, PlatePanel};
use super::names::{Entry, entries, is_direct};
use super::ranges::{ranges, without_place};
use super::strip::Strip;
use super::upright_bar::{UprightBar, bars};
use crate::axes::{Panel, Range, Tick, ticks};
use crate::canvas::Lettering;
use crate::text_layout::{height, width, wrap};
use crate::theme::{FAINT_INK, HEADING_SIZE, LABEL_SIZE, NOTE_SIZE};
use crate::vector::{Sheet, lettering};

const MARGIN: f64 = 10.0;
const PLOT_WIDTH: f64 = 188.0;
const PLOT_HEIGHT: f64 = 148.0;
const BETWEEN: f64 = 14.0;
const FOOT_SIZE: f64 = 0.8 * NOTE_SIZE;
/// Most room for names at the right ends of marks.
pub(super) const MOST_FOR_NAMES: f64 = 84.0;

/// A panel with its place, ticks and texts.
pub(super) struct PlacedPanel<'a> {
    pub(super) source: &'a PlatePanel,
    pub(super) panel: Panel,
    pub(super) own: Option<Sequence>,
    pub(super) bars: Vec<UprightBar>,
    pub(super) top: f64,
    pub(super) letter_room: f64,
    pub(super) title: Vec<String>,
    pub(super) note: Vec<String>,
    pub(super) horizontal_ticks: Vec<Tick>,
    pub(super) vertical_ticks: Vec<Tick>,
    pub(super) horizontal_label: Vec<String>,
    pub(super) vertical_label: Vec<String>,
    pub(super) tick_room: f64,
    right_room: f64,
}

/// A plate with everything placed, nothing drawn.
pub(super) struct Layout<'a> {
    plate: &'a Plate,
    shared: Option<Sequence>,
    entries: Vec<Entry>,
    strip: Strip,
    heading: Vec<String>,
    foot: Vec<String>,
    panels: Vec<PlacedPanel<'a>>,
    width: f64,
    height: f64,
}

impl<'a> Layout<'a> {
    pub(super) fn new(plate: &'a Plate) -> Result<Self, FigureError> {
        let shared_values = ordered_values(plate.panels.iter().filter(|panel| panel.colour_bar.is_none()));
        let bar = plate.colour_bar.clone().or_else(|| default_bar(&shared_values));
        let shared = bar.filter(|_| !shared_values.is_empty());
        let shared = shared.map(|bar| Sequence::new(&bar, &shared_values)).transpose()?;
        let entries = entries(plate);
        let mut panels = Vec::with_capacity(plate.panels.len());
        for panel in &plate.panels {
            panels.push(PlacedPanel::new(panel, &entries)?);
        }
        let columns = plate.columns.clamp(1, panels.len().max(1));
        let rooms: Vec<(f64, f64)> = (0..columns).map(|column| rooms(&panels, column, columns)).collect();
        let width = 2.0 * MARGIN
            + rooms.iter().map(|(left, right)| left + PLOT_WIDTH + right).sum::<f64>()
            + BETWEEN * (columns - 1) as f64;
        let inner = width - 2.0 * MARGIN;
        let heading = wrap(&plate.title, HEADING_SIZE * 1.05, inner);
        let strip = Strip::new(shared.clone(), entries.clone(), inner);
        let gap = if strip.height > 0.0 { 10.0 } else { 0.0 };
        let top = MARGIN + height(heading.len(), HEADING_SIZE) + 6.0 + strip.height + gap;
        let bottom = place(&mut panels, &rooms, top);
        let foot = wrap(&plate.provenance.line(), FOOT_SIZE, inner);
        let height = bottom + height(foot.len(), FOOT_SIZE) + MARGIN;
        Ok(Self { plate, shared, entries, strip, heading, foot, panels, width, height })
    }

    /// SVG text.
    pub(super) fn draw(&self) -> String {
        let plate = self.plate;
        let mut sheet =
            Sheet::new(&format!("plate-{}", plate.id), &plate.title, &plate.caption, self.width, self.height);
        let bold = Lettering { bold: true, ..lettering(HEADING_SIZE) };
        for (index, line) in self.heading.iter().enumerate() {
            let down = MARGIN + height(index, HEADING_SIZE) + 0.5 * height(1, HEADING_SIZE);
            sheet.text(line, (MARGIN, down), bold, false);
        }
        self.strip.draw(&mut sheet, (MARGIN, MARGIN + height(self.heading.len(), HEADING_SIZE) + 6.0));
        for (index, panel) in self.panels.iter().enumerate() {
            draw_panel::draw(&mut sheet, panel, index, self.shared.as_ref(), &self.entries);
        }
        let faint = Lettering { colour: FAINT_INK, ..lettering(FOOT_SIZE) };
        for (index, line) in self.foot.iter().enumerate() {
            let lines = self.foot.len() - index;
            let down = self.height - MARGIN - height(lines, FOOT_SIZE) + 0.5 * height(1, FOOT_SIZE);
            sheet.text(line, (MARGIN, down), faint, false);
        }
        sheet.finish()
    }
}

impl<'a> PlacedPanel<'a> {
    /// Texts and ticks of a panel; its place comes later.
    fn new(source: &'a PlatePanel, entries: &[Entry]) -> Result<Self, FigureError> {
        let (horizontal, vertical) = ranges(source)?;
        let own = source.colour_bar.as_ref();
        let own = own.map(|bar| Sequence::new(bar, &ordered_values([source].into_iter()))).transpose()?;
        let bars = bars(source, own.as_ref())?;
        let vertical_ticks = ticks(&vertical, 6);
        let widths = vertical_ticks.iter().filter_map(|tick| tick.label.as_ref());
        let tick_room = widths.map(|label| width(label, LABEL_SIZE)).fold(0.0, f64::max) + 8.0;
        let names = source.marks.iter().filter(|mark| is_direct(mark, entries));
        let names =
            names.map(|mark| width(&mark.label, NOTE_SIZE).min(MOST_FOR_NAMES) + 6.0).fold(0.0, f64::max);
        let right_room = names.max(bars.iter().map(UprightBar::room).sum()).max(10.0);
        let room = PLOT_WIDTH + right_room;
        let letter_room =
            if source.letter.is_empty() { 0.0 } else { width(&source.letter, LABEL_SIZE) + 6.0 };
        let title = wrap(&source.title, LABEL_SIZE, room - letter_room);
        let lost = match without_place(source) {
            0 => String::new(),
            1 => "1 value ≤ 0 is not drawn".to_owned(),
            lost => format!("{lost} values ≤ 0 are not drawn"),
        };
        let note = [source.note.as_deref().unwrap_or_default(), &lost].into_iter();
        let note = note.flat_map(|text| wrap(text, NOTE_SIZE, room)).collect();
        Ok(Self {
            source,
            panel: Panel {
                left: 0.0,
                right: PLOT_WIDTH,
                top: 0.0,
                bottom: PLOT_HEIGHT,
                horizontal,
                vertical,
            },
            own,
            bars,
            top: 0.0,
            letter_room,
            title,
            note,
            horizontal_ticks: fitting(&horizontal, PLOT_WIDTH),
            vertical_ticks,
            horizontal_label: wrap(&source.horizontal.label, LABEL_SIZE, PLOT_WIDTH),
            vertical_label: wrap(&source.vertical.label, LABEL_SIZE, PLOT_HEIGHT + 22.0),
            tick_room,
            right_room,
        })
    }

    /// Room above the axes: heading, badge, note.
    fn head(&self) -> f64 {
        let badge = if self.source.verdict.is_some() { height(1, NOTE_SIZE) + 2.0 } else { 0.0 };
        height(self.title.len().max(1), LABEL_SIZE) + badge + height(self.note.len(), NOTE_SIZE) + 4.0
    }

    /// Room below the axes: tick labels and label.
    fn foot(&self) -> f64 {
        6.0 + height(1 + self.horizontal_label.len(), LABEL_SIZE)
    }
}

/// Room that the panels of a column need to the left and to the right of their axes.
fn rooms(panels: &[PlacedPanel], column: usize, columns: usize) -> (f64, f64) {
    let of_column = || panels.iter().skip(column).step_by(columns);
    let left = of_column().map(|panel| panel.tick_room + height(panel.vertical_label.len(), LABEL_SIZE));
    (left.fold(20.0, f64::max), of_column().map(|panel| panel.right_room).fold(0.0, f64::max))
}

/// Puts panels into rows from `top` on; returns where the last row ends.
fn place(panels: &mut [PlacedPanel], rooms: &[(f64, f64)], top: f64) -> f64 {
    let mut top = top;
    for row in panels.chunks_mut(rooms.len()) {
        let head = row.iter().map(PlacedPanel::head).fold(0.0, f64::max);
        let foot = row.iter().map(PlacedPanel::foot).fold(0.0, f64::max);
        let mut left = MARGIN;
        for (panel, (before, after)) in row.iter_mut().zip(rooms) {
            left += before;
            // headings stand on their axes, so that rows without badges in every panel have no holes
            panel.top = top + head - panel.head();
            panel.panel.left = left;
            panel.panel.right = left + PLOT_WIDTH;
            panel.panel.top = top + head;
            panel.panel.bottom = top + head + PLOT_HEIGHT;
            left += PLOT_WIDTH + after + BETWEEN;
        }
        top += head + PLOT_HEIGHT + foot + 12.0;
    }
    top
}

/// As many ticks as have room for their labels.
fn fitting(range: &Range, room: f64) -> Vec<Tick> {
    let fits = |ticks: &[Tick]| {
        let labels = ticks.iter().filter_map(|tick| Some((tick.fraction * room, tick.label.as_ref()?)));
        let ends: Vec<(f64, f64)> =
            labels.map(|(at, label)| (at, 0.5 * width(label, LABEL_SIZE) + 2.0)).collect();
        ends.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0 - pair[1].1)
    };
    let tried = (2..=7).rev().map(|most| ticks(range, most));
    let mut last = Vec::new();
    for ticks in tried {
        if fits(&ticks) {
            return ticks;
        }
        last = ticks;
    }
    // the labels are too long for any number of them: the first one stands for all
    let mut labels = last.iter_mut().filter(|tick| tick.label.is_some());
    labels.next();
    labels.for_each(|tick| tick.label = None);
    last
}

/// Ordered values of all marks of panels.
fn ordered_values<'b>(panels: impl Iterator<Item = &'b PlatePanel>) -> Vec<f64> {
    let ordered = |tone: &Tone| if let Tone::Ordered(value) = tone { Some(*value) } else { None };
    panels.flat_map(|panel| &panel.marks).filter_map(|mark| ordered(&mark.tone)).collect()
}

/// A bar for a plate that has ordered marks but does not say what they mean.
fn default_bar(values: &[f64]) -> Option<ColourBar> {
    (!values.is_empty()).then(|| ColourBar::linear(String::new()))
}
