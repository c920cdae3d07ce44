//! Results by content: the files of a task are named by its identifier.

use crate::protocol::{Record, RecordError, Task};
use glassbox_trajectories::whole_file::author_of_partial;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of results.
///
/// The files of a task lie in a folder named by the first two digits of its digest, so that no folder grows beyond what file
/// systems like: `ab/ID.safetensors` (the record), `ab/ID.checkpoint` (unfinished), `ab/ID.claim` (someone is at it) and
/// `ab/ID.failure` (why it failed). `workers/` has a file for each process at work.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// What a store holds, found in one walk without opening a file.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Identifiers of finished tasks.
    pub finished: HashSet<String>,
    /// Identifiers of tasks with a checkpoint.
    pub checkpoints: BTreeSet<String>,
    /// Identifiers of claimed tasks.
    pub claimed: BTreeSet<String>,
    /// Identifiers of failed tasks.
    pub failed: BTreeSet<String>,
    /// Files that a process began and did not finish.
    pub partial: Vec<PathBuf>,
}

/// The kinds of files of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Record,
    Checkpoint,
    Claim,
    Failure,
}

impl FileKind {
    const ALL: [Self; 4] = [Self::Record, Self::Checkpoint, Self::Claim, Self::Failure];

    const fn extension(self) -> &'static str {
        match self {
            Self::Record => "safetensors",
            Self::Checkpoint => "checkpoint",
            Self::Claim => "claim",
            Self::Failure => "failure",
        }
    }
}

impl Store {
    /// The store in `folder`. Folders are made by those who write, so that one that may not be written can be looked at.
    ///
    /// # Errors
    /// [`RecordError::File`] where something else has the name of the folder.
    pub fn open(folder: &Path) -> Result<Self, RecordError> {
        if folder.exists() && !folder.is_dir() {
            return Err(refused("use", folder)(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { folder: folder.to_owned() })
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of processes at work.
    pub(super) fn workers(&self) -> PathBuf {
        self.folder.join("workers")
    }

    pub(super) fn file(&self, identifier: &str, kind: FileKind) -> PathBuf {
        self.folder.join(shard(identifier)).join(format!("{identifier}.{}", kind.extension()))
    }

    /// Makes the folder that the files of a task lie in.
    pub(super) fn make_room(&self, identifier: &str) -> Result<(), RecordError> {
        let folder = self.folder.join(shard(identifier));
        fs::create_dir_all(&folder).map_err(refused("make", &folder))
    }

    /// The file of the record of this identifier.
    #[must_use]
    pub fn record_path(&self, identifier: &str) -> PathBuf {
        self.file(identifier, FileKind::Record)
    }

    /// The file of the checkpoint of this identifier.
    #[must_use]
    pub fn checkpoint_path(&self, identifier: &str) -> PathBuf {
        self.file(identifier, FileKind::Checkpoint)
    }

    /// The file of a task's record.
    #[must_use]
    pub fn path(&self, task: &Task) -> PathBuf {
        self.record_path(&task.identifier())
    }

    /// Whether the task of this identifier is finished.
    #[must_use]
    pub fn has(&self, identifier: &str) -> bool {
        self.record_path(identifier).exists()
    }

    /// The record of a finished task.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn read(&self, task: &Task) -> Result<Record, RecordError> {
        let path = self.path(task);
        let (head, record) = Record::read_whole(&path)?;
        // Sound in itself, a file may have the name of another: what starts from it would be wrong without a word.
        if head.task != *task {
            let problem = format!("holds the task {}", head.task.identifier());
            return Err(RecordError::Damaged { path, problem });
        }
        Ok(record)
    }

    /// Keeps a record, and forgets the checkpoint and an earlier failure.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn write(&self, task: &Task, record: &Record) -> Result<(), RecordError> {
        let identifier = task.identifier();
        self.make_room(&identifier)?;
        record.write(&self.record_path(&identifier), task)?;
        // A checkpoint that stays behind costs space only; the record is what counts.
        let _ = fs::remove_file(self.checkpoint_path(&identifier));
        self.retry(&identifier)
    }

    /// What is there.
    ///
    /// # Errors
    /// [`RecordError::File`] where a folder cannot be read.
    pub fn contents(&self) -> Result<Contents, RecordError> {
        let mut contents = Contents::default();
        for (path, name) in entries(&self.folder)? {
            if name.len() == 2 && path.is_dir() {
                for (path, name) in entries(&path)? {
                    contents.take(path, &name);
                }
            }
        }
        Ok(contents)
    }
}

impl Contents {
    /// Whether a task has failed; a failure that is still told of what was finished since counts no more.
    pub(super) fn has_failed(&self, identifier: &str) -> bool {
        self.failed.contains(identifier) && !self.finished.contains(identifier)
    }

    fn take(&mut self, path: PathBuf, name: &str) {
        if author_of_partial(name).is_some() {
            self.partial.push(path);
            return;
        }
        let Some((identifier, extension)) = name.rsplit_once('.') else { return };
        let identifier = identifier.to_owned();
        match FileKind::ALL.into_iter().find(|kind| kind.extension() == extension) {
            Some(FileKind::Record) => _ = self.finished.insert(identifier),
            Some(FileKind::Checkpoint) => _ = self.checkpoints.insert(identifier),
            Some(FileKind::Claim) => _ = self.claimed.insert(identifier),
            Some(FileKind::Failure) => _ = self.failed.insert(identifier),
            None => {}
        }
    }
}

/// The files of a folder and their names.
pub(super) fn entries(folder: &Path) -> Result<Vec<(PathBuf, String)>, RecordError> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed,
    };
    listed
        .and_then(|entries| {
            entries
                .map(|entry| {
                    entry.map(|entry| (entry.path(), entry.file_name().to_string_lossy().into_owned()))
                })
                .collect()
        })
        .map_err(refused("read", folder))
}

/// The first two digits of the digest in an identifier.
fn shard(identifier: &str) -> &str {
    let digits = identifier.rsplit_once('-').map_or(identifier, |(_, digits)| digits);
    digits.get(..2).unwrap_or("00")
}

pub(super) fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
    let path = path.to_owned();
    move |source| RecordError::File { action, path, source }
}

/// Removes a file that may be gone already.
pub(super) fn remove(path: &Path) -> Result<(), RecordError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("remove", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_task_lie_together() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let path = store.record_path("quench-ab0123456789abcd");
        assert_eq!(
            path.strip_prefix(folder.path()).unwrap(),
            Path::new("ab/quench-ab0123456789abcd.safetensors")
        );
        store.make_room("quench-ab0123456789abcd").unwrap();
        let names = ["safetensors", "checkpoint", "claim", "failure", "notes"];
        for name in names {
            fs::write(path.with_extension(name), "").unwrap();
        }
        fs::write(path.with_file_name(".x.1.partial"), "").unwrap();
        let contents = store.contents().unwrap();
        let counts = [
            contents.finished.len(),
            contents.checkpoints.len(),
            contents.claimed.len(),
            contents.failed.len(),
        ];
        assert_eq!(counts, [1; 4]);
        assert_eq!(contents.partial, [path.with_file_name(".x.1.partial")]);
        assert!(store.has("quench-ab0123456789abcd") && !store.has("quench-ab0123456789abce"));
    }
}
