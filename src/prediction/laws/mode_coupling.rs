//! Schematic mode-coupling theory, and the master curves it is compared with.

use crate::prediction::grid::Range;
use crate::prediction::law::{Column, Law};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::glass::master_curve::MasterCurve;
use glassbox_oracle::glass::mode_coupling::{F1, F12, exponents};

const TIME: Parameter = Parameter::with_grid(
    "time",
    "time, in units of the microscopic relaxation",
    "finite and at least 0",
    Range::logarithmic(1e-2, 1e6, 81),
);

pub(super) const F1_CORRELATOR: Law = Law {
    name: "mode-coupling-f1",
    title: "Correlator of the schematic model F1",
    equation: "φ' + φ + v ∫ φ(t − s) φ'(s) ds = 0; φ(t) = (1 − 1/v)₊ + ∫ √((l₊ − l)(l − l₋))/(2π v l) e^{−l t} dl, \
               l± = (1 ± √v)²",
    source: "Götze, Complex Dynamics of Glass-Forming Liquids (2009); closed form: glassbox_oracle::glass::mode_coupling::F1",
    parameters: &[Parameter::with_value("coupling", "coupling v; critical at 1", "at least 0", 1.0), TIME],
    columns: &[
        Column { name: "correlator", meaning: "φ(t)" },
        Column { name: "derivative", meaning: "dφ/dt" },
        Column { name: "plateau", meaning: "φ at infinite time" },
    ],
    evaluate: |arguments| {
        let model = F1::new(arguments.get("coupling"))?;
        let time = arguments.get("time");
        Ok(vec![Some(model.correlator(time)?), Some(model.derivative(time)?), Some(model.plateau())])
    },
};

pub(super) const F12_PLATEAU: Law = Law {
    name: "mode-coupling-f12-plateau",
    title: "Plateau of the schematic models F12 and F2",
    equation: "f/(1 − f) = v₁ f + v₂ f²: the largest root",
    source: "Götze, Complex Dynamics of Glass-Forming Liquids (2009); F2 has v₁ = 0 and is critical at v₂ = 4",
    parameters: &[
        Parameter::with_value("linear", "linear coupling v₁", "at least 0", 0.0),
        Parameter::with_grid("quadratic", "quadratic coupling v₂", "at least 0", Range::linear(3.0, 8.0, 51)),
    ],
    columns: &[Column { name: "plateau", meaning: "correlator at infinite time" }],
    evaluate: |arguments| {
        Ok(vec![Some(F12::new(arguments.get("linear"), arguments.get("quadratic"))?.plateau())])
    },
};

pub(super) const EXPONENTS: Law = Law {
    name: "mode-coupling-exponents",
    title: "Exponents of mode-coupling theory",
    equation: "lambda = Γ(1 − a)²/Γ(1 − 2a) = Γ(1 + b)²/Γ(1 + 2b), gamma = 1/(2a) + 1/(2b)",
    source: "Götze, Complex Dynamics of Glass-Forming Liquids (2009)",
    parameters: &[Parameter::with_grid(
        "exponent-parameter",
        "exponent parameter lambda",
        "at least 0.5 and below 1",
        Range::linear(0.5, 0.99, 50),
    )],
    columns: &[
        Column { name: "critical", meaning: "a: decay to the plateau" },
        Column { name: "von_schweidler", meaning: "b: decay from the plateau" },
        Column { name: "relaxation_time", meaning: "gamma: divergence of the relaxation time" },
    ],
    evaluate: |arguments| {
        let lambda = arguments.get("exponent-parameter");
        Ok(vec![
            Some(exponents::critical(lambda)?),
            Some(exponents::von_schweidler(lambda)?),
            Some(exponents::relaxation_time(lambda)?),
        ])
    },
};

pub(super) const MASTER_CURVE: Law = Law {
    name: "master-curve",
    title: "Master curve of free diffusion, beside critical F1",
    equation: "Q = erf(1/(2√t)), time in units of eps²/D; F1 at v = 1: e^{−2t} (I₀(2t) + I₁(2t)); both tend to 1/√(π t)",
    source: "paper Fig. 4a, where tau90 is 0.184806 eps²/D; glassbox_oracle::glass::master_curve",
    parameters: &[Parameter::with_grid(
        "time",
        "time",
        "finite and above 0",
        Range::logarithmic(1e-2, 1e6, 81),
    )],
    columns: &[
        Column { name: "overlap", meaning: "overlap of free diffusion" },
        Column { name: "overlap_exponent", meaning: "its local exponent d ln Q / d ln t" },
        Column { name: "critical_f1", meaning: "correlator of F1 at v = 1" },
        Column { name: "critical_f1_exponent", meaning: "its local exponent" },
    ],
    evaluate: |arguments| {
        let time = arguments.get("time");
        let mut values = Vec::new();
        for curve in [MasterCurve::FreeDiffusion, MasterCurve::CriticalF1] {
            values.extend([Some(curve.value(time)?), Some(curve.local_exponent(time)?)]);
        }
        Ok(values)
    },
};
