//! What has been measured, read from the store: networks of a phase, and curves over them.

use crate::analysis::{AnalysisError, Bootstrap};
use glassbox_oracle::OracleError;
use glassbox_reports::figures::plate::FigureError;
use glassbox_simulations::landscape::LandscapeError;
use glassbox_simulations::network::{Architecture, NetworkError};
use glassbox_simulations::protocol::{
    Block, Convention, Population, Record, RecordError, Task, neurons_at_rest,
};
use glassbox_simulations::spectrum::SpectrumError;
use glassbox_sweep::experiment::{Phase, PhaseName, Tasks};
use glassbox_sweep::{Samples, SamplesError, Store};
use thiserror::Error;

/// Share of the mean squared norm below which a hidden neuron is at rest.
const AT_REST: f64 = 1e-3;

/// Why a figure cannot be drawn.
#[derive(Debug, Error)]
pub enum ResultError {
    /// A record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A law.
    #[error(transparent)]
    Law(#[from] OracleError),
    /// A statistic.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// A network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Samples.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// A landscape.
    #[error(transparent)]
    Landscape(#[from] LandscapeError),
    /// A spectrum.
    #[error(transparent)]
    Spectrum(#[from] SpectrumError),
    /// A drawing.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// Fewer than two networks came through.
    #[error("{phase}: {left} of {all} networks did not diverge; a figure needs two")]
    TooFewNetworks {
        /// The phase.
        phase: &'static str,
        /// Networks left.
        left: usize,
        /// Networks started.
        all: u32,
    },
}

/// The results that figures draw from.
#[derive(Clone)]
pub struct Results<'a> {
    /// What was run.
    pub tasks: &'a Tasks<'a>,
    /// Where it is kept.
    pub store: &'a Store,
    /// The data.
    pub samples: &'a Samples,
    /// Whose conventions are followed.
    pub convention: Convention,
    /// How intervals are made.
    pub bootstrap: Bootstrap,
    /// Goes onto every figure.
    pub provenance: glassbox_reports::Provenance,
}

/// One network of a phase: its quench and one record a temperature.
#[derive(Clone, Debug)]
pub struct Network {
    /// Number of the initial condition.
    pub initial_condition: u32,
    /// The quench.
    pub quench: Record,
    /// One record for each of [`Run::temperatures`].
    pub records: Vec<Record>,
    /// Weights of hidden neurons at rest at the end of the quench.
    pub at_rest: Population,
    /// Half width of its overlap.
    pub half_width: f64,
}

/// All networks of a phase that came through.
#[derive(Clone, Debug)]
pub struct Run {
    /// Which phase.
    pub name: PhaseName,
    /// Its parameters.
    pub phase: Phase,
    /// Its network.
    pub architecture: Architecture,
    /// Temperatures for the reference data set; without those at which more than half of the networks diverged.
    pub temperatures: Vec<f64>,
    /// Networks that diverged nowhere else.
    pub networks: Vec<Network>,
    /// Initial conditions that diverged, with what diverged.
    pub diverged: Vec<(u32, String)>,
    /// Weights whose overlap is counted.
    pub overlap_population: Population,
}

/// One curve a network on common lags.
#[derive(Clone, Debug)]
pub struct Curves {
    /// Lags in the preset's steps.
    pub lags: Vec<f64>,
    /// Lags in the paper's steps: what figures show.
    pub times: Vec<f64>,
    /// `curves[network][lag]`.
    pub curves: Vec<Vec<f64>>,
}

impl Results<'_> {
    /// The record of a task.
    ///
    /// # Errors
    /// [`ResultError::Record`].
    pub fn record(&self, task: &Task) -> Result<Record, ResultError> {
        Ok(self.store.read(task)?)
    }

    /// The networks of a phase at all its temperatures.
    ///
    /// # Errors
    /// [`ResultError`].
    pub fn run(&self, name: PhaseName) -> Result<Run, ResultError> {
        let phase = self.tasks.phase(name);
        let architecture = Architecture::paper(phase.width)?;
        let overlap_population = Population::of_overlap(&architecture, self.convention);
        let mut diverged = Vec::new();
        let mut all = Vec::new();
        for network in 0..phase.initial_conditions {
            let quench = self.record(&Task::Quench(self.tasks.quench(name, network)))?;
            if let Some(step) = quench.diverged {
                diverged.push((network, format!("in the quench, at step {step}")));
                continue;
            }
            let records = phase
                .temperatures
                .iter()
                .map(|temperature| self.record(&self.tasks.trajectory(name, network, *temperature, 0)))
                .collect::<Result<Vec<_>, _>>()?;
            all.push((network, quench, records));
        }
        let kept: Vec<usize> = (0..phase.temperatures.len())
            .filter(|index| {
                let lost = all.iter().filter(|(_, _, records)| records[*index].diverged.is_some()).count();
                if 2 * lost > all.len() {
                    let what =
                        format!("{lost} networks at T = {:e}, which is left out", phase.temperatures[*index]);
                    diverged.push((u32::MAX, what));
                }
                2 * lost <= all.len()
            })
            .collect();
        let mut networks = Vec::new();
        for (initial_condition, quench, records) in all {
            let records: Vec<Record> = records
                .into_iter()
                .enumerate()
                .filter_map(|(index, record)| kept.contains(&index).then_some(record))
                .collect();
            if let Some(index) = records.iter().position(|record| record.diverged.is_some()) {
                diverged.push((initial_condition, format!("at T = {:e}", phase.temperatures[kept[index]])));
                continue;
            }
            let at_rest = neurons_at_rest(&architecture, quench.last().unwrap_or_default(), AT_REST);
            networks.push(Network { initial_condition, quench, records, at_rest, half_width: phase.window });
        }
        if networks.len() < 2 {
            let (phase, all) = (name.title(), phase.initial_conditions);
            return Err(ResultError::TooFewNetworks { phase, left: networks.len(), all });
        }
        let temperatures = kept.iter().map(|index| phase.temperatures[*index]).collect();
        let phase = phase.clone();
        let mut run = Run { name, phase, architecture, temperatures, networks, diverged, overlap_population };
        if self.convention == Convention::PaperCompatible {
            run.windows_of_networks();
        }
        Ok(run)
    }
}

impl Run {
    /// As the paper: each network's window follows the spread of its own weights, with one chi for all.
    fn windows_of_networks(&mut self) {
        let spreads = self.spreads();
        let mean = spreads.iter().sum::<f64>() / spreads.len() as f64;
        for (network, spread) in self.networks.iter_mut().zip(spreads) {
            network.half_width = self.phase.window * spread / mean;
        }
    }

    /// Standard deviation of the weights whose overlap is counted, at the first waiting time, a network.
    #[must_use]
    pub fn spreads(&self) -> Vec<f64> {
        self.networks
            .iter()
            .map(|network| {
                Block::new(&network.records[0], self.phase.waiting_times[0])
                    .map_or(f64::NAN, |block| block.half_width(&self.overlap_population, 1.0))
            })
            .collect()
    }

    /// Standard deviation of the weights whose overlap is counted at the end of the quench, the mean over networks.
    #[must_use]
    pub fn starting_spread(&self) -> f64 {
        let spreads = self
            .networks
            .iter()
            .map(|network| self.overlap_population.spread(network.quench.last().unwrap_or_default()));
        spreads.sum::<f64>() / self.networks.len() as f64
    }

    /// Index of a temperature.
    #[must_use]
    pub fn index(&self, temperature: f64) -> Option<usize> {
        self.temperatures.iter().position(|one| *one == temperature)
    }

    /// The waiting time of all figures but those on ageing.
    #[must_use]
    pub fn waiting_time(&self) -> u64 {
        self.phase.waiting_times[0]
    }

    /// Steps of the paper in one of this preset.
    #[must_use]
    pub fn paper_steps(&self) -> f64 {
        self.phase.steps_of_the_paper
    }

    /// Any observable of the displacements of chosen weights, a curve a network.
    ///
    /// `chosen` gives the weights of a network, `observable` takes the network and its displacements. Lags are those of the
    /// schedule from this waiting time.
    pub fn curves(
        &self,
        temperature: usize,
        waiting_time: u64,
        chosen: impl Fn(&Network) -> Population,
        observable: impl Fn(&Network, &[f64]) -> f64,
    ) -> Curves {
        let lags: Vec<u64> = self
            .phase
            .schedule
            .lags(self.phase.end - waiting_time)
            .into_iter()
            .filter(|lag| *lag > 0)
            .collect();
        let curves = self
            .networks
            .iter()
            .map(|network| {
                let population = chosen(network);
                Block::new(&network.records[temperature], waiting_time).map_or_else(
                    || vec![f64::NAN; lags.len()],
                    |block| block.curve(&lags, &population, |moved| observable(network, moved)),
                )
            })
            .collect();
        Curves::new(&lags, self.paper_steps(), curves)
    }

    /// The overlap Q after `waiting_time`, with windows `scale` times the usual ones.
    #[must_use]
    pub fn overlap(&self, temperature: usize, waiting_time: u64, scale: f64) -> Curves {
        use glassbox_simulations::observables::overlap;
        self.curves(
            temperature,
            waiting_time,
            |_| self.overlap_population.clone(),
            |network, moved| overlap(moved, scale * network.half_width),
        )
    }

    /// The mean squared displacement of all weights.
    #[must_use]
    pub fn mean_squared_displacement(&self, temperature: usize, waiting_time: u64) -> Curves {
        use glassbox_simulations::observables::mean_squared_displacement;
        let all = Population::all(&self.architecture);
        self.curves(temperature, waiting_time, |_| all.clone(), |_, moved| mean_squared_displacement(moved))
    }

    /// One line on networks that diverged, or `None`.
    #[must_use]
    pub fn lost(&self) -> Option<String> {
        if self.diverged.is_empty() {
            return None;
        }
        let named: Vec<String> = self
            .diverged
            .iter()
            .map(
                |(network, what)| {
                    if *network == u32::MAX { what.clone() } else { format!("network {network} {what}") }
                },
            )
            .collect();
        Some(format!("{}: diverged: {}", self.name.title(), named.join("; ")))
    }
}

impl Curves {
    pub(super) fn new(lags: &[u64], paper_steps: f64, curves: Vec<Vec<f64>>) -> Self {
        let lags: Vec<f64> = lags.iter().map(|lag| *lag as f64).collect();
        let times = lags.iter().map(|lag| lag * paper_steps).collect();
        Self { lags, times, curves }
    }
}

/// The trajectories of a phase, every network at every temperature; none of a phase that is not wanted.
#[must_use]
pub(super) fn trajectories(tasks: &Tasks<'_>, name: PhaseName) -> Vec<Task> {
    let phase = tasks.phase(name);
    let networks = if tasks.shows(name) { phase.initial_conditions } else { 0 };
    (0..networks)
        .flat_map(|network| {
            phase.temperatures.iter().map(move |temperature| tasks.trajectory(name, network, *temperature, 0))
        })
        .collect()
}
