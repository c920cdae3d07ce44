//! Trajectories that any program wrote: weights of replicas at saved steps, read piece by piece.
//!
//! Three forms are read (docs/trajectory-files.md): NumPy `.npz`, a folder of safetensors snapshots, and a Parquet table.
//! [`Trajectory::open`] looks at the whole outline (shapes, types, times) and refuses what is no trajectory;
//! [`Trajectory::read`] then streams the numbers, some neighbouring weights of a frame at a time, and refuses any that is not
//! finite. Nothing in a file is believed before it is there: memory is bounded, whatever a header claims.

mod coverage;
mod error;
mod npz;
mod outline;
mod piece;
mod snapshots;
mod table;
mod unused;
mod write;

pub use error::TrajectoryError;
pub use piece::{PIECE, Piece, Precision};
pub use write::{Arrays, write_npz};

use npz::Npz;
use outline::Outline;
use piece::is_whole;
use snapshots::Snapshots;
use std::ops::Range;
use std::path::{Path, PathBuf};
use table::Table;

/// An opened trajectory, whose outline is sound. It holds no weights in memory.
///
/// ```
/// use glassbox_trajectories::trajectory::{Arrays, Trajectory, write_npz};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("run.npz");
/// // Two replicas of three weights, saved at steps 0 and 10.
/// let weights: Vec<f64> = (0..12).map(f64::from).collect();
/// write_npz(&path, &Arrays { times: &[0, 10], replicas: 2, weights: &weights, gradients: None, layers: None })?;
/// let trajectory = Trajectory::open(&path)?;
/// assert_eq!((trajectory.replicas(), trajectory.weights(), trajectory.times()), (2, 3, [0, 10].as_slice()));
/// let mut last = Vec::new();
/// trajectory.read(0..3, &mut |piece| last = piece.weights.to_vec())?;
/// assert_eq!(last, [9.0, 10.0, 11.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trajectory {
    path: PathBuf,
    outline: Outline,
    source: Source,
}

#[derive(Debug)]
enum Source {
    Npz(Npz),
    Snapshots(Snapshots),
    Table(Table),
}

impl Trajectory {
    /// Opens a `.npz` file, a folder of safetensors snapshots, or a `.parquet` file.
    ///
    /// # Errors
    /// [`TrajectoryError`] that names the file, what is wrong with it, and what is allowed.
    pub fn open(path: &Path) -> Result<Self, TrajectoryError> {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let (outline, source) = match extension.to_ascii_lowercase().as_str() {
            _ if path.is_dir() => {
                let (outline, snapshots) = Snapshots::open(path)?;
                (outline, Source::Snapshots(snapshots))
            }
            "npz" => {
                let (outline, npz) = Npz::open(path)?;
                (outline, Source::Npz(npz))
            }
            "parquet" => {
                let (outline, table) = Table::open(path)?;
                (outline, Source::Table(table))
            }
            _ => {
                let reason = "is no trajectory: it must be a .npz or .parquet file, or a folder of safetensors snapshots";
                return Err(TrajectoryError::new(path, reason));
            }
        };
        Ok(Self { path: path.to_owned(), outline, source })
    }

    /// Number of replicas, at least 1.
    #[must_use]
    pub const fn replicas(&self) -> usize {
        self.outline.replicas
    }

    /// Number of weights, at least 1.
    #[must_use]
    pub const fn weights(&self) -> usize {
        self.outline.weights
    }

    /// The saved steps, at least two, strictly ascending; the same for every replica.
    #[must_use]
    pub fn times(&self) -> &[u64] {
        &self.outline.times
    }

    /// Whether frames carry the gradient of the loss at their weights.
    #[must_use]
    pub const fn has_gradients(&self) -> bool {
        self.outline.has_gradients
    }

    /// The weights of each layer, where the file says.
    #[must_use]
    pub fn layers(&self) -> Option<&[Range<usize>]> {
        self.outline.layers.as_deref()
    }

    /// In which precision the weights are stored.
    #[must_use]
    pub const fn stored_precision(&self) -> Precision {
        self.outline.precision
    }

    /// What in the file is not used, in words: "array 'noise'", "column 'loss'", "file 'notes.txt'". Names that are close to a
    /// known one are not here: [`open`](Self::open) refuses them.
    #[must_use]
    pub fn unused(&self) -> &[String] {
        &self.outline.unused
    }

    /// Shows the weights of a range in every frame once, in pieces: replica by replica, in the order of the times, ascending in
    /// the frame. `weights` begins at a multiple of [`PIECE`], and ends at one or at the number of weights.
    ///
    /// It may be called any number of times, and by several threads at the same time. A reading of a packed array unpacks all of
    /// it, once; of the other forms only what is in the range is read. Memory is that of a few pieces, however many weights there
    /// are.
    ///
    /// # Errors
    /// - [`TrajectoryError::NotFinite`] for the first number, in the order of reading, that is NaN or infinite.
    /// - [`TrajectoryError::Refused`] for a range that does not divide into pieces, and for a file that ends early, holds more
    ///   than its outline says, or fails its checksum. Where a checksum is that of all weights, the reading that completes them
    ///   compares it: only when readings of all weights have ended without an error is the file known to be sound.
    ///
    /// Pieces before the fault have been shown by then: use nothing of them.
    pub fn read(
        &self,
        weights: Range<usize>,
        visit: &mut dyn FnMut(&Piece<'_>),
    ) -> Result<(), TrajectoryError> {
        let count = self.outline.weights;
        if !is_whole(&weights, count) {
            let reason = format!(
                "weights {weights:?} cannot be read; a range begins and ends at a multiple of {PIECE}, or ends at {count}"
            );
            return Err(TrajectoryError::new(&self.path, reason));
        }
        if weights.is_empty() {
            return Ok(());
        }
        match &self.source {
            Source::Npz(npz) => npz.read(&self.outline, weights, visit),
            Source::Snapshots(snapshots) => snapshots.read(&self.outline, weights, visit),
            Source::Table(table) => table.read(&self.outline, weights, visit),
        }
    }
}
