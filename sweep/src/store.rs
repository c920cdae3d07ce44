//! Results by content: the files of a task are named by its identifier.

use super::files::{entries, is_file, is_folder, refused, remove};
use super::marker::{Marker, foreign};
use super::names::{FileKind, heartbeat_file, is_shard, partial_task_file, shard, task_file};
use glassbox_simulations::protocol::{Record, RecordError, Task, verify};
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of results.
///
/// The files of a task lie in a folder named by the first two digits of its digest, so that no folder grows beyond what file
/// systems like: `ab/ID.safetensors` (the record), `ab/ID.checkpoint` (unfinished), `ab/ID.claim` (someone is at it) and
/// `ab/ID.failure` (why it failed). `workers/` has a file for each process at work. `glassbox-store.json` marks the folder as a
/// store. Nothing is replaced or removed but regular files with such names, and nothing through a link.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    /// Whether a manifest beside the folder tells that it is a store.
    of_plan: bool,
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
    /// What is there and is not of this program: it is left alone.
    pub foreign: Vec<PathBuf>,
}

/// Name of the folder of processes at work.
const WORKERS: &str = "workers";

impl Store {
    /// The store in `folder`. Folders are made by those who write, so that one that may not be written can be looked at.
    ///
    /// # Errors
    /// [`RecordError::File`] where something else has the name of the folder.
    pub fn open(folder: &Path) -> Result<Self, RecordError> {
        if folder.exists() && !folder.is_dir() {
            return Err(refused("use", folder)(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self { folder: folder.to_owned(), of_plan: false })
    }

    /// The store of the plan in the folder above: not a link.
    pub(super) fn of_plan(folder: PathBuf) -> Result<Self, RecordError> {
        is_folder(&folder)?;
        Ok(Self { folder, of_plan: true })
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the folder is a store: it has a marker, belongs to a plan, or, as those of earlier versions, has a record or
    /// checkpoint with its own name and a digest that is right.
    ///
    /// # Errors
    /// [`RecordError`] where the folder cannot be read, or one in it is a link.
    pub fn is_marked(&self) -> Result<bool, RecordError> {
        Ok(Marker::Store.is_in(&self.folder)? || self.of_plan || self.has_a_sound_file()?)
    }

    /// Makes the folder a store, if it is not yet one, or adopts one of an earlier version, which had no marker. Returns what a
    /// user is to be told.
    ///
    /// # Errors
    /// [`RecordError::Foreign`] for a folder that holds other things; [`RecordError::File`] where the file system refuses.
    pub(super) fn establish(&self) -> Result<Option<String>, RecordError> {
        if self.of_plan {
            is_folder(&self.folder)?;
        }
        fs::create_dir_all(&self.folder).map_err(refused("make", &self.folder))?;
        is_folder(&self.workers())?;
        if Marker::Store.is_in(&self.folder)? {
            return Ok(None);
        }
        // Another process may be at it.
        let empty = entries(&self.folder)?.iter().all(|(_, name, _)| Marker::Store.is_partial(name));
        if !empty && !self.is_marked()? {
            let problem = format!(
                "is not a folder of results: it has other files and no {}. Give a folder that is new or empty",
                Marker::Store.file_name()
            );
            return Err(foreign(&self.folder, &problem));
        }
        // Without the marker there are only folders while another process makes them.
        let held = !empty && !self.contents()?.is_empty();
        Marker::Store.put(&self.folder)?;
        let adopted = || {
            let (folder, name) = (self.folder.display(), Marker::Store.file_name());
            format!("{folder} holds results of an earlier glassbox and is used as it is; it now has a {name}")
        };
        Ok(held.then(adopted))
    }

    fn has_a_sound_file(&self) -> Result<bool, RecordError> {
        let contents = self.contents()?;
        let sound = |path: PathBuf, identifier: &String| {
            verify(&path).is_ok_and(|head| head.task.identifier() == *identifier)
        };
        Ok(contents.finished.iter().any(|identifier| sound(self.record_path(identifier), identifier))
            || contents
                .checkpoints
                .iter()
                .any(|identifier| sound(self.checkpoint_path(identifier), identifier)))
    }

    /// The folder of processes at work.
    pub(super) fn workers(&self) -> PathBuf {
        self.folder.join(WORKERS)
    }

    pub(super) fn file(&self, identifier: &str, kind: FileKind) -> PathBuf {
        self.folder.join(shard(identifier)).join(format!("{identifier}.{}", kind.extension()))
    }

    /// Makes the folder that the files of a task lie in.
    pub(super) fn make_room(&self, identifier: &str) -> Result<(), RecordError> {
        let folder = self.folder.join(shard(identifier));
        if is_folder(&folder)? {
            return Ok(());
        }
        let made = match fs::create_dir(&folder) {
            // The whole store is not there yet, or not any more.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.establish()?;
                fs::create_dir(&folder)
            }
            made => made,
        };
        match made {
            // By another process, meanwhile.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => is_folder(&folder).map(|_| ()),
            made => made.map_err(refused("make", &folder)),
        }
    }

    /// Where a file of a task is to be written; what is there already must be one.
    ///
    /// # Errors
    /// [`RecordError::Foreign`] for a link, a folder or a device of that name; [`RecordError::File`] where the file system refuses.
    pub(super) fn place(&self, identifier: &str, kind: FileKind) -> Result<PathBuf, RecordError> {
        self.make_room(identifier)?;
        let path = self.file(identifier, kind);
        is_file(&path)?;
        Ok(path)
    }

    /// Removes a file of a task, which may be gone already.
    pub(super) fn forget(&self, identifier: &str, kind: FileKind) -> Result<(), RecordError> {
        if is_folder(&self.folder.join(shard(identifier)))? {
            remove(&self.file(identifier, kind))
        } else {
            Ok(())
        }
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
        fs::symlink_metadata(self.record_path(identifier)).is_ok_and(|data| data.is_file())
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
        record.write(&self.place(&identifier, FileKind::Record)?, task)?;
        // A checkpoint that stays behind costs space only; the record is what counts.
        let _ = self.forget(&identifier, FileKind::Checkpoint);
        self.retry(&identifier)
    }

    /// What is there.
    ///
    /// # Errors
    /// [`RecordError::Foreign`] where a link has the name of one of its folders; [`RecordError::File`] where a folder cannot be
    /// read.
    pub fn contents(&self) -> Result<Contents, RecordError> {
        let mut contents = Contents::default();
        for (path, shard, kind) in entries(&self.folder)? {
            if kind.is_file() && Marker::Store.is_partial(&shard) {
                contents.partial.push(path);
                continue;
            }
            if !(is_shard(&shard) || shard == WORKERS) || !is_folder(&path)? {
                continue;
            }
            for (path, name, kind) in entries(&path)? {
                if !kind.is_file() {
                    contents.foreign.push(path);
                } else if shard != WORKERS {
                    contents.take(path, &shard, &name);
                } else if heartbeat_file(&name).is_none() {
                    contents.foreign.push(path);
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

    /// In a sentence, what is there that is not of this program.
    #[must_use]
    pub fn foreign_in_words(&self) -> Option<String> {
        let first = self.foreign.first()?.display();
        Some(match self.foreign.len() {
            1 => format!("{first} is not a file of glassbox; it is left alone"),
            count => {
                format!("{first} and {} others are not files of glassbox; they are left alone", count - 1)
            }
        })
    }

    fn is_empty(&self) -> bool {
        let tasks = [&self.checkpoints, &self.claimed, &self.failed];
        self.finished.is_empty() && tasks.iter().all(|tasks| tasks.is_empty())
    }

    fn take(&mut self, path: PathBuf, shard: &str, name: &str) {
        let Some((identifier, kind)) = task_file(shard, name) else {
            let partial = partial_task_file(shard, name).is_some();
            if partial { &mut self.partial } else { &mut self.foreign }.push(path);
            return;
        };
        let identifier = identifier.to_owned();
        match kind {
            FileKind::Record => _ = self.finished.insert(identifier),
            FileKind::Checkpoint => _ = self.checkpoints.insert(identifier),
            FileKind::Claim => _ = self.claimed.insert(identifier),
            FileKind::Failure => _ = self.failed.insert(identifier),
        }
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
        let name = ".quench-ab0123456789abcd.claim.1.0-1-2-0123456789abcdef.partial";
        let partial = path.with_file_name(name);
        fs::write(&partial, "").unwrap();
        fs::write(path.with_file_name(".x.1.partial"), "").unwrap();
        fs::create_dir(store.workers()).unwrap();
        fs::write(store.workers().join("payroll.csv"), "").unwrap();
        let contents = store.contents().unwrap();
        let counts = [
            contents.finished.len(),
            contents.checkpoints.len(),
            contents.claimed.len(),
            contents.failed.len(),
        ];
        assert_eq!(counts, [1; 4]);
        assert_eq!(contents.partial, [partial]);
        let mut foreign = contents.foreign.clone();
        foreign.sort_unstable();
        let others = [path.with_file_name(".x.1.partial"), path.with_extension("notes")];
        assert_eq!(foreign, [&others[..], &[store.workers().join("payroll.csv")]].concat());
        assert!(
            contents
                .foreign_in_words()
                .unwrap()
                .ends_with("and 2 others are not files of glassbox; they are left alone")
        );
        assert!(store.has("quench-ab0123456789abcd") && !store.has("quench-ab0123456789abce"));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_goes_through_a_link() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let store = Store::open(folder.path()).unwrap();
        let task = "quench-ab0123456789abcd";
        let theirs = elsewhere.path().join(format!("{task}.checkpoint"));
        fs::write(&theirs, "theirs").unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("ab")).unwrap();
        for result in [
            store.contents().map(|_| ()),
            store.make_room(task),
            store.forget(task, FileKind::Checkpoint),
            store.place(task, FileKind::Record).map(|_| ()),
        ] {
            let error = result.unwrap_err().to_string();
            assert!(error.contains("ab: is a link; glassbox uses a folder of this name"), "{error}");
        }
        fs::remove_file(folder.path().join("ab")).unwrap();
        // A file that is a link is not a file of the store, and is not replaced.
        fs::create_dir(folder.path().join("ab")).unwrap();
        for kind in FileKind::ALL {
            std::os::unix::fs::symlink(&theirs, store.file(task, kind)).unwrap();
            assert!(
                store.place(task, kind).is_err() && store.forget(task, kind).is_err() && !store.has(task)
            );
        }
        assert_eq!(store.contents().unwrap().foreign.len(), 4);
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
    }

    #[test]
    fn only_an_empty_folder_becomes_a_store() {
        let folder = tempfile::tempdir().unwrap();
        let store = |name: &str| Store::open(&folder.path().join(name)).unwrap();
        assert_eq!(store("new").establish().unwrap(), None);
        assert_eq!((store("new").establish().unwrap(), store("new").is_marked().unwrap()), (None, true));
        // Named as files of a task, and nothing but that.
        let foreign = store("foreign");
        let path = foreign.record_path("quench-ab0123456789abcd");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "no record").unwrap();
        assert!(!foreign.is_marked().unwrap());
        let error = foreign.establish().unwrap_err().to_string();
        assert!(
            error.contains("is not a folder of results") && error.contains("glassbox-store.json"),
            "{error}"
        );
        // With a record of an earlier version, which had no marker.
        let task = glassbox_simulations::protocol::test_tasks::trajectory(1, 0.1);
        foreign.write(&task, &Record::default()).unwrap();
        assert!(foreign.is_marked().unwrap());
        assert!(foreign.establish().unwrap().unwrap().contains("of an earlier glassbox"));
        assert_eq!(foreign.establish().unwrap(), None);
    }
}
