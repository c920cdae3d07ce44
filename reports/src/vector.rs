//! Compact SVG, written directly: whole tenths of a layout unit, relative paths, dashes and clips of SVG itself.
//!
//! The backend of plotters writes an element for every dash and every point and knows neither descriptions nor
//! clips; a plate with a hundred curves would take megabytes. Plates are therefore written here.

use std::fmt::Write as _;

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::canvas::{Lettering, Point};
use crate::html::escape::escaped;
use crate::theme::{INK, PAPER};

/// Written pixels in one layout unit.
const TENTHS: f64 = 10.0;

/// A drawing in progress.
pub(crate) struct Sheet {
    text: String,
    id: String,
}

/// How a path is drawn.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pen {
    pub(crate) stroke: Option<(RGBColor, f64)>,
    pub(crate) fill: Option<RGBColor>,
    /// Share of the fill that covers what lies below, from 0 to 1; 0 is taken as 1.
    pub(crate) opacity: f64,
    pub(crate) dashed: bool,
    /// Round ends, so that a path of length zero is a disc of the stroke's width.
    pub(crate) round: bool,
}

/// The data of a path in tenths of a unit, each point relative to the one before it.
#[derive(Default)]
pub(crate) struct Trace {
    data: String,
    at: (i64, i64),
    in_line: bool,
}

impl Sheet {
    /// White paper of this size with a title and a description for those who cannot see it.
    pub(crate) fn new(id: &str, title: &str, description: &str, width: f64, height: f64) -> Self {
        let (id, title, description) = (escaped(id), escaped(title), escaped(description));
        let text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-title {id}-description\" \
             font-family=\"Helvetica,Arial,sans-serif\" fill=\"none\" stroke-linejoin=\"round\">\n\
             <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-description\">{description}</desc>\n\
             <path fill=\"{}\" d=\"M0 0h{0}v{1}h-{0}z\"/>\n",
            tenths(width),
            tenths(height),
            hexadecimal(PAPER),
        );
        Self { text, id }
    }

    /// The whole text.
    pub(crate) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    /// Draws a path; nothing for an empty one.
    pub(crate) fn path(&mut self, trace: &Trace, pen: Pen) {
        if trace.data.is_empty() {
            return;
        }
        self.text.push_str("<path");
        if let Some(fill) = pen.fill {
            let _ = write!(self.text, " fill=\"{}\"", hexadecimal(fill));
            if pen.opacity > 0.0 && pen.opacity < 1.0 {
                let _ = write!(self.text, " fill-opacity=\"{:.2}\"", pen.opacity);
            }
        }
        if let Some((colour, width)) = pen.stroke {
            let _ =
                write!(self.text, " stroke=\"{}\" stroke-width=\"{}\"", hexadecimal(colour), tenths(width));
        }
        if pen.dashed {
            self.text.push_str(" stroke-dasharray=\"45 30\"");
        }
        if pen.round {
            self.text.push_str(" stroke-linecap=\"round\"");
        }
        let _ = writeln!(self.text, " d=\"{}\"/>", trace.data);
    }

    /// Text on a rim of paper, so that it can be read on top of lines where `rim`.
    pub(crate) fn text(&mut self, text: &str, at: Point, lettering: Lettering, rim: bool) {
        if text.trim().is_empty() {
            return;
        }
        let anchor = match lettering.horizontal {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let weight = if lettering.bold { " font-weight=\"bold\"" } else { "" };
        let rim = if rim {
            format!(" stroke=\"{}\" stroke-width=\"28\" paint-order=\"stroke\"", hexadecimal(PAPER))
        } else {
            String::new()
        };
        // letters are centred on `at` by hand: not every program that shows SVG knows baselines
        let drop = 0.35 * lettering.size;
        let (across, down) = if lettering.upwards { (at.0 + drop, at.1) } else { (at.0, at.1 + drop) };
        let (across, down) = (tenths(across), tenths(down));
        let place = if lettering.upwards {
            format!("transform=\"translate({across} {down})rotate(-90)\"")
        } else {
            format!("x=\"{across}\" y=\"{down}\"")
        };
        let _ = writeln!(
            self.text,
            "<text {place} font-size=\"{}\" fill=\"{}\"{anchor}{weight}{rim}>{}</text>",
            tenths(lettering.size),
            hexadecimal(lettering.colour),
            escaped(text),
        );
    }

    /// Draws what `draw` draws, cut off at the edges of a rectangle that has this name on the sheet.
    pub(crate) fn clipped(&mut self, name: &str, corners: (Point, Point), draw: impl FnOnce(&mut Self)) {
        let name = format!("{}-{}", self.id, escaped(name));
        let mut edge = Trace::default();
        edge.rectangle(corners.0, corners.1);
        let _ = writeln!(
            self.text,
            "<clipPath id=\"{name}\"><path d=\"{}\"/></clipPath><g clip-path=\"url(#{name})\">",
            edge.data
        );
        draw(self);
        self.text.push_str("</g>\n");
    }

    /// A rectangle filled with a sequence of colours, from left to right or from bottom to top.
    pub(crate) fn gradient(
        &mut self,
        name: &str,
        corners: (Point, Point),
        upwards: bool,
        colours: &[RGBColor],
    ) {
        let name = format!("{}-{}", self.id, escaped(name));
        let direction = if upwards { "x2=\"0\" y1=\"1\" y2=\"0\"" } else { "x2=\"1\"" };
        let _ = write!(self.text, "<linearGradient id=\"{name}\" {direction}>");
        let last = colours.len().saturating_sub(1).max(1) as f64;
        for (index, colour) in colours.iter().enumerate() {
            let offset = index as f64 / last;
            let _ =
                write!(self.text, "<stop offset=\"{offset:.3}\" stop-color=\"{}\"/>", hexadecimal(*colour));
        }
        let mut area = Trace::default();
        area.rectangle(corners.0, corners.1);
        let _ = writeln!(self.text, "</linearGradient><path fill=\"url(#{name})\" d=\"{}\"/>", area.data);
    }

    /// Filled rectangle.
    pub(crate) fn rectangle(&mut self, corner: Point, opposite: Point, fill: RGBColor) {
        let mut trace = Trace::default();
        trace.rectangle(corner, opposite);
        self.path(&trace, Pen { fill: Some(fill), ..Pen::default() });
    }
}

impl Trace {
    /// Lifts the pen and puts it down at a point.
    pub(crate) fn start(&mut self, point: Point) {
        let (across, down) = (tenths(point.0), tenths(point.1));
        if self.data.is_empty() {
            let _ = write!(self.data, "M{across}{}", signed(down));
        } else {
            let _ = write!(self.data, "m{}{}", across - self.at.0, signed(down - self.at.1));
        }
        self.at = (across, down);
        self.in_line = false;
    }

    /// Draws on to a point.
    pub(crate) fn onwards(&mut self, point: Point) {
        let (across, down) = (tenths(point.0), tenths(point.1));
        let step = (across - self.at.0, down - self.at.1);
        if step == (0, 0) {
            return;
        }
        let first = if self.in_line { signed(step.0) } else { format!("l{}", step.0) };
        let _ = write!(self.data, "{first}{}", signed(step.1));
        self.at = (across, down);
        self.in_line = true;
    }

    /// A line through points.
    pub(crate) fn line(&mut self, points: &[Point]) {
        let Some((first, rest)) = points.split_first() else { return };
        self.start(*first);
        for point in rest {
            self.onwards(*point);
        }
    }

    /// A closed polygon.
    pub(crate) fn polygon(&mut self, points: &[Point]) {
        let Some(first) = points.first() else { return };
        self.line(points);
        self.data.push('z');
        self.at = (tenths(first.0), tenths(first.1));
        self.in_line = false;
    }

    /// A closed rectangle.
    pub(crate) fn rectangle(&mut self, corner: Point, opposite: Point) {
        self.polygon(&[corner, (opposite.0, corner.1), opposite, (corner.0, opposite.1)]);
    }

    /// A path of length zero: with round ends, a disc.
    pub(crate) fn dot(&mut self, point: Point) {
        self.start(point);
        self.data.push_str("h0");
        self.in_line = false;
    }
}

impl Pen {
    /// A plain line.
    pub(crate) fn line(colour: RGBColor, width: f64) -> Self {
        Self { stroke: Some((colour, width)), ..Self::default() }
    }

    /// A plain area.
    pub(crate) fn area(fill: RGBColor, opacity: f64) -> Self {
        Self { fill: Some(fill), opacity, ..Self::default() }
    }
}

/// A number that follows another: its sign, or a space, keeps them apart.
fn signed(value: i64) -> String {
    if value < 0 { value.to_string() } else { format!(" {value}") }
}

/// Six hexadecimal digits, or three where those say the same.
fn hexadecimal(colour: RGBColor) -> String {
    let text = format!("#{:02x}{:02x}{:02x}", colour.0, colour.1, colour.2);
    let bytes = text.as_bytes();
    if bytes[1] == bytes[2] && bytes[3] == bytes[4] && bytes[5] == bytes[6] {
        return format!("#{:x}{:x}{:x}", colour.0 & 15, colour.1 & 15, colour.2 & 15);
    }
    text
}

#[allow(clippy::cast_possible_truncation, reason = "clamped to a million; NaN becomes 0")]
fn tenths(length: f64) -> i64 {
    (length * TENTHS).round().clamp(-1e6, 1e6) as i64
}

/// Ordinary lettering.
pub(crate) fn lettering(size: f64) -> Lettering {
    Lettering { size, colour: INK, ..Lettering::default() }
}

#[cfg(test)]
mod tests {
    use super::{Pen, Sheet, Trace};
    use crate::theme::INK;

    #[test]
    fn paths_are_relative_and_short() {
        let mut sheet = Sheet::new("a", "Title <b>", "Description \u{0}&", 10.0, 5.0);
        let mut trace = Trace::default();
        trace.line(&[(1.0, 2.0), (1.04, 2.04), (1.5, 1.0), (2.0, 3.5)]);
        trace.dot((0.0, 0.0));
        trace.rectangle((1.0, 1.0), (2.0, 2.0));
        trace.dot((f64::NAN, f64::INFINITY));
        sheet.path(&trace, Pen::line(INK, 1.25));
        sheet.path(&Trace::default(), Pen::default());
        insta::assert_snapshot!(sheet.finish(), @r##"
        <svg xmlns="http://www.w3.org/2000/svg" width="10" height="5" viewBox="0 0 100 50" role="img" aria-labelledby="a-title a-description" font-family="Helvetica,Arial,sans-serif" fill="none" stroke-linejoin="round">
        <title id="a-title">Title &lt;b&gt;</title>
        <desc id="a-description">Description \0&amp;</desc>
        <path fill="#fff" d="M0 0h100v50h-100z"/>
        <path stroke="#22262b" stroke-width="13" d="M10 20l5-10 5 25m-20-35h0m10 10l10 0 0 10-10 0zm-10 999990h0"/>
        </svg>
        "##);
    }
}
