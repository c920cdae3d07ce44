//! Neighbouring weights of one saved state of one replica, and the order in which they are shown.

use super::TrajectoryError;
use super::outline::Outline;
use crate::npz::first_not_finite;
use std::ops::Range;
use std::path::Path;

/// Most weights of a [`Piece`]. Every piece begins at a multiple of it.
pub const PIECE: usize = 1 << 14;

/// Neighbouring weights of a replica at a step, all finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece<'a> {
    /// Number of the replica, from 0.
    pub replica: usize,
    /// Number of the frame in [`Trajectory::times`](super::Trajectory::times).
    pub frame: usize,
    /// Its step.
    pub step: u64,
    /// Number of the first weight of the piece in the frame; a multiple of [`PIECE`].
    pub first: usize,
    /// The weights, at least 1 and at most [`PIECE`]: all up to the next multiple of [`PIECE`], or to the end of the frame.
    pub weights: &'a [f64],
    /// Gradient of the loss at these weights, where the file has it.
    pub gradient: Option<&'a [f64]>,
}

/// How weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits: small moves of large weights are lost (see `glassbox_oracle::networks::single_precision`).
    Single,
    /// 64 bits.
    Double,
}

/// Where a piece is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) replica: usize,
    pub(super) frame: usize,
    pub(super) weights: Range<usize>,
}

/// The numbers of an opened file, piece by piece in the order of [`show`].
pub(super) trait Pieces {
    /// Reads the weights of the next piece, which is at `place`, and their gradient where the file has it.
    fn next(&mut self, place: &Place) -> Result<(&[f64], Option<&[f64]>), TrajectoryError>;
    /// The file that has the piece.
    fn file(&self, place: &Place) -> &Path;
    /// Verifies what can be verified when all pieces were read.
    fn end(&mut self) -> Result<(), TrajectoryError>;
}

/// Whether `weights` is a range that can be read: whole pieces of a frame of `count` weights.
pub(super) fn is_whole(weights: &Range<usize>, count: usize) -> bool {
    let whole = |at: usize| at.is_multiple_of(PIECE) || at == count;
    weights.start <= weights.end && weights.end <= count && whole(weights.start) && whole(weights.end)
}

/// Shows the pieces of `weights`, all finite, to `visit`: replica by replica, frame by frame, ascending.
pub(super) fn show(
    outline: &Outline,
    weights: Range<usize>,
    pieces: &mut dyn Pieces,
    visit: &mut dyn FnMut(&Piece<'_>),
) -> Result<(), TrajectoryError> {
    for replica in 0..outline.replicas {
        for (frame, step) in outline.times.iter().enumerate() {
            for first in weights.clone().step_by(PIECE) {
                let end = first.saturating_add(PIECE).min(weights.end);
                let place = Place { replica, frame, weights: first..end };
                let (numbers, gradient) = pieces.next(&place)?;
                let parts = [("weights", Some(numbers)), ("gradients", gradient)];
                let spoilt = parts.into_iter().find_map(|(what, numbers)| {
                    let index = first_not_finite(numbers?)?;
                    Some((what, first + index, numbers?[index]))
                });
                if let Some((what, weight, value)) = spoilt {
                    let file = pieces.file(&place).to_owned();
                    return Err(TrajectoryError::NotFinite {
                        file,
                        what,
                        replica,
                        step: *step,
                        weight,
                        value,
                    });
                }
                visit(&Piece { replica, frame, step: *step, first, weights: numbers, gradient });
            }
        }
    }
    pieces.end()
}
