//! Numbers of stationary points of random landscapes.

use crate::prediction::grid::Range;
use crate::prediction::law::{Column, Law};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::glass::stationary_points::{
    expected_count, expected_minima, minima_complexity, total_complexity,
};

pub(super) const COUNT: Law = Law {
    name: "stationary-points",
    title: "Stationary points of a random landscape in one dimension (Kac and Rice)",
    equation: "<N> = erf(k/(s√2)) + (s/k) √(2/π) e^{−k²/(2s²)}, s² = Var V''",
    source: "Kac (1943), Rice (1944); glassbox_oracle::glass::stationary_points",
    parameters: &[
        Parameter::with_value(
            "curvature-deviation",
            "standard deviation s of the random curvature",
            "at least 0",
            1.0,
        ),
        Parameter::with_grid(
            "stiffness",
            "stiffness k of the well",
            "above 0",
            Range::logarithmic(1e-3, 10.0, 41),
        ),
    ],
    columns: &[
        Column { name: "stationary_points", meaning: "expected number of stationary points" },
        Column { name: "minima", meaning: "expected number of minima" },
    ],
    evaluate: |arguments| {
        let (stiffness, deviation) = (arguments.get("stiffness"), arguments.get("curvature-deviation"));
        Ok(vec![Some(expected_count(stiffness, deviation)?), Some(expected_minima(stiffness, deviation)?)])
    },
};

pub(super) const COMPLEXITY: Law = Law {
    name: "landscape-complexity",
    title: "Complexity of a random landscape in many dimensions",
    equation: "Sigma_total = (r² − 1)/2 − ln r, Sigma_minima = ½ (−3 − ln r² + 4 r − r²), r = mu/mu_c < 1; 0 beyond",
    source: "Fyodorov (2004), Fyodorov and Williams (2007); glassbox_oracle::glass::stationary_points",
    parameters: &[Parameter::with_grid(
        "ratio",
        "confinement r = mu/mu_c",
        "above 0",
        Range::linear(0.02, 1.2, 60),
    )],
    columns: &[
        Column { name: "total_complexity", meaning: "(ln of the number of stationary points)/N" },
        Column { name: "minima_complexity", meaning: "(ln of the number of minima)/N" },
    ],
    evaluate: |arguments| {
        let ratio = arguments.get("ratio");
        Ok(vec![Some(total_complexity(ratio)?), Some(minima_complexity(ratio)?)])
    },
};
