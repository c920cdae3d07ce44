//! Frames on disk: safetensors, written whole or not at all.
//!
//! `times` (frames, u64), `losses` (frames, f64: the whole loss on all samples), `weights` (frames × weights, f64). A
//! checkpoint has besides them `state` (weights, f64) and `step` (1, u64); a finished record has not. The metadata hold the
//! task, so that a file explains itself.

use crate::whole_file::{Refused, write_whole};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use thiserror::Error;

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
}

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
    /// Not what was written.
    #[error("{path}: {problem}; delete it to have it made again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

impl From<Refused> for RecordError {
    fn from(Refused { action, path, source }: Refused) -> Self {
        Self::File { action, path, source }
    }
}

/// No head of a record is longer, in bytes: it names six arrays and one task.
const LONGEST_HEAD: u64 = 1 << 20;

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

    /// Writes the finished record of the task whose description is `task`.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses; an existing file is left as it was.
    pub fn write(&self, path: &Path, task: &str) -> Result<(), RecordError> {
        self.write_with(path, task, None)
    }

    pub(super) fn write_with(
        &self,
        path: &Path,
        task: &str,
        progress: Option<&Progress>,
    ) -> Result<(), RecordError> {
        let damaged = |error: safetensors::SafeTensorError| RecordError::Damaged {
            path: path.to_owned(),
            problem: error.to_string(),
        };
        let bytes = |values: &[f64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let integers =
            |values: &[u64]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
        let frames = self.times.len();
        let columns = self.weights.len() / frames.max(1);
        let mut parts = vec![
            ("times", Dtype::U64, vec![frames], integers(&self.times)),
            ("losses", Dtype::F64, vec![frames], bytes(&self.losses)),
            ("weights", Dtype::F64, vec![frames, columns], bytes(&self.weights)),
        ];
        if let Some(step) = self.diverged {
            parts.push(("diverged", Dtype::U64, vec![1], integers(&[step])));
        }
        if let Some(progress) = progress {
            parts.push(("step", Dtype::U64, vec![1], integers(&[progress.step])));
            parts.push(("state", Dtype::F64, vec![progress.weights.len()], bytes(&progress.weights)));
        }
        let views = parts
            .iter()
            .map(|(name, dtype, shape, data)| Ok((*name, TensorView::new(*dtype, shape.clone(), data)?)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(damaged)?;
        // One entry only: a map of several would be written in a random order.
        let about = HashMap::from([("glassbox".to_owned(), task.to_owned())]);
        let bytes = safetensors::serialize(views, Some(about)).map_err(damaged)?;
        Ok(write_whole(path, &bytes)?)
    }

    /// Reads a finished record.
    ///
    /// # Errors
    /// [`RecordError`] for a file that cannot be read, is damaged, or is a checkpoint only.
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        match Self::read_with(path)? {
            (record, None) => Ok(record),
            _ => {
                let problem = "is the checkpoint of an unfinished task".to_owned();
                Err(RecordError::Damaged { path: path.to_owned(), problem })
            }
        }
    }

    /// The step at which the task of a finished record diverged, from the head of its file: records at the paper's scale are
    /// large, and what diverged must be known of all of them.
    ///
    /// # Errors
    /// [`RecordError`] for a file that cannot be read or has no sound head.
    pub fn divergence(path: &Path) -> Result<Option<u64>, RecordError> {
        let damaged = |problem: String| RecordError::Damaged { path: path.to_owned(), problem };
        let mut file = File::open(path).map_err(refused("read", path))?;
        let mut length = [0; 8];
        file.read_exact(&mut length).map_err(refused("read", path))?;
        let length = u64::from_le_bytes(length);
        if length > LONGEST_HEAD {
            return Err(damaged("not a safetensors file".to_owned()));
        }
        #[allow(clippy::cast_possible_truncation, reason = "at most 2^20")]
        let mut head = vec![0; length as usize];
        file.read_exact(&mut head).map_err(refused("read", path))?;
        let head: serde_json::Value = serde_json::from_slice(&head)
            .map_err(|error| damaged(format!("not a safetensors file: {error}")))?;
        let Some(place) = head.get("diverged") else { return Ok(None) };
        let from =
            place["data_offsets"][0].as_u64().ok_or_else(|| damaged("has no sound head".to_owned()))?;
        file.seek(SeekFrom::Start(8 + length + from)).map_err(refused("read", path))?;
        let mut step = [0; 8];
        file.read_exact(&mut step).map_err(refused("read", path))?;
        Ok(Some(u64::from_le_bytes(step)))
    }

    pub(super) fn read_with(path: &Path) -> Result<(Self, Option<Progress>), RecordError> {
        let bytes = fs::read(path).map_err(refused("read", path))?;
        parse(&bytes).map_err(|problem| RecordError::Damaged { path: path.to_owned(), problem })
    }
}

fn parse(bytes: &[u8]) -> Result<(Record, Option<Progress>), String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| format!("not a safetensors file: {error}"))?;
    let words = |name: &str, dtype: Dtype| -> Result<Option<Vec<[u8; 8]>>, String> {
        let Ok(view) = file.tensor(name) else { return Ok(None) };
        if view.dtype() != dtype {
            return Err(format!("\"{name}\" is {:?}; it must be {dtype:?}", view.dtype()));
        }
        Ok(Some(view.data().as_chunks::<8>().0.to_vec()))
    };
    let floats = |name: &str| -> Result<Option<Vec<f64>>, String> {
        Ok(words(name, Dtype::F64)?.map(|words| words.into_iter().map(f64::from_le_bytes).collect()))
    };
    let integers = |name: &str| -> Result<Option<Vec<u64>>, String> {
        Ok(words(name, Dtype::U64)?.map(|words| words.into_iter().map(u64::from_le_bytes).collect()))
    };
    let needed = |name: &str| format!("has no \"{name}\"");
    let record = Record {
        times: integers("times")?.ok_or_else(|| needed("times"))?,
        losses: floats("losses")?.ok_or_else(|| needed("losses"))?,
        weights: floats("weights")?.ok_or_else(|| needed("weights"))?,
        diverged: integers("diverged")?.and_then(|one| one.first().copied()),
    };
    let frames = record.times.len();
    if !record.times.is_sorted_by(|one, next| one < next) {
        return Err("its times do not ascend".to_owned());
    }
    if record.losses.len() != frames || record.weights.len().checked_rem(frames).unwrap_or(0) != 0 {
        return Err(format!("has {frames} times but {} losses", record.losses.len()));
    }
    let progress = match (integers("step")?.and_then(|one| one.first().copied()), floats("state")?) {
        (Some(step), Some(weights)) => Some(Progress { step, weights }),
        (None, None) => None,
        _ => return Err("has only half of a checkpoint".to_owned()),
    };
    Ok((record, progress))
}

fn refused(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError::File { action, path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            times: vec![0, 3, 10],
            losses: vec![0.5, 0.25, f64::MIN_POSITIVE],
            weights: vec![1.0, -0.0, 2.5, 1e-300, 3.0, 4.0],
            diverged: None,
        }
    }

    #[test]
    fn records_and_checkpoints_come_back_bit_by_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.safetensors");
        record().write(&path, "a task").unwrap();
        assert_eq!(Record::read(&path).unwrap(), record());
        assert_eq!(Record::divergence(&path).unwrap(), None);
        assert_eq!(record().at(3), Some(&[2.5, 1e-300][..]));
        let progress = Progress { step: 12, weights: vec![0.1, 0.2] };
        let diverged = Record { diverged: Some(11), ..record() };
        diverged.write_with(&path, "a task", Some(&progress)).unwrap();
        assert_eq!(Record::read_with(&path).unwrap(), (diverged, Some(progress)));
        assert_eq!(Record::divergence(&path).unwrap(), Some(11));
        assert!(Record::read(&path).unwrap_err().to_string().contains("unfinished"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn damage_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.safetensors");
        record().write(&path, "a task").unwrap();
        let bytes = fs::read(&path).unwrap();
        let head = 8 + usize::from(bytes[0]) + 256 * usize::from(bytes[1]);
        for length in 0..bytes.len() {
            fs::write(&path, &bytes[..length]).unwrap();
            assert!(Record::read(&path).is_err(), "cut at {length}");
            assert!(length >= head || Record::divergence(&path).is_err(), "cut at {length}");
        }
    }
}
