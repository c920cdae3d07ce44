//! One stiffness for all weights.

use super::{HarmonicLandscape, Landscape, LandscapeError, require_finite};

/// `L = k |w|² / 2`: a well for `k > 0`, a hill for `k < 0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quadratic {
    dimension: usize,
    stiffness: f64,
}

impl Quadratic {
    /// `dimension ≥ 1` independent weights of finite `stiffness` k.
    ///
    /// # Errors
    /// [`LandscapeError`] for dimension 0 or a stiffness that is not finite.
    pub fn new(dimension: usize, stiffness: f64) -> Result<Self, LandscapeError> {
        if dimension == 0 {
            return Err(LandscapeError::Empty);
        }
        Ok(Self { dimension, stiffness: require_finite("stiffness", stiffness)? })
    }
}

impl Landscape for Quadratic {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let mut square = 0.0;
        for (slope, weight) in gradient.iter_mut().zip(weights) {
            *slope = self.stiffness * weight;
            square += weight * weight;
        }
        0.5 * self.stiffness * square
    }
}

impl HarmonicLandscape for Quadratic {
    fn stiffness(&self, _weight: usize) -> f64 {
        self.stiffness
    }
}
