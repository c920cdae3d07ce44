//! Counter-based noise: every random number is a pure function of (seed, purpose, replica, step, index).
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
//! SC11), checked against the authors' known answers. A block of four 32-bit words gives two uniform numbers of
//! 52 bits, or by the Box–Muller transform in single precision four Gaussian numbers: they reach |z| = 6.76, beyond
//! which one of 7·10¹⁰ would lie, and are right to 4e-7 of themselves. Nothing is carried from one number to the
//! next, so a resumed, reordered or multi-threaded run draws the same bits, on any machine.

mod box_muller;
mod philox;
mod vectors;

use crate::instruction_set::InstructionSet;
use philox::{high, low};
use vectors::Origin;

/// What a stream of random numbers is for. Streams of different purposes never share a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Thermal noise of a Langevin step.
    Langevin,
    /// Initial weights.
    Initialisation,
    /// Order of the samples in an epoch of minibatch descent.
    Minibatch,
    /// Choice of a subset of a data set.
    Subset,
    /// Start of a search for eigenvalues.
    Spectrum,
}

impl Purpose {
    const fn tag(self) -> u64 {
        match self {
            Purpose::Langevin => 0,
            Purpose::Initialisation => 1,
            Purpose::Minibatch => 2,
            Purpose::Subset => 3,
            Purpose::Spectrum => 4,
        }
    }
}

/// A stream of random numbers, addressed by step and index.
///
/// ```
/// use glassbox_simulations::noise::{NoiseStream, Purpose};
/// let stream = NoiseStream::new(7, Purpose::Langevin, 0);
/// let (mut first, mut again) = ([0.0; 5], [0.0; 5]);
/// stream.gaussians(12, &mut first);
/// stream.gaussians(12, &mut again);
/// assert_eq!(first, again);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoiseStream {
    key: [u32; 2],
    replica: u32,
    purpose: Purpose,
}

/// Steps are counted in 56 bits; the upper 8 bits of that counter word name the purpose.
const STEP_BITS: u32 = 56;

impl NoiseStream {
    /// The stream of `replica` for `purpose` under `seed`.
    #[must_use]
    pub const fn new(seed: u64, purpose: Purpose, replica: u32) -> Self {
        Self { key: [low(seed), high(seed)], replica, purpose }
    }

    /// The replica that this stream belongs to.
    #[must_use]
    pub const fn replica(&self) -> u32 {
        self.replica
    }

    /// Fills `out` with numbers uniform on the open interval (0, 1); `out[i]` depends on `step` and `i` only.
    ///
    /// `step` must be below 2^56, and `out` shorter than 2^33.
    pub fn uniforms(&self, step: u64, out: &mut [f64]) {
        vectors::fill_uniform(InstructionSet::fastest(), self.origin(step, 0), out);
    }

    /// Fills `out` with independent standard Gaussian numbers; `out[i]` depends on `step` and `i` only.
    ///
    /// `step` must be below 2^56, and `out` shorter than 2^34.
    pub fn gaussians(&self, step: u64, out: &mut [f64]) {
        self.gaussians_with(InstructionSet::fastest(), step, out);
    }

    /// As [`gaussians`](Self::gaussians) with chosen instructions, to compare their speed: the numbers are the same.
    pub fn gaussians_with(&self, instructions: InstructionSet, step: u64, out: &mut [f64]) {
        vectors::fill_gaussian(instructions, self.origin(step, 0), out);
    }

    /// A uniformly random permutation of `0..length`, a function of `step` only.
    #[must_use]
    pub fn permutation(&self, step: u64, length: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..length).collect();
        self.shuffle(step, &mut order);
        order
    }

    /// Puts `items` (fewer than 2^33) into a uniformly random order, a function of `step` only.
    pub fn shuffle(&self, step: u64, items: &mut [u32]) {
        // Fisher–Yates from the last item down; 52-bit uniforms leave a bias below length / 2^52 in each pick.
        let mut picks = [0.0; 512];
        let mut end = items.len();
        while end > 0 {
            let start = (end - 1) / picks.len() * picks.len();
            #[allow(clippy::cast_possible_truncation, reason = "half of a length below 2^33")]
            let origin = self.origin(step, (start / 2) as u32);
            vectors::fill_uniform(InstructionSet::fastest(), origin, &mut picks[..end - start]);
            for last in (start..end).rev() {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "floor of a number in [0, last + 1)"
                )]
                let pick = (picks[last - start] * (last + 1) as f64) as usize;
                items.swap(last, pick);
            }
            end = start;
        }
    }

    fn origin(&self, step: u64, first_block: u32) -> Origin {
        let step = step | (self.purpose.tag() << STEP_BITS);
        Origin { key: self.key, first_block, counter: [self.replica, low(step), high(step)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_of_a_longer_draw_is_the_shorter_draw() {
        let stream = NoiseStream::new(3, Purpose::Langevin, 1);
        let (mut short, mut long) = ([0.0; 3], [0.0; 8]);
        stream.gaussians(5, &mut short);
        stream.gaussians(5, &mut long);
        assert_eq!(short, long[..3]);
    }

    #[test]
    fn seed_purpose_replica_and_step_each_change_every_number() {
        let draw = |seed, purpose, replica, step| {
            let mut out = [0.0; 4];
            NoiseStream::new(seed, purpose, replica).gaussians(step, &mut out);
            out
        };
        let base = draw(1, Purpose::Langevin, 0, 0);
        let others = [
            draw(2, Purpose::Langevin, 0, 0),
            draw(1 << 32 | 1, Purpose::Langevin, 0, 0),
            draw(1, Purpose::Subset, 0, 0),
            draw(1, Purpose::Langevin, 1, 0),
            draw(1, Purpose::Langevin, 0, 1),
        ];
        for other in others {
            assert!(base.iter().zip(other).all(|(a, b)| (a - b).abs() > 0.0));
        }
    }

    /// Values of version 0.1.0. A change here changes every result of every seed and belongs in CHANGELOG.md.
    #[test]
    fn gaussian_values_are_stable() {
        let mut out = [0.0; 4];
        NoiseStream::new(42, Purpose::Langevin, 3).gaussians(1000, &mut out);
        assert_eq!(out, GAUSSIANS_OF_SEED_42);
    }

    const GAUSSIANS_OF_SEED_42: [f64; 4] =
        [-0.3308967649936676, 0.029926875606179237, 0.6227911710739136, 1.4162472486495972];

    #[test]
    fn a_permutation_holds_every_index_once() {
        let mut order = NoiseStream::new(9, Purpose::Minibatch, 0).permutation(4, 1000);
        assert!(order.windows(2).any(|pair| pair[0] > pair[1]));
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }
}
