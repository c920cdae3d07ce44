//! A hill whose diffusion has a closed law at any time.

use glassbox_simulations::landscape::{Landscape, LandscapeError};
use libm::{expm1, log};

/// `L = −c Σ ln cosh(w_i / l)`: a smooth hill that pushes with the force `(c / l) tanh(w / l)`.
///
/// At strength `c = 2 T / P_D` the law of its Langevin equation is known at every time: `cosh(w / l)` is an
/// eigenfunction of free diffusion, so that the process is a Brownian motion with drift `±2 D / l`, whose sign is drawn
/// once with odds `e^{2 w₀ / l}` (Doob's h-transform; Rogers and Williams, Diffusions, Markov Processes and Martingales,
/// IV.39). A nonlinear drift with an exact law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HyperbolicHill {
    dimension: usize,
    strength: f64,
    width: f64,
}

impl HyperbolicHill {
    /// `dimension ≥ 1` independent weights; `strength` c finite, `width` l finite and above 0.
    ///
    /// # Errors
    /// [`LandscapeError`] for dimension 0 or a number outside its range.
    pub fn new(dimension: usize, strength: f64, width: f64) -> Result<Self, LandscapeError> {
        if dimension == 0 {
            return Err(LandscapeError::Empty);
        }
        for (argument, value, holds) in
            [("strength", strength, strength.is_finite()), ("1 / width", 1.0 / width, width > 0.0)]
        {
            if !(holds && value.is_finite() && value != 0.0) {
                return Err(LandscapeError::NotFinite { argument: argument.to_owned(), value });
            }
        }
        Ok(Self { dimension, strength, width })
    }
}

/// Factors between ½ and 1 whose product a double holds.
const FACTORS: usize = 512;

impl Landscape for HyperbolicHill {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let force = self.strength / self.width;
        let (mut logarithms, mut lengths) = (0.0, 0.0);
        for (weights, slopes) in weights.chunks(FACTORS).zip(gradient.chunks_mut(FACTORS)) {
            // ln cosh x = |x| + ln((1 + e^{−2|x|}) / 2), with one logarithm for many weights.
            let mut product = 1.0;
            for (weight, slope) in weights.iter().zip(slopes) {
                let x = (weight / self.width).abs();
                let loss_of_one = expm1(-2.0 * x);
                *slope = -force * (-loss_of_one / (2.0 + loss_of_one)).copysign(*weight);
                lengths += x;
                product *= 1.0 + 0.5 * loss_of_one;
            }
            logarithms += log(product);
        }
        -self.strength * (lengths + logarithms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let hill = HyperbolicHill::new(1, 1.5, 0.7).unwrap();
        let loss = |weight: f64| hill.loss_and_gradient(&[weight], &mut [0.0]);
        for weight in [-3.0, -0.2, 0.0, 1e-9, 0.4, 40.0] {
            let mut gradient = [0.0];
            let value = hill.loss_and_gradient(&[weight], &mut gradient);
            let direct = -1.5 * (libm::cosh(weight / 0.7).ln());
            // Rounding of a few operations on numbers below 90.
            assert!((value - direct).abs() < 1e-13 * (1.0 + direct.abs()), "{value} {direct}");
            let step = 1e-5;
            let slope = (loss(weight + step) - loss(weight - step)) / (2.0 * step);
            // Third derivative below 10, times step²; rounding of 60 over the step.
            assert!((gradient[0] - slope).abs() < 2e-9, "{} {slope}", gradient[0]);
        }
        assert!(HyperbolicHill::new(0, 1.0, 1.0).is_err() && HyperbolicHill::new(1, f64::NAN, 1.0).is_err());
        assert!(HyperbolicHill::new(1, 1.0, 0.0).is_err() && HyperbolicHill::new(1, 1.0, -1.0).is_err());
    }

    #[test]
    fn the_loss_of_many_weights_is_their_sum() {
        let weights: Vec<f64> = (0..1300).map(|i| f64::from(i) * 0.01 - 5.0).collect();
        let all = HyperbolicHill::new(1300, 0.4, 1.2).unwrap().loss_and_gradient(&weights, &mut [0.0; 1300]);
        let one = HyperbolicHill::new(1, 0.4, 1.2).unwrap();
        let sum: f64 = weights.iter().map(|weight| one.loss_and_gradient(&[*weight], &mut [0.0])).sum();
        assert!((all - sum).abs() < 1e-12 * sum.abs());
    }
}
