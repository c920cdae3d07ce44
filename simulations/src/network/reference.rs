//! The gradient in double precision, one sample after the other: slow and obviously right.
//!
//! `L_data = (1/P) Σ ½ max(0, 1 − y f)²` (paper Eq. 1). ReLU'(0) = 0, and the same mask is used both ways.

use super::architecture::{Architecture, NetworkError};

/// A data set as two slices: inputs row-major (samples × inputs) and labels ±1.
#[derive(Clone, Copy, Debug)]
pub struct Samples<'a> {
    /// Inputs, sample after sample.
    pub inputs: &'a [f32],
    /// Labels, ±1.
    pub labels: &'a [f32],
}

impl Samples<'_> {
    /// Checks that these samples and `weights` fit `architecture`.
    pub(super) fn check(&self, architecture: &Architecture, weights: &[f64]) -> Result<(), NetworkError> {
        let expected = self.labels.len() * architecture.input_dimension();
        check_length("inputs", self.inputs.len(), expected)?;
        check_length("weights", weights.len(), architecture.weight_count())?;
        if self.labels.is_empty() { Err(NetworkError::NoSamples) } else { Ok(()) }
    }
}

pub(super) fn check_length(
    argument: &'static str,
    length: usize,
    expected: usize,
) -> Result<(), NetworkError> {
    if length == expected { Ok(()) } else { Err(NetworkError::Length { argument, length, expected }) }
}

/// `max(0, value)`; a NaN stays, so that it reaches the loss.
pub(super) fn positive_part(value: f64) -> f64 {
    if value < 0.0 { 0.0 } else { value }
}

/// Activations of one sample, layer by layer: the inputs, then every layer after its ReLU, the output last.
fn forward(architecture: &Architecture, weights: &[f64], input: &[f32]) -> Vec<Vec<f64>> {
    let mut activations = vec![input.iter().map(|value| f64::from(*value)).collect::<Vec<f64>>()];
    for (index, layer) in architecture.layers().iter().enumerate() {
        let rows = weights[layer.range.clone()].chunks(layer.inputs);
        let sums = rows.map(|row| row.iter().zip(&activations[index]).map(|(w, a)| w * a).sum::<f64>());
        let is_output = index + 1 == architecture.layers().len();
        let next = sums.map(|sum| if is_output { sum } else { positive_part(sum) }).collect();
        activations.push(next);
    }
    activations
}

/// Outputs f of all samples.
///
/// # Errors
/// [`NetworkError`] for slices that do not fit.
pub fn outputs(
    architecture: &Architecture,
    samples: Samples<'_>,
    weights: &[f64],
) -> Result<Vec<f64>, NetworkError> {
    samples.check(architecture, weights)?;
    let rows = samples.inputs.chunks(architecture.input_dimension());
    Ok(rows
        .map(|input| forward(architecture, weights, input).pop().map_or(0.0, |output| output[0]))
        .collect())
}

/// On which side of each kink the network is: one flag for every hidden neuron and one for the hinge, for all samples.
///
/// While it does not change, f is linear in each single weight and the loss quadratic.
///
/// # Errors
/// [`NetworkError`] for slices that do not fit.
pub fn activation_pattern(
    architecture: &Architecture,
    samples: Samples<'_>,
    weights: &[f64],
) -> Result<Vec<bool>, NetworkError> {
    samples.check(architecture, weights)?;
    let mut pattern = Vec::new();
    for (input, label) in samples.inputs.chunks(architecture.input_dimension()).zip(samples.labels) {
        let activations = forward(architecture, weights, input);
        let last = activations.len() - 1;
        pattern.extend(activations[1..last].iter().flatten().map(|activation| *activation > 0.0));
        pattern.push(f64::from(*label) * activations[last][0] < 1.0);
    }
    Ok(pattern)
}

/// Writes the gradient of the data loss into `gradient` and returns the loss.
///
/// # Errors
/// [`NetworkError`] for slices that do not fit.
pub fn loss_and_gradient(
    architecture: &Architecture,
    samples: Samples<'_>,
    weights: &[f64],
    gradient: &mut [f64],
) -> Result<f64, NetworkError> {
    samples.check(architecture, weights)?;
    check_length("gradient", gradient.len(), weights.len())?;
    gradient.fill(0.0);
    let mut loss = 0.0;
    for (input, label) in samples.inputs.chunks(architecture.input_dimension()).zip(samples.labels) {
        let label = f64::from(*label);
        let activations = forward(architecture, weights, input);
        let missing = positive_part(1.0 - label * activations[activations.len() - 1][0]);
        loss += 0.5 * missing * missing;
        let mut delta = vec![-label * missing];
        for (layer, below) in architecture.layers().iter().zip(&activations).rev() {
            let matrix = &weights[layer.range.clone()];
            let mut delta_below = vec![0.0; layer.inputs];
            for (row, error) in delta.iter().enumerate() {
                for column in 0..layer.inputs {
                    gradient[layer.range.start + row * layer.inputs + column] += error * below[column];
                    if below[column] > 0.0 {
                        delta_below[column] += error * matrix[row * layer.inputs + column];
                    }
                }
            }
            delta = delta_below;
        }
    }
    let count = samples.labels.len() as f64;
    gradient.iter_mut().for_each(|slope| *slope /= count);
    Ok(loss / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn a_network_of_two_weights_by_hand() {
        // f = w2 relu(w1 x) with w1 = 0.5, w2 = 0.4, x = 2: f = 0.4, 1 − f = 0.6; x = −1 is dead, and so is x = 0.
        let network = Architecture::new(&[1, 1, 1]).unwrap();
        let samples = Samples { inputs: &[2.0, -1.0, 0.0], labels: &[1.0, 1.0, -1.0] };
        let mut gradient = [0.0; 2];
        let loss = loss_and_gradient(&network, samples, &[0.5, 0.4], &mut gradient).unwrap();
        assert_relative_eq!(loss, (0.18 + 0.5 + 0.5) / 3.0, max_relative = 1e-15);
        assert_relative_eq!(gradient[0], -0.6 * 0.4 * 2.0 / 3.0, max_relative = 1e-15);
        assert_relative_eq!(gradient[1], -0.6 * 1.0 / 3.0, max_relative = 1e-15);
        let pattern = activation_pattern(&network, samples, &[0.5, 0.4]).unwrap();
        assert_eq!(pattern, [true, true, false, true, false, true]);
    }

    #[test]
    fn satisfied_samples_pull_no_more() {
        let network = Architecture::new(&[1, 1]).unwrap();
        let samples = Samples { inputs: &[2.0, 3.0], labels: &[1.0, 1.0] };
        let mut gradient = [7.0];
        assert_eq!(loss_and_gradient(&network, samples, &[0.5], &mut gradient).unwrap(), 0.0);
        assert_eq!(gradient, [0.0]);
    }

    #[test]
    fn slices_that_do_not_fit_are_named() {
        let network = Architecture::new(&[2, 1]).unwrap();
        let message = |inputs: &[f32], labels: &[f32], weights: &[f64]| {
            outputs(&network, Samples { inputs, labels }, weights).unwrap_err().to_string()
        };
        assert_eq!(message(&[1.0], &[1.0], &[0.0; 2]), "inputs has 1 elements; it must have 2");
        assert_eq!(message(&[1.0; 2], &[1.0], &[0.0]), "weights has 1 elements; it must have 2");
        assert_eq!(message(&[], &[], &[0.0; 2]), "there are no samples; at least 1 is needed");
    }
}
