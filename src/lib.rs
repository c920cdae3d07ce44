//! glassbox: a test oracle for overdamped Langevin / SGLD dynamics.
//!
//! The facade of the workspace: [`oracle`] predicts and judges, [`simulations`] runs networks and analytic landscapes,
//! [`reports`] draws and writes, and [`suite`] puts them together as `glassbox verify`. The feature `program`, on by default,
//! is the command line; a library takes `default-features = false`.

pub mod certificate;
#[cfg(feature = "program")]
pub mod cli;
pub mod false_alarms;
#[cfg(doctest)]
mod guide;
pub mod mutants;
pub mod own_data;
pub mod prediction;
pub mod profile;
pub mod suite;

pub use glassbox_check as check;
pub use glassbox_oracle as oracle;
#[cfg(feature = "program")]
pub use glassbox_paper as paper;
pub use glassbox_reports as reports;
pub use glassbox_simulations as simulations;
#[cfg(feature = "program")]
pub use glassbox_sweep as sweep;
pub use glassbox_trajectories as trajectories;

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
