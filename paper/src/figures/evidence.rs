//! From intervals to what the scorecard shows.

use crate::analysis::Interval;
use crate::results::Results;
use glassbox_reports::scorecard::Measured;

/// A measured number with its interval; `None` for a value that does not exist.
pub(super) fn measured(results: &Results<'_>, interval: Interval, unit: &str) -> Option<Measured> {
    interval.value.is_finite().then(|| Measured {
        value: interval.value,
        low: interval.low,
        high: interval.high,
        confidence: results.bootstrap.confidence(),
        unit: unit.to_owned(),
    })
}
