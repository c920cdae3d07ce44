//! The law of single precision for the weights of networks: by how much noise is distorted, and where it freezes.

use crate::results::ResultError;
use glassbox_oracle::networks::single_precision::{
    diffusion_ratio, noise_in_spacings, probability_of_moving, spacing,
};
use glassbox_oracle::special::gaussian_upper_quantile;
use glassbox_oracle::{Bath, OracleError};
use glassbox_sweep::experiment::Phase;

/// The paper's typical weights: standard deviation at width 30 (PHYSICS.md, head).
pub(super) const SPREAD_OF_THE_PAPER: f64 = 0.057;

/// Quantiles that stand for a Gaussian population.
const QUANTILES: u32 = 400;

/// What a step of noise does to a set of weights.
#[derive(Clone, Copy)]
pub(super) struct StepOfNoise {
    /// `D_eff/D`, averaged over the weights.
    pub diffusion: f64,
    /// Share of weights that one step's noise moves.
    pub moving: f64,
}

/// Weights of the paper's spread.
pub(super) fn weights_of_the_paper() -> Vec<f64> {
    let level = |index: u32| (f64::from(index) + 0.5) / f64::from(QUANTILES);
    (0..QUANTILES).map(|index| SPREAD_OF_THE_PAPER * gaussian_upper_quantile(level(index))).collect()
}

/// The law at one temperature above 0, for steps with `mobility`.
pub(super) fn at(
    phase: &Phase,
    mobility: f64,
    temperature: f64,
    weights: &[f64],
) -> Result<StepOfNoise, OracleError> {
    let bath = Bath::new(mobility, temperature, phase.reference_samples)?;
    let (mut diffusion, mut moving) = (0.0, 0.0);
    for weight in weights {
        let q = noise_in_spacings(bath, 1.0, *weight)?;
        diffusion += diffusion_ratio(q)?;
        moving += probability_of_moving(q)?;
    }
    let count = weights.len() as f64;
    Ok(StepOfNoise { diffusion: diffusion / count, moving: moving / count })
}

/// Temperatures at which the averaged `D_eff/D` is 1/2: below it most diffusion is lost. Bisection in ln T.
pub(super) fn freezes_at(phase: &Phase, mobility: f64, weights: &[f64]) -> Result<f64, ResultError> {
    let (mut cold, mut hot) = (1e-20_f64.ln(), 1.0_f64.ln());
    for _ in 0..60 {
        let middle = 0.5 * (cold + hot);
        if at(phase, mobility, middle.exp(), weights)?.diffusion < 0.5 { cold = middle } else { hot = middle }
    }
    Ok(hot.exp())
}

/// Median spacing of single-precision numbers at the weights.
pub(super) fn median_spacing(weights: &[f64]) -> Result<f64, ResultError> {
    let mut spacings = weights.iter().map(|weight| spacing(*weight)).collect::<Result<Vec<_>, _>>()?;
    spacings.sort_by(f64::total_cmp);
    Ok(spacings.get(spacings.len() / 2).copied().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_sweep::experiment::{PhaseName, Preset, Scale, Tasks};

    /// One weight of 0.1: the table of PHYSICS.md C.12 has D_eff/D = 0.69 at T = 1e-10, so that it freezes below.
    #[test]
    fn a_weight_of_the_table() {
        let preset = Preset::shipped(Scale::Paper).unwrap();
        let tasks = Tasks::new(&preset, None);
        let phase = tasks.phase(PhaseName::Regularised);
        let law = at(phase, 1e-3, 1e-10, &[0.1]).unwrap();
        assert!((law.diffusion - 0.69).abs() < 0.006);
        let freezing = freezes_at(phase, 1e-3, &[0.1]).unwrap();
        assert!(freezing > 0.5e-10 && freezing < 1e-10);
        assert!((at(phase, 1e-3, freezing, &[0.1]).unwrap().diffusion - 0.5).abs() < 1e-9);
        // Ten times the mobility: the same noise at a tenth of the temperature.
        assert!((freezes_at(phase, 1e-2, &[0.1]).unwrap() * 10.0 / freezing - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_papers_weights_have_its_spread() {
        let weights = weights_of_the_paper();
        let square = weights.iter().map(|weight| weight * weight).sum::<f64>() / weights.len() as f64;
        // Quantiles at the middles of 400 equal parts leave out 0.7% of the variance, in the tails.
        assert!((square.sqrt() / SPREAD_OF_THE_PAPER - 1.0).abs() < 0.01);
        assert_eq!(median_spacing(&[1.0, 0.1, 0.3]).unwrap(), 2.0_f64.powi(-25));
    }
}
