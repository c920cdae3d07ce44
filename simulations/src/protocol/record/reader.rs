//! A record read frame by frame: those of the paper's scale have hundreds of MB.

use super::digest::verified;
use super::layout::{Layout, WORD, words_at};
use super::{Head, RecordError, weights_digest};
use glassbox_trajectories::input;
use std::fs::File;
use std::path::{Path, PathBuf};

/// An open record whose digest is right. Memory: its times, its losses and one frame.
///
/// ```no_run
/// use glassbox_simulations::protocol::RecordReader;
/// let mut record = RecordReader::open("quench-0123456789abcdef.safetensors".as_ref())?;
/// let mut weights = Vec::new();
/// for index in 0..record.len() {
///     record.frame(index, &mut weights)?;
///     println!("{}: {} weights, loss {}", record.times()[index], weights.len(), record.losses()[index]);
/// }
/// # Ok::<(), glassbox_simulations::protocol::RecordError>(())
/// ```
pub struct RecordReader {
    path: PathBuf,
    file: File,
    layout: Layout,
    times: Vec<u64>,
    losses: Vec<f64>,
    diverged: Option<u64>,
}

impl RecordReader {
    /// Opens a finished record and reads it once through to verify it.
    ///
    /// # Errors
    /// [`RecordError`] for a file that cannot be read, is damaged, or is a checkpoint only.
    pub fn open(path: &Path) -> Result<Self, RecordError> {
        let reader = Self::open_any(path)?;
        if reader.layout.place("step").is_some() {
            let problem = "is the checkpoint of an unfinished task".to_owned();
            return Err(RecordError::Damaged { path: path.to_owned(), problem });
        }
        Ok(reader)
    }

    /// A finished record or a checkpoint.
    pub(super) fn open_any(path: &Path) -> Result<Self, RecordError> {
        let mut file = input::open(path)?;
        let layout = verified(&mut file, path)?;
        let mut integers = |name| -> Result<Option<Vec<u64>>, RecordError> {
            Ok(layout
                .words(name, &mut file, path)?
                .map(|words| words.into_iter().map(u64::from_le_bytes).collect()))
        };
        let times = integers("times")?.unwrap_or_default();
        let diverged = integers("diverged")?.and_then(|one| one.first().copied());
        let losses = layout.words("losses", &mut file, path)?.unwrap_or_default();
        let losses = losses.into_iter().map(f64::from_le_bytes).collect();
        if !times.is_sorted_by(|one, next| one < next) {
            let problem = "its times do not ascend".to_owned();
            return Err(RecordError::Damaged { path: path.to_owned(), problem });
        }
        Ok(Self { path: path.to_owned(), file, layout, times, losses, diverged })
    }

    /// Where the record comes from.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.layout.head
    }

    /// Absolute times of the frames in steps, ascending.
    #[must_use]
    pub fn times(&self) -> &[u64] {
        &self.times
    }

    /// Loss on all samples, with the regularisation, at each time.
    #[must_use]
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// Step after which a value was no longer finite, if one was.
    #[must_use]
    pub fn diverged(&self) -> Option<u64> {
        self.diverged
    }

    /// Number of frames.
    #[must_use]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is no frame.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Reads the weights of a frame into `weights`, in place of what was there.
    ///
    /// # Errors
    /// [`RecordError::NoFrame`] for an index beyond the last; [`RecordError::File`].
    pub fn frame(&mut self, index: usize, weights: &mut Vec<f64>) -> Result<(), RecordError> {
        let [frames, width] = self.layout.shape;
        let (Some((from, _)), true) = (self.layout.place("weights"), (index as u64) < frames) else {
            return Err(RecordError::NoFrame { path: self.path.clone(), index, frames });
        };
        let from = from + index as u64 * width * WORD;
        let words = words_at(&mut self.file, from, width, &self.path)?;
        weights.clear();
        weights.extend(words.into_iter().map(f64::from_le_bytes));
        Ok(())
    }

    /// Digest of the weights of the last frame, which other tasks may start from; `None` where there are no frames.
    ///
    /// # Errors
    /// [`RecordError`] for a frame that cannot be read.
    pub fn last_digest(&mut self) -> Result<Option<String>, RecordError> {
        let Some(last) = self.len().checked_sub(1) else { return Ok(None) };
        let mut weights = Vec::new();
        self.frame(last, &mut weights)?;
        Ok(Some(weights_digest(&weights)))
    }

    /// All frames.
    pub(super) fn weights(&mut self) -> Result<Vec<f64>, RecordError> {
        self.floats("weights").map(Option::unwrap_or_default)
    }

    /// Step and weights where an unfinished task stands.
    pub(super) fn standing(&mut self) -> Result<Option<(u64, Vec<f64>)>, RecordError> {
        let step = self.layout.words("step", &mut self.file, &self.path)?;
        let step = step.and_then(|one| one.first().copied()).map(u64::from_le_bytes);
        Ok(step.zip(self.floats("state")?))
    }

    pub(super) fn into_parts(self) -> (Head, Vec<u64>, Vec<f64>, Option<u64>) {
        (self.layout.head, self.times, self.losses, self.diverged)
    }

    fn floats(&mut self, name: &str) -> Result<Option<Vec<f64>>, RecordError> {
        let words = self.layout.words(name, &mut self.file, &self.path)?;
        Ok(words.map(|words| words.into_iter().map(f64::from_le_bytes).collect()))
    }
}
