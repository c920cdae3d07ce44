//! The gradient used by default: single-precision kernels over tiles, summed in double precision in a fixed order.

use super::architecture::{Architecture, NetworkError};
use super::kernel::{self, Batch, LANES, TILE, Workspace};
use super::reference::{Samples, check_length};
use glassbox_instructions::InstructionSet;
use rayon::prelude::*;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// A batch is divided into tasks by its size alone, and their sums are added in order: the number of threads cannot
/// change a bit. An even number of about this many samples each, so that two threads share evenly.
const TASK: usize = 4 * TILE;
/// More tasks would cost space for their sums.
const MOST_TASKS: usize = 64;

/// Weights whose sums over tasks are added together.
const PIECE: usize = 2048;

thread_local! {
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
    /// Sums of the tasks. Taken out while in use: a waiting thread may begin another gradient.
    static SUMS: Cell<Vec<f64>> = Cell::default();
}

/// Loss and gradient of a network over a data set.
///
/// Weights come in double precision and are rounded to single precision for the kernels; the relative error of the
/// gradient in norm is of order 1e-7. Where the input of a neuron is 0 within rounding, either side of its kink may be
/// taken, and the gradient of that sample is the one there.
#[derive(Clone, Debug)]
pub struct GradientEvaluator {
    architecture: Architecture,
    instructions: InstructionSet,
}

impl GradientEvaluator {
    /// An evaluator for `architecture`.
    #[must_use]
    pub fn new(architecture: Architecture) -> Self {
        Self { architecture, instructions: InstructionSet::fastest() }
    }

    /// The same evaluator with other instructions, to compare them.
    #[must_use]
    pub fn with_instructions(self, instructions: InstructionSet) -> Self {
        Self { instructions, ..self }
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
        let batch = Batch {
            architecture: &self.architecture,
            weights,
            inputs: samples.inputs,
            labels: samples.labels,
            chosen,
            scale: 1.0 / count as f64,
        };
        if count <= TASK {
            return Ok(self.sum_over(batch, 0..count, gradient));
        }
        let samples_a_task =
            count.div_ceil((count / TASK).next_multiple_of(2).min(MOST_TASKS)).next_multiple_of(LANES);
        let tasks = count.div_ceil(samples_a_task);
        // Each task leaves its gradient and, behind it, its loss.
        let length = weights.len() + 1;
        let mut sums = SUMS.take();
        sums.resize(tasks * length, 0.0);
        sums.par_chunks_exact_mut(length).enumerate().for_each(|(index, sum)| {
            let first = index * samples_a_task;
            if let Some((loss, gradient)) = sum.split_last_mut() {
                *loss = self.sum_over(batch, first..count.min(first + samples_a_task), gradient);
            }
        });
        gradient.par_chunks_mut(PIECE).enumerate().for_each(|(index, piece)| {
            piece.fill(0.0);
            for sum in sums.chunks_exact(length) {
                let parts = &sum[index * PIECE..];
                piece.iter_mut().zip(parts).for_each(|(slope, part)| *slope += part);
            }
        });
        let loss = sums.chunks_exact(length).map(|sum| sum[length - 1]).sum();
        SUMS.set(sums);
        Ok(loss)
    }

    /// Writes the scaled sum of the gradients of some samples to `gradient` and returns that of their losses.
    fn sum_over(&self, batch: Batch<'_>, range: Range<usize>, gradient: &mut [f64]) -> f64 {
        WORKSPACE.with_borrow_mut(|workspace| {
            kernel::sum_over(self.instructions, batch, range, workspace, gradient)
        })
    }
}
