//! Frames that come twice, bit for bit: copied replicas, reused seeds, a run that stands still.

use std::collections::HashMap;

/// Digests kept at most; longer trajectories keep every n-th frame of each replica.
const MOST: usize = 1 << 20;

/// A digest of every frame after the first (replicas may start alike).
#[derive(Clone, Debug)]
pub(crate) struct FrameDigests {
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

/// Digests of the weights of one lane, in the order of reading.
#[derive(Clone, Debug)]
pub(crate) struct LaneDigests {
    every: usize,
    digests: Vec<u128>,
}

/// Every so many moves of a replica end in a frame that is kept.
fn every(replicas: usize, frames: usize) -> usize {
    replicas.saturating_mul(frames).div_ceil(MOST).max(1)
}

impl LaneDigests {
    pub(crate) fn new(replicas: usize, frames: usize) -> Self {
        Self { every: every(replicas, frames), digests: Vec::new() }
    }

    /// Adds the weights where move `index` of a replica ends.
    #[inline(always)]
    pub(crate) fn add(&mut self, index: usize, weights: &[f64]) {
        if index.is_multiple_of(self.every) {
            self.digests.push(digest(weights));
        }
    }
}

impl FrameDigests {
    /// Looks for repeats among the frames of all lanes, each of which saw as many `frames` of every replica.
    pub(crate) fn of_lanes(lanes: &[LaneDigests], frames: usize) -> Self {
        let mut found = Self { seen: HashMap::new(), kept: 0, repeats: 0, first_repeat: None };
        let Some(first) = lanes.first() else { return found };
        let every = first.every;
        let per_replica = frames.saturating_sub(1).div_ceil(every).max(1);
        for number in 0..first.digests.len() {
            let digests = lanes.iter().filter_map(|lane| lane.digests.get(number));
            let whole = digests.fold(0, |whole, one| mixed(whole ^ one));
            found.add(whole, (number / per_replica, number % per_replica * every + 1));
        }
        found
    }

    fn add(&mut self, digest: u128, place: (usize, usize)) {
        self.kept += 1;
        if let Some(earlier) = self.seen.insert(digest, place) {
            self.repeats += 1;
            self.first_repeat.get_or_insert(Repeat { earlier, later: place });
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

/// Independent chains of a digest: a processor works on several vector registers of them at once.
const CHAINS: usize = 32;

/// An odd number without pattern: 2⁶⁴ over the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// A digest of the bits: every number is multiplied into one of the chains, whose ends are mixed into 128 bits. Two different
/// frames of a million share it with probability 1e-27, or 3e-8 if all their differences lie in one chain.
#[inline(always)]
fn digest(weights: &[f64]) -> u128 {
    let mut chains: [u64; CHAINS] = std::array::from_fn(|chain| FACTOR.wrapping_mul(2 * chain as u64 + 3));
    let mut add = |group: &[f64; CHAINS]| {
        for chain in 0..CHAINS {
            chains[chain] = chained(chains[chain], group[chain]);
        }
    };
    let (groups, rest) = weights.as_chunks();
    for group in groups {
        add(group);
    }
    let mut padded = [0.0; CHAINS];
    padded[..rest.len()].copy_from_slice(rest);
    add(&padded);
    chains.iter().fold(weights.len() as u128, |whole, chain| mixed(whole ^ u128::from(*chain)))
}

/// The next value of a chain: high bits of the product come back low. Adding 0 makes −0 and 0 the same place.
#[inline(always)]
fn chained(chain: u64, weight: f64) -> u64 {
    let product = (chain ^ (weight + 0.0).to_bits()).wrapping_mul(FACTOR);
    product ^ (product >> 32)
}

/// Spreads each bit over all 128: multiplication and shift, twice.
fn mixed(digest: u128) -> u128 {
    let factor = 0x0100_0000_0000_0000_9e37_79b9_7f4a_7c15;
    let once = (digest ^ (digest >> 61)).wrapping_mul(factor);
    let twice = (once ^ (once >> 67)).wrapping_mul(factor);
    twice ^ (twice >> 59)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_is_found_wherever_it_is() {
        let frame = |first: f64, second: f64| {
            let mut weights = vec![1.0; 10];
            (weights[0], weights[1]) = (first, second);
            weights
        };
        // Two replicas of three frames; the first of each is not looked at.
        let frames = [frame(1.0, 2.0), frame(2.0, 1.0), frame(0.5, 0.0), frame(2.0, 1.0)];
        // Lanes that begin and end at these weights.
        let digests = |cuts: &[usize]| {
            let lanes: Vec<LaneDigests> = cuts
                .windows(2)
                .map(|lane| {
                    let mut digests = LaneDigests::new(2, 3);
                    frames
                        .iter()
                        .enumerate()
                        .for_each(|(n, frame)| digests.add(n % 2, &frame[lane[0]..lane[1]]));
                    digests
                })
                .collect();
            FrameDigests::of_lanes(&lanes, 3)
        };
        for cuts in [&[0, 10][..], &[0, 1, 10]] {
            let found = digests(cuts);
            assert_eq!((found.kept(), found.repeats()), (4, 1));
            assert_eq!(found.first_repeat(), Some(Repeat { earlier: (0, 2), later: (1, 2) }));
        }
        assert_eq!(digests(&[2, 10]).repeats(), 3);
        assert_eq!(digest(&[0.0]), digest(&[-0.0]));
        assert_ne!(digest(&[0.0]), digest(&[0.0, 0.0]));
    }

    /// Frames that differ in a single bit of a single number, or in the order of two, have different digests.
    #[test]
    fn every_bit_counts() {
        let frame: Vec<f64> = (0..20).map(|index| 1.0 + 0.1 * f64::from(index)).collect();
        let mut seen = std::collections::HashSet::from([digest(&frame)]);
        for place in 0..20 {
            for bit in 0..63 {
                let mut other = frame.clone();
                other[place] = f64::from_bits(other[place].to_bits() ^ (1 << bit));
                assert!(seen.insert(digest(&other)), "{place} {bit}");
            }
            for second in 0..place {
                let mut other = frame.clone();
                other.swap(place, second);
                assert!(seen.insert(digest(&other)), "{place} {second}");
            }
        }
    }

    #[test]
    fn many_frames_have_different_digests() {
        let mut lane = LaneDigests::new(1, 200_001);
        for index in 0..200_000_u32 {
            lane.add(index as usize, &[f64::from(index); 10]);
        }
        let digests = FrameDigests::of_lanes(&[lane], 200_001);
        assert_eq!((digests.kept(), digests.repeats()), (200_000, 0));
    }
}
