//! Joint laws against 50-digit arithmetic: `oracle/reference/joint.csv`, with the promise of `reference_table.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "reference/law.rs"]
mod law;
mod reference;

use law::law;
use reference::{PROMISE, ULPS, assert_close, number, rows};
use std::collections::HashMap;

#[test]
fn every_covariance_of_two_lags() {
    let rows = rows(include_str!("../reference/joint.csv"));
    assert!(rows.len() >= 120, "{} rows", rows.len());
    let mut worst: HashMap<&str, f64> = HashMap::new();
    let (mut compared, mut loosest_bound) = (0, 0.0_f64);
    for row in &rows {
        let joint =
            law(row).joint_displacements(&[number(row, "first_lag"), number(row, "second_lag")]).unwrap();
        let window = joint.window_covariance(0, 1, number(row, "half_width")).unwrap();
        let values = [
            ("covariance", joint.covariance(0, 1).unwrap()),
            ("unexplained_share", joint.unexplained_share(0, 1).unwrap()),
            ("squares_covariance", joint.mean_squared_displacement_covariance(1).unwrap()[1]),
            ("window_covariance", window.value),
        ];
        for (name, got) in values {
            if row[name].is_empty() {
                continue;
            }
            compared += 1;
            let condition = number(row, format!("{name}_condition").as_str());
            let error = assert_close(got, number(row, name), condition, name, row);
            if ULPS * f64::EPSILON * condition <= PROMISE {
                let so_far = worst.entry(name).or_default();
                *so_far = so_far.max(error);
            }
        }
        if let Ok(expected) = row["window_covariance"].parse::<f64>() {
            // The bound counts quadrature and rounding of the integrand; the windows themselves round by their condition.
            let inputs = ULPS * f64::EPSILON * number(row, "window_covariance_condition") * expected.abs();
            assert!((window.value - expected).abs() <= window.error_bound + inputs, "{window:?} in {row:?}");
            loosest_bound = loosest_bound.max(window.error_bound / expected.abs());
        }
    }
    println!("{compared} values; worst relative errors where 1e-13 is promised: {worst:?}");
    println!("loosest error bound of a window covariance, relative: {loosest_bound:.1e}");
}
