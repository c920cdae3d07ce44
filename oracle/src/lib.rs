//! Closed-form predictions and statistical verdicts for overdamped Langevin / SGLD dynamics.
//!
//! The dynamics is `w ← w − mu dt ∇L(w) + sqrt(2 mu T dt / P_D) ξ` with mobility `mu`, temperature `T`, data set
//! size `P_D` and standard Gaussian `ξ` (paper Eqs. 2–3; "the paper" is Kerr Winter and Janssen, arXiv 2405.13098).
//! A [`law`] gives the distribution of the displacement `w(t_w + t) − w(t_w)`; every observable follows from it.
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

pub mod ageing;
pub mod balance;
mod bath;
mod clock;
mod displacement;
mod double_double;
pub mod equilibrium;
pub mod errata;
mod error;
pub mod four_point;
pub mod inference;
mod joint;
pub mod law;
pub mod laws;
pub mod master_curve;
pub mod mode_coupling;
mod number;
mod parameterised_law;
pub mod power_law;
mod quadrature;
pub mod relaxation;
mod scheme;
pub mod single_precision;
pub mod special;
pub mod stationary_points;
mod summation;
pub mod tail_probability;
pub mod trivialisation;
pub mod two_weight;
pub mod verdict;

pub use bath::Bath;
pub use clock::Clock;
pub use displacement::{Displacement, Gaussian};
pub use error::OracleError;
pub use joint::{JointDisplacement, JointDisplacementLaw, WindowCovariance};
pub use law::DisplacementLaw;
pub use number::Number;
pub use parameterised_law::ParameterisedLaw;
pub use scheme::Scheme;
