//! Closed-form predictions and statistical verdicts for overdamped Langevin / SGLD dynamics.
//!
//! The dynamics is `w ← w − mu dt ∇L(w) + sqrt(2 mu T dt / P_D) ξ` with mobility `mu`, temperature `T`, data set
//! size `P_D` and standard Gaussian `ξ` (paper Eqs. 2–3; "the paper" is Kerr Winter and Janssen, arXiv 2405.13098).
//! A [law](laws) gives the distribution of the displacement `w(t_w + t) − w(t_w)`; every observable follows from it.
//! A [`verdict`] says whether a simulation follows a law, with a stated false-alarm probability.
//!
//! ```
//! use glassbox_oracle::{Bath, Clock, DisplacementLaw, laws::QuadraticWell};
//!
//! // One weight of the regularised network: mu = 1e-3, T = 1e-4, P_D = 60,000, k = lambda = 0.01.
//! let bath = Bath::new(1e-3, 1e-4, 60_000.0)?;
//! let well = QuadraticWell::new(bath, 0.01, Clock::steps(1.0)?)?.after_waiting(2e4)?;
//! let overlap = well.overlap(1e5, 1.9e-4)?;
//! assert!(overlap > 0.0 && overlap < 1.0);
//! # Ok::<(), glassbox_oracle::OracleError>(())
//! ```
//!
//! Nothing here simulates, reads files or draws; nothing panics on input.

pub mod errata;
mod error;
pub mod glass;
pub mod inference;
pub mod laws;
pub mod networks;
mod number;
mod numerics;
pub mod verdict;

pub use error::OracleError;
pub use laws::{
    Bath, Clock, Displacement, DisplacementLaw, Gaussian, JointDisplacement, JointDisplacementLaw,
};
pub use laws::{ParameterisedLaw, Scheme, WindowCovariance};
pub use number::Number;
pub use numerics::{special, tail_probability};

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
