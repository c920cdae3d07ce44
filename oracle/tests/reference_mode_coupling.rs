//! Mode coupling, master curves, ageing and stationary points against 50-digit arithmetic:
//! `oracle/reference/mode_coupling.csv`, made by `make_reference.py` with mpmath.
//!
//! Promise: relative error at most 1e-13, or 4 ulps times the condition number where that is larger; 2e-15 for the Bessel
//! functions.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_oracle::glass::ageing::spherical_correlation;
use glassbox_oracle::glass::master_curve::MasterCurve::{self, CriticalF1, FreeDiffusion};
use glassbox_oracle::glass::mode_coupling::{ExponentialMemory, F1, F12, exponents};
use glassbox_oracle::glass::power_law::{FitWindow, Spacing};
use glassbox_oracle::glass::stationary_points::{expected_count, minima_complexity, total_complexity};
use glassbox_oracle::special::{bessel_i0_scaled, bessel_i1_scaled, bessel_i1_scaled_over_argument};
use std::collections::BTreeMap;

const PROMISE: f64 = 1e-13;
const ULPS: f64 = 4.0;
/// Nine ulps: the rounding of at most 35 positive terms of one sign, which adds up like its root.
const BESSEL_PROMISE: f64 = 2e-15;

fn fit(curve: MasterCurve, from: f64, to: f64, spacing: Spacing) -> f64 {
    FitWindow::new(from, to, spacing).unwrap().exponent(|time| curve.local_exponent(time)).unwrap()
}

fn evaluate(function: &str, first: f64, second: f64) -> f64 {
    match function {
        "bessel_i0_scaled" => bessel_i0_scaled(first),
        "bessel_i1_scaled" => bessel_i1_scaled(first),
        "bessel_i1_scaled_over_argument" => bessel_i1_scaled_over_argument(first),
        "f1" => F1::new(first).unwrap().correlator(second).unwrap(),
        "f12_plateau" => F12::new(first, second).unwrap().plateau(),
        "critical_exponent" => exponents::critical(first).unwrap(),
        "von_schweidler_exponent" => exponents::von_schweidler(first).unwrap(),
        "relaxation_time_exponent" => exponents::relaxation_time(first).unwrap(),
        "exponential_memory" => ExponentialMemory::new(first).unwrap().correlator(second).unwrap(),
        "free_curve" => FreeDiffusion.value(first).unwrap(),
        "critical_curve" => CriticalF1.value(first).unwrap(),
        "free_local_exponent" => FreeDiffusion.local_exponent(first).unwrap(),
        "critical_local_exponent" => CriticalF1.local_exponent(first).unwrap(),
        "free_fit_logarithmic" => fit(FreeDiffusion, first, second, Spacing::Logarithmic),
        "free_fit_uniform" => fit(FreeDiffusion, first, second, Spacing::Uniform),
        "critical_fit_logarithmic" => fit(CriticalF1, first, second, Spacing::Logarithmic),
        "critical_fit_uniform" => fit(CriticalF1, first, second, Spacing::Uniform),
        "spherical_correlation" => spherical_correlation(first, second).unwrap(),
        "expected_count" => expected_count(first, second).unwrap(),
        "total_complexity" => total_complexity(first).unwrap(),
        "minima_complexity" => minima_complexity(first).unwrap(),
        other => panic!("unknown function {other}"),
    }
}

#[test]
fn every_value_of_the_table() {
    let table = include_str!("../reference/mode_coupling.csv");
    let mut lines = table.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.next(), Some("function,first,second,value,value_condition"));
    let number = |text: &str| if text.is_empty() { f64::NAN } else { text.parse::<f64>().unwrap() };
    let mut worst: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let [function, first, second, value, condition] = cells[..] else { panic!("{line}") };
        if value.is_empty() {
            continue;
        }
        let (expected, got) = (number(value), evaluate(function, number(first), number(second)));
        let promise = if function.starts_with("bessel") { BESSEL_PROMISE } else { PROMISE };
        let allowed = promise.max(ULPS * f64::EPSILON * number(condition));
        let error = if expected == 0.0 { got.abs() } else { ((got - expected) / expected).abs() };
        if error.is_nan() || error > allowed {
            failures.push(format!("{line}: {got:e}; error {error:.1e}, allowed {allowed:.1e}"));
        }
        let entry = worst.entry(function).or_default();
        entry.1 += 1;
        if allowed == promise {
            entry.0 = entry.0.max(error);
        }
    }
    for (function, (error, count)) in &worst {
        println!(
            "{function}: {count} values, worst relative error where the promise is not conditional {error:.1e}"
        );
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    let count: usize = worst.values().map(|(_, count)| count).sum();
    assert!(count >= 680 && worst.len() == 21, "{count} values of {} functions", worst.len());
}
