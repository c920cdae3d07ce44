//! Parameters of the heat bath and the clock, with the paper's values.

use crate::prediction::law::{Arguments, LawError};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::{Bath, Clock, Scheme};

pub(super) const MOBILITY: Parameter =
    Parameter::with_value("mobility", "mobility mu (the learning rate)", "above 0", 1e-3);
pub(super) const TEMPERATURE: Parameter =
    Parameter::with_value("temperature", "temperature T", "at least 0", 1e-4);
pub(super) const DATASET_SIZE: Parameter =
    Parameter::with_value("dataset-size", "number of samples P_D", "above 0", 60_000.0);
pub(super) const DT: Parameter = Parameter::with_value(
    "dt",
    "step of the integrator in units of time; 0 for continuous time",
    "at least 0",
    0.0,
);
pub(super) const SCHEME: Parameter = Parameter::with_choices(
    "scheme",
    "integrator whose steps they are, with dt above 0",
    &["euler-maruyama", "heun", "exact-step", "leimkuhler-matthews"],
);
pub(super) const STIFFNESS: Parameter =
    Parameter::with_value("stiffness", "stiffness k of the well L = k w²/2", "finite; below 0 a hill", 0.01);
/// The stiffness of a stationary state.
pub(super) const BINDING_STIFFNESS: Parameter =
    Parameter { range: "above 0; with dt, mu k dt below the limit of the scheme", ..STIFFNESS };
pub(super) const HALF_WIDTH: Parameter = Parameter::with_value(
    "half-width",
    "half width eps of the overlap, in units of weight",
    "at least 0",
    1.9e-4,
);

pub(super) fn bath(arguments: &Arguments) -> Result<Bath, LawError> {
    Ok(Bath::new(arguments.get("mobility"), arguments.get("temperature"), arguments.get("dataset-size"))?)
}

pub(super) fn clock(arguments: &Arguments) -> Result<Clock, LawError> {
    match arguments.get("dt") {
        0.0 => Ok(Clock::Continuous),
        dt => Ok(Clock::steps(dt)?),
    }
}

/// The integrator, where there are steps.
pub(super) fn scheme(arguments: &Arguments) -> Result<Option<Scheme>, LawError> {
    let index = arguments.whole(SCHEME.name, 0, 3)? as usize;
    if arguments.get(DT.name) != 0.0 {
        return Ok(Scheme::ALL.get(index).copied());
    }
    if index == 0 { Ok(None) } else { Err(LawError::SchemeWithoutSteps) }
}
