//! Why a trajectory gives no estimate.

use super::Parameter;
use crate::OracleError;
use thiserror::Error;

/// Data or parameters from which nothing can be inferred.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum InferenceError {
    /// Frames of different lengths.
    #[error("a transition leads from {from} weights to {to}; both must have the same number")]
    Lengths {
        /// Weights before.
        from: usize,
        /// Weights after.
        to: usize,
    },
    /// Two frames at the same step.
    #[error("a transition spans 0 steps; it must span at least 1")]
    NoSteps,
    /// A weight that is NaN or infinite.
    #[error("weight {index} is {value}; every weight must be finite")]
    NotFinite {
        /// Position of the weight.
        index: usize,
        /// The value.
        value: f64,
    },
    /// Too few transitions.
    #[error("{count} transitions of single weights given; a fit needs at least {needed}")]
    TooFew {
        /// What was given.
        count: u64,
        /// What is needed.
        needed: u64,
    },
    /// Weights that do not move, or move without noise that could be told from rounding.
    #[error("the weights move without noise; neither temperature nor rate can be inferred from such a run")]
    NoNoise,
    /// Weights whose squares are beyond the largest double.
    #[error(
        "the sum of the squared weights or moves is too large for a double; nothing can be fitted to them"
    )]
    TooLarge,
    /// Weights that never leave the bottom of the well.
    #[error("all weights start every transition at 0; a rate cannot be inferred from them")]
    NoPull,
    /// A scheme whose weights are not a Markov chain.
    #[error(
        "{scheme} steps share their noise with the next step; transitions of single weights do not describe them"
    )]
    NotMarkov {
        /// Its name.
        scheme: String,
    },
    /// Parameters that the data cannot tell apart.
    #[error("{unknown} cannot be inferred together: a trajectory shows only {seen}")]
    NotIdentifiable {
        /// The open parameters.
        unknown: String,
        /// What the data show.
        seen: &'static str,
    },
    /// A parameter that must be stated.
    #[error("{parameter} is not stated, and this needs it")]
    Missing {
        /// The parameter that is missing.
        parameter: Parameter,
    },
    /// A parameter outside its range.
    #[error(transparent)]
    Oracle(#[from] OracleError),
}
