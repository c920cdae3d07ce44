//! A law as a function from named parameters to named columns.

use super::parameter::Parameter;
use glassbox_oracle::{Number, OracleError};
use thiserror::Error;

/// A law that can be tabulated.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// Name, in lower case with hyphens; a subcommand of `glassbox predict`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: &'static str,
    /// The law as an equation.
    pub equation: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its parameters; the one with a grid is its natural axis.
    pub parameters: &'static [Parameter],
    /// What it gives; the first column is the one that is drawn.
    pub columns: &'static [Column],
    /// Values of the columns for values of the parameters.
    pub evaluate: fn(&Arguments) -> Result<Vec<Option<f64>>, LawError>,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Name, in lower case with underscores.
    pub name: &'static str,
    /// What it is, with its unit.
    pub meaning: &'static str,
}

/// Why a law cannot be evaluated at a point.
#[derive(Clone, Debug, Error)]
pub enum LawError {
    /// The oracle refuses the parameters.
    #[error(transparent)]
    Oracle(#[from] OracleError),
    /// A value that is no number, which a law must refuse to give.
    #[error("{column} is not a number at this point")]
    NotANumber {
        /// Name of the column.
        column: &'static str,
    },
    /// An integrator without steps.
    #[error("--scheme needs steps; give --dt a value above 0")]
    SchemeWithoutSteps,
    /// A parameter that must be a whole number.
    #[error("{parameter} is {}; it must be a whole number from {least} to {most}", Number::from(.value))]
    NotWhole {
        /// Name of the parameter.
        parameter: &'static str,
        /// The value that was given.
        value: f64,
        /// The least that is allowed.
        least: u32,
        /// The most that is allowed.
        most: u32,
    },
}

/// Accepts a value for which `holds` is true.
pub(super) fn require(
    argument: &'static str,
    value: f64,
    holds: bool,
    allowed: &'static str,
) -> Result<f64, LawError> {
    if holds { Ok(value) } else { Err(OracleError::OutOfRange { argument, value, allowed }.into()) }
}

/// Values of the parameters at one point of a grid.
#[derive(Clone, Debug, Default)]
pub struct Arguments(Vec<(&'static str, f64)>);

impl Arguments {
    pub(super) fn set(&mut self, name: &'static str, value: f64) {
        self.0.push((name, value));
    }

    /// The value of a parameter, `None` if it was left out.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The value of a parameter; NaN, which every law refuses, if it was left out.
    #[must_use]
    pub fn get(&self, name: &str) -> f64 {
        self.optional(name).unwrap_or(f64::NAN)
    }

    /// The value of a parameter that counts something.
    ///
    /// # Errors
    /// [`LawError::NotWhole`] unless it is a whole number from `least` to `most`.
    pub fn whole(&self, parameter: &'static str, least: u32, most: u32) -> Result<u32, LawError> {
        let value = self.get(parameter);
        if value.fract() == 0.0 && (f64::from(least)..=f64::from(most)).contains(&value) {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number in range"
            )]
            return Ok(value as u32);
        }
        Err(LawError::NotWhole { parameter, value, least, most })
    }
}
