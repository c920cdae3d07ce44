//! Where frames come from: any trajectory that can be read from its start, more than once.

use super::ExaminationError;
use glassbox_trajectories::npz::first_not_finite;
use glassbox_trajectories::trajectory::{PIECE, Piece};
use std::error::Error;
use std::ops::Range;
use thiserror::Error;

/// What is called with every piece.
pub type Visitor<'a> = dyn FnMut(&Piece<'_>) + 'a;

/// Why a source could not be read to its end.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A number that is not finite: a fact about the run, which becomes a verdict.
    #[error("the {what} are {value} at replica {replica}, step {step}, weight {weight}; they must be finite")]
    NotFinite {
        /// "weights" or "gradients".
        what: &'static str,
        /// Number of the replica, from 0.
        replica: usize,
        /// Step of the frame.
        step: u64,
        /// Number of the weight, from 0.
        weight: usize,
        /// NaN or an infinity.
        value: f64,
    },
    /// Anything else: nothing can be concluded.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

/// A trajectory: frames of one or more replicas, saved at the same steps.
pub trait Source: Sync {
    /// Number of replicas.
    fn replicas(&self) -> usize;
    /// Number of weights of a replica.
    fn weights(&self) -> usize;
    /// Steps at which frames were saved, ascending.
    fn times(&self) -> &[u64];
    /// Whether frames have gradients.
    fn has_gradients(&self) -> bool;
    /// The weights of each layer, where known.
    fn layers(&self) -> Option<&[Range<usize>]>;
    /// What the source holds besides, which is not used, in words.
    fn unused(&self) -> &[String] {
        &[]
    }
    /// Shows the pieces of every frame that lie in `weights` to `visit`: replica by replica, times ascending, weights
    /// ascending. `weights` begins at a multiple of [`PIECE`] and ends at one or at the last weight.
    ///
    /// # Errors
    /// Whatever stops the reading.
    fn read(&self, weights: Range<usize>, visit: &mut Visitor<'_>) -> Result<(), SourceError>;
}

/// Frames in memory: for programs that have just made them.
#[derive(Clone, Debug, PartialEq)]
pub struct FramesInMemory {
    times: Vec<u64>,
    weights: usize,
    /// By replica, then time, then weight.
    values: Vec<f64>,
    layers: Option<Vec<Range<usize>>>,
    gradients: Option<Vec<f64>>,
}

impl FramesInMemory {
    /// `values` by replica, then time, then weight; `weights` of them per frame. A value that is not finite is a fact about
    /// the run, which its examination finds inconsistent.
    ///
    /// # Errors
    /// [`ExaminationError::Shape`] unless the numbers fit and the times ascend.
    pub fn new(times: Vec<u64>, weights: usize, values: Vec<f64>) -> Result<Self, ExaminationError> {
        let shape = |reason: &str| Err(ExaminationError::Shape(reason.to_owned()));
        let frame = times.len() * weights;
        if frame == 0 || values.is_empty() || !values.len().is_multiple_of(frame) {
            return shape("the values are not replicas × times × weights");
        }
        if times.windows(2).any(|pair| pair[0] >= pair[1]) {
            return shape("the times do not ascend");
        }
        Ok(Self { times, weights, values, layers: None, gradients: None })
    }

    /// The same, with gradients in the same order as the weights.
    ///
    /// # Errors
    /// [`ExaminationError::Shape`] unless there are as many gradients as weights.
    pub fn with_gradients(self, gradients: Vec<f64>) -> Result<Self, ExaminationError> {
        if gradients.len() != self.values.len() {
            return Err(ExaminationError::Shape("the gradients do not fit the weights".to_owned()));
        }
        Ok(Self { gradients: Some(gradients), ..self })
    }

    /// The same, with the weights of each layer.
    #[must_use]
    pub fn with_layers(self, layers: Vec<Range<usize>>) -> Self {
        Self { layers: Some(layers), ..self }
    }
}

impl Source for FramesInMemory {
    fn replicas(&self) -> usize {
        self.values.len() / (self.times.len() * self.weights)
    }

    fn weights(&self) -> usize {
        self.weights
    }

    fn times(&self) -> &[u64] {
        &self.times
    }

    fn has_gradients(&self) -> bool {
        self.gradients.is_some()
    }

    fn layers(&self) -> Option<&[Range<usize>]> {
        self.layers.as_deref()
    }

    fn read(&self, weights: Range<usize>, visit: &mut Visitor<'_>) -> Result<(), SourceError> {
        for index in 0..self.values.len() / self.weights {
            let (replica, frame) = (index / self.times.len(), index % self.times.len());
            for first in weights.clone().step_by(PIECE) {
                let start = index * self.weights + first;
                let place = start..start + PIECE.min(weights.end - first);
                let piece = Piece {
                    replica,
                    frame,
                    step: self.times[frame],
                    first,
                    weights: &self.values[place.clone()],
                    gradient: self.gradients.as_ref().map(|all| &all[place]),
                };
                refuse_not_finite(&piece)?;
                visit(&piece);
            }
        }
        Ok(())
    }
}

/// The first number of a piece that is not finite, as an error.
fn refuse_not_finite(piece: &Piece<'_>) -> Result<(), SourceError> {
    for (what, values) in [("weights", Some(piece.weights)), ("gradients", piece.gradient)] {
        let values = values.unwrap_or_default();
        if let Some(index) = first_not_finite(values) {
            let (replica, step, weight, value) =
                (piece.replica, piece.step, piece.first + index, values[index]);
            return Err(SourceError::NotFinite { what, replica, step, weight, value });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_shown_piece_by_piece() {
        let weights = PIECE + 2;
        let values: Vec<f64> = (0..4 * weights).map(|index| index as f64).collect();
        let frames = FramesInMemory::new(vec![0, 5], weights, values).unwrap();
        let mut shown = Vec::new();
        frames
            .read(0..weights, &mut |piece| {
                shown.push((piece.replica, piece.step, piece.first, piece.weights.len(), piece.weights[0]));
            })
            .unwrap();
        assert_eq!(shown.len(), 8);
        assert_eq!(shown[3], (0, 5, PIECE, 2, (weights + PIECE) as f64));
        let mut lasts = 0;
        frames.read(PIECE..weights, &mut |piece| lasts += piece.weights.len()).unwrap();
        assert_eq!(lasts, 8);
    }

    #[test]
    fn what_is_no_trajectory_is_refused() {
        assert!(FramesInMemory::new(vec![0, 0], 1, vec![1.0, 2.0]).is_err());
        assert!(FramesInMemory::new(vec![0, 1], 2, vec![1.0, 2.0]).is_err());
        let frames = FramesInMemory::new(vec![0, 1], 1, vec![1.0, 2.0]).unwrap();
        assert!(frames.with_gradients(vec![1.0]).is_err());
    }

    #[test]
    fn a_number_that_is_not_finite_is_named() {
        let frames = FramesInMemory::new(vec![3, 7], 2, vec![1.0, 2.0, 3.0, f64::NAN]).unwrap();
        let error = frames.read(0..2, &mut |_| {}).unwrap_err().to_string();
        assert_eq!(error, "the weights are NaN at replica 0, step 7, weight 1; they must be finite");
    }
}
