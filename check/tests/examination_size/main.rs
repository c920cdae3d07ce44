//! How often right trajectories fail `glassbox check`, and how precise what it infers is: measured.
//!
//! `cargo test --release -p glassbox-check --test examination_size -- --ignored --nocapture` prints the tables that
//! docs/guide/check-measured.md describes.
//! `RUNS=20` makes it shorter. Without `--ignored` the gaps and open parameters that once failed are run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod checks;
mod right_runs;
mod runs;
