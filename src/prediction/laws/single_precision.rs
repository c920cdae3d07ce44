//! Diffusion of weights that are kept in single precision.

use crate::prediction::grid::Range;
use crate::prediction::law::{Column, Law};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::networks::single_precision::{diffusion_ratio, probability_of_moving};

pub(super) const LAW: Law = Law {
    name: "single-precision-diffusion",
    title: "Diffusion of weights kept in single precision",
    equation: "D_eff/D = (2/q²) Σ j² [Φ((j + ½)/q) − Φ((j − ½)/q)], q = √(2 D dt)/spacing",
    source: "derived in glassbox_oracle::networks::single_precision",
    parameters: &[Parameter::with_grid(
        "noise-in-spacings",
        "standard deviation q of the noise of a step in spacings of the weight",
        "above 0",
        Range::logarithmic(0.05, 10.0, 61),
    )],
    columns: &[
        Column { name: "diffusion_ratio", meaning: "D_eff/D" },
        Column { name: "probability_of_moving", meaning: "probability that a step moves the weight" },
    ],
    evaluate: |arguments| {
        let q = arguments.get("noise-in-spacings");
        Ok(vec![Some(diffusion_ratio(q)?), Some(probability_of_moving(q)?)])
    },
};
