//! A process at work on a store: its heartbeat, and what it tells others.

use super::files::{entries, is_file, is_folder, refused, remove};
use super::names::{CLOCK, heartbeat_file};
use super::store::Store;
use glassbox_simulations::protocol::RecordError;
use glassbox_trajectories::input;
use glassbox_trajectories::process::{Process, host_name};
use glassbox_trajectories::whole_file::{PartialFile, is_token, parts_of_partial, token, write_whole};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
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

/// What shows that a process is at work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Life {
    /// Nothing: it is gone.
    Gone,
    /// It is seen, as it is of this machine.
    Seen,
    /// The last file that it wrote.
    Sign {
        /// Age of the file by the file system's clock, in seconds; below 0 for a time in the future.
        age: f64,
        /// Time from now after which the process counts as gone if it gives no further sign.
        left: Duration,
    },
    /// The file system does not answer, which proves nothing.
    Unknown,
}

/// Looks at the processes of a store, and leaves no trace.
#[derive(Debug)]
pub struct Observer {
    store: Store,
    process: Process,
    expiry: Duration,
    /// The file system's time, as far as it is known, and when it was that.
    clock: Mutex<(SystemTime, Instant)>,
    /// Heartbeats with a time that says nothing, by their tokens.
    watched: Mutex<HashMap<String, Watched>>,
}

/// A heartbeat whose time is too long ago or in the future: whether it changes is what counts.
#[derive(Clone, Copy, Debug)]
struct Watched {
    modified: SystemTime,
    since: Instant,
    changed: bool,
}

/// Bytes of a heartbeat, at most: a thousand tasks take a tenth of it.
const MOST_BYTES: u64 = 1 << 20;

/// Threads of a process that are believed: sums of them must fit.
const MOST_THREADS: usize = 1 << 20;

impl Observer {
    /// Looks at `store`. A process of another machine whose last heartbeat is older than `expiry` counts as gone.
    #[must_use]
    pub fn new(store: &Store, expiry: Duration) -> Self {
        // The time of a file that is made and gone at once; where none can be made, this machine's clock must do.
        let workers = store.workers();
        let there = is_folder(&workers).unwrap_or(false);
        let made = there.then(|| PartialFile::create(&workers.join(CLOCK)).ok()).flatten();
        let time = made.and_then(|made| made.file().metadata().ok()?.modified().ok());
        let clock = Mutex::new((time.unwrap_or_else(SystemTime::now), Instant::now()));
        let watched = Mutex::default();
        Self { store: store.clone(), process: Process::own(), expiry, clock, watched }
    }

    /// Age of a file in seconds by the file system's own clock, as those of the machines may differ; below 0 in the future.
    pub(super) fn age(&self, modified: SystemTime) -> f64 {
        let (now, then) = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let age = (now + then.elapsed()).duration_since(modified);
        age.map_or_else(|ahead| -ahead.duration().as_secs_f64(), |age| age.as_secs_f64())
    }

    /// What shows that the process of `token` is at work; `seen` is when it was last known to be.
    pub(super) fn life(&self, token: &str, seen: SystemTime) -> Life {
        // Nothing else is made the name of a file.
        if !is_token(token) {
            return self.life_by_age(seen);
        }
        if let Some(alive) = self.process.sees_alive(token) {
            return if alive { Life::Seen } else { Life::Gone };
        }
        let heartbeat = fs::symlink_metadata(self.store.workers().join(token));
        match heartbeat.and_then(|data| Ok(data.is_file().then_some(data.modified()?))) {
            Ok(Some(modified)) => self.life_by_heartbeat(token, modified),
            Ok(None) => self.life_by_age(seen),
            // It may also mean that this machine does not see the file yet.
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.life_by_age(seen),
            Err(_) => Life::Unknown,
        }
    }

    /// A file that its process does not renew. A time in the future is no sign of life: it would hold until then.
    fn life_by_age(&self, seen: SystemTime) -> Life {
        let (age, expiry) = (self.age(seen), self.expiry.as_secs_f64());
        if age.abs() >= expiry {
            return Life::Gone;
        }
        Life::Sign { age, left: Duration::try_from_secs_f64(expiry - age).unwrap_or_default() }
    }

    fn life_by_heartbeat(&self, token: &str, modified: SystemTime) -> Life {
        let sign = self.life_by_age(modified);
        if sign != Life::Gone {
            return sign;
        }
        // Its clock may be another one than that of the files. Then it shows by its heartbeats that it is at work, within the time
        // in which they come.
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |changed| Watched { modified, since: Instant::now(), changed };
        let watched = watched.entry(token.to_owned()).or_insert_with(|| fresh(false));
        if watched.modified != modified {
            *watched = fresh(true);
        }
        let age = self.age(modified);
        match self.expiry.checked_sub(watched.since.elapsed()) {
            Some(left) if !left.is_zero() && (watched.changed || age < 0.0) => Life::Sign { age, left },
            _ => Life::Gone,
        }
    }

    /// The processes at work, by their tokens.
    ///
    /// # Errors
    /// [`RecordError::Foreign`] where a link has the name of their folder; [`RecordError::File`] where it cannot be read.
    pub fn at_work(&self) -> Result<BTreeMap<String, WorkerReport>, RecordError> {
        let mut all = BTreeMap::new();
        for (path, token, _) in self.files()?.into_iter().filter(|(_, name, _)| is_token(name)) {
            if let Some((report, modified)) = self.report(&path)
                && self.life(&token, modified) != Life::Gone
            {
                all.insert(token, report);
            }
        }
        Ok(all)
    }

    /// What the process of `token` tells of itself, if it does.
    #[must_use]
    pub fn report_of(&self, token: &str) -> Option<WorkerReport> {
        let path = is_token(token).then(|| self.store.workers().join(token))?;
        self.report(&path).map(|(report, _)| report)
    }

    /// A heartbeat and its time. One that vanishes while it is read belongs to a process that has ended.
    fn report(&self, path: &Path) -> Option<(WorkerReport, SystemTime)> {
        if !is_file(path).ok()? {
            return None;
        }
        let modified = fs::metadata(path).and_then(|data| data.modified()).ok()?;
        let mut report: WorkerReport = serde_json::from_slice(&input::read(path, MOST_BYTES).ok()?).ok()?;
        report.threads = report.threads.min(MOST_THREADS);
        Some((report, modified))
    }

    /// The files of processes: heartbeats, and what they were writing.
    fn files(&self) -> Result<Vec<(PathBuf, String, fs::FileType)>, RecordError> {
        let workers = self.store.workers();
        if !is_folder(&workers)? {
            return Ok(Vec::new());
        }
        let mut files = entries(&workers)?;
        files.retain(|(_, name, kind)| kind.is_file() && heartbeat_file(name).is_some());
        Ok(files)
    }

    /// What processes left behind that are gone: heartbeats, and of `partial` the files that they began and did not finish.
    ///
    /// # Errors
    /// [`RecordError`] where the file system refuses.
    pub fn leftovers(&self, partial: &[PathBuf]) -> Result<Vec<PathBuf>, RecordError> {
        let workers = self.files()?.into_iter().map(|(path, ..)| path);
        let gone = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // A file half written is of no use once its process is gone.
            let token = parts_of_partial(&name).map_or(&*name, |(_, token)| token);
            fs::symlink_metadata(path)
                .and_then(|data| data.modified())
                .is_ok_and(|modified| self.life(token, modified) == Life::Gone)
        };
        // Heartbeats last: they tell of some that they are gone.
        Ok(partial.iter().cloned().chain(workers).filter(gone).collect())
    }
}

/// Removes the files of these `names` in `folder` that processes of this machine began and cannot finish, as they are gone.
pub(super) fn remove_begun_by_the_dead(folder: &Path, names: &[&str]) -> Result<(), RecordError> {
    let own = Process::own();
    for (path, name, kind) in entries(folder)? {
        if kind.is_file()
            && let Some((whole, token)) = parts_of_partial(&name)
            && names.contains(&whole)
            && own.sees_alive(token) == Some(false)
        {
            remove(&path)?;
        }
    }
    Ok(())
}

/// This process at work on a store. While it lives, [`beat`](Self::beat) is to be called every few seconds.
#[derive(Debug)]
pub struct Worker {
    observer: Observer,
    token: String,
    notice: Option<String>,
}

impl Worker {
    /// Announces this process, in a folder that is or becomes a store. A claim of another machine's process whose last heartbeat
    /// is older than `expiry` counts as abandoned.
    ///
    /// # Errors
    /// [`RecordError::Foreign`] for a folder that holds other things than results, or a link in place of one of its folders;
    /// [`RecordError::File`] where the file system refuses.
    pub fn begin(store: &Store, expiry: Duration) -> Result<Self, RecordError> {
        let notice = store.establish()?;
        let workers = store.workers();
        if !is_folder(&workers)? {
            // Another process may be faster.
            fs::create_dir_all(&workers).map_err(refused("make", &workers))?;
        }
        let worker = Self { observer: Observer::new(store, expiry), token: token().to_owned(), notice };
        worker.beat(0, |_| {})?;
        Ok(worker)
    }

    /// What a user is to be told: that the folder was adopted from an earlier version.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
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
