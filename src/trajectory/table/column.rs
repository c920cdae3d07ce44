//! A column of a row group, read number by number whatever its width.

use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::DataType;
use parquet::errors::ParquetError;

pub(super) type Numbers<N> = Box<dyn NextNumbers<N>>;

/// A column of numbers that becomes `N`.
pub(super) trait NextNumbers<N> {
    /// Replaces the contents of `into` by the next `count` numbers.
    fn next(&mut self, count: usize, into: &mut Vec<N>) -> Result<(), ParquetError>;
}

pub(super) struct Typed<T: DataType, N> {
    reader: ColumnReaderImpl<T>,
    convert: fn(T::T) -> N,
    raw: Vec<T::T>,
    levels: Vec<i16>,
}

impl<T: DataType, N> Typed<T, N> {
    pub(super) fn new(reader: ColumnReaderImpl<T>, convert: fn(T::T) -> N) -> Self {
        Self { reader, convert, raw: Vec::new(), levels: Vec::new() }
    }
}

impl<T: DataType, N> NextNumbers<N> for Typed<T, N> {
    fn next(&mut self, count: usize, into: &mut Vec<N>) -> Result<(), ParquetError> {
        into.clear();
        while into.len() < count {
            self.raw.clear();
            self.levels.clear();
            let left = count - into.len();
            let (records, values, _) =
                self.reader.read_records(left, Some(&mut self.levels), None, &mut self.raw)?;
            if records == 0 {
                return Err(ParquetError::General("a column has fewer rows than its row group".to_owned()));
            }
            if values != records {
                return Err(ParquetError::General("a number is missing (null)".to_owned()));
            }
            into.extend(self.raw.drain(..).map(self.convert));
        }
        Ok(())
    }
}
