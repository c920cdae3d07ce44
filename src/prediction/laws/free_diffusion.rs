//! Free diffusion.

use super::bath::{DATASET_SIZE, DT, HALF_WIDTH, MOBILITY, SCHEME, TEMPERATURE, bath, clock, scheme};
use super::displacement::{COLUMNS, LAG, observables};
use crate::prediction::law::{Arguments, Law, LawError};
use glassbox_oracle::laws::FreeBrownian;

pub(super) fn law(arguments: &Arguments) -> Result<FreeBrownian, LawError> {
    let law = FreeBrownian::new(bath(arguments)?, clock(arguments)?)?;
    Ok(scheme(arguments)?.map_or(Ok(law), |scheme| law.integrated_by(scheme))?)
}

pub(super) const LAW: Law = Law {
    name: "free-diffusion",
    title: "Free diffusion",
    equation: "dw ~ N(0, 2 D t), D = mu T / P_D; Q = erf(eps / √(4 D t)) (with dt the exact law of the scheme's steps)",
    source: "paper Eqs. 5 and 6 (prefactor corrected)",
    parameters: &[MOBILITY, TEMPERATURE, DATASET_SIZE, DT, SCHEME, HALF_WIDTH, LAG],
    columns: &COLUMNS,
    evaluate: |arguments| observables(&law(arguments)?, arguments),
};
