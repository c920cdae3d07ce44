//! glassbox: a test oracle for overdamped Langevin / SGLD dynamics.
//!
//! The facade of the workspace: [`oracle`] predicts and judges, [`simulations`] runs networks and analytic landscapes,
//! [`reports`] draws and writes, and [`suite`] puts them together as `glassbox verify`.

pub mod certificate;
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
pub use glassbox_paper as paper;
pub use glassbox_reports as reports;
pub use glassbox_simulations as simulations;
pub use glassbox_sweep as sweep;
pub use glassbox_trajectories as trajectories;

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
