//! Integrators: how one step changes the weights.

mod euler_maruyama;
mod exact_well;
mod gradient_descent;
mod heun;
mod leimkuhler_matthews;
mod minibatch_descent;
mod single_precision_euler_maruyama;

pub use euler_maruyama::EulerMaruyama;
pub use exact_well::ExactWell;
pub use gradient_descent::GradientDescent;
pub use heun::Heun;
pub use leimkuhler_matthews::LeimkuhlerMatthews;
pub use minibatch_descent::MinibatchDescent;
pub use single_precision_euler_maruyama::SinglePrecisionEulerMaruyama;

use crate::landscape::Landscape;
use crate::noise::NoiseStream;
use glassbox_oracle::Number;
use thiserror::Error;

/// One replica on its way: weights, number of steps done, and the last evaluation of the landscape.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Weights after [`step`](Self::step) steps.
    pub weights: Vec<f64>,
    /// Gradient that the last step used, evaluated at the weights before it.
    pub gradient: Vec<f64>,
    /// Loss where `gradient` was evaluated.
    pub loss: f64,
    /// Number of steps done.
    pub step: u64,
    /// Space for the noise of a step, so that a step allocates nothing.
    pub noise: Vec<f64>,
}

impl State {
    /// A replica at `weights` that has not moved yet.
    #[must_use]
    pub fn new(weights: Vec<f64>) -> Self {
        let zeros = vec![0.0; weights.len()];
        Self { weights, gradient: zeros.clone(), loss: 0.0, step: 0, noise: zeros }
    }
}

/// A rule that moves a replica by one step. Implement it for your own integrator; `examples/own_model.rs` does.
pub trait Integrator<L: Landscape + ?Sized> {
    /// Advances `state` by one step: evaluates the landscape (leaving gradient and loss in `state`) and moves the
    /// weights, with noise from `noise` at step `state.step`. The ensemble counts the step afterwards.
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State);
}

/// A parameter of an integrator outside its range.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("{argument} is {}; it must be {allowed}", Number::from(.value))]
pub struct IntegratorError {
    /// Name of the argument.
    pub argument: &'static str,
    /// The value that was given.
    pub value: f64,
    /// The allowed range, in words.
    pub allowed: &'static str,
}

pub(crate) fn require_positive(argument: &'static str, value: f64) -> Result<f64, IntegratorError> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(IntegratorError { argument, value, allowed: "finite and above 0" })
    }
}
