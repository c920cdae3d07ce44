//! `glassbox reproduce`: the experiments of the paper, their figures and its claims.
//!
//! A [`Preset`](glassbox_sweep::experiment::Preset) says what is run. Each [`Figure`] names the tasks that it needs; the
//! [`Store`](glassbox_sweep::Store) keeps their results by content, so that figures share networks and a second run computes nothing; a figure
//! draws itself from the results alone and judges the claims of the paper that it shows.

pub mod analysis;
mod figures;
mod null;
mod results;

pub use figures::{Drawn, Figure};
pub use null::Null;
pub use results::{Curves, Network, ResultError, Results, Run};

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
