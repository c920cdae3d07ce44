//! The binary batches of CIFAR-10: rows of a class and the 3,072 bytes of an image, red before green before blue.

use super::DatasetError;
use super::images::Images;
use super::raw_file::{self, LARGEST_BODY};
use std::path::{Path, PathBuf};

/// 32 × 32 pixels in three colours.
const PIXELS_AN_IMAGE: usize = 3072;

/// A class and an image.
const ROW: usize = 1 + PIXELS_AN_IMAGE;

/// Where an archive of tar says that it is one.
const TAR_MARK: std::ops::Range<usize> = 257..262;

/// Reads the batches one after the other: images, and the classes of each batch.
pub(super) fn read_batches(paths: &[PathBuf]) -> Result<(Images, Vec<Vec<u8>>), DatasetError> {
    let mut pixels: Vec<u8> = Vec::new();
    let mut classes: Vec<Vec<u8>> = Vec::new();
    let mut starts = Vec::new();
    for (index, path) in paths.iter().enumerate() {
        let (batch_classes, batch_pixels) = read_batch(path, LARGEST_BODY - pixels.len() as u64)?;
        // Images decide, not names: a copy or a link would count the same images twice as well.
        for (earlier, start) in starts.iter().enumerate() {
            let end = starts.get(earlier + 1).copied().unwrap_or(pixels.len());
            if classes[earlier] == batch_classes && pixels[*start..end] == batch_pixels {
                return Err(DatasetError::Malformed {
                    path: path.clone(),
                    problem: format!(
                        "batch {} holds the same images as batch {}, {}; each batch must be given once",
                        index + 1,
                        earlier + 1,
                        paths[earlier].display()
                    ),
                });
            }
        }
        starts.push(pixels.len());
        classes.push(batch_classes);
        pixels.try_reserve(batch_pixels.len()).map_err(|_| too_many(pixels.len() + batch_pixels.len()))?;
        pixels.extend(batch_pixels);
    }
    let count = pixels.len() / PIXELS_AN_IMAGE;
    Ok((Images { pixels, count, pixels_an_image: PIXELS_AN_IMAGE }, classes))
}

/// Classes and pixels of a batch with at most `largest` bytes.
fn read_batch(path: &Path, largest: u64) -> Result<(Vec<u8>, Vec<u8>), DatasetError> {
    let malformed = |problem: String| DatasetError::Malformed { path: path.to_owned(), problem };
    let rows = raw_file::read_at_most(largest, raw_file::open(path)?)
        .map_err(|error| malformed(format!("cannot read a CIFAR-10 batch: {error}")))?;
    if rows.get(TAR_MARK) == Some(b"ustar".as_slice()) {
        return Err(malformed("is an archive; unpack it and give the batches in it".to_owned()));
    }
    if rows.len() as u64 > largest {
        return Err(malformed("brings the batches above 2^31 bytes; fewer are allowed".to_owned()));
    }
    if rows.is_empty() || !rows.len().is_multiple_of(ROW) {
        return Err(malformed(format!(
            "holds {} bytes; a CIFAR-10 batch is one or more rows of {ROW} bytes, a class and {PIXELS_AN_IMAGE} pixels",
            rows.len()
        )));
    }
    let classes = rows.iter().step_by(ROW).copied().collect();
    let mut pixels = Vec::new();
    pixels.try_reserve_exact(rows.len()).map_err(|_| too_many(rows.len()))?;
    rows.chunks_exact(ROW).for_each(|row| pixels.extend_from_slice(&row[1..]));
    Ok((classes, pixels))
}

fn too_many(bytes: usize) -> DatasetError {
    DatasetError::too_many("the pixels of the batches", bytes, 1)
}
