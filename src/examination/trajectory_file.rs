//! Trajectories in files, as a source of frames.

use super::source::{SavedFrame, Source, Visitor};
use crate::trajectory::Trajectory;
use std::error::Error;
use std::ops::Range;

impl Source for Trajectory {
    fn replicas(&self) -> usize {
        Trajectory::replicas(self)
    }

    fn weights(&self) -> usize {
        Trajectory::weights(self)
    }

    fn times(&self) -> &[u64] {
        Trajectory::times(self)
    }

    fn has_gradients(&self) -> bool {
        Trajectory::has_gradients(self)
    }

    fn layers(&self) -> Option<&[Range<usize>]> {
        Trajectory::layers(self)
    }

    fn read(&self, visit: &mut Visitor<'_>) -> Result<(), Box<dyn Error + Send + Sync>> {
        let count = Trajectory::weights(self);
        let (mut weights, mut gradient) = (Vec::new(), Vec::new());
        Trajectory::read(self, 0..count, &mut |piece| {
            if piece.first == 0 {
                weights.clear();
                gradient.clear();
            }
            weights.extend_from_slice(piece.weights);
            gradient.extend_from_slice(piece.gradient.unwrap_or_default());
            if weights.len() == count {
                let gradient = piece.gradient.map(|_| gradient.as_slice());
                visit(SavedFrame { replica: piece.replica, step: piece.step, weights: &weights, gradient });
            }
        })?;
        Ok(())
    }
}
