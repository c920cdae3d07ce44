//! Laws of displacements, one closed form a file, and what they are made of: bath, clock, scheme, distribution.

mod anisotropic_basin;
mod bath;
mod clock;
mod displacement;
pub mod equilibrium;
mod free_brownian;
mod gaussian_map;
mod joint;
pub mod law;
mod linear_recursion;
mod linear_relaxation;
mod linear_step;
mod minibatch_well;
mod parameterised_law;
mod population;
mod quadratic_well;
pub mod relaxation;
mod scheme;
mod stationary_well;

pub use anisotropic_basin::AnisotropicBasin;
pub use bath::Bath;
pub use clock::Clock;
pub(crate) use clock::Instant;
pub use displacement::{Displacement, Gaussian};
pub use free_brownian::FreeBrownian;
pub use joint::{JointDisplacement, JointDisplacementLaw, WindowCovariance};
pub use law::DisplacementLaw;
pub use linear_recursion::LinearRecursion;
pub(crate) use linear_relaxation::{Fate, LinearRelaxation};
pub use minibatch_well::MinibatchWell;
pub use parameterised_law::ParameterisedLaw;
pub use population::Population;
pub use quadratic_well::QuadraticWell;
pub use scheme::Scheme;
pub use stationary_well::StationaryWell;
