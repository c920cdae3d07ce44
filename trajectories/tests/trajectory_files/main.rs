//! Trajectories as real files: sound ones are read number by number, and every broken one gets a message.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod damage;
mod files;
mod hostile;
mod npz;
mod numpy;
mod pieces;
mod snapshots;
mod table;
mod unused;
mod written;
