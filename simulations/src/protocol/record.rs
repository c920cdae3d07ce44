//! Frames on disk: safetensors, written whole or not at all, with a digest of every bit.
//!
//! `times` (frames, i64), `losses` (frames, f64: the whole loss on all samples), `weights` (frames × weights, f64); of a
//! task that diverged, `diverged` (1, i64). A checkpoint has besides them `state` (weights, f64) and `step` (1, i64); a
//! finished record has not. Steps are never negative; they have a sign on disk because PyTorch and others do little with
//! integers without one. The one metadata entry `glassbox` is the [`Head`] as JSON, so that a file explains itself; its
//! digest is the SHA-256 of the whole file with the 64 digits replaced by zeros.

mod digest;
mod head;
mod layout;
mod reader;
mod writing;

pub use digest::verify;
pub use head::Head;
pub use head::is_fused;
pub use reader::RecordReader;

use super::task::Task;
use glassbox_trajectories::{FileError, input};
use layout::{Layout, words_at};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use thiserror::Error;
use writing::Words;

/// A file of frames that cannot be read or written.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A file of another version, which this one leaves alone.
    #[error("{path}: {problem}")]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Which version, and which this one reads.
        problem: String,
    },
    /// Not what was written.
    #[error("{path}: {problem}; delete it to have it made again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// What this program did not make, in the place of what it makes.
    #[error("{path}: {problem}")]
    Foreign {
        /// The file or folder.
        path: PathBuf,
        /// What is there, and what is to be done.
        problem: String,
    },
    /// A frame that a record has not.
    #[error("{path}: has no frame {index}; its {frames} frames count from 0")]
    NoFrame {
        /// The file.
        path: PathBuf,
        /// The frame asked for.
        index: usize,
        /// Frames of the record.
        frames: u64,
    },
}

impl From<FileError> for RecordError {
    fn from(FileError { action, path, source }: FileError) -> Self {
        Self::File { action, path, source }
    }
}

/// The frames of a task, finished or on its way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Absolute times in steps, ascending.
    pub times: Vec<u64>,
    /// Loss on all samples, with the regularisation, at each time.
    pub losses: Vec<f64>,
    /// All weights, frame after frame.
    pub weights: Vec<f64>,
    /// Step after which a value was no longer finite, if one was; the frames end there.
    pub diverged: Option<u64>,
    /// SHA-256 of the weights that the task started from (little-endian f64), in hexadecimal digits; `None` for a quench.
    pub start: Option<String>,
}

/// SHA-256 of weights (little-endian f64), in hexadecimal digits.
pub(crate) fn weights_digest(weights: &[f64]) -> String {
    let mut digest = Sha256::new();
    weights.iter().for_each(|weight| digest.update(weight.to_le_bytes()));
    digest::hexadecimal(digest)
}

/// Where an unfinished task stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Progress {
    pub(super) step: u64,
    pub(super) weights: Vec<f64>,
}

impl Record {
    /// Weights of a frame.
    #[must_use]
    pub fn frame(&self, index: usize) -> &[f64] {
        let width = self.weights.len() / self.times.len().max(1);
        &self.weights[index * width..(index + 1) * width]
    }

    /// The frame at `time`, if it was saved.
    #[must_use]
    pub fn at(&self, time: u64) -> Option<&[f64]> {
        self.times.binary_search(&time).ok().map(|index| self.frame(index))
    }

    /// The last frame.
    #[must_use]
    pub fn last(&self) -> Option<&[f64]> {
        self.times.len().checked_sub(1).map(|index| self.frame(index))
    }

    /// Writes the finished record of `task`, computed by this version on this processor.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses; an existing file is left as it was.
    pub fn write(&self, path: &Path, task: &Task) -> Result<(), RecordError> {
        self.write_with(path, &Head::new(task.clone(), self.start.clone()), None)
    }

    /// The same under another head, such as that of another version.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_as(&self, path: &Path, head: &Head) -> Result<(), RecordError> {
        self.write_with(path, head, None)
    }

    pub(super) fn write_with(
        &self,
        path: &Path,
        head: &Head,
        progress: Option<&Progress>,
    ) -> Result<(), RecordError> {
        let frames = self.times.len();
        let columns = self.weights.len() / frames.max(1);
        // The short ones first: they are read together.
        let mut arrays = vec![
            ("times", vec![frames], Words::Integers(&self.times)),
            ("losses", vec![frames], Words::Floats(&self.losses)),
        ];
        if let Some(step) = &self.diverged {
            arrays.push(("diverged", vec![1], Words::Integers(std::slice::from_ref(step))));
        }
        if let Some(Progress { step, weights }) = progress {
            arrays.push(("step", vec![1], Words::Integers(std::slice::from_ref(step))));
            arrays.push(("state", vec![weights.len()], Words::Floats(weights)));
        }
        arrays.push(("weights", vec![frames, columns], Words::Floats(&self.weights)));
        writing::write(path, head, &arrays)
    }

    /// Reads a finished record, and verifies it.
    ///
    /// # Errors
    /// [`RecordError`] for a file that cannot be read, is damaged, or is a checkpoint only.
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        Self::read_whole(path).map(|(_, record)| record)
    }

    /// The same, with its head.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_whole(path: &Path) -> Result<(Head, Self), RecordError> {
        Self::from_reader(RecordReader::open(path)?)
    }

    /// The step at which the task of a finished record diverged, from the head of its file: records at the paper's scale are
    /// large, and what diverged must be known of all of them. The data are not verified.
    ///
    /// # Errors
    /// [`RecordError`] for a file that cannot be read or has no sound head.
    pub fn divergence(path: &Path) -> Result<Option<u64>, RecordError> {
        let mut file = input::open(path)?;
        let layout = Layout::read(&mut file, path)?;
        let Some((from, _)) = layout.place("diverged") else { return Ok(None) };
        Ok(words_at(&mut file, from, 1, path)?.first().copied().map(u64::from_le_bytes))
    }

    /// A finished record or a checkpoint, verified.
    pub(super) fn read_with(path: &Path) -> Result<(Head, Self, Option<Progress>), RecordError> {
        let mut reader = RecordReader::open_any(path)?;
        let progress = reader.standing()?.map(|(step, weights)| Progress { step, weights });
        Self::from_reader(reader).map(|(head, record)| (head, record, progress))
    }

    fn from_reader(mut reader: RecordReader) -> Result<(Head, Self), RecordError> {
        let weights = reader.weights()?;
        let (head, times, losses, diverged) = reader.into_parts();
        let start = head.start.clone();
        Ok((head, Self { times, losses, weights, diverged, start }))
    }
}

fn refused(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError::File { action, path: path.clone(), source }
}

#[cfg(test)]
mod tests;
