//! The verdicts as a table for a terminal, at most 110 columns wide.

use glassbox_oracle::verdict::{Outcome, Verdict};
use glassbox_trajectories::printable;

use crate::numbers::plain;
use crate::report::Report;

/// Columns that no line exceeds.
pub const WIDTH: usize = 110;
const NAME: usize = 38;
const HEADER: [&str; 8] =
    ["verdict", "check", "observed", "predicted", "diff/SE", "p", "visible", "tolerance"];
const WIDTHS: [usize; 8] = [12, NAME, 10, 10, 8, 8, 8, 9];

/// The table: sections with their checks, reasons under all that are not consistent, and the counts at the end.
/// `colour` adds ANSI colours to the verdicts.
pub fn verdict_table(report: &Report, colour: bool) -> String {
    let mut text = String::new();
    let mut line = |content: &str| {
        text.push_str(content.trim_end());
        text.push('\n');
    };
    line(&row(&HEADER.map(str::to_owned)));
    line(&"─".repeat(WIDTHS.iter().sum::<usize>() + WIDTHS.len() - 1));
    for section in &report.sections {
        for part in fold(&section.title, WIDTH) {
            line(&part);
        }
        if section.verdicts.is_empty() {
            line("  no checks");
        }
        for verdict in &section.verdicts {
            for part in verdict_lines(verdict, colour) {
                line(&part);
            }
        }
        line("");
    }
    line(&budget(report));
    let counts = report.counts();
    line(&format!(
        "{}: {} checks, {} consistent, {} inconclusive, {} inconsistent",
        painted(&report.outcome().to_string(), report.outcome(), colour),
        counts.total(),
        counts.consistent,
        counts.inconclusive,
        counts.inconsistent,
    ));
    text
}

/// The false-alarm budget of the run and what each check has of it.
fn budget(report: &Report) -> String {
    let shares =
        report.verdicts().map(|verdict| verdict.false_alarm_probability).filter(|share| *share > 0.0);
    let (checks, largest) =
        shares.fold((0_usize, 0.0_f64), |(count, most), share| (count + 1, most.max(share)));
    format!(
        "false-alarm budget of the run: {}, shared by {checks} statistical checks, {} each",
        plain(report.run.false_alarm_budget, 2),
        plain(largest, 2),
    )
}

fn verdict_lines(verdict: &Verdict, colour: bool) -> Vec<String> {
    let optional =
        |value: Option<f64>, digits| value.map_or_else(|| "-".to_owned(), |value| plain(value, digits));
    let names = fold(&verdict.name, NAME);
    let first = row(&[
        verdict.outcome.to_string(),
        names.first().cloned().unwrap_or_default(),
        plain(verdict.observed, 4),
        plain(verdict.predicted, 4),
        optional(verdict.difference_in_standard_errors, 3),
        verdict.p_value.map_or_else(|| "-".to_owned(), probability),
        plain(verdict.smallest_visible_effect, 2),
        plain(verdict.practical_tolerance, 2),
    ]);
    // the outcome is the first cell: paint it after alignment, which counts characters
    let plain_cell = format!("{:<width$}", verdict.outcome.to_string(), width = WIDTHS[0]);
    let rest = first.get(plain_cell.len()..).unwrap_or_default();
    let mut lines = vec![format!("{}{rest}", painted(&plain_cell, verdict.outcome, colour))];
    let indent = " ".repeat(WIDTHS[0] + 1);
    lines.extend(names.iter().skip(1).map(|part| format!("{indent}{part}")));
    if verdict.outcome != Outcome::Consistent {
        lines.extend(
            fold(&verdict.reason, WIDTH - indent.len() - 2).iter().map(|part| format!("{indent}  {part}")),
        );
    }
    lines
}

/// A p-value too small for a double is not zero.
fn probability(value: f64) -> String {
    if value == 0.0 { "<1e-307".to_owned() } else { plain(value, 2) }
}

/// Cells aligned: words to the left, numbers to the right.
fn row(cells: &[String; 8]) -> String {
    let aligned = cells.iter().zip(WIDTHS).enumerate().map(|(index, (cell, width))| {
        if index < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    });
    aligned.collect::<Vec<_>>().join(" ")
}

/// Text broken at spaces into lines of at most `width` characters; longer words are cut up. What does not print, and could steer
/// the terminal, is written out.
pub(crate) fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line: Vec<char> = Vec::new();
    for word in text.split_whitespace() {
        let word: Vec<char> = printable(word).chars().collect();
        for piece in word.chunks(width.max(1)) {
            if !line.is_empty() && line.len() + 1 + piece.len() > width {
                lines.push(line.drain(..).collect());
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(piece);
        }
    }
    if !line.is_empty() {
        lines.push(line.into_iter().collect());
    }
    lines
}

fn painted(text: &str, outcome: Outcome, colour: bool) -> String {
    if !colour {
        return text.to_owned();
    }
    let code = match outcome {
        Outcome::Consistent => 32,
        Outcome::Inconclusive => 33,
        Outcome::Inconsistent => 31,
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}
