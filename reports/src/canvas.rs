//! Drawing primitives in layout units on the SVG backend of plotters.
//!
//! plotters' own axes have no raised exponents and no dashed lines, so figures are drawn from its primitives.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle};

use crate::error::ReportError;
use crate::theme::{INK, LABEL_SIZE, Marker, PAPER, RESOLUTION};

/// A point in layout units; vertical values grow downwards.
pub(crate) type Point = (f64, f64);

/// A drawing in progress. The first refusal of the backend is kept and returned at the end.
pub(crate) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    refusal: Option<String>,
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(crate) struct Lettering {
    pub(crate) size: f64,
    pub(crate) colour: RGBColor,
    pub(crate) bold: bool,
    pub(crate) upwards: bool,
    pub(crate) horizontal: HPos,
    pub(crate) vertical: VPos,
}

impl Default for Lettering {
    fn default() -> Self {
        let (horizontal, vertical) = (HPos::Left, VPos::Center);
        Self { size: LABEL_SIZE, colour: INK, bold: false, upwards: false, horizontal, vertical }
    }
}

/// SVG text of what `draw` draws on white paper.
pub(crate) fn paint(width: f64, height: f64, draw: impl FnOnce(&mut Canvas)) -> Result<String, ReportError> {
    let mut text = String::new();
    let (right, bottom) = pixel((width, height));
    let size = (right.unsigned_abs(), bottom.unsigned_abs());
    let refusal = {
        let mut canvas = Canvas { backend: SVGBackend::with_string(&mut text, size), refusal: None };
        canvas.rectangle((0.0, 0.0), (width, height), PAPER);
        draw(&mut canvas);
        let presented = canvas.backend.present();
        canvas.keep(presented);
        canvas.refusal
    };
    match refusal {
        Some(refusal) => Err(ReportError::Drawing(refusal)),
        None => Ok(text),
    }
}

impl Canvas<'_> {
    pub(crate) fn rectangle(&mut self, corner: Point, opposite: Point, fill: RGBColor) {
        let (corner, opposite) = (pixel(corner), pixel(opposite));
        let result = self.backend.draw_rect(corner, opposite, &fill.filled(), true);
        self.keep(result);
    }

    /// Unbroken line through points.
    pub(crate) fn path(&mut self, points: &[Point], colour: RGBColor, width: f64) {
        if points.len() < 2 {
            return;
        }
        let result = self.backend.draw_path(points.iter().copied().map(pixel), &stroke(colour, width));
        self.keep(result);
    }

    pub(crate) fn line(&mut self, from: Point, to: Point, colour: RGBColor, width: f64) {
        let result = self.backend.draw_line(pixel(from), pixel(to), &stroke(colour, width));
        self.keep(result);
    }

    /// Line in dashes of 6 units with gaps of 4, measured along the line.
    pub(crate) fn dashes(&mut self, points: &[Point], colour: RGBColor, width: f64) {
        const PATTERN: [f64; 2] = [6.0, 4.0];
        let (mut part, mut left) = (0, PATTERN[0]);
        let mut dash: Vec<Point> = points.first().copied().into_iter().collect();
        for pair in points.windows(2) {
            let (mut from, to) = (pair[0], pair[1]);
            loop {
                let length = (to.0 - from.0).hypot(to.1 - from.1);
                if length <= left {
                    left -= length;
                    if part == 0 {
                        dash.push(to);
                    }
                    break;
                }
                let share = left / length;
                from = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
                if part == 0 {
                    dash.push(from);
                    self.path(&dash, colour, width);
                }
                dash = vec![from];
                part = 1 - part;
                left = PATTERN[part];
            }
        }
        if part == 0 {
            self.path(&dash, colour, width);
        }
    }

    /// Marker with a thin rim in the colour of the paper, so that it stands out from lines of its own colour.
    pub(crate) fn marker(&mut self, marker: Marker, centre: Point, radius: f64, colour: RGBColor) {
        self.shape(marker, centre, radius + 0.9, PAPER);
        self.shape(marker, centre, radius, colour);
    }

    fn shape(&mut self, marker: Marker, centre: Point, radius: f64, colour: RGBColor) {
        let corners: &[Point] = match marker {
            Marker::Disc => {
                let radius = pixel((radius, 0.0)).0.unsigned_abs();
                let result = self.backend.draw_circle(pixel(centre), radius, &colour.filled(), true);
                self.keep(result);
                return;
            }
            Marker::Square => &[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
            Marker::Diamond => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
            Marker::Triangle => &[(0.0, -1.25), (1.15, 0.85), (-1.15, 0.85)],
        };
        let corners: Vec<Point> = corners
            .iter()
            .map(|corner| (centre.0 + radius * corner.0, centre.1 + radius * corner.1))
            .collect();
        self.polygon(&corners, colour);
    }

    pub(crate) fn polygon(&mut self, corners: &[Point], colour: RGBColor) {
        let result = self.backend.fill_polygon(corners.iter().copied().map(pixel), &colour.filled());
        self.keep(result);
    }

    /// Text without control characters, which are not allowed in SVG.
    pub(crate) fn text(&mut self, text: &str, at: Point, lettering: Lettering) {
        let is_forbidden =
            |character: char| character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}');
        let text: String =
            text.chars().map(|character| if is_forbidden(character) { ' ' } else { character }).collect();
        let weight = if lettering.bold { FontStyle::Bold } else { FontStyle::Normal };
        // the backend divides font sizes by 1.24
        let font = ("sans-serif", lettering.size * RESOLUTION * 1.24).into_font().style(weight);
        let font = if lettering.upwards { font.transform(FontTransform::Rotate270) } else { font };
        let style = TextStyle::from(font)
            .color(&lettering.colour)
            .pos(Pos::new(lettering.horizontal, lettering.vertical));
        let result = self.backend.draw_text(&text, &style, pixel(at));
        self.keep(result);
    }

    fn keep<E: std::fmt::Display>(&mut self, result: Result<(), E>) {
        if let Err(error) = result {
            self.refusal.get_or_insert_with(|| error.to_string());
        }
    }
}

fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width(pixel((width, 0.0)).0.unsigned_abs().max(1))
}

#[allow(clippy::cast_possible_truncation, reason = "clamped to a million pixels; NaN becomes 0")]
fn pixel(point: Point) -> (i32, i32) {
    let whole = |length: f64| (length * RESOLUTION).round().clamp(-1e6, 1e6) as i32;
    (whole(point.0), whole(point.1))
}
