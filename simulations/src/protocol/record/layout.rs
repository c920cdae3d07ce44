//! Where the arrays of a record lie in its file, as its safetensors header says.

use super::{Head, RecordError, digest, refused};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use thiserror::Error;

/// No header is longer, in bytes: it names six arrays and one task.
pub(super) const LONGEST_HEADER: u64 = 1 << 24;

/// Every number of a record has so many bytes.
pub(super) const WORD: u64 = 8;

/// The arrays of a record: name, type, and whether a record may be without it.
const ARRAYS: [(&str, &str, bool); 6] = [
    ("times", "I64", true),
    ("losses", "F64", true),
    ("weights", "F64", true),
    ("diverged", "I64", false),
    ("step", "I64", false),
    ("state", "F64", false),
];

/// All that a file says before its data.
pub(super) struct Layout {
    pub(super) head: Head,
    /// The bytes before the data: length and text of the header.
    pub(super) opening: Vec<u8>,
    /// By name: the first byte in the file, and the number of words.
    places: BTreeMap<String, (u64, u64)>,
    /// Frames and weights.
    pub(super) shape: [u64; 2],
    /// Size of the whole file, in bytes.
    end: u64,
}

/// Why the bytes before the data are none that this version reads.
#[derive(Debug, Error)]
pub(super) enum Unsound {
    /// Not what was written.
    #[error("{0}")]
    Damaged(String),
    /// Of another format, which has a digest as this one.
    #[error("{0}")]
    OtherVersion(String),
    /// Of the first format, which had none.
    #[error("{0}")]
    FirstVersion(String),
}

impl From<String> for Unsound {
    fn from(problem: String) -> Self {
        Self::Damaged(problem)
    }
}

impl Unsound {
    fn at(self, path: &Path) -> RecordError {
        let path = path.to_owned();
        match self {
            Self::Damaged(problem) => RecordError::Damaged { path, problem },
            Self::OtherVersion(problem) | Self::FirstVersion(problem) => {
                RecordError::OtherVersion { path, problem }
            }
        }
    }
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: Metadata,
    #[serde(flatten)]
    arrays: BTreeMap<String, Array>,
}

#[derive(Deserialize)]
struct Metadata {
    glassbox: String,
}

#[derive(Deserialize)]
struct Array {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

impl Layout {
    /// Reads the header of an open file, from its beginning.
    pub(super) fn read(file: &mut File, path: &Path) -> Result<Self, RecordError> {
        let damaged = |problem: String| RecordError::Damaged { path: path.to_owned(), problem };
        let size = file.metadata().map_err(refused("read", path))?.len();
        let mut length = [0; 8];
        exactly(file, &mut length, path)?;
        let header = u64::from_le_bytes(length);
        if header > LONGEST_HEADER {
            return Err(damaged("is no safetensors file, or its first bytes are altered".to_owned()));
        }
        let mut opening = length.to_vec();
        #[allow(clippy::cast_possible_truncation, reason = "at most 2^24 and 8")]
        opening.resize((WORD + header).min(size) as usize, 0);
        exactly(file, &mut opening[8..], path)?;
        if size < WORD + header {
            return Err(damaged(format!("is cut short: {size} bytes, less than its header")));
        }
        let layout = match Self::parse(opening.clone(), size) {
            Err(Unsound::OtherVersion(_)) if !digest::holds(&opening, file, path)? => {
                return Err(damaged("is altered: neither its format nor its digest is right".to_owned()));
            }
            parsed => parsed.map_err(|unsound| unsound.at(path))?,
        };
        if size > layout.end {
            return Err(damaged(format!("is too long: {size} bytes; its head says {}", layout.end)));
        }
        Ok(layout)
    }

    /// What the `opening` of a file of `size` bytes says: nothing of it lies beyond the end of the file, whatever its numbers.
    fn parse(opening: Vec<u8>, size: u64) -> Result<Self, Unsound> {
        let header: Header = serde_json::from_slice(&opening[8..])
            .map_err(|error| format!("is no record, or its head is altered: {error}"))?;
        let head = Head::parse(&header.metadata.glassbox)?;
        let mut arrays: Vec<(&String, &Array)> = header.arrays.iter().collect();
        arrays.sort_by_key(|(_, array)| array.data_offsets);
        let mut places = BTreeMap::new();
        let (mut next, start) = (0, opening.len() as u64);
        for (name, array) in arrays {
            let Some((_, dtype, _)) = ARRAYS.iter().find(|(known, ..)| known == name) else {
                return Err(format!("has an array \"{name}\" that no record has").into());
            };
            if array.dtype != *dtype {
                return Err(format!("\"{name}\" is {}; it must be {dtype}", array.dtype).into());
            }
            let [from, to] = array.data_offsets;
            let words = array.shape.iter().try_fold(1_u64, |product, side| product.checked_mul(*side));
            let end =
                words.and_then(|words| words.checked_mul(WORD)).and_then(|bytes| from.checked_add(bytes));
            if from != next || end != Some(to) {
                return Err(format!("\"{name}\" does not lie where its shape says").into());
            }
            if start.checked_add(to).is_none_or(|end| end > size) {
                return Err(format!(
                    "is cut short: {size} bytes; its head says that \"{name}\" ends {to} bytes after the {start} of the head"
                )
                .into());
            }
            next = to;
            places.insert(name.clone(), (start + from, (to - from) / WORD));
        }
        if let Some((name, ..)) =
            ARRAYS.iter().find(|(name, _, needed)| *needed && !places.contains_key(*name))
        {
            return Err(format!("has no \"{name}\"").into());
        }
        let words = |name: &str| places.get(name).map(|(_, words)| *words);
        let [frames, weights] = header.arrays["weights"].shape[..] else {
            return Err("\"weights\" has not two sides".to_owned().into());
        };
        if words("times") != Some(frames) || words("losses") != Some(frames) {
            return Err(format!("has {frames} frames, but not as many times and losses").into());
        }
        if words("diverged").is_some_and(|words| words != 1) {
            return Err("\"diverged\" is not one number".to_owned().into());
        }
        match (words("step"), words("state")) {
            (None, None) => {}
            (Some(1), Some(state)) if frames == 0 || state == weights => {}
            _ => return Err("has only half of a checkpoint".to_owned().into()),
        }
        Ok(Self { head, opening, places, shape: [frames, weights], end: start + next })
    }

    /// First byte and number of words of an array, if the file has it.
    pub(super) fn place(&self, name: &str) -> Option<(u64, u64)> {
        self.places.get(name).copied()
    }

    /// Reads an array, if the file has it.
    pub(super) fn words(
        &self,
        name: &str,
        file: &mut File,
        path: &Path,
    ) -> Result<Option<Vec<[u8; 8]>>, RecordError> {
        let Some((from, words)) = self.place(name) else { return Ok(None) };
        words_at(file, from, words, path).map(Some)
    }
}

/// So many words from a byte on.
pub(super) fn words_at(
    file: &mut File,
    from: u64,
    words: u64,
    path: &Path,
) -> Result<Vec<[u8; 8]>, RecordError> {
    file.seek(SeekFrom::Start(from)).map_err(refused("read", path))?;
    // A file may be larger than memory: one with holes takes no disk.
    let mut read = Vec::new();
    let length = usize::try_from(words).unwrap_or(usize::MAX);
    read.try_reserve_exact(length).map_err(|error| refused("read", path)(std::io::Error::other(error)))?;
    read.resize(length, [0; 8]);
    exactly(file, read.as_flattened_mut(), path)?;
    Ok(read)
}

/// A file that ends too early is damaged, not refused.
fn exactly(file: &mut File, bytes: &mut [u8], path: &Path) -> Result<(), RecordError> {
    file.read_exact(bytes).map_err(|error| {
        if error.kind() == ErrorKind::UnexpectedEof {
            RecordError::Damaged { path: path.to_owned(), problem: "is cut short".to_owned() }
        } else {
            refused("read", path)(error)
        }
    })
}
