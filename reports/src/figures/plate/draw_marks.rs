//! Marks of a panel, each as few paths.

use plotters::style::RGBColor;

use super::colour_bar::{Sequence, Stroke, Tone, stroke};
use super::free_space::Occupied;
use super::heat_cells::{self, cell_range};
use super::mark::{Level, Mark, Measurement, Shape};
use crate::axes::{Panel, Range, thinned};
use crate::canvas::Point;
use crate::comparison::{Palette, Scale};
use crate::theme::{self, Marker, PAPER};
use crate::vector::{Pen, Sheet, Trace};

const RADIUS: f64 = 2.3;
/// Points nearer to the chord of their neighbours than this are dropped.
const TOLERANCE: f64 = 0.12;
/// Of a dense curve, this much of the horizontal axis keeps its first, lowest, highest and last point.
const COLUMN: f64 = 1.5;

/// Draws one mark, in a casing of paper if it lies on cells, notes where it is, and returns where its right end is if it has one.
pub(super) fn draw(
    sheet: &mut Sheet,
    panel: &Panel,
    mark: &Mark,
    (sequence, cased, name): (Option<&Sequence>, bool, &str),
    occupied: &mut Occupied,
) -> Option<Point> {
    let stroke = Stroke { cased, ..stroke(mark.tone, sequence) };
    match &mark.shape {
        Shape::Line(points) => line(sheet, panel, points, stroke, occupied),
        Shape::Steps { edges, heights } => {
            line(sheet, panel, &outline(edges, heights, panel.vertical.scale), stroke, occupied)
        }
        Shape::Band(points) => band(sheet, panel, points, (stroke.colour, name), occupied),
        Shape::Points { points, joined } => {
            if *joined {
                let through: Vec<(f64, f64)> = points.iter().map(|point| (point.x, point.y)).collect();
                line(sheet, panel, &through, Stroke { width: 0.9, ..stroke }, occupied);
            }
            measurements(sheet, panel, points, mark.tone, stroke.colour, occupied)
        }
        Shape::Slope { .. } | Shape::Level(_) => {
            line(sheet, panel, &straight(panel, &mark.shape), stroke, occupied);
            None
        }
        Shape::HeatMap(map) => {
            if let Ok(range) = cell_range(&mark.label, map) {
                let corners = ((panel.left, panel.top), (panel.right, panel.bottom));
                sheet.clipped(name, corners, |sheet| heat_cells::draw(sheet, panel, map, &range));
            }
            None
        }
    }
}

/// Line through values, cut at the edges, interrupted where a value has no place.
fn line(
    sheet: &mut Sheet,
    panel: &Panel,
    points: &[(f64, f64)],
    stroke: Stroke,
    occupied: &mut Occupied,
) -> Option<Point> {
    let mut trace = Trace::default();
    let mut end = None;
    for piece in panel.pieces(points) {
        let piece = thinned(&condensed(&piece), TOLERANCE);
        trace.line(&piece);
        occupied.note_line(&piece);
        end = piece.last().copied();
    }
    if stroke.cased {
        sheet.path(&trace, Pen::line(PAPER, stroke.width + 1.6));
    }
    sheet.path(&trace, Pen { dashed: stroke.dashed, ..Pen::line(stroke.colour, stroke.width) });
    end
}

/// First, lowest, highest and last point of every column of pixels, in their order.
fn condensed(points: &[Point]) -> Vec<Point> {
    let column = |point: &Point| (point.0 / COLUMN).floor();
    let mut kept = Vec::with_capacity(points.len());
    for group in points.chunk_by(|one, other| column(one) == column(other)) {
        if group.len() <= 3 {
            kept.extend_from_slice(group);
            continue;
        }
        let by_height = |one: &(usize, &Point), other: &(usize, &Point)| one.1.1.total_cmp(&other.1.1);
        let highest = group.iter().enumerate().min_by(by_height).map_or(0, |(index, _)| index);
        let lowest = group.iter().enumerate().max_by(by_height).map_or(0, |(index, _)| index);
        let mut chosen = [0, highest.min(lowest), highest.max(lowest), group.len() - 1].to_vec();
        chosen.dedup();
        kept.extend(chosen.into_iter().map(|index| group[index]));
    }
    kept
}

/// Outline of a histogram, down to the ground at both ends where the ground has a place.
fn outline(edges: &[f64], heights: &[f64], scale: Scale) -> Vec<(f64, f64)> {
    let bins = edges.windows(2).zip(heights);
    let tops = bins.flat_map(|(ends, height)| [(ends[0], *height), (ends[1], *height)]);
    let ground = |edge: Option<&f64>| edge.filter(|_| scale == Scale::Linear).map(|edge| (*edge, 0.0));
    ground(edges.first()).into_iter().chain(tops).chain(ground(edges.last())).collect()
}

/// The two ends of a guide or of a reference line.
fn straight(panel: &Panel, shape: &Shape) -> Vec<(f64, f64)> {
    let value = |range: &Range, place: f64| match range.scale {
        Scale::Linear => place,
        Scale::Logarithmic => 10f64.powf(place),
    };
    let ends = |range: &Range| [value(range, range.low), value(range, range.high)];
    match shape {
        Shape::Level(Level::Horizontal(height)) => ends(&panel.horizontal).map(|x| (x, *height)).to_vec(),
        Shape::Level(Level::Vertical(across)) => ends(&panel.vertical).map(|y| (*across, y)).to_vec(),
        Shape::Slope { through, slope, span } => {
            let middle = (panel.horizontal.spaced(through.0), panel.vertical.spaced(through.1));
            let (Some(x), Some(y)) = middle else { return Vec::new() };
            let height = |end: f64| {
                let distance = panel.horizontal.spaced(end)? - x;
                Some((end, value(&panel.vertical, y + slope * distance)))
            };
            [span.0, span.1].into_iter().filter_map(height).collect()
        }
        _ => Vec::new(),
    }
}

/// Area between low and high; an end without a place, such as 0 on a logarithmic axis, is the edge of the panel.
fn band(
    sheet: &mut Sheet,
    panel: &Panel,
    points: &[(f64, f64, f64)],
    (colour, name): (RGBColor, &str),
    occupied: &mut Occupied,
) -> Option<Point> {
    let placed: Vec<Option<(Point, Point)>> = points
        .iter()
        .map(|(x, low, high)| {
            if low.is_nan() {
                return None;
            }
            let (across, top) = panel.place(*x, *high)?;
            Some(((across, panel.down(*low).unwrap_or(panel.bottom)), (across, top)))
        })
        .collect();
    let mut area = Trace::default();
    let mut end = None;
    for run in placed.split(Option::is_none) {
        let thin = |points: Vec<Point>| thinned(&condensed(&points), TOLERANCE);
        let low = thin(run.iter().flatten().map(|pair| pair.0).collect());
        let high = thin(run.iter().flatten().map(|pair| pair.1).collect());
        if low.len() < 2 {
            continue;
        }
        occupied.note_line(&high);
        end = low.last().zip(high.last()).map(|(low, high)| (low.0, 0.5 * (low.1 + high.1)));
        let around: Vec<Point> = low.into_iter().chain(high.into_iter().rev()).collect();
        area.polygon(&around);
    }
    let corners = ((panel.left, panel.top), (panel.right, panel.bottom));
    sheet.clipped(name, corners, |sheet| sheet.path(&area, Pen::area(colour, 0.22)));
    end.filter(|end| panel.holds(*end))
}

/// Points and their error bars; points outside the panel are left out.
fn measurements(
    sheet: &mut Sheet,
    panel: &Panel,
    points: &[Measurement],
    tone: Tone,
    colour: RGBColor,
    occupied: &mut Occupied,
) -> Option<Point> {
    let mut bars = Trace::default();
    let mut places = Vec::new();
    for point in points {
        let Some(place) = panel.place(point.x, point.y).filter(|place| panel.holds(*place)) else { continue };
        places.push(place);
        if point.low.is_nan() || point.high.is_nan() {
            continue;
        }
        let top = panel.down(point.high).unwrap_or(panel.top).max(panel.top);
        let bottom = panel.down(point.low).unwrap_or(panel.bottom).min(panel.bottom);
        if bottom - top > 0.2 {
            let bar = [(place.0, top), (place.0, bottom)];
            bars.line(&bar);
            occupied.note_line(&bar);
            let caps = [top, bottom].into_iter().filter(|end| (end - place.1).abs() > RADIUS + 1.0);
            caps.for_each(|end| bars.line(&[(place.0 - 1.8, end), (place.0 + 1.8, end)]));
        }
    }
    sheet.path(&bars, Pen::line(colour, 0.9));
    markers(sheet, &places, tone, colour);
    for place in &places {
        occupied.note_line(&[(place.0 - RADIUS, place.1), (place.0 + RADIUS, place.1)]);
    }
    places.into_iter().max_by(|one, other| one.0.total_cmp(&other.0))
}

/// Markers of a tone: discs for what is measured, rings for the null, diamonds for the paper.
pub(super) fn markers(sheet: &mut Sheet, places: &[Point], tone: Tone, colour: RGBColor) {
    let marker = match tone {
        Tone::Ordered(_) | Tone::Measured | Tone::Null | Tone::Guide => Marker::Disc,
        Tone::Paper => Marker::Diamond,
        Tone::Category(index) => theme::marker(Palette::Categories, index),
    };
    let mut trace = Trace::default();
    let corners: &[Point] = match marker {
        Marker::Disc => {
            places.iter().for_each(|place| trace.dot(*place));
            let disc = |colour, radius: f64| Pen { round: true, ..Pen::line(colour, 2.0 * radius) };
            let (outer, inner) = if tone == Tone::Null { (colour, PAPER) } else { (PAPER, colour) };
            sheet.path(&trace, disc(outer, RADIUS + 0.6));
            sheet.path(&trace, disc(inner, RADIUS - if tone == Tone::Null { 0.4 } else { 0.0 }));
            return;
        }
        Marker::Square => &[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)],
        Marker::Diamond => &[(0.0, -1.35), (1.35, 0.0), (0.0, 1.35), (-1.35, 0.0)],
        Marker::Triangle => &[(0.0, -1.25), (1.15, 0.85), (-1.15, 0.85)],
    };
    for place in places {
        let around = |corner: &Point| (place.0 + RADIUS * corner.0, place.1 + RADIUS * corner.1);
        trace.polygon(&corners.iter().map(around).collect::<Vec<_>>());
    }
    sheet.path(&trace, Pen { fill: Some(colour), ..Pen::line(PAPER, 0.6) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dense_curve_keeps_its_extremes() {
        let dense: Vec<Point> = (0..10_000)
            .map(|index| (f64::from(index) * 0.01, if index == 5_003 { 40.0 } else { f64::from(index % 7) }))
            .collect();
        let kept = condensed(&dense);
        assert!(kept.len() <= 4 * 67 && kept.contains(&dense[5_003]), "{}", kept.len());
        assert_eq!((kept.first(), kept.last()), (dense.first(), dense.last()));
        let sparse = &dense[..3];
        assert_eq!(condensed(sparse), sparse);
    }

    #[test]
    fn a_histogram_stands_on_the_ground_of_a_linear_axis() {
        assert_eq!(
            outline(&[0.0, 1.0, 2.0], &[3.0, 4.0], Scale::Linear),
            [(0.0, 0.0), (0.0, 3.0), (1.0, 3.0), (1.0, 4.0), (2.0, 4.0), (2.0, 0.0)]
        );
        assert_eq!(outline(&[0.0, 1.0], &[3.0], Scale::Logarithmic).len(), 2);
        assert!(outline(&[], &[], Scale::Linear).is_empty());
    }
}
