//! What the axes of a comparison span, and what its note has to say about the rest.

use crate::axes::{Range, Tick, ticks};
use crate::comparison::{Comparison, Observed};
use crate::numbers::typeset;

pub(super) fn horizontal_range(figure: &Comparison) -> Range {
    let laws = figure.laws.iter().flat_map(|law| &law.points).map(|point| point.0);
    Range::around(figure.horizontal.scale, figure.observations().map(|point| point.at), laws)
}

pub(super) fn vertical_range(figure: &Comparison) -> Range {
    let laws = figure.laws.iter().flat_map(|law| &law.points).map(|point| point.1);
    let ends = |point: &Observed| {
        let error = if point.standard_error.is_finite() { point.standard_error } else { 0.0 };
        [point.observed - error, point.observed + error]
    };
    let core = figure.observations().map(|point| point.observed);
    Range::around(figure.vertical.scale, core, laws.chain(figure.observations().flat_map(ends)))
}

/// At least four standard errors either way; `None` if no difference can be drawn.
pub(super) fn residual_range(figure: &Comparison) -> Option<Range> {
    let differences = figure.observations().filter_map(Observed::difference_in_standard_errors);
    let largest = differences.map(f64::abs).filter(|size| *size < 1e299).reduce(f64::max)?;
    Some(Range::symmetric((1.12 * largest).max(4.2)))
}

/// Multiples of the outer band, or round numbers where those would be crowded.
pub(super) fn residual_ticks(range: &Range) -> Vec<Tick> {
    if range.high > 9.0 {
        return ticks(range, 5);
    }
    let inside =
        [-9.0, -6.0, -3.0, 0.0, 3.0, 6.0, 9.0].into_iter().filter(|value: &f64| value.abs() <= range.high);
    let tick = |value| Some(Tick { fraction: range.fraction(value)?, label: Some(typeset(value, 1)) });
    inside.filter_map(tick).collect()
}

/// How to read the figure, and what is missing from it.
pub(super) fn note(figure: &Comparison, horizontal: &Range, vertical: &Range) -> String {
    let mut note = String::new();
    if figure.observations().next().is_some() {
        let lines = if figure.laws.is_empty() { "" } else { "Lines: law. " };
        note.push_str(lines);
        note.push_str("Points: simulation ± 1 standard error.");
    }
    let drawable = |point: &&Observed| {
        horizontal.fraction(point.at).is_some() && vertical.fraction(point.observed).is_some()
    };
    let (total, drawn) = (figure.observations().count(), figure.observations().filter(drawable).count());
    if drawn < total {
        note.push_str(&format!(
            " Not drawn, having no place on these axes: {} of {total} points.",
            total - drawn
        ));
    }
    let judged =
        figure.observations().filter(|point| point.difference_in_standard_errors().is_some()).count();
    if judged < total {
        note.push_str(&format!(
            " Not judged, having no usable standard error: {} of {total} points.",
            total - judged
        ));
    }
    note
}
