//! The solvable transition of a network on one sample.

use crate::prediction::grid::Range;
use crate::prediction::law::{Column, Law};
use crate::prediction::parameter::Parameter;
use glassbox_oracle::networks::trivialisation::OneSampleNetwork;

pub(super) const LAW: Law = Law {
    name: "trivialisation",
    title: "Stationary points of a bias-free ReLU network on one sample",
    equation: "lambda = |x|^{2/H} (1 − m) m^{1 − 2/H}, L = (1 − m)²/2 + (H/2) m (1 − m); minimum and saddle meet at \
               m = (H − 2)/(2 (H − 1))",
    source: "derived in glassbox_oracle::networks::trivialisation",
    parameters: &[
        Parameter::with_value("layers", "number of weight layers H", "a whole number from 1", 7.0),
        Parameter::with_value("input-norm", "norm |x| of the sample", "between 1e-100 and 1e100", 1.0),
        Parameter::with_grid(
            "regularisation",
            "L2 regularisation lambda",
            "above 0",
            Range::linear(0.005, 0.35, 70),
        ),
    ],
    columns: &[
        Column { name: "output", meaning: "output m of the minimum; empty beyond the spinodal" },
        Column { name: "loss", meaning: "total loss of the minimum" },
        Column { name: "squared_layer_norm", meaning: "|W_l|² of the minimum" },
        Column { name: "saddle_output", meaning: "output m of the saddle" },
        Column { name: "saddle_loss", meaning: "total loss of the saddle" },
        Column { name: "lowest_loss", meaning: "lowest loss of any weights" },
    ],
    evaluate: |arguments| {
        let layers = arguments.whole("layers", 1, 1 << 20)?;
        let network = OneSampleNetwork::new(layers, arguments.get("input-norm"))?;
        let lambda = arguments.get("regularisation");
        let (minimum, saddle) = (network.minimum(lambda)?, network.saddle(lambda)?);
        Ok(vec![
            minimum.map(|point| point.output),
            minimum.map(|point| point.loss),
            minimum.map(|point| point.squared_layer_norm),
            saddle.map(|point| point.output),
            saddle.map(|point| point.loss),
            Some(network.lowest_loss(lambda)?),
        ])
    },
};
