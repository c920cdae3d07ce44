//! Records that this program would not write, sound by their digest.

use sha2::{Digest, Sha256};
use std::ops::Range;

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
