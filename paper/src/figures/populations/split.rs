//! Idle and working weights of regularised networks, each with its own observables at every temperature.

use crate::Null;
use crate::analysis::Interval;
use crate::figures::heterogeneity::histograms::Histogram;
use crate::results::{Network, ResultError, Results, Run};
use glassbox_oracle::{Displacement, OracleError};
use glassbox_simulations::observables::{mean_squared_displacement, non_gaussian_parameter, overlap};
use glassbox_simulations::protocol::{Block, Population};

/// Share of the run after which overlaps are averaged for the plateau.
const LATE: f64 = 2.0 / 3.0;

/// A number of each network, for all its weights, the idle and the working ones.
pub(super) struct Parts<T> {
    pub all: T,
    pub idle: T,
    pub working: T,
}

/// Everything at one temperature.
pub(super) struct Split {
    pub temperature: f64,
    pub histograms: Parts<Histogram>,
    /// Median |dw|.
    pub median: Parts<Option<Interval>>,
    /// alpha2 of each network, averaged.
    pub alpha: Parts<Option<Interval>>,
    /// The same if idle weights follow their law and working ones are Gaussian with their own mean square.
    pub mixture: Option<Interval>,
    /// Median |dw| of the idle weights of each network.
    pub idle_medians: Vec<f64>,
    /// Late overlap of each network.
    pub overlaps: Parts<Vec<f64>>,
    /// The same, averaged.
    pub late: Parts<Option<Interval>>,
    /// Law of an idle weight; `None` at T = 0, where it does not move.
    pub law: Option<Displacement>,
    /// The law's late overlap.
    pub law_overlap: Option<f64>,
    /// Mean square of the idle weights over that of their law, of each network.
    pub idle_ratio: Option<Interval>,
}

impl Split {
    pub(super) fn of(results: &Results<'_>, run: &Run, index: usize, lag: u64) -> Result<Self, ResultError> {
        let temperature = run.temperatures[index];
        let all = |network: &Network| Population { chosen: vec![true; network.at_rest.chosen.len()] };
        let idle = |network: &Network| network.at_rest.clone();
        let working = |network: &Network| network.at_rest.others();
        let histograms = Parts {
            all: Histogram::of(results, run, index, lag, all)?,
            idle: Histogram::of(results, run, index, lag, idle)?,
            working: Histogram::of(results, run, index, lag, working)?,
        };
        let law = match temperature > 0.0 {
            true => Some(
                Null::idle(&run.phase, temperature, run.waiting_time())?.law().displacement(lag as f64)?,
            ),
            false => None,
        };
        let each = |of: &dyn Fn(&Network, &[f64]) -> Option<f64>| -> Vec<f64> {
            let one = |network: &Network| {
                let block = Block::new(&network.records[index], run.waiting_time())?;
                of(network, &block.displacements(lag, &all(network))?)
            };
            run.networks.iter().map(|network| one(network).unwrap_or(f64::NAN)).collect()
        };
        let mean = |of: &dyn Fn(&Network, &[f64]) -> Option<f64>| mean(results, &each(of));
        let overlaps = Parts {
            all: late_overlaps(run, index, all),
            idle: late_overlaps(run, index, idle),
            working: late_overlaps(run, index, working),
        };
        let variance = law.as_ref().map(Displacement::mean_squared_displacement);
        Ok(Self {
            temperature,
            histograms,
            median: Parts {
                all: mean(&|network, moved| median(&all(network).of(moved))),
                idle: mean(&|network, moved| median(&idle(network).of(moved))),
                working: mean(&|network, moved| median(&working(network).of(moved))),
            },
            alpha: Parts {
                all: mean(&|network, moved| Some(non_gaussian_parameter(&all(network).of(moved)))),
                idle: mean(&|network, moved| Some(non_gaussian_parameter(&idle(network).of(moved)))),
                working: mean(&|network, moved| Some(non_gaussian_parameter(&working(network).of(moved)))),
            },
            mixture: mean(&|network, moved| {
                let share = network.at_rest.len() as f64 / moved.len() as f64;
                let square = mean_squared_displacement(&working(network).of(moved));
                two_gaussians(share, variance.unwrap_or(0.0), square).ok().flatten()
            }),
            idle_medians: each(&|network, moved| median(&idle(network).of(moved))),
            late: Parts {
                all: self::mean(results, &overlaps.all),
                idle: self::mean(results, &overlaps.idle),
                working: self::mean(results, &overlaps.working),
            },
            overlaps,
            law_overlap: law_overlap(run, temperature)?,
            idle_ratio: mean(&|network, moved| {
                Some(mean_squared_displacement(&idle(network).of(moved)) / variance?)
            }),
            law,
        })
    }
}

/// Mean of a number of each network; `None` where one has none.
fn mean(results: &Results<'_>, values: &[f64]) -> Option<Interval> {
    let mean =
        |indices: &[usize]| indices.iter().map(|index| values[*index]).sum::<f64>() / indices.len() as f64;
    results.bootstrap.interval(values.len(), |indices| Some(mean(indices)).filter(|mean| mean.is_finite()))
}

/// alpha2 of a mixture of two Gaussians (PHYSICS.md D.3).
fn two_gaussians(share: f64, idle: f64, working: f64) -> Result<Option<f64>, OracleError> {
    let parts =
        [(share, Displacement::gaussian(0.0, idle)?), (1.0 - share, Displacement::gaussian(0.0, working)?)];
    Ok(Displacement::mixture(parts)?.non_gaussian_parameter())
}

fn median(moved: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = moved.iter().map(|moved| moved.abs()).collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some(0.5 * (sorted[last / 2] + sorted[last.div_ceil(2)]))
}

/// Lags of all saved frames in the last third of the run.
fn late_lags(run: &Run) -> Vec<u64> {
    let waiting = run.waiting_time();
    let from = LATE * (run.phase.end - waiting) as f64;
    let lags =
        run.networks.first().and_then(|network| Some(Block::new(network.records.first()?, waiting)?.lags()));
    lags.unwrap_or_default().into_iter().filter(|lag| *lag as f64 >= from).collect()
}

/// The overlap of each network, averaged over the late frames; NaN where the population is empty.
fn late_overlaps(run: &Run, index: usize, chosen: impl Fn(&Network) -> Population) -> Vec<f64> {
    let lags = late_lags(run);
    run.networks
        .iter()
        .map(|network| {
            let population = chosen(network);
            let curve = Block::new(&network.records[index], run.waiting_time())
                .map(|block| block.curve(&lags, &population, |moved| overlap(moved, network.half_width)));
            curve.map_or(f64::NAN, |curve| curve.iter().sum::<f64>() / curve.len() as f64)
        })
        .collect()
}

fn law_overlap(run: &Run, temperature: f64) -> Result<Option<f64>, ResultError> {
    if temperature == 0.0 {
        return Ok(None);
    }
    let lags: Vec<f64> = late_lags(run).into_iter().map(|lag| lag as f64).collect();
    let curve = Null::idle(&run.phase, temperature, run.waiting_time())?.overlap(&lags, run.phase.window)?;
    Ok(Some(curve.iter().sum::<f64>() / curve.len() as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_mixtures_by_hand() {
        assert_eq!(median(&[-3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, -1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
        // A quarter does not move: 1/0.75 - 1.
        let alpha = two_gaussians(0.25, 0.0, 7.0).unwrap().unwrap();
        assert!((alpha - 1.0 / 3.0).abs() < 1e-12);
    }
}
