//! Every law against 50-digit arithmetic: `oracle/reference/*.csv`, made by `make_reference.py` with mpmath.
//!
//! Promise: relative error at most 1e-13, or 4 ulps times the condition number where that is larger. The inverse error
//! functions keep 1e-13 everywhere.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "reference/law.rs"]
mod law;
mod reference;

use glassbox_oracle::Displacement;
use glassbox_oracle::special::{erf_window, erf_window_complement, inverse_erf, inverse_erfc};
use law::law;
use reference::{PROMISE, ULPS, assert_close, number, rows};
use std::collections::HashMap;

type Observable<'a> = &'a dyn Fn(&Displacement) -> f64;

#[test]
fn every_observable_of_every_law() {
    let rows = rows(include_str!("../reference/laws.csv"));
    assert!(rows.len() >= 2000, "{} rows", rows.len());
    let mut worst: HashMap<&str, f64> = HashMap::new();
    for row in &rows {
        let displacement = law(row).displacement(number(row, "lag")).unwrap();
        let (half_width, position) = (number(row, "half_width"), number(row, "position"));
        let observables: [(&str, Observable<'_>); 10] = [
            ("mean", &Displacement::mean),
            ("variance", &Displacement::variance),
            ("overlap", &|law| law.overlap(half_width)),
            ("mobile_fraction", &|law| law.mobile_fraction(half_width)),
            ("mean_squared_displacement", &Displacement::mean_squared_displacement),
            ("non_gaussian_parameter", &|law| law.non_gaussian_parameter().unwrap()),
            ("cumulative", &|law| law.cumulative(position)),
            ("survival", &|law| law.survival(position)),
            ("density_of_magnitude", &|law| law.magnitude_density(half_width)),
            ("density_of_log10_magnitude", &|law| law.log10_magnitude_density(half_width.log10())),
        ];
        for (name, observable) in observables {
            // An empty cell is a value that does not exist or that no double can hold.
            if row[name].is_empty() {
                continue;
            }
            let condition = number(row, format!("{name}_condition").as_str());
            let error = assert_close(observable(&displacement), number(row, name), condition, name, row);
            if ULPS * f64::EPSILON * condition <= PROMISE {
                let so_far = worst.entry(name).or_default();
                *so_far = so_far.max(error);
            }
        }
    }
    println!("{} rows; worst relative errors where 1e-13 is promised: {worst:?}", rows.len());
}

#[test]
fn every_relaxation_time() {
    let rows = rows(include_str!("../reference/relaxation.csv"));
    assert!(rows.len() >= 300, "{} rows", rows.len());
    for row in &rows {
        let time = law(row).relaxation_time(number(row, "half_width"), number(row, "level")).unwrap();
        if row["relaxation_time"].is_empty() {
            assert_eq!(time, None, "{row:?}");
            continue;
        }
        let condition = number(row, "relaxation_time_condition");
        let got = time.unwrap_or_else(|| panic!("no relaxation time in {row:?}"));
        assert_close(got, number(row, "relaxation_time"), condition, "relaxation_time", row);
    }
}

#[test]
fn every_special_function() {
    let rows = rows(include_str!("../reference/special.csv"));
    assert!(rows.len() >= 400, "{} rows", rows.len());
    for row in &rows {
        let first = number(row, "first");
        let (got, condition) = match row["function"] {
            "erf_window" => (erf_window(first, number(row, "second")), number(row, "value_condition")),
            "erf_window_complement" => {
                (erf_window_complement(first, number(row, "second")), number(row, "value_condition"))
            }
            "inverse_erf" => (inverse_erf(first), 0.0),
            "inverse_erf_complement" => (inverse_erfc(first), 0.0),
            other => panic!("unknown function {other}"),
        };
        assert_close(got, number(row, "value"), condition, row["function"], row);
    }
}
