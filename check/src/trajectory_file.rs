//! Trajectories in files, as a source of frames.

use super::source::{Source, SourceError, Visitor};
use glassbox_trajectories::trajectory::{Trajectory, TrajectoryError};
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

    fn unused(&self) -> &[String] {
        Trajectory::unused(self)
    }

    fn read(&self, weights: Range<usize>, visit: &mut Visitor<'_>) -> Result<(), SourceError> {
        Trajectory::read(self, weights, visit).map_err(|error| match error {
            TrajectoryError::NotFinite { what, replica, step, weight, value, .. } => {
                SourceError::NotFinite { what, replica, step, weight, value }
            }
            error => SourceError::Other(error.into()),
        })
    }
}
