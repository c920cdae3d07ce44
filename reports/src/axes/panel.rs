//! A rectangle with two axes: places values, cuts lines at its edges.

use plotters::style::RGBColor;
use plotters::style::text_anchor::{HPos, VPos};

use super::{Range, Tick};
use crate::canvas::{Canvas, Lettering, Point};
use crate::comparison::Line;
use crate::theme::{FRAME, GRID, LABEL_SIZE};

/// A rectangle with two axes.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    pub(crate) horizontal: Range,
    pub(crate) vertical: Range,
}

impl Panel {
    /// Where a pair of values lies; `None` if one of them cannot be drawn on its axis.
    pub(crate) fn place(&self, horizontal: f64, vertical: f64) -> Option<Point> {
        Some((self.across(horizontal)?, self.down(vertical)?))
    }

    /// Horizontal place of a value, not cut at the edges but never far beyond them.
    pub(crate) fn across(&self, value: f64) -> Option<f64> {
        let fraction = self.horizontal.fraction(value)?.clamp(-1e3, 1e3);
        Some(self.left + fraction * (self.right - self.left))
    }

    /// Vertical place of a value, not cut at the edges but never far beyond them.
    pub(crate) fn down(&self, value: f64) -> Option<f64> {
        let fraction = self.vertical.fraction(value)?.clamp(-1e3, 1e3);
        Some(self.bottom - fraction * (self.bottom - self.top))
    }

    /// Whether a place lies within the panel.
    pub(crate) fn holds(&self, (across, down): Point) -> bool {
        (self.left - 0.01..=self.right + 0.01).contains(&across)
            && (self.top - 0.01..=self.bottom + 0.01).contains(&down)
    }

    /// Grid lines at labelled ticks.
    pub(crate) fn grid(&self, canvas: &mut Canvas, horizontal: &[Tick], vertical: &[Tick]) {
        for tick in horizontal.iter().filter(|tick| tick.label.is_some()) {
            let across = self.left + tick.fraction * (self.right - self.left);
            canvas.line((across, self.top), (across, self.bottom), GRID, 0.7);
        }
        for tick in vertical.iter().filter(|tick| tick.label.is_some()) {
            let down = self.bottom - tick.fraction * (self.bottom - self.top);
            canvas.line((self.left, down), (self.right, down), GRID, 0.7);
        }
    }

    /// Frame, ticks and their labels; those of the horizontal axis only where `with_labels_below`.
    pub(crate) fn frame(
        &self,
        canvas: &mut Canvas,
        horizontal: &[Tick],
        vertical: &[Tick],
        with_labels_below: bool,
    ) {
        let corners = [(self.left, self.top), (self.right, self.top), (self.right, self.bottom)];
        let corners = [corners[0], corners[1], corners[2], (self.left, self.bottom), corners[0]];
        canvas.path(&corners, FRAME, 0.9);
        for tick in horizontal {
            let across = self.left + tick.fraction * (self.right - self.left);
            let length = if tick.label.is_some() { 5.0 } else { 3.0 };
            canvas.line((across, self.bottom), (across, self.bottom - length), FRAME, 0.9);
            if let (Some(label), true) = (&tick.label, with_labels_below) {
                let lettering =
                    Lettering { horizontal: HPos::Center, vertical: VPos::Top, ..Lettering::default() };
                canvas.text(label, (across, self.bottom + 6.0), lettering);
            }
        }
        for tick in vertical {
            let down = self.bottom - tick.fraction * (self.bottom - self.top);
            let length = if tick.label.is_some() { 5.0 } else { 3.0 };
            canvas.line((self.left, down), (self.left + length, down), FRAME, 0.9);
            if let Some(label) = &tick.label {
                let lettering = Lettering { horizontal: HPos::Right, ..Lettering::default() };
                canvas.text(label, (self.left - 6.0, down + 0.04 * LABEL_SIZE), lettering);
            }
        }
    }

    /// Draws a curve, cut at the edges and interrupted where it has no place.
    pub(crate) fn curve(&self, canvas: &mut Canvas, points: &[(f64, f64)], line: Line, colour: RGBColor) {
        for piece in self.pieces(points).iter().map(|piece| thinned(piece, 0.1)) {
            match line {
                Line::Prediction => canvas.path(&piece, colour, 1.7),
                Line::Dashed => canvas.dashes(&piece, colour, 1.5),
            }
        }
    }

    /// The parts of a curve inside the panel.
    pub(crate) fn pieces(&self, points: &[(f64, f64)]) -> Vec<Vec<Point>> {
        let mut pieces: Vec<Vec<Point>> = Vec::new();
        let mut previous: Option<Point> = None;
        let mut joined = false;
        for point in points {
            let here = self.place(point.0, point.1);
            let inside = previous.zip(here).and_then(|(from, to)| self.cut(from, to));
            match (inside, pieces.last_mut()) {
                (Some((from, to)), Some(piece)) if joined && piece.last() == Some(&from) => piece.push(to),
                (Some((from, to)), _) => pieces.push(vec![from, to]),
                (None, _) => {}
            }
            joined = inside.is_some();
            previous = here;
        }
        pieces
    }

    /// The part of a segment inside the panel (Liang and Barsky 1984).
    fn cut(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        let step = (to.0 - from.0, to.1 - from.1);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        let edges = [
            (-step.0, from.0 - self.left),
            (step.0, self.right - from.0),
            (-step.1, from.1 - self.top),
            (step.1, self.bottom - from.1),
        ];
        for (outwards, room) in edges {
            if outwards == 0.0 && room < 0.0 {
                return None;
            }
            if outwards < 0.0 {
                enter = enter.max(room / outwards);
            } else if outwards > 0.0 {
                leave = leave.min(room / outwards);
            }
        }
        let at = |share: f64| match share {
            0.0 => from,
            1.0 => to,
            share => (from.0 + share * step.0, from.1 + share * step.1),
        };
        (enter <= leave).then(|| (at(enter), at(leave)))
    }
}

/// Drops points that the eye cannot miss: those nearer than the tolerance to the chord of their neighbours kept
/// (Ramer 1972, Douglas and Peucker 1973). Long chords also hide the rounding to whole pixels.
pub(crate) fn thinned(points: &[Point], tolerance: f64) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut kept: Vec<Point> = points.first().copied().into_iter().collect();
    let mut pending = vec![(0, points.len().saturating_sub(1))];
    while let Some((first, last)) = pending.pop() {
        let farthest = (first + 1..last)
            .map(|index| (index, distance(points[index], points[first], points[last])))
            .max_by(|one, other| one.1.total_cmp(&other.1));
        match farthest {
            // the earlier half goes on top, so that points are kept in their order
            Some((index, distance)) if distance > tolerance => {
                pending.extend([(index, last), (first, index)]);
            }
            _ => kept.push(points[last]),
        }
    }
    kept
}

/// Distance of a point from a chord.
fn distance(point: Point, from: Point, to: Point) -> f64 {
    let (chord, arm) = ((to.0 - from.0, to.1 - from.1), (point.0 - from.0, point.1 - from.1));
    let length = chord.0.hypot(chord.1);
    if length == 0.0 { arm.0.hypot(arm.1) } else { (chord.0 * arm.1 - chord.1 * arm.0).abs() / length }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_cut_at_the_edges_and_interrupted_at_undefined_values() {
        let range = Range::symmetric(1.0);
        let panel =
            Panel { left: 0.0, right: 100.0, top: 0.0, bottom: 100.0, horizontal: range, vertical: range };
        let points =
            [(-1.0, 0.0), (0.0, 0.0), (0.5, f64::NAN), (0.6, 0.0), (0.6, 9.0), (0.8, 9.0), (0.8, 0.0)];
        let pieces = panel.pieces(&points);
        assert_eq!(pieces.len(), 3, "{pieces:?}");
        assert!(pieces.iter().flatten().all(|place| panel.holds(*place)), "{pieces:?}");
        assert!(panel.pieces(&[(f64::INFINITY, 0.0), (0.0, f64::NAN)]).is_empty());
    }
}
