//! One section of the page: the statement, the figures, the verdicts.

use glassbox_oracle::verdict::{Outcome, Verdict};

use super::escape::escaped;
use super::header::badge;
use super::verdict_rows::verdict_table;
use crate::comparison::Comparison;
use crate::error::ReportError;
use crate::figures;
use crate::report::{Report, Section};

/// Consistent verdicts up to this number are shown without being asked for.
const FEW: usize = 12;

/// The overview figure of all verdicts; none where there are none.
pub(super) fn summary_figure(report: &Report) -> Result<String, ReportError> {
    if report.counts().total() == 0 {
        return Ok(String::new());
    }
    let label =
        "Every verdict as a dot of its deviation from the law, by section, with its decision threshold";
    Ok(format!(
        "<figure class=\"wide\">\n<div class=\"card\" role=\"img\" aria-label=\"{label}\">\n{}</div>\n</figure>\n",
        figures::summary(report)?
    ))
}

/// One section; `seed` is the run's.
pub(super) fn section(section: &Section, seed: u64) -> Result<String, ReportError> {
    let mut text = format!(
        "<section id=\"{}\">\n<h2>{} {}</h2>\n<p class=\"statement\">{}</p>\n",
        escaped(&section.id),
        escaped(&section.title),
        section.counts().worst().map_or_else(String::new, badge),
        escaped(&section.statement),
    );
    let mut attention: Vec<&Verdict> =
        section.verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Consistent).collect();
    attention.sort_by_key(|verdict| std::cmp::Reverse(verdict.outcome));
    let consistent: Vec<&Verdict> =
        section.verdicts.iter().filter(|verdict| verdict.outcome == Outcome::Consistent).collect();

    if !attention.is_empty() {
        text.push_str(&foldable(&needing_attention(attention.len()), true, &attention, seed));
    }
    if !section.comparisons.is_empty() {
        text.push_str("<div class=\"figures\">\n");
        for comparison in &section.comparisons {
            text.push_str(&figure(comparison)?);
        }
        text.push_str("</div>\n");
    }
    if !consistent.is_empty() {
        let open = attention.is_empty() && consistent.len() <= FEW;
        text.push_str(&foldable(&format!("{} consistent", consistent.len()), open, &consistent, seed));
    }
    if section.verdicts.is_empty() {
        text.push_str("<p class=\"note\">No checks in this section.</p>\n");
    }
    text.push_str("</section>\n");
    Ok(text)
}

fn needing_attention(count: usize) -> String {
    if count == 1 { "1 needs attention".to_owned() } else { format!("{count} need attention") }
}

fn foldable(title: &str, open: bool, verdicts: &[&Verdict], seed: u64) -> String {
    let open = if open { " open=\"open\"" } else { "" };
    format!("<details{open}>\n<summary>{title}</summary>\n{}</details>\n", verdict_table(verdicts, seed))
}

fn figure(comparison: &Comparison) -> Result<String, ReportError> {
    let id = escaped(&comparison.id);
    Ok(format!(
        "<figure id=\"figure--{id}\">\n<div class=\"card\" role=\"img\" aria-label=\"{}\">\n{}</div>\n\
         <figcaption>{} <span class=\"files\">Files: <a href=\"figures/{id}.svg\">figures/{id}.svg</a>, \
         <a href=\"figures/{id}.csv\">figures/{id}.csv</a></span></figcaption>\n</figure>\n",
        escaped(&comparison.title),
        figures::comparison(comparison)?,
        escaped(&comparison.caption),
    ))
}
