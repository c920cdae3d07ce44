//! Many records, two tables: all tasks of a plan and all their frames, for any program that reads Parquet.
//!
//! Tasks come in the order of the manifest, whichever process finished which first, and nothing else enters the tables:
//! equal manifests and records give equal bytes. Records are verified and read frame by frame; memory holds a group of rows.

mod frame_row;
mod origins;
mod table;
mod task_row;

use super::files::{is_file, is_folder};
use super::manifest::{Entry, Manifest, ManifestError};
use super::marker::foreign;
use super::store::Store;
use super::verification::foreign_start;
use super::worker::remove_begun_by_the_dead;
use frame_row::FrameRow;
use glassbox_simulations::protocol::{Head, RecordError, RecordReader};
use glassbox_trajectories::{FileError, input, whole_file::PartialFile};
use origins::Origins;
use parquet::errors::ParquetError;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use table::Table;
use task_row::TaskRow;
use thiserror::Error;

/// Names of the two tables.
const TASKS: &str = "tasks.parquet";
const FRAMES: &str = "frames.parquet";

/// Damaged records that a message names.
const NAMED: usize = 10;

/// Records that are read side by side, at most: each holds its rows.
const SIDE_BY_SIDE: usize = 16;

/// Why no tables were written. Those of an earlier merge are then as they were.
#[derive(Debug, Error)]
pub enum MergeError {
    /// Tasks without a record.
    #[error(
        "{missing} of {tasks} tasks have no record{}; compute them with: glassbox sweep run {folder}, or merge what is there with --partial",
        failures(*failed, folder)
    )]
    Missing {
        /// Tasks without a record.
        missing: usize,
        /// Those that failed.
        failed: usize,
        /// Tasks of the plan.
        tasks: usize,
        /// Folder of the sweep.
        folder: PathBuf,
    },
    /// No task has a record.
    #[error("no task of {0} has a record yet; compute them with: glassbox sweep run {0}")]
    Nothing(PathBuf),
    /// Numbers of several kinds.
    #[error(
        "the records differ in their {field}: {kinds}; delete those of one kind, and what started from them, and run the sweep again{advice}"
    )]
    Mixed {
        /// In what they differ.
        field: &'static str,
        /// Each kind with count and example.
        kinds: String,
        /// What may be done besides.
        advice: &'static str,
    },
    /// Records that are not what was written.
    #[error(
        "damaged records: {count}; nothing is written; repair with: glassbox sweep verify-store {folder} --repair\n{named}"
    )]
    Damaged {
        /// Their number.
        count: usize,
        /// The first of them, a line each.
        named: String,
        /// Folder of the sweep.
        folder: PathBuf,
    },
    /// The plan.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A record that cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A table that cannot be written.
    #[error("cannot write {path}: {source}")]
    Table {
        /// The file.
        path: PathBuf,
        /// Why.
        source: ParquetError,
    },
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
    /// Asked to stop.
    #[error("stopped; nothing is written")]
    Stopped,
}

impl From<FileError> for MergeError {
    fn from(FileError { action, path, source }: FileError) -> Self {
        Self::File { action, path, source }
    }
}

/// What a message says of failed tasks among the missing.
fn failures(failed: usize, folder: &Path) -> String {
    if failed == 0 {
        return String::new();
    }
    format!(" ({failed} failed, and are tried again after: glassbox sweep retry {})", folder.display())
}

/// What may be merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MergeOptions {
    /// Also where tasks have no record: the tables have those that do.
    pub partial: bool,
    /// Also records of several versions or kinds of arithmetic (with fused multiply-add or without); never of several generations.
    pub allow_mixed: bool,
}

/// How merging is watched and stopped.
pub struct MergeWatch<'a> {
    /// Set from outside to stop.
    pub stop: &'a AtomicBool,
    /// Called with the number of tasks done since the last call.
    pub progress: &'a dyn Fn(u64),
}

/// What was merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// Rows of the table of tasks.
    pub tasks: u64,
    /// Rows of the table of frames.
    pub frames: u64,
    /// Tasks of the plan without a record.
    pub missing: usize,
    /// `tasks.parquet`.
    pub tasks_file: PathBuf,
    /// `frames.parquet`.
    pub frames_file: PathBuf,
}

/// Merges the records of a plan into `tasks.parquet` and `frames.parquet` in the folder `out`: both or neither.
///
/// # Errors
/// [`MergeError`].
pub fn merge(
    manifest: &Manifest,
    out: &Path,
    options: MergeOptions,
    watch: &MergeWatch<'_>,
) -> Result<Merged, MergeError> {
    let store = manifest.store()?;
    let missing = surveyed(manifest, &store, options)?;
    fs::create_dir_all(out).map_err(|source| MergeError::File {
        action: "make",
        path: out.to_owned(),
        source,
    })?;
    if out == manifest.merged() {
        is_folder(out)?;
    }
    // What an earlier merge of this machine left that was killed.
    remove_begun_by_the_dead(out, &[TASKS, FRAMES])?;
    let (tasks_file, frames_file) = (out.join(TASKS), out.join(FRAMES));
    for path in [&tasks_file, &frames_file] {
        if is_file(path)? && !is_own_table(path)? {
            let problem = "is not a table that glassbox wrote, and would be replaced. Move it away or give another folder";
            return Err(foreign(path, problem).into());
        }
    }
    let (tasks, frames) = (PartialFile::create(&tasks_file)?, PartialFile::create(&frames_file)?);
    let in_tasks = |source| MergeError::Table { path: tasks_file.clone(), source };
    let in_frames = |source| MergeError::Table { path: frames_file.clone(), source };
    let mut task_table = Table::new("tasks", task_row::COLUMNS, tasks.file()).map_err(in_tasks)?;
    let mut frame_table = Table::new("frames", frame_row::COLUMNS, frames.file()).map_err(in_frames)?;

    let (mut origins, mut digest) = (Origins::default(), Sha256::new());
    let mut damaged = Damaged::default();
    // Digests of the weights that quenches end with, to compare with what tasks started from.
    let mut starts: HashMap<String, Option<String>> = HashMap::new();
    let mut entries = manifest.entries(0..manifest.len())?;
    let together = rayon::current_num_threads().min(SIDE_BY_SIDE);
    loop {
        let batch: Vec<Entry> = entries.by_ref().take(together).collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        if watch.stop.load(Ordering::Relaxed) {
            return Err(MergeError::Stopped);
        }
        let count = batch.len() as u64;
        let read: Vec<_> = batch.into_par_iter().map(|entry| read(entry, manifest, &store)).collect();
        for read in read {
            match read {
                Ok((task, rows, last)) => {
                    if task.entry.start.is_none() {
                        starts.insert(task.entry.identifier.clone(), last);
                    }
                    let start = task.entry.start.as_ref().and_then(|start| starts.get(start)?.as_deref());
                    if let Some(problem) = foreign_start(&task.head, start) {
                        damaged.add(&store.record_path(&task.entry.identifier), &problem);
                        continue;
                    }
                    origins.add(&task.head, &task.entry.identifier);
                    digest.update(format!("{} {}\n", task.entry.identifier, task.head.digest));
                    task_table.push(task).map_err(in_tasks)?;
                    for row in rows {
                        frame_table.push(row).map_err(in_frames)?;
                    }
                }
                Err(RecordError::File { source, .. })
                    if source.kind() == io::ErrorKind::NotFound && options.partial => {}
                Err(RecordError::Damaged { path, problem }) => {
                    damaged.add(&path, &problem);
                }
                Err(error) => return Err(error.into()),
            }
        }
        (watch.progress)(count);
    }
    if damaged.count > 0 {
        let folder = manifest.folder().to_owned();
        return Err(MergeError::Damaged { count: damaged.count, named: damaged.told(), folder });
    }
    // Records may have come or changed since the survey.
    origins.check(options.allow_mixed)?;

    let records: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let task_count = task_table.close(&records).map_err(in_tasks)?;
    let frame_count = frame_table.close(&records).map_err(in_frames)?;
    tasks.synchronise()?;
    frames.synchronise()?;
    frames.put()?;
    tasks.put()?;
    Ok(Merged { tasks: task_count, frames: frame_count, missing, tasks_file, frames_file })
}

/// Whether the program that wrote a Parquet file says in its footer that it is this one.
fn is_own_table(path: &Path) -> Result<bool, FileError> {
    let refused = |source| FileError { action: "read", path: path.to_owned(), source };
    let mut file = input::open(path)?;
    let size = file.metadata().map_err(refused)?.len();
    // Length of the footer, and the four letters that every such file ends with.
    let mut end = [0; 8];
    if size < end.len() as u64 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-8)).and_then(|_| file.read_exact(&mut end)).map_err(refused)?;
    let length = u64::from(u32::from_le_bytes([end[0], end[1], end[2], end[3]]));
    if end[4..] != *b"PAR1" || length > MOST_FOOTER_BYTES.min(size - 8) {
        return Ok(false);
    }
    file.seek(SeekFrom::Start(size - 8 - length)).map_err(refused)?;
    let mut footer = Vec::new();
    file.take(length).read_to_end(&mut footer).map_err(refused)?;
    // As in its field `created_by`: the name and a version. No description of a column has that.
    let mut found = footer.windows(CREATOR.len() + 1);
    Ok(found.any(|bytes| bytes.starts_with(CREATOR) && bytes[CREATOR.len()].is_ascii_digit()))
}

/// How a table says which program wrote it, before the version.
const CREATOR: &[u8] = b"glassbox ";

/// Bytes of the footer of a table of this program, at most: a few kB for each of its groups of 65,536 rows.
const MOST_FOOTER_BYTES: u64 = 1 << 28;

/// Looks at the heads only, so that what cannot be merged is said before hours of reading. Returns how many are missing.
fn surveyed(manifest: &Manifest, store: &Store, options: MergeOptions) -> Result<usize, MergeError> {
    let (mut missing, mut failed, mut origins) = (0, 0, Origins::default());
    for entry in manifest.entries(0..manifest.len())? {
        let identifier = entry?.identifier;
        match Head::read(&store.record_path(&identifier)) {
            Ok(head) => origins.add(&head, &identifier),
            Err(RecordError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                missing += 1;
                failed += usize::from(store.failure(&identifier).is_some());
            }
            // All of them are told, later.
            Err(RecordError::Damaged { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let (tasks, folder) = (manifest.len(), manifest.folder().to_owned());
    if missing == tasks {
        return Err(MergeError::Nothing(folder));
    }
    if missing > 0 && !options.partial {
        return Err(MergeError::Missing { missing, failed, tasks, folder });
    }
    origins.check(options.allow_mixed)?;
    Ok(missing)
}

/// Verifies a record and measures its frames.
fn read(entry: Entry, manifest: &Manifest, store: &Store) -> Result<Measured, RecordError> {
    let path = store.record_path(&entry.identifier);
    let mut record = RecordReader::open(&path)?;
    if record.head().task != entry.task {
        let problem = format!("is the record of {}", record.head().task.identifier());
        return Err(RecordError::Damaged { path, problem });
    }
    let rows = frame_row::rows(&entry, &mut record)?;
    let place = path.strip_prefix(manifest.folder()).unwrap_or(&path);
    let parts: Vec<_> = place.iter().map(|part| part.to_string_lossy()).collect();
    let row = TaskRow {
        head: record.head().clone(),
        frames: record.len() as u64,
        diverged: record.diverged(),
        first_loss: record.losses().first().copied(),
        last_loss: record.losses().last().copied(),
        record: parts.join("/"),
        entry,
    };
    let last = if row.entry.start.is_none() { record.last_digest()? } else { None };
    Ok((row, rows, last))
}

/// A row of tasks, its rows of frames, and of a quench the digest of its last weights.
type Measured = (TaskRow, Vec<FrameRow>, Option<String>);

/// Damaged records: their number, and the first of them.
#[derive(Default)]
struct Damaged {
    count: usize,
    named: Vec<String>,
}

impl Damaged {
    fn add(&mut self, path: &Path, problem: &str) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("  {}: {problem}", path.display()));
        }
    }

    fn told(&self) -> String {
        let more = self.count - self.named.len();
        let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
        self.named.join("\n") + &more
    }
}

#[cfg(test)]
mod tests;
