//! NumPy's archives of arrays (`.npz`), read without believing what they claim: trajectories and data sets come in them.

mod archive;
mod directory;
mod entry;
mod floats;
mod header;
mod literal;

pub use archive::{Archive, ArchiveError, Array};
pub use floats::first_not_finite;
pub(crate) use floats::{FloatFormat, FloatWidth};
pub(crate) use header::header_bytes;
pub use header::{Header, Kind};
