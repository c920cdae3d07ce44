//! The loss of a network on a data set: the landscape of the paper.

use super::{Landscape, LandscapeError, SampledLandscape, require_finite};
use crate::dataset::Dataset;
use crate::network::curvature::{self, CurvaturePart};
use crate::network::reference::{self, Samples};
use crate::network::{Architecture, GradientEvaluator};
use glassbox_instructions::InstructionSet;
use nalgebra::DMatrix;
use std::ops::Range;

/// The arithmetic of the data gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Blocked kernels in single precision, summed in double precision: what training uses.
    #[default]
    Single,
    /// The plain reference in double precision, many times slower.
    Double,
}

/// `L = (1/P) Σ ½ max(0, 1 − y f)² + (lambda/2) |W|²` (paper Eqs. 1–2).
#[derive(Clone, Debug)]
pub struct NetworkLandscape {
    evaluator: GradientEvaluator,
    dataset: Dataset,
    regularisation: f64,
    precision: Precision,
}

impl NetworkLandscape {
    /// The loss of `architecture` on `dataset` with L2 regularisation `lambda` (finite; the paper's are 0 … 0.15).
    ///
    /// # Errors
    /// [`LandscapeError`] for a network whose inputs are not the data set's, or a bad regularisation.
    pub fn new(
        architecture: Architecture,
        dataset: Dataset,
        regularisation: f64,
    ) -> Result<Self, LandscapeError> {
        let (network, columns) = (architecture.input_dimension(), dataset.input_dimension());
        if network != columns {
            return Err(LandscapeError::InputDimension { network, dataset: columns });
        }
        let regularisation = require_finite("regularisation", regularisation)?;
        let evaluator = GradientEvaluator::new(architecture);
        Ok(Self { evaluator, dataset, regularisation, precision: Precision::Single })
    }

    /// The same loss in another arithmetic.
    #[must_use]
    pub fn with_precision(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// The same loss with other instructions, to compare them.
    #[must_use]
    pub fn with_instructions(self, instructions: InstructionSet) -> Self {
        Self { evaluator: self.evaluator.with_instructions(instructions), ..self }
    }

    /// The network.
    #[must_use]
    pub fn architecture(&self) -> &Architecture {
        self.evaluator.architecture()
    }

    /// The data.
    #[must_use]
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// Regularisation lambda.
    #[must_use]
    pub fn regularisation(&self) -> f64 {
        self.regularisation
    }

    /// Writes the Hessian of the whole loss at `weights`, times `direction`, into `product`, in double precision:
    /// that of the data ([`curvature`]) plus `lambda` times the direction.
    ///
    /// # Errors
    /// [`LandscapeError::Network`] for slices that do not fit.
    pub fn hessian_vector_product(
        &self,
        weights: &[f64],
        direction: &[f64],
        product: &mut [f64],
    ) -> Result<(), LandscapeError> {
        let (network, part) = (self.architecture(), CurvaturePart::Whole);
        curvature::hessian_vector_product(network, self.samples(), weights, direction, part, product)?;
        for (sum, along) in product.iter_mut().zip(direction) {
            *sum += self.regularisation * along;
        }
        Ok(())
    }

    /// The Hessian of the whole loss at `weights`: for small networks.
    ///
    /// # Errors
    /// [`LandscapeError::Network`] for weights of another number.
    pub fn hessian(&self, weights: &[f64]) -> Result<DMatrix<f64>, LandscapeError> {
        let mut hessian =
            curvature::hessian(self.architecture(), self.samples(), weights, CurvaturePart::Whole)?;
        for weight in 0..weights.len() {
            hessian[(weight, weight)] += self.regularisation;
        }
        Ok(hessian)
    }

    /// The data as the reference functions of the network take them.
    #[must_use]
    pub fn samples(&self) -> Samples<'_> {
        Samples { inputs: self.dataset.inputs(), labels: self.dataset.labels() }
    }

    fn evaluate(&self, weights: &[f64], chosen: Option<&[u32]>, gradient: &mut [f64]) -> f64 {
        let samples = self.samples();
        let data_loss = match (self.precision, chosen) {
            (Precision::Double, None) => {
                reference::loss_and_gradient(self.architecture(), samples, weights, gradient)
            }
            _ => self.evaluator.loss_and_gradient(samples, chosen, weights, gradient),
        };
        let square = add_regularisation(self.regularisation, weights, gradient);
        // Slices that do not fit end the replica as diverged; the ensemble never makes them.
        data_loss.map_or(f64::NAN, |loss| loss + 0.5 * self.regularisation * square)
    }
}

/// Adds `lambda W` to `gradient` and returns |W|², in eight sums that do not wait for one another.
fn add_regularisation(lambda: f64, weights: &[f64], gradient: &mut [f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (blocks, rest) = weights.as_chunks::<8>();
    let (slope_blocks, slope_rest) = gradient.as_chunks_mut::<8>();
    for (weights, slopes) in blocks.iter().zip(slope_blocks) {
        for lane in 0..8 {
            slopes[lane] += lambda * weights[lane];
            sums[lane] += weights[lane] * weights[lane];
        }
    }
    for (weight, slope) in rest.iter().zip(slope_rest) {
        *slope += lambda * weight;
        sums[0] += weight * weight;
    }
    sums.iter().sum()
}

impl Landscape for NetworkLandscape {
    fn dimension(&self) -> usize {
        self.architecture().weight_count()
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        self.evaluate(weights, None, gradient)
    }

    fn layers(&self) -> Vec<Range<usize>> {
        self.architecture().layers().iter().map(|layer| layer.range.clone()).collect()
    }
}

impl SampledLandscape for NetworkLandscape {
    fn sample_count(&self) -> u32 {
        u32::try_from(self.dataset.sample_count()).unwrap_or(u32::MAX)
    }

    fn minibatch_loss_and_gradient(&self, weights: &[f64], samples: &[u32], gradient: &mut [f64]) -> f64 {
        self.evaluate(weights, Some(samples), gradient)
    }
}
