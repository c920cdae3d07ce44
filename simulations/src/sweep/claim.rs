//! Who is at a task: a file that only one process can make.

use super::store::{Contents, FileKind, Store, refused, remove};
use super::worker::{Observer, Worker};
use crate::protocol::RecordError;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
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
        if fs::read_to_string(&self.path).is_ok_and(|owner| owner == self.token) {
            let _ = fs::remove_file(&self.path);
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
    /// [`RecordError::File`] where the file system refuses.
    pub fn claim(&self, identifier: &str, worker: &Worker) -> Result<Option<Claim>, RecordError> {
        let path = self.file(identifier, FileKind::Claim);
        self.make_room(identifier)?;
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

    /// The token of the process that has claimed the task of this identifier; `None` where none has, or where it is gone.
    #[must_use]
    pub fn owner(&self, identifier: &str, observer: &Observer) -> Option<String> {
        let path = self.file(identifier, FileKind::Claim);
        let modified = fs::metadata(&path).and_then(|data| data.modified()).ok()?;
        let owner = fs::read_to_string(&path).ok()?;
        is_held(&owner, modified, observer).then_some(owner)
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
            remove(&self.file(identifier, FileKind::Checkpoint))?;
        }
        worker.observer().leftovers(&contents.partial)?.iter().try_for_each(|path| remove(path))
    }
}

/// A process signs its claim at once: one that is empty for longer has no owner.
const UNSIGNED: Duration = Duration::from_secs(2);

fn is_held(owner: &str, modified: SystemTime, observer: &Observer) -> bool {
    let signed = !owner.is_empty() || observer.age(modified) < UNSIGNED;
    signed && observer.is_alive(owner, modified)
}

/// Moves an abandoned claim out of the way; whether the task may be free now.
fn taken_away(path: &Path, observer: &Observer, token: &str) -> Result<bool, RecordError> {
    let read = |path: &Path| fs::read_to_string(path);
    let Ok(modified) = fs::metadata(path).and_then(|data| data.modified()) else { return Ok(true) };
    // Empty while its owner writes it, or for ever if it died then.
    let owner = match read(path) {
        Ok(owner) => owner,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(refused("read", path)(error)),
    };
    if owner == token || is_held(&owner, modified, observer) {
        return Ok(false);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Should this process end now, it is a file half written.
    let aside = path.with_file_name(format!(".{name}.aside.{token}.partial"));
    match fs::rename(path, &aside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(refused("rename", path)(error)),
    }
    // A third process may have been faster, and this is its new claim: put it back, unless there is one already.
    let mistaken = read(&aside).is_ok_and(|moved| moved != owner);
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
        assert_eq!(store.owner(TASK, worker.observer()).as_deref(), Some(worker.token()));
        assert!(store.claim(TASK, &worker).unwrap().is_none());
        drop(claim);
        assert_eq!(store.owner(TASK, worker.observer()), None);
        assert!(store.claim(TASK, &worker).unwrap().is_some());
    }

    /// A claim without a heartbeat, as after a crash of another machine: its age decides.
    #[test]
    fn the_claim_of_a_vanished_process_expires() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        store.make_room(TASK).unwrap();
        let path = store.file(TASK, FileKind::Claim);
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
        let alive = worker.token().to_owned() + "0";
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
}
