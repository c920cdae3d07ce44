//! A well without a stiffness.

use glassbox_simulations::landscape::{Landscape, LandscapeError};

/// `L = (k/4) Σ w_i⁴`: a nonlinear well with `<w²> = (Γ(3/4) / Γ(1/4)) √(4 T / (k P_D))` in equilibrium, and the descent
/// `w(t) = w₀ / √(1 + 2 mu k w₀² t)` at temperature 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quartic {
    dimension: usize,
    coefficient: f64,
}

impl Quartic {
    /// `dimension ≥ 1` independent weights of finite `coefficient` k.
    ///
    /// # Errors
    /// [`LandscapeError`] for dimension 0 or a coefficient that is not finite.
    pub fn new(dimension: usize, coefficient: f64) -> Result<Self, LandscapeError> {
        if dimension == 0 {
            return Err(LandscapeError::Empty);
        }
        if !coefficient.is_finite() {
            return Err(LandscapeError::NotFinite { argument: "coefficient".to_owned(), value: coefficient });
        }
        Ok(Self { dimension, coefficient })
    }
}

impl Landscape for Quartic {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (slope, weight) in gradient.iter_mut().zip(weights) {
            *slope = self.coefficient * weight * weight * weight;
            sum += 0.25 * *slope * weight;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_point() {
        let well = Quartic::new(2, 8.0).unwrap();
        let mut gradient = [0.0; 2];
        assert_eq!(well.loss_and_gradient(&[1.0, -0.5], &mut gradient), 2.0 + 0.125);
        assert_eq!(gradient, [8.0, -1.0]);
        assert!(Quartic::new(0, 1.0).is_err() && Quartic::new(1, f64::INFINITY).is_err());
    }
}
