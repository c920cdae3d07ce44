//! Verdicts as a table with everything needed to judge them.

use glassbox_oracle::verdict::Verdict;

use super::escape::escaped;
use super::header::badge;
use crate::numbers::{count, typeset};

const COLUMNS: [&str; 10] = [
    "check",
    "verdict",
    "observed",
    "predicted",
    "difference (SE)",
    "p (share)",
    "effect",
    "tolerance",
    "smallest visible",
    "n (effective)",
];

/// The table, in the order given. A verdict's seed is told where it is not the run's.
pub(super) fn verdict_table(verdicts: &[&Verdict], seed: u64) -> String {
    let head: String = COLUMNS.iter().map(|column| format!("<th scope=\"col\">{column}</th>")).collect();
    let rows: String = verdicts.iter().map(|verdict| row(verdict, seed)).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Verdicts\">\
         <table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}

fn row(verdict: &Verdict, seed: u64) -> String {
    let optional =
        |value: Option<f64>, digits| value.map_or_else(|| "–".to_owned(), |value| typeset(value, digits));
    let observed = match verdict.standard_error {
        Some(error) => format!("{} <small>± {}</small>", typeset(verdict.observed, 5), typeset(error, 2)),
        None => typeset(verdict.observed, 5),
    };
    let numbers = [
        observed,
        typeset(verdict.predicted, 5),
        optional(verdict.difference_in_standard_errors, 3),
        format!(
            "{} <small>({})</small>",
            verdict.p_value.map_or_else(|| "–".to_owned(), probability),
            typeset(verdict.false_alarm_probability, 2)
        ),
        format!("{} <small>{}</small>", typeset(verdict.effect, 3), escaped(&verdict.effect_measure)),
        typeset(verdict.practical_tolerance, 3),
        typeset(verdict.smallest_visible_effect, 3),
        format!(
            "{} <small>({})</small>",
            count(verdict.sample_size),
            effective(verdict.effective_sample_size)
        ),
    ];
    let numbers: String = numbers.iter().map(|number| format!("<td>{number}</td>")).collect();
    let own_seed = if verdict.seed == seed { String::new() } else { format!("; seed {}", verdict.seed) };
    format!(
        "<tr><th scope=\"row\">{}<small>{}{own_seed}</small></th><td class=\"word\">{}</td>{numbers}</tr>\n",
        escaped(&verdict.name),
        escaped(&verdict.reason),
        badge(verdict.outcome),
    )
}

/// A p-value too small for a double is not zero.
fn probability(value: f64) -> String {
    if value == 0.0 { "&lt; 10⁻³⁰⁷".to_owned() } else { typeset(value, 3) }
}

/// Effective numbers are large and need no decimals.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between ten and ten billion")]
fn effective(size: f64) -> String {
    if (10.0..1e10).contains(&size) { count(size.round() as u64) } else { typeset(size, 3) }
}
