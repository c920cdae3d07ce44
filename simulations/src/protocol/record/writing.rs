//! Writes a record piece by piece, in constant memory besides the record itself.

use super::layout::LONGEST_HEADER;
use super::{Head, RecordError, digest};
use glassbox_trajectories::whole_file::write_whole_with;
use serde_json::{Map, Value, json};
use sha2::Digest;
use std::io::Write;
use std::path::Path;

/// Words that are turned into bytes at a time.
const PIECE: usize = 1 << 13;

/// An array of a record.
pub(super) enum Words<'a> {
    Integers(&'a [u64]),
    Floats(&'a [f64]),
}

/// Writes the arrays (name, shape, numbers) under `head`, whose digest is found.
pub(super) fn write(
    path: &Path,
    head: &Head,
    arrays: &[(&str, Vec<usize>, Words<'_>)],
) -> Result<(), RecordError> {
    let unsound = |problem: String| RecordError::Damaged { path: path.to_owned(), problem };
    let mut opening = opening(head, arrays).map_err(unsound)?;
    let place = digest::place(&opening).ok_or_else(|| unsound("its head has no digest".to_owned()))?;
    let mut sum = digest::begun(&opening, &place);
    for (_, _, words) in arrays {
        words
            .pieces(|bytes| {
                sum.update(bytes);
                Ok(())
            })
            .map_err(|error| unsound(error.to_string()))?;
    }
    opening[place].copy_from_slice(digest::hexadecimal(sum).as_bytes());
    write_whole_with(path, |file| {
        file.write_all(&opening)?;
        arrays.iter().try_for_each(|(_, _, words)| words.pieces(|bytes| file.write_all(bytes)))
    })?;
    Ok(())
}

/// Length and text of the safetensors header, filled up with spaces to whole words.
fn opening(head: &Head, arrays: &[(&str, Vec<usize>, Words<'_>)]) -> Result<Vec<u8>, String> {
    let text = serde_json::to_string(head).map_err(|error| error.to_string())?;
    // A sorted map: the metadata come first.
    let mut header = Map::from_iter([("__metadata__".to_owned(), json!({ "glassbox": text }))]);
    let mut from = 0;
    for (name, shape, words) in arrays {
        let to = from + 8 * words.len();
        let entry = json!({ "dtype": words.dtype(), "shape": shape, "data_offsets": [from, to] });
        header.insert((*name).to_owned(), entry);
        from = to;
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let length = header.len() as u64;
    if length > LONGEST_HEADER {
        return Err(format!("its head has {length} bytes; at most {LONGEST_HEADER} can be read back"));
    }
    Ok(length.to_le_bytes().into_iter().chain(header).collect())
}

impl Words<'_> {
    fn dtype(&self) -> &'static str {
        match self {
            Self::Integers(_) => "I64",
            Self::Floats(_) => "F64",
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Integers(numbers) => numbers.len(),
            Self::Floats(numbers) => numbers.len(),
        }
    }

    fn pieces(&self, mut take: impl FnMut(&[u8]) -> std::io::Result<()>) -> std::io::Result<()> {
        let mut bytes = Vec::with_capacity(8 * PIECE);
        let mut one = |words: &mut dyn Iterator<Item = [u8; 8]>| {
            bytes.clear();
            bytes.extend(words.flatten());
            take(&bytes)
        };
        match self {
            Self::Integers(numbers) => numbers
                .chunks(PIECE)
                .try_for_each(|piece| one(&mut piece.iter().map(|number| number.to_le_bytes()))),
            Self::Floats(numbers) => numbers
                .chunks(PIECE)
                .try_for_each(|piece| one(&mut piece.iter().map(|number| number.to_le_bytes()))),
        }
    }
}
