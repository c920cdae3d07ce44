//! Ageing of the spherical p = 2 model at zero temperature.

use crate::prediction::grid::Range;
use crate::prediction::law::{Column, Law};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::glass::ageing::{spherical_ageing_limit, spherical_correlation};

pub(super) const LAW: Law = Law {
    name: "spherical-ageing",
    title: "Ageing of the spherical p = 2 model at zero temperature",
    equation: "C(t_w + t, t_w) = G(2 t_w + t)/√(G(2 t_w) G(2 t_w + 2 t)), G(u) = I₁(2u)/u; limit (4 t_w (t_w + t)/(2 t_w + t)²)^{3/4}",
    source: "Cugliandolo and Dean, J. Phys. A 28, 4213 (1995)",
    parameters: &[
        Parameter::with_value("waiting-time", "waiting time t_w, in units of 1/J", "at least 0", 100.0),
        Parameter::with_grid(
            "lag",
            "time t since the waiting time, in units of 1/J",
            "at least 0",
            Range::logarithmic(1e-1, 1e6, 71),
        ),
    ],
    columns: &[
        Column { name: "correlation", meaning: "C(t_w + t, t_w)" },
        Column { name: "ageing_limit", meaning: "its limit for long times at fixed t/t_w" },
    ],
    evaluate: |arguments| {
        let first = arguments.get("waiting-time");
        let second = first + arguments.get("lag");
        // At time 0 there is no limit.
        let limit = if second == 0.0 { None } else { Some(spherical_ageing_limit(first, second)?) };
        Ok(vec![Some(spherical_correlation(first, second)?), limit])
    },
};
