//! The loss of a tile, and the samples that have a gradient, moved together.

use super::instructions::Instructions;
use super::row::Row;
use super::tile::Workspace;
use super::{LANES, TILE};

/// What the hinge says of the new samples of a tile.
pub(super) struct Hinge {
    /// Sum of `½ max(0, 1 − y f)²`.
    pub(super) loss: f64,
    /// First lane of the new samples.
    first: usize,
    count: usize,
    /// Lane that the first unsatisfied sample of each vector moves to; the last, behind them all.
    starts: [usize; TILE / LANES + 1],
    /// For each vector, the lanes of its unsatisfied samples, moved to the front.
    lanes: [[u32; LANES]; TILE / LANES],
}

impl Hinge {
    /// Reads the outputs of `labels.len()` samples from lane `first` on and writes the errors of the unsatisfied
    /// ones, `−y max(0, 1 − y f)`, without gaps, and zeros behind them.
    ///
    /// A NaN output counts as unsatisfied, so that it reaches the loss.
    #[inline(always)]
    pub(super) fn new(labels: &[f32], first: usize, workspace: &mut Workspace) -> Self {
        let count = labels.len();
        let mut hinge = Self {
            loss: 0.0,
            first,
            count,
            starts: [first; TILE / LANES + 1],
            lanes: [[0; LANES]; TILE / LANES],
        };
        let Some(outputs) = workspace.activations.last() else { return hinge };
        let errors = &mut workspace.errors[0][0].0;
        let mut losses = [0.0; LANES];
        let mut end = first;
        for (group, labels) in labels.chunks(LANES).enumerate() {
            let outputs = outputs.group(first / LANES + group);
            let (mut missing, mut pull) = ([0.0; LANES], [0.0; LANES]);
            for ((missing, label), output) in missing.iter_mut().zip(labels).zip(outputs) {
                *missing = 1.0 - label * output;
            }
            for lane in 0..LANES {
                // 0 if satisfied; NaN stays.
                pull[lane] = if missing[lane] <= 0.0 { 0.0 } else { missing[lane] };
                losses[lane] += 0.5 * f64::from(pull[lane]) * f64::from(pull[lane]);
            }
            let start = end;
            for ((lane, index), label) in (0..LANES).zip(0..).zip(labels) {
                // Without a branch: whether a sample is satisfied cannot be foreseen.
                hinge.lanes[group][end - start] = index;
                errors[end] = -label * pull[lane];
                end += usize::from(pull[lane] != 0.0);
            }
            hinge.starts[group + 1] = end;
        }
        hinge.loss = losses.iter().sum();
        hinge.starts[count.div_ceil(LANES)..].fill(end);
        errors[end..end.next_multiple_of(LANES)].fill(0.0);
        hinge
    }

    /// The lane behind the last unsatisfied sample.
    #[inline(always)]
    pub(super) fn end(&self) -> usize {
        self.starts[TILE / LANES]
    }

    /// Moves the activations of the unsatisfied samples together.
    ///
    /// Vectors are stored in ascending order at or before the place they came from, so that none is overwritten
    /// before it was read.
    #[inline(always)]
    pub(super) fn compact<I: Instructions>(&self, instructions: I, activations: &mut [Row]) {
        let end = self.end();
        if end == self.first || end == self.first + self.count {
            return;
        }
        let source = self.first / LANES;
        for (group, lanes) in self.lanes.iter().enumerate().take(self.count.div_ceil(LANES)) {
            let start = self.starts[group];
            if start == self.starts[group + 1] {
                continue;
            }
            for row in activations.iter_mut() {
                let moved = instructions.permute(instructions.load(row.group(source + group)), lanes);
                store_at(instructions, row, start, moved);
            }
        }
        for row in activations {
            store_at(instructions, row, end, instructions.splat(0.0));
        }
    }
}

#[inline(always)]
fn store_at<I: Instructions>(instructions: I, row: &mut Row, lane: usize, vector: I::Vector) {
    if let Some(lanes) = row.0[lane..].first_chunk_mut() {
        instructions.store(lanes, vector);
    }
}
