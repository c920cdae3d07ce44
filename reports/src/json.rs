//! `verdicts.json`: the verdicts for programs.
//!
//! The schema is named in the document and only ever grows within one number. Numbers that are not finite are `null`;
//! fields keep their order; the same report gives the same bytes.

use glassbox_oracle::verdict::{Outcome, Verdict};
use serde::Serialize;

use crate::counts::Counts;
use crate::error::ReportError;
use crate::report::{Report, Run};

/// Name and version of the schema.
pub const SCHEMA: &str = "glassbox-verdicts/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    title: &'a str,
    run: &'a Run,
    outcome: Outcome,
    counts: Counts,
    sections: Vec<SectionDocument<'a>>,
}

#[derive(Serialize)]
struct SectionDocument<'a> {
    id: &'a str,
    title: &'a str,
    statement: &'a str,
    verdicts: &'a [Verdict],
}

/// The document as text, indented, with a final line break.
///
/// # Errors
/// If a verdict cannot be put into JSON.
pub fn verdicts_json(report: &Report) -> Result<String, ReportError> {
    let sections = report.sections.iter().map(|section| SectionDocument {
        id: &section.id,
        title: &section.title,
        statement: &section.statement,
        verdicts: &section.verdicts,
    });
    let document = Document {
        schema: SCHEMA,
        title: &report.title,
        run: &report.run,
        outcome: report.outcome(),
        counts: report.counts(),
        sections: sections.collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
