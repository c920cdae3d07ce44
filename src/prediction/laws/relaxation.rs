//! Relaxation times and long-time limits against temperature (paper Figs. 3d–f, 4b and A7).

use super::bath::{BINDING_STIFFNESS, DATASET_SIZE, DT, HALF_WIDTH, MOBILITY, SCHEME, STIFFNESS};
use super::displacement::{WAITING_TIME, existing};
use super::free_diffusion;
use super::quadratic_well::{self, START_MEAN, START_STANDARD_DEVIATION};
use super::stationary_well;
use crate::prediction::grid::Range;
use crate::prediction::law::{Arguments, Column, Law, LawError};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::DisplacementLaw;

const TEMPERATURE: Parameter =
    Parameter::with_grid("temperature", "temperature T", "at least 0", Range::logarithmic(1e-10, 1.0, 61));
const WIDTH: Parameter = Parameter { range: "above 0", ..HALF_WIDTH };
const LEVEL: Parameter = Parameter::with_value(
    "level",
    "overlap at which the relaxation time is read: 0.9 for tau90, 0.36787944117144233 for tau_e",
    "above 0 and below 1",
    0.9,
);
const COLUMNS: [Column; 3] = [
    Column {
        name: "relaxation_time",
        meaning: "first time with an overlap of the level; empty where it is never reached",
    },
    Column { name: "overlap_limit", meaning: "Q_inf: the overlap that is left after any time" },
    Column {
        name: "mean_squared_displacement_limit",
        meaning: "mean squared displacement after any time, in weight²",
    },
];

fn limits(law: &dyn DisplacementLaw, arguments: &Arguments) -> Result<Vec<Option<f64>>, LawError> {
    let half_width = arguments.get(HALF_WIDTH.name);
    let relaxation_time = law.relaxation_time(half_width, arguments.get(LEVEL.name))?;
    Ok(vec![
        relaxation_time,
        existing(law.overlap_limit(half_width))?,
        existing(law.mean_squared_displacement_limit())?,
    ])
}

pub(super) const FREE_DIFFUSION: Law = Law {
    name: "free-diffusion-relaxation",
    title: "Relaxation time of free diffusion",
    equation: "tau = eps² / (4 x² D), erf(x) = level (continuous time; with dt the exact law of the scheme's steps)",
    source: "paper Eq. 6 (prefactor corrected) and Figs. 3d–f",
    parameters: &[MOBILITY, TEMPERATURE, DATASET_SIZE, DT, SCHEME, WIDTH, LEVEL],
    columns: &COLUMNS,
    evaluate: |arguments| limits(&free_diffusion::law(arguments)?, arguments),
};

pub(super) const QUADRATIC_WELL: Law = Law {
    name: "well-relaxation",
    title: "Relaxation time and long-time limits of a quadratic well",
    equation: "tau: first t with Q(t) = level; Q_inf = ½ [erf((eps + m)/√(2 v)) + erf((eps − m)/√(2 v))], m = m₀ r(t_w), \
               v = s² + V(t_w) + s₀² r(t_w)², s² = T/(k P_D) (continuous time; with dt the exact law of the scheme's steps)",
    source: "paper Appendices F and G, Eqs. 21 and 22",
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
        WIDTH,
        LEVEL,
    ],
    columns: &COLUMNS,
    evaluate: |arguments| limits(&quadratic_well::well(arguments)?, arguments),
};

pub(super) const STATIONARY_WELL: Law = Law {
    name: "stationary-well-relaxation",
    title: "Relaxation time and long-time limits of a stationary well",
    equation: "tau = −ln(1 − v/(2 s²)) / (mu k), v = eps²/(2 x²), erf(x) = level; Q_inf = erf(eps/(2 s)) (continuous time; with dt the exact law of the scheme's steps)",
    source: "paper Appendices F and G",
    parameters: &[MOBILITY, TEMPERATURE, DATASET_SIZE, BINDING_STIFFNESS, DT, SCHEME, WIDTH, LEVEL],
    columns: &COLUMNS,
    evaluate: |arguments| limits(&stationary_well::well(arguments)?, arguments),
};
