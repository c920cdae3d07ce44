//! The quadratic well in its stationary state.

use super::bath::{
    DATASET_SIZE, DT, HALF_WIDTH, MOBILITY, SCHEME, STIFFNESS, TEMPERATURE, bath, clock, scheme,
};
use super::displacement::{COLUMNS, LAG, observables};
use crate::prediction::law::{Arguments, Law, LawError};
use glassbox_oracle::laws::StationaryWell;

pub(super) fn well(arguments: &Arguments) -> Result<StationaryWell, LawError> {
    let well = StationaryWell::new(bath(arguments)?, arguments.get("stiffness"), clock(arguments)?)?;
    Ok(scheme(arguments)?.map_or(Ok(well), |scheme| well.integrated_by(scheme))?)
}

pub(super) const LAW: Law = Law {
    name: "stationary-well",
    title: "Quadratic well in its stationary state",
    equation: "dw ~ N(0, 2 s² (1 − e^{−mu k t})), s² = T/(k P_D)",
    source: "paper Eq. 7 with Appendix F; Appendix H prints half of its limit",
    parameters: &[MOBILITY, TEMPERATURE, DATASET_SIZE, STIFFNESS, DT, SCHEME, HALF_WIDTH, LAG],
    columns: &COLUMNS,
    evaluate: |arguments| observables(&well(arguments)?, arguments),
};
