//! The Boltzmann averages of the smallest network.

use super::bath::{DATASET_SIZE, HALF_WIDTH};
use crate::prediction::grid::Range;
use crate::prediction::law::{Column, Law};
use crate::prediction::parameter::{Fallback, Parameter};
use glassbox_oracle::Bath;
use glassbox_oracle::networks::two_weight::TwoWeightNetwork;

pub(super) const LAW: Law = Law {
    name: "two-weight-equilibrium",
    title: "Boltzmann averages of a network of two weights on one sample",
    equation: "density exp(−P_D L/T), L = ½ max(0, 1 − y f)² + (lambda/2)(w₁² + w₂²), f = w₂ max(0, w₁ x)",
    source: "paper Eq. 13; glassbox_oracle::networks::two_weight",
    parameters: &[
        Parameter { fallback: Fallback::Value(1.0), ..DATASET_SIZE },
        Parameter::with_value("input", "input x", "not 0", 1.0),
        Parameter::with_value(
            "regularisation",
            "L2 regularisation lambda",
            "lambda/|x| from 1e-3 to 1e2",
            0.1,
        ),
        Parameter { fallback: Fallback::Value(0.1), ..HALF_WIDTH },
        Parameter::with_grid(
            "temperature",
            "temperature T",
            "P_D/T from 1e-2 to 1e5",
            Range::logarithmic(1e-3, 10.0, 41),
        ),
    ],
    columns: &[
        Column { name: "loss", meaning: "<L>, with regularisation" },
        Column { name: "data_loss", meaning: "<½ max(0, 1 − y f)²>" },
        Column { name: "output", meaning: "<y f>" },
        Column { name: "squared_weight", meaning: "<w²>, the same for both weights" },
        Column { name: "first_overlap_limit", meaning: "Q_inf of w₁" },
        Column { name: "second_overlap_limit", meaning: "Q_inf of w₂" },
    ],
    evaluate: |arguments| {
        // Averages do not depend on the mobility.
        let bath = Bath::new(1.0, arguments.get("temperature"), arguments.get("dataset-size"))?;
        let network = TwoWeightNetwork::new(bath, arguments.get("input"), arguments.get("regularisation"))?;
        let averages = network.averages()?;
        let [first, second] = network.overlap_limits(arguments.get("half-width"))?;
        let values =
            [averages.loss, averages.data_loss, averages.output, averages.squared_weights[0], first, second];
        Ok(values.map(Some).to_vec())
    },
};
