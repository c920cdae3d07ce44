//! The quadratic well in its stationary state.

use super::bath::{DATASET_SIZE, DT, HALF_WIDTH, MOBILITY, STIFFNESS, TEMPERATURE, bath, clock};
use super::displacement::{COLUMNS, LAG, observables};
use crate::prediction::law::{Arguments, Law, LawError};
use glassbox_oracle::laws::StationaryWell;

pub(super) fn well(arguments: &Arguments) -> Result<StationaryWell, LawError> {
    Ok(StationaryWell::new(bath(arguments)?, arguments.get("stiffness"), clock(arguments)?)?)
}

pub(super) const LAW: Law = Law {
    name: "stationary-well",
    title: "Quadratic well in its stationary state",
    equation: "dw ~ N(0, 2 s² (1 − e^{−mu k t})), s² = T/(k P_D)",
    source: "paper Eq. 7 with Appendix F; Appendix H prints half of its limit",
    parameters: &[MOBILITY, TEMPERATURE, DATASET_SIZE, STIFFNESS, DT, HALF_WIDTH, LAG],
    columns: &COLUMNS,
    evaluate: |arguments| observables(&well(arguments)?, arguments),
};
