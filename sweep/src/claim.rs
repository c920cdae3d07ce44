//! Who is at a task: a file that only one process can make.

use super::files::{is_file, refused, remove};
use super::names::{ASIDE, FileKind};
use super::store::{Contents, Store};
use super::worker::{Life, Observer, Worker};
use glassbox_simulations::protocol::RecordError;
use glassbox_trajectories::input;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A claimed task; dropping it lets the task go.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    token: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Another process may have taken the task over while this one was suspended; then the claim is the other's.
        if read(&self.path).is_ok_and(|claim| claim.is_some_and(|(owner, _)| owner == self.token)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Who has claimed a task, and how long that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    /// The token of the process; empty in the moment before it has signed its claim.
    pub token: String,
    /// Name of its machine, where its heartbeat tells.
    pub host: Option<String>,
    /// Its process number there, where its token tells.
    pub pid: Option<u32>,
    /// What shows that it is at work.
    pub life: Life,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_deref().unwrap_or("an unknown machine");
        match self.pid {
            Some(pid) => write!(f, "process {pid} on {host}")?,
            None => write!(f, "a process on {host}")?,
        }
        match self.life {
            Life::Gone => write!(f, ", which is gone"),
            Life::Seen => write!(f, ", which is at work"),
            Life::Unknown => write!(f, ", of which the file system does not tell whether it is at work"),
            Life::Sign { age, left } => {
                let (age, relation) = (age.abs(), if age < 0.0 { "in the future" } else { "ago" });
                let left = left.as_secs_f64();
                write!(
                    f,
                    ", whose last sign of life is {age:.0} s {relation}; without another it counts as gone in {left:.0} s"
                )
            }
        }
    }
}

impl Store {
    /// Claims the task of this identifier for `worker`; `None` if a process that is at work has it.
    ///
    /// A claim of a process that is gone is taken over. Should two processes do so at the same instant both may run the task,
    /// with the same result.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses; [`RecordError::Foreign`] for a claim that is not a regular file.
    pub fn claim(&self, identifier: &str, worker: &Worker) -> Result<Option<Claim>, RecordError> {
        let path = self.place(identifier, FileKind::Claim)?;
        // The second try is for the claim that the first one found abandoned.
        for _ in 0..2 {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    let claim = Claim { path: path.clone(), token: worker.token().to_owned() };
                    if let Err(error) = file.write_all(worker.token().as_bytes()) {
                        // Unsigned it is nobody's, and not removed with the claim.
                        let _ = fs::remove_file(&path);
                        return Err(refused("write", &path)(error));
                    }
                    return Ok(Some(claim));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(refused("make", &path)(error)),
            }
            if !taken_away(&path, worker.observer(), worker.token())? {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Who has claimed the task of this identifier; `None` where nobody has, or where the process is gone.
    #[must_use]
    pub fn holder(&self, identifier: &str, observer: &Observer) -> Option<Holder> {
        let (token, modified) = read(&self.file(identifier, FileKind::Claim)).ok()??;
        let life = life(&token, modified, observer);
        let host = observer.report_of(&token).map(|report| report.host);
        let pid = token.split('-').nth(1).and_then(|pid| pid.parse().ok());
        (life != Life::Gone).then_some(Holder { token, host, pid, life })
    }

    /// Removes what processes left behind that are gone: claims, then heartbeats, which tell that they are gone, and files half
    /// written. Checkpoints of finished tasks go with them.
    ///
    /// # Errors
    /// [`RecordError::File`] where the file system refuses.
    pub(super) fn tidy(&self, contents: &Contents, worker: &Worker) -> Result<(), RecordError> {
        for identifier in &contents.claimed {
            taken_away(&self.file(identifier, FileKind::Claim), worker.observer(), worker.token())?;
        }
        for identifier in
            contents.checkpoints.iter().filter(|identifier| contents.finished.contains(*identifier))
        {
            self.forget(identifier, FileKind::Checkpoint)?;
        }
        worker.observer().leftovers(&contents.partial)?.iter().try_for_each(|path| remove(path))
    }
}

/// A process signs its claim at once: one that is empty for longer has no owner.
const UNSIGNED: Duration = Duration::from_secs(2);

/// Bytes of a claim that are read: more than any token has.
const MOST_BYTES: u64 = 256;

/// The token in a claim and the time of the file; `None` where there is no claim.
fn read(path: &Path) -> Result<Option<(String, SystemTime)>, RecordError> {
    if !is_file(path)? {
        return Ok(None);
    }
    let read = || -> io::Result<(String, SystemTime)> {
        let file = input::open(path).map_err(|refused| refused.source)?;
        let modified = file.metadata()?.modified()?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut bytes)?;
        Ok((String::from_utf8_lossy(&bytes).into_owned(), modified))
    };
    match read() {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused("read", path)(error)),
    }
}

fn life(owner: &str, modified: SystemTime, observer: &Observer) -> Life {
    let forgotten = owner.is_empty() && observer.age(modified).abs() >= UNSIGNED.as_secs_f64();
    if forgotten { Life::Gone } else { observer.life(owner, modified) }
}

/// Moves an abandoned claim out of the way; whether the task may be free now.
fn taken_away(path: &Path, observer: &Observer, token: &str) -> Result<bool, RecordError> {
    let Some((owner, modified)) = read(path)? else { return Ok(true) };
    if owner == token || life(&owner, modified, observer) != Life::Gone {
        return Ok(false);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Should this process end now, it is a file half written.
    let aside = path.with_file_name(format!(".{name}.{ASIDE}.0.{token}.partial"));
    match fs::rename(path, &aside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(refused("rename", path)(error)),
    }
    // A third process may have been faster, and this is its new claim: put it back, unless there is one already.
    let mistaken = read(&aside).is_ok_and(|moved| moved.is_some_and(|(moved, _)| moved != owner));
    if mistaken {
        let _ = fs::hard_link(&aside, path);
    }
    let _ = fs::remove_file(&aside);
    Ok(!mistaken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const TASK: &str = "quench-ab0123456789abcd";

    #[test]
    fn a_task_has_one_owner_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let worker = Worker::begin(&store, Duration::from_secs(60)).unwrap();
        let claim = store.claim(TASK, &worker).unwrap();
        assert!(claim.is_some());
        let holder = store.holder(TASK, worker.observer()).unwrap();
        assert_eq!(holder.token, worker.token());
        assert!(store.claim(TASK, &worker).unwrap().is_none());
        drop(claim);
        assert_eq!(store.holder(TASK, worker.observer()), None);
        assert!(store.claim(TASK, &worker).unwrap().is_some());
    }

    /// A claim without a heartbeat, as after a crash of another machine: its age decides.
    #[test]
    fn the_claim_of_a_vanished_process_expires() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.establish().unwrap();
        let path = store.place(TASK, FileKind::Claim).unwrap();
        for owner in ["another", ""] {
            fs::write(&path, owner).unwrap();
            let patient = Worker::begin(&store, Duration::from_secs(60)).unwrap();
            assert!(store.claim(TASK, &patient).unwrap().is_none());
            let impatient = Worker::begin(&store, Duration::ZERO).unwrap();
            assert!(store.claim(TASK, &impatient).unwrap().is_some());
            assert!(!path.exists());
        }
    }

    /// A process of this machine is known to be dead at once, however fresh its heartbeat.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_claim_of_a_dead_process_is_free_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let worker = Worker::begin(&store, Duration::from_secs(60)).unwrap();
        // Machine, number, start, and a number of its own: a process that started when no process did.
        let mut parts: Vec<&str> = worker.token().split('-').collect();
        parts[2] = "1";
        let dead = parts.join("-");
        let last = worker.token().chars().last();
        let other = if last == Some('0') { "1" } else { "0" };
        let alive = worker.token()[..worker.token().len() - 1].to_owned() + other;
        let heartbeat = fs::read(store.workers().join(worker.token())).unwrap();
        fs::write(store.workers().join(&alive), &heartbeat).unwrap();
        fs::write(store.workers().join(&dead), &heartbeat).unwrap();
        store.make_room(TASK).unwrap();
        fs::write(store.file(TASK, FileKind::Claim), &alive).unwrap();
        assert!(store.claim(TASK, &worker).unwrap().is_none());
        fs::write(store.file(TASK, FileKind::Claim), &dead).unwrap();
        assert!(store.claim(TASK, &worker).unwrap().is_some());
        assert_eq!(worker.observer().leftovers(&[]).unwrap(), [store.workers().join(&dead)]);
    }

    fn at(path: &Path, time: SystemTime) {
        fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    }

    /// The clock of the machine that made it jumped: nobody waits for the time to come.
    #[test]
    fn a_claim_from_the_future_is_abandoned_unless_its_process_gives_signs() {
        const EXPIRY: Duration = Duration::from_millis(300);
        const TOKEN: &str = "deadbeefdeadbeef-12-34-0123456789abcdef";
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let worker = Worker::begin(&store, EXPIRY).unwrap();
        let claim = store.place(TASK, FileKind::Claim).unwrap();
        let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
        for owner in [TOKEN, "another", ""] {
            fs::write(&claim, owner).unwrap();
            at(&claim, tomorrow);
            assert_eq!(store.holder(TASK, worker.observer()), None, "{owner}");
            assert!(store.claim(TASK, &worker).unwrap().is_some(), "{owner}");
        }
        // With a heartbeat from the future: as long as it goes on, and no longer than the expiry after that.
        let heartbeat = store.workers().join(TOKEN);
        fs::write(&claim, TOKEN).unwrap();
        fs::write(&heartbeat, "{}").unwrap();
        let mut last = std::time::Instant::now();
        for beat in 0..4 {
            at(&heartbeat, tomorrow + Duration::from_secs(beat));
            last = std::time::Instant::now();
            std::thread::sleep(EXPIRY / 3);
            match store.holder(TASK, worker.observer()).map(|holder| holder.life) {
                Some(Life::Sign { age, left }) => {
                    assert!(age < -86_000.0 && left <= EXPIRY, "{age} {left:?}");
                }
                other => panic!("{other:?} at beat {beat}"),
            }
            assert!(store.claim(TASK, &worker).unwrap().is_none());
        }
        while store.claim(TASK, &worker).unwrap().is_none() {
            assert!(last.elapsed() < 10 * EXPIRY, "waits for ever");
        }
        assert!(last.elapsed() >= EXPIRY);
        // The same of one whose clock is a day late, once it was seen to go on.
        let yesterday = SystemTime::now() - Duration::from_secs(86_400);
        fs::write(&claim, TOKEN).unwrap();
        at(&heartbeat, yesterday);
        let observer = Observer::new(&store, EXPIRY);
        assert_eq!(store.holder(TASK, &observer), None);
        at(&heartbeat, yesterday + Duration::from_secs(1));
        assert!(store.holder(TASK, &observer).is_some());
    }

    /// What is in a claim names no file but a heartbeat.
    #[test]
    fn the_text_of_a_claim_is_not_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let worker = Worker::begin(&store, Duration::from_secs(60)).unwrap();
        // Fresh, and of nobody's business.
        fs::write(folder.path().join("fresh"), "").unwrap();
        let claim = store.place(TASK, FileKind::Claim).unwrap();
        for owner in ["../../fresh", folder.path().join("fresh").to_str().unwrap(), &"x".repeat(100_000)] {
            fs::write(&claim, owner).unwrap();
            at(&claim, SystemTime::now() - Duration::from_secs(100));
            assert_eq!(store.holder(TASK, worker.observer()), None);
            assert!(store.claim(TASK, &worker).unwrap().is_some());
        }
    }
}
