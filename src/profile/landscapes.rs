//! Analytic landscapes with exact laws that are not harmonic, and a well that is a mean over samples.

mod hyperbolic_hill;
mod quartic;
mod sampled_well;

pub use hyperbolic_hill::HyperbolicHill;
pub use quartic::Quartic;
pub use sampled_well::SampledWell;
