//! One stiffness a weight.

use super::{HarmonicLandscape, Landscape, LandscapeError, require_finite};

/// `L = Σ k_i w_i² / 2` in the eigenbasis of a basin; negative `k_i` are unstable directions.
#[derive(Clone, Debug, PartialEq)]
pub struct AnisotropicQuadratic {
    stiffnesses: Vec<f64>,
}

impl AnisotropicQuadratic {
    /// One weight for each of `stiffnesses`, all finite.
    ///
    /// # Errors
    /// [`LandscapeError`] for an empty list or a stiffness that is not finite.
    pub fn new(stiffnesses: Vec<f64>) -> Result<Self, LandscapeError> {
        if stiffnesses.is_empty() {
            return Err(LandscapeError::Empty);
        }
        for (index, stiffness) in stiffnesses.iter().enumerate() {
            require_finite(format!("stiffness {index}"), *stiffness)?;
        }
        Ok(Self { stiffnesses })
    }
}

impl Landscape for AnisotropicQuadratic {
    fn dimension(&self) -> usize {
        self.stiffnesses.len()
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let mut loss = 0.0;
        for ((slope, weight), stiffness) in gradient.iter_mut().zip(weights).zip(&self.stiffnesses) {
            *slope = stiffness * weight;
            loss += 0.5 * *slope * weight;
        }
        loss
    }
}

impl HarmonicLandscape for AnisotropicQuadratic {
    fn stiffness(&self, weight: usize) -> f64 {
        self.stiffnesses[weight]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_weight_feels_its_own_stiffness() {
        let basin = AnisotropicQuadratic::new(vec![2.0, -3.0]).unwrap();
        let mut gradient = [0.0; 2];
        assert_eq!(basin.loss_and_gradient(&[1.0, 2.0], &mut gradient), 1.0 - 6.0);
        assert_eq!(gradient, [2.0, -6.0]);
        let error = AnisotropicQuadratic::new(vec![1.0, f64::NAN]).unwrap_err();
        assert_eq!(error.to_string(), "stiffness 1 is NaN; it must be finite");
    }
}
