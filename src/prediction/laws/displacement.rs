//! What all laws of a displacement have in common: the lag, and the observables.

use super::bath::HALF_WIDTH;
use crate::prediction::grid::Range;
use crate::prediction::law::{Arguments, Column, LawError, require};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::{Displacement, DisplacementLaw, OracleError};

pub(super) const LAG: Parameter = Parameter::with_grid(
    "lag",
    "time t since the waiting time, in units of time",
    "at least 0, on a step of the clock; inf is the long-time limit",
    Range::logarithmic(1.0, 1e6, 61),
)
.in_time();

pub(super) const WAITING_TIME: Parameter = Parameter::with_value(
    "waiting-time",
    "time t_w since the start, in units of time",
    "at least 0, on a step of the clock",
    0.0,
)
.in_time();

pub(super) const COLUMNS: [Column; 6] = [
    Column { name: "overlap", meaning: "overlap Q: the fraction with |dw| ≤ eps" },
    Column { name: "mean_squared_displacement", meaning: "mean squared displacement, in weight²" },
    Column { name: "non_gaussian_parameter", meaning: "non-Gaussian parameter <dw⁴>/(3 <dw²>²) − 1" },
    Column { name: "mean", meaning: "mean displacement, in units of weight" },
    Column { name: "variance", meaning: "variance of the displacement, in weight²" },
    Column { name: "mobile_fraction", meaning: "1 − Q" },
];

pub(super) fn observables(
    law: &dyn DisplacementLaw,
    arguments: &Arguments,
) -> Result<Vec<Option<f64>>, LawError> {
    let (lag, half_width) = (arguments.get("lag"), arguments.get(HALF_WIDTH.name));
    require("half_width", half_width, half_width >= 0.0, "at least 0")?;
    if lag == f64::INFINITY {
        return limits(law, half_width);
    }
    let displacement = law.displacement(lag)?;
    Ok(vec![
        Some(displacement.overlap(half_width)),
        Some(displacement.mean_squared_displacement()),
        displacement.non_gaussian_parameter(),
        Some(displacement.mean()),
        Some(displacement.variance()),
        Some(displacement.mobile_fraction(half_width)),
    ])
}

/// The observables after any time: empty where one has no limit, which the others may have.
fn limits(law: &dyn DisplacementLaw, half_width: f64) -> Result<Vec<Option<f64>>, LawError> {
    let Some(limits) = existing(law.displacement_limits())? else { return Ok(vec![None; COLUMNS.len()]) };
    let common = |of: &dyn Fn(&Displacement) -> Option<f64>| {
        let [even, odd] = limits.each_ref().map(of);
        if even == odd { even } else { None }
    };
    Ok(vec![
        common(&|one| Some(one.overlap(half_width))),
        common(&|one| Some(one.mean_squared_displacement())),
        common(&Displacement::non_gaussian_parameter),
        common(&|one| Some(one.mean())),
        common(&|one| Some(one.variance())),
        common(&|one| Some(one.mobile_fraction(half_width))),
    ])
}

/// A limit that does not exist is an empty cell.
pub(super) fn existing<T>(limit: Result<T, OracleError>) -> Result<Option<T>, OracleError> {
    match limit {
        Ok(value) => Ok(Some(value)),
        Err(OracleError::Undefined { .. } | OracleError::Overflow { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
