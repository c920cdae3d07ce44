//! Damage to arrays of NumPy: what a header says of type, order and shape, its length, and the numbers after it.

use super::{Mutator, damage_text};

/// Before the length of the header: the mark, and two numbers of the version.
const MARK: usize = 8;

const TYPES: [&str; 14] =
    ["<f8", "<f4", "<f2", ">f8", ">f4", "<i8", "<u8", ">u8", "|i1", "|b1", "<c16", "|O", "<U3", "<f08"];

/// Damages an `.npy` file of format version 1 in one place; the length that it says of its header stays right more often than
/// not.
pub fn damage_npy(mutator: &mut Mutator, bytes: &mut Vec<u8>) {
    let length =
        bytes.get(MARK..MARK + 2).map_or(0, |length| usize::from(u16::from_le_bytes([length[0], length[1]])));
    let start = (MARK + 2).min(bytes.len());
    let end = (start + length).min(bytes.len());
    match mutator.below(10) {
        0 => mutator.damage_integer(bytes, MARK, 2, false),
        1 => mutator.damage_integer(bytes, 6, 1, false),
        2..=5 => {
            let mut header = bytes[start..end].to_vec();
            if mutator.one_in(3) {
                let text = String::from_utf8_lossy(&header).into_owned();
                let old = TYPES.iter().find(|name| text.contains(**name)).copied().unwrap_or("'");
                header = text.replace(old, mutator.pick::<&str>(&TYPES)).into_bytes();
            } else {
                damage_text(mutator, &mut header);
            }
            if let Ok(length) = u16::try_from(header.len())
                && !mutator.one_in(6)
            {
                bytes[MARK..MARK + 2].copy_from_slice(&length.to_le_bytes());
            }
            bytes.splice(start..end, header);
        }
        6 | 7 => damage_numbers(mutator, &mut bytes[end..]),
        8 => bytes.truncate(end + mutator.below(bytes.len() - end + 1)),
        _ => {
            let count = 1 + mutator.below(64);
            bytes.extend(std::iter::repeat_n(0, count));
        }
    }
}

/// Puts other numbers in place of one or of all words of 64 bits.
pub(super) fn damage_numbers(mutator: &mut Mutator, data: &mut [u8]) {
    let words = data.len() / 8;
    if words == 0 {
        return;
    }
    let one = mutator.below(words);
    let all = mutator.one_in(3);
    let (value, factor) = (mutator.float(), *mutator.pick(&[1e-300, 1e-20, 1e10, 1e76, 1e153, 1e300]));
    for (index, word) in data.chunks_exact_mut(8).enumerate() {
        if all {
            let number =
                f64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]);
            word.copy_from_slice(&(factor * number).to_le_bytes());
        } else if index == one {
            word.copy_from_slice(&value.to_le_bytes());
        }
    }
}
