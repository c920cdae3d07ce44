//! What a task is made of: parts with one landscape and one rule, and the times of its frames.

use super::run::ProtocolError;
use super::schedule::{Schedule, save_times};
use super::task::{Dynamics, Task};
use crate::integrator::{
    EulerMaruyama, GradientDescent, Integrator, MinibatchDescent, SinglePrecisionEulerMaruyama,
};
use crate::landscape::NetworkLandscape;
use crate::noise::{NoiseStream, Purpose};
use glassbox_oracle::Bath;

/// Frames in a decade of a quench.
const QUENCH_FRAMES: u32 = 8;

/// A part of a task with one landscape and one rule.
pub(super) struct Stage {
    pub(super) regularisation: f64,
    pub(super) integrator: Box<dyn Integrator<NetworkLandscape>>,
    pub(super) noise: NoiseStream,
    /// Step after its last.
    pub(super) end: u64,
}

/// The absolute times of the frames of `task`.
pub(super) fn frames_of(task: &Task) -> Vec<u64> {
    match task {
        Task::Quench(quench) => {
            let switches =
                [quench.minibatch_steps, quench.minibatch_steps + quench.descent_steps, task.steps()];
            let mut times = Vec::new();
            let mut from = 0;
            for end in switches {
                times.extend(save_times(Schedule::Logarithmic { per_decade: QUENCH_FRAMES }, &[from], end));
                from = end;
            }
            times.sort_unstable();
            times.dedup();
            times
        }
        Task::Trajectory(task) => save_times(task.schedule, &task.waiting_times, task.end),
        Task::Sweep(task) => {
            (1..=task.regularisations.len() as u64).map(|index| index * task.steps).collect()
        }
    }
}

/// The parts of `task`, one after the other.
pub(super) fn stages(task: &Task) -> Result<Vec<Stage>, ProtocolError> {
    let quench = task.quench();
    let regularisation = quench.problem.regularisation;
    let still = |replica| NoiseStream::new(quench.seed, Purpose::Langevin, replica);
    let descent = |rate: f64, regularisation: f64, end: u64| -> Result<Stage, ProtocolError> {
        let integrator = Box::new(GradientDescent::new(rate)?);
        Ok(Stage { regularisation, integrator, noise: still(quench.initial_condition), end })
    };
    let rate = quench.learning_rate;
    match task {
        Task::Quench(quench) => {
            let integrator = Box::new(MinibatchDescent::new(rate, quench.batch_size, quench.seed)?);
            let noise = still(quench.initial_condition);
            let end = quench.minibatch_steps;
            Ok(vec![
                Stage { regularisation, integrator, noise, end },
                descent(rate, regularisation, end + quench.descent_steps)?,
                descent(rate / 10.0, regularisation, end + 2 * quench.descent_steps)?,
            ])
        }
        Task::Trajectory(trajectory) => {
            let samples = quench.problem.samples as f64;
            let mobility = trajectory.mobility;
            let integrator: Box<dyn Integrator<NetworkLandscape>> = match trajectory.dynamics {
                Dynamics::Langevin { temperature } => {
                    Box::new(EulerMaruyama::new(Bath::new(mobility, temperature, samples)?, 1.0)?)
                }
                Dynamics::SinglePrecisionLangevin { temperature } => {
                    let bath = Bath::new(mobility, temperature, samples)?;
                    Box::new(SinglePrecisionEulerMaruyama::new(bath, 1.0)?)
                }
                Dynamics::Minibatch { batch_size } if batch_size >= quench.problem.samples => {
                    Box::new(GradientDescent::new(mobility)?)
                }
                Dynamics::Minibatch { batch_size } => {
                    Box::new(MinibatchDescent::new(mobility, batch_size, trajectory.seed)?)
                }
            };
            let noise = NoiseStream::new(trajectory.seed, Purpose::Langevin, trajectory.noise_replica);
            Ok(vec![Stage { regularisation, integrator, noise, end: trajectory.end }])
        }
        Task::Sweep(sweep) => sweep
            .regularisations
            .iter()
            .zip(1..)
            .map(|(regularisation, index)| descent(sweep.learning_rate, *regularisation, index * sweep.steps))
            .collect(),
    }
}
