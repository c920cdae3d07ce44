//! Full-batch gradient descent: the Langevin step at temperature 0.

use super::{Integrator, IntegratorError, State, require_positive};
use crate::landscape::Landscape;
use crate::noise::NoiseStream;

/// `w ← w − mu ∇L(w)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientDescent {
    learning_rate: f64,
}

impl GradientDescent {
    /// Descent with `learning_rate > 0`.
    ///
    /// # Errors
    /// [`IntegratorError`] unless the learning rate is finite and above 0.
    pub fn new(learning_rate: f64) -> Result<Self, IntegratorError> {
        Ok(Self { learning_rate: require_positive("learning_rate", learning_rate)? })
    }

    pub(super) fn descend(self, state: &mut State) {
        for (weight, gradient) in state.weights.iter_mut().zip(&state.gradient) {
            *weight -= self.learning_rate * gradient;
        }
    }
}

impl<L: Landscape + ?Sized> Integrator<L> for GradientDescent {
    fn step(&mut self, landscape: &L, _noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        self.descend(state);
    }
}
