//! No force at all: free diffusion.

use super::{HarmonicLandscape, Landscape, LandscapeError};

/// `L = 0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flat {
    dimension: usize,
}

impl Flat {
    /// A flat landscape of `dimension ≥ 1` weights.
    ///
    /// # Errors
    /// [`LandscapeError::Empty`] for dimension 0.
    pub fn new(dimension: usize) -> Result<Self, LandscapeError> {
        if dimension == 0 { Err(LandscapeError::Empty) } else { Ok(Self { dimension }) }
    }
}

impl Landscape for Flat {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn loss_and_gradient(&self, _weights: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        0.0
    }
}

impl HarmonicLandscape for Flat {
    fn stiffness(&self, _weight: usize) -> f64 {
        0.0
    }
}
