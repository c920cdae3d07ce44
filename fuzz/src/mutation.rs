//! Damage to bytes: without knowledge of what they mean here, and with it in the modules for each format.

mod container;
mod json;
mod numpy;
mod table;
mod text;
mod thrift;

pub use container::{Arrays, damage_zip_field};
pub use json::{damage_safetensors, seal_manifest, seal_record};
pub use numpy::damage_npy;
pub use table::{damage_footer_counts, damage_page_body, damage_table};
pub use text::damage_text;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

/// Sizes and counts at which arithmetic goes wrong.
const EXTREMES: [u64; 30] = [
    0,
    1,
    2,
    7,
    127,
    128,
    255,
    256,
    32_767,
    65_535,
    65_536,
    1_000_000,
    (1 << 24) - 1,
    1 << 24,
    1 << 28,
    (1 << 31) - 1,
    1 << 31,
    (1 << 31) + 1,
    (1 << 32) - 1,
    1 << 32,
    (1 << 32) + 1,
    1 << 48,
    1 << 60,
    (1 << 61) - 2,
    (1 << 61) - 1,
    1 << 61,
    (1 << 63) - 1,
    1 << 63,
    u64::MAX - 7,
    u64::MAX,
];

/// A source of damage, the same for the same seed.
pub struct Mutator {
    random: SmallRng,
}

impl Mutator {
    /// The source of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { random: SmallRng::seed_from_u64(seed) }
    }

    /// A number from 0 to `end`, without `end`, which must be above 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.random.random_range(0..end)
    }

    /// True once in `count` times.
    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of `values`.
    pub fn pick<'a, Value>(&mut self, values: &'a [Value]) -> &'a Value {
        &values[self.below(values.len())]
    }

    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.random.random()
    }

    /// A declared size as it should not be: extreme, random, or beside `old`.
    pub fn size(&mut self, old: u64) -> u64 {
        match self.below(8) {
            0 => old.wrapping_add(1),
            1 => old.wrapping_sub(1),
            2 => old.wrapping_mul(2),
            3 => self.word(),
            _ => *self.pick(&EXTREMES),
        }
    }

    /// A number of a trajectory as few have thought of it.
    pub fn float(&mut self) -> f64 {
        let size = *self.pick(&[0.0, 1e-320, 1e-160, 1.0, 1e10, 1e76, 1e152, 1e153, 1e160, 1e300, f64::MAX]);
        let value = *self.pick(&[size, size, size, -size, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        if self.one_in(4) { f64::from_bits(self.word()) } else { value }
    }

    /// Damages `bytes` in one to four places, whatever they mean; `donors` are other files of the kind.
    pub fn damage_bytes(&mut self, bytes: &mut Vec<u8>, donors: &[Vec<u8>]) {
        for _ in 0..1 + self.below(4) {
            if bytes.is_empty() {
                bytes.push(0);
            }
            let (from, to) = self.range(bytes.len());
            match self.below(12) {
                0..=3 => bytes[from] ^= 1 << self.below(8),
                4 => bytes[from] = *self.pick(&[0, 1, 0x7f, 0x80, 0xff]),
                5 => bytes.truncate(from),
                6 => drop(bytes.drain(from..to)),
                7 => {
                    let part = bytes[from..to].to_vec();
                    bytes.splice(from..from, part);
                }
                8 => {
                    let donor = self.pick(donors).clone();
                    let (start, end) = self.range(donor.len());
                    bytes.splice(from..to, donor[start..end].iter().copied());
                }
                9 => {
                    let count = 1 + self.below(64);
                    let noise: Vec<u8> = (0..count).map(|_| self.word().to_le_bytes()[0]).collect();
                    bytes.splice(from..from, noise);
                }
                _ => {
                    let (width, big_endian) = (*self.pick(&[1, 2, 4, 8]), self.one_in(2));
                    self.damage_integer(bytes, from, width, big_endian);
                }
            }
        }
    }

    /// Puts another size in place of the unsigned integer of `width` bytes at `place`, if it ends within `bytes`.
    pub fn damage_integer(&mut self, bytes: &mut [u8], place: usize, width: usize, big_endian: bool) {
        let Some(field) = bytes.get_mut(place..place + width) else { return };
        let mut word = [0; 8];
        if big_endian {
            field.reverse();
        }
        word[..width].copy_from_slice(field);
        let new = self.size(u64::from_le_bytes(word));
        field.copy_from_slice(&new.to_le_bytes()[..width]);
        if big_endian {
            field.reverse();
        }
    }

    /// A range within `length` bytes, which is short more often than not.
    fn range(&mut self, length: usize) -> (usize, usize) {
        if length == 0 {
            return (0, 0);
        }
        let from = self.below(length);
        let longest = if self.one_in(3) { length - from } else { (length - from).min(16) };
        (from, from + 1 + self.below(longest))
    }
}
