//! Raw files, plain or compressed with gzip.

use super::DatasetError;
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

/// Bytes of images that are read at most, more than any data set of these formats has: neither a damaged header nor the
/// wrong file must ask for all memory.
pub(super) const LARGEST_BODY: u64 = 1 << 31;

/// Opens a file; what is read from it is unpacked if it was compressed.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>, DatasetError> {
    let file_error = |source| DatasetError::File { action: "read", path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(file_error)?);
    let mut start = Vec::new();
    file.by_ref().take(2).read_to_end(&mut start).map_err(file_error)?;
    let compressed = start == [0x1f, 0x8b];
    let whole = Cursor::new(start).chain(file);
    Ok(if compressed { Box::new(GzDecoder::new(whole)) } else { Box::new(whole) })
}
