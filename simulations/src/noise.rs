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

use glassbox_instructions::InstructionSet;
use philox::{high, low};
use std::num::NonZeroU32;
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
    /// What a path of the noise does between two of its steps, given its sum over them.
    WithinStep,
    /// Resamples of a bootstrap, subsamples and null samples of a test.
    Resampling,
}

impl Purpose {
    const fn tag(self) -> u64 {
        match self {
            Purpose::Langevin => 0,
            Purpose::Initialisation => 1,
            Purpose::Minibatch => 2,
            Purpose::Subset => 3,
            Purpose::Spectrum => 4,
            Purpose::WithinStep => 5,
            Purpose::Resampling => 6,
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
    /// Fine steps whose Gaussian numbers make one of this stream.
    block: NonZeroU32,
}

/// Numbers of a block that are summed at a time, without asking for memory: a multiple of the four of a Philox block.
const SUMMED_AT_ONCE: usize = 256;

/// Steps are counted in 56 bits; the upper 8 bits of that counter word name the purpose.
const STEP_BITS: u32 = 56;

impl NoiseStream {
    /// The stream of `replica` for `purpose` under `seed`.
    #[must_use]
    pub const fn new(seed: u64, purpose: Purpose, replica: u32) -> Self {
        Self { key: [low(seed), high(seed)], replica, purpose, block: NonZeroU32::MIN }
    }

    /// The stream of a run on the same path of the noise whose steps are `factor` times as long: its Gaussian numbers of
    /// step n are the sums of those of the `factor` fine steps from `factor * n` on, over √`factor`.
    ///
    /// So increments of one Brownian path drive runs of any step, and coarsening twice is coarsening by the product
    /// (which stops at 2³² − 1). Only Gaussian numbers are summed: uniform numbers and permutations stay those of this
    /// stream. Fine steps must stay below 2^56.
    ///
    /// ```
    /// use glassbox_simulations::noise::{NoiseStream, Purpose};
    /// let fine = NoiseStream::new(7, Purpose::Langevin, 0);
    /// let coarse = fine.coarsened(2.try_into()?);
    /// let (mut sum, mut first, mut second) = ([0.0; 3], [0.0; 3], [0.0; 3]);
    /// coarse.gaussians(5, &mut sum);
    /// fine.gaussians(10, &mut first);
    /// fine.gaussians(11, &mut second);
    /// assert!((sum[1] * 2.0_f64.sqrt() - (first[1] + second[1])).abs() < 1e-15);
    /// # Ok::<(), std::num::TryFromIntError>(())
    /// ```
    #[must_use]
    pub const fn coarsened(self, factor: NonZeroU32) -> Self {
        Self { block: self.block.saturating_mul(factor), ..self }
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
        if self.block == NonZeroU32::MIN {
            vectors::fill_gaussian(instructions, self.origin(step, 0), out);
        } else {
            self.block_sums(instructions, step, out);
        }
    }

    fn block_sums(&self, instructions: InstructionSet, step: u64, out: &mut [f64]) {
        let block = self.block.get();
        let shrink = 1.0 / f64::from(block).sqrt();
        let mut fine = [0.0; SUMMED_AT_ONCE];
        for (part, out) in out.chunks_mut(SUMMED_AT_ONCE).enumerate() {
            #[allow(clippy::cast_possible_truncation, reason = "a quarter of a length below 2^34")]
            let first_block = (part * (SUMMED_AT_ONCE / 4)) as u32;
            let fine = &mut fine[..out.len()];
            out.fill(0.0);
            for within in 0..u64::from(block) {
                let origin = self.origin(step * u64::from(block) + within, first_block);
                vectors::fill_gaussian(instructions, origin, fine);
                out.iter_mut().zip(&*fine).for_each(|(sum, number)| *sum += number);
            }
            out.iter_mut().for_each(|sum| *sum *= shrink);
        }
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
    fn a_coarsened_stream_sums_the_fine_one_over_any_length() {
        let fine = NoiseStream::new(5, Purpose::Langevin, 2);
        let four = NonZeroU32::new(4).unwrap();
        // Longer than what is summed at once, and no multiple of it.
        let mut coarse = vec![0.0; 2 * SUMMED_AT_ONCE + 7];
        fine.coarsened(four).gaussians(3, &mut coarse);
        let mut sums = vec![0.0; coarse.len()];
        let mut one = sums.clone();
        for step in 12..16 {
            fine.gaussians(step, &mut one);
            sums.iter_mut().zip(&one).for_each(|(sum, one)| *sum += one);
        }
        sums.iter_mut().for_each(|sum| *sum *= 0.5);
        assert_eq!(coarse, sums);
        let two = NonZeroU32::new(2).unwrap();
        assert_eq!(fine.coarsened(two).coarsened(two), fine.coarsened(four));
        assert_eq!(fine.coarsened(NonZeroU32::MIN), fine);
        let order = |stream: NoiseStream| stream.permutation(1, 9);
        assert_eq!(order(fine.coarsened(four)), order(fine));
    }

    #[test]
    fn a_permutation_holds_every_index_once() {
        let mut order = NoiseStream::new(9, Purpose::Minibatch, 0).permutation(4, 1000);
        assert!(order.windows(2).any(|pair| pair[0] > pair[1]));
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }
}
