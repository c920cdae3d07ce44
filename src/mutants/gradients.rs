//! Backward passes of the network with one fault.

use super::GradientFault;
use crate::suite::SuiteError;
use crate::suite::algebra::Problem;
use glassbox_simulations::network::Architecture;

/// The data gradient with a fault, as [`crate::suite::algebra::DataGradient`]; the loss is right.
///
/// # Errors
/// None: the problems of the suite fit together.
pub fn faulty_gradient(
    fault: GradientFault,
    problem: &Problem,
    weights: &[f64],
    gradient: &mut [f64],
) -> Result<f64, SuiteError> {
    gradient.fill(0.0);
    let (network, data) = (&problem.architecture, &problem.data);
    let count = data.sample_count();
    let (mut loss, mut before): (f64, Option<Vec<Vec<f64>>>) = (0.0, None);
    let samples = data.inputs().chunks_exact(data.input_dimension()).zip(data.labels());
    for (sample, (input, label)) in samples.enumerate() {
        let label = f64::from(*label);
        let activations = forward(network, weights, input);
        let output = activations.last().map_or(0.0, |last| last[0]);
        let missing = 1.0 - label * output;
        loss += 0.5 * missing.max(0.0).powi(2);
        let pull = if fault == GradientFault::HingeIgnored { missing } else { missing.max(0.0) };
        if fault != GradientFault::HalfBatch || sample < count / 2 {
            let masks = masks(fault, &activations, before.as_deref());
            backward(network, weights, &activations, &masks, -label * pull, gradient);
        }
        before = Some(activations);
    }
    let samples = match fault {
        GradientFault::HalfBatch => count / 2,
        GradientFault::SumForMean => 1,
        _ => count,
    };
    let scale = if fault == GradientFault::Doubled { 2.0 } else { 1.0 } / samples as f64;
    gradient.iter_mut().for_each(|slope| *slope *= scale);
    Ok(loss / count as f64)
}

/// Inputs of every layer, and the output.
fn forward(network: &Architecture, weights: &[f64], input: &[f32]) -> Vec<Vec<f64>> {
    let mut activations = vec![input.iter().map(|value| f64::from(*value)).collect::<Vec<f64>>()];
    let last = network.layers().len() - 1;
    for (index, layer) in network.layers().iter().enumerate() {
        let below = &activations[index];
        let rows = weights[layer.range.clone()].chunks_exact(layer.inputs);
        let sums = rows.map(|row| row.iter().zip(below).map(|(weight, value)| weight * value).sum::<f64>());
        activations.push(sums.map(|sum| if index < last { sum.max(0.0) } else { sum }).collect());
    }
    activations
}

/// Which neurons of every hidden layer let errors pass; entry 0 is the input.
fn masks(fault: GradientFault, now: &[Vec<f64>], before: Option<&[Vec<f64>]>) -> Vec<Vec<bool>> {
    let active = |layer: &Vec<f64>| layer.iter().map(|value| *value > 0.0).collect::<Vec<bool>>();
    let mut masks: Vec<Vec<bool>> = now.iter().map(active).collect();
    match (fault, before) {
        (GradientFault::MaskMissing(layer), _) => masks[layer].fill(true),
        (GradientFault::MaskOfLastSample(layer), Some(before)) => masks[layer] = active(&before[layer]),
        _ => {}
    }
    masks
}

fn backward(
    network: &Architecture,
    weights: &[f64],
    activations: &[Vec<f64>],
    masks: &[Vec<bool>],
    error: f64,
    gradient: &mut [f64],
) {
    let mut errors = vec![error];
    for (index, layer) in network.layers().iter().enumerate().rev() {
        let mut below = vec![0.0; layer.inputs];
        let matrix = weights[layer.range.clone()].chunks_exact(layer.inputs);
        let slopes = gradient[layer.range.clone()].chunks_exact_mut(layer.inputs);
        for ((row, slopes), error) in matrix.zip(slopes).zip(&errors) {
            for (column, slope) in slopes.iter_mut().enumerate() {
                *slope += error * activations[index][column];
                below[column] += error * row[column];
            }
        }
        below
            .iter_mut()
            .zip(&masks[index])
            .filter(|(_, passes)| !**passes)
            .for_each(|(error, _)| *error = 0.0);
        errors = below;
    }
}
