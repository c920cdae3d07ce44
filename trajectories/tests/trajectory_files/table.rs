//! Parquet tables: sound ones with several row groups are read, disordered and broken ones get a message.

use crate::files::{numbers, refusal, seen};
use parquet::basic::{Compression, Repetition, Type as Physical};
use parquet::data_type::{DoubleType, FloatType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use std::sync::Arc;

/// A column of a table, and its type.
#[derive(Clone)]
pub(crate) enum Column {
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
}

/// Two replicas, steps 0 and 5, three weights; `value` counts up and `gradient` is its double.
pub(crate) fn columns() -> Vec<(&'static str, Column)> {
    let value = numbers(12);
    vec![
        ("replica", Column::Int32((0..12).map(|row| row / 6).collect())),
        ("step", Column::Int64((0..12).map(|row| 5 * (row / 3 % 2)).collect())),
        ("weight", Column::Int64((0..12).map(|row| row % 3).collect())),
        ("gradient", Column::Double(value.iter().map(|value| 2.0 * value).collect())),
        ("value", Column::Double(value)),
    ]
}

fn with(name: &'static str, column: Column) -> Vec<(&'static str, Column)> {
    let mut columns = columns();
    columns.retain(|(other, _)| *other != name);
    columns.push((name, column));
    columns
}

/// The bytes of a table of 12 rows with row groups of at most `group` rows.
fn bytes(columns: &[(&str, Column)], group: usize, compression: Compression) -> Vec<u8> {
    table(columns, 12, group, compression)
}

/// The bytes of a table of `rows` rows with row groups of at most `group` rows.
pub(crate) fn table(
    columns: &[(&str, Column)],
    rows: usize,
    group: usize,
    compression: Compression,
) -> Vec<u8> {
    let fields = columns.iter().map(|(name, column)| {
        let physical = match column {
            Column::Int32(_) => Physical::INT32,
            Column::Int64(_) => Physical::INT64,
            Column::Float(_) => Physical::FLOAT,
            Column::Double(_) => Physical::DOUBLE,
        };
        let field = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
        Arc::new(field.build().unwrap())
    });
    let schema = Type::group_type_builder("table").with_fields(fields.collect()).build().unwrap();
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_data_page_row_count_limit(usize::MAX)
        .build();
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties)).unwrap();
    for start in (0..rows).step_by(group) {
        let range = start..(start + group).min(rows);
        let mut rows = file.next_row_group().unwrap();
        for (_, column) in columns {
            let mut writer = rows.next_column().unwrap().unwrap();
            let range = range.clone();
            match column {
                Column::Int32(all) => writer.typed::<Int32Type>().write_batch(&all[range], None, None),
                Column::Int64(all) => writer.typed::<Int64Type>().write_batch(&all[range], None, None),
                Column::Float(all) => writer.typed::<FloatType>().write_batch(&all[range], None, None),
                Column::Double(all) => writer.typed::<DoubleType>().write_batch(&all[range], None, None),
            }
            .unwrap();
            writer.close().unwrap();
        }
        rows.close().unwrap();
    }
    file.close().unwrap();
    bytes
}

/// A sound table.
pub(crate) fn parquet() -> Vec<u8> {
    bytes(&columns(), 5, Compression::SNAPPY)
}

/// A sound table of a single row group.
pub(crate) fn one_group() -> Vec<u8> {
    bytes(&columns(), 12, Compression::UNCOMPRESSED)
}

/// A table of one row whose gradient is a list.
pub(crate) fn with_gradient_of_lists() -> Vec<u8> {
    let schema = "message table { required int64 replica; required int64 step; required int64 weight; \
                  required double value; repeated double gradient; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    let mut rows = file.next_row_group().unwrap();
    for _ in 0..3 {
        let mut writer = rows.next_column().unwrap().unwrap();
        writer.typed::<Int64Type>().write_batch(&[0], None, None).unwrap();
        writer.close().unwrap();
    }
    for (values, levels) in [(&[1.0][..], None), (&[1.0, 2.0][..], Some((&[1, 1][..], &[0, 1][..])))] {
        let mut writer = rows.next_column().unwrap().unwrap();
        let (definitions, repetitions) = levels.unzip();
        writer.typed::<DoubleType>().write_batch(values, definitions, repetitions).unwrap();
        writer.close().unwrap();
    }
    rows.close().unwrap();
    file.close().unwrap();
    bytes
}

fn says(columns: &[(&str, Column)], expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    std::fs::write(&path, bytes(columns, 12, Compression::UNCOMPRESSED)).unwrap();
    let message = refusal(&path);
    assert!(message.contains(expected), "{message}\nshould contain\n{expected}");
}

#[test]
fn frames_may_cross_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    for group in [1, 5, 12] {
        for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
            std::fs::write(&path, bytes(&columns(), group, compression)).unwrap();
            let frames = seen(&path).unwrap();
            assert_eq!(frames.len(), 4);
            for (index, (replica, step, weights, gradient)) in frames.into_iter().enumerate() {
                assert_eq!((replica, step), (index / 2, [0, 5][index % 2]));
                assert_eq!(weights, numbers(12)[3 * index..3 * index + 3]);
                assert_eq!(gradient, Some(weights.iter().map(|weight| 2.0 * weight).collect()));
            }
        }
    }
}

#[test]
fn columns_that_are_missing_or_of_other_types_are_named() {
    let mut without = columns();
    without.retain(|(name, _)| *name != "step");
    says(&without, "has no column 'step' of plain numbers; it has replica, weight, gradient, value");
    says(
        &with("value", Column::Int64(vec![0; 12])),
        "column 'value' is of INT64; it must be of 32- or 64-bit floats",
    );
    says(
        &with("weight", Column::Float(vec![0.0; 12])),
        "column 'weight' is of FLOAT; it must be of integers",
    );
    says(
        &with("replica", Column::Double(vec![0.0; 12])),
        "column 'replica' is of DOUBLE; it must be of integers",
    );
}

#[test]
fn disorder_and_numbers_that_are_not_finite_are_refused() {
    says(&with("step", Column::Int64(vec![0; 12])), "times[1] is 0 after 0: duplicate");
    let descending = (0..12).map(|row| 5 - 5 * (row / 3 % 2)).collect();
    says(&with("step", Column::Int64(descending)), "times[1] is 0 after 5: descending");
    says(&with("step", Column::Int64(vec![-5; 12])), "row 0: replica, step or weight is negative");
    says(&with("replica", Column::Int32(vec![1; 12])), "row 0: the first replica is not 0");
    let mut spoilt = numbers(12);
    spoilt[10] = f64::NAN;
    says(
        &with("value", Column::Double(spoilt.clone())),
        "the weights are NaN at replica 1, step 5, weight 1; they must be finite",
    );
    says(
        &with("gradient", Column::Double(spoilt)),
        "the gradients are NaN at replica 1, step 5, weight 1; they must be finite",
    );
}

#[test]
fn truncation_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    let whole = parquet();
    // Every length of the footer's end, and a sample of the others: all of them would take seconds.
    for length in (0..whole.len()).step_by(9).chain(whole.len() - 40..whole.len()) {
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(refusal(&path).contains("cannot be read as Parquet"));
    }
}

/// A row without a number is no row.
#[test]
fn missing_numbers_are_refused() {
    let schema = "message table { required int64 replica; required int64 step; required int64 weight; \
                  optional double value; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    let mut rows = file.next_row_group().unwrap();
    for integers in [[0_i64, 0, 0, 0], [0, 0, 5, 5], [0, 1, 0, 1]] {
        let mut writer = rows.next_column().unwrap().unwrap();
        writer.typed::<Int64Type>().write_batch(&integers, None, None).unwrap();
        writer.close().unwrap();
    }
    let mut writer = rows.next_column().unwrap().unwrap();
    // The third of four numbers is null.
    writer.typed::<DoubleType>().write_batch(&[1.0, 2.0, 4.0], Some(&[1, 1, 0, 1]), None).unwrap();
    writer.close().unwrap();
    rows.close().unwrap();
    file.close().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.parquet");
    std::fs::write(&path, bytes).unwrap();
    assert!(refusal(&path).contains("a number is missing (null)"), "{}", refusal(&path));
}

#[test]
fn rows_out_of_order_are_named() {
    let swapped = vec![0, 1, 2, 0, 2, 1, 0, 1, 2, 0, 1, 2];
    says(&with("weight", Column::Int64(swapped)), "rows must be sorted by replica, step and weight");
    let gap = (0..12).map(|row| 2 * (row / 6)).collect();
    says(&with("replica", Column::Int32(gap)), "row 6: the replica does not continue the count");
    let late = (0..12).map(|row| if row < 9 { 5 * (row / 3 % 2) } else { 6 }).collect();
    says(&with("step", Column::Int64(late)), "row 9: the step is not the first replica's");
    let short = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 0].to_vec();
    says(&with("weight", Column::Int64(short)), "rows must be sorted by replica, step and weight");
}
