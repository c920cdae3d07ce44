//! Files of glassbox.
//!
//! Readers and writers of trajectories and tables come here too; at present they are in the crates that use them.

pub mod process;
pub mod whole_file;
