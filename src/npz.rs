//! NumPy's archives of arrays (`.npz`), read without believing what they claim: trajectories and data sets come in them.

mod archive;
mod directory;
mod entry;
mod floats;
mod header;
mod literal;

pub(crate) use archive::{Archive, ArchiveError, Array};
pub(crate) use floats::{FloatFormat, FloatWidth, first_not_finite};
pub(crate) use header::header_bytes;
