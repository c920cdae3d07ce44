//! The plan of a sweep: every task with its identifier and estimated cost, in files that many processes can read in part.

mod entry;
mod folder;
mod writing;

pub use entry::Entry;
use entry::{ENTRIES_AT_A_TIME, entries_of};

use super::files::{is_file, is_folder};
use super::samples::SamplesError;
use super::store::Store;
use glassbox_simulations::dataset::DatasetError;
#[cfg(test)]
use glassbox_simulations::protocol::Task;
use glassbox_simulations::protocol::{GENERATION, RecordError};
use glassbox_trajectories::{FileError, input};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
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
    /// A task beyond what a program can do.
    #[error("{identifier}: {problem}")]
    Task {
        /// The task.
        identifier: String,
        /// What is wrong, and what is allowed.
        problem: String,
    },
    /// A file of the plan that could not be read back.
    #[error(
        "{path}: would have {bytes} bytes; at most {most} are read back. Plan fewer or shorter tasks in one sweep"
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its bytes.
        bytes: u64,
        /// How many are read.
        most: u64,
    },
    /// Something else in the place of the folder.
    #[error("{0} is not a folder; a plan is written into a folder, which is made where there is none")]
    NoFolder(PathBuf),
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

/// Name of the folder of results.
const RECORDS: &str = "records";

/// Name of the folder of merged tables.
const MERGED: &str = "merged";

/// Name of the folder of tasks.
const TASKS: &str = "tasks";

/// Name of the copy of data of one's own.
const OWN_DATA: &str = "data.safetensors";

/// Name of the file that says what is planned.
const MANIFEST: &str = "manifest.json";

/// Bytes of it, at most: the text of an experiment of 1 MB, as JSON, and digests of ten thousand files of tasks.
const MOST_MANIFEST_BYTES: u64 = 1 << 24;

/// Bytes of a file of tasks, at most: 26 kB for each task, where usual ones have 0.5.
const MOST_TASKS_BYTES: u64 = 1 << 28;

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
        let path = folder.join(MANIFEST);
        if !is_file(&path)? {
            return Err(ManifestError::Absent(folder.to_owned()));
        }
        let text = input::read_text(&path, MOST_MANIFEST_BYTES)?;
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
    /// [`RecordError::Foreign`] where something else than a folder has its name.
    pub fn store(&self) -> Result<Store, RecordError> {
        Store::of_plan(self.folder.join(RECORDS))
    }

    /// The folder for merged tables.
    #[must_use]
    pub fn merged(&self) -> PathBuf {
        self.folder.join(MERGED)
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
        let folder = self.folder.join(TASKS);
        is_folder(&folder)?;
        let path = file_name(&folder, index);
        is_file(&path)?;
        let bytes = input::read(&path, MOST_TASKS_BYTES)?;
        if hexadecimal(&bytes) != self.head.digests[index] {
            let problem = "is not what was planned: its digest is not the manifest's".to_owned();
            return Err(ManifestError::Damaged { path, problem });
        }
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        let read: Result<Vec<Vec<Entry>>, String> =
            lines.par_chunks(ENTRIES_AT_A_TIME).map(entries_of).collect();
        let damaged = |problem: String| ManifestError::Damaged { path: path.clone(), problem };
        let entries: Vec<Entry> = read.map_err(damaged)?.into_iter().flatten().collect();
        let expected = (self.len() - index * TASKS_A_FILE).min(TASKS_A_FILE);
        if entries.len() != expected {
            return Err(damaged(format!("has {} tasks; the manifest says {expected}", entries.len())));
        }
        Ok(entries)
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
