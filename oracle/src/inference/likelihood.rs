//! The Gaussian likelihood of moves in a well, as a function of the reduced rate and the noise variance of a step.
//!
//! Across a gap of n steps `d + b_n w` is Gaussian with variance `σ² g_n`, `b_n = 1 − aⁿ` and `g_n` functions of the
//! reduced rate `x` alone. With `Q_n = Σ (d + b_n w)²` over `N_n` moves,
//! `−2 ln L = Σ N_n (ln σ² + ln g_n) + Q_n / (σ² g_n)`; for a given x the best noise variance is `Σ (Q_n / g_n) / Σ N_n`.

use super::transitions::{Sums, Transitions};
use crate::clock::Instant;
use crate::laws::LinearRelaxation;
use crate::{Bath, Clock, OracleError, Scheme};

/// `b_n` and `g_n` at one reduced rate.
#[derive(Clone, Copy)]
struct Pull {
    loss: f64,
    gain: f64,
}

/// The likelihood for the steps of one scheme.
#[derive(Clone, Copy)]
pub(super) struct Likelihood {
    scheme: Scheme,
}

/// Derivatives of the logarithm of the likelihood by `x` and `ln σ²`.
pub(super) type Score = [f64; 2];

impl Likelihood {
    pub(super) fn new(scheme: Scheme) -> Self {
        Self { scheme }
    }

    fn pull(self, reduced_rate: f64, steps: u64) -> Result<Pull, OracleError> {
        // Noise variance 2 mu T dt / P_D = 1.
        let bath = Bath::new(1.0, 0.5, 1.0)?;
        let well =
            LinearRelaxation::new(bath, reduced_rate, Clock::steps(1.0)?)?.integrated_by(self.scheme)?;
        let steps = steps as f64;
        let at = Instant { time: steps, steps };
        Ok(Pull { loss: well.loss(at), gain: well.noise_variance(at) })
    }

    /// The noise variance of a step that makes the moves most likely at this rate.
    pub(super) fn noise_variance(self, moves: &Transitions, reduced_rate: f64) -> Result<f64, OracleError> {
        let mut sum = 0.0;
        for (gap, sums) in moves.sums() {
            let pull = self.pull(reduced_rate, gap)?;
            sum += sums.residual(pull.loss) / pull.gain;
        }
        Ok(sum / moves.count())
    }

    /// `−2 ln L` a move, at its best noise variance, up to a constant.
    pub(super) fn deviance(self, moves: &Transitions, reduced_rate: f64) -> Result<f64, OracleError> {
        let mut logarithms = 0.0;
        for (gap, sums) in moves.sums() {
            logarithms += sums.count * self.pull(reduced_rate, gap)?.gain.ln();
        }
        Ok(self.noise_variance(moves, reduced_rate)?.ln() + logarithms / moves.count())
    }

    /// Score of the moves, and their expected information, at these values.
    pub(super) fn score_and_information(
        self,
        moves: &Transitions,
        reduced_rate: f64,
        noise_variance: f64,
    ) -> Result<(Score, [[f64; 2]; 2]), OracleError> {
        let (mut score, mut information) = ([0.0; 2], [[0.0; 2]; 2]);
        for (gap, sums) in moves.sums() {
            let (pull, slope) = self.pull_and_slope(reduced_rate, gap)?;
            let Sums { count, weight_weight, weight_move, .. } = *sums;
            let variance = noise_variance * pull.gain;
            let logarithmic = slope.gain / pull.gain;
            let excess = sums.residual(pull.loss) / variance - count;
            let turned = 2.0 * (weight_move + pull.loss * weight_weight) * slope.loss / variance;
            score[0] += 0.5 * (excess * logarithmic - turned);
            score[1] += 0.5 * excess;
            information[0][0] +=
                weight_weight * slope.loss * slope.loss / variance + 0.5 * count * logarithmic * logarithmic;
            information[0][1] += 0.5 * count * logarithmic;
            information[1][1] += 0.5 * count;
        }
        information[1][0] = information[0][1];
        Ok((score, information))
    }

    /// By central differences over a ten-thousandth of the scale on which `aⁿ` changes: an error of about 1e-8.
    fn pull_and_slope(self, reduced_rate: f64, steps: u64) -> Result<(Pull, Pull), OracleError> {
        let width = 1e-4 / steps as f64;
        let (low, high) = (self.pull(reduced_rate - width, steps)?, self.pull(reduced_rate + width, steps)?);
        let slope = |low: f64, high: f64| (high - low) / (2.0 * width);
        let slope = Pull { loss: slope(low.loss, high.loss), gain: slope(low.gain, high.gain) };
        Ok((self.pull(reduced_rate, steps)?, slope))
    }
}
