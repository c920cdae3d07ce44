//! Trajectories that any program wrote: weights of replicas at saved steps, read frame by frame.
//!
//! Three forms are read (docs/trajectory-files.md): NumPy `.npz`, a folder of safetensors snapshots, and a Parquet table.
//! [`Trajectory::open`] looks at the whole outline (shapes, types, times) and refuses what is no trajectory;
//! [`Trajectory::read`] then streams the numbers, a frame at a time, and refuses any that is not finite. Nothing in a
//! file is believed before it is there: memory grows with the bytes that were read, not with what a header claims.

mod error;
mod frame;
mod npz;
mod outline;
mod snapshots;
mod table;
mod write;

pub use error::TrajectoryError;
pub use frame::{Frame, Precision};
pub use write::{Arrays, write_npz};

use npz::Npz;
use outline::Outline;
use snapshots::Snapshots;
use std::ops::Range;
use std::path::Path;
use table::Table;

/// An opened trajectory, whose outline is sound. It holds no weights in memory.
///
/// ```
/// use glassbox::trajectory::{Arrays, Trajectory, write_npz};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("run.npz");
/// // Two replicas of three weights, saved at steps 0 and 10.
/// let weights: Vec<f64> = (0..12).map(f64::from).collect();
/// write_npz(&path, &Arrays { times: &[0, 10], replicas: 2, weights: &weights, gradients: None, layers: None })?;
/// let trajectory = Trajectory::open(&path)?;
/// assert_eq!((trajectory.replicas(), trajectory.weights(), trajectory.times()), (2, 3, [0, 10].as_slice()));
/// let mut last = Vec::new();
/// trajectory.read(&mut |frame| last = frame.weights.to_vec())?;
/// assert_eq!(last, [9.0, 10.0, 11.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Trajectory {
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
        Ok(Self { outline, source })
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

    /// Shows every frame once: replica by replica, in the order of the times. It may be called any number of times.
    ///
    /// # Errors
    /// [`TrajectoryError`] for a number that is not finite, and for a file that ends early, holds more than its outline
    /// says, or fails its checksum. Frames before the fault have been shown by then: use nothing of them.
    pub fn read(&self, visit: &mut dyn FnMut(&Frame<'_>)) -> Result<(), TrajectoryError> {
        match &self.source {
            Source::Npz(npz) => npz.read(&self.outline, visit),
            Source::Snapshots(snapshots) => snapshots.read(&self.outline, visit),
            Source::Table(table) => table.read(&self.outline, visit),
        }
    }
}
