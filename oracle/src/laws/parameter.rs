//! The parameters that a user sets.

use std::fmt;

/// A parameter of a Langevin run in a well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Parameter {
    /// `mu`, the learning rate.
    Mobility,
    /// `T`.
    Temperature,
    /// `P_D`.
    DatasetSize,
    /// `k`.
    Stiffness,
    /// `dt`.
    Step,
}

impl Parameter {
    /// All of them.
    pub const ALL: [Parameter; 5] = [
        Parameter::Mobility,
        Parameter::Temperature,
        Parameter::DatasetSize,
        Parameter::Stiffness,
        Parameter::Step,
    ];

    /// Its power in the reduced rate `mu k dt`.
    #[must_use]
    pub const fn power_in_rate(self) -> i32 {
        match self {
            Parameter::Mobility | Parameter::Stiffness | Parameter::Step => 1,
            Parameter::Temperature | Parameter::DatasetSize => 0,
        }
    }

    /// Its power in the noise variance of a step, `2 mu T dt / P_D`.
    #[must_use]
    pub const fn power_in_noise(self) -> i32 {
        match self {
            Parameter::Mobility | Parameter::Temperature | Parameter::Step => 1,
            Parameter::DatasetSize => -1,
            Parameter::Stiffness => 0,
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Parameter::Mobility => "mobility",
            Parameter::Temperature => "temperature",
            Parameter::DatasetSize => "dataset_size",
            Parameter::Stiffness => "stiffness",
            Parameter::Step => "step",
        })
    }
}
