//! Initial weights.

use super::architecture::{Architecture, NetworkError};
use crate::noise::{NoiseStream, Purpose};

/// Each layer uniform on ±gain/√fan_in.
///
/// The gain decides on which side of the discontinuous transition a regularised network ends: at lambda = 0.01 gain 1
/// collapses to W = 0 and the He gain trains (PHYSICS.md, section A).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Initialisation {
    gain: f64,
}

impl Initialisation {
    /// Gain 1: the default of PyTorch's `nn.Linear`, which the authors used.
    pub const PYTORCH_LINEAR: Self = Self { gain: 1.0 };

    /// Gain √6: He, Zhang, Ren and Sun (2015), which keeps the signal's size from layer to layer.
    pub const HE: Self = Self { gain: 2.449_489_742_783_178 };

    /// Any gain, finite and above 0.
    ///
    /// # Errors
    /// [`NetworkError::Gain`] outside that range.
    pub fn with_gain(gain: f64) -> Result<Self, NetworkError> {
        if gain.is_finite() && gain > 0.0 {
            Ok(Self { gain })
        } else {
            Err(NetworkError::Gain { value: gain })
        }
    }

    /// Weights of `replica` under `seed`.
    #[must_use]
    pub fn draw(&self, architecture: &Architecture, seed: u64, replica: u32) -> Vec<f64> {
        let mut weights = vec![0.0; architecture.weight_count()];
        NoiseStream::new(seed, Purpose::Initialisation, replica).uniforms(0, &mut weights);
        for layer in architecture.layers() {
            let bound = self.gain / (layer.inputs as f64).sqrt();
            for weight in &mut weights[layer.range.clone()] {
                *weight = bound * (2.0 * *weight - 1.0);
            }
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_fills_its_own_range() {
        let architecture = Architecture::new(&[10, 400, 50, 1]).unwrap();
        let weights = Initialisation::HE.draw(&architecture, 4, 2);
        for layer in architecture.layers() {
            let bound = 6.0_f64.sqrt() / (layer.inputs as f64).sqrt();
            let largest = weights[layer.range.clone()].iter().fold(0.0, |m: f64, w| m.max(w.abs()));
            // The largest of n uniforms stays below 0.8 of the bound with probability 0.8ⁿ ≤ 0.8⁵⁰ = 1.4e-5.
            assert!(largest < bound && largest > 0.8 * bound);
        }
        assert!(Initialisation::with_gain(0.0).is_err() && Initialisation::with_gain(f64::NAN).is_err());
    }
}
