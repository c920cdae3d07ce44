//! What decides a result, and nothing else: equal tasks have equal identifiers and equal bits.

mod limits;

pub use limits::{MOST_FRAMES, MOST_STEPS, MOST_VALUES, MOST_WIDTH, most_frames};

use super::schedule::Schedule;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where the samples come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataSource {
    /// The embedded MNIST training set.
    Mnist,
    /// The embedded CIFAR-10 training set.
    Cifar10,
    /// A file of one's own, told from others by the SHA-256 of its inputs and labels.
    Own {
        /// Hexadecimal digest.
        digest: String,
    },
}

/// A network on data: what the landscape is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The data.
    pub data: DataSource,
    /// Samples `P_D`: a random subset with half of each label, or the whole set.
    pub samples: usize,
    /// Seed of the subset.
    pub subset_seed: u64,
    /// Width of the six hidden layers.
    pub width: usize,
    /// Regularisation lambda.
    pub regularisation: f64,
}

/// From random weights to a minimum: minibatch descent, then full-batch descent at the learning rate and at a tenth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuenchTask {
    /// Network and data.
    pub problem: Problem,
    /// Gain of the uniform initialisation.
    pub gain: f64,
    /// Seed of initial weights and batches.
    pub seed: u64,
    /// Number of the initial condition.
    pub initial_condition: u32,
    /// Learning rate.
    pub learning_rate: f64,
    /// Samples a minibatch.
    pub batch_size: usize,
    /// Steps of minibatch descent.
    pub minibatch_steps: u64,
    /// Steps of full-batch descent, at each of the two rates.
    pub descent_steps: u64,
}

/// How a trajectory moves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dynamics {
    /// Langevin steps at temperature T (of this data set's size), weights in double precision.
    Langevin {
        /// Temperature.
        temperature: f64,
    },
    /// The same with weights in single precision, as the authors' program had them.
    SinglePrecisionLangevin {
        /// Temperature.
        temperature: f64,
    },
    /// Minibatch descent without a bath.
    Minibatch {
        /// Samples a minibatch.
        batch_size: usize,
    },
}

/// Dynamics from the end of a quench.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrajectoryTask {
    /// Where it starts.
    pub quench: QuenchTask,
    /// How it moves.
    pub dynamics: Dynamics,
    /// Mobility (learning rate) of a step.
    pub mobility: f64,
    /// Seed of the noise.
    pub seed: u64,
    /// Which noise: trajectories with the same seed and number share it.
    pub noise_replica: u32,
    /// Origins of the blocks of saved frames, in steps.
    pub waiting_times: Vec<u64>,
    /// Last step.
    pub end: u64,
    /// Lags after each origin.
    pub schedule: Schedule,
}

/// Full-batch descent while lambda is stepped through a list: hysteresis of the trivialisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepTask {
    /// Where it starts.
    pub quench: QuenchTask,
    /// Learning rate.
    pub learning_rate: f64,
    /// Values of lambda, one after the other.
    pub regularisations: Vec<f64>,
    /// Steps at each.
    pub steps: u64,
}

/// One task: a result that is computed and kept as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Task {
    /// To a minimum.
    Quench(QuenchTask),
    /// From a minimum.
    Trajectory(TrajectoryTask),
    /// Through values of lambda.
    Sweep(SweepTask),
}

/// Changes when the same task would give other numbers than before.
pub const GENERATION: u32 = 1;

impl Task {
    /// The task whose last weights this one starts from.
    #[must_use]
    pub fn start(&self) -> Option<Self> {
        match self {
            Self::Quench(_) => None,
            Self::Trajectory(task) => Some(Self::Quench(task.quench.clone())),
            Self::Sweep(task) => Some(Self::Quench(task.quench.clone())),
        }
    }

    /// The quench that it is or starts from.
    #[must_use]
    pub fn quench(&self) -> &QuenchTask {
        match self {
            Self::Quench(task) => task,
            Self::Trajectory(task) => &task.quench,
            Self::Sweep(task) => &task.quench,
        }
    }

    /// Steps in all, without those of its start.
    #[must_use]
    pub fn steps(&self) -> u64 {
        match self {
            Self::Quench(task) => task.minibatch_steps + 2 * task.descent_steps,
            Self::Trajectory(task) => task.end,
            Self::Sweep(task) => task.steps * task.regularisations.len() as u64,
        }
    }

    /// Multiplications and additions of all its steps: six for every weight and sample of a step.
    #[must_use]
    pub fn cost(&self) -> f64 {
        let problem = &self.quench().problem;
        let weights = (11 * problem.width + 5 * problem.width * problem.width) as f64;
        let samples = match self {
            Self::Quench(task) => {
                let batches = task.minibatch_steps as f64 * task.batch_size.min(problem.samples) as f64;
                batches + 2.0 * task.descent_steps as f64 * problem.samples as f64
            }
            Self::Trajectory(TrajectoryTask {
                dynamics: Dynamics::Minibatch { batch_size }, end, ..
            }) => *end as f64 * (*batch_size).min(problem.samples) as f64,
            _ => self.steps() as f64 * problem.samples as f64,
        };
        6.0 * weights * samples
    }

    /// Size of its record in bytes, in memory and (but for a short head) on disk.
    #[must_use]
    pub fn record_bytes(&self) -> u64 {
        self.frames() * self.frame_bytes()
    }

    /// Frames that are saved.
    #[must_use]
    pub fn frames(&self) -> u64 {
        super::stages::frames_of(self).len() as u64
    }

    /// Bytes of a frame: weights, time and loss.
    #[must_use]
    pub fn frame_bytes(&self) -> u64 {
        let width = self.quench().problem.width as u64;
        8 * (11 * width + 5 * width * width + 2)
    }

    /// Whether `other` has its frames at the same times, as far as can be seen without going through them.
    #[must_use]
    pub fn has_the_times_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Quench(one), Self::Quench(other)) => {
                (one.minibatch_steps, one.descent_steps) == (other.minibatch_steps, other.descent_steps)
            }
            (Self::Trajectory(one), Self::Trajectory(other)) => {
                (&one.waiting_times, one.end, one.schedule)
                    == (&other.waiting_times, other.end, other.schedule)
            }
            _ => false,
        }
    }

    /// A name made from all that decides the result: the kind and 16 hexadecimal digits of a SHA-256.
    #[must_use]
    pub fn identifier(&self) -> String {
        self.identifier_of(&self.text())
    }

    /// The task as JSON: fields in the order of the types, floats such that they read back exactly.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The [identifier](Self::identifier), where the [text](Self::text) is known.
    #[must_use]
    pub fn identifier_of(&self, text: &str) -> String {
        let kind = match self {
            Self::Quench(_) => "quench",
            Self::Trajectory(_) => "trajectory",
            Self::Sweep(_) => "sweep",
        };
        let digest = Sha256::digest(format!("glassbox task, generation {GENERATION}: {text}"));
        let digits: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("{kind}-{digits}")
    }
}

/// Small tasks, for tests.
#[doc(hidden)]
pub mod test_tasks {
    use super::*;

    /// A small quench of this initial condition.
    #[must_use]
    pub fn quench(initial_condition: u32) -> QuenchTask {
        let problem =
            Problem { data: DataSource::Mnist, samples: 100, subset_seed: 1, width: 4, regularisation: 0.01 };
        QuenchTask {
            problem,
            gain: 1.0,
            seed: 2,
            initial_condition,
            learning_rate: 0.1,
            batch_size: 10,
            minibatch_steps: 7,
            descent_steps: 5,
        }
    }

    /// A few Langevin steps from it.
    #[must_use]
    pub fn trajectory(initial_condition: u32, temperature: f64) -> Task {
        Task::Trajectory(TrajectoryTask {
            quench: quench(initial_condition),
            dynamics: Dynamics::Langevin { temperature },
            mobility: 0.01,
            seed: 5,
            noise_replica: 1,
            waiting_times: vec![0, 4],
            end: 10,
            schedule: Schedule::Logarithmic { per_decade: 4 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::test_tasks::quench;
    use super::*;

    #[test]
    fn identifiers_follow_the_content() {
        let one = Task::Quench(quench(3));
        assert_eq!(one.identifier(), Task::Quench(quench(3)).identifier());
        let other = Task::Quench(QuenchTask { gain: 1.0 + f64::EPSILON, ..quench(3) });
        assert_ne!(one.identifier(), other.identifier());
        assert!(one.identifier().starts_with("quench-") && one.identifier().len() == 23);
    }

    #[test]
    fn costs_by_hand() {
        // N = 40 + 80 + 4.
        assert_eq!(Task::Quench(quench(3)).cost(), 6.0 * 124.0 * (70.0 + 1_000.0));
        assert_eq!(Task::Quench(quench(3)).steps(), 17);
        // Frames at 0, 1, 2, 3, 4, 6 and 7, then 1, 2, 3, 4 and 5 after each of two switches.
        assert_eq!(Task::Quench(quench(3)).record_bytes(), 17 * 8 * 126);
    }
}
