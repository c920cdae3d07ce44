//! The exact Hessian of the data loss, times a vector, in double precision.
//!
//! Forward over reverse (Pearlmutter, Neural Computation 6, 147 (1994)): every quantity of the reference gradient
//! carries its derivative along a direction. Away from kinks this is the Hessian; on a kink it is that of the side which
//! the mask chooses (ReLU'(0) = 0), as for the gradient. With the residual `D = max(0, 1 − y f)` and θ = 1 where it is
//! above 0 (PHYSICS.md D.7),
//! - `H = (1/P) Σ θ ∇f ∇fᵀ − (1/P) Σ y D ∇∇f`;
//! - the first part is positive semi-definite, of rank at most the number of unsatisfied samples;
//! - f is linear in each layer, so the second part has no elements within a layer and its trace is 0.

use super::architecture::{Architecture, NetworkError};
use super::reference::{Samples, check_length, positive_part};
use nalgebra::DMatrix;
use rayon::prelude::*;

/// Which part of the Hessian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CurvaturePart {
    /// All of it.
    #[default]
    Whole,
    /// `(1/P) Σ θ ∇f ∇fᵀ`: the curvature of the loss as a function of f (Gauss and Newton).
    GaussNewton,
    /// `−(1/P) Σ y D ∇∇f`: the curvature of f itself.
    Residual,
}

/// Samples a task. Their sums are added in order, so that the number of threads cannot change a bit.
const TASK: usize = 128;

/// Writes the Hessian of the data loss at `weights`, times `direction`, into `product`.
///
/// # Errors
/// [`NetworkError`] for slices that do not fit.
pub fn hessian_vector_product(
    architecture: &Architecture,
    samples: Samples<'_>,
    weights: &[f64],
    direction: &[f64],
    part: CurvaturePart,
    product: &mut [f64],
) -> Result<(), NetworkError> {
    samples.check(architecture, weights)?;
    check_length("direction", direction.len(), weights.len())?;
    check_length("product", product.len(), weights.len())?;
    let inputs = samples.inputs.par_chunks(TASK * architecture.input_dimension());
    let tasks: Vec<Vec<f64>> = inputs
        .zip(samples.labels.par_chunks(TASK))
        .map(|(inputs, labels)| {
            let mut pass = Pass::new(architecture, weights, direction, part);
            for (input, label) in inputs.chunks(architecture.input_dimension()).zip(labels) {
                pass.add(input, f64::from(*label));
            }
            pass.product
        })
        .collect();
    product.fill(0.0);
    let count = samples.labels.len() as f64;
    for task in tasks {
        product.iter_mut().zip(task).for_each(|(sum, value)| *sum += value);
    }
    product.iter_mut().for_each(|value| *value /= count);
    Ok(())
}

/// The Hessian of the data loss at `weights` as a matrix: one product a weight, so for small networks.
///
/// # Errors
/// [`NetworkError`] for slices that do not fit.
pub fn hessian(
    architecture: &Architecture,
    samples: Samples<'_>,
    weights: &[f64],
    part: CurvaturePart,
) -> Result<DMatrix<f64>, NetworkError> {
    let count = weights.len();
    let mut matrix = DMatrix::zeros(count, count);
    let mut direction = vec![0.0; count];
    for (weight, mut column) in matrix.column_iter_mut().enumerate() {
        direction[weight] = 1.0;
        let product = column.as_mut_slice();
        hessian_vector_product(architecture, samples, weights, &direction, part, product)?;
        direction[weight] = 0.0;
    }
    Ok(matrix)
}

/// One sample after another, with the space that a sample needs.
struct Pass<'a> {
    architecture: &'a Architecture,
    weights: &'a [f64],
    direction: &'a [f64],
    part: CurvaturePart,
    /// Activations layer by layer, inputs first, and their derivatives along the direction.
    values: Vec<Vec<f64>>,
    tangents: Vec<Vec<f64>>,
    /// Errors of each layer's outputs, and their derivatives.
    errors: Vec<Vec<f64>>,
    error_tangents: Vec<Vec<f64>>,
    product: Vec<f64>,
}

impl<'a> Pass<'a> {
    fn new(
        architecture: &'a Architecture,
        weights: &'a [f64],
        direction: &'a [f64],
        part: CurvaturePart,
    ) -> Self {
        let sizes = std::iter::once(architecture.input_dimension())
            .chain(architecture.layers().iter().map(|layer| layer.outputs));
        let space: Vec<Vec<f64>> = sizes.map(|size| vec![0.0; size]).collect();
        Self {
            architecture,
            weights,
            direction,
            part,
            values: space.clone(),
            tangents: space.clone(),
            errors: space.clone(),
            error_tangents: space,
            product: vec![0.0; weights.len()],
        }
    }

    /// Adds the product of one sample.
    fn add(&mut self, input: &[f32], label: f64) {
        self.values[0].iter_mut().zip(input).for_each(|(value, input)| *value = f64::from(*input));
        self.forward();
        let last = self.values.len() - 1;
        let missing = positive_part(1.0 - label * self.values[last][0]);
        if missing == 0.0 {
            return;
        }
        let (error, tangent) = (-label * missing, self.tangents[last][0]);
        let (error, tangent) = match self.part {
            CurvaturePart::Whole => (error, tangent),
            CurvaturePart::GaussNewton => (0.0, tangent),
            CurvaturePart::Residual => (error, 0.0),
        };
        self.errors[last][0] = error;
        self.error_tangents[last][0] = tangent;
        self.backward();
    }

    fn forward(&mut self) {
        let layers = self.architecture.layers();
        for (index, layer) in layers.iter().enumerate() {
            let is_output = index + 1 == layers.len();
            let rows = self.weights[layer.range.clone()].chunks(layer.inputs);
            let turned = self.direction[layer.range.clone()].chunks(layer.inputs);
            for (neuron, (row, turned)) in rows.zip(turned).enumerate() {
                let (mut sum, mut tangent) = (0.0, 0.0);
                let below = self.values[index].iter().zip(&self.tangents[index]);
                for ((weight, turn), (value, moving)) in row.iter().zip(turned).zip(below) {
                    sum += weight * value;
                    tangent += turn * value + weight * moving;
                }
                let active = is_output || sum > 0.0 || sum.is_nan();
                self.values[index + 1][neuron] = if active { sum } else { 0.0 };
                self.tangents[index + 1][neuron] = if active { tangent } else { 0.0 };
            }
        }
    }

    fn backward(&mut self) {
        for (index, layer) in self.architecture.layers().iter().enumerate().rev() {
            let (errors_below, errors) = self.errors.split_at_mut(index + 1);
            let (tangents_below, tangents) = self.error_tangents.split_at_mut(index + 1);
            let (errors_below, tangents_below) = (&mut errors_below[index], &mut tangents_below[index]);
            errors_below.fill(0.0);
            tangents_below.fill(0.0);
            for (neuron, (error, tangent)) in errors[0].iter().zip(&tangents[0]).enumerate() {
                let start = layer.range.start + neuron * layer.inputs;
                for column in 0..layer.inputs {
                    let value = self.values[index][column];
                    let here = start + column;
                    self.product[here] += tangent * value + error * self.tangents[index][column];
                    // At the inputs nothing reads it.
                    if value > 0.0 || value.is_nan() {
                        errors_below[column] += error * self.weights[here];
                        tangents_below[column] += tangent * self.weights[here] + error * self.direction[here];
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn a_network_of_two_weights_by_hand() {
        // f = w2 w1 x for x > 0; L = ½ (1 − f)² / 2 samples: ∂₁∂₁ = (w2 x)², ∂₂∂₂ = (w1 x)², ∂₁∂₂ = w1 w2 x² − (1 − f) x.
        let network = Architecture::new(&[1, 1, 1]).unwrap();
        let samples = Samples { inputs: &[2.0, -1.0], labels: &[1.0, 1.0] };
        let of = |part| hessian(&network, samples, &[0.5, 0.4], part).unwrap();
        let whole = of(CurvaturePart::Whole);
        assert_relative_eq!(whole[(0, 0)], 0.5 * 0.64, max_relative = 1e-15);
        assert_relative_eq!(whole[(1, 1)], 0.5 * 1.0, max_relative = 1e-15);
        assert_relative_eq!(whole[(0, 1)], 0.5 * (0.8 - 0.6 * 2.0), max_relative = 1e-15);
        assert_eq!(whole[(0, 1)], whole[(1, 0)]);
        let (first, second) = (of(CurvaturePart::GaussNewton), of(CurvaturePart::Residual));
        assert_relative_eq!(first[(0, 1)], 0.5 * 0.8, max_relative = 1e-15);
        assert_eq!((second[(0, 0)], second[(1, 1)]), (0.0, 0.0));
        assert_relative_eq!(second[(0, 1)], -0.6, max_relative = 1e-15);
    }

    #[test]
    fn satisfied_and_dead_samples_have_no_curvature() {
        let network = Architecture::new(&[1, 1, 1]).unwrap();
        let samples = Samples { inputs: &[2.0, -1.0], labels: &[1.0, 1.0] };
        assert_eq!(
            hessian(&network, samples, &[1.0, 1.0], CurvaturePart::Whole).unwrap(),
            DMatrix::zeros(2, 2)
        );
        let nan = hessian(&network, samples, &[f64::NAN, 1.0], CurvaturePart::Whole).unwrap();
        assert!(nan[(0, 0)].is_nan(), "a network that diverged has no curvature of 0");
        let mut product = [0.0; 2];
        let short =
            hessian_vector_product(&network, samples, &[1.0; 2], &[1.0], CurvaturePart::Whole, &mut product);
        assert_eq!(short.unwrap_err().to_string(), "direction has 1 elements; it must have 2");
    }
}
