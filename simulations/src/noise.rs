//! Counter-based noise: every random number is a pure function of (seed, purpose, replica, step, index).
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
//! SC11), checked against the authors' known answers. A block of four 32-bit words gives two uniform numbers of
//! 52 bits, and by the Box–Muller transform two Gaussian numbers that reach |z| = 8.57. Nothing is carried from
//! one number to the next, so a resumed, reordered or multi-threaded run draws the same bits.

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
}

impl Purpose {
    const fn tag(self) -> u64 {
        match self {
            Purpose::Langevin => 0,
            Purpose::Initialisation => 1,
            Purpose::Minibatch => 2,
            Purpose::Subset => 3,
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
        let (high, low) = halves(seed);
        Self { key: [low, high], replica, purpose }
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
        for (pair, block) in out.chunks_mut(2).zip(0..) {
            pair.copy_from_slice(&self.uniform_pair(step, block)[..pair.len()]);
        }
    }

    /// Fills `out` with independent standard Gaussian numbers; `out[i]` depends on `step` and `i` only.
    ///
    /// `step` must be below 2^56, and `out` shorter than 2^33.
    pub fn gaussians(&self, step: u64, out: &mut [f64]) {
        for (pair, block) in out.chunks_mut(2).zip(0..) {
            let [radial, angular] = self.uniform_pair(step, block);
            let radius = (-2.0 * libm::log(radial)).sqrt();
            let (sine, cosine) = libm::sincos(std::f64::consts::TAU * angular);
            pair.copy_from_slice(&[radius * cosine, radius * sine][..pair.len()]);
        }
    }

    /// A uniformly random permutation of `0..length`, a function of `step` only.
    #[must_use]
    pub fn permutation(&self, step: u64, length: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..length).collect();
        let mut picks = vec![0.0; order.len()];
        self.uniforms(step, &mut picks);
        // Fisher–Yates; 52-bit uniforms leave a bias below length / 2^52 in each pick.
        for last in (1..order.len()).rev() {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "floor of a number in [0, last + 1)"
            )]
            let pick = (picks[last] * (last + 1) as f64) as usize;
            order.swap(last, pick);
        }
        order
    }

    fn uniform_pair(&self, step: u64, block: u32) -> [f64; 2] {
        let (step_high, step_low) = halves(step | (self.purpose.tag() << STEP_BITS));
        let words = philox4x32([block, self.replica, step_low, step_high], self.key);
        [open_unit(words[0], words[1]), open_unit(words[2], words[3])]
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the two halves are what is wanted")]
const fn halves(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

/// (0, 1) with both ends excluded: 52 bits and a half, exact in f64.
fn open_unit(low: u32, high: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 12;
    (bits as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
}

const ROUNDS: usize = 10;
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let (high0, low0) = halves(u64::from(MULTIPLIERS[0]) * u64::from(counter[0]));
        let (high1, low1) = halves(u64::from(MULTIPLIERS[1]) * u64::from(counter[2]));
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers published with Random123 (file `kat_vectors`, philox4x32 with 10 rounds).
    #[test]
    fn philox_gives_the_published_known_answers() {
        assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox4x32([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox4x32([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn uniforms_stay_inside_the_open_unit_interval() {
        assert!(open_unit(0, 0) > 0.0);
        assert!(open_unit(u32::MAX, u32::MAX) < 1.0);
    }

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
        [0.45464677250982394, 0.728494720737699, 0.7704142116218209, -1.6350347242873948];

    #[test]
    fn a_permutation_holds_every_index_once() {
        let mut order = NoiseStream::new(9, Purpose::Minibatch, 0).permutation(4, 1000);
        assert!(order.windows(2).any(|pair| pair[0] > pair[1]));
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }
}
