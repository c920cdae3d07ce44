//! Trajectories in files, as a source of frames.

use super::source::{PIECE, SavedPiece, Source, SourceError, Visitor};
use crate::trajectory::Trajectory;
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

    fn read(&self, weights: Range<usize>, visit: &mut Visitor<'_>) -> Result<(), SourceError> {
        let shown = Trajectory::read(self, &mut |frame| {
            for first in weights.clone().step_by(PIECE) {
                let place = first..weights.end.min(first + PIECE);
                visit(&SavedPiece {
                    replica: frame.replica,
                    frame: frame.frame,
                    step: frame.step,
                    first,
                    weights: &frame.weights[place.clone()],
                    gradient: frame.gradient.map(|gradient| &gradient[place]),
                });
            }
        });
        shown.map_err(|error| SourceError::Other(error.into()))
    }
}
