//! The paper's Langevin step.

use super::{Integrator, IntegratorError, State, require_positive};
use crate::landscape::Landscape;
use crate::noise::NoiseStream;
use glassbox_oracle::Bath;

/// `w ← w − mu dt ∇L(w) + √(2 mu T dt / P_D) ξ` (paper Eqs. 2–3, where `dt = 1`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EulerMaruyama {
    pub(super) drift: f64,
    pub(super) noise_standard_deviation: f64,
}

impl EulerMaruyama {
    /// Steps of `dt > 0` in `bath`.
    ///
    /// # Errors
    /// [`IntegratorError`] unless `dt` is finite and above 0.
    pub fn new(bath: Bath, dt: f64) -> Result<Self, IntegratorError> {
        let dt = require_positive("dt", dt)?;
        Ok(Self { drift: bath.mobility() * dt, noise_standard_deviation: bath.noise_variance(dt).sqrt() })
    }

    /// Moves `weights` by one step along a gradient, with this noise.
    pub(super) fn advance(&self, weights: &mut [f64], gradient: &[f64], noise: &[f64]) {
        for ((weight, gradient), noise) in weights.iter_mut().zip(gradient).zip(noise) {
            *weight += self.noise_standard_deviation * noise - self.drift * gradient;
        }
    }
}

impl<L: Landscape + ?Sized> Integrator<L> for EulerMaruyama {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        noise.gaussians(state.step, &mut state.noise);
        self.advance(&mut state.weights, &state.gradient, &state.noise);
    }
}
