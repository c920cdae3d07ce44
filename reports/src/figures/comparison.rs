//! A simulation against its law: values above, differences in standard errors below.

mod ranges;

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use self::ranges::{horizontal_range, note, residual_range, residual_ticks, vertical_range};
use super::legend::Legend;
use crate::axes::{Panel, Tick, ticks};
use crate::canvas::{Canvas, Lettering, paint};
use crate::comparison::{Comparison, Line, Observed, Scale};
use crate::error::ReportError;
use crate::text_layout::{height, width, wrap};
use crate::theme::{self, FAINT_INK, FIGURE_WIDTH, HEADING_SIZE, INK, LABEL_SIZE, LINE_SPACING, NOTE_SIZE};

const MARGIN: f64 = 12.0;
const UPPER_HEIGHT: f64 = 270.0;
const LOWER_HEIGHT: f64 = 110.0;
const BETWEEN: f64 = 16.0;
const RESIDUAL_LABEL: &str = "difference (standard errors)";

/// SVG text of a comparison.
///
/// Above, laws as lines and measurements as points with bars of one standard error either way. Below, (observed −
/// predicted) / standard error, with bands at ±1 and ±3. Points that cannot be drawn are counted in a note.
///
/// # Errors
/// If the drawing library refuses.
pub fn comparison(figure: &Comparison) -> Result<String, ReportError> {
    let layout = Layout::new(figure);
    paint(FIGURE_WIDTH, layout.height, |canvas| layout.draw(canvas))
}

/// Everything placed, nothing drawn.
struct Layout<'a> {
    figure: &'a Comparison,
    highest: usize,
    heading: Vec<String>,
    note: Vec<String>,
    legend: Legend,
    vertical_label: Vec<String>,
    residual_label: Vec<String>,
    label_room: f64,
    horizontal_label: Vec<String>,
    horizontal_ticks: Vec<Tick>,
    upper: (Panel, Vec<Tick>),
    lower: Option<(Panel, Vec<Tick>)>,
    height: f64,
}

impl<'a> Layout<'a> {
    fn new(figure: &'a Comparison) -> Self {
        let colours = figure.laws.iter().map(|law| law.colour);
        let highest = colours.chain(figure.series.iter().map(|series| series.colour)).max().unwrap_or(0);
        let inner = FIGURE_WIDTH - 2.0 * MARGIN;
        let heading = wrap(&figure.title, HEADING_SIZE * 1.05, inner);
        let legend = Legend::new(figure, highest, MARGIN, FIGURE_WIDTH - MARGIN);

        let (horizontal, vertical) = (horizontal_range(figure), vertical_range(figure));
        let residuals = residual_range(figure);
        let note = wrap(&note(figure, &horizontal, &vertical), NOTE_SIZE, inner);

        let vertical_ticks = ticks(&vertical, 6);
        let residual_ticks = residuals.map(|range| residual_ticks(&range)).unwrap_or_default();
        let vertical_label = wrap(&figure.vertical.label, LABEL_SIZE, UPPER_HEIGHT);
        let residual_label =
            if residuals.is_some() { wrap(RESIDUAL_LABEL, LABEL_SIZE, LOWER_HEIGHT) } else { Vec::new() };
        let label_room = height(vertical_label.len().max(residual_label.len()), LABEL_SIZE);
        let tick_widths = vertical_ticks.iter().chain(&residual_ticks).filter_map(|tick| tick.label.as_ref());
        let tick_width = tick_widths.map(|label| width(label, LABEL_SIZE)).fold(0.0, f64::max);
        let left = MARGIN + label_room + tick_width + 10.0;
        let right = FIGURE_WIDTH - MARGIN - 12.0;

        let horizontal_ticks =
            ticks(&horizontal, if figure.horizontal.scale == Scale::Linear { 5 } else { 8 });
        let horizontal_label = wrap(&figure.horizontal.label, LABEL_SIZE, right - left);

        let top = MARGIN
            + height(heading.len(), HEADING_SIZE)
            + height(note.len(), NOTE_SIZE)
            + legend.height
            + 10.0;
        let upper = Panel { left, right, top, bottom: top + UPPER_HEIGHT, horizontal, vertical };
        let lower = residuals.map(|vertical| {
            let top = upper.bottom + BETWEEN;
            (Panel { left, right, top, bottom: top + LOWER_HEIGHT, horizontal, vertical }, residual_ticks)
        });
        let bottom = lower.as_ref().map_or(upper.bottom, |(panel, _)| panel.bottom);
        let total = bottom + height(1 + horizontal_label.len(), LABEL_SIZE) + 10.0 + MARGIN;
        Self {
            figure,
            highest,
            heading,
            note,
            legend,
            vertical_label,
            residual_label,
            label_room,
            horizontal_label,
            horizontal_ticks,
            upper: (upper, vertical_ticks),
            lower,
            height: total,
        }
    }

    fn colour(&self, index: usize) -> RGBColor {
        theme::colour(self.figure.palette, index, self.highest)
    }

    fn draw(&self, canvas: &mut Canvas) {
        self.draw_header(canvas);
        self.draw_upper(canvas);
        self.draw_lower(canvas);
        let bottom = self.lower.as_ref().map_or(&self.upper.0, |(panel, _)| panel).bottom;
        let middle = 0.5 * (self.upper.0.left + self.upper.0.right);
        let lettering = Lettering { horizontal: HPos::Center, vertical: VPos::Top, ..Lettering::default() };
        for (index, line) in self.horizontal_label.iter().enumerate() {
            let down = bottom + 10.0 + height(1 + index, LABEL_SIZE);
            canvas.text(line, (middle, down), lettering);
        }
    }

    fn draw_header(&self, canvas: &mut Canvas) {
        let mut top = MARGIN;
        let bold = Lettering { size: HEADING_SIZE, bold: true, ..Lettering::default() };
        let small = Lettering { size: NOTE_SIZE, colour: FAINT_INK, ..Lettering::default() };
        for (lines, lettering) in [(&self.heading, bold), (&self.note, small)] {
            for line in lines {
                canvas.text(line, (MARGIN, top + 0.5 * lettering.size * LINE_SPACING), lettering);
                top += lettering.size * LINE_SPACING;
            }
        }
        self.legend.draw(canvas, top + 2.0);
    }

    fn draw_upper(&self, canvas: &mut Canvas) {
        let (panel, vertical_ticks) = &self.upper;
        panel.grid(canvas, &self.horizontal_ticks, vertical_ticks);
        panel.frame(canvas, &self.horizontal_ticks, vertical_ticks, self.lower.is_none());
        write_upwards(canvas, panel, &self.vertical_label, self.label_room);
        for line in [Line::Dashed, Line::Prediction] {
            for law in self.figure.laws.iter().filter(|law| law.line == line) {
                panel.curve(canvas, &law.points, law.line, self.colour(law.colour));
            }
        }
        for series in &self.figure.series {
            let (colour, marker) =
                (self.colour(series.colour), theme::marker(self.figure.palette, series.colour));
            for point in &series.points {
                draw_bar(canvas, panel, point, colour);
            }
            for point in &series.points {
                if let Some(place) = panel.place(point.at, point.observed).filter(|place| panel.holds(*place))
                {
                    canvas.marker(marker, place, 2.7, colour);
                }
            }
        }
    }

    fn draw_lower(&self, canvas: &mut Canvas) {
        let Some((panel, vertical_ticks)) = &self.lower else { return };
        for (extent, band) in [(3.0, theme::OUTER_BAND), (1.0, theme::INNER_BAND)] {
            if let (Some(top), Some(bottom)) = (panel.down(extent), panel.down(-extent)) {
                canvas.rectangle((panel.left, top), (panel.right, bottom), band);
            }
        }
        if let Some(zero) = panel.down(0.0) {
            canvas.line((panel.left, zero), (panel.right, zero), INK, 0.8);
        }
        panel.frame(canvas, &self.horizontal_ticks, vertical_ticks, true);
        write_upwards(canvas, panel, &self.residual_label, self.label_room);
        for series in &self.figure.series {
            let (colour, marker) =
                (self.colour(series.colour), theme::marker(self.figure.palette, series.colour));
            for point in &series.points {
                let place =
                    point.difference_in_standard_errors().and_then(|value| panel.place(point.at, value));
                if let Some(place) = place.filter(|place| panel.holds(*place)) {
                    canvas.marker(marker, place, 2.7, colour);
                }
            }
        }
    }
}

/// Bar of one standard error either way, cut at the edges; on a logarithmic axis an end at or below zero is the edge.
fn draw_bar(canvas: &mut Canvas, panel: &Panel, point: &Observed, colour: RGBColor) {
    let Some((across, middle)) = panel.place(point.at, point.observed) else { return };
    let has_error = point.standard_error > 0.0 && point.standard_error.is_finite();
    if !has_error || !panel.holds((across, middle)) {
        return;
    }
    let high = panel.down(point.observed + point.standard_error).unwrap_or(panel.top);
    let low = panel.down(point.observed - point.standard_error).unwrap_or(panel.bottom);
    canvas.line((across, high.max(panel.top)), (across, low.min(panel.bottom)), colour, 1.2);
    for end in [high, low] {
        if (panel.top..panel.bottom).contains(&end) && (end - middle).abs() > 3.0 {
            canvas.line((across - 2.5, end), (across + 2.5, end), colour, 1.2);
        }
    }
}

/// Label of a vertical axis, at the right edge of the room for labels, next to the ticks.
fn write_upwards(canvas: &mut Canvas, panel: &Panel, lines: &[String], room: f64) {
    let (horizontal, vertical) = (HPos::Center, VPos::Top);
    let lettering = Lettering { upwards: true, horizontal, vertical, ..Lettering::default() };
    for (index, line) in lines.iter().enumerate() {
        let across = MARGIN + room - height(lines.len() - index, LABEL_SIZE);
        canvas.text(line, (across, 0.5 * (panel.top + panel.bottom)), lettering);
    }
}
