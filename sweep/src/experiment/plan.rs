//! Which tasks a preset consists of.

use super::preset::{Phase, PhaseDiagram, Preset};
use glassbox_simulations::protocol::{
    DataSource, Dynamics, Problem, QuenchTask, SweepTask, Task, TrajectoryTask,
};

/// A phase of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseName {
    /// MNIST, lambda > 0.
    Regularised,
    /// MNIST, lambda = 0, below the transition.
    UnderParameterised,
    /// MNIST, lambda = 0, above it.
    OverParameterised,
    /// CIFAR-10, lambda > 0.
    Cifar10Regularised,
    /// CIFAR-10, lambda = 0, below the transition.
    Cifar10UnderParameterised,
    /// CIFAR-10, lambda = 0, above it.
    Cifar10OverParameterised,
}

impl PhaseName {
    /// The three of MNIST, in the paper's order.
    pub const MNIST: [Self; 3] = [Self::Regularised, Self::UnderParameterised, Self::OverParameterised];

    /// The three of CIFAR-10.
    pub const CIFAR10: [Self; 3] =
        [Self::Cifar10Regularised, Self::Cifar10UnderParameterised, Self::Cifar10OverParameterised];

    /// In words, with a capital letter.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Regularised => "Regularised",
            Self::UnderParameterised => "Under-parameterised",
            Self::OverParameterised => "Over-parameterised",
            Self::Cifar10Regularised => "CIFAR-10, regularised",
            Self::Cifar10UnderParameterised => "CIFAR-10, under-parameterised",
            Self::Cifar10OverParameterised => "CIFAR-10, over-parameterised",
        }
    }

    const fn index(self) -> u32 {
        self as u32
    }
}

/// The tasks of a preset. Everything is a pure function of the preset and of the file given for data of one's own.
#[derive(Clone, Debug)]
pub struct Tasks<'a> {
    preset: &'a Preset,
    own_digest: Option<String>,
    only: Option<Vec<PhaseName>>,
}

/// Noise replicas of one network: as many temperatures and further replicas fit.
const REPLICAS_A_NETWORK: u32 = 1_000_000;

/// Beyond all noise replicas of at most 1,000 networks.
const MINIBATCH_RUNS: u32 = 2_000_000_000;

impl<'a> Tasks<'a> {
    /// The tasks of `preset`; `own_digest` is the SHA-256 of a data set that replaces `own`.
    #[must_use]
    pub fn new(preset: &'a Preset, own_digest: Option<String>) -> Self {
        Self { preset, own_digest, only: None }
    }

    /// The same tasks for figures of which only the panels of these phases are wanted.
    #[must_use]
    pub fn of_phases(&self, only: Vec<PhaseName>) -> Self {
        Self { only: Some(only), ..self.clone() }
    }

    /// Whether the panels of a phase are wanted.
    #[must_use]
    pub fn shows(&self, name: PhaseName) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&name))
    }

    /// The preset.
    #[must_use]
    pub fn preset(&self) -> &'a Preset {
        self.preset
    }

    /// The phase of a name.
    #[must_use]
    pub fn phase(&self, name: PhaseName) -> &'a Phase {
        let phases = &self.preset.phases;
        match name {
            PhaseName::Regularised => &phases.regularised,
            PhaseName::UnderParameterised => &phases.under_parameterised,
            PhaseName::OverParameterised => &phases.over_parameterised,
            PhaseName::Cifar10Regularised => &phases.cifar10_regularised,
            PhaseName::Cifar10UnderParameterised => &phases.cifar10_under_parameterised,
            PhaseName::Cifar10OverParameterised => &phases.cifar10_over_parameterised,
        }
    }

    fn source(&self, name: &str) -> DataSource {
        match (name, &self.own_digest) {
            ("cifar10", _) => DataSource::Cifar10,
            // Without a file the digest is empty, and the samples cannot be had.
            ("own", digest) => DataSource::Own { digest: digest.clone().unwrap_or_default() },
            _ => DataSource::Mnist,
        }
    }

    /// The quench of a network of a phase.
    #[must_use]
    pub fn quench(&self, name: PhaseName, initial_condition: u32) -> QuenchTask {
        let phase = self.phase(name);
        QuenchTask {
            problem: Problem {
                data: self.source(&phase.data),
                samples: phase.samples,
                subset_seed: self.preset.seed,
                width: phase.width,
                regularisation: phase.regularisation,
            },
            gain: phase.gain,
            seed: self.preset.seed,
            initial_condition,
            learning_rate: phase.learning_rate,
            batch_size: phase.batch_size,
            minibatch_steps: phase.minibatch_steps,
            descent_steps: phase.descent_steps,
        }
    }

    /// Temperature of a run at one of the phase's temperatures.
    #[must_use]
    pub fn temperature(&self, name: PhaseName, reference: f64) -> f64 {
        let phase = self.phase(name);
        reference * phase.samples as f64 / phase.reference_samples
    }

    fn follow(&self, name: PhaseName, initial_condition: u32, dynamics: Dynamics, noise: u32) -> Task {
        let phase = self.phase(name);
        let mut waiting_times = vec![phase.early_waiting_time];
        waiting_times.extend(&phase.waiting_times);
        waiting_times.dedup();
        Task::Trajectory(TrajectoryTask {
            quench: self.quench(name, initial_condition),
            dynamics,
            mobility: phase.mobility,
            seed: self.preset.seed.wrapping_add(u64::from(name.index())),
            noise_replica: noise,
            waiting_times,
            end: phase.end,
            schedule: phase.schedule,
        })
    }

    /// Noise of its own for every network, temperature and further replica.
    fn noise(&self, name: PhaseName, initial_condition: u32, reference: f64, replica: u32) -> u32 {
        let temperatures = &self.phase(name).temperatures;
        let index = temperatures.iter().position(|temperature| *temperature == reference).unwrap_or(0);
        #[allow(clippy::cast_possible_truncation, reason = "presets have fewer than 1,000 temperatures")]
        let index = index as u32;
        initial_condition * REPLICAS_A_NETWORK + index * 1_000 + replica
    }

    /// Langevin dynamics of one network at one of the phase's temperatures; `replica` 0 is the usual noise.
    #[must_use]
    pub fn trajectory(&self, name: PhaseName, initial_condition: u32, reference: f64, replica: u32) -> Task {
        let temperature = self.temperature(name, reference);
        let noise = self.noise(name, initial_condition, reference, replica);
        self.follow(name, initial_condition, Dynamics::Langevin { temperature }, noise)
    }

    /// The same with the same noise and weights in single precision.
    #[must_use]
    pub fn in_single_precision(&self, name: PhaseName, initial_condition: u32, reference: f64) -> Task {
        let temperature = self.temperature(name, reference);
        let noise = self.noise(name, initial_condition, reference, 0);
        self.follow(name, initial_condition, Dynamics::SinglePrecisionLangevin { temperature }, noise)
    }

    /// Minibatch descent from the minimum of a network of a phase.
    #[must_use]
    pub fn minibatch(&self, name: PhaseName, initial_condition: u32, batch_size: usize) -> Task {
        // Not the batches of the quench once more: they have the seed of the preset.
        self.follow(
            name,
            initial_condition,
            Dynamics::Minibatch { batch_size },
            MINIBATCH_RUNS + initial_condition,
        )
    }

    /// A quench of a phase diagram.
    #[must_use]
    pub fn diagram(
        &self,
        diagram: &PhaseDiagram,
        gain: f64,
        width: usize,
        regularisation: f64,
        initial_condition: u32,
    ) -> QuenchTask {
        QuenchTask {
            problem: Problem {
                data: self.source(&diagram.data),
                samples: diagram.samples,
                subset_seed: self.preset.seed,
                width,
                regularisation,
            },
            gain,
            seed: self.preset.seed,
            initial_condition,
            learning_rate: diagram.learning_rate,
            batch_size: diagram.batch_size,
            minibatch_steps: diagram.minibatch_steps,
            descent_steps: diagram.descent_steps,
        }
    }

    /// Lambda up and down for a network of `transition` at its first lambda. The learning rate is that of the sweep.
    #[must_use]
    pub fn hysteresis(&self, initial_condition: u32) -> Task {
        let (transition, hysteresis) = (&self.preset.transition, &self.preset.hysteresis);
        let (width, gain) = (transition.widths[0], transition.gains[0]);
        let regularisation = hysteresis.regularisations[0];
        let quench = self.diagram(transition, gain, width, regularisation, initial_condition);
        let up = &hysteresis.regularisations;
        let regularisations = up.iter().chain(up.iter().rev().skip(1)).copied().collect();
        Task::Sweep(SweepTask {
            quench,
            learning_rate: hysteresis.learning_rate,
            regularisations,
            steps: hysteresis.steps,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Scale;
    use std::collections::HashSet;

    #[test]
    fn every_trajectory_has_noise_of_its_own() {
        let preset = Preset::shipped(Scale::Desk).unwrap();
        let tasks = Tasks::new(&preset, None);
        let mut seen = HashSet::new();
        for name in PhaseName::MNIST.into_iter().chain(PhaseName::CIFAR10) {
            let phase = tasks.phase(name);
            for network in 0..phase.initial_conditions {
                for temperature in &phase.temperatures {
                    for replica in 0..3 {
                        let Task::Trajectory(task) = tasks.trajectory(name, network, *temperature, replica)
                        else {
                            panic!("a trajectory")
                        };
                        assert!(seen.insert((task.seed, task.noise_replica)));
                    }
                }
            }
        }
    }

    #[test]
    fn temperatures_keep_their_ratio_to_the_data() {
        let preset = Preset::shipped(Scale::Desk).unwrap();
        let tasks = Tasks::new(&preset, None);
        let phase = tasks.phase(PhaseName::Regularised);
        let ratio = tasks.temperature(PhaseName::Regularised, 1e-4) / phase.samples as f64;
        assert!((ratio * 60_000.0 - 1e-4).abs() < 1e-18);
    }
}
