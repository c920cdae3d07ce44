//! The quadratic well from a known start.

use super::bath::{
    DATASET_SIZE, DT, HALF_WIDTH, MOBILITY, SCHEME, STIFFNESS, TEMPERATURE, bath, clock, scheme,
};
use super::displacement::{COLUMNS, LAG, WAITING_TIME, observables};
use crate::prediction::law::{Arguments, Law, LawError};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::laws::QuadraticWell;

pub(super) const START_MEAN: Parameter =
    Parameter::with_value("start-mean", "mean of the weight at time 0", "finite", 0.0);
pub(super) const START_STANDARD_DEVIATION: Parameter = Parameter::with_value(
    "start-standard-deviation",
    "standard deviation of the weight at time 0",
    "at least 0",
    0.0,
);

pub(super) fn well(arguments: &Arguments) -> Result<QuadraticWell, LawError> {
    let well = QuadraticWell::new(bath(arguments)?, arguments.get("stiffness"), clock(arguments)?)?;
    let well = scheme(arguments)?.map_or(Ok(well), |scheme| well.integrated_by(scheme))?;
    let (mean, spread) = (arguments.get(START_MEAN.name), arguments.get(START_STANDARD_DEVIATION.name));
    Ok(well.from_gaussian(mean, spread)?.after_waiting(arguments.get("waiting-time"))?)
}

pub(super) const LAW: Law = Law {
    name: "well",
    title: "Quadratic well from a known start",
    equation: "dw ~ N(−m₀ r(t_w)(1 − r(t)), V(t) + (1 − r(t))² (s₀² r(t_w)² + V(t_w))), \
               r = e^{−mu k t}, V = T/(k P_D) (1 − r²) (continuous time; with dt the exact law of the scheme's steps)",
    source: "paper Appendix F, Eqs. 15–21",
    parameters: &[
        MOBILITY,
        TEMPERATURE,
        DATASET_SIZE,
        STIFFNESS,
        DT,
        SCHEME,
        START_MEAN,
        START_STANDARD_DEVIATION,
        WAITING_TIME,
        HALF_WIDTH,
        LAG,
    ],
    columns: &COLUMNS,
    evaluate: |arguments| observables(&well(arguments)?, arguments),
};
