//! The laws, one closed form a file.

mod anisotropic_basin;
mod free_brownian;
mod gaussian_map;
mod linear_recursion;
mod linear_relaxation;
mod linear_step;
mod minibatch_well;
mod population;
mod quadratic_well;
mod stationary_well;

pub use anisotropic_basin::AnisotropicBasin;
pub use free_brownian::FreeBrownian;
pub use linear_recursion::LinearRecursion;
pub(crate) use linear_relaxation::{Fate, LinearRelaxation};
pub use minibatch_well::MinibatchWell;
pub use population::Population;
pub use quadratic_well::QuadraticWell;
pub use stationary_well::StationaryWell;
