//! Differences of squared layer norms of a bias-free ReLU network.

use super::bath::{DATASET_SIZE, DT, MOBILITY, TEMPERATURE, bath, clock};
use crate::prediction::grid::Range;
use crate::prediction::law::{Column, Law};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::networks::balance::NormDifference;

/// Weights of a layer beyond this are no layer of a network that fits a machine.
const MOST_WEIGHTS: u32 = 1 << 31;

pub(super) const LAW: Law = Law {
    name: "layer-balance",
    title: "Difference of squared layer norms of a bias-free ReLU network",
    equation: "E[C](t) = C₀ e^{−2 mu lambda t} + (N_l − N_m) T/(lambda P_D) (1 − e^{−2 mu lambda t}), C = |W_l|² − |W_m|² \
               (with dt: of the steps, without what the squared gradients add in a run, mu² dt² (|g_l|² − |g_m|²) a step)",
    source: "Du, Hu and Lee (2018) for the conservation; with noise: glassbox_oracle::networks::balance",
    parameters: &[
        MOBILITY,
        TEMPERATURE,
        DATASET_SIZE,
        DT,
        Parameter::with_value("regularisation", "L2 regularisation lambda", "finite", 0.01),
        Parameter::with_value(
            "first-weights",
            "number of weights N_l of the first layer",
            "a whole number",
            300.0,
        ),
        Parameter::with_value(
            "second-weights",
            "number of weights N_m of the second",
            "a whole number",
            900.0,
        ),
        Parameter::with_value("initial", "C at time 0, in weight²", "finite", 0.0),
        Parameter::with_grid(
            "time",
            "time, in units of time",
            "at least 0, on a step of the clock",
            Range::logarithmic(1.0, 1e7, 71),
        )
        .in_time(),
    ],
    columns: &[Column { name: "norm_difference", meaning: "E[|W_l|² − |W_m|²], in weight²" }],
    evaluate: |arguments| {
        let first = arguments.whole("first-weights", 1, MOST_WEIGHTS)? as usize;
        let second = arguments.whole("second-weights", 1, MOST_WEIGHTS)? as usize;
        let regularisation = arguments.get("regularisation");
        let law = NormDifference::new(bath(arguments)?, regularisation, clock(arguments)?, first, second)?;
        Ok(vec![Some(law.expected(arguments.get("initial"), arguments.get("time"))?)])
    },
};
