//! The first reading: what moves, by how much, in which precision, and whether any frame comes twice.

use super::interleaved::{Interleaved, TILE, for_each_group};
use super::lanes::{Lane, Move};
use super::repeated_frames::{FrameDigests, LaneDigests};
use super::source::Source;
use super::{ExaminationError, ExaminedLaw};
use glassbox_oracle::inference::{InferenceError, Transitions};

/// How the deterministic part of a move is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Drift {
    /// A linear law pulls (free diffusion: not at all).
    Linear,
    /// The file has the gradient where each move starts; `mu dt`, for moves of one step.
    Gradient(f64),
    /// Not at all.
    Unknown,
}

impl Drift {
    /// The drift of a move is known from the law, or from gradients and a stated `mu dt`.
    pub(crate) fn of(law: ExaminedLaw, source: &dyn Source, mobility_step: Option<f64>) -> Self {
        let single_steps = source.times().windows(2).any(|pair| pair[1] - pair[0] == 1);
        match (law, mobility_step) {
            (ExaminedLaw::None, Some(product)) if source.has_gradients() && single_steps => {
                Self::Gradient(product)
            }
            (ExaminedLaw::None, _) => Self::Unknown,
            _ => Self::Linear,
        }
    }
}

/// What the first reading keeps.
#[derive(Clone, Debug)]
pub(crate) struct FirstPass {
    /// The moves of each replica, for the fit.
    pub(crate) transitions: Vec<Transitions>,
    pub(crate) still: Still,
    pub(crate) digests: FrameDigests,
    /// Mean square of the first frame of all replicas.
    pub(crate) first_square: f64,
    /// Frames of each replica.
    pub(crate) frames: Vec<usize>,
}

/// Moves of single weights that are exactly 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Still {
    pub(crate) moves: f64,
    pub(crate) unmoved: f64,
    /// Sum over moves of the weight's spacing, in single and in double precision.
    single_spacing: f64,
    double_spacing: f64,
    squares: f64,
    /// Sums over moves of the squared spacings.
    single_spacing_square: f64,
    double_spacing_square: f64,
    doubles: f64,
    /// Largest magnitudes of a move, and of a weight in any frame.
    pub(crate) largest_move: f64,
    pub(crate) largest_weight: f64,
}

/// Distance from the power of two at or below a number to the next number of single precision, and of double precision.
const SINGLE: f64 = f32::EPSILON as f64;
const DOUBLE: f64 = f64::EPSILON;

/// The least distances: between subnormal numbers.
const LEAST_SINGLE: f64 = f32::from_bits(1) as f64;
const LEAST_DOUBLE: f64 = f64::from_bits(1);

impl Still {
    #[inline(always)]
    fn add(&mut self, from: &[f64], to: &[f64]) {
        let (mut squares, mut unmoved, mut doubles) =
            (Interleaved::default(), Interleaved::default(), Interleaved::default());
        let (mut single, mut single_square) = (Interleaved::default(), Interleaved::default());
        let (mut double, mut double_square) = (Interleaved::default(), Interleaved::default());
        let (mut largest_move, mut largest_weight) = (Interleaved::default(), Interleaved::default());
        for_each_group(from, to, |lane, from, to| {
            let moved = to - from;
            squares.0[lane] += moved * moved;
            unmoved.0[lane] += f64::from(u8::from(moved == 0.0));
            #[allow(clippy::cast_possible_truncation, reason = "to see whether anything is lost")]
            let rounded = f64::from(to as f32);
            doubles.0[lane] += f64::from(u8::from(rounded != to));
            let power = power_of_two(to);
            let spacing = (power * SINGLE).max(LEAST_SINGLE);
            single.0[lane] += spacing;
            single_square.0[lane] += spacing * spacing;
            let spacing = (power * DOUBLE).max(LEAST_DOUBLE);
            double.0[lane] += spacing;
            double_square.0[lane] += spacing * spacing;
            largest_move.0[lane] = larger(largest_move.0[lane], moved.abs());
            largest_weight.0[lane] = larger(largest_weight.0[lane], to.abs());
        });
        self.merge(&Still {
            moves: to.len() as f64,
            unmoved: unmoved.total(),
            single_spacing: single.total(),
            double_spacing: double.total(),
            squares: squares.total(),
            single_spacing_square: single_square.total(),
            double_spacing_square: double_square.total(),
            doubles: doubles.total(),
            largest_move: largest_move.0.into_iter().fold(0.0, larger),
            largest_weight: largest_weight.0.into_iter().fold(0.0, larger),
        });
    }

    fn merge(&mut self, other: &Still) {
        self.moves += other.moves;
        self.unmoved += other.unmoved;
        self.single_spacing += other.single_spacing;
        self.double_spacing += other.double_spacing;
        self.squares += other.squares;
        self.single_spacing_square += other.single_spacing_square;
        self.double_spacing_square += other.double_spacing_square;
        self.doubles += other.doubles;
        self.largest_move = larger(self.largest_move, other.largest_move);
        self.largest_weight = larger(self.largest_weight, other.largest_weight);
    }

    /// Whether every weight is a number of single precision.
    pub(crate) fn is_single(&self) -> bool {
        self.doubles == 0.0
    }

    /// Mean distance between neighbouring numbers where the weights are.
    pub(crate) fn mean_spacing(&self) -> f64 {
        (if self.is_single() { self.single_spacing } else { self.double_spacing }) / self.moves
    }

    /// Root mean square of a move.
    pub(crate) fn root_mean_square(&self) -> f64 {
        (self.squares / self.moves).sqrt()
    }

    /// Share of the variance of a move that rounding both ends to the precision of the file adds: `Δ²/6` over it.
    pub(crate) fn rounding_share(&self) -> f64 {
        let squares = if self.is_single() { self.single_spacing_square } else { self.double_spacing_square };
        squares / (6.0 * self.squares)
    }
}

/// The larger of two finite numbers, in a form that processors have an instruction for.
#[inline(always)]
fn larger(first: f64, second: f64) -> f64 {
    if first > second { first } else { second }
}

/// The power of two at or below the magnitude of a number, 0 for a subnormal one: its exponent without its digits.
#[inline(always)]
fn power_of_two(number: f64) -> f64 {
    f64::from_bits(number.to_bits() & (0x7ff << 52))
}

/// The first reading of one lane.
pub(crate) struct FirstLane {
    drift: Drift,
    transitions: Vec<Transitions>,
    still: Still,
    digests: LaneDigests,
    /// Sum of the squares of the first frames.
    first_squares: f64,
    frames: Vec<usize>,
    zeros: Vec<f64>,
    residual: Vec<f64>,
    refused: Option<InferenceError>,
}

impl FirstLane {
    /// A lane of so many weights.
    pub(crate) fn new(source: &dyn Source, drift: Drift, weights: usize) -> Self {
        let replicas = source.replicas();
        Self {
            drift,
            transitions: vec![Transitions::new(); replicas],
            still: Still::default(),
            digests: LaneDigests::new(replicas, source.times().len()),
            first_squares: 0.0,
            frames: vec![0; replicas],
            zeros: if matches!(drift, Drift::Gradient(_)) { vec![0.0; weights] } else { Vec::new() },
            residual: Vec::new(),
            refused: None,
        }
    }
}

impl Lane for FirstLane {
    type Found = Self;

    fn start(&mut self, replica: usize, weights: &[f64]) {
        self.first_squares += weights.iter().map(|weight| weight * weight).sum::<f64>();
        let largest = weights.iter().fold(0.0, |largest, weight| larger(largest, weight.abs()));
        self.still.largest_weight = larger(self.still.largest_weight, largest);
        let Some(transitions) = self.transitions.get_mut(replica) else { return };
        self.frames[replica] += 1;
        // Used by the law of a stationary well only.
        if self.drift == Drift::Linear
            && let Err(error) = transitions.add_stationary(weights)
        {
            self.refused.get_or_insert(error);
        }
    }

    #[inline(always)]
    fn take(&mut self, one: &Move<'_>) {
        let Some(transitions) = self.transitions.get_mut(one.replica) else { return };
        self.digests.add(one.index, one.to);
        self.frames[one.replica] += 1;
        let mut added = match (self.drift, one.gradient) {
            (Drift::Gradient(product), Some(gradient)) if one.steps == 1 => {
                self.residual.clear();
                let moved = one.from.iter().zip(one.to).zip(gradient);
                self.residual.extend(moved.map(|((from, to), slope)| to - from + product * slope));
                transitions.add(1, &self.zeros, &self.residual)
            }
            _ => Ok(()),
        };
        for (from, to) in one.from.chunks(TILE).zip(one.to.chunks(TILE)) {
            self.still.add(from, to);
            if self.drift == Drift::Linear {
                added = added.and_then(|()| transitions.add(one.steps, from, to));
            }
        }
        if let Err(error) = added {
            self.refused.get_or_insert(error);
        }
    }

    fn finish(self) -> Self {
        self
    }
}

/// What the lanes of the first reading found, as one.
pub(crate) fn merge(source: &dyn Source, lanes: Vec<FirstLane>) -> Result<FirstPass, ExaminationError> {
    let replicas = source.replicas();
    let mut transitions = vec![Transitions::new(); replicas];
    let (mut still, mut first_squares) = (Still::default(), 0.0);
    let mut frames = vec![usize::MAX; replicas];
    let mut digests = Vec::new();
    for lane in lanes {
        if let Some(error) = lane.refused {
            return Err(error.into());
        }
        transitions.iter_mut().zip(&lane.transitions).for_each(|(all, one)| all.merge(one));
        still.merge(&lane.still);
        first_squares += lane.first_squares;
        frames.iter_mut().zip(&lane.frames).for_each(|(fewest, count)| *fewest = (*fewest).min(*count));
        digests.push(lane.digests);
    }
    Ok(FirstPass {
        transitions,
        still,
        digests: FrameDigests::of_lanes(&digests, source.times().len()),
        first_square: first_squares / (replicas as f64 * source.weights() as f64),
        frames,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FramesInMemory, lanes};

    fn read(frames: &FramesInMemory, drift: Drift) -> Result<FirstPass, ExaminationError> {
        let make = |weights: std::ops::Range<usize>| FirstLane::new(frames, drift, weights.len());
        merge(frames, lanes::walk(frames, 1, make, &mut |_| {})?)
    }

    /// Second route: the next number of each precision.
    #[test]
    fn spacings_reach_the_next_number() {
        for number in [1.0, -1.5, 0.1, 3e300, 1e-320, 0.0, 1e-40] {
            let magnitude = f64::abs(number);
            let double = (power_of_two(number) * DOUBLE).max(LEAST_DOUBLE);
            assert_eq!(double, magnitude.next_up() - magnitude, "{number}");
            if let Ok(single) = glassbox_oracle::networks::single_precision::spacing(number) {
                assert_eq!((power_of_two(number) * SINGLE).max(LEAST_SINGLE), single, "{number}");
            }
        }
    }

    #[test]
    fn stillness_and_precision_are_counted() {
        let frames = FramesInMemory::new(vec![0, 1], 2, vec![1.0, 2.0, 1.5, 2.0]).unwrap();
        let pass = read(&frames, Drift::Linear).unwrap();
        assert_eq!((pass.still.moves, pass.still.unmoved), (2.0, 1.0));
        assert!(pass.still.is_single());
        assert_eq!(pass.frames, [2]);
        assert!((pass.first_square - 2.5).abs() < 1e-15);
        // Spacings 2⁻²³ (at 1.5) and 2⁻²² (at 2).
        let epsilon = f64::from(f32::EPSILON);
        assert!((pass.still.mean_spacing() - 1.5 * epsilon).abs() < 1e-20);
        let frames = FramesInMemory::new(vec![0, 1], 1, vec![1.0, 1.1]).unwrap();
        assert!(!read(&frames, Drift::Linear).unwrap().still.is_single());
    }

    /// The drift of a gradient is taken off: what is left is noise.
    #[test]
    fn a_gradient_explains_its_own_move() {
        let frames = FramesInMemory::new(vec![0, 1], 1, vec![1.0, 0.75]).unwrap();
        let frames = frames.with_gradients(vec![2.0, 0.0]).unwrap();
        let drift = Drift::of(ExaminedLaw::None, &frames, Some(0.125));
        assert_eq!(drift, Drift::Gradient(0.125));
        let pass = read(&frames, drift).unwrap();
        let mut still = Transitions::new();
        still.add(1, &[0.0], &[0.0]).unwrap();
        assert_eq!(pass.transitions[0], still);
        assert_eq!(Drift::of(ExaminedLaw::None, &frames, None), Drift::Unknown);
        assert_eq!(Drift::of(ExaminedLaw::Free, &frames, None), Drift::Linear);
    }
}
