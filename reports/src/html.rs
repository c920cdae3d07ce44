//! The report as one page that needs nothing else: no scripts, no fonts, no network.

pub(crate) mod escape;
mod header;
mod reading;
mod sections;
mod verdict_rows;

use std::cmp::Reverse;

use self::escape::escaped;
use crate::error::ReportError;
use crate::report::{Report, Section};

/// The beginning of every page, up to its title. Folders of earlier reports are known by it.
pub(crate) const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
     <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
     <meta name=\"color-scheme\" content=\"light dark\"/>\n<title>";

pub(crate) const STYLE: &str = include_str!("html/style.css");

/// The page. Sections are ordered worst first, and within a section verdicts that need attention come first.
///
/// # Errors
/// If a figure cannot be drawn.
pub fn page(report: &Report) -> Result<String, ReportError> {
    let mut sections: Vec<&Section> = report.sections.iter().collect();
    sections.sort_by_key(|section| Reverse(section.counts().worst()));

    let mut body = header::header(report);
    body.push_str(&header::overview(&sections));
    body.push_str(&sections::summary_figure(report)?);
    for section in &sections {
        body.push_str(&sections::section(section, report.run.seed)?);
    }
    body.push_str(reading::HOW_TO_READ);
    Ok(document(&format!("{}: {}", report.title, report.outcome()), &body))
}

/// A whole document: the head with the style, and a body.
pub(crate) fn document(title: &str, body: &str) -> String {
    format!(
        "{HEAD}{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        escaped(title),
    )
}

/// How something was made, as a list of facts.
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    let fact = |(label, value): &(&str, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(label), escaped(value))
    };
    format!("<dl class=\"facts\">\n{}</dl>\n", facts.iter().map(fact).collect::<String>())
}
