//! The data of a figure as CSV (RFC 4180), so that it can be plotted again by other means.

use crate::comparison::{Comparison, Line};

pub(crate) const HEADER: &str =
    "kind,label,at,value,standard_error,predicted,difference_in_standard_errors\n";

/// One row a point. `kind` is `law`, `dashed` or `simulation`; numbers have all their digits; what does not apply is empty.
pub fn comparison_csv(figure: &Comparison) -> String {
    let mut text = HEADER.to_owned();
    for law in &figure.laws {
        let kind = match law.line {
            Line::Prediction => "law",
            Line::Dashed => "dashed",
        };
        for (at, value) in &law.points {
            text.push_str(&format!("{kind},{},{at:?},{value:?},,,\n", field(&law.label)));
        }
    }
    for series in &figure.series {
        for point in &series.points {
            let difference = point.difference_in_standard_errors().map(|value| format!("{value:?}"));
            text.push_str(&format!(
                "simulation,{},{:?},{:?},{:?},{:?},{}\n",
                field(&series.label),
                point.at,
                point.observed,
                point.standard_error,
                point.predicted,
                difference.unwrap_or_default(),
            ));
        }
    }
    text
}

/// A cell, in quotes where it must be.
pub(crate) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::comparison_csv;
    use crate::{Axis, Comparison, Curve, Observed, Series};

    #[test]
    fn every_point_is_a_row_and_labels_are_quoted() {
        let point = |standard_error| Observed { at: 1.0, observed: 0.5, standard_error, predicted: f64::NAN };
        let figure = Comparison::new("a", "A", "", Axis::linear("x"), Axis::linear("y"))
            .unwrap()
            .with_law(Curve::prediction("T = 1, \"hot\"", vec![(0.1, 1e-20)], 0))
            .with_law(Curve::dashed("null", vec![(0.1, f64::INFINITY)], 1))
            .with_series(Series::new(
                "run",
                vec![point(0.0), Observed { predicted: 0.25, ..point(0.125) }],
                0,
            ));
        insta::assert_snapshot!(comparison_csv(&figure), @r#"
        kind,label,at,value,standard_error,predicted,difference_in_standard_errors
        law,"T = 1, ""hot""",0.1,1e-20,,,
        dashed,null,0.1,inf,,,
        simulation,run,1.0,0.5,0.0,NaN,
        simulation,run,1.0,0.5,0.125,0.25,2.0
        "#);
    }
}
