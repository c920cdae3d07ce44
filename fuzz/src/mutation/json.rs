//! Damage to files of safetensors, whose header is JSON, and the seals of files with a digest: damage under a right digest gets
//! further than damage that any digest shows.

use super::numpy::damage_numbers;
use super::{EXTREMES, Mutator, damage_text};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Damages a file of safetensors in one place; the length that it says of its header stays right more often than not.
pub fn damage_safetensors(mutator: &mut Mutator, bytes: &mut Vec<u8>) {
    let Some(length) = bytes.first_chunk::<8>() else { return };
    let end = usize::try_from(u64::from_le_bytes(*length)).ok().and_then(|length| length.checked_add(8));
    let Some(end) = end.filter(|end| *end <= bytes.len()) else { return };
    match mutator.below(10) {
        0 => mutator.damage_integer(bytes, 0, 8, false),
        1 | 2 => damage_numbers(mutator, &mut bytes[end..]),
        3 => bytes.truncate(end + mutator.below(bytes.len() - end + 1)),
        4 => bytes.extend(std::iter::repeat_n(0, 1 + mutator.below(64))),
        choice => {
            let mut header = bytes[8..end].to_vec();
            match serde_json::from_slice(&header) {
                Ok(mut value) if choice < 7 => {
                    resize(mutator, &mut value);
                    header = value.to_string().into_bytes();
                }
                _ => damage_text(mutator, &mut header),
            }
            if !mutator.one_in(8) {
                bytes[..8].copy_from_slice(&(header.len() as u64).to_le_bytes());
            }
            bytes.splice(8..end, header);
        }
    }
}

/// Gives a tensor another number of values, and moves those behind it: a header that contradicts nothing but the file's length.
fn resize(mutator: &mut Mutator, header: &mut Value) {
    let Some(tensors) = header.as_object_mut() else { return };
    let names: Vec<String> = tensors.keys().filter(|name| *name != "__metadata__").cloned().collect();
    if names.is_empty() {
        return;
    }
    let offset = |tensor: &Value, index: usize| tensor["data_offsets"][index].as_u64().unwrap_or_default();
    let name = mutator.pick(&names).clone();
    let kind = tensors[&name]["dtype"].as_str().unwrap_or_default();
    let width = [("64", 8), ("32", 4), ("16", 2)]
        .iter()
        .find(|(bits, _)| kind.ends_with(bits))
        .map_or(1, |(_, width)| *width);
    let (from, to) = (offset(&tensors[&name], 0), offset(&tensors[&name], 1));
    let count = if mutator.one_in(2) { to.wrapping_sub(from) / width } else { 0 };
    let count = if count > 0 { mutator.size(count) } else { *mutator.pick(&EXTREMES) };
    let end = from.wrapping_add(count.wrapping_mul(width));
    tensors[&name]["shape"] = if mutator.one_in(3) { json!([1, count]) } else { json!([count]) };
    tensors[&name]["data_offsets"] = json!([from, end]);
    for other in names.iter().filter(|other| **other != name) {
        let (start, stop) = (offset(&tensors[other], 0), offset(&tensors[other], 1));
        if start >= to {
            let moved = |place: u64| place.wrapping_sub(to).wrapping_add(end);
            tensors[other]["data_offsets"] = json!([moved(start), moved(stop)]);
        }
    }
}

/// Puts the right digest into a record or checkpoint, wherever it says a digest; leaves what says none.
pub fn seal_record(bytes: &mut [u8]) {
    seal(bytes, b"\\\"digest\\\":\\\"");
}

/// Puts the right digests of `tasks` and of itself into the text of a manifest; leaves what says none.
pub fn seal_manifest(manifest: &mut [u8], tasks: &[u8]) {
    if let Some(place) = after(manifest, b"\"digests\": [\n    \"")
        && let Some(digits) = manifest.get_mut(place..place + 64)
    {
        digits.copy_from_slice(hexadecimal(tasks).as_bytes());
    }
    seal(manifest, b"\"digest\": \"");
}

/// Puts the digest of `bytes`, with zeros in its place, after the first `mark`.
fn seal(bytes: &mut [u8], mark: &[u8]) {
    let Some(place) = after(bytes, mark).filter(|place| place + 64 <= bytes.len()) else { return };
    bytes[place..place + 64].fill(b'0');
    let digest = hexadecimal(bytes);
    bytes[place..place + 64].copy_from_slice(digest.as_bytes());
}

fn after(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark).map(|place| place + mark.len())
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
