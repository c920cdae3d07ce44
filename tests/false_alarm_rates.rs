//! Correct simulations fail the tests as often as their p-values say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints its rates"
)]

use glassbox::false_alarms::Experiment;
use glassbox::oracle::verdict::{Budget, Outcome};
use glassbox::suite::Silent;

fn experiment(runs: u64) -> Vec<String> {
    let budget = Budget::new(1e-6).unwrap();
    let report =
        Experiment { runs, seed: 1, budget }.run("cargo test --test false_alarm_rates", &Silent).unwrap();
    for verdict in report.verdicts() {
        println!(
            "{:<60} {:>9.5} of {:>7.4}  p {:.1e}",
            verdict.name,
            verdict.observed,
            verdict.predicted,
            verdict.p_value.unwrap()
        );
    }
    let wrong = report.verdicts().filter(|verdict| verdict.outcome == Outcome::Inconsistent);
    wrong.map(ToString::to_string).collect()
}

/// Rates at p < 0.05. False-alarm probability of the test: 1e-6, the budget.
#[test]
fn two_thousand_runs() {
    let wrong = experiment(2_000);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Rates at p < 0.01 too. False-alarm probability of the test: 1e-6, the budget.
#[test]
#[ignore = "10,000 runs take one to two minutes"]
fn ten_thousand_runs() {
    let wrong = experiment(10_000);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
