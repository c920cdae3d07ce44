//! How a network is followed, and where its noise comes from.

use super::{Langevin, MinibatchDescentRuns, Precision, RegularisationPath};
use glassbox_simulations::protocol::{Dynamics, QuenchTask, Schedule, SweepTask, Task, TrajectoryTask};
use sha2::{Digest, Sha256};

/// One of the blocks that say how networks are followed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Follower<'a> {
    Langevin(&'a Langevin),
    Minibatch(&'a MinibatchDescentRuns),
    Path(&'a RegularisationPath),
}

/// How one network is followed, but for the noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Motion<'a> {
    Trajectory { dynamics: Dynamics, mobility: f64, waiting_times: &'a [u64], end: u64, schedule: Schedule },
    Path { regularisations: &'a [f64], there_and_back: bool, learning_rate: f64, steps: u64 },
}

impl<'a> Follower<'a> {
    /// Every motion of this block for networks on so many samples.
    pub(super) fn motions(self, samples: usize) -> Vec<Motion<'a>> {
        let mut motions = Vec::new();
        match self {
            Self::Langevin(block) => {
                let scale = block.reference_samples.map_or(1.0, |reference| samples as f64 / reference);
                for precision in block.precision.values() {
                    for mobility in block.mobility.values() {
                        for temperature in block.temperature.values() {
                            let temperature = temperature * scale + 0.0;
                            let dynamics = match precision {
                                Precision::Double => Dynamics::Langevin { temperature },
                                Precision::Single => Dynamics::SinglePrecisionLangevin { temperature },
                            };
                            motions.push(Motion::Trajectory {
                                dynamics,
                                mobility: *mobility,
                                waiting_times: &block.waiting_times,
                                end: block.end,
                                schedule: block.schedule,
                            });
                        }
                    }
                }
            }
            Self::Minibatch(block) => {
                for learning_rate in block.learning_rate.values() {
                    for batch_size in block.batch_size.values() {
                        motions.push(Motion::Trajectory {
                            dynamics: Dynamics::Minibatch { batch_size: *batch_size },
                            mobility: *learning_rate,
                            waiting_times: &block.waiting_times,
                            end: block.end,
                            schedule: block.schedule,
                        });
                    }
                }
            }
            Self::Path(block) => {
                for learning_rate in block.learning_rate.values() {
                    for steps in block.steps.values() {
                        motions.push(Motion::Path {
                            regularisations: &block.regularisations,
                            there_and_back: block.there_and_back,
                            learning_rate: *learning_rate,
                            steps: *steps,
                        });
                    }
                }
            }
        }
        motions
    }

    /// Runs of one network, before those without noise are told from the others.
    pub(super) fn most_runs(self) -> f64 {
        let replicas = match self {
            Self::Langevin(block) => block.noise_replicas,
            Self::Minibatch(block) => block.noise_replicas,
            Self::Path(_) => 1,
        };
        self.motions(1).len() as f64 * f64::from(replicas)
    }

    /// Without noise all replicas would be the same run.
    pub(super) fn replicas(self, samples: usize, motion: &Motion<'_>) -> u32 {
        let noisy = match motion {
            Motion::Trajectory { dynamics: Dynamics::Minibatch { batch_size }, .. } => *batch_size < samples,
            Motion::Trajectory {
                dynamics:
                    Dynamics::Langevin { temperature } | Dynamics::SinglePrecisionLangevin { temperature },
                ..
            } => *temperature > 0.0,
            Motion::Path { .. } => false,
        };
        match self {
            Self::Langevin(block) if noisy => block.noise_replicas,
            Self::Minibatch(block) if noisy => block.noise_replicas,
            _ => 1,
        }
    }

    pub(super) fn window(self) -> Option<f64> {
        match self {
            Self::Langevin(block) => block.window,
            Self::Minibatch(block) => block.window,
            Self::Path(_) => None,
        }
    }
}

impl Motion<'_> {
    /// The task of the first noise replica. Its noise follows from the experiment's seed and from all else that decides the
    /// run, so it is the same wherever the run stands in a file and whatever stands beside it.
    pub(super) fn task(self, quench: QuenchTask, seed: u64) -> Task {
        match self {
            Self::Trajectory { dynamics, mobility, waiting_times, end, schedule } => {
                let waiting_times = waiting_times.to_vec();
                let task = TrajectoryTask {
                    quench,
                    dynamics,
                    mobility,
                    seed,
                    noise_replica: 0,
                    waiting_times,
                    end,
                    schedule,
                };
                let text = serde_json::to_string(&task).unwrap_or_default();
                let digest = Sha256::digest(format!("glassbox noise of a trajectory: {text}"));
                let seed = digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte));
                Task::Trajectory(TrajectoryTask { seed, ..task })
            }
            Self::Path { regularisations, there_and_back, learning_rate, steps } => {
                let back = regularisations.iter().rev().skip(1).filter(|_| there_and_back);
                let regularisations = regularisations.iter().chain(back).map(|value| value + 0.0).collect();
                Task::Sweep(SweepTask { quench, learning_rate, regularisations, steps })
            }
        }
    }
}

/// The same task with another noise.
pub(super) fn with_noise(task: &Task, replica: u32) -> Task {
    match task {
        Task::Trajectory(task) => Task::Trajectory(TrajectoryTask { noise_replica: replica, ..task.clone() }),
        other => other.clone(),
    }
}
