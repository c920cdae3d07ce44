//! Files of glassbox: written whole or not at all, opened only where they are regular files.
//!
//! [`trajectory`] reads the weights that any program saved; [`npz`] is NumPy's archives.

mod error;
pub mod guard;
pub mod input;
pub mod npz;
pub mod output;
mod printable;
pub mod process;
pub mod trajectory;
pub mod whole_file;

pub use error::FileError;
pub use printable::printable;

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
