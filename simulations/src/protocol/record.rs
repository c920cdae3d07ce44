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
pub(crate) use head::is_fused;
pub use reader::RecordReader;

use super::task::Task;
use crate::whole_file::Refused;
use layout::{Layout, words_at};
use std::fs::File;
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
    /// Not what was written, or not by this version.
    #[error("{path}: {problem}; delete it to have it made again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
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

impl From<Refused> for RecordError {
    fn from(Refused { action, path, source }: Refused) -> Self {
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
        self.write_with(path, &Head::new(task.clone()), None)
    }

    /// The same under another head, such as that of another version.
    #[cfg(test)]
    pub(crate) fn write_as(&self, path: &Path, head: &Head) -> Result<(), RecordError> {
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
        Self::from_reader(RecordReader::open(path)?).map(|(_, record)| record)
    }

    /// The step at which the task of a finished record diverged, from the head of its file: records at the paper's scale are
    /// large, and what diverged must be known of all of them. The data are not verified.
    ///
    /// # Errors
    /// [`RecordError`] for a file that cannot be read or has no sound head.
    pub fn divergence(path: &Path) -> Result<Option<u64>, RecordError> {
        let mut file = File::open(path).map_err(refused("read", path))?;
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
        Ok((head, Self { times, losses, weights, diverged }))
    }
}

fn refused(action: &'static str, path: &Path) -> impl Fn(std::io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError::File { action, path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{DataSource, Problem, QuenchTask};
    use std::fs;

    /// A task whose own text has a digest, too.
    pub(super) fn task() -> Task {
        Task::Quench(QuenchTask {
            problem: Problem {
                data: DataSource::Own { digest: "ab".repeat(32) },
                samples: 100,
                subset_seed: 1,
                width: 4,
                regularisation: 0.01,
            },
            gain: 1.0,
            seed: 2,
            initial_condition: 3,
            learning_rate: 0.1,
            batch_size: 10,
            minibatch_steps: 7,
            descent_steps: 5,
        })
    }

    fn record() -> Record {
        Record {
            times: vec![0, 3, 10],
            losses: vec![0.5, 0.25, f64::MIN_POSITIVE],
            weights: vec![1.0, -0.0, 2.5, 1e-300, 3.0, 4.0],
            diverged: None,
        }
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn records_and_checkpoints_come_back_bit_by_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.safetensors");
        record().write(&path, &task()).unwrap();
        assert_eq!(Record::read(&path).unwrap(), record());
        assert_eq!(bits(&Record::read(&path).unwrap().weights), bits(&record().weights));
        assert_eq!(Record::divergence(&path).unwrap(), None);
        assert_eq!(record().at(3), Some(&[2.5, 1e-300][..]));
        let progress = Progress { step: 12, weights: vec![0.1, 0.2] };
        let diverged = Record { diverged: Some(11), ..record() };
        diverged.write_with(&path, &Head::new(task()), Some(&progress)).unwrap();
        let (head, record, standing) = Record::read_with(&path).unwrap();
        assert_eq!((&head.task, record, standing), (&task(), diverged, Some(progress)));
        assert_eq!(Record::divergence(&path).unwrap(), Some(11));
        assert!(Record::read(&path).unwrap_err().to_string().contains("unfinished"));
        let nothing = Record { diverged: Some(0), ..Record::default() };
        nothing.write(&path, &task()).unwrap();
        assert_eq!(Record::read(&path).unwrap(), nothing);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn any_safetensors_reader_reads_a_record_and_its_digest_is_that_of_the_documentation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.safetensors");
        record().write(&path, &task()).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(file.tensor("weights").unwrap().shape(), [3, 2]);
        assert_eq!(file.tensor("times").unwrap().data(), [0_u64, 3, 10].map(u64::to_le_bytes).as_flattened());
        let digest = Head::read(&path).unwrap().digest;
        let from = bytes.windows(64).position(|window| window == digest.as_bytes()).unwrap();
        bytes[from..from + 64].fill(b'0');
        use sha2::Digest;
        let sum: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, sum);
        assert_eq!(verify(&path).unwrap(), Head { digest, ..Head::new(task()) });
    }

    #[test]
    fn a_record_is_read_frame_by_frame() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.safetensors");
        let record = Record { diverged: Some(11), ..record() };
        record.write(&path, &task()).unwrap();
        let mut reader = RecordReader::open(&path).unwrap();
        assert_eq!((reader.times(), reader.losses()), (&record.times[..], &record.losses[..]));
        assert_eq!((reader.len(), reader.is_empty(), reader.diverged()), (3, false, Some(11)));
        assert_eq!(reader.head().task, task());
        let mut weights = vec![7.0; 9];
        for index in [2, 0, 1] {
            reader.frame(index, &mut weights).unwrap();
            assert_eq!(bits(&weights), bits(record.frame(index)));
        }
        let error = reader.frame(3, &mut weights).unwrap_err().to_string();
        assert!(error.ends_with("one.safetensors: has no frame 3; its 3 frames count from 0"), "{error}");
    }

    /// Every way to open a file, each of which must call it damaged.
    fn is_damaged(path: &Path) -> bool {
        let damaged = |error: Option<RecordError>| matches!(error, Some(RecordError::Damaged { .. }));
        damaged(verify(path).err())
            && damaged(RecordReader::open(path).err())
            && damaged(Record::read(path).err())
            && damaged(Record::read_with(path).err())
    }

    #[test]
    fn every_cut_and_every_flipped_bit_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.safetensors");
        let progress = Progress { step: 12, weights: vec![0.1, 0.2] };
        for progress in [None, Some(&progress)] {
            record().write_with(&path, &Head::new(task()), progress).unwrap();
            let bytes = fs::read(&path).unwrap();
            for length in 0..bytes.len() {
                fs::write(&path, &bytes[..length]).unwrap();
                assert!(is_damaged(&path), "cut at {length}");
                assert!(matches!(Head::read(&path), Err(RecordError::Damaged { .. })), "cut at {length}");
                assert!(
                    matches!(Record::divergence(&path), Err(RecordError::Damaged { .. })),
                    "cut at {length}"
                );
            }
            for bit in 0..8 * bytes.len() {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &flipped).unwrap();
                let found = (verify(&path).err(), Record::read_with(&path).err());
                let damaged =
                    matches!(found, (Some(RecordError::Damaged { .. }), Some(RecordError::Damaged { .. })));
                assert!(damaged, "bit {} of byte {}: {found:?}", bit % 8, bit / 8);
            }
            fs::write(&path, [&bytes[..], b" "].concat()).unwrap();
            assert!(verify(&path).unwrap_err().to_string().contains("is too long"));
            fs::write(&path, &bytes).unwrap();
            assert!(verify(&path).is_ok());
        }
    }

    #[test]
    fn damage_is_told_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.safetensors");
        let told = || verify(&path).unwrap_err().to_string();
        record().write(&path, &task()).unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(told().contains("one.safetensors: is cut short: "), "{}", told());
        let mut flipped = bytes.clone();
        *flipped.last_mut().unwrap() ^= 1;
        fs::write(&path, &flipped).unwrap();
        assert!(told().contains("one.safetensors: is altered: its digest is "), "{}", told());
        let old =
            serde_json::json!({ "__metadata__": { "glassbox": serde_json::to_string(&task()).unwrap() } });
        let old = old.to_string();
        fs::write(&path, [&(old.len() as u64).to_le_bytes(), old.as_bytes()].concat()).unwrap();
        assert!(told().contains("one.safetensors: is of format 1, of an earlier glassbox"), "{}", told());
        assert!(matches!(verify(&folder.path().join("none")), Err(RecordError::File { .. })));
    }
}
