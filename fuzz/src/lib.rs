//! Damaged and hostile input for every reader of glassbox: bounded, seeded, with the same trials on every machine.
//!
//! A [`Reader`] has a corpus of small sound files, damage that fits its format ([`mutation`]), and a function that reads a file as a
//! user would. [`campaign::run`] makes trials; `tests/readers.rs` asserts that none of them has a fault. `fuzz/README.md` says what a
//! trial asserts and how one is repeated.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a trial that cannot be made ends the tests, and has no user"
)]

pub mod campaign;
pub mod case;
pub mod memory;
pub mod mutation;
mod reader;
pub mod readers;
#[cfg(unix)]
pub mod special_files;
pub mod watch;

pub use mutation::Mutator;
pub use reader::{Accepted, Damage, Input, Reader, Reading};
