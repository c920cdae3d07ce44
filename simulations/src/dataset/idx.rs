//! The IDX format of MNIST and Fashion-MNIST, plain or compressed with gzip.

use super::DatasetError;
use super::images::Images;
use super::raw_file::{self, LARGEST_BODY};
use std::io::Read;
use std::path::Path;

/// Pixels of an image, at most: those of CIFAR-10 have 3,072. So many take 1.2 GB and about ten seconds.
const MOST_PIXELS: usize = 10_000;

const IMAGES_MAGIC: u32 = 0x0000_0803;
const LABELS_MAGIC: u32 = 0x0000_0801;

/// Reads an image file.
pub(super) fn read_images(path: &Path) -> Result<Images, DatasetError> {
    let (dimensions, pixels) = read(path, IMAGES_MAGIC, "image", 3)?;
    let pixels_an_image = dimensions[1].saturating_mul(dimensions[2]);
    if pixels_an_image > MOST_PIXELS {
        let problem = format!(
            "has images of {} x {} = {pixels_an_image} pixels; at most {MOST_PIXELS} are allowed, since the correlations of all \
             pairs of pixels are held in memory: 8 bytes for each pair, twice. Make the images smaller",
            dimensions[1], dimensions[2]
        );
        return Err(DatasetError::Malformed { path: path.to_owned(), problem });
    }
    Ok(Images { pixels, count: dimensions[0], pixels_an_image })
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
    let mut content = raw_file::open(path)?;

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
        return Err(malformed(format!("its header says dimensions {words:?}; 1 to 2^31 bytes are allowed")));
    };
    // One byte more than expected, to notice what is too long without reading all of it.
    let body = raw_file::read_at_most(size, content)
        .map_err(|error| malformed(format!("cannot read the {size} bytes after its header: {error}")))?;
    if body.len() as u64 != size {
        let relation = if body.len() as u64 > size { "more than" } else { "fewer than" };
        return Err(malformed(format!("has {relation} the {size} bytes that its header says")));
    }
    Ok((words.iter().map(|dimension| *dimension as usize).collect(), body))
}
