//! The gradient used by default: single-precision kernels over tiles, summed in double precision in a fixed order.

use super::architecture::{Architecture, NetworkError};
use super::kernel::{self, Scratch, TILE};
use super::reference::{Samples, check_length};
use rayon::prelude::*;
use std::cell::RefCell;

/// Samples that one task works through in order. The division into tasks depends on the number of samples alone, and
/// their sums are added in order: the number of threads cannot change a bit.
const SAMPLES_A_TASK: usize = 16 * TILE;

thread_local! {
    static SCRATCH: RefCell<(Scratch, Vec<f32>)> = RefCell::default();
}

/// Loss and gradient of a network over a data set.
///
/// Weights come in double precision and are rounded to single precision for the kernels; the relative error of the
/// gradient in norm is of order 1e-7.
#[derive(Clone, Debug)]
pub struct GradientEvaluator {
    architecture: Architecture,
}

impl GradientEvaluator {
    /// An evaluator for `architecture`.
    #[must_use]
    pub fn new(architecture: Architecture) -> Self {
        Self { architecture }
    }

    /// The network.
    #[must_use]
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Writes the gradient of the data loss over `chosen` samples (all if `None`) into `gradient` and returns the
    /// loss.
    ///
    /// # Errors
    /// [`NetworkError`] for slices that do not fit or a sample that does not exist.
    pub fn loss_and_gradient(
        &self,
        samples: Samples<'_>,
        chosen: Option<&[u32]>,
        weights: &[f64],
        gradient: &mut [f64],
    ) -> Result<f64, NetworkError> {
        samples.check(&self.architecture, weights)?;
        check_length("gradient", gradient.len(), weights.len())?;
        let available = samples.labels.len();
        if let Some(index) = chosen.unwrap_or_default().iter().find(|index| **index as usize >= available) {
            return Err(NetworkError::SampleIndex { index: *index, count: available });
        }
        let count = chosen.map_or(available, <[u32]>::len);
        if count == 0 {
            return Err(NetworkError::NoSamples);
        }
        let task = |first: usize, gradient: &mut [f64]| {
            let last = count.min(first + SAMPLES_A_TASK);
            self.sum_over(samples, chosen, first..last, weights, gradient)
        };
        gradient.fill(0.0);
        let mut loss = 0.0;
        if count <= SAMPLES_A_TASK {
            loss = task(0, gradient);
        } else {
            let sums: Vec<(f64, Vec<f64>)> = (0..count.div_ceil(SAMPLES_A_TASK))
                .into_par_iter()
                .map(|index| {
                    let mut sum = vec![0.0; weights.len()];
                    (task(index * SAMPLES_A_TASK, &mut sum), sum)
                })
                .collect();
            for (task_loss, sum) in sums {
                loss += task_loss;
                gradient.iter_mut().zip(sum).for_each(|(slope, part)| *slope += part);
            }
        }
        let scale = 1.0 / count as f64;
        gradient.iter_mut().for_each(|slope| *slope *= scale);
        Ok(loss * scale)
    }

    /// Adds the gradients of some samples to `gradient` and returns the sum of their losses.
    fn sum_over(
        &self,
        samples: Samples<'_>,
        chosen: Option<&[u32]>,
        range: std::ops::Range<usize>,
        weights: &[f64],
        gradient: &mut [f64],
    ) -> f64 {
        SCRATCH.with_borrow_mut(|(scratch, single)| {
            scratch.fit(&self.architecture);
            single.clear();
            #[allow(
                clippy::cast_possible_truncation,
                reason = "rounding to single precision is what is wanted"
            )]
            single.extend(weights.iter().map(|weight| *weight as f32));
            let mut labels = [0.0; TILE];
            let mut loss = 0.0;
            for first in range.clone().step_by(TILE) {
                let count = TILE.min(range.end - first);
                self.gather(samples, chosen, first, &mut labels[..count], &mut scratch.activations);
                let result = kernel::tile(&self.architecture, single, &labels[..count], scratch);
                loss += result.loss;
                if result.has_gradient {
                    for (slope, part) in gradient.iter_mut().zip(&scratch.gradient) {
                        *slope += f64::from(*part);
                    }
                }
            }
            loss
        })
    }

    /// Lays the inputs of a tile side by side, with zeros behind the last sample.
    fn gather(
        &self,
        samples: Samples<'_>,
        chosen: Option<&[u32]>,
        first: usize,
        labels: &mut [f32],
        activations: &mut [f32],
    ) {
        let dimension = self.architecture.input_dimension();
        if labels.len() < TILE {
            activations[..dimension * TILE].fill(0.0);
        }
        for (lane, label) in labels.iter_mut().enumerate() {
            let sample = chosen.map_or(first + lane, |chosen| chosen[first + lane] as usize);
            *label = samples.labels[sample];
            let inputs = &samples.inputs[sample * dimension..(sample + 1) * dimension];
            for (input, value) in inputs.iter().enumerate() {
                activations[input * TILE + lane] = *value;
            }
        }
    }
}
