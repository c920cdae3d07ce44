//! A table as JSON, schema `glassbox-table/1`.

use super::DataTable;
use crate::error::ReportError;
use serde::Serialize;
use std::collections::BTreeMap;

/// Name and version of the schema.
const SCHEMA: &str = "glassbox-table/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    id: &'a str,
    title: &'a str,
    facts: BTreeMap<&'a str, &'a str>,
    columns: Vec<ColumnDocument<'a>>,
}

#[derive(Serialize)]
struct ColumnDocument<'a> {
    name: &'a str,
    meaning: &'a str,
    values: &'a [Option<f64>],
}

impl DataTable {
    /// The document, with a final line break. Numbers that are missing or not finite are `null`.
    ///
    /// # Errors
    /// [`ReportError::Json`] if the library refuses.
    pub fn to_json(&self) -> Result<String, ReportError> {
        let columns = self.columns.iter().map(|column| ColumnDocument {
            name: &column.name,
            meaning: &column.meaning,
            values: &column.values,
        });
        let document = Document {
            schema: SCHEMA,
            id: &self.id,
            title: &self.title,
            facts: self.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            columns: columns.collect(),
        };
        Ok(serde_json::to_string(&document)? + "\n")
    }
}

#[cfg(test)]
mod tests {
    use crate::DataTable;

    #[test]
    fn missing_and_infinite_numbers_are_null() {
        let table = DataTable::new("well", "A well")
            .with_fact("mobility", "0.001")
            .with_column("lag", "time", vec![Some(0.1), Some(f64::INFINITY), None])
            .unwrap();
        insta::assert_snapshot!(table.to_json().unwrap(), @r#"{"schema":"glassbox-table/1","id":"well","title":"A well","facts":{"mobility":"0.001"},"columns":[{"name":"lag","meaning":"time","values":[0.1,null,null]}]}"#);
    }
}
