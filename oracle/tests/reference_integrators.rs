//! Every integrator of a well against 50-digit arithmetic: `oracle/reference/integrators.csv`, made by `integrators.py`
//! from the update equations of the schemes.
//!
//! Promise: relative error at most 1e-13, or 4 ulps times the condition number where that is larger.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod reference;

use glassbox_oracle::laws::equilibrium::stationary_variance_of_steps;
use glassbox_oracle::laws::{QuadraticWell, StationaryWell};
use glassbox_oracle::{Bath, Clock, DisplacementLaw, Scheme};
use reference::{PROMISE, ULPS, assert_close, number, rows};
use std::collections::HashMap;

fn scheme(row: &HashMap<&str, &str>) -> Scheme {
    match row["scheme"] {
        "euler_maruyama" => Scheme::EulerMaruyama,
        "heun" => Scheme::Heun,
        "exact_step" => Scheme::ExactStep,
        "leimkuhler_matthews" => Scheme::LeimkuhlerMatthews,
        other => panic!("unknown scheme {other}"),
    }
}

/// The values of a row, in the order of their columns.
fn values(row: &HashMap<&str, &str>) -> Vec<(&'static str, f64)> {
    let value = |column| number(row, column);
    let bath = Bath::new(value("mobility"), value("temperature"), value("dataset_size")).unwrap();
    let (stiffness, dt, scheme) = (value("stiffness"), value("dt"), scheme(row));
    let (waiting_time, lag) = (value("waiting_time"), value("lag"));
    let mut values = Vec::new();
    let displacement = if row["start"] == "stationary" {
        let well = StationaryWell::of_steps(bath, stiffness, dt, scheme).unwrap();
        values.push(("weight_mean", 0.0));
        values.push(("weight_variance", well.weight_variance()));
        values.push(("weight_covariance", well.weight_covariance(lag).unwrap()));
        well.displacement(lag).unwrap()
    } else {
        let well = QuadraticWell::new(bath, stiffness, Clock::steps(dt).unwrap()).unwrap();
        let well = well.integrated_by(scheme).unwrap();
        let well = well.from_gaussian(value("start_mean"), value("start_standard_deviation")).unwrap();
        let well = well.after_waiting(waiting_time).unwrap();
        values.push(("weight_mean", well.weight_mean(waiting_time + lag).unwrap()));
        values.push(("weight_variance", well.weight_variance(waiting_time + lag).unwrap()));
        values.push(("weight_covariance", well.weight_covariance(waiting_time, lag).unwrap()));
        well.displacement(lag).unwrap()
    };
    values.push(("mean", displacement.mean()));
    values.push(("variance", displacement.variance()));
    if !row["stationary_variance"].is_empty() {
        let variance = stationary_variance_of_steps(bath, stiffness, dt, scheme).unwrap();
        values.push(("stationary_variance", variance));
    }
    values
}

#[test]
fn every_moment_of_every_integrator() {
    let rows = rows(include_str!("../reference/integrators.csv"));
    assert!(rows.len() >= 500, "{} rows", rows.len());
    let mut worst: HashMap<&str, f64> = HashMap::new();
    for row in &rows {
        for (name, got) in values(row) {
            // An empty cell is a value that does not exist or that no double can hold.
            if row[name].is_empty() {
                continue;
            }
            let condition = number(row, format!("{name}_condition").as_str());
            let error = assert_close(got, number(row, name), condition, name, row);
            if ULPS * f64::EPSILON * condition <= PROMISE {
                let so_far = worst.entry(name).or_default();
                *so_far = so_far.max(error);
            }
        }
    }
    println!("{} rows; worst relative errors where 1e-13 is promised: {worst:?}", rows.len());
}
