//! `scorecard.json`: the scorecard for programs.
//!
//! The schema is named in the document and only ever grows within one number:
//!
//! - `schema`: `"glassbox-scorecard/1"`; `title`; `provenance`: `version`, `scale`, `seed`, `command`;
//! - `counts`: claims by verdict: `agrees`, `explained_by_null`, `not_resolved`, `differs`;
//! - `claims`, sorted by number: `number`, `source`, `statement`, `paper` (`text`, `value`: `null` or `value` and
//!   `precision`), `measured` (`null` or `value`, `low`, `high`, `confidence`, `unit`), `null` (`null` or `name` and
//!   `value`), `verdict` (one of the four above), `reason`, `figure` (`null` or the id of a plate).
//!
//! Numbers that are not finite are `null`; fields keep their order; the same scorecard gives the same bytes.

use serde::{Deserialize, Deserializer, Serialize};

use super::claim::Claim;
use super::{Scorecard, VerdictCounts};
use crate::error::ReportError;
use crate::provenance::Provenance;

/// Name and version of the schema.
pub const SCHEMA: &str = "glassbox-scorecard/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    title: &'a str,
    provenance: &'a Provenance,
    counts: VerdictCounts,
    claims: Vec<&'a Claim>,
}

#[derive(Deserialize)]
struct OwnedDocument {
    schema: String,
    title: String,
    provenance: Provenance,
    claims: Vec<Claim>,
}

/// The document as text, indented, with a final line break.
///
/// # Errors
/// [`ReportError::Json`] if it cannot be put into JSON.
pub fn scorecard_json(scorecard: &Scorecard) -> Result<String, ReportError> {
    let Scorecard { title, provenance, .. } = scorecard;
    let (counts, claims) = (scorecard.counts(), scorecard.sorted());
    let document = Document { schema: SCHEMA, title, provenance, counts, claims };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// Reads what [`scorecard_json`] wrote; `null` in the place of a number is read as NaN.
///
/// # Errors
/// [`ReportError::Json`] for text that is no such document, [`ReportError::Schema`] for another schema.
pub fn read_scorecard(text: &str) -> Result<Scorecard, ReportError> {
    let document: OwnedDocument = serde_json::from_str(text)?;
    if document.schema != SCHEMA {
        return Err(ReportError::Schema { expected: SCHEMA, found: document.schema });
    }
    let OwnedDocument { title, provenance, claims, .. } = document;
    Ok(Scorecard { title, provenance, claims })
}

/// A number, or NaN for `null`.
pub(super) fn number_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}
