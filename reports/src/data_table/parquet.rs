//! A table as Apache Parquet.

use super::{DataColumn, DataTable};
use crate::error::ReportError;
use parquet::data_type::DoubleType;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use std::sync::Arc;

impl DataTable {
    /// The bytes of an uncompressed Parquet file: a nullable column of doubles each; title, facts and the meaning of
    /// the columns stand in the file's key-value metadata.
    ///
    /// # Errors
    /// [`ReportError::Parquet`] if the library refuses.
    pub fn to_parquet(&self) -> Result<Vec<u8>, ReportError> {
        self.parquet().map_err(|error| ReportError::Parquet(error.to_string()))
    }

    fn parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let field = |column: &DataColumn| {
            let field = Type::primitive_type_builder(&column.name, parquet::basic::Type::DOUBLE);
            field.with_repetition(parquet::basic::Repetition::OPTIONAL).build().map(Arc::new)
        };
        let fields: Result<Vec<_>, _> = self.columns.iter().map(field).collect();
        let schema = Type::group_type_builder("table").with_fields(fields?).build()?;
        let pairs = [("title", self.title.as_str())].into_iter();
        let pairs = pairs.chain(self.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let pairs = pairs.chain(self.columns.iter().map(|one| (one.name.as_str(), one.meaning.as_str())));
        let metadata =
            pairs.map(|(key, value)| KeyValue::new(key.to_owned(), Some(value.to_owned()))).collect();
        let properties = WriterProperties::builder().set_key_value_metadata(Some(metadata)).build();
        let mut bytes = Vec::new();
        let mut file = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
        let mut group = file.next_row_group()?;
        for column in &self.columns {
            let Some(mut writer) = group.next_column()? else { break };
            let present: Vec<f64> = column.values.iter().copied().flatten().collect();
            let levels: Vec<i16> = column.values.iter().map(|value| i16::from(value.is_some())).collect();
            writer.typed::<DoubleType>().write_batch(&present, Some(&levels), None)?;
            writer.close()?;
        }
        group.close()?;
        file.close()?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use crate::DataTable;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    #[test]
    fn numbers_come_back_as_they_went() {
        let numbers = [Some(0.1 + 0.2), None, Some(f64::INFINITY), Some(5e-324)];
        let table = DataTable::new("well", "A well")
            .with_fact("mobility", "0.001")
            .with_column("lag", "time", vec![Some(1.0); 4])
            .unwrap()
            .with_column("overlap", "fraction", numbers.to_vec())
            .unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(table.to_parquet().unwrap())).unwrap();
        let metadata = reader.metadata().file_metadata().key_value_metadata().unwrap();
        assert!(metadata.iter().any(|pair| pair.key == "mobility" && pair.value.as_deref() == Some("0.001")));
        let rows = reader.get_row_iter(None).unwrap().map(Result::unwrap);
        let read: Vec<Option<f64>> = rows.map(|row| row.get_double(1).ok()).collect();
        assert_eq!(read, numbers);
    }
}
