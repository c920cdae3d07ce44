//! The problems of the shipped profiles: one function each.
//!
//! All have a mobility other than 1, a temperature other than the data set size, and times chosen so that steps of `dt` are
//! `kappa dt` (`mobility * stiffness * dt`, or the rate named at the problem).

mod descent;
mod minibatch_well;
mod nonlinear;
mod wells;

pub use descent::{quadratic_descent, quartic_descent};
pub use minibatch_well::{MINIBATCH, minibatch_well};
pub use nonlinear::{hyperbolic_hill, stationary_quartic};
pub use wells::{anisotropic_basin, free_diffusion, quadratic_well, stationary_well};

use super::problem::Steps;
use glassbox_oracle::{Bath, OracleError};

/// `D = mu T / P_D = 1/4`, `T / P_D = 1/2`.
fn bath() -> Result<Bath, OracleError> {
    Bath::new(0.5, 2.0, 4.0)
}

/// kappa dt = 0.2 … 0.0125, and the one time of observation.
const STEPS: Steps = Steps { coarsest: 0.2, levels: 5 };
const TIME: f64 = 0.8;
