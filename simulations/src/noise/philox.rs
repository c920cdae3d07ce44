//! Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11), for several
//! counters side by side.

const ROUNDS: usize = 10;
const LOW: u64 = 0xFFFF_FFFF;
const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// Four words for each of `LANES` counters: `counters[word][lane]` becomes `words[word][lane]`.
///
/// Words are kept in the lower half of 64 bits, where processors multiply them without moving them about; what comes
/// to lie above is never looked at.
#[inline(always)]
pub(super) fn philox4x32<const LANES: usize>(
    counters: [[u32; LANES]; 4],
    mut key: [u32; 2],
) -> [[u32; LANES]; 4] {
    // Loops, not `map`: closures are not compiled for the instructions of the caller.
    let mut counter = [[0; LANES]; 4];
    for (wide, words) in counter.iter_mut().zip(&counters) {
        for lane in 0..LANES {
            wide[lane] = u64::from(words[lane]);
        }
    }
    let [mut a, mut b, mut c, mut d] = counter;
    for _ in 0..ROUNDS {
        for lane in 0..LANES {
            let first = MULTIPLIERS[0] * (a[lane] & LOW);
            let second = MULTIPLIERS[1] * (c[lane] & LOW);
            a[lane] = (second >> 32) ^ b[lane] ^ u64::from(key[0]);
            b[lane] = second;
            c[lane] = (first >> 32) ^ d[lane] ^ u64::from(key[1]);
            d[lane] = first;
        }
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    let mut words = [[0; LANES]; 4];
    for (words, wide) in words.iter_mut().zip(&[a, b, c, d]) {
        for lane in 0..LANES {
            words[lane] = low(wide[lane]);
        }
    }
    words
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
pub(super) const fn low(word: u64) -> u32 {
    word as u32
}

#[inline(always)]
pub(super) const fn high(word: u64) -> u32 {
    low(word >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers published with Random123 (file `kat_vectors`, philox4x32 with 10 rounds).
    #[test]
    fn philox_gives_the_published_known_answers() {
        let one = |counter: [u32; 4], key| philox4x32(counter.map(|word| [word]), key).map(|[word]| word);
        assert_eq!(one([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(one([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            one([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
