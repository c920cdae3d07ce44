//! The quadratic well in its stationary state.

use super::bath::{
    BINDING_STIFFNESS, DATASET_SIZE, DT, HALF_WIDTH, MOBILITY, SCHEME, TEMPERATURE, bath, clock, scheme,
};
use super::displacement::{COLUMNS, LAG, observables};
use crate::prediction::law::{Arguments, Law, LawError};
use glassbox_oracle::laws::StationaryWell;

pub(super) fn well(arguments: &Arguments) -> Result<StationaryWell, LawError> {
    let (bath, stiffness) = (bath(arguments)?, arguments.get("stiffness"));
    Ok(match scheme(arguments)? {
        Some(scheme) => StationaryWell::of_steps(bath, stiffness, arguments.get("dt"), scheme)?,
        None => StationaryWell::new(bath, stiffness, clock(arguments)?)?,
    })
}

pub(super) const LAW: Law = Law {
    name: "stationary-well",
    title: "Quadratic well in its stationary state",
    equation: "dw ~ N(0, 2 s² (1 − e^{−mu k t})), s² = T/(k P_D) (continuous time; with dt the exact law of the scheme's steps)",
    source: "paper Eq. 7 with Appendix F; Appendix H prints half of its limit",
    parameters: &[MOBILITY, TEMPERATURE, DATASET_SIZE, BINDING_STIFFNESS, DT, SCHEME, HALF_WIDTH, LAG],
    columns: &COLUMNS,
    evaluate: |arguments| observables(&well(arguments)?, arguments),
};
