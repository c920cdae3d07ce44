//! Files of glassbox: written whole or not at all, opened only where they are regular files.
//!
//! Readers and writers of trajectories and tables come here too; at present they are in the crates that use them.

mod error;
pub mod guard;
pub mod input;
pub mod output;
mod printable;
pub mod process;
pub mod whole_file;

pub use error::FileError;
pub use printable::printable;
