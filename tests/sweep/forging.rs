//! Records that this program would not write, sound by their digest.

use sha2::{Digest, Sha256};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// Where the words are in the head of a record.
fn place(bytes: &[u8], word: &str) -> usize {
    bytes.windows(word.len()).position(|window| window == word.as_bytes()).expect(word)
}

/// The 64 digits of the digest of a record.
fn digest(bytes: &[u8]) -> Range<usize> {
    let word = r#"\"digest\":\""#;
    let from = place(bytes, word) + word.len();
    from..from + 64
}

/// The 64 digits that tell which weights a task started from; `None` for one that started from none.
pub(crate) fn start_of(bytes: &[u8]) -> Option<String> {
    let word = r#"\"start\":\""#;
    let head = &bytes[..place(bytes, r#"\"task\":"#)];
    let at = head.windows(word.len()).position(|window| window == word.as_bytes())? + word.len();
    Some(String::from_utf8(bytes[at..at + 64].to_vec()).unwrap())
}

/// Gives altered bytes the digest that they should have.
fn mend(bytes: &mut [u8]) {
    let digits = digest(bytes);
    bytes[digits.clone()].fill(b'0');
    let hexadecimal: String = Sha256::digest(&*bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    bytes[digits].copy_from_slice(hexadecimal.as_bytes());
}

/// The same record as a later version might write it, whose format this one does not know.
pub(crate) fn of_a_later_format(record: &[u8]) -> Vec<u8> {
    // The digest is that of the format: mending a record that is sound changes nothing.
    let mut bytes = record.to_vec();
    mend(&mut bytes);
    assert!(bytes == record, "the digest is not what this test takes it for");
    let word = r#"\"format\":"#;
    let at = place(&bytes, word) + word.len();
    assert_eq!(bytes[at..at + 2], *b"2,");
    bytes[at] = b'3';
    mend(&mut bytes);
    bytes
}

/// The same record with another weight at the end, as by other arithmetic.
pub(crate) fn of_other_arithmetic(record: &[u8]) -> Vec<u8> {
    let mut bytes = record.to_vec();
    let length = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let end = usize::try_from(header["weights"]["data_offsets"][1].as_u64().unwrap()).unwrap();
    // The last bit of the last value; little-endian.
    bytes[8 + length + end - 8] ^= 1;
    mend(&mut bytes);
    bytes
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A plan whose tasks are altered, with digests as its author would give them.
pub(crate) fn replan(folder: &Path, change: impl Fn(&str) -> String) {
    let (tasks, manifest) = (folder.join("tasks/000000.jsonl"), folder.join("manifest.json"));
    let text = change(&fs::read_to_string(&tasks).unwrap());
    fs::write(&tasks, &text).unwrap();
    let mut head: serde_json::Value = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    head["digests"][0] = hexadecimal(text.as_bytes()).into();
    let zeros = "0".repeat(64);
    head["digest"] = zeros.clone().into();
    let text = serde_json::to_string_pretty(&head).unwrap();
    fs::write(&manifest, text.replace(&zeros, &hexadecimal(text.as_bytes()))).unwrap();
}

/// A checkpoint of the task of `record`, sound by its digest, whose header claims so many words that 64 bits do not count their
/// bytes.
pub(crate) fn checkpoint_of_wrapping_size(record: &[u8]) -> Vec<u8> {
    let length = usize::try_from(u64::from_le_bytes(record[..8].try_into().unwrap())).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&record[8..8 + length]).unwrap();
    let array = |dtype: &str, shape: &[u64], offsets: [u64; 2]| serde_json::json!({ "dtype": dtype, "shape": shape, "data_offsets": offsets });
    let words = (1 << 61) - 2;
    let forged = serde_json::json!({
        "__metadata__": header["__metadata__"],
        "times": array("I64", &[0], [0, 0]),
        "losses": array("F64", &[0], [0, 0]),
        "weights": array("F64", &[0, 0], [0, 0]),
        "step": array("I64", &[1], [0, 8]),
        "state": array("F64", &[words], [8, 8 + 8 * words]),
    });
    let text = forged.to_string();
    let mut bytes = [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &[0; 8]].concat();
    mend(&mut bytes);
    bytes
}
