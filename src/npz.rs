//! NumPy's archives of arrays (`.npz`), read without believing what they claim: trajectories and data sets come in them.

mod archive;
mod header;

pub(crate) use archive::{Archive, ArchiveError, Array};
pub(crate) use header::header_bytes;
