//! A sampler that knows nothing of glassbox: stochastic gradient Langevin dynamics as its inventors write it.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// `w ← w − (eps/2) N ∇L(w) + √(eps / beta) ξ`, `L` the mean loss over `N` data (Welling and Teh, ICML 2011).
#[derive(Clone, Copy, Debug)]
pub struct Sgld {
    /// `eps`.
    pub step_size: f64,
    /// `N`.
    pub data_count: f64,
    /// `beta`; 1 samples the posterior.
    pub inverse_temperature: f64,
    /// The factor in front of the drift: ½, unless someone forgot it.
    pub drift_factor: f64,
}

impl Sgld {
    /// The sampler as published.
    #[must_use]
    pub fn new(step_size: f64, data_count: f64, inverse_temperature: f64) -> Self {
        Self { step_size, data_count, inverse_temperature, drift_factor: 0.5 }
    }

    /// One step of all weights along the gradient of the mean loss.
    pub fn step(&self, weights: &mut [f64], gradient: impl Fn(f64) -> f64, random: &mut impl Rng) {
        let amplitude = (self.step_size / self.inverse_temperature).sqrt();
        for weight in weights {
            let noise: f64 = StandardNormal.sample(random);
            *weight +=
                amplitude * noise - self.drift_factor * self.step_size * self.data_count * gradient(*weight);
        }
    }
}
