//! The numbers of a plate as CSV (RFC 4180), so that it can be plotted again by other means.

use std::fmt::Write;

use super::colour_bar::Tone;
use super::mark::{Level, Mark, Shape};
use super::model::Plate;
use crate::csv::field;

const HEADER: &str = "panel,kind,series,role,ordered_by,x,y,low,high\n";

/// One row a point, behind lines that begin with `# ` (title, provenance, axes of the panels).
///
/// `kind` is `line`, `band`, `points`, `steps` (x is the middle of a bin, low and high its edges), `slope` (y is the
/// slope at x), `level` or `cell` (x, y and, in `low` and `high`, the value). `ordered_by` is the value on the colour
/// bar. Numbers have all their digits; what does not apply, and what is not a finite number, is empty.
pub fn plate_csv(plate: &Plate) -> String {
    let mut text = format!("# {}\n# {}\n", one_line(&plate.title), one_line(&plate.provenance.line()));
    for panel in &plate.panels {
        // A String takes everything.
        let _ = writeln!(
            text,
            "# panel {}: {}; x = {}; y = {}",
            one_line(&panel.letter),
            one_line(&panel.title),
            one_line(&panel.horizontal.label),
            one_line(&panel.vertical.label)
        );
    }
    text.push_str(HEADER);
    for panel in &plate.panels {
        for mark in &panel.marks {
            rows(&mut text, &field(&panel.letter), mark);
        }
    }
    text
}

fn rows(text: &mut String, panel: &str, mark: &Mark) {
    let (role, ordered_by) = match mark.tone {
        Tone::Ordered(value) => ("ordered", cell(value)),
        Tone::Measured => ("measured", String::new()),
        Tone::Null => ("null", String::new()),
        Tone::Paper => ("paper", String::new()),
        Tone::Guide => ("guide", String::new()),
        Tone::Category(_) => ("category", String::new()),
    };
    let series = field(&mark.label);
    let mut row = |kind: &str, x: f64, y: f64, low: f64, high: f64| {
        let numbers = [x, y, low, high].map(cell).join(",");
        let _ = writeln!(text, "{panel},{kind},{series},{role},{ordered_by},{numbers}");
    };
    const NONE: f64 = f64::NAN;
    match &mark.shape {
        Shape::Line(points) => points.iter().for_each(|point| row("line", point.0, point.1, NONE, NONE)),
        Shape::Band(points) => points.iter().for_each(|point| row("band", point.0, NONE, point.1, point.2)),
        Shape::Points { points, .. } => {
            points.iter().for_each(|point| row("points", point.x, point.y, point.low, point.high));
        }
        Shape::Steps { edges, heights } => {
            for (ends, height) in edges.windows(2).zip(heights) {
                row("steps", 0.5 * (ends[0] + ends[1]), *height, ends[0], ends[1]);
            }
        }
        Shape::Slope { through, slope, .. } => row("slope", through.0, *slope, NONE, NONE),
        Shape::Level(Level::Horizontal(value)) => row("level", NONE, *value, NONE, NONE),
        Shape::Level(Level::Vertical(value)) => row("level", *value, NONE, NONE, NONE),
        Shape::HeatMap(map) => {
            for (y, values) in map.y.iter().zip(&map.values) {
                for (x, value) in map.x.iter().zip(values) {
                    let value = value.unwrap_or(NONE);
                    row("cell", *x, *y, value, value);
                }
            }
        }
    }
}

/// All digits; empty for what is not a finite number.
fn cell(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { String::new() }
}

/// Comments end with their line.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::plate::{Measurement, PlateAxis, PlatePanel};
    use crate::{Provenance, Scale};

    #[test]
    fn every_mark_has_its_rows() {
        let panel = PlatePanel::new("a", "All marks", PlateAxis::linear("x"), PlateAxis::linear("y, in\nm"))
            .with_mark(Mark::line("T, hot", vec![(1.0, 0.5), (2.0, f64::NAN)], Tone::Ordered(1e-4)))
            .with_mark(Mark::band("null", vec![(1.0, 0.25, 0.75)], Tone::Null))
            .with_mark(Mark::points("", vec![Measurement::new(1.0, 2.0, 1.5, 2.5)], Tone::Measured))
            .with_mark(Mark::steps("h", vec![0.0, 1.0], vec![3.0], Tone::Category(0)))
            .with_mark(Mark::slope("slope −1", (1.0, 1.0), -1.0, (1.0, 2.0)))
            .with_mark(Mark::level("λ*", Level::Vertical(0.03), Tone::Paper))
            .with_mark(Mark::heat_map(
                "loss",
                vec![1.0, 2.0],
                vec![5.0],
                vec![vec![Some(0.5), None]],
                Scale::Linear,
            ));
        let plate = Plate::new("1a", "Title", "", Provenance::new("0.1.0", "desk", 7, "glassbox reproduce"))
            .unwrap()
            .with_panel(panel);
        insta::assert_snapshot!(plate_csv(&plate), @r#"
        # Title
        # glassbox 0.1.0 · desk scale · seed 7 · glassbox reproduce
        # panel a: All marks; x = x; y = y, in m
        panel,kind,series,role,ordered_by,x,y,low,high
        a,line,"T, hot",ordered,0.0001,1.0,0.5,,
        a,line,"T, hot",ordered,0.0001,2.0,,,
        a,band,null,null,,1.0,,0.25,0.75
        a,points,,measured,,1.0,2.0,1.5,2.5
        a,steps,h,category,,0.5,3.0,0.0,1.0
        a,slope,slope −1,guide,,1.0,-1.0,,
        a,level,λ*,paper,,0.03,,,
        a,cell,loss,measured,,1.0,5.0,0.5,0.5
        a,cell,loss,measured,,2.0,5.0,,
        "#);
    }
}
