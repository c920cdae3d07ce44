//! The kernel that compiles anywhere: fixed-size lane arrays that the compiler turns into vector instructions.
//!
//! Samples lie side by side (`[neuron][sample]`), weights are broadcast, sums run in a fixed order.

use super::{LANES, Scratch, TILE, TileResult};
use crate::network::architecture::{Architecture, Layer};

type Lanes = [f32; LANES];

/// Rows of a matrix that are worked on together, so that each loaded activation is used this often.
const BLOCK: usize = 4;

pub(super) fn tile(
    architecture: &Architecture,
    weights: &[f32],
    labels: &[f32],
    scratch: &mut Scratch,
) -> TileResult {
    let groups = labels.len().div_ceil(LANES);
    let layers = architecture.layers();
    let mut start = 0;
    for (index, layer) in layers.iter().enumerate() {
        let (below, above) = scratch.activations[start..].split_at_mut(layer.inputs * TILE);
        forward(layer, &weights[layer.range.clone()], below, above, groups, index + 1 < layers.len());
        start += layer.inputs * TILE;
    }
    let (loss, unsatisfied) = hinge(labels, &scratch.activations[start..], &mut scratch.errors[0]);
    if !unsatisfied {
        return TileResult { loss, has_gradient: false };
    }
    for (index, layer) in layers.iter().enumerate().rev() {
        start -= layer.inputs * TILE;
        let below = &scratch.activations[start..start + layer.inputs * TILE];
        let [above, errors_below] = &mut scratch.errors;
        outer_product(layer, above, below, groups, &mut scratch.gradient[layer.range.clone()]);
        if index > 0 {
            backward(layer, &weights[layer.range.clone()], above, below, errors_below, groups);
            scratch.errors.swap(0, 1);
        }
    }
    TileResult { loss, has_gradient: true }
}

fn load(values: &[f32], neuron: usize, group: usize) -> Lanes {
    let start = neuron * TILE + group * LANES;
    let mut lanes = [0.0; LANES];
    lanes.copy_from_slice(&values[start..start + LANES]);
    lanes
}

fn store(values: &mut [f32], neuron: usize, group: usize, lanes: &Lanes) {
    let start = neuron * TILE + group * LANES;
    values[start..start + LANES].copy_from_slice(lanes);
}

fn add_product(sum: &mut Lanes, factor: f32, lanes: &Lanes) {
    for (sum, value) in sum.iter_mut().zip(lanes) {
        *sum += factor * value;
    }
}

/// `above = W below`, with ReLU unless this is the output.
fn forward(layer: &Layer, matrix: &[f32], below: &[f32], above: &mut [f32], groups: usize, relu: bool) {
    for group in 0..groups {
        for row in (0..layer.outputs).step_by(BLOCK) {
            let rows = BLOCK.min(layer.outputs - row);
            let mut sums = [[0.0; LANES]; BLOCK];
            // A short block repeats its last row, so that the inner loop has one length.
            let matrix_rows: [&[f32]; BLOCK] = std::array::from_fn(|offset| {
                let start = (row + offset.min(rows - 1)) * layer.inputs;
                &matrix[start..start + layer.inputs]
            });
            for column in 0..layer.inputs {
                let activation = load(below, column, group);
                for (sum, matrix_row) in sums.iter_mut().zip(&matrix_rows) {
                    add_product(sum, matrix_row[column], &activation);
                }
            }
            for (offset, sum) in sums.iter_mut().enumerate().take(rows) {
                if relu {
                    sum.iter_mut().for_each(|value| *value = if *value > 0.0 { *value } else { 0.0 });
                }
                store(above, row + offset, group, sum);
            }
        }
    }
}

/// Error of the output, `−y max(0, 1 − y f)`; the summed loss; whether any sample is unsatisfied.
///
/// A NaN output counts as unsatisfied, so that it reaches the loss.
fn hinge(labels: &[f32], outputs: &[f32], errors: &mut [f32]) -> (f64, bool) {
    errors[..TILE].fill(0.0);
    let (mut loss, mut unsatisfied) = (0.0, false);
    for ((label, output), error) in labels.iter().zip(outputs).zip(errors) {
        let missing = 1.0 - label * output;
        if missing > 0.0 || missing.is_nan() {
            *error = -label * missing;
            loss += 0.5 * f64::from(missing) * f64::from(missing);
            unsatisfied = true;
        }
    }
    (loss, unsatisfied)
}

/// `errors_below = mask ∘ Wᵀ above`, the mask being where the activation below is positive.
fn backward(
    layer: &Layer,
    matrix: &[f32],
    above: &[f32],
    below: &[f32],
    errors_below: &mut [f32],
    groups: usize,
) {
    for group in 0..groups {
        for column in (0..layer.inputs).step_by(BLOCK) {
            let columns = BLOCK.min(layer.inputs - column);
            let mut sums = [[0.0; LANES]; BLOCK];
            for row in 0..layer.outputs {
                let error = load(above, row, group);
                let factors = &matrix[row * layer.inputs + column..row * layer.inputs + column + columns];
                if let Ok(factors) = <&[f32; BLOCK]>::try_from(factors) {
                    for (sum, factor) in sums.iter_mut().zip(factors) {
                        add_product(sum, *factor, &error);
                    }
                } else {
                    for (sum, factor) in sums.iter_mut().zip(factors) {
                        add_product(sum, *factor, &error);
                    }
                }
            }
            for (offset, sum) in sums.iter_mut().enumerate().take(columns) {
                let activation = load(below, column + offset, group);
                for (value, activation) in sum.iter_mut().zip(&activation) {
                    *value = if *activation > 0.0 { *value } else { 0.0 };
                }
                store(errors_below, column + offset, group, sum);
            }
        }
    }
}

/// `gradient = above belowᵀ`, summed over the samples of the tile.
fn outer_product(layer: &Layer, above: &[f32], below: &[f32], groups: usize, gradient: &mut [f32]) {
    for row in 0..layer.outputs {
        for column in (0..layer.inputs).step_by(BLOCK) {
            let columns = BLOCK.min(layer.inputs - column);
            let mut sums = [[0.0; LANES]; BLOCK];
            for group in 0..groups {
                let error = load(above, row, group);
                for (offset, sum) in sums.iter_mut().enumerate() {
                    let activation = load(below, column + offset.min(columns - 1), group);
                    for ((sum, error), activation) in sum.iter_mut().zip(&error).zip(&activation) {
                        *sum += error * activation;
                    }
                }
            }
            for (offset, sum) in sums.iter().enumerate().take(columns) {
                gradient[row * layer.inputs + column + offset] = sum.iter().sum();
            }
        }
    }
}
