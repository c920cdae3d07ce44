//! Where a sweep stands.

use super::claim::Holder;
use super::failure::Failure;
use super::manifest::{Manifest, ManifestError};
use super::worker::{Life, Observer, WorkerReport};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is done, running, failed and left of a sweep.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Version of this description.
    pub format: u32,
    /// Name of the plan.
    pub name: String,
    /// Tasks of the plan.
    pub tasks: usize,
    /// Finished ones.
    pub finished: usize,
    /// Those that a process is at.
    pub running: Vec<RunningTask>,
    /// Those that failed, and why.
    pub failed: Vec<FailedTask>,
    /// Tasks whose start failed.
    pub blocked: usize,
    /// Tasks that a process began which is gone: the next run goes on with them.
    pub abandoned: Vec<String>,
    /// Tasks that wait for their turn, the abandoned ones included.
    pub waiting: usize,
    /// Processes at work.
    pub workers: Vec<WorkerReport>,
    /// Core-seconds that are left, by the plan's estimate.
    pub estimated_core_seconds_left: f64,
    /// Measured over estimated core-seconds of what the processes at work have finished.
    pub measured_over_estimated: Option<f64>,
    /// Seconds until the end with the threads at work.
    pub seconds_left: Option<f64>,
}

/// A task that a process is at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunningTask {
    /// The task.
    pub identifier: String,
    /// Share of its steps that is done, as of the last heartbeat.
    pub share: f64,
    /// Machine of the process.
    pub host: String,
    /// Its number there.
    pub pid: u32,
    /// Age in seconds of its last sign of life, by the file system's clock; below 0 for a time in the future. None for a process
    /// of this machine, which is seen.
    pub sign_of_life_age: Option<f64>,
    /// Seconds from now after which it counts as gone, if it gives no further sign of life.
    pub gone_in: Option<f64>,
}

/// A task that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FailedTask {
    /// The task.
    pub identifier: String,
    /// Why, and where.
    #[serde(flatten)]
    pub failure: Failure,
}

const FORMAT: u32 = 1;

impl Manifest {
    /// Where the sweep stands: one walk over the store's folders and one over the manifest; no record is opened. `expiry` as in
    /// [`Observer::new`].
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn status(&self, expiry: Duration) -> Result<Status, ManifestError> {
        let store = self.store()?;
        let contents = store.contents()?;
        let observer = Observer::new(&store, expiry);
        let at_work = observer.at_work()?;
        let mut shares = BTreeMap::new();
        for (token, report) in &at_work {
            for running in &report.running {
                shares.insert((token.as_str(), running.identifier.as_str()), running.share);
            }
        }
        let mut status = Status {
            format: FORMAT,
            name: self.plan().name.clone(),
            tasks: self.len(),
            finished: 0,
            running: Vec::new(),
            failed: Vec::new(),
            blocked: 0,
            abandoned: Vec::new(),
            waiting: 0,
            workers: at_work.values().cloned().collect(),
            estimated_core_seconds_left: 0.0,
            measured_over_estimated: None,
            seconds_left: None,
        };
        for entry in self.entries(0..self.len())? {
            let entry = entry?;
            let identifier = entry.identifier;
            if contents.finished.contains(&identifier) {
                status.finished += 1;
                continue;
            }
            if contents.has_failed(&identifier) {
                if let Some(failure) = store.failure(&identifier) {
                    status.failed.push(FailedTask { identifier, failure });
                }
                continue;
            }
            if entry.start.is_some_and(|start| contents.has_failed(&start)) {
                status.blocked += 1;
                continue;
            }
            let claimed = contents.claimed.contains(&identifier);
            let holder = if claimed { store.holder(&identifier, &observer) } else { None };
            let mut left = 1.0;
            if let Some(Holder { token, host, pid, life }) = holder {
                let share = shares.get(&(token.as_str(), identifier.as_str())).copied().unwrap_or(0.0);
                left -= share;
                let (sign_of_life_age, gone_in) = match life {
                    Life::Sign { age, left } => (Some(age), Some(left.as_secs_f64())),
                    _ => (None, None),
                };
                let host = host.unwrap_or_else(|| "unknown".to_owned());
                let pid = pid.unwrap_or_default();
                let running = RunningTask { identifier, share, host, pid, sign_of_life_age, gone_in };
                status.running.push(running);
            } else {
                if claimed || contents.checkpoints.contains(&identifier) {
                    status.abandoned.push(identifier);
                }
                status.waiting += 1;
            }
            status.estimated_core_seconds_left += left * entry.seconds;
        }
        let sum = |seconds: fn(&WorkerReport) -> f64| status.workers.iter().map(seconds).sum::<f64>();
        let (estimated, measured) = (sum(|one| one.estimated_seconds), sum(|one| one.measured_seconds));
        status.measured_over_estimated = (estimated > 0.0).then(|| measured / estimated);
        let threads = status.workers.iter().map(|one| one.threads).fold(0, usize::saturating_add);
        let ratio = status.measured_over_estimated.unwrap_or(1.0);
        status.seconds_left =
            (threads > 0).then(|| status.estimated_core_seconds_left * ratio / threads as f64);
        Ok(status)
    }
}
