//! The same networks, temperatures and noise with weights in double and in single precision.

use crate::analysis::Interval;
use crate::results::{ResultError, Results, Run};
use glassbox_oracle::networks::single_precision::spacing;
use glassbox_simulations::protocol::{Block, Population};
use glassbox_sweep::experiment::PhaseName;

/// The phase that is run in both.
pub(super) const PHASE: PhaseName = PhaseName::Regularised;

/// Both at one temperature, a curve a network.
pub(super) struct Pair {
    pub temperature: f64,
    pub lags: Vec<u64>,
    pub double: Vec<Vec<f64>>,
    pub single: Vec<Vec<f64>>,
    /// Share of the weights that are exactly where they were at the waiting time.
    pub frozen_double: Vec<Vec<f64>>,
    pub frozen_single: Vec<Vec<f64>>,
    /// Idle weights' mean squared displacement, single over double, at the last lag; NaN where there are none.
    pub idle: Vec<f64>,
}

impl Pair {
    pub(super) fn of(
        results: &Results<'_>,
        run: &Run,
        temperature: f64,
    ) -> Result<Option<Self>, ResultError> {
        let Some(index) = run.index(temperature) else { return Ok(None) };
        let all = Population::all(&run.architecture);
        let waiting = run.waiting_time();
        let lags: Vec<u64> =
            run.phase.schedule.lags(run.phase.end - waiting).into_iter().filter(|lag| *lag > 0).collect();
        let mut pair = Self {
            temperature,
            lags,
            double: Vec::new(),
            single: Vec::new(),
            frozen_double: Vec::new(),
            frozen_single: Vec::new(),
            idle: Vec::new(),
        };
        for network in &run.networks {
            if network.initial_condition >= results.tasks.preset().single_precision.initial_conditions {
                continue;
            }
            let task = results.tasks.in_single_precision(PHASE, network.initial_condition, temperature);
            let record = results.record(&task)?;
            let other = &network.records[index];
            let (Some(single), Some(double)) = (Block::new(&record, waiting), Block::new(other, waiting))
            else {
                continue;
            };
            if record.diverged.is_some() {
                continue;
            }
            pair.single.push(single.mean_squared_displacement(&pair.lags, &all));
            pair.double.push(double.mean_squared_displacement(&pair.lags, &all));
            pair.frozen_single.push(single.curve(&pair.lags, &all, unmoved));
            pair.frozen_double.push(double.curve(&pair.lags, &all, unmoved));
            let last = &pair.lags[pair.lags.len() - 1..];
            let idle = |block: &Block<'_>| block.mean_squared_displacement(last, &network.at_rest)[0];
            pair.idle.push(idle(&single) / idle(&double));
        }
        Ok(Some(pair).filter(|pair| pair.single.len() >= 2))
    }

    /// Mean squared displacement in single over that in double precision, paired over networks.
    pub(super) fn ratio(&self, results: &Results<'_>) -> Vec<Option<Interval>> {
        results.bootstrap.curve(self.single.len(), self.lags.len(), |indices| {
            let sum = |curves: &[Vec<f64>], lag: usize| {
                indices.iter().map(|index| curves[*index][lag]).sum::<f64>()
            };
            (0..self.lags.len()).map(|lag| sum(&self.single, lag) / sum(&self.double, lag)).collect()
        })
    }
}

fn unmoved(moved: &[f64]) -> f64 {
    moved.iter().filter(|moved| **moved == 0.0).count() as f64 / moved.len() as f64
}

/// Share of the weights of each network whose drift in one step at T = 0, times `factor`, is below half the spacing of single
/// precision at the first waiting time: the share that freezes at once. `None` without a run at T = 0.
pub(super) fn freeze_at_once(run: &Run, networks: usize, factor: f64) -> Option<Vec<f64>> {
    let index = run.index(0.0)?;
    let all = Population::all(&run.architecture);
    run.networks
        .iter()
        .take(networks)
        .map(|network| {
            let block = Block::new(&network.records[index], run.waiting_time())?;
            let drift = block.displacements(1, &all)?;
            let lost = drift.iter().zip(block.origin()).filter(|(drift, weight)| {
                spacing(**weight).is_ok_and(|spacing| factor * drift.abs() < 0.5 * spacing)
            });
            Some(lost.count() as f64 / drift.len() as f64)
        })
        .collect()
}

/// Mean over networks at a lag, with its interval.
pub(super) fn mean_at(results: &Results<'_>, values: &[f64]) -> Option<Interval> {
    let mean =
        |indices: &[usize]| indices.iter().map(|index| values[*index]).sum::<f64>() / indices.len() as f64;
    results.bootstrap.interval(values.len(), |indices| Some(mean(indices)).filter(|mean| mean.is_finite()))
}

/// The same at every lag.
pub(super) fn mean_curve(results: &Results<'_>, curves: &[Vec<f64>]) -> Result<Vec<Interval>, ResultError> {
    Ok(results.bootstrap.mean_curve(curves)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_exactly_where_they_were() {
        assert_eq!(unmoved(&[0.0, 1.0, -0.0, 2.0]), 0.5);
    }
}
