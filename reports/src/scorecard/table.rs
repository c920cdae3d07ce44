//! The scorecard as a table for a terminal, at most 110 columns wide.

use super::Scorecard;
use super::claim::{Claim, Measured};
use super::verdict::ClaimVerdict;
use crate::numbers::plain;
use crate::table::{WIDTH, fold};

const WIDTHS: [usize; 6] = [7, 26, 11, 15, 24, 22];
const HEADER: [&str; 6] = ["number", "verdict", "source", "paper", "measured", "null"];

/// The table: for each claim a line of numbers, its statement and its reason; the counts at the end. `colour` adds ANSI
/// colours to the verdicts.
pub fn scorecard_table(scorecard: &Scorecard, colour: bool) -> String {
    let mut lines = vec![row(&HEADER.map(str::to_owned)), "─".repeat(WIDTH)];
    for claim in scorecard.sorted() {
        lines.extend(claim_lines(claim, colour));
    }
    lines.push(String::new());
    lines.extend(fold(&scorecard.provenance.line(), WIDTH));
    lines.extend(fold(&scorecard.counts().sentence(), WIDTH));
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    trimmed.join("\n") + "\n"
}

fn claim_lines(claim: &Claim, colour: bool) -> Vec<String> {
    let paper = claim.paper.value.map_or("-".to_owned(), |stated| {
        format!("{} ± {}", plain(stated.value, 4), plain(stated.precision, 1))
    });
    let null = claim.null.as_ref().map_or("-".to_owned(), |null| plain(null.value, 4));
    let cells = [
        claim.number.clone(),
        claim.verdict.to_string(),
        claim.source.clone(),
        paper,
        claim.measured.as_ref().map_or("-".to_owned(), interval),
        null,
    ];
    let first = row(&cells.map(|cell| fold(&cell, 40).into_iter().next().unwrap_or_default()));
    let verdict = claim.verdict.to_string();
    let first = match first.split_once(&verdict).filter(|_| colour) {
        Some((before, after)) => format!("{before}{}{after}", painted(claim.verdict)),
        None => first,
    };
    let indent = " ".repeat(WIDTHS[0] + 1);
    let texts = [&claim.statement, &claim.reason].into_iter();
    let texts = texts.flat_map(|text| fold(text, WIDTH - indent.len()));
    std::iter::once(first).chain(texts.map(|text| format!("{indent}{text}"))).collect()
}

/// Value and interval with their unit.
fn interval(measured: &Measured) -> String {
    let numbers = [measured.value, measured.low, measured.high].map(|number| plain(number, 3));
    format!("{} [{}, {}] {}", numbers[0], numbers[1], numbers[2], measured.unit)
}

fn painted(verdict: ClaimVerdict) -> String {
    let code = match verdict {
        ClaimVerdict::Agrees => "32",
        ClaimVerdict::ExplainedByNull => "36",
        ClaimVerdict::NotResolved => "33",
        ClaimVerdict::Differs => "31",
    };
    format!("\u{1b}[{code}m{verdict}\u{1b}[0m")
}

/// Cells side by side, each cut to its column.
fn row(cells: &[String; 6]) -> String {
    let cut = |(cell, width): (&String, usize)| {
        let is_long = cell.chars().count() > width;
        let kept: String = cell.chars().take(if is_long { width - 1 } else { width }).collect();
        let kept = if is_long { format!("{kept}…") } else { kept };
        format!("{kept:<width$}")
    };
    cells.iter().zip(WIDTHS).map(cut).collect::<Vec<_>>().join(" ")
}
