//! The search for the most likely reduced rate.

use super::likelihood::Likelihood;
use super::linear_fit::inverse;
use super::transitions::Transitions;
use super::{InferenceError, Model};
use crate::Scheme;

/// The reduced rates that a scheme is looked for in: hills down to −1, and as far up as moves differ.
fn domain(moves: &Transitions, scheme: Scheme) -> (f64, f64) {
    let only_even = moves.gaps().all(|gap| gap % 2 == 0);
    let highest = match scheme {
        Scheme::EulerMaruyama if !only_even => 2.5,
        Scheme::EulerMaruyama | Scheme::LeimkuhlerMatthews | Scheme::Heun => 1.0,
        Scheme::ExactStep => 40.0,
    };
    (-1.0, highest)
}

/// The minimum of the deviance: on a grid whose spacing follows the gaps, then by golden section.
pub(super) fn most_likely_rate(
    likelihood: Likelihood,
    moves: &Transitions,
    scheme: Scheme,
) -> Result<f64, InferenceError> {
    let (low, high) = domain(moves, scheme);
    let longest = moves.gaps().max().unwrap_or(1) as f64;
    let mut grid = vec![0.0];
    // From a ten-thousandth of the slowest rate that one gap resolves up to the ends, an eighth of an octave apart.
    let mut rate = 1e-4 / longest;
    while rate < high {
        grid.push(rate);
        if -rate > low {
            grid.push(-rate);
        }
        rate *= 1.09;
    }
    // Around 1, where the pull changes sign.
    grid.extend((0..=100).map(|i| low + (high - low) * f64::from(i) / 100.0));
    grid.retain(|rate| (low..=high).contains(rate));
    grid.sort_by(f64::total_cmp);
    grid.dedup();
    let mut best = (f64::INFINITY, 0);
    for (index, rate) in grid.iter().enumerate() {
        // A hill so steep that the moves overflow is not the answer.
        let deviance = likelihood.deviance(moves, *rate)?;
        if deviance < best.0 {
            best = (deviance, index);
        }
    }
    if best.0 == f64::INFINITY {
        return Err(InferenceError::NoNoise);
    }
    let mut left = grid[best.1.saturating_sub(1)];
    let mut right = grid[(best.1 + 1).min(grid.len() - 1)];
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    for _ in 0..120 {
        let (first, second) = (right - golden * (right - left), left + golden * (right - left));
        if likelihood.deviance(moves, first)? < likelihood.deviance(moves, second)? {
            right = second;
        } else {
            left = first;
        }
    }
    polish(likelihood, moves, 0.5 * (left + right))
}

/// Two steps of Fisher scoring: the deviance alone fixes a minimum only to the root of the rounding error.
fn polish(likelihood: Likelihood, moves: &Transitions, mut rate: f64) -> Result<f64, InferenceError> {
    for _ in 0..2 {
        let noise_variance = likelihood.noise_variance(moves, rate)?;
        let (score, information) = likelihood.score_and_information(moves, rate, noise_variance)?;
        let covariance = inverse(information, Model::Well(Scheme::EulerMaruyama));
        let change = covariance[0][0] * score[0] + covariance[0][1] * score[1];
        // A correction beyond a standard error is no correction.
        if change.is_finite() && change.abs() < covariance[0][0].sqrt() {
            rate += change;
        }
    }
    Ok(rate)
}
