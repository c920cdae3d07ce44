//! Two populations of weights: dead ones, held by the regularisation alone, and live ones.

use super::bath::{BINDING_STIFFNESS, DATASET_SIZE, DT, HALF_WIDTH, MOBILITY, TEMPERATURE, bath, clock};
use super::displacement::{COLUMNS, LAG, observables};
use crate::prediction::grid::Range;
use crate::prediction::law::{Arguments, Column, Law, LawError, require};
use crate::prediction::parameter::{Fallback, Parameter};
use glassbox_oracle::DisplacementLaw;
use glassbox_oracle::laws::{Population, StationaryWell};

const DEAD_FRACTION: Parameter =
    Parameter::with_value("dead-fraction", "fraction of the weights that is dead", "from 0 to 1", 0.5);
const LIVE_STIFFNESS: Parameter =
    Parameter::with_value("live-stiffness", "stiffness of the wells of the live weights", "above 0", 1.0);
const LOG10_MAGNITUDE: Parameter = Parameter::with_grid(
    "log10-magnitude",
    "log10 of the displacement |dw|",
    "finite",
    Range::linear(-9.0, -1.0, 161),
);
const EQUATION: &str = "p N(0, 2 s² (1 − e^{−mu k t})) + (1 − p) N(0, 2 s'² (1 − e^{−mu k' t})), s² = T/(k P_D) (continuous time; with dt the exact law of Euler–Maruyama's steps)";

fn population(arguments: &Arguments) -> Result<Population, LawError> {
    let (bath, clock, dead) = (bath(arguments)?, clock(arguments)?, arguments.get(DEAD_FRACTION.name));
    require("dead_fraction", dead, (0.0..=1.0).contains(&dead), "from 0 to 1")?;
    let well = |stiffness: &str| StationaryWell::new(bath, arguments.get(stiffness), clock);
    Ok(Population::new(vec![
        (dead, Box::new(well(BINDING_STIFFNESS.name)?)),
        (1.0 - dead, Box::new(well(LIVE_STIFFNESS.name)?)),
    ])?)
}

pub(super) const LAW: Law = Law {
    name: "two-populations",
    title: "Dead and live weights, each in its stationary well",
    equation: EQUATION,
    source: "a mixture: glassbox_oracle::laws::Population",
    parameters: &[
        MOBILITY,
        TEMPERATURE,
        DATASET_SIZE,
        DT,
        DEAD_FRACTION,
        BINDING_STIFFNESS,
        LIVE_STIFFNESS,
        HALF_WIDTH,
        LAG,
    ],
    columns: &COLUMNS,
    evaluate: |arguments| observables(&population(arguments)?, arguments),
};

pub(super) const DENSITY: Law = Law {
    name: "two-populations-density",
    title: "Distribution of log10 |dw| of dead and live weights",
    equation: EQUATION,
    source: "paper Figs. 7d–f; a mixture: glassbox_oracle::laws::Population",
    parameters: &[
        MOBILITY,
        TEMPERATURE,
        DATASET_SIZE,
        DT,
        DEAD_FRACTION,
        BINDING_STIFFNESS,
        LIVE_STIFFNESS,
        Parameter { fallback: Fallback::Value(2e5), ..LAG },
        LOG10_MAGNITUDE,
    ],
    columns: &[Column { name: "density", meaning: "probability density of log10 |dw|" }],
    evaluate: |arguments| {
        let displacement = population(arguments)?.displacement(arguments.get("lag"))?;
        let position = arguments.get(LOG10_MAGNITUDE.name);
        require("log10_magnitude", position, position.is_finite(), "finite")?;
        Ok(vec![Some(displacement.log10_magnitude_density(position))])
    },
};
