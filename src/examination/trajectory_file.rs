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
        Trajectory::read(self, &mut |frame| {
            visit(SavedFrame {
                replica: frame.replica,
                step: frame.step,
                weights: frame.weights,
                gradient: frame.gradient,
            });
        })?;
        Ok(())
    }
}
