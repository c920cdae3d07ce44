//! Numbers of sixteen blocks at a time, compiled for each set of instructions.

use super::box_muller::{direction, radius};
use super::philox::philox4x32;
use glassbox_instructions::{InstructionSet, Loop};
use std::marker::PhantomData;

const LANES: usize = 16;

/// Where a stream of blocks begins: its key, and its counter with the number of the first block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) key: [u32; 2],
    pub(super) first_block: u32,
    /// The other three words of the counter.
    pub(super) counter: [u32; 3],
}

/// What becomes of the words of sixteen blocks.
trait Distribution {
    /// Numbers of sixteen blocks.
    type Chunk: AsRef<[f64]> + AsMut<[f64]>;
    const EMPTY: Self::Chunk;

    fn numbers(words: &[[u32; LANES]; 4], out: &mut [f64]);
}

/// Standard Gaussian numbers: number `16 j + lane` of a chunk is the j-th of its block.
struct Gaussian;

/// Numbers uniform on the open unit interval, two a block.
struct Uniform;

impl Distribution for Gaussian {
    type Chunk = [f64; 4 * LANES];
    const EMPTY: Self::Chunk = [0.0; 4 * LANES];

    #[inline(always)]
    fn numbers(words: &[[u32; LANES]; 4], out: &mut [f64]) {
        let (pairs, _) = out.as_chunks_mut::<{ 2 * LANES }>();
        for (pair, out) in pairs.iter_mut().enumerate() {
            // One loop a result: the compiler then fills whole registers.
            let (mut radii, mut x, mut y) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                radii[lane] = radius(words[2 * pair][lane]);
            }
            for lane in 0..LANES {
                [x[lane], y[lane]] = direction(words[2 * pair + 1][lane]);
            }
            for lane in 0..LANES {
                out[lane] = f64::from(radii[lane] * x[lane]);
            }
            for lane in 0..LANES {
                out[LANES + lane] = f64::from(radii[lane] * y[lane]);
            }
        }
    }
}

impl Distribution for Uniform {
    type Chunk = [f64; 2 * LANES];
    const EMPTY: Self::Chunk = [0.0; 2 * LANES];

    #[inline(always)]
    fn numbers(words: &[[u32; LANES]; 4], out: &mut [f64]) {
        let (pairs, _) = out.as_chunks_mut::<2>();
        for (lane, pair) in pairs.iter_mut().enumerate().take(LANES) {
            pair[0] = open_unit(words[0][lane], words[1][lane]);
            pair[1] = open_unit(words[2][lane], words[3][lane]);
        }
    }
}

/// (0, 1) with both ends excluded: 52 bits and a half, exact in f64.
#[inline(always)]
fn open_unit(low: u32, high: u32) -> f64 {
    const ONE: u64 = 1_f64.to_bits();
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 12;
    // 1 + bits / 2⁵² has these bits as its mantissa; the difference and the sum are exact.
    (f64::from_bits(ONE | bits) - 1.0) + 0.5 * f64::EPSILON
}

/// Fills `out` with standard Gaussian numbers.
pub(super) fn fill_gaussian(instructions: InstructionSet, origin: Origin, out: &mut [f64]) {
    fill::<Gaussian>(instructions, origin, out);
}

/// Fills `out` with numbers uniform on (0, 1).
pub(super) fn fill_uniform(instructions: InstructionSet, origin: Origin, out: &mut [f64]) {
    fill::<Uniform>(instructions, origin, out);
}

fn fill<D: Distribution>(instructions: InstructionSet, origin: Origin, out: &mut [f64]) {
    instructions.run(Fill::<D> { origin, out, distribution: PhantomData });
}

/// Blocks from `origin` on, made into numbers.
struct Fill<'a, D> {
    origin: Origin,
    out: &'a mut [f64],
    distribution: PhantomData<D>,
}

impl<D: Distribution> Loop for Fill<'_, D> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        fill_chunks::<D>(self.origin, self.out);
    }
}

#[inline(always)]
fn fill_chunks<D: Distribution>(origin: Origin, out: &mut [f64]) {
    let mut first_block = origin.first_block;
    for out in out.chunks_mut(D::EMPTY.as_ref().len()) {
        let mut blocks = [0; LANES];
        for (block, lane) in blocks.iter_mut().zip(0..) {
            *block = first_block.wrapping_add(lane);
        }
        let [a, b, c] = origin.counter;
        let words = philox4x32([blocks, [a; LANES], [b; LANES], [c; LANES]], origin.key);
        let mut chunk = D::EMPTY;
        if out.len() == chunk.as_ref().len() {
            D::numbers(&words, out);
        } else {
            D::numbers(&words, chunk.as_mut());
            out.copy_from_slice(&chunk.as_ref()[..out.len()]);
        }
        first_block = first_block.wrapping_add(16);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        let origin = Origin { key: [u32::MAX, 5], first_block: 3, counter: [7, 1 << 31, 3] };
        for fill in [fill_gaussian, fill_uniform] {
            let draw = |instructions| {
                let mut out = vec![0.0; 1000];
                fill(instructions, origin, &mut out);
                out
            };
            for instructions in InstructionSet::available() {
                assert_eq!(draw(instructions), draw(InstructionSet::PORTABLE), "{instructions}");
            }
        }
    }

    #[test]
    fn uniforms_stay_inside_the_open_unit_interval() {
        assert!(open_unit(0, 0) > 0.0);
        assert!(open_unit(u32::MAX, u32::MAX) < 1.0);
        assert_eq!(open_unit(0, 1 << 31), 0.5 + 0.5 * f64::EPSILON);
    }
}
