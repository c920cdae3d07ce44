//! Raw files, plain or compressed with gzip.

use super::DatasetError;
use flate2::read::GzDecoder;
use glassbox_trajectories::input;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

/// Bytes of images that are read at most, more than any data set of these formats has: neither a damaged header nor the
/// wrong file must ask for all memory.
pub(super) const LARGEST_BODY: u64 = 1 << 31;

/// Opens a file; what is read from it is unpacked if it was compressed.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>, DatasetError> {
    let file_error = |source| DatasetError::File { action: "read", path: path.to_owned(), source };
    let mut file = BufReader::new(input::open(path)?);
    let mut start = Vec::new();
    file.by_ref().take(2).read_to_end(&mut start).map_err(file_error)?;
    let compressed = start == [0x1f, 0x8b];
    let whole = Cursor::new(start).chain(file);
    Ok(if compressed { Box::new(GzDecoder::new(whole)) } else { Box::new(whole) })
}

/// Reads to the end, or one byte more than `most`. Memory is asked for as bytes come, and a want of it is an error: a few bytes
/// may unpack to a thousand times as many.
pub(super) fn read_at_most(most: u64, mut content: impl Read) -> io::Result<Vec<u8>> {
    let most = most.saturating_add(1);
    let (mut bytes, mut piece) = (Vec::new(), vec![0; PIECE]);
    while (bytes.len() as u64) < most {
        let read = match content.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let left = usize::try_from(most - bytes.len() as u64).unwrap_or(usize::MAX);
        let read = &piece[..read.min(left)];
        bytes.try_reserve(read.len()).map_err(io::Error::other)?;
        bytes.extend_from_slice(read);
    }
    Ok(bytes)
}

/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_asked_for() {
        assert_eq!(read_at_most(10, io::repeat(7)).unwrap(), [7; 11]);
        assert_eq!(read_at_most(200_000, io::repeat(7).take(150_000)).unwrap().len(), 150_000);
        assert_eq!(read_at_most(10, io::empty()).unwrap(), [0; 0]);
    }
}
