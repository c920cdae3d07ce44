//! Frames that come twice, bit for bit: copied replicas, reused seeds, a run that stands still.

use std::collections::HashMap;

/// Digests kept at most; longer trajectories keep every n-th frame of each replica.
const MOST: usize = 1 << 20;

/// A digest of every frame after the first (replicas may start alike).
#[derive(Clone, Debug)]
pub(crate) struct FrameDigests {
    every: usize,
    seen: HashMap<u128, (usize, usize)>,
    kept: usize,
    repeats: usize,
    first_repeat: Option<Repeat>,
}

/// A frame that equals an earlier one; frames are counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeat {
    pub(crate) earlier: (usize, usize),
    pub(crate) later: (usize, usize),
}

impl FrameDigests {
    pub(crate) fn new(replicas: usize, frames: usize) -> Self {
        let every = (replicas.saturating_mul(frames)).div_ceil(MOST).max(1);
        Self { every, seen: HashMap::new(), kept: 0, repeats: 0, first_repeat: None }
    }

    /// Adds the frame where move `index` of a replica ends.
    pub(crate) fn add(&mut self, replica: usize, index: usize, weights: &[f64]) {
        if !index.is_multiple_of(self.every) {
            return;
        }
        self.kept += 1;
        let place = (replica, index + 1);
        match self.seen.insert(digest(weights), place) {
            None => {}
            Some(earlier) => {
                self.repeats += 1;
                self.first_repeat.get_or_insert(Repeat { earlier, later: place });
            }
        }
    }

    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    pub(crate) fn repeats(&self) -> usize {
        self.repeats
    }

    pub(crate) fn first_repeat(&self) -> Option<Repeat> {
        self.first_repeat
    }
}

/// FNV-1a over the bits, word by word, in 128 bits: two different frames of a million share it with probability 1e-27.
fn digest(weights: &[f64]) -> u128 {
    weights.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, weight| {
        // −0 and 0 are the same place.
        let bits = if *weight == 0.0 { 0 } else { weight.to_bits() };
        let mixed = (hash ^ u128::from(bits)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        mixed ^ (mixed >> 67)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_found_wherever_it_is() {
        let mut digests = FrameDigests::new(2, 3);
        let frame = |first: f64, second: f64| {
            let mut weights = vec![1.0; 10];
            (weights[0], weights[1]) = (first, second);
            weights
        };
        digests.add(0, 0, &frame(1.0, 2.0));
        digests.add(0, 1, &frame(2.0, 1.0));
        digests.add(1, 0, &frame(0.5, 0.0));
        assert_eq!((digests.kept(), digests.repeats()), (3, 0));
        digests.add(1, 1, &frame(2.0, 1.0));
        assert_eq!(digests.first_repeat(), Some(Repeat { earlier: (0, 2), later: (1, 2) }));
        assert_eq!(digest(&[0.0]), digest(&[-0.0]));
    }

    #[test]
    fn many_frames_have_different_digests() {
        let mut digests = FrameDigests::new(1, 200_000);
        for index in 0..200_000_u32 {
            digests.add(0, index as usize, &[f64::from(index); 10]);
        }
        assert_eq!((digests.kept(), digests.repeats()), (200_000, 0));
    }
}
