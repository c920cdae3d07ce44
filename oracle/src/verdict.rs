//! Statistical verdicts with stated error rates.
//!
//! A *test* turns a simulation and a law into [`Evidence`]: observed, predicted, p-value, effect. The
//! [`Budget`] gives every piece of evidence its share of one false-alarm probability and makes a [`Verdict`] of it.

mod outcome;

pub use outcome::{Outcome, Verdict};
