//! Langevin dynamics of deep ReLU networks and of analytic landscapes.
//!
//! The crate holds everything that is simulated: data, networks, landscapes, integrators, noise and
//! observables. Predictions live in `glassbox-oracle`; this crate never decides whether a simulation is right.
//!
//! ```
//! use glassbox_oracle::Bath;
//! use glassbox_simulations::ensemble::Ensemble;
//! use glassbox_simulations::integrator::EulerMaruyama;
//! use glassbox_simulations::landscape::Quadratic;
//! use glassbox_simulations::observables::DisplacementRecorder;
//!
//! // 100 weights in a well, 8 replicas, displacements after 10 and 20 steps.
//! let landscape = Quadratic::new(100, 0.5)?;
//! let bath = Bath::new(0.1, 1.0, 10.0)?;
//! let replicas = Ensemble::new(&landscape, 8, 42).run(
//!     20,
//!     |_replica| vec![0.3; 100],
//!     |_replica| EulerMaruyama::new(bath, 1.0).unwrap(),
//!     |_replica| DisplacementRecorder::new(0, vec![10, 20]),
//! )?;
//! assert_eq!(replicas.completed()?.len(), 8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod dataset;
pub mod ensemble;
pub mod integrator;
pub mod landscape;
pub mod network;
pub mod noise;
pub mod observables;
pub mod protocol;
pub mod spectrum;

pub use glassbox_instructions::InstructionSet;

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
