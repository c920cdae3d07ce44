//! Figures: everything is drawn, and nothing that can be measured breaks them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod sample;

use glassbox_oracle::verdict::Outcome;
use glassbox_reports::{Axis, Comparison, Curve, Observed, Series, figures};
use sample::small;

#[test]
fn a_comparison_has_its_law_its_points_and_its_residuals() {
    let svg = figures::comparison(&sample::mean_squared_displacement()).unwrap();
    // each point once above and once below, each with its rim, and the legend's
    assert_eq!(svg.matches("<circle").count(), 2 * (2 * 18 + 1));
    for label in [
        "10⁻⁶",
        "mean squared displacement",
        "time (steps)",
        "free diffusion (null model)",
        "(standard errors)",
    ] {
        assert!(svg.contains(label), "{label}");
    }
    let dash = svg.matches("#D55E00").count();
    assert!(dash > 15, "the null model is dashed: {dash} dashes");
    assert_eq!(svg, figures::comparison(&sample::mean_squared_displacement()).unwrap());
}

#[test]
fn points_that_cannot_be_drawn_are_told() {
    let svg = figures::comparison(&sample::biased_density()).unwrap();
    assert!(svg.contains("Not drawn") && svg.contains("1 of 31 points"), "{svg}");
}

#[test]
fn hostile_values_are_drawn_without_panic_and_without_undefined_coordinates() {
    let odd =
        [0.0, -0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 5e-324, 1e300];
    let mut cases: Vec<Vec<Observed>> = vec![vec![]];
    for at in odd {
        for observed in odd {
            for standard_error in odd {
                cases.push(vec![Observed { at, observed, standard_error, predicted: 1.0 }]);
            }
        }
    }
    cases.push(cases.concat());
    for horizontal in [Axis::linear("x"), Axis::logarithmic("x")] {
        for vertical in [Axis::linear("y"), Axis::logarithmic("y")] {
            for points in &cases {
                let curve: Vec<(f64, f64)> =
                    points.iter().map(|point| (point.at, point.standard_error)).collect();
                let figure = Comparison::new("odd", "", "", horizontal.clone(), vertical.clone())
                    .unwrap()
                    .with_law(Curve::prediction("law", curve.clone(), usize::MAX))
                    .with_law(Curve::dashed("null", curve, 0))
                    .with_series(Series::new("points", points.clone(), 3));
                let svg = figures::comparison(&figure).unwrap();
                assert!(
                    svg.ends_with("</svg>\n") && !svg.contains("NaN") && !svg.contains("inf"),
                    "{points:?}"
                );
            }
        }
    }
}

#[test]
fn the_summary_shows_every_verdict() {
    let report = sample::report();
    let svg = figures::summary(&report).unwrap();
    // rim and dot for each consistent verdict, and for the legend's
    assert_eq!(svg.matches("<circle").count(), 2 * (report.counts().consistent + 1));
    let mut hostile = small();
    for share in [0.0, -1.0, 1.0, f64::NAN, 1e-320] {
        for difference in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308] {
            hostile.sections[0].verdicts.push(sample::verdict(
                "odd",
                Outcome::Inconsistent,
                Some(difference),
                share,
            ));
        }
    }
    assert!(!figures::summary(&hostile).unwrap().contains("NaN"));
}
