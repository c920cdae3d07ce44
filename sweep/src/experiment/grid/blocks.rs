//! The blocks of an experiment: networks, and how they are followed.

use super::one_or_many::OneOrMany;
use glassbox_simulations::protocol::Schedule;
use serde::{Deserialize, Serialize};

/// Networks of every combination of the listed values, quenched alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Networks {
    /// `mnist`, `cifar10`, or `own` (the file given with `--data`).
    pub data: String,
    /// Samples `P_D`.
    pub samples: OneOrMany<usize>,
    /// Width of the six hidden layers.
    pub width: OneOrMany<usize>,
    /// Regularisation lambda.
    pub regularisation: OneOrMany<f64>,
    /// Gain of the initialisation.
    pub gain: OneOrMany<f64>,
    /// Networks of each combination.
    pub initial_conditions: u32,
    /// Learning rate of the quench.
    pub learning_rate: f64,
    /// Samples a minibatch of the quench.
    pub batch_size: usize,
    /// Steps of minibatch descent.
    pub minibatch_steps: u64,
    /// Steps of full-batch descent at each of two rates.
    pub descent_steps: u64,
    /// Langevin dynamics from each minimum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub langevin: Vec<Langevin>,
    /// Minibatch descent from each minimum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub minibatch: Vec<MinibatchDescentRuns>,
    /// Full-batch descent from each minimum, through values of lambda.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regularisation_path: Vec<RegularisationPath>,
}

/// Langevin dynamics at every combination of the listed values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Langevin {
    /// Mobility mu of a step.
    pub mobility: OneOrMany<f64>,
    /// Temperature T: of the run itself, or of a data set of `reference_samples`.
    pub temperature: OneOrMany<f64>,
    /// Where given, a run has `T samples / reference_samples`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_samples: Option<f64>,
    /// Of the weights.
    #[serde(default = "double")]
    pub precision: OneOrMany<Precision>,
    /// Runs of each network with noise of their own; one where T is 0.
    #[serde(default = "one")]
    pub noise_replicas: u32,
    /// Origins of the blocks of saved frames, in steps.
    pub waiting_times: Vec<u64>,
    /// Last step.
    pub end: u64,
    /// When frames are saved after each waiting time.
    pub schedule: Schedule,
    /// Half width of the overlap in the merged table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<f64>,
}

/// Precision of the weights of a Langevin run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 64 bits.
    Double,
    /// 32 bits, as the paper's authors had them: small moves freeze.
    Single,
}

/// Minibatch descent at every combination of the listed values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MinibatchDescentRuns {
    /// Learning rate.
    pub learning_rate: OneOrMany<f64>,
    /// Samples a minibatch.
    pub batch_size: OneOrMany<usize>,
    /// Runs of each network with batches of their own; one where a batch has all samples.
    #[serde(default = "one")]
    pub noise_replicas: u32,
    /// Origins of the blocks of saved frames, in steps.
    pub waiting_times: Vec<u64>,
    /// Last step.
    pub end: u64,
    /// When frames are saved after each waiting time.
    pub schedule: Schedule,
    /// Half width of the overlap in the merged table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<f64>,
}

/// Full-batch descent while lambda goes through a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegularisationPath {
    /// Values of lambda, one after the other.
    pub regularisations: Vec<f64>,
    /// Then the same values back to the first.
    #[serde(default)]
    pub there_and_back: bool,
    /// Learning rate.
    pub learning_rate: OneOrMany<f64>,
    /// Steps at each lambda.
    pub steps: OneOrMany<u64>,
}

fn double() -> OneOrMany<Precision> {
    OneOrMany(vec![Precision::Double])
}

const fn one() -> u32 {
    1
}
