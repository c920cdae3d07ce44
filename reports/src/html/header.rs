//! Top of the page: the overall verdict, how the results were made, and the sections at a glance.

use glassbox_oracle::verdict::Outcome;

use super::escape::escaped;
use crate::counts::Counts;
use crate::numbers::typeset;
use crate::report::{Report, Section};

/// Verdict as a word on its colour, with a sign that differs from the others'.
pub(super) fn badge(outcome: Outcome) -> String {
    let sign = match outcome {
        Outcome::Consistent => "✓",
        Outcome::Inconclusive => "?",
        Outcome::Inconsistent => "✗",
    };
    format!("<span class=\"badge {outcome}\"><span aria-hidden=\"true\">{sign}</span> {outcome}</span>")
}

/// Heading, overall verdict and facts of the run.
pub(super) fn header(report: &Report) -> String {
    let (run, counts) = (&report.run, report.counts());
    let mut facts = vec![
        ("Command".to_owned(), format!("<code>{}</code>", escaped(&run.command))),
        ("Version".to_owned(), escaped(&run.version)),
        ("Level".to_owned(), escaped(&run.level)),
        ("Seed".to_owned(), run.seed.to_string()),
        ("False-alarm budget".to_owned(), budget(report)),
    ];
    facts.extend(run.facts.iter().map(|(label, value)| (escaped(label), escaped(value))));
    let facts: String =
        facts.iter().map(|(label, value)| format!("<div><dt>{label}</dt><dd>{value}</dd></div>\n")).collect();
    format!(
        "<header>\n<h1>{}</h1>\n<p class=\"overall\">{} <span>{}</span> <a href=\"#how--to-read\">How to read a verdict</a></p>\n<dl class=\"facts\">\n{facts}</dl>\n</header>\n",
        escaped(&report.title),
        badge(report.outcome()),
        sentence(&counts),
    )
}

fn sentence(counts: &Counts) -> String {
    match counts.total() {
        0 => "Nothing was checked, so nothing is shown.".to_owned(),
        total => format!(
            "{total} checks: {} inconsistent, {} inconclusive, {} consistent.",
            counts.inconsistent, counts.inconclusive, counts.consistent
        ),
    }
}

/// The budget and how the checks share it.
fn budget(report: &Report) -> String {
    let budget = report.run.false_alarm_budget;
    let shares: Vec<f64> = report
        .verdicts()
        .map(|verdict| verdict.false_alarm_probability)
        .filter(|share| *share > 0.0)
        .collect();
    let text = format!("{} for the whole run", typeset(budget, 4));
    if shares.is_empty() {
        return text;
    }
    let total: f64 = shares.iter().sum();
    let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
    let most = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let each = if least == most {
        format!("{} each", typeset(least, 2))
    } else {
        format!("{} to {} each", typeset(least, 2), typeset(most, 2))
    };
    let warning =
        if total <= budget * (1.0 + 1e-9) { "" } else { " <strong>(more than the budget)</strong>" };
    format!(
        "{text}; shared by {} statistical checks, {each}, {} in all{warning}",
        shares.len(),
        typeset(total, 3)
    )
}

/// Table of the sections with their counts.
pub(super) fn overview(sections: &[&Section]) -> String {
    let row = |section: &&Section| {
        let counts = section.counts();
        let verdict = counts.worst().map_or_else(|| "no checks".to_owned(), badge);
        let cell =
            |count: usize| if count == 0 { "<td>·</td>".to_owned() } else { format!("<td>{count}</td>") };
        format!(
            "<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th><td class=\"word\">{verdict}</td>{}{}{}</tr>\n",
            escaped(&section.id),
            escaped(&section.title),
            cell(counts.inconsistent),
            cell(counts.inconclusive),
            cell(counts.consistent),
        )
    };
    let rows: String = sections.iter().map(row).collect();
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Sections\"><table class=\"overview\">\n\
         <thead><tr><th scope=\"col\">Section</th><th scope=\"col\">Worst verdict</th>\
         <th scope=\"col\">Inconsistent</th><th scope=\"col\">Inconclusive</th>\
         <th scope=\"col\">Consistent</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    )
}
