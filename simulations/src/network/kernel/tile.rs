//! The algorithm, one for all sets of instructions.
//!
//! Samples lie side by side (`[neuron][sample]`), weights are broadcast, every sum runs in one fixed order that does
//! not depend on the size of the blocks. Samples that are already satisfied (y f ≥ 1) have no gradient: after the
//! forward pass the others are moved together, and the tile is filled up with new samples before it goes backward.

use super::blocks::{mask_block, outer_product, positive_parts, product, store_block};
use super::hinge::Hinge;
use super::instructions::Instructions;
use super::row::Row;
use super::{LANES, TILE};
use crate::network::architecture::{Architecture, Layer};
use std::ops::Range;

/// A tile goes backward when there is less room than this for new samples.
const ROOM: usize = 64;

/// Columns of an outer product that stay in the first-level cache while all rows pass by: 16 kB.
const OUTER_PASS: usize = 16;

/// Samples of a network, and which of them are meant.
#[derive(Clone, Copy, Debug)]
pub(in crate::network) struct Batch<'a> {
    pub(in crate::network) architecture: &'a Architecture,
    pub(in crate::network) weights: &'a [f64],
    /// Factor of all losses and gradients.
    pub(in crate::network) scale: f64,
    /// Row-major, samples × inputs.
    pub(in crate::network) inputs: &'a [f32],
    pub(in crate::network) labels: &'a [f32],
    /// The samples that are meant, in this order; all if `None`.
    pub(in crate::network) chosen: Option<&'a [u32]>,
}

/// Space for one tile, reused from tile to tile.
#[derive(Debug, Default)]
pub(in crate::network) struct Workspace {
    /// All weights, in single precision.
    weights: Vec<f32>,
    /// The inputs, then every layer after its ReLU, the output last.
    pub(super) activations: Vec<Row>,
    /// Errors of the layer above and of the layer below.
    pub(super) errors: [Vec<Row>; 2],
}

impl Workspace {
    /// Makes room for `architecture`.
    fn fit(&mut self, architecture: &Architecture) {
        self.weights.resize(architecture.weight_count(), 0.0);
        self.activations.resize(architecture.neuron_count(), Row::ZERO);
        for errors in &mut self.errors {
            errors.resize(architecture.largest_layer(), Row::ZERO);
        }
    }
}

/// Writes the scaled sum of the gradients of the samples at positions `range` to `gradient` and returns that of their
/// losses.
#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    reason = "rounding the weights to single precision is what is wanted"
)]
pub(super) fn sum_over<I: Instructions>(
    instructions: I,
    batch: Batch<'_>,
    range: Range<usize>,
    workspace: &mut Workspace,
    gradient: &mut [f64],
) -> f64 {
    workspace.fit(batch.architecture);
    for (single, weight) in workspace.weights.iter_mut().zip(batch.weights) {
        *single = *weight as f32;
    }
    let mut labels = [0.0; TILE];
    let mut sum = GradientSum { sum: gradient, is_empty: true, scale: batch.scale };
    let (mut loss, mut next, mut filled) = (0.0, range.start, 0);
    while next < range.end {
        let count = (TILE - filled).min(range.end - next);
        gather(batch, next..next + count, filled, &mut labels, &mut workspace.activations);
        let groups = filled / LANES..(filled + count).div_ceil(LANES);
        propagate(instructions, batch.architecture, workspace, groups.clone());
        let hinge = Hinge::new(&labels[..count], filled, workspace);
        loss += hinge.loss;
        hinge.compact(instructions, &mut workspace.activations);
        filled = hinge.end().next_multiple_of(LANES);
        next += count;
        if filled > 0 && (next == range.end || TILE - filled < ROOM) {
            propagate_back(instructions, batch.architecture, workspace, filled / LANES, &mut sum);
            sum.is_empty = false;
            filled = 0;
        }
    }
    if sum.is_empty {
        sum.sum.fill(0.0);
    }
    batch.scale * loss
}

/// The gradients of the tiles so far; what lies there before the first is not looked at.
struct GradientSum<'a> {
    sum: &'a mut [f64],
    is_empty: bool,
    scale: f64,
}

/// Lays the inputs of some samples side by side from lane `first` on, a multiple of 16, with zeros up to a whole
/// vector.
#[inline(always)]
fn gather(
    batch: Batch<'_>,
    positions: Range<usize>,
    first: usize,
    labels: &mut [f32; TILE],
    activations: &mut [Row],
) {
    let dimension = batch.architecture.input_dimension();
    let samples = |position: usize| batch.chosen.map_or(position, |chosen| chosen[position] as usize);
    let starts = positions.clone().step_by(LANES);
    for ((group, labels), start) in (first / LANES..).zip(labels.as_chunks_mut::<LANES>().0).zip(starts) {
        let count = LANES.min(positions.end - start);
        // Whole vectors are written: single numbers into many rows would take four times as long.
        let mut inputs: [&[f32]; LANES] = [&[]; LANES];
        for lane in 0..count {
            let sample = samples(start + lane);
            labels[lane] = batch.labels[sample];
            inputs[lane] = &batch.inputs[sample * dimension..][..dimension];
        }
        if count < LANES {
            for (input, row) in activations[..dimension].iter_mut().enumerate() {
                let values = row.group_mut(group);
                values.fill(0.0);
                for lane in 0..count {
                    values[lane] = inputs[lane][input];
                }
            }
        } else {
            for (input, row) in activations[..dimension].iter_mut().enumerate() {
                let values = row.group_mut(group);
                for lane in 0..LANES {
                    values[lane] = inputs[lane][input];
                }
            }
        }
    }
}

/// Carries the vectors `groups` from the inputs to the output.
#[inline(always)]
fn propagate<I: Instructions>(
    instructions: I,
    architecture: &Architecture,
    workspace: &mut Workspace,
    groups: Range<usize>,
) {
    let Workspace { weights, activations, .. } = workspace;
    let mut activations = activations.as_mut_slice();
    let last = architecture.layers().len() - 1;
    for (index, layer) in architecture.layers().iter().enumerate() {
        let (below, above) = activations.split_at_mut(layer.inputs);
        let matrix = &weights[layer.range.clone()];
        for block in blocks(groups.clone(), I::GROUPS) {
            let product = Forward { layer, matrix, below, above, relu: index < last, group: block.start };
            match block.len() {
                4 if I::GROUPS >= 4 => product.rows::<I, 4>(instructions),
                3 if I::GROUPS >= 3 => product.rows::<I, 3>(instructions),
                2 if I::GROUPS >= 2 => product.rows::<I, 2>(instructions),
                _ => product.rows::<I, 1>(instructions),
            }
        }
        activations = above;
    }
}

/// `range` in pieces of nearly equal length, at most `largest`.
#[inline(always)]
fn blocks(range: Range<usize>, largest: usize) -> impl Iterator<Item = Range<usize>> {
    let count = range.len().div_ceil(largest).max(1);
    let (length, longer) = (range.len() / count, range.len() % count);
    let mut start = range.start;
    (0..count).map(move |index| {
        let end = start + length + usize::from(index < longer);
        std::mem::replace(&mut start, end)..end
    })
}

/// `above = W below`, with ReLU unless this is the output.
struct Forward<'a> {
    layer: &'a Layer,
    matrix: &'a [f32],
    below: &'a [Row],
    above: &'a mut [Row],
    relu: bool,
    group: usize,
}

impl Forward<'_> {
    #[inline(always)]
    fn rows<I: Instructions, const GROUPS: usize>(mut self, instructions: I) {
        for rows in blocks(0..self.layer.outputs, I::ROWS) {
            match rows.len() {
                6 if I::ROWS >= 6 => self.block::<I, 6, GROUPS>(instructions, rows.start),
                5 if I::ROWS >= 5 => self.block::<I, 5, GROUPS>(instructions, rows.start),
                4 if I::ROWS >= 4 => self.block::<I, 4, GROUPS>(instructions, rows.start),
                3 if I::ROWS >= 3 => self.block::<I, 3, GROUPS>(instructions, rows.start),
                2 if I::ROWS >= 2 => self.block::<I, 2, GROUPS>(instructions, rows.start),
                _ => self.block::<I, 1, GROUPS>(instructions, rows.start),
            }
        }
    }

    #[inline(always)]
    fn block<I: Instructions, const ROWS: usize, const GROUPS: usize>(
        &mut self,
        instructions: I,
        row: usize,
    ) {
        let inputs = self.layer.inputs;
        let (matrix, below) = (&self.matrix[row * inputs..], &self.below[..inputs]);
        let mut sums = product::<I, ROWS, GROUPS>(instructions, matrix, (inputs, 1), below, self.group);
        if self.relu {
            positive_parts(instructions, &mut sums);
        }
        if let Some(above) = self.above[row..].first_chunk_mut() {
            store_block(instructions, above, self.group, sums);
        }
    }
}

/// Carries the errors of the first `groups` vectors from the output down, adding to `gradient`.
#[inline(always)]
fn propagate_back<I: Instructions>(
    instructions: I,
    architecture: &Architecture,
    workspace: &mut Workspace,
    groups: usize,
    gradient: &mut GradientSum<'_>,
) {
    let Workspace { weights, activations, errors: [above, errors_below] } = workspace;
    let (mut above, mut errors_below) = (above, errors_below);
    let mut end = activations.len() - 1;
    for (index, layer) in architecture.layers().iter().enumerate().rev() {
        let below = &activations[end - layer.inputs..end];
        end -= layer.inputs;
        let sum = &mut gradient.sum[layer.range.clone()];
        let outer = Outer { layer, above, below, groups, gradient: GradientSum { sum, ..*gradient } };
        outer.add(instructions);
        if index > 0 {
            let matrix = &weights[layer.range.clone()];
            for block in blocks(0..groups, I::GROUPS) {
                let product = Backward { layer, matrix, above, below, errors_below, group: block.start };
                match block.len() {
                    4 if I::GROUPS >= 4 => product.columns::<I, 4>(instructions),
                    3 if I::GROUPS >= 3 => product.columns::<I, 3>(instructions),
                    2 if I::GROUPS >= 2 => product.columns::<I, 2>(instructions),
                    _ => product.columns::<I, 1>(instructions),
                }
            }
            std::mem::swap(&mut above, &mut errors_below);
        }
    }
}

/// `errors_below = mask ∘ Wᵀ above`, the mask being where the activation below is positive.
struct Backward<'a> {
    layer: &'a Layer,
    matrix: &'a [f32],
    above: &'a [Row],
    below: &'a [Row],
    errors_below: &'a mut [Row],
    group: usize,
}

impl Backward<'_> {
    #[inline(always)]
    fn columns<I: Instructions, const GROUPS: usize>(mut self, instructions: I) {
        for columns in blocks(0..self.layer.inputs, I::ROWS) {
            match columns.len() {
                6 if I::ROWS >= 6 => self.block::<I, 6, GROUPS>(instructions, columns.start),
                5 if I::ROWS >= 5 => self.block::<I, 5, GROUPS>(instructions, columns.start),
                4 if I::ROWS >= 4 => self.block::<I, 4, GROUPS>(instructions, columns.start),
                3 if I::ROWS >= 3 => self.block::<I, 3, GROUPS>(instructions, columns.start),
                2 if I::ROWS >= 2 => self.block::<I, 2, GROUPS>(instructions, columns.start),
                _ => self.block::<I, 1, GROUPS>(instructions, columns.start),
            }
        }
    }

    #[inline(always)]
    fn block<I: Instructions, const COLUMNS: usize, const GROUPS: usize>(
        &mut self,
        instructions: I,
        column: usize,
    ) {
        let (matrix, above) = (&self.matrix[column..], &self.above[..self.layer.outputs]);
        let strides = (1, self.layer.inputs);
        let mut sums = product::<I, COLUMNS, GROUPS>(instructions, matrix, strides, above, self.group);
        if let Some(below) = self.below[column..].first_chunk() {
            mask_block(instructions, below, self.group, &mut sums);
        }
        if let Some(errors) = self.errors_below[column..].first_chunk_mut() {
            store_block(instructions, errors, self.group, sums);
        }
    }
}

/// `gradient += above belowᵀ`, summed over the first `groups` vectors.
struct Outer<'a> {
    layer: &'a Layer,
    above: &'a [Row],
    below: &'a [Row],
    groups: usize,
    gradient: GradientSum<'a>,
}

impl Outer<'_> {
    #[inline(always)]
    fn add<I: Instructions>(mut self, instructions: I) {
        for pass in blocks(0..self.layer.inputs, OUTER_PASS) {
            for rows in blocks(0..self.layer.outputs, I::OUTER_ROWS) {
                match rows.len() {
                    4 if I::OUTER_ROWS >= 4 => self.columns::<I, 4>(instructions, rows.start, pass.clone()),
                    3 if I::OUTER_ROWS >= 3 => self.columns::<I, 3>(instructions, rows.start, pass.clone()),
                    2 if I::OUTER_ROWS >= 2 => self.columns::<I, 2>(instructions, rows.start, pass.clone()),
                    _ => self.columns::<I, 1>(instructions, rows.start, pass.clone()),
                }
            }
        }
    }

    #[inline(always)]
    fn columns<I: Instructions, const ROWS: usize>(
        &mut self,
        instructions: I,
        row: usize,
        pass: Range<usize>,
    ) {
        for columns in blocks(pass, I::OUTER_COLUMNS) {
            match columns.len() {
                4 if I::OUTER_COLUMNS >= 4 => self.block::<I, ROWS, 4>(instructions, row, columns.start),
                3 if I::OUTER_COLUMNS >= 3 => self.block::<I, ROWS, 3>(instructions, row, columns.start),
                2 if I::OUTER_COLUMNS >= 2 => self.block::<I, ROWS, 2>(instructions, row, columns.start),
                _ => self.block::<I, ROWS, 1>(instructions, row, columns.start),
            }
        }
    }

    #[inline(always)]
    fn block<I: Instructions, const ROWS: usize, const COLUMNS: usize>(
        &mut self,
        instructions: I,
        row: usize,
        column: usize,
    ) {
        let above = self.above[row..].first_chunk::<ROWS>();
        let below = self.below[column..].first_chunk::<COLUMNS>();
        let (Some(above), Some(below)) = (above, below) else { return };
        let sums = outer_product(instructions, above, below, self.groups);
        for (offset, sums) in sums.iter().enumerate().take(ROWS) {
            let start = (row + offset) * self.layer.inputs + column;
            let slopes = self.gradient.sum[start..start + COLUMNS].iter_mut().zip(sums);
            let scale = self.gradient.scale;
            if self.gradient.is_empty {
                slopes.for_each(|(slope, sum)| *slope = scale * f64::from(*sum));
            } else {
                slopes.for_each(|(slope, sum)| *slope += scale * f64::from(*sum));
            }
        }
    }
}
