//! The certificate as a figure.

use super::{Certificate, CheckKind};
use glassbox_reports::ReportError;
use glassbox_reports::figures::{RateMatrix, RateRow, rate_matrix};

impl Certificate {
    /// SVG text of the matrix mutant × kind of check.
    ///
    /// # Errors
    /// If the drawing library refuses.
    pub fn to_svg(&self) -> Result<String, ReportError> {
        let rows = self.rows.iter().map(|row| {
            let cell = |kind: &CheckKind| {
                row.by_kind.get(kind).map(|detection| {
                    let rate = detection.rate;
                    (rate.value(), format!("{}/{}", rate.caught, rate.runs))
                })
            };
            RateRow {
                name: row.mutant.to_owned(),
                description: row.description.to_owned(),
                cells: CheckKind::ALL.iter().map(cell).collect(),
                closing: [
                    format!("{:.2}–{:.2}", row.any.low, row.any.high),
                    row.replicas_needed.map_or_else(|| "–".to_owned(), replicas),
                ],
            }
        });
        rate_matrix(&RateMatrix {
            title: format!("Power certificate: verify --level {}", self.level),
            note: format!(
                "Runs of {} in which at least one check of a kind was inconsistent, at the share {:.1e} that a whole run \
                 with a budget of {:e} gives to each check. Empty: no such check was made. Interval: of the rate with which \
                 any check catches it, 95 %. Replicas needed: by the best check for 99 of 100 runs, in units of this \
                 level's.",
                self.repetitions, self.share, self.false_alarm_budget
            ),
            columns: CheckKind::ALL.iter().map(|kind| kind.heading().to_owned()).collect(),
            closing: ["caught, interval".to_owned(), "replicas needed".to_owned()],
            rows: rows.collect(),
        })
    }
}

/// A number of replicas, relative to the level's.
pub(super) fn replicas(factor: f64) -> String {
    if factor < 0.01 { "below 0.01".to_owned() } else { format!("{factor:.2}") }
}
