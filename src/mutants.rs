//! Integrators, noise and gradients with one realistic fault each.
//!
//! A test oracle is worth what it finds. Every mutant is what somebody has typed, or could: a correct Euler–Maruyama step
//! (or gradient) with one thing wrong. The [`certificate`](crate::certificate) counts how often which check catches it.

mod drift;
mod fault;
mod gradients;
mod integrator;
mod list;
mod noise;

pub use fault::{DriftFault, Fault, GradientFault, NoiseFault, TimeFault};
pub use gradients::faulty_gradient;
pub use integrator::{FaultyIntegrator, Regularised};
pub use list::{MUTANTS, Mutant, mutant};

/// A section of the suite in which a fault can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// Free diffusion.
    FreeDiffusion,
    /// Quadratic wells.
    QuadraticWell,
    /// A real network where closed forms hold.
    NetworkLimits,
    /// Balance of layers in real networks.
    Balance,
    /// Algebra of the gradient.
    Algebra,
}
