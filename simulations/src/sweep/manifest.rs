//! The plan of a sweep: every task with its identifier and estimated cost, in files that many processes can read in part.

mod writing;

use super::samples::SamplesError;
use super::store::Store;
use crate::dataset::DatasetError;
use crate::protocol::{GENERATION, RecordError, Task};
use glassbox_trajectories::FileError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A manifest that cannot be written or read.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// No plan.
    #[error("{0} has no manifest.json; make one with: glassbox sweep plan EXPERIMENT.toml --out {0}")]
    Absent(PathBuf),
    /// Another plan.
    #[error("{0} has a plan already; --replace makes a new one and keeps the results")]
    Present(PathBuf),
    /// Not what was written.
    #[error("{path}: {problem}; plan again with --replace, which keeps the results")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Made by a program whose tasks gave other numbers.
    #[error(
        "{path}: its tasks are of generation {found}, this program's of generation {needed}; plan again with --replace"
    )]
    Generation {
        /// The file.
        path: PathBuf,
        /// Its generation.
        found: u64,
        /// The program's.
        needed: u32,
    },
    /// Tasks that are not there.
    #[error("tasks {from}..{to}: the plan has {count} tasks; ranges go from 0 to {count}, and the end is not below the start", from = range.start, to = range.end)]
    Range {
        /// The range.
        range: Range<usize>,
        /// Tasks of the plan.
        count: usize,
    },
    /// A task without its start.
    #[error("{identifier} starts from {start}, which is not among the quenches of the plan")]
    NoStart {
        /// The task.
        identifier: String,
        /// Its start.
        start: String,
    },
    /// No tasks.
    #[error("the experiment has no tasks")]
    Empty,
    /// The data of a task.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The copy of data of one's own.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The store.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<FileError> for ManifestError {
    fn from(FileError { action, path, source }: FileError) -> Self {
        Self::File { action, path, source }
    }
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Identifier of the task.
    pub identifier: String,
    /// Identifier of the quench that it starts from.
    pub start: Option<String>,
    /// Estimated core-seconds, without those of the start.
    pub seconds: f64,
    /// Half width of the overlap, for the merged table; a quench has none.
    pub half_width: Option<f64>,
    /// The task.
    pub task: Task,
}

impl Entry {
    /// A task that no plan knows: its cost is not estimated.
    #[must_use]
    pub fn of(task: Task) -> Self {
        Self {
            identifier: task.identifier(),
            start: task.start().map(|start| start.identifier()),
            seconds: 0.0,
            half_width: None,
            task,
        }
    }
}

/// What a plan is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name.
    pub name: String,
    /// In a sentence.
    pub about: String,
    /// The text of the file that says what is planned.
    pub experiment: String,
    /// Digest of data of one's own, which lie in `data.safetensors` of the folder.
    pub own_data: Option<String>,
}

/// A plan in a folder: `manifest.json` and `tasks/000000.jsonl` and so on, with a task a line and 10,000 lines a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    folder: PathBuf,
    head: Head,
}

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    version: String,
    generation: u32,
    plan: Plan,
    tasks: usize,
    starts: usize,
    steps: u64,
    seconds: f64,
    record_bytes: u64,
    largest_record_bytes: u64,
    /// SHA-256 of each file of tasks.
    digests: Vec<String>,
    /// SHA-256 of this file with these digits replaced by zeros.
    digest: String,
}

/// Name of the copy of data of one's own.
const OWN_DATA: &str = "data.safetensors";

/// In place of a digest while it is computed.
const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Version of the layout of the folder.
const FORMAT: u32 = 1;

/// Tasks in a file: a process that runs a few tasks reads a few MB, and a million tasks make a hundred files.
const TASKS_A_FILE: usize = 10_000;

impl Manifest {
    /// The plan in `folder`.
    ///
    /// # Errors
    /// [`ManifestError`] where there is none, or it is damaged or of another generation.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join("manifest.json");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ManifestError::Absent(folder.to_owned()));
            }
            Err(error) => return Err(refused("read", &path)(error)),
        };
        let damaged = |problem: String| ManifestError::Damaged { path: path.clone(), problem };
        let value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        let format = value["format"].as_u64().unwrap_or_default();
        if format != u64::from(FORMAT) {
            return Err(damaged(format!("its format is {format}; this program reads format {FORMAT}")));
        }
        let found = value["generation"].as_u64().unwrap_or_default();
        if found != u64::from(GENERATION) {
            return Err(ManifestError::Generation { path, found, needed: GENERATION });
        }
        let head: Head = serde_json::from_value(value).map_err(|error| damaged(error.to_string()))?;
        if head.digest.len() != NO_DIGEST.len()
            || hexadecimal(text.replace(&head.digest, NO_DIGEST).as_bytes()) != head.digest
        {
            return Err(damaged("is altered: its digest is another one".to_owned()));
        }
        if head.digests.len() != head.tasks.div_ceil(TASKS_A_FILE) || head.starts > head.tasks {
            return Err(damaged("its counts do not fit together".to_owned()));
        }
        Ok(Self { folder: folder.to_owned(), head })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it is about.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.head.plan
    }

    /// The copy of data of one's own, where the plan has such.
    #[must_use]
    pub fn own_data(&self) -> Option<PathBuf> {
        self.head.plan.own_data.as_ref().map(|_| self.folder.join(OWN_DATA))
    }

    /// Number of tasks.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a plan without tasks is not made")]
    pub fn len(&self) -> usize {
        self.head.tasks
    }

    /// The first so many tasks are quenches; the others start from them.
    #[must_use]
    pub fn starts(&self) -> usize {
        self.head.starts
    }

    /// Steps of all tasks.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.head.steps
    }

    /// Estimated core-seconds of all tasks.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.head.seconds
    }

    /// Size of all records, in bytes.
    #[must_use]
    pub fn record_bytes(&self) -> u64 {
        self.head.record_bytes
    }

    /// Size of the largest record, in bytes: a process holds a record whole while it runs the task.
    #[must_use]
    pub fn largest_record_bytes(&self) -> u64 {
        self.head.largest_record_bytes
    }

    /// Where the results of its tasks are kept.
    ///
    /// # Errors
    /// [`RecordError::File`] where the folder cannot be made.
    pub fn store(&self) -> Result<Store, RecordError> {
        Store::open(&self.folder.join("records"))
    }

    /// The tasks of `range`, read file by file.
    ///
    /// # Errors
    /// [`ManifestError::Range`]; while iterating, files that cannot be read or are not what was planned.
    pub fn entries(
        &self,
        range: Range<usize>,
    ) -> Result<impl Iterator<Item = Result<Entry, ManifestError>> + '_, ManifestError> {
        if range.end > self.len() || range.start > range.end {
            return Err(ManifestError::Range { range, count: self.len() });
        }
        let files = range.start / TASKS_A_FILE..range.end.div_ceil(TASKS_A_FILE);
        Ok(files.flat_map(move |file| {
            let first = file * TASKS_A_FILE;
            let from = range.start.saturating_sub(first);
            let count = range.end.min(first + TASKS_A_FILE) - first - from;
            match self.file_of_tasks(file) {
                Ok(entries) => entries.into_iter().skip(from).take(count).map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        }))
    }

    fn file_of_tasks(&self, index: usize) -> Result<Vec<Entry>, ManifestError> {
        let path = file_name(&self.folder.join("tasks"), index);
        let bytes = fs::read(&path).map_err(refused("read", &path))?;
        if hexadecimal(&bytes) != self.head.digests[index] {
            let problem = "is not what was planned: its digest is not the manifest's".to_owned();
            return Err(ManifestError::Damaged { path, problem });
        }
        serde_json::Deserializer::from_slice(&bytes)
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(|error| ManifestError::Damaged { path, problem: error.to_string() })
    }
}

impl Head {
    fn new(plan: Plan) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            generation: GENERATION,
            plan,
            tasks: 0,
            starts: 0,
            steps: 0,
            seconds: 0.0,
            record_bytes: 0,
            largest_record_bytes: 0,
            digests: Vec::new(),
            digest: NO_DIGEST.to_owned(),
        }
    }
}

fn file_name(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("{index:06}.jsonl"))
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ManifestError {
    let path = path.to_owned();
    move |source| ManifestError::File { action, path, source }
}

#[cfg(test)]
mod tests;
