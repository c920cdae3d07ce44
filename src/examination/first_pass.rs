//! The first reading: what moves, by how much, in which precision, and whether any frame comes twice.

use super::repeated_frames::FrameDigests;
use super::source::{Move, Source, spacing, walk};
use super::{ExaminationError, ExaminedLaw};
use glassbox_oracle::inference::Transitions;

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
    /// Sum over moves of the squared spacing of single precision.
    single_spacing_square: f64,
    doubles: f64,
}

impl Still {
    fn add(&mut self, one: &Move<'_>) {
        for (from, to) in one.from.iter().zip(one.to) {
            let moved = to - from;
            self.moves += 1.0;
            self.squares += moved * moved;
            self.unmoved += f64::from(u8::from(moved == 0.0));
            #[allow(clippy::cast_possible_truncation, reason = "to see whether anything is lost")]
            let single = f64::from(*to as f32) == *to;
            self.doubles += f64::from(u8::from(!single));
            let fine = spacing(*to, true);
            self.single_spacing += fine;
            self.single_spacing_square += fine * fine;
            self.double_spacing += spacing(*to, false);
        }
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

    /// Share of the variance of a move that rounding both ends to single precision adds: `Δ²/6` over it.
    pub(crate) fn rounding_share(&self) -> f64 {
        if self.is_single() { self.single_spacing_square / (6.0 * self.squares) } else { 0.0 }
    }
}

/// Reads the source once.
pub(crate) fn read(source: &dyn Source, drift: Drift) -> Result<FirstPass, ExaminationError> {
    let replicas = source.replicas();
    let mut pass = FirstPass {
        transitions: vec![Transitions::new(); replicas],
        still: Still::default(),
        digests: FrameDigests::new(replicas, source.times().len()),
        first_square: 0.0,
        frames: vec![0; replicas],
    };
    let (mut refused, mut not_finite) = (None, None);
    let mut starts = vec![Transitions::new(); replicas];
    let (mut zeros, mut residual) = (vec![0.0; source.weights()], Vec::new());
    zeros.shrink_to_fit();
    let mut first_square = 0.0;
    let mut first_count = vec![0_usize; replicas];
    walk(
        source,
        |frame| {
            first_square += frame.weights.iter().map(|weight| weight * weight).sum::<f64>();
            if let Some(count) = first_count.get_mut(frame.replica) {
                *count += 1;
                // Used by the law of a stationary well only.
                if drift == Drift::Linear
                    && let Err(error) = starts[frame.replica].add_stationary(frame.weights)
                {
                    not_finite.get_or_insert(error);
                }
            }
        },
        |one| {
            let Some(transitions) = pass.transitions.get_mut(one.replica) else { return };
            pass.still.add(&one);
            pass.digests.add(one.replica, one.index, one.to);
            pass.frames[one.replica] += 1;
            let added = match (drift, one.gradient) {
                (Drift::Linear, _) => transitions.add(one.steps, one.from, one.to),
                (Drift::Gradient(product), Some(gradient)) if one.steps == 1 => {
                    residual.clear();
                    let moved = one.from.iter().zip(one.to).zip(gradient);
                    residual.extend(moved.map(|((from, to), slope)| to - from + product * slope));
                    transitions.add(1, &zeros, &residual)
                }
                _ => Ok(()),
            };
            if let Err(error) = added {
                refused.get_or_insert(error);
            }
        },
    )?;
    if let Some(error) = not_finite.or(refused) {
        return Err(error.into());
    }
    for (transitions, start) in pass.transitions.iter_mut().zip(&starts) {
        transitions.merge(start);
    }
    for (frames, first) in pass.frames.iter_mut().zip(first_count) {
        *frames += first;
    }
    pass.first_square = first_square / (replicas * source.weights()) as f64;
    Ok(pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examination::FramesInMemory;

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
