//! A column of a table as a figure: one curve for each combination of the other parameters that vary.

use super::{Fallback, Law, PredictionError};
use glassbox_reports::numbers::typeset;
use glassbox_reports::{Axis, Comparison, Curve, DataColumn, DataTable, Palette, figures};
use std::collections::{HashMap, HashSet};

/// One curve: the values of the parameters it does not run along, and its points.
struct Drawn {
    settings: Vec<f64>,
    points: Vec<(f64, f64)>,
}

/// SVG text of `column` against the natural axis of `law`, or, where that does not vary, against the last parameter
/// that does.
///
/// # Errors
/// [`PredictionError::NothingToDraw`] if the table has no such column or no parameter varies.
pub fn figure(law: &Law, table: &DataTable, column: &str) -> Result<String, PredictionError> {
    let nothing = |reason| PredictionError::NothingToDraw { column: column.to_owned(), reason };
    let find = |name: &str| table.columns().iter().find(|column| column.name == name);
    let drawn = find(column).ok_or_else(|| nothing("the law has no such column"))?;
    if drawn.values.iter().all(Option::is_none) {
        return Err(nothing("it has no values for these parameters"));
    }
    let varies =
        |name| find(name).is_some_and(|column| column.values.iter().any(|one| *one != column.values[0]));
    let varying: Vec<_> = law.parameters.iter().filter(|parameter| varies(parameter.name)).collect();
    let natural = varying.iter().find(|parameter| matches!(parameter.fallback, Fallback::Grid(_)));
    let axis = natural
        .or(varying.last())
        .ok_or_else(|| nothing("no parameter varies; give one a list or a range"))?;
    let across = find(axis.name).ok_or_else(|| nothing("its axis has no values"))?;
    let others: Vec<&DataColumn> =
        varying.iter().filter(|other| other.name != axis.name).filter_map(|other| find(other.name)).collect();

    // Rows of one combination of the other parameters are one curve, in the order of the table.
    let mut number_of: HashMap<Vec<u64>, usize> = HashMap::new();
    let mut curves: Vec<Drawn> = Vec::new();
    for row in 0..table.rows() {
        let value = |column: &DataColumn| column.values[row].unwrap_or(f64::NAN);
        let settings: Vec<f64> = others.iter().map(|other| value(other)).collect();
        let number =
            *number_of.entry(settings.iter().map(|one| one.to_bits()).collect()).or_insert_with(|| {
                curves.push(Drawn { settings, points: Vec::new() });
                curves.len() - 1
            });
        curves[number].points.push((value(across), value(drawn)));
    }
    // Few digits, unless curves then share a label.
    let label = |settings: &[f64], digits: usize| {
        let named = others.iter().zip(settings);
        let named: Vec<String> =
            named.map(|(other, value)| format!("{} = {}", other.name, typeset(*value, digits))).collect();
        named.join(", ")
    };
    let distinct = |digits: &usize| {
        let labels: HashSet<String> = curves.iter().map(|curve| label(&curve.settings, *digits)).collect();
        labels.len() == curves.len()
    };
    let digits = (3..17).find(distinct).unwrap_or(17);
    let palette = if others.is_empty() { Palette::Categories } else { Palette::Sequence };
    let (title, caption) = (law.title, law.equation);
    let horizontal = scaled(across, axis.meaning);
    let mut figure = Comparison::new(law.name, title, caption, horizontal, scaled(drawn, &drawn.meaning))?
        .with_palette(palette);
    for (colour, Drawn { settings, points }) in curves.iter().enumerate() {
        let mut points = points.clone();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        figure = figure.with_law(Curve::prediction(label(settings, digits), points, colour));
    }
    Ok(figures::comparison(&figure)?)
}

/// A logarithmic axis for numbers above 0 over more than a factor of thirty, unless they are equally far apart, else a
/// linear one. What a meaning says behind a semicolon is for the table.
fn scaled(column: &DataColumn, meaning: &str) -> Axis {
    let label = meaning.split(';').next().unwrap_or_default();
    let finite: Vec<f64> =
        column.values.iter().copied().flatten().filter(|value| value.is_finite()).collect();
    let (low, high) = finite
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    let step = finite.get(1).map_or(0.0, |second| second - low);
    let equally_far = finite
        .windows(2)
        .all(|pair| (pair[1] - pair[0] - step).abs() <= 1e-9 * (high - low) || pair[1] <= pair[0]);
    let logarithmic = low > 0.0 && high > 30.0 * low && !equally_far;
    if logarithmic { Axis::logarithmic(label) } else { Axis::linear(label) }
}
