//! The stochastic Heun step: a predictor and a corrector with the same noise.

use super::{EulerMaruyama, Integrator, IntegratorError, State};
use crate::landscape::Landscape;
use crate::noise::NoiseStream;
use glassbox_oracle::Bath;

/// `w* = w − mu dt ∇L(w) + σ ξ`, then `w ← w − mu dt (∇L(w) + ∇L(w*))/2 + σ ξ`, `σ² = 2 mu T dt / P_D`.
///
/// Two gradients a step; the state keeps the first, with its loss. Its law in a well is that of
/// [`Scheme::Heun`](glassbox_oracle::Scheme::Heun).
#[derive(Clone, Debug, PartialEq)]
pub struct Heun {
    predictor: EulerMaruyama,
    /// `w*` and the gradient there.
    predicted: Vec<f64>,
    predicted_gradient: Vec<f64>,
}

impl Heun {
    /// Steps of `dt > 0` in `bath`.
    ///
    /// # Errors
    /// [`IntegratorError`] unless `dt` is finite and above 0.
    pub fn new(bath: Bath, dt: f64) -> Result<Self, IntegratorError> {
        let predictor = EulerMaruyama::new(bath, dt)?;
        Ok(Self { predictor, predicted: Vec::new(), predicted_gradient: Vec::new() })
    }
}

impl<L: Landscape + ?Sized> Integrator<L> for Heun {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        noise.gaussians(state.step, &mut state.noise);
        self.predicted.clone_from(&state.weights);
        self.predictor.advance(&mut self.predicted, &state.gradient, &state.noise);
        self.predicted_gradient.resize(state.weights.len(), 0.0);
        landscape.loss_and_gradient(&self.predicted, &mut self.predicted_gradient);
        let EulerMaruyama { drift, noise_standard_deviation } = self.predictor;
        let gradients = state.gradient.iter().zip(&self.predicted_gradient);
        for ((weight, (first, second)), noise) in state.weights.iter_mut().zip(gradients).zip(&state.noise) {
            *weight += noise_standard_deviation * noise - drift * (0.5 * (first + second));
        }
    }
}
