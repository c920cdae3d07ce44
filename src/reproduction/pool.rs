//! Runs the tasks that are not in the store, one a worker, starts first.

use super::samples::{Samples, SamplesError};
use super::store::Store;
use glassbox_simulations::protocol::{ProtocolError, Record, RecordError, Supervision, Task, run};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

/// How a pool is watched and stopped.
pub struct Watch<'a> {
    /// Set from outside to stop: running tasks write their checkpoints.
    pub stop: &'a AtomicBool,
    /// Called with the cost (operations) done since the last call, from any thread.
    pub progress: &'a (dyn Fn(f64) + Sync),
}

/// Why not all tasks are in the store.
#[derive(Debug, Error)]
pub enum PoolError {
    /// Asked to stop.
    #[error("stopped; the same command goes on where it was")]
    Stopped,
    /// A task failed.
    #[error("{task}: {error}")]
    Task {
        /// Its identifier.
        task: String,
        /// What happened.
        error: ProtocolError,
    },
    /// A data set.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The store.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// No threads.
    #[error("cannot start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// The tasks of `wanted` and their starts that are not in `store`: starts first, each once.
#[must_use]
pub fn missing(wanted: &[Task], store: &Store) -> [Vec<Task>; 2] {
    let mut seen = HashSet::new();
    let mut choose = |tasks: &mut dyn Iterator<Item = Task>| -> Vec<Task> {
        tasks.filter(|task| seen.insert(task.identifier()) && !store.has(task)).collect()
    };
    let first = choose(&mut wanted.iter().filter_map(Task::start));
    let then = choose(&mut wanted.iter().cloned());
    [first, then]
}

/// Sees to it that every task of `wanted` is in `store`, with `threads` threads.
///
/// Tasks run side by side, each with the threads that are left for it; results do not depend on the number.
///
/// # Errors
/// [`PoolError`]; what is finished by then is kept. After a task failed, the stop flag is set.
pub fn complete(
    wanted: &[Task],
    store: &Store,
    samples: &Samples,
    threads: usize,
    watch: &Watch<'_>,
) -> Result<(), PoolError> {
    for tasks in missing(wanted, store) {
        if watch.stop.load(Ordering::Relaxed) {
            return Err(PoolError::Stopped);
        }
        let workers = threads.min(tasks.len()).max(1);
        let next = AtomicUsize::new(0);
        let failed: Mutex<Option<PoolError>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    let one = || -> Result<(), PoolError> {
                        let pool = rayon::ThreadPoolBuilder::new()
                            .num_threads((threads / workers).max(1))
                            .build()?;
                        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                            pool.install(|| finish(task, store, samples, watch))?;
                        }
                        Ok(())
                    };
                    if let Err(error) = one() {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                        // The others write their checkpoints and end, so that the error is seen now and not in hours.
                        watch.stop.store(true, Ordering::Relaxed);
                    }
                });
            }
        });
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
    }
    Ok(())
}

fn finish(task: &Task, store: &Store, samples: &Samples, watch: &Watch<'_>) -> Result<(), PoolError> {
    if watch.stop.load(Ordering::Relaxed) {
        return Err(PoolError::Stopped);
    }
    let cost = task.cost();
    let progress = |share: f64| (watch.progress)(share * cost);
    let start = task.start().map(|start| store.read(&start)).transpose()?;
    if let Some(Record { diverged: Some(step), .. }) = start {
        // No minimum to start from: the record says so, and has no frames.
        progress(1.0);
        return Ok(store.write(task, &Record { diverged: Some(step), ..Record::default() })?);
    }
    let dataset = samples.of(&task.quench().problem)?;
    let supervision = Supervision { stop: watch.stop, progress: &progress };
    let first = start.as_ref().and_then(Record::last);
    match run(task, &dataset, first, Some(&store.checkpoint(task)), &supervision) {
        Ok(record) => Ok(store.write(task, &record)?),
        Err(ProtocolError::Stopped) => Err(PoolError::Stopped),
        Err(error) => Err(PoolError::Task { task: task.identifier(), error }),
    }
}
