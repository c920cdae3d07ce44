//! Maximum-likelihood fit of the two numbers that a trajectory in a well shows.

use super::fit::{Fit, Number};
use super::likelihood::{Constraint, Likelihood};
use super::search::Sign;
use super::transitions::Transitions;
use super::{Estimate, InferenceError};
use crate::Scheme;

/// What is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Model {
    /// No pull: only the noise variance is open.
    Free,
    /// A well, entered anywhere, with the steps of this scheme. Leimkuhler–Matthews steps are refused: their weights
    /// are no Markov chain.
    Well(Scheme),
    /// The same, with a stationary state, in which the weights of [`Transitions::add_stationary`] are.
    StationaryWell(Scheme),
}

impl Model {
    /// The scheme of its steps; `None` without a pull, where all schemes agree.
    #[must_use]
    pub const fn scheme(self) -> Option<Scheme> {
        match self {
            Model::Free => None,
            Model::Well(scheme) | Model::StationaryWell(scheme) => Some(scheme),
        }
    }
}

/// Reduced rate `mu k dt` and noise variance `2 mu T dt / P_D` of a step, as the moves of a trajectory show them.
///
/// Frames many relaxation times apart do not show both: their moves have forgotten where they started, and only the stationary
/// variance is left. The estimates say so by intervals that are long, or infinite at one end.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearFit {
    model: Model,
    noise_variance: f64,
    design_effect: Option<f64>,
    moves: f64,
    pub(super) likelihood: Likelihood,
}

/// Fewest moves of single weights.
const FEWEST_MOVES: u64 = 30;

impl LinearFit {
    /// Fits the moves of all replicas together.
    ///
    /// With 8 replicas or more the errors are measured between the replicas, so that weights that depend on each other inside
    /// a replica do not make them too small; with fewer they follow from the model, in which every move is independent of the
    /// others. Where all gaps are even numbers of Euler–Maruyama steps, and for Heun steps, rates `x` and `2 − x` give the same
    /// moves: the one below 1 is meant, as it is where both are nearly as likely.
    ///
    /// # Errors
    /// [`InferenceError`] for fewer than 30 moves, moves without noise, no pull to be seen, or Leimkuhler–Matthews
    /// steps.
    pub fn new(replicas: &[Transitions], model: Model) -> Result<Self, InferenceError> {
        let likelihood = likelihood(replicas, model)?;
        let constraint = open_numbers(model);
        if constraint == Constraint::None && !likelihood.shows_a_rate(false) {
            return Err(InferenceError::NoPull);
        }
        let fit = Fit::new(&likelihood, model, constraint, Sign::Any)?;
        let (noise_variance, design_effect) = (fit.best().noise_variance, fit.design_effect());
        let moves = replicas.iter().map(Transitions::count).sum();
        Ok(Self { model, noise_variance, design_effect, moves, likelihood })
    }

    fn estimate(&self, number: Number) -> Option<Estimate> {
        Fit::new(&self.likelihood, self.model, open_numbers(self.model), Sign::Any).ok()?.estimate(number)
    }

    /// What was fitted.
    #[must_use]
    pub const fn model(&self) -> Model {
        self.model
    }

    /// `mu k dt`; `None` for free diffusion, where it is 0 by assumption.
    #[must_use]
    pub fn reduced_rate(&self) -> Option<Estimate> {
        self.estimate(Number::Rate)
    }

    /// `2 mu T dt / P_D`, in squared units of weight.
    #[must_use]
    pub fn noise_variance(&self) -> Estimate {
        let unbounded = Estimate::new(self.noise_variance, f64::INFINITY, None);
        self.estimate(Number::NoiseVariance).unwrap_or(unbounded)
    }

    /// Variance of the fitted noise variance between replicas, over what independent moves would have: 1 where they are
    /// independent, as many as the weights of a replica where all of them move alike. `None` with fewer than 8 replicas.
    #[must_use]
    pub const fn design_effect(&self) -> Option<f64> {
        self.design_effect
    }

    /// Number of moves of single weights.
    #[must_use]
    pub const fn moves(&self) -> f64 {
        self.moves
    }
}

/// Of free diffusion the noise variance, of a well both numbers.
fn open_numbers(model: Model) -> Constraint {
    if model == Model::Free { Constraint::Rate(0.0) } else { Constraint::None }
}

/// The likelihood of moves from which something can be fitted.
pub(super) fn likelihood(replicas: &[Transitions], model: Model) -> Result<Likelihood, InferenceError> {
    let moves: f64 = replicas.iter().map(Transitions::count).sum();
    if moves < FEWEST_MOVES as f64 {
        // At most 29, and whole.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
        return Err(InferenceError::TooFew { count: moves as u64, needed: FEWEST_MOVES });
    }
    if model.scheme() == Some(Scheme::LeimkuhlerMatthews) {
        return Err(InferenceError::NotMarkov { scheme: Scheme::LeimkuhlerMatthews.to_string() });
    }
    let likelihood = Likelihood::new(replicas, model, model.scheme().unwrap_or(Scheme::EulerMaruyama))?;
    if !likelihood.moves() {
        return Err(InferenceError::NoNoise);
    }
    Ok(likelihood)
}

#[cfg(test)]
mod tests;
