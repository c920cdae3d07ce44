//! A table of numbers for programs and people: named columns, and the facts that belong to them.

mod json;
mod parquet;
mod text;

use crate::error::ReportError;

/// A table of numbers: named columns of one length, and facts that hold for all rows.
///
/// Its forms are made by [`to_text`](Self::to_text), [`to_csv`](Self::to_csv), [`to_json`](Self::to_json) and
/// [`to_parquet`](Self::to_parquet), and all hold every digit.
///
/// ```
/// use glassbox_reports::DataTable;
/// let table = DataTable::new("free-diffusion", "Free diffusion")
///     .with_fact("mobility", "0.001")
///     .with_column("lag", "time, in steps", vec![Some(1.0), Some(10.0)])?
///     .with_column("overlap", "fraction within the half width", vec![Some(0.9), None])?;
/// assert!(table.to_csv().ends_with("lag,overlap\n1,0.9\n10,\n"));
/// # Ok::<(), glassbox_reports::ReportError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DataTable {
    id: String,
    title: String,
    facts: Vec<(String, String)>,
    columns: Vec<DataColumn>,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct DataColumn {
    /// Name, unique within the table.
    pub name: String,
    /// What it is, with its unit.
    pub meaning: String,
    /// A number a row; `None` where there is none.
    pub values: Vec<Option<f64>>,
}

impl DataTable {
    /// A table without columns.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), facts: Vec::new(), columns: Vec::new() }
    }

    /// Adds a fact that holds for all rows.
    #[must_use]
    pub fn with_fact(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }

    /// Adds a column.
    ///
    /// # Errors
    /// [`ReportError::Column`] for a second column of this name or one of another length.
    pub fn with_column(
        mut self,
        name: impl Into<String>,
        meaning: impl Into<String>,
        values: Vec<Option<f64>>,
    ) -> Result<Self, ReportError> {
        let (name, meaning) = (name.into(), meaning.into());
        if self.columns.iter().any(|column| column.name == name) {
            return Err(ReportError::Column { name, reason: "its name is used twice".to_owned() });
        }
        if let Some(first) = self.columns.first().filter(|first| first.values.len() != values.len()) {
            let reason = format!("it has {} rows, the others {}", values.len(), first.values.len());
            return Err(ReportError::Column { name, reason });
        }
        self.columns.push(DataColumn { name, meaning, values });
        Ok(self)
    }

    /// Short name: a slug.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Heading.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Facts that hold for all rows.
    pub fn facts(&self) -> &[(String, String)] {
        &self.facts
    }

    /// The columns.
    pub fn columns(&self) -> &[DataColumn] {
        &self.columns
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::DataTable;

    #[test]
    fn columns_have_one_length_and_names_of_their_own() {
        let table = DataTable::new("a", "A").with_column("x", "", vec![Some(1.0)]).unwrap();
        let twice = table.clone().with_column("x", "", vec![Some(1.0)]).unwrap_err();
        assert_eq!(twice.to_string(), "column \"x\": its name is used twice");
        let longer = table.with_column("y", "", vec![None, None]).unwrap_err();
        assert_eq!(longer.to_string(), "column \"y\": it has 2 rows, the others 1");
    }
}
