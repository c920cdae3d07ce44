//! The errors of predictions.

use crate::Number;
use thiserror::Error;

/// Why a prediction cannot be given.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum OracleError {
    /// An argument lies outside its domain.
    #[error("{argument} is {}; it must be {allowed}", Number::from(.value))]
    OutOfRange {
        /// Name of the argument.
        argument: &'static str,
        /// The value that was given.
        value: f64,
        /// The allowed range, in words.
        allowed: &'static str,
    },
    /// A time of a step law does not fall on a step.
    #[error("{argument} is {}; it must be a whole number of steps of {}", Number::from(.value), Number::from(.dt))]
    NotAWholeStep {
        /// Name of the argument.
        argument: &'static str,
        /// The value that was given, in units of time.
        value: f64,
        /// The step, in units of time.
        dt: f64,
    },
    /// The value exists but a double cannot hold it.
    #[error("{quantity} at {argument} = {} is too large for a double", Number::from(.value))]
    Overflow {
        /// What overflows.
        quantity: &'static str,
        /// Name of the argument that drives it.
        argument: &'static str,
        /// Value of that argument.
        value: f64,
    },
    /// The quantity has no value for these parameters.
    #[error("{quantity} does not exist: {reason}")]
    Undefined {
        /// What does not exist.
        quantity: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// A direction of a basin in which nothing holds the weights.
    #[error(
        "mode {mode} has stiffness {}; a stationary state needs it above 0, and mobility * stiffness * dt below 2 on a \
         step clock",
        Number::from(.stiffness)
    )]
    UnboundMode {
        /// Number of the mode.
        mode: usize,
        /// Its stiffness.
        stiffness: f64,
    },
    /// An iteration did not reach its tolerance.
    #[error("{quantity} did not converge at {argument} = {}", Number::from(.value))]
    NotConverged {
        /// What was iterated.
        quantity: &'static str,
        /// Name of the argument it was iterated for.
        argument: &'static str,
        /// Value of that argument.
        value: f64,
    },
}

/// Accepts finite numbers for which `holds` is true.
pub(crate) fn require(
    argument: &'static str,
    value: f64,
    holds: bool,
    allowed: &'static str,
) -> Result<f64, OracleError> {
    if value.is_finite() && holds {
        Ok(value)
    } else {
        Err(OracleError::OutOfRange { argument, value, allowed })
    }
}

/// Accepts finite numbers above zero.
pub(crate) fn require_positive(argument: &'static str, value: f64) -> Result<f64, OracleError> {
    require(argument, value, value > 0.0, "finite and above 0")
}

/// Accepts finite numbers from zero up.
pub(crate) fn require_non_negative(argument: &'static str, value: f64) -> Result<f64, OracleError> {
    require(argument, value, value >= 0.0, "finite and at least 0")
}

/// Accepts any finite number.
pub(crate) fn require_finite(argument: &'static str, value: f64) -> Result<f64, OracleError> {
    require(argument, value, true, "finite")
}
