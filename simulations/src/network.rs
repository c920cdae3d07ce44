//! Bias-free fully connected ReLU networks with the quadratic hinge loss (paper Eqs. 1–2).

mod architecture;
pub mod curvature;
mod gradient;
mod initialisation;
mod kernel;
pub mod reference;

pub use architecture::{Architecture, Layer, NetworkError};
pub use gradient::GradientEvaluator;
pub use initialisation::Initialisation;
pub use kernel::multiply_adds;
