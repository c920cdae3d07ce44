//! The one-sample transition, diffusion in single precision and the two-weight network against multiple precision:
//! `oracle/reference/transition.csv`, made by `make_reference.py` with mpmath.
//!
//! Promise: relative error at most 1e-13, or 4 ulps times the condition number where that is larger; 1e-12 for the
//! averages of the two-weight network, which have no condition number.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_oracle::Bath;
use glassbox_oracle::networks::single_precision::{diffusion_ratio, probability_of_moving};
use glassbox_oracle::networks::trivialisation::{OneSampleNetwork, StationaryPoint};
use glassbox_oracle::networks::two_weight::TwoWeightNetwork;
use std::collections::BTreeMap;

/// A line: quantity, arguments, expected value, condition number.
struct Row<'a> {
    quantity: &'a str,
    arguments: Vec<f64>,
    value: f64,
    condition: Option<f64>,
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let lines = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| !cells[5].is_empty())
        .map(|cells| Row {
            quantity: cells[0],
            arguments: cells[1..5]
                .iter()
                .filter(|cell| !cell.is_empty())
                .map(|cell| cell.parse().unwrap())
                .collect(),
            value: cells[5].parse().unwrap(),
            condition: cells[6].parse().ok(),
        })
        .collect()
}

fn of_point(name: &str, point: &StationaryPoint) -> f64 {
    match name {
        "output" => point.output,
        "shortfall" => point.shortfall,
        "squared_layer_norm" => point.squared_layer_norm,
        "loss" => point.loss,
        "curvature" => point.curvature,
        other => panic!("unknown number {other}"),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
fn network(row: &Row<'_>) -> OneSampleNetwork {
    OneSampleNetwork::new(row.arguments[0] as u32, row.arguments[1]).unwrap()
}

fn two_weights(row: &Row<'_>) -> TwoWeightNetwork {
    let bath = Bath::new(1.0, 1.0, row.arguments[0]).unwrap();
    TwoWeightNetwork::new(bath, row.arguments[1], row.arguments[2]).unwrap()
}

fn computed(row: &Row<'_>) -> f64 {
    let at = &row.arguments;
    match row.quantity {
        "spinodal_regularisation" => network(row).spinodal().unwrap().regularisation,
        "spinodal_loss" => network(row).spinodal().unwrap().loss,
        "coexistence_regularisation" => network(row).coexistence().unwrap().regularisation,
        "diffusion_ratio" => diffusion_ratio(at[0]).unwrap(),
        "probability_of_moving" => probability_of_moving(at[0]).unwrap(),
        "two_weight_loss" => two_weights(row).averages().unwrap().loss,
        "two_weight_first_square" => two_weights(row).averages().unwrap().squared_weights[0],
        "two_weight_second_square" => two_weights(row).averages().unwrap().squared_weights[1],
        "two_weight_output" => two_weights(row).averages().unwrap().output,
        "two_weight_first_overlap" => two_weights(row).overlap_limits(at[3]).unwrap()[0],
        "two_weight_second_overlap" => two_weights(row).overlap_limits(at[3]).unwrap()[1],
        other => {
            if let Some(name) = other.strip_prefix("minimum_") {
                of_point(name, &network(row).minimum(at[2]).unwrap().unwrap())
            } else if let Some(name) = other.strip_prefix("saddle_") {
                of_point(name, &network(row).saddle(at[2]).unwrap().unwrap())
            } else if let Some(name) = other.strip_prefix("gap_minimum_") {
                of_point(name, &network(row).below_spinodal(at[2]).unwrap().unwrap().0)
            } else if let Some(name) = other.strip_prefix("gap_saddle_") {
                of_point(name, &network(row).below_spinodal(at[2]).unwrap().unwrap().1)
            } else {
                panic!("unknown quantity {other}")
            }
        }
    }
}

#[test]
fn every_line_of_the_table() {
    let rows = rows(include_str!("../reference/transition.csv"));
    assert!(rows.len() >= 750, "{} rows", rows.len());
    let mut worst: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let mut failures = Vec::new();
    for row in &rows {
        let got = computed(row);
        let error = ((got - row.value) / row.value).abs();
        let allowed = row.condition.map_or(1e-12, |condition| 1e-13_f64.max(4.0 * f64::EPSILON * condition));
        if error.is_nan() || error > allowed {
            failures.push(format!(
                "{} {:?}: {got:e}, not {:e}: {error:.1e}",
                row.quantity, row.arguments, row.value
            ));
        }
        let entry = worst.entry(row.quantity).or_default();
        *entry = (entry.0.max(error), entry.1.max(error / allowed));
    }
    for (quantity, (error, share)) in &worst {
        println!("{quantity}: worst relative error {error:.1e}, at most {share:.2} of what is allowed");
    }
    assert!(failures.is_empty(), "{} of {} lines:\n{}", failures.len(), rows.len(), failures.join("\n"));
}
