//! The IDX format of MNIST, plain or compressed with gzip.

use super::DatasetError;
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Images as bytes, one after the other.
#[derive(Debug)]
pub(super) struct Images {
    pub(super) pixels: Vec<u8>,
    pub(super) count: usize,
    pub(super) pixels_an_image: usize,
}

const IMAGES_MAGIC: u32 = 0x0000_0803;
const LABELS_MAGIC: u32 = 0x0000_0801;

/// More than any data set of this format; a damaged header must not ask for all memory.
const LARGEST_BODY: u64 = 1 << 31;

/// Reads an image file.
pub(super) fn read_images(path: &Path) -> Result<Images, DatasetError> {
    let (dimensions, pixels) = read(path, IMAGES_MAGIC, "image", 3)?;
    Ok(Images { pixels, count: dimensions[0], pixels_an_image: dimensions[1] * dimensions[2] })
}

/// Reads a label file.
pub(super) fn read_labels(path: &Path) -> Result<Vec<u8>, DatasetError> {
    Ok(read(path, LABELS_MAGIC, "label", 1)?.1)
}

fn read(
    path: &Path,
    magic: u32,
    kind: &str,
    dimension_count: usize,
) -> Result<(Vec<usize>, Vec<u8>), DatasetError> {
    let malformed = |problem: String| DatasetError::Malformed { path: path.to_owned(), problem };
    let file_error = |source| DatasetError::File { action: "read", path: path.to_owned(), source };
    let mut file = BufReader::new(File::open(path).map_err(file_error)?);
    let mut start = Vec::new();
    file.by_ref().take(2).read_to_end(&mut start).map_err(file_error)?;
    let compressed = start == [0x1f, 0x8b];
    let whole = std::io::Cursor::new(start).chain(file);
    let mut content: Box<dyn Read> =
        if compressed { Box::new(GzDecoder::new(whole)) } else { Box::new(whole) };

    let mut header_words = |count: usize, what: &str| {
        let mut bytes = vec![0; 4 * count];
        content
            .read_exact(&mut bytes)
            .map_err(|error| malformed(format!("cannot read the {what} of an IDX {kind} header: {error}")))?;
        let word = |bytes: &[u8]| bytes.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        Ok::<Vec<u32>, DatasetError>(bytes.chunks_exact(4).map(word).collect())
    };
    // First what kind of file it is: the other one of the pair is shorter than this one's header.
    let found = header_words(1, "first 4 bytes")?[0];
    if found != magic {
        return Err(malformed(format!(
            "starts with {found:#010x}; an IDX {kind} file starts with {magic:#010x}"
        )));
    }
    let words = header_words(dimension_count, "dimensions")?;
    let size = words.iter().try_fold(1_u64, |size, dimension| size.checked_mul(u64::from(*dimension)));
    let Some(size) = size.filter(|size| (1..=LARGEST_BODY).contains(size)) else {
        let dimensions = &words[1..];
        return Err(malformed(format!(
            "its header says dimensions {dimensions:?}; 1 to 2^31 bytes are allowed"
        )));
    };
    let mut body = Vec::new();
    // One byte more than expected, to notice what is too long without reading all of it.
    content
        .take(size + 1)
        .read_to_end(&mut body)
        .map_err(|error| malformed(format!("cannot read the {size} bytes after its header: {error}")))?;
    if body.len() as u64 != size {
        let relation = if body.len() as u64 > size { "more than" } else { "fewer than" };
        return Err(malformed(format!("has {relation} the {size} bytes that its header says")));
    }
    Ok((words.iter().map(|dimension| *dimension as usize).collect(), body))
}
