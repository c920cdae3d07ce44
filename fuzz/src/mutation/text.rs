//! Damage to text: numbers, lines, quoted words, nesting.

use super::Mutator;
use std::ops::Range;

/// What may stand in place of a number.
#[rustfmt::skip]
const NUMBERS: [&str; 26] = [
    "0", "-0", "1", "-1", "2", "4294967296", "2147483648", "2305843009213693950", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616", "1e308", "-1e308",
    "1e309", "1e-320", "0.1", "nan", "inf", "-inf", "true", "null", "\"\"", "[]", "{}",
];

/// What may stand in place of a quoted word.
#[rustfmt::skip]
const WORDS: [&str; 12] = [
    "", " ", "../../..", "/", "\u{1b}[31m", "\u{0}", "\u{202e}", "ä", "__metadata__", "\\u0000", "\\u001b[31m", "'",
];

/// Damages text in one to three places. It may be no text any more.
pub fn damage_text(mutator: &mut Mutator, bytes: &mut Vec<u8>) {
    for _ in 0..1 + mutator.below(3) {
        let lines = split(bytes, |byte| byte == b'\n');
        let line = mutator.pick(&lines).clone();
        match mutator.below(16) {
            0..=6 => replace(mutator, bytes, is_of_number, &NUMBERS),
            7 | 8 => replace(
                mutator,
                bytes,
                |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-',
                &WORDS,
            ),
            9 => drop(bytes.drain(line)),
            10 => {
                let mut text = bytes[line.clone()].to_vec();
                text.push(b'\n');
                bytes.splice(line.start..line.start, text);
            }
            11 => {
                let other = mutator.pick(&lines).clone();
                let text = bytes[other].to_vec();
                bytes.splice(line, text);
            }
            12 => {
                let depth = *mutator.pick(&[2, 10, 130, 2_000, 100_000]);
                let open = *mutator.pick(b"[{(\"");
                let place = line.start + mutator.below(line.len() + 1);
                bytes.splice(place..place, std::iter::repeat_n(open, depth));
            }
            13 => {
                let count = *mutator.pick(&[100, 5_000, 200_000]);
                let place = line.start + mutator.below(line.len() + 1);
                bytes.splice(place..place, std::iter::repeat_n(*mutator.pick(b"x9 .#\""), count));
            }
            _ => mutator.damage_bytes(bytes, &[Vec::new()]),
        }
    }
}

/// Digits, and what else is in numbers of JSON, TOML and Python.
fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+')
}

/// Puts one of `texts` in place of a run of bytes that `belongs` holds for.
fn replace(mutator: &mut Mutator, bytes: &mut Vec<u8>, belongs: impl Fn(u8) -> bool, texts: &[&str]) {
    let runs: Vec<Range<usize>> =
        split(bytes, |byte| !belongs(byte)).into_iter().filter(|run| !run.is_empty()).collect();
    if !runs.is_empty() {
        let run = mutator.pick(&runs).clone();
        let text = *mutator.pick(texts);
        bytes.splice(run, text.bytes());
    }
}

/// The pieces between the bytes that `separates` holds for; at least one, which may be empty.
fn split(bytes: &[u8], separates: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (place, byte) in bytes.iter().enumerate() {
        if separates(*byte) {
            pieces.push(start..place);
            start = place + 1;
        }
    }
    pieces.push(start..bytes.len());
    pieces
}
