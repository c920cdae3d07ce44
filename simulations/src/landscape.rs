//! Landscapes: a loss and its gradient as a function of the weights.

mod anisotropic;
mod flat;
mod network;
mod quadratic;

pub use anisotropic::AnisotropicQuadratic;
pub use flat::Flat;
pub use network::{NetworkLandscape, Precision};
pub use quadratic::Quadratic;

use std::ops::Range;
use thiserror::Error;

/// A loss function of the weights. Implement it for your own model; `examples/own_model.rs` does.
pub trait Landscape: Sync {
    /// Number of weights.
    fn dimension(&self) -> usize;

    /// Writes the gradient of the loss at `weights` into `gradient` and returns the loss.
    ///
    /// Both slices have [`dimension`](Self::dimension) elements; the callers of this crate see to it. A loss that
    /// cannot be evaluated is NaN, which ends the replica as diverged.
    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64;

    /// The groups of weights that are reported apart: the layers of a network, else all weights.
    fn layers(&self) -> Vec<Range<usize>> {
        vec![Range { start: 0, end: self.dimension() }]
    }
}

/// A landscape `L = Σ k_i w_i² / 2`, whose Langevin equation has an exact step
/// ([`ExactWell`](crate::integrator::ExactWell)).
pub trait HarmonicLandscape: Landscape {
    /// Stiffness `k_i` of a `weight` below the dimension: `∂L/∂w_i = k_i w_i`.
    fn stiffness(&self, weight: usize) -> f64;
}

/// A landscape that is a mean over samples, and can be evaluated on some of them.
pub trait SampledLandscape: Landscape {
    /// Number of samples `P_D`.
    fn sample_count(&self) -> u32;

    /// As [`Landscape::loss_and_gradient`], with the mean taken over `samples` (indices below the sample count).
    fn minibatch_loss_and_gradient(&self, weights: &[f64], samples: &[u32], gradient: &mut [f64]) -> f64;
}

/// A landscape chosen when the program runs: `Box<dyn Landscape>`, `Box<dyn HarmonicLandscape>`, `Box<dyn SampledLandscape>`.
impl<L: Landscape + ?Sized> Landscape for Box<L> {
    fn dimension(&self) -> usize {
        (**self).dimension()
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        (**self).loss_and_gradient(weights, gradient)
    }

    fn layers(&self) -> Vec<Range<usize>> {
        (**self).layers()
    }
}

impl<L: HarmonicLandscape + ?Sized> HarmonicLandscape for Box<L> {
    fn stiffness(&self, weight: usize) -> f64 {
        (**self).stiffness(weight)
    }
}

impl<L: SampledLandscape + ?Sized> SampledLandscape for Box<L> {
    fn sample_count(&self) -> u32 {
        (**self).sample_count()
    }

    fn minibatch_loss_and_gradient(&self, weights: &[f64], samples: &[u32], gradient: &mut [f64]) -> f64 {
        (**self).minibatch_loss_and_gradient(weights, samples, gradient)
    }
}

/// Why a landscape cannot be made.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LandscapeError {
    /// No weights.
    #[error("dimension is 0; it must be at least 1")]
    Empty,
    /// A stiffness that is not a number, or infinite.
    #[error("{argument} is {value}; it must be finite")]
    NotFinite {
        /// Name of the argument.
        argument: String,
        /// The value.
        value: f64,
    },
    /// A network and a data set that do not fit.
    #[error("the network takes {network} inputs but the data set has {dataset}")]
    InputDimension {
        /// Inputs of the network.
        network: usize,
        /// Columns of the data set.
        dataset: usize,
    },
    /// The network cannot be evaluated on these data.
    #[error(transparent)]
    Network(#[from] crate::network::NetworkError),
}

pub(crate) fn require_finite(argument: impl Into<String>, value: f64) -> Result<f64, LandscapeError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(LandscapeError::NotFinite { argument: argument.into(), value })
    }
}
