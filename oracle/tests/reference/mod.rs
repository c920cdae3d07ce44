//! Reading of the reference tables, and the promise that they hold the crate to.

use std::collections::HashMap;

/// Relative error promised everywhere.
pub(crate) const PROMISE: f64 = 1e-13;
/// Units in the last place, times the condition number, where that is larger.
pub(crate) const ULPS: f64 = 4.0;

/// The rows of a table, by column.
pub(crate) fn rows(table: &str) -> Vec<HashMap<&str, &str>> {
    let mut lines = table.lines().filter(|line| !line.starts_with('#'));
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines.map(|line| header.iter().copied().zip(line.split(',')).collect()).collect()
}

pub(crate) fn number(row: &HashMap<&str, &str>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is {:?} in {row:?}", row[column]))
}

/// Panics unless `got` keeps the promise; returns its relative error.
pub(crate) fn assert_close(
    got: f64,
    expected: f64,
    condition: f64,
    what: &str,
    row: &HashMap<&str, &str>,
) -> f64 {
    if expected == 0.0 {
        assert_eq!(got, 0.0, "{what} in {row:?}");
        return 0.0;
    }
    let error = ((got - expected) / expected).abs();
    let allowed = PROMISE.max(ULPS * f64::EPSILON * condition);
    assert!(
        error <= allowed,
        "{what}: {got:e}, expected {expected:e}; error {error:.1e}, allowed {allowed:.1e}; {row:?}"
    );
    error
}
