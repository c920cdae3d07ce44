//! A process at work on a store: its heartbeat, and what it tells others.

use super::store::{Store, entries, refused};
use crate::protocol::RecordError;
use glassbox_trajectories::process::{Process, host_name};
use glassbox_trajectories::whole_file::{PartialFile, author_of_partial, token, write_whole};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A task that a process is at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// The task.
    pub identifier: String,
    /// Share of its steps that is done.
    pub share: f64,
    /// Threads it has.
    pub threads: usize,
}

/// What a process tells of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkerReport {
    /// Name of its machine.
    pub host: String,
    /// Its process number there.
    pub pid: u32,
    /// Its threads.
    pub threads: usize,
    /// Tasks it is at.
    pub running: Vec<Running>,
    /// Tasks it has finished.
    pub finished: u64,
    /// Estimated core-seconds of what it has finished.
    pub estimated_seconds: f64,
    /// Core-seconds that this took.
    pub measured_seconds: f64,
}

/// Looks at the processes of a store, and leaves no trace.
#[derive(Debug)]
pub struct Observer {
    store: Store,
    process: Process,
    expiry: Duration,
    /// The file system's time, as far as it is known, and when it was that.
    clock: Mutex<(SystemTime, Instant)>,
}

impl Observer {
    /// Looks at `store`. A process of another machine whose last heartbeat is older than `expiry` counts as gone.
    #[must_use]
    pub fn new(store: &Store, expiry: Duration) -> Self {
        // The time of a file that is made and gone at once; where none can be made, this machine's clock must do.
        let made = PartialFile::create(&store.workers().join("clock"));
        let time = made.ok().and_then(|made| made.file().metadata().ok()?.modified().ok());
        let clock = Mutex::new((time.unwrap_or_else(SystemTime::now), Instant::now()));
        Self { store: store.clone(), process: Process::own(), expiry, clock }
    }

    /// Age of a file by the file system's own clock: those of the machines may differ.
    pub(super) fn age(&self, modified: SystemTime) -> Duration {
        let (now, then) = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        (now + then.elapsed()).duration_since(modified).unwrap_or_default()
    }

    /// Whether the process of `token` is at work, as far as can be told; `seen` is when it was last known to be.
    pub(super) fn is_alive(&self, token: &str, seen: SystemTime) -> bool {
        if let Some(alive) = self.process.sees_alive(token) {
            return alive;
        }
        let path = self.store.workers().join(token);
        let heartbeat = match fs::metadata(&path) {
            // A claim whose owner did not live to sign it names no file, but their folder.
            Ok(data) => data.modified().ok().filter(|_| data.is_file()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            // A file system that does not answer proves nothing.
            Err(_) => return true,
        };
        // No heartbeat may also mean that this machine does not see the file yet.
        self.age(heartbeat.unwrap_or(seen)) < self.expiry
    }

    /// The processes at work, by their tokens.
    ///
    /// # Errors
    /// [`RecordError::File`] where their folder cannot be read.
    pub fn at_work(&self) -> Result<BTreeMap<String, WorkerReport>, RecordError> {
        let mut all = BTreeMap::new();
        for (path, token) in entries(&self.store.workers())? {
            if author_of_partial(&token).is_some() {
                continue;
            }
            // A file that vanishes while it is read belongs to a process that has ended.
            let Ok(modified) = fs::metadata(&path).and_then(|data| data.modified()) else { continue };
            let report = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            if let Some(report) = report.filter(|_| self.is_alive(&token, modified)) {
                all.insert(token, report);
            }
        }
        Ok(all)
    }

    /// What processes left behind that are gone: heartbeats, and of `partial` the files that they began and did not finish.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn leftovers(&self, partial: &[PathBuf]) -> Result<Vec<PathBuf>, RecordError> {
        let workers = entries(&self.store.workers())?.into_iter().map(|(path, _)| path);
        let gone = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // A file half written is of no use once its process is gone.
            let token = author_of_partial(&name).unwrap_or(&name);
            fs::metadata(path)
                .and_then(|data| data.modified())
                .is_ok_and(|modified| !self.is_alive(token, modified))
        };
        // Heartbeats last: they tell of some that they are gone.
        Ok(partial.iter().cloned().chain(workers).filter(gone).collect())
    }
}

/// Files in `folder` that processes of this machine began and cannot finish, as they are gone.
pub(super) fn begun_by_the_dead(folder: &Path) -> Result<Vec<PathBuf>, RecordError> {
    let own = Process::own();
    let dead = |name: &str| author_of_partial(name).and_then(|token| own.sees_alive(token)) == Some(false);
    Ok(entries(folder)?.into_iter().filter(|(_, name)| dead(name)).map(|(path, _)| path).collect())
}

/// This process at work on a store. While it lives, [`beat`](Self::beat) is to be called every few seconds.
#[derive(Debug)]
pub struct Worker {
    observer: Observer,
    token: String,
}

impl Worker {
    /// Announces this process. A claim of another machine's process whose last heartbeat is older than `expiry` counts as
    /// abandoned.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn begin(store: &Store, expiry: Duration) -> Result<Self, RecordError> {
        let workers = store.workers();
        fs::create_dir_all(&workers).map_err(refused("make", &workers))?;
        let worker = Self { observer: Observer::new(store, expiry), token: token().to_owned() };
        worker.beat(0, |_| {})?;
        Ok(worker)
    }

    /// The name that its claims carry.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Its view of the others.
    #[must_use]
    pub fn observer(&self) -> &Observer {
        &self.observer
    }

    fn file(&self) -> PathBuf {
        self.observer.store.workers().join(&self.token)
    }

    /// Renews the heartbeat; `tell` fills in what is known.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub fn beat(&self, threads: usize, tell: impl FnOnce(&mut WorkerReport)) -> Result<(), RecordError> {
        let mut report = WorkerReport {
            host: host_name(),
            pid: self.observer.process.pid(),
            threads,
            running: Vec::new(),
            finished: 0,
            estimated_seconds: 0.0,
            measured_seconds: 0.0,
        };
        tell(&mut report);
        let path = self.file();
        write_whole(&path, &serde_json::to_vec(&report).unwrap_or_default())?;
        let now = fs::metadata(&path).and_then(|data| data.modified()).map_err(refused("read", &path))?;
        *self.observer.clock.lock().unwrap_or_else(PoisonError::into_inner) = (now, Instant::now());
        Ok(())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Where it cannot be removed its age tells.
        let _ = fs::remove_file(self.file());
    }
}
