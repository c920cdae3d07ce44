//! Maximum-likelihood fit of the two numbers that a trajectory in a well shows.

use super::likelihood::{Likelihood, Score};
use super::search::most_likely_rate;
use super::transitions::Transitions;
use super::{Estimate, InferenceError};
use crate::Scheme;

/// What is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Model {
    /// No pull: only the noise variance is open.
    Free,
    /// A well, entered anywhere, with the steps of this scheme. Leimkuhler–Matthews steps are refused: their weights
    /// are no Markov chain.
    Well(Scheme),
}

/// Reduced rate `mu k dt` and noise variance `2 mu T dt / P_D` of a step, as the moves of a trajectory show them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LinearFit {
    model: Model,
    reduced_rate: f64,
    noise_variance: f64,
    /// Covariance of the reduced rate and the logarithm of the noise variance.
    covariance: [[f64; 2]; 2],
    degrees_of_freedom: Option<f64>,
    design_effect: Option<f64>,
    moves: f64,
}

/// Fewest moves of single weights.
const FEWEST_MOVES: u64 = 30;

/// The residual is a difference of sums of squared moves: noise below this share of them is not told from rounding.
const ROUNDING_FLOOR: f64 = 1e-12;

/// Fewest replicas between which an error can be measured.
const FEWEST_REPLICAS: usize = 8;

impl LinearFit {
    /// Fits the moves of all replicas together.
    ///
    /// With 8 replicas or more the standard errors are measured between the replicas (the sandwich estimator), so that
    /// weights that depend on each other inside a replica do not make them too small; with fewer they follow from the
    /// model, in which every move is independent of the others. Where all gaps are even numbers of Euler–Maruyama
    /// steps, rates `x` and `2 − x` give the same moves: the one below 1 is meant.
    ///
    /// # Errors
    /// [`InferenceError`] for fewer than 30 moves, moves without noise, no pull to be seen, or Leimkuhler–Matthews
    /// steps.
    pub fn new(replicas: &[Transitions], model: Model) -> Result<Self, InferenceError> {
        let mut all = Transitions::new();
        replicas.iter().for_each(|replica| all.merge(replica));
        let moves = all.count();
        if moves < FEWEST_MOVES as f64 {
            // At most 29, and whole.
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small whole number"
            )]
            return Err(InferenceError::TooFew { count: moves as u64, needed: FEWEST_MOVES });
        }
        let scheme = match model {
            Model::Free => Scheme::EulerMaruyama,
            Model::Well(Scheme::LeimkuhlerMatthews) => {
                return Err(InferenceError::NotMarkov { scheme: Scheme::LeimkuhlerMatthews.to_string() });
            }
            Model::Well(scheme) => scheme,
        };
        let likelihood = Likelihood::new(scheme);
        let moved: f64 = all.sums().map(|(_, sums)| sums.move_move).sum();
        let weights: f64 = all.sums().map(|(_, sums)| sums.weight_weight).sum();
        if moved == 0.0 {
            return Err(InferenceError::NoNoise);
        }
        let reduced_rate = match model {
            Model::Free => 0.0,
            Model::Well(_) if weights == 0.0 => return Err(InferenceError::NoPull),
            Model::Well(scheme) => most_likely_rate(likelihood, &all, scheme)?,
        };
        let noise_variance = likelihood.noise_variance(&all, reduced_rate)?;
        if noise_variance <= ROUNDING_FLOOR * moved / moves {
            return Err(InferenceError::NoNoise);
        }
        let (_, information) = likelihood.score_and_information(&all, reduced_rate, noise_variance)?;
        let by_model = inverse(information, model);
        let mut fit = Self {
            model,
            reduced_rate,
            noise_variance,
            covariance: by_model,
            degrees_of_freedom: None,
            design_effect: None,
            moves,
        };
        if replicas.len() >= FEWEST_REPLICAS {
            let scores: Result<Vec<Score>, InferenceError> = replicas
                .iter()
                .map(|one| Ok(likelihood.score_and_information(one, reduced_rate, noise_variance)?.0))
                .collect();
            let measured = sandwich(by_model, &scores?);
            fit.design_effect = Some(measured[1][1] / by_model[1][1]);
            fit.covariance = measured;
            fit.degrees_of_freedom = Some(replicas.len() as f64 - 1.0);
        }
        Ok(fit)
    }

    /// What was fitted.
    #[must_use]
    pub const fn model(&self) -> Model {
        self.model
    }

    /// `mu k dt`; `None` for free diffusion, where it is 0 by assumption.
    #[must_use]
    pub fn reduced_rate(&self) -> Option<Estimate> {
        matches!(self.model, Model::Well(_))
            .then(|| self.estimate(self.reduced_rate, self.covariance[0][0].sqrt()))
    }

    /// `2 mu T dt / P_D`, in squared units of weight.
    #[must_use]
    pub fn noise_variance(&self) -> Estimate {
        self.estimate(self.noise_variance, self.noise_variance * self.covariance[1][1].sqrt())
    }

    /// Covariance of the reduced rate and the noise variance, in the units of both.
    #[must_use]
    pub fn covariance(&self) -> f64 {
        self.covariance[0][1] * self.noise_variance
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

    pub(super) fn estimate(&self, value: f64, standard_error: f64) -> Estimate {
        Estimate { value, standard_error, degrees_of_freedom: self.degrees_of_freedom }
    }

    /// Covariance matrix of the reduced rate and the noise variance.
    pub(super) fn covariance_matrix(&self) -> [[f64; 2]; 2] {
        let [[rate, cross], [_, noise]] = self.covariance;
        let scale = self.noise_variance;
        [[rate, cross * scale], [cross * scale, noise * scale * scale]]
    }
}

pub(super) fn inverse(information: [[f64; 2]; 2], model: Model) -> [[f64; 2]; 2] {
    let [[rate, cross], [_, noise]] = information;
    if model == Model::Free {
        return [[0.0, 0.0], [0.0, 1.0 / noise]];
    }
    let determinant = rate * noise - cross * cross;
    [[noise / determinant, -cross / determinant], [-cross / determinant, rate / determinant]]
}

/// `I⁻¹ (Σ s sᵀ) I⁻¹` over replicas, with the factor R/(R − 1) for the fitted centre.
fn sandwich(inverse: [[f64; 2]; 2], scores: &[Score]) -> [[f64; 2]; 2] {
    let count = scores.len() as f64;
    let mut sum = [[0.0; 2]; 2];
    for score in scores {
        let step = [0, 1].map(|i| inverse[i][0] * score[0] + inverse[i][1] * score[1]);
        for (i, row) in sum.iter_mut().enumerate() {
            for (j, element) in row.iter_mut().enumerate() {
                *element += step[i] * step[j] * count / (count - 1.0);
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests;
