//! Langevin dynamics of deep ReLU networks and of analytic landscapes.
//!
//! The crate holds everything that is simulated: data, networks, landscapes, integrators, noise and
//! observables. Predictions live in `glassbox-oracle`; this crate never decides whether a simulation is right.

pub mod dataset;
pub mod network;
pub mod noise;
