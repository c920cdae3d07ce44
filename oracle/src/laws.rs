//! The laws, one closed form a file.

mod anisotropic_basin;
mod free_brownian;
mod linear_relaxation;
mod population;
mod quadratic_well;
mod stationary_well;

pub use anisotropic_basin::AnisotropicBasin;
pub use free_brownian::FreeBrownian;
pub(crate) use linear_relaxation::LinearRelaxation;
pub use population::Population;
pub use quadratic_well::QuadraticWell;
pub use stationary_well::StationaryWell;
