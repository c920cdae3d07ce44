//! From measured curves to numbers with confidence intervals: relaxation times, exponents, collapse, bimodality, chi4.
//!
//! Everything is a pure function of slices. Curves are `curves[initial_condition][time]`, all on the same times; the
//! unit that is resampled is always the initial condition, so whatever is measured on the same initial conditions (all
//! temperatures of a sweep) is resampled together.
//!
//! Not a number is an error wherever it comes in. `None` means that the quantity does not exist in these data.

pub mod bimodality;
pub mod bootstrap;
pub mod collapse;
pub mod local_exponent;
pub mod master_curve_fit;
pub mod moments_of_networks;
pub mod power_law_fit;
pub mod relaxation_time;
pub mod variance_split;
pub mod weighted_line;

pub use bootstrap::{Bootstrap, Interval};

use glassbox_oracle::Number;
use thiserror::Error;

/// Why a curve cannot be analysed.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum AnalysisError {
    /// Too few points, initial conditions or samples.
    #[error("there are {count} {what}; at least {needed} are needed")]
    TooFew {
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Two lists that belong together differ in length.
    #[error("{first} has {first_length} entries and {second} has {second_length}; they must be equal")]
    Lengths {
        /// Name of one list.
        first: &'static str,
        /// Its length.
        first_length: usize,
        /// Name of the other.
        second: &'static str,
        /// Its length.
        second_length: usize,
    },
    /// A number outside its domain.
    #[error("{argument} is {}; it must be {allowed}", Number::from(.value))]
    OutOfRange {
        /// Name of the argument.
        argument: &'static str,
        /// The value that was given.
        value: f64,
        /// The allowed range, in words.
        allowed: &'static str,
    },
    /// An entry of a list outside its domain.
    #[error("{argument}[{index}] is {}; it must be {allowed}", Number::from(.value))]
    Entry {
        /// Name of the list.
        argument: &'static str,
        /// Place in the list.
        index: usize,
        /// The value that was given.
        value: f64,
        /// The allowed range, in words.
        allowed: &'static str,
    },
    /// The quantity has no value for these data.
    #[error("{quantity} does not exist: {reason}")]
    Undefined {
        /// What does not exist.
        quantity: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// The free law refused a number.
    #[error(transparent)]
    Oracle(#[from] glassbox_oracle::OracleError),
}

/// Accepts a list whose every entry is finite and passes `holds`.
fn require_each(
    argument: &'static str,
    values: &[f64],
    holds: impl Fn(f64) -> bool,
    allowed: &'static str,
) -> Result<(), AnalysisError> {
    match values.iter().position(|value| !value.is_finite() || !holds(*value)) {
        Some(index) => Err(AnalysisError::Entry { argument, index, value: values[index], allowed }),
        None => Ok(()),
    }
}

/// Accepts lists of equal length.
fn require_equal_lengths(
    (first, first_length): (&'static str, usize),
    (second, second_length): (&'static str, usize),
) -> Result<(), AnalysisError> {
    if first_length == second_length {
        Ok(())
    } else {
        Err(AnalysisError::Lengths { first, first_length, second, second_length })
    }
}

/// Accepts at least `needed`.
fn require_count(what: &'static str, count: usize, needed: usize) -> Result<(), AnalysisError> {
    if count >= needed { Ok(()) } else { Err(AnalysisError::TooFew { what, count, needed }) }
}

/// Accepts times that are finite, at least 0, and ascend.
fn require_times(times: &[f64]) -> Result<(), AnalysisError> {
    require_each("times", times, |time| time >= 0.0, "finite and at least 0")?;
    match times.windows(2).position(|pair| pair[1] <= pair[0]) {
        Some(index) => Err(AnalysisError::Entry {
            argument: "times",
            index: index + 1,
            value: times[index + 1],
            allowed: "above the time before",
        }),
        None => Ok(()),
    }
}

/// Accepts at least two curves with a finite value at each of the times.
fn require_curves(times: &[f64], curves: &[Vec<f64>]) -> Result<(), AnalysisError> {
    require_times(times)?;
    require_count("initial conditions", curves.len(), 2)?;
    for curve in curves {
        require_equal_lengths(("a curve", curve.len()), ("times", times.len()))?;
        require_each("a curve", curve, |_| true, "finite")?;
    }
    Ok(())
}
