//! A Parquet file, opened for one reader: its footer checked, and no page of it read that claims more than it can hold.

use super::column::checked;
use bytes::Bytes;
use parquet::column::reader::ColumnReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Most bytes of the footer.
pub(super) const MOST_FOOTER_BYTES: u64 = 1 << 24;

/// Most row groups.
pub(super) const MOST_ROW_GROUPS: usize = 1 << 16;

/// Most bytes of a page, packed or not.
pub(super) const MOST_PAGE_BYTES: u64 = 1 << 28;

/// Most rows per byte of the file. A run that never moves, packed as densely as writers do, has about a hundred; without a bound a
/// few bytes could claim rows that take years to read.
pub(super) const MOST_ROWS_PER_BYTE: u64 = 1024;

/// Snappy's densest element makes 64 bytes of 3: more than this times its length no page can unpack to.
const MOST_EXPANSION: u64 = 22;

/// A file whose footer is sound.
#[derive(Clone)]
pub(super) struct TableFile {
    bytes: Arc<FileBytes>,
    metadata: Arc<ParquetMetaData>,
}

pub(super) struct FileBytes {
    file: File,
    length: u64,
    /// Where the footer begins: everything before it that is read as a stream is the header of a page.
    footer: u64,
}

impl TableFile {
    /// Checks the footer of `file`.
    pub(super) fn open(mut file: File) -> Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        let mut end = [0; 8];
        let end_start = length.checked_sub(8).ok_or_else(|| general("it is too short"))?;
        file.seek(SeekFrom::Start(end_start))?;
        file.read_exact(&mut end)?;
        let [a, b, c, d, mark @ ..] = end;
        if mark != *b"PAR1" {
            return Err(general("it does not end with the mark PAR1"));
        }
        let claimed = u64::from(u32::from_le_bytes([a, b, c, d]));
        if claimed > end_start || claimed > MOST_FOOTER_BYTES {
            return Err(general(format!(
                "its footer claims {claimed} bytes; the file has {end_start} before it, and at most {MOST_FOOTER_BYTES} are read"
            )));
        }
        let bytes = FileBytes { file, length, footer: end_start - claimed };
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&bytes)?;
        let table = Self { bytes: Arc::new(bytes), metadata: Arc::new(metadata) };
        table.check_rows()?;
        Ok(table)
    }

    /// The numbers of rows must agree wherever they stand.
    fn check_rows(&self) -> Result<()> {
        let groups = self.metadata.row_groups();
        if groups.len() > MOST_ROW_GROUPS {
            let count = groups.len();
            return Err(general(format!("it has {count} row groups; at most {MOST_ROW_GROUPS} are read")));
        }
        let mut total = 0_i64;
        for (number, group) in groups.iter().enumerate() {
            let rows = group.num_rows();
            total = total
                .checked_add(rows)
                .filter(|_| rows >= 0)
                .ok_or_else(|| general("its rows are beyond count"))?;
            for column in group.columns().iter().filter(|column| column.column_descr().max_rep_level() == 0) {
                if column.num_values() != rows {
                    let (name, values) = (column.column_path().string(), column.num_values());
                    return Err(general(format!(
                        "row group {number} has {rows} rows, and {values} numbers of column '{}'",
                        name.escape_debug()
                    )));
                }
                self.check_place(column)?;
            }
        }
        let stated = self.metadata.file_metadata().num_rows();
        if stated != total {
            return Err(general(format!("it states {stated} rows, and its row groups have {total}")));
        }
        let length = self.bytes.length;
        if total.unsigned_abs() > length.saturating_mul(MOST_ROWS_PER_BYTE) {
            return Err(general(format!(
                "it states {total} rows in {length} bytes; at most {MOST_ROWS_PER_BYTE} rows per byte are read"
            )));
        }
        Ok(())
    }

    /// The pages of a column must be before the footer.
    fn check_place(&self, column: &ColumnChunkMetaData) -> Result<()> {
        let start = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
        let place = u64::try_from(start).ok().zip(u64::try_from(column.compressed_size()).ok());
        let end = place.and_then(|(start, length)| start.checked_add(length));
        if end.is_none_or(|end| end > self.bytes.footer) {
            let name = column.column_path().string();
            return Err(general(format!("column '{}' is not in the file", name.escape_debug())));
        }
        Ok(())
    }

    pub(super) fn metadata(&self) -> &ParquetMetaData {
        &self.metadata
    }

    /// Number of row groups.
    pub(super) fn groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    /// Rows of a row group.
    pub(super) fn rows(&self, group: usize) -> u64 {
        // Checked when the file was opened.
        u64::try_from(self.metadata.row_group(group).num_rows()).unwrap_or(0)
    }

    /// A column of a row group.
    pub(super) fn column(&self, group: usize, column: usize) -> Result<ColumnReader> {
        let rows = usize::try_from(self.rows(group))?;
        let chunk = self.metadata.row_group(group).column(column);
        let pages = SerializedPageReader::new(Arc::clone(&self.bytes), chunk, rows, None)?;
        Ok(checked(pages, chunk.column_descr_ptr()))
    }
}

impl Length for FileBytes {
    fn len(&self) -> u64 {
        self.length
    }
}

/// A stream of the file, which begins with the header of a page unless `checked`.
pub(super) struct Stream {
    bytes: BufReader<File>,
    checked: bool,
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.checked {
            check_page(self.bytes.fill_buf()?).map_err(io::Error::other)?;
            self.checked = true;
        }
        self.bytes.read(into)
    }
}

impl ChunkReader for FileBytes {
    type T = Stream;

    fn get_read(&self, start: u64) -> Result<Stream> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        // The crate also begins streams that it does not read: they are not of headers.
        Ok(Stream { bytes: BufReader::with_capacity(HEADER_BUFFER, file), checked: start >= self.footer })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64).filter(|end| *end <= self.length);
        if end.is_none() || length as u64 > MOST_PAGE_BYTES {
            let held = self.length.saturating_sub(start);
            return Err(general(format!("{length} bytes are claimed where the file has {held}")));
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length).map_err(|error| ParquetError::External(error.into()))?;
        bytes.resize(length, 0);
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Headers of pages are tens of bytes long.
const HEADER_BUFFER: usize = 1 << 12;

/// Refuses the header of a page whose claims are beyond its means: the crate reserves what it claims. The first fields of the
/// header are its kind and its sizes, unpacked and packed, as 32-bit integers of the compact Thrift protocol.
fn check_page(mut header: &[u8]) -> Result<()> {
    let mut fields = [0; 3];
    for field in &mut fields {
        *field = next_integer(&mut header).ok_or_else(|| general("the header of a page is damaged"))?;
    }
    let [_, unpacked, packed] = fields;
    let most = packed.saturating_mul(MOST_EXPANSION).saturating_add(64).min(MOST_PAGE_BYTES);
    if packed > MOST_PAGE_BYTES || unpacked > most {
        return Err(general(format!(
            "a page claims {unpacked} bytes, packed in {packed}; at most {most} are read of such a page"
        )));
    }
    Ok(())
}

/// Takes the next field of a Thrift structure, if it is a 32-bit integer from 0 up.
fn next_integer(header: &mut &[u8]) -> Option<u64> {
    /// The next field after the last, of this type.
    const NEXT_INTEGER: u8 = 0x15;
    let (kind, rest) = header.split_first()?;
    let end = rest.iter().take(5).position(|byte| byte & 0x80 == 0)?;
    let (digits, rest) = rest.split_at(end + 1);
    *header = rest;
    let zigzag = digits.iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    (*kind == NEXT_INTEGER && zigzag.is_multiple_of(2)).then_some(zigzag / 2)
}

fn general(reason: impl Into<String>) -> ParquetError {
    ParquetError::General(reason.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of a data page with these sizes, unpacked and packed.
    fn header(unpacked: u32, packed: u32) -> Vec<u8> {
        let mut bytes = vec![0x15, 0x00];
        for size in [unpacked, packed] {
            bytes.push(0x15);
            let mut rest = u64::from(size) * 2;
            while rest > 0x7f {
                bytes.push((rest & 0x7f) as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push((rest & 0x7f) as u8);
        }
        bytes
    }

    #[test]
    fn pages_claim_what_their_bytes_can_hold() {
        assert!(check_page(&header(8192, 8192)).is_ok());
        assert!(check_page(&header(100_000, 5000)).is_ok());
        let refusal = check_page(&header(2_000_000_000, 100)).unwrap_err().to_string();
        assert!(refusal.contains("a page claims 2000000000 bytes, packed in 100; at most 2264"), "{refusal}");
        assert!(check_page(&header(300_000_000, 300_000_000)).is_err());
        for damaged in
            [&[][..], &[0x15, 0x00, 0x15], &[0x25, 0, 0x15, 2, 0x15, 2], &[0x15, 0, 0x15, 1, 0x15, 2]]
        {
            assert!(check_page(damaged).is_err(), "{damaged:?}");
        }
    }
}
