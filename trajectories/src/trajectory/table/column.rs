//! A column of a table, read in the order of its rows whatever its width and its row groups.

use super::file::{FileBytes, TableFile};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::file::serialized_reader::SerializedPageReader;

/// Reads a column from its first row on, as numbers of type `N`.
pub(super) struct Rows<'a, N> {
    table: &'a TableFile,
    column: usize,
    /// Row groups that were begun.
    begun: usize,
    /// Rows of the last of them that are left.
    left: u64,
    group: Option<Box<dyn NextNumbers<N>>>,
    /// What makes numbers of a column of that type; `None` for a column of another type.
    convert: fn(ColumnReader) -> Option<Box<dyn NextNumbers<N>>>,
}

impl<'a> Rows<'a, i64> {
    /// A column of 32- or 64-bit integers.
    pub(super) fn integers(table: &'a TableFile, column: usize) -> Self {
        Self::new(table, column, |reader| match reader {
            ColumnReader::Int32ColumnReader(reader) => Some(Typed::boxed(reader, i64::from)),
            ColumnReader::Int64ColumnReader(reader) => Some(Typed::boxed(reader, |number| number)),
            _ => None,
        })
    }
}

impl<'a> Rows<'a, f64> {
    /// A column of 32- or 64-bit floats.
    pub(super) fn floats(table: &'a TableFile, column: usize) -> Self {
        Self::new(table, column, |reader| match reader {
            ColumnReader::FloatColumnReader(reader) => Some(Typed::boxed(reader, f64::from)),
            ColumnReader::DoubleColumnReader(reader) => Some(Typed::boxed(reader, |number| number)),
            _ => None,
        })
    }
}

impl<'a, N> Rows<'a, N> {
    fn new(
        table: &'a TableFile,
        column: usize,
        convert: fn(ColumnReader) -> Option<Box<dyn NextNumbers<N>>>,
    ) -> Self {
        Self { table, column, begun: 0, left: 0, group: None, convert }
    }

    /// Replaces the contents of `into` by the numbers of the next `count` rows.
    pub(super) fn next(&mut self, count: usize, into: &mut Vec<N>) -> Result<()> {
        into.clear();
        while into.len() < count {
            let wanted = count - into.len();
            let (group, left) = self.group()?;
            let rows = usize::try_from(left).unwrap_or(usize::MAX).min(wanted);
            group.next(rows, into)?;
            self.left -= rows as u64;
        }
        Ok(())
    }

    /// Skips `count` rows.
    pub(super) fn skip(&mut self, mut count: u64) -> Result<()> {
        while count > 0 {
            let (group, left) = self.group()?;
            let rows = left.min(count).min(usize::MAX as u64);
            group.skip(usize::try_from(rows)?)?;
            self.left -= rows;
            count -= rows;
        }
        Ok(())
    }

    /// Checks that no row is left.
    pub(super) fn end(&mut self) -> Result<()> {
        if let Some(mut group) = self.group.take().filter(|_| self.left == 0) {
            group.end()?;
        }
        let rows_behind = (self.begun..self.table.groups()).map(|group| self.table.rows(group)).sum::<u64>();
        if self.left + rows_behind > 0 {
            return Err(ParquetError::General("there are more rows than at first".to_owned()));
        }
        Ok(())
    }

    /// The row group of the next row, with its rows that are left: at least 1.
    fn group(&mut self) -> Result<(&mut Box<dyn NextNumbers<N>>, u64)> {
        while self.left == 0 {
            if let Some(mut group) = self.group.take() {
                group.end()?;
            }
            if self.begun == self.table.groups() {
                return Err(ParquetError::General("the table ends early".to_owned()));
            }
            let reader = self.table.column(self.begun, self.column)?;
            self.group = Some((self.convert)(reader).ok_or_else(|| {
                ParquetError::General("a column has other types in its row groups".to_owned())
            })?);
            self.left = self.table.rows(self.begun);
            self.begun += 1;
        }
        let left = self.left;
        self.group.as_mut().map(|group| (group, left)).ok_or_else(|| ParquetError::EOF(String::new()))
    }
}

/// A column of a row group whose numbers become `N`.
trait NextNumbers<N> {
    /// Appends the next `count` numbers.
    fn next(&mut self, count: usize, into: &mut Vec<N>) -> Result<()>;
    fn skip(&mut self, count: usize) -> Result<()>;
    /// Checks that no number is left.
    fn end(&mut self) -> Result<()>;
}

struct Typed<T: DataType, N> {
    reader: ColumnReaderImpl<T>,
    convert: fn(T::T) -> N,
    raw: Vec<T::T>,
    levels: Vec<i16>,
}

impl<T: DataType, N: 'static> Typed<T, N> {
    fn boxed(reader: ColumnReaderImpl<T>, convert: fn(T::T) -> N) -> Box<dyn NextNumbers<N>> {
        Box::new(Self { reader, convert, raw: Vec::new(), levels: Vec::new() })
    }

    /// Reads at most `count` numbers into `raw`, and returns how many rows they are.
    fn read(&mut self, count: usize) -> Result<usize> {
        self.raw.clear();
        self.levels.clear();
        let (records, values, _) =
            self.reader.read_records(count, Some(&mut self.levels), None, &mut self.raw)?;
        if values != records {
            return Err(ParquetError::General("a number is missing (null)".to_owned()));
        }
        Ok(records)
    }
}

impl<T: DataType, N: 'static> NextNumbers<N> for Typed<T, N> {
    fn next(&mut self, count: usize, into: &mut Vec<N>) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let rows = self.read(left)?;
            if rows == 0 {
                return Err(fewer());
            }
            into.extend(self.raw.drain(..).map(self.convert));
            left -= rows;
        }
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<()> {
        if self.reader.skip_records(count)? == count { Ok(()) } else { Err(fewer()) }
    }

    fn end(&mut self) -> Result<()> {
        if self.read(1)? == 0 {
            return Ok(());
        }
        Err(ParquetError::General("a column has more rows than its row group".to_owned()))
    }
}

fn fewer() -> ParquetError {
    ParquetError::General("a column has fewer rows than its row group".to_owned())
}

/// Pages of a column, none of which claims more numbers than its bytes can hold, or needs a dictionary that is not there.
struct CheckedPages {
    pages: SerializedPageReader<FileBytes>,
    /// Whether the dictionary has come.
    dictionary: bool,
}

/// The reader of a column whose pages are checked.
pub(super) fn checked(
    pages: SerializedPageReader<FileBytes>,
    description: parquet::schema::types::ColumnDescPtr,
) -> ColumnReader {
    get_column_reader(description, Box::new(CheckedPages { pages, dictionary: false }))
}

impl CheckedPages {
    fn check(&mut self, page: &Page) -> Result<()> {
        match page {
            // The dictionary reader reserves what the page claims, 4 or 8 bytes for each number.
            Page::DictionaryPage { buf, num_values, .. } => {
                self.dictionary = true;
                if *num_values as usize > buf.len() / 4 {
                    let bytes = buf.len();
                    let reason = format!("a dictionary claims {num_values} numbers in {bytes} bytes");
                    return Err(ParquetError::General(reason));
                }
            }
            Page::DataPage { .. } | Page::DataPageV2 { .. } => {
                let encodings = [Encoding::RLE_DICTIONARY, Encoding::PLAIN_DICTIONARY];
                if !self.dictionary && encodings.contains(&page.encoding()) {
                    return Err(ParquetError::General("a page has no dictionary before it".to_owned()));
                }
            }
        }
        Ok(())
    }
}

impl Iterator for CheckedPages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for CheckedPages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.iter().try_for_each(|page| self.check(page))?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.pages.at_record_boundary()
    }
}
