//! Free diffusion.

use super::bath::{DATASET_SIZE, DT, HALF_WIDTH, MOBILITY, TEMPERATURE, bath, clock};
use super::displacement::{COLUMNS, LAG, observables};
use crate::prediction::law::Law;
use glassbox_oracle::laws::FreeBrownian;

pub(super) const LAW: Law = Law {
    name: "free-diffusion",
    title: "Free diffusion",
    equation: "dw ~ N(0, 2 D t), D = mu T / P_D; Q = erf(eps / √(4 D t))",
    source: "paper Eqs. 5 and 6 (prefactor corrected)",
    parameters: &[MOBILITY, TEMPERATURE, DATASET_SIZE, DT, HALF_WIDTH, LAG],
    columns: &COLUMNS,
    evaluate: |arguments| observables(&FreeBrownian::new(bath(arguments)?, clock(arguments)?)?, arguments),
};
