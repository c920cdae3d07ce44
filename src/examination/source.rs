//! Where frames come from: any trajectory that can be read from its start, more than once.

use super::ExaminationError;
use glassbox_oracle::single_precision;
use std::error::Error;
use std::ops::Range;

/// One saved frame.
#[derive(Clone, Copy, Debug)]
pub struct SavedFrame<'a> {
    /// Number of the replica, from 0.
    pub replica: usize,
    /// Step at which it was saved.
    pub step: u64,
    /// The weights, all finite.
    pub weights: &'a [f64],
    /// The gradient of the whole mean loss at these weights, where it was saved.
    pub gradient: Option<&'a [f64]>,
}

/// What is called with every frame.
pub type Visitor<'a> = dyn FnMut(SavedFrame<'_>) + 'a;

/// A trajectory: frames of one or more replicas, saved at the same steps.
pub trait Source {
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
    /// Shows every frame to `visit`: replica by replica, times ascending.
    ///
    /// # Errors
    /// Whatever stops the reading.
    fn read(&self, visit: &mut Visitor<'_>) -> Result<(), Box<dyn Error + Send + Sync>>;
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
    /// `values` by replica, then time, then weight; `weights` of them a frame.
    ///
    /// # Errors
    /// [`ExaminationError::Shape`] unless the numbers fit, the times ascend and every value is finite.
    pub fn new(times: Vec<u64>, weights: usize, values: Vec<f64>) -> Result<Self, ExaminationError> {
        let shape = |reason: &str| Err(ExaminationError::Shape(reason.to_owned()));
        let frame = times.len() * weights;
        if frame == 0 || values.is_empty() || !values.len().is_multiple_of(frame) {
            return shape("the values are not replicas × times × weights");
        }
        if times.windows(2).any(|pair| pair[0] >= pair[1]) {
            return shape("the times do not ascend");
        }
        if values.iter().any(|value| !value.is_finite()) {
            return shape("a value is not finite");
        }
        Ok(Self { times, weights, values, layers: None, gradients: None })
    }

    /// The same, with gradients in the same order as the weights.
    ///
    /// # Errors
    /// [`ExaminationError::Shape`] unless there are as many gradients as weights, all finite.
    pub fn with_gradients(self, gradients: Vec<f64>) -> Result<Self, ExaminationError> {
        if gradients.len() != self.values.len() || gradients.iter().any(|one| !one.is_finite()) {
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

    fn read(&self, visit: &mut Visitor<'_>) -> Result<(), Box<dyn Error + Send + Sync>> {
        for (index, weights) in self.values.chunks_exact(self.weights).enumerate() {
            let (replica, frame) = (index / self.times.len(), index % self.times.len());
            let start = index * self.weights;
            let gradient = self.gradients.as_ref().map(|all| &all[start..start + self.weights]);
            visit(SavedFrame { replica, step: self.times[frame], weights, gradient });
        }
        Ok(())
    }
}

/// From one saved frame of a replica to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Move<'a> {
    pub(crate) replica: usize,
    /// Number of the move, from 0.
    pub(crate) index: usize,
    /// Steps that it spans.
    pub(crate) steps: u64,
    pub(crate) from: &'a [f64],
    pub(crate) to: &'a [f64],
    /// Gradient where it starts.
    pub(crate) gradient: Option<&'a [f64]>,
}

/// Shows every first frame to `first` and every move to `visit`, in the order of the source.
pub(crate) fn walk(
    source: &dyn Source,
    mut first: impl FnMut(SavedFrame<'_>),
    mut visit: impl FnMut(Move<'_>),
) -> Result<(), ExaminationError> {
    let (mut from, mut gradient): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let (mut replica, mut index, mut step) = (usize::MAX, 0, 0);
    let read = source.read(&mut |frame| {
        if frame.replica == replica {
            let before = (!gradient.is_empty()).then_some(gradient.as_slice());
            let steps = frame.step.saturating_sub(step);
            visit(Move { replica, index, steps, from: &from, to: frame.weights, gradient: before });
            index += 1;
        } else {
            (replica, index) = (frame.replica, 0);
            first(frame);
        }
        step = frame.step;
        from.clear();
        from.extend_from_slice(frame.weights);
        gradient.clear();
        gradient.extend_from_slice(frame.gradient.unwrap_or_default());
    });
    read.map_err(|error| ExaminationError::Reading(error.to_string()))
}

/// Distance from a weight to the next number of its precision.
pub(crate) fn spacing(weight: f64, single: bool) -> f64 {
    if single {
        return single_precision::spacing(weight).unwrap_or(0.0);
    }
    let magnitude = weight.abs();
    magnitude.next_up() - magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_stay_within_a_replica() {
        let values = vec![0.0, 1.0, 2.0, 3.0, 5.0, 7.0];
        let frames = FramesInMemory::new(vec![0, 1, 4], 1, values).unwrap();
        assert_eq!(frames.replicas(), 2);
        let (mut starts, mut moves) = (Vec::new(), Vec::new());
        walk(
            &frames,
            |frame| starts.push(frame.weights[0]),
            |one| moves.push((one.replica, one.index, one.steps, one.to[0] - one.from[0])),
        )
        .unwrap();
        assert_eq!(starts, [0.0, 3.0]);
        assert_eq!(moves, [(0, 0, 1, 1.0), (0, 1, 3, 1.0), (1, 0, 1, 2.0), (1, 1, 3, 2.0)]);
    }

    #[test]
    fn what_is_no_trajectory_is_refused() {
        assert!(FramesInMemory::new(vec![0, 0], 1, vec![1.0, 2.0]).is_err());
        assert!(FramesInMemory::new(vec![0, 1], 1, vec![1.0, f64::NAN]).is_err());
        assert!(FramesInMemory::new(vec![0, 1], 2, vec![1.0, 2.0]).is_err());
        let frames = FramesInMemory::new(vec![0, 1], 1, vec![1.0, 2.0]).unwrap();
        assert!(frames.with_gradients(vec![1.0]).is_err());
    }

    #[test]
    fn spacings_of_both_precisions() {
        assert_eq!(spacing(-1.0, false), f64::EPSILON);
        assert_eq!(spacing(1.0, true), f64::from(f32::EPSILON));
    }
}
