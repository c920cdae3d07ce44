//! A Parquet table written a row at a time, in bounded memory.
//!
//! A column says what it means and where its value comes from, once, so that the two cannot differ.

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::sync::Arc;

/// Rows that are in memory at a time, and then make a row group.
pub(super) const ROWS_A_GROUP: usize = 1 << 16;

/// A column of a table whose rows are `Row`.
pub(super) struct Column<Row> {
    pub(super) name: &'static str,
    /// `steps`, `weight` (the unit of a weight), `weight²`, or `1` for a pure number; empty for texts.
    pub(super) unit: &'static str,
    pub(super) about: &'static str,
    pub(super) value: Cell<Row>,
}

/// Type of a column and where its value comes from; none is null.
pub(super) enum Cell<Row> {
    /// UTF-8.
    Text(fn(&Row) -> Option<ByteArray>),
    /// 64 bits with a sign, so that differences can be taken.
    Integer(fn(&Row) -> Option<u64>),
    /// 64 bits without a sign, all of which a seed may have.
    Seed(fn(&Row) -> Option<u64>),
    /// Double precision.
    Real(fn(&Row) -> Option<f64>),
    /// Lists.
    Integers(fn(&Row) -> Option<Vec<u64>>),
    Reals(fn(&Row) -> Option<Vec<f64>>),
}

impl<Row> Cell<Row> {
    /// Type of the column, as the documentation calls it.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "string",
            Self::Integer(_) => "int64",
            Self::Seed(_) => "uint64",
            Self::Real(_) => "double",
            Self::Integers(_) => "list of int64",
            Self::Reals(_) => "list of double",
        }
    }
}

/// A table on its way to a file.
pub(super) struct Table<'a, Row: 'static> {
    name: &'static str,
    columns: &'static [Column<Row>],
    rows: Vec<Row>,
    count: u64,
    writer: SerializedFileWriter<&'a File>,
}

impl<'a, Row> Table<'a, Row> {
    pub(super) fn new(
        name: &'static str,
        columns: &'static [Column<Row>],
        file: &'a File,
    ) -> Result<Self, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("glassbox ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(file, schema(name, columns)?, Arc::new(properties))?;
        Ok(Self { name, columns, rows: Vec::new(), count: 0, writer })
    }

    pub(super) fn push(&mut self, row: Row) -> Result<(), ParquetError> {
        self.rows.push(row);
        if self.rows.len() == ROWS_A_GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        for column in self.columns {
            column.write(&self.rows, &mut group)?;
        }
        group.close()?;
        self.count += self.rows.len() as u64;
        self.rows.clear();
        Ok(())
    }

    /// Writes what is left and the description of the columns, with the digest of all that was merged. Returns the number of
    /// rows.
    pub(super) fn close(mut self, records: &str) -> Result<u64, ParquetError> {
        if !self.rows.is_empty() {
            self.flush()?;
        }
        let about = description(self.name, self.columns, records).to_string();
        self.writer.append_key_value_metadata(KeyValue::new("glassbox".to_owned(), about));
        self.writer.close()?;
        Ok(self.count)
    }
}

/// What the metadata say of a table.
fn description<Row>(name: &str, columns: &[Column<Row>], records: &str) -> Value {
    let columns: Map<String, Value> = columns
        .iter()
        .map(|column| {
            let Column { name, unit, about, value } = column;
            ((*name).to_owned(), json!({ "type": value.type_name(), "unit": unit, "about": about }))
        })
        .collect();
    json!({ "format": 1, "table": name, "records": records, "columns": columns })
}

fn schema<Row>(name: &str, columns: &[Column<Row>]) -> Result<TypePtr, ParquetError> {
    let fields = columns.iter().map(|column| column.field().map(Arc::new)).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder(name).with_fields(fields).build()?))
}

impl<Row> Column<Row> {
    fn field(&self) -> Result<Type, ParquetError> {
        let plain = |name, physical| Type::primitive_type_builder(name, physical);
        let optional = Repetition::OPTIONAL;
        match self.value {
            Cell::Text(_) => plain(self.name, PhysicalType::BYTE_ARRAY)
                .with_repetition(optional)
                .with_logical_type(Some(LogicalType::String))
                .build(),
            Cell::Integer(_) => plain(self.name, PhysicalType::INT64).with_repetition(optional).build(),
            Cell::Seed(_) => plain(self.name, PhysicalType::INT64)
                .with_repetition(optional)
                .with_logical_type(Some(LogicalType::integer(64, false)))
                .build(),
            Cell::Real(_) => plain(self.name, PhysicalType::DOUBLE).with_repetition(optional).build(),
            Cell::Integers(_) | Cell::Reals(_) => {
                let physical = match self.value {
                    Cell::Reals(_) => PhysicalType::DOUBLE,
                    _ => PhysicalType::INT64,
                };
                let element = plain("element", physical).with_repetition(Repetition::REQUIRED).build()?;
                let list = Type::group_type_builder("list")
                    .with_repetition(Repetition::REPEATED)
                    .with_fields(vec![Arc::new(element)])
                    .build()?;
                Type::group_type_builder(self.name)
                    .with_repetition(optional)
                    .with_converted_type(ConvertedType::LIST)
                    .with_logical_type(Some(LogicalType::List))
                    .with_fields(vec![Arc::new(list)])
                    .build()
            }
        }
    }

    fn write(
        &self,
        rows: &[Row],
        group: &mut SerializedRowGroupWriter<'_, &File>,
    ) -> Result<(), ParquetError> {
        match self.value {
            Cell::Text(value) => write_values::<ByteArrayType>(rows.iter().map(value), group),
            Cell::Integer(value) => {
                write_values::<Int64Type>(rows.iter().map(|row| value(row).map(signed)), group)
            }
            Cell::Seed(value) => {
                // The same 64 bits; the logical type says that they have no sign.
                write_values::<Int64Type>(rows.iter().map(|row| value(row).map(u64::cast_signed)), group)
            }
            Cell::Real(value) => write_values::<DoubleType>(rows.iter().map(value), group),
            Cell::Integers(value) => {
                let lists =
                    rows.iter().map(|row| value(row).map(|list| list.into_iter().map(signed).collect()));
                write_lists::<Int64Type>(lists, group)
            }
            Cell::Reals(value) => write_lists::<DoubleType>(rows.iter().map(value), group),
        }
    }
}

/// Steps and counts are far below 2⁶³.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn write_values<T: DataType>(
    cells: impl Iterator<Item = Option<T::T>>,
    group: &mut SerializedRowGroupWriter<'_, &File>,
) -> Result<(), ParquetError> {
    let (mut values, mut definition) = (Vec::new(), Vec::new());
    for cell in cells {
        definition.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    write_column::<T>(&values, &definition, None, group)
}

fn write_lists<T: DataType>(
    cells: impl Iterator<Item = Option<Vec<T::T>>>,
    group: &mut SerializedRowGroupWriter<'_, &File>,
) -> Result<(), ParquetError> {
    let (mut values, mut definition, mut repetition) = (Vec::new(), Vec::new(), Vec::new());
    for cell in cells {
        let elements = cell.as_ref().map_or(0, Vec::len);
        if elements == 0 {
            // Null, or there and empty.
            definition.push(i16::from(cell.is_some()));
            repetition.push(0);
        }
        for index in 0..elements {
            definition.push(2);
            repetition.push(i16::from(index > 0));
        }
        values.extend(cell.into_iter().flatten());
    }
    write_column::<T>(&values, &definition, Some(&repetition), group)
}

fn write_column<T: DataType>(
    values: &[T::T],
    definition: &[i16],
    repetition: Option<&[i16]>,
    group: &mut SerializedRowGroupWriter<'_, &File>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("more columns than the schema has".to_owned()));
    };
    column.typed::<T>().write_batch(values, Some(definition), repetition)?;
    column.close()
}
