//! What the axes of a panel span, and how many values have no place on them.

use super::colour_bar::Tone;
use super::error::FigureError;
use super::mark::{HeatMap, Level, Mark, Shape};
use super::model::PlatePanel;
use crate::axes::Range;
use crate::comparison::Scale;

/// Both axes of a panel: fixed ones as given, the others around what was measured. Error bars, bands, reference
/// lines and null models widen an axis only where they are near.
pub(super) fn ranges(panel: &PlatePanel) -> Result<(Range, Range), FigureError> {
    let spans = |pick: fn(&Mark, Scale) -> Values, scale: Scale, cells: fn(&HeatMap) -> &[f64]| {
        let (mut core, mut near, mut edges) = (Vec::new(), Vec::new(), Vec::new());
        for mark in &panel.marks {
            if let Shape::HeatMap(map) = &mark.shape {
                edges.extend(cell_edges(scale, cells(map)).into_iter().flatten());
            }
            let values = pick(mark, scale);
            let is_companion = matches!(mark.tone, Tone::Null | Tone::Guide);
            if is_companion { &mut near } else { &mut core }.extend(values.core);
            near.extend(values.near);
        }
        if edges.is_empty() {
            Range::around(scale, core.into_iter(), near.into_iter())
        } else {
            Range::exactly(scale, edges.into_iter().flat_map(|(low, high)| [low, high]))
        }
    };
    let (horizontal, vertical) = (&panel.horizontal, &panel.vertical);
    let across = match horizontal.fixed(&panel.letter)? {
        Some(range) => range,
        None => spans(across, horizontal.scale, |map| &map.x),
    };
    let down = match vertical.fixed(&panel.letter)? {
        Some(range) => range,
        None => spans(down, vertical.scale, |map| &map.y),
    };
    Ok((across, down))
}

/// Values of a mark along one axis: those that must be seen, and those that should.
#[derive(Default)]
struct Values {
    core: Vec<f64>,
    near: Vec<f64>,
}

fn across(mark: &Mark, _: Scale) -> Values {
    let core = match &mark.shape {
        Shape::Line(points) => points.iter().map(|point| point.0).collect(),
        Shape::Band(points) => points.iter().map(|point| point.0).collect(),
        Shape::Points { points, .. } => points.iter().map(|point| point.x).collect(),
        Shape::Steps { edges, .. } => edges.clone(),
        Shape::Level(Level::Vertical(value)) => return Values { core: Vec::new(), near: vec![*value] },
        Shape::Slope { .. } | Shape::Level(Level::Horizontal(_)) | Shape::HeatMap(_) => Vec::new(),
    };
    Values { core, near: Vec::new() }
}

fn down(mark: &Mark, scale: Scale) -> Values {
    match &mark.shape {
        Shape::Line(points) => {
            Values { core: points.iter().map(|point| point.1).collect(), near: Vec::new() }
        }
        Shape::Band(points) => {
            Values { core: Vec::new(), near: points.iter().flat_map(|point| [point.1, point.2]).collect() }
        }
        Shape::Points { points, .. } => Values {
            core: points.iter().map(|point| point.y).collect(),
            near: points.iter().flat_map(|point| [point.low, point.high]).collect(),
        },
        Shape::Steps { heights, .. } => {
            let ground = (scale == Scale::Linear).then_some(0.0);
            Values { core: heights.iter().copied().chain(ground).collect(), near: Vec::new() }
        }
        Shape::Level(Level::Horizontal(value)) => Values { core: Vec::new(), near: vec![*value] },
        Shape::Slope { .. } | Shape::Level(Level::Vertical(_)) | Shape::HeatMap(_) => Values::default(),
    }
}

/// Number of values at or below zero that a logarithmic axis cannot show: points of lines, points and bands, and
/// rows and columns of heat maps. Empty bins of a histogram are not values.
pub(super) fn without_place(panel: &PlatePanel) -> usize {
    let logarithmic = |scale: Scale| scale == Scale::Logarithmic;
    let (across, down) = (logarithmic(panel.horizontal.scale), logarithmic(panel.vertical.scale));
    let hidden = |x: f64, y: f64| {
        let is_number = x.is_finite() && y.is_finite();
        is_number && ((across && x <= 0.0) || (down && y <= 0.0))
    };
    let count = |mark: &Mark| match &mark.shape {
        Shape::Line(points) => points.iter().filter(|point| hidden(point.0, point.1)).count(),
        Shape::Band(points) => points.iter().filter(|point| hidden(point.0, point.2)).count(),
        Shape::Points { points, .. } => points.iter().filter(|point| hidden(point.x, point.y)).count(),
        Shape::HeatMap(map) => {
            let lost = |values: &[f64], axis: bool| {
                values.iter().filter(|value| axis && value.is_finite() && **value <= 0.0).count()
            };
            lost(&map.x, across) + lost(&map.y, down)
        }
        Shape::Steps { .. } | Shape::Slope { .. } | Shape::Level(_) => 0,
    };
    panel.marks.iter().map(count).sum()
}

/// Ends of the cells around rising middles, half-way as the scale spaces them; `None` for a middle without a place.
pub(super) fn cell_edges(scale: Scale, middles: &[f64]) -> Vec<Option<(f64, f64)>> {
    let ruler = Range::exactly(scale, std::iter::empty());
    let back = |place: f64| if scale == Scale::Logarithmic { 10f64.powf(place) } else { place };
    let places: Vec<Option<f64>> = middles.iter().map(|value| ruler.spaced(*value)).collect();
    let known: Vec<f64> = places.iter().copied().flatten().collect();
    let half = |index: usize, other: usize| known.get(other).map(|next| 0.5 * (next - known[index]).abs());
    let mut index = 0_usize;
    let edges = places.iter().map(|place| {
        let middle = (*place)?;
        let (before, after) =
            (index.checked_sub(1).and_then(|before| half(index, before)), half(index, index + 1));
        index += 1;
        let single = 0.5 * if scale == Scale::Logarithmic { 1.0 } else { middle.abs().max(1.0) };
        let (before, after) = (before.or(after).unwrap_or(single), after.or(before).unwrap_or(single));
        Some((back(middle - before), back(middle + after)))
    });
    edges.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::plate::{Measurement, PlateAxis};

    #[test]
    fn cells_meet_half_way_as_the_axis_spaces_them() {
        assert_eq!(
            cell_edges(Scale::Linear, &[1.0, 2.0, 4.0]),
            [Some((0.5, 1.5)), Some((1.5, 3.0)), Some((3.0, 5.0))]
        );
        let edges = cell_edges(Scale::Logarithmic, &[0.0, 1.0, 100.0]);
        assert_eq!(edges[0], None);
        assert_eq!((edges[1], edges[2]), (Some((0.1, 10.0)), Some((10.0, 1000.0))));
    }

    #[test]
    fn values_that_a_logarithmic_axis_cannot_show_are_counted_and_undefined_ones_are_not() {
        let panel = PlatePanel::new("a", "", PlateAxis::logarithmic("x"), PlateAxis::linear("y"))
            .with_mark(Mark::line("", vec![(0.0, 1.0), (1.0, 0.0), (f64::NAN, 1.0)], Tone::Measured))
            .with_mark(Mark::points("", vec![Measurement::bare(-1.0, 1.0)], Tone::Measured));
        assert_eq!(without_place(&panel), 2);
    }

    #[test]
    fn a_null_model_that_falls_to_nothing_does_not_squeeze_the_measurements() {
        let axis = || PlateAxis::logarithmic("");
        let panel = PlatePanel::new("a", "", axis(), axis())
            .with_mark(Mark::line("", vec![(1.0, 1.0), (10.0, 0.1)], Tone::Measured))
            .with_mark(Mark::line("", vec![(1.0, 1.0), (10.0, 1e-200)], Tone::Null));
        let (_, down) = ranges(&panel).unwrap();
        assert!(down.low > -2.3, "{down:?}");
    }
}
