//! Runs the tasks that are not in the store, one a thread, starts first; any number of processes may do so on one store.

mod event;

pub use event::{Event, PoolError, Summary, Watch};

use super::failure::Failure;
use super::manifest::Entry;
use super::names::FileKind;
use super::queue::Queue;
use super::samples::Samples;
use super::store::{Contents, Store};
use super::worker::{Running, Worker};
use glassbox_simulations::protocol::{
    DEFAULT_CHECKPOINT_INTERVAL, ProtocolError, Record, RecordError, Supervision, Task, run,
};
use glassbox_trajectories::process::host_name;
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How a pool works.
#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Threads in all; results do not depend on the number.
    pub threads: usize,
    /// Time between two checkpoints of a task.
    pub checkpoint_interval: Duration,
    /// Age of a heartbeat at which a process of another machine counts as gone.
    pub claim_expiry: Duration,
    /// Whether the folders of the store are listed, so that what dead processes left is removed. For a few tasks of many that costs
    /// more than it is worth: a cluster's file system would list all files for each of a thousand jobs.
    pub whole_store: bool,
    /// Whether a failed task is noted and the others go on; else it ends the pool, and earlier failures are tried again.
    pub keep_going: bool,
}

impl PoolOptions {
    /// Two minutes: many heartbeats, and more than the minute for which network file systems may show old data.
    pub const DEFAULT_CLAIM_EXPIRY: Duration = Duration::from_secs(120);

    /// The usual ones.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self {
            threads,
            checkpoint_interval: DEFAULT_CHECKPOINT_INTERVAL,
            claim_expiry: Self::DEFAULT_CLAIM_EXPIRY,
            whole_store: true,
            keep_going: false,
        }
    }
}

/// What became of a task that was tried.
enum Attempt {
    Finished(Option<Done>),
    Elsewhere,
    StartMissing,
    Failed(String),
}

struct Done {
    seconds: f64,
    diverged: Option<u64>,
}

/// Time between two looks of the heart at the clock.
const PULSE: Duration = Duration::from_millis(100);

/// Sees to it that every task of `entries` and its start is in `store`. Returns when all are finished or have failed, by this
/// process or another.
///
/// Tasks run side by side, each with the threads that are left for it; results do not depend on the number.
///
/// # Errors
/// [`PoolError`]; what is finished by then is kept. After an error the stop flag is set.
pub fn complete(
    entries: impl Iterator<Item = Entry>,
    store: &Store,
    samples: &Samples,
    options: PoolOptions,
    watch: &Watch<'_>,
) -> Result<Summary, PoolError> {
    let contents = if options.whole_store { Some(store.contents()?) } else { None };
    let finished = |identifier: &str| match &contents {
        Some(contents) => contents.finished.contains(identifier),
        None => store.has(identifier),
    };
    let mut wanted = Vec::new();
    let entries = entries.inspect(|entry| wanted.push(entry.identifier.clone()));
    let queue = Queue::new(entries, options.threads, finished);
    let left = queue.len();
    if left == 0 && contents.is_none() {
        return Ok(Summary::default());
    }
    let worker = Worker::begin(store, options.claim_expiry)?;
    let notice = |notice: &str| (watch.event)(&Event::Notice(notice.to_owned()));
    worker.notice().into_iter().for_each(notice);
    if let Some(contents) = contents {
        contents.foreign_in_words().as_deref().into_iter().for_each(notice);
        // What the dead left behind, before a new claim is made.
        store.tidy(&contents, &worker)?;
    }
    if left == 0 {
        return Ok(Summary::default());
    }
    (watch.event)(&Event::Begun { tasks: left, cost: queue.cost() });
    let pool = Pool { store, samples, options, watch, queue, worker, board: Mutex::default() };
    let done = AtomicBool::new(false);
    let mut failed = None;
    std::thread::scope(|scope| {
        let heart = scope.spawn(|| pool.beat(&done));
        let threads: Vec<_> =
            (0..options.threads.clamp(1, left)).map(|_| scope.spawn(|| pool.work())).collect();
        for thread in threads {
            match thread.join() {
                Ok(Ok(())) => {}
                Ok(Err(error)) => _ = failed.get_or_insert(error),
                // A fault of the pool itself: nothing is known of what it left.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done.store(true, Ordering::Relaxed);
        heart.thread().unpark();
        // The heart says nothing.
        let _ = heart.join();
    });
    let lost = |contents: Option<&Contents>, failed: &[String]| {
        let failed: HashSet<&String> = failed.iter().collect();
        let there = |identifier: &String| match contents {
            Some(contents) => contents.finished.contains(identifier),
            None => store.has(identifier),
        };
        match wanted.iter().filter(|identifier| !failed.contains(identifier) && !there(identifier)).count() {
            0 => Ok(()),
            lost => Err(PoolError::Lost { lost, tasks: wanted.len(), folder: store.folder().to_owned() }),
        }
    };
    match failed {
        Some(error) => {
            // A folder that is not there any more is not what happened, but what follows from it.
            if let PoolError::Record(RecordError::File { source, .. }) = &error
                && source.kind() == io::ErrorKind::NotFound
            {
                lost(None, &[])?;
            }
            Err(error)
        }
        None if watch.stop.load(Ordering::Relaxed) => Err(PoolError::Stopped),
        None => {
            let contents = if options.whole_store { Some(store.contents()?) } else { None };
            // And what they left meanwhile.
            if let Some(contents) = &contents {
                store.tidy(contents, &pool.worker)?;
            }
            let summary = pool.board.into_inner().unwrap_or_else(PoisonError::into_inner).summary;
            lost(contents.as_ref(), &summary.failed).map(|()| summary)
        }
    }
}

/// What the threads of a pool share.
struct Pool<'a> {
    store: &'a Store,
    samples: &'a Samples,
    options: PoolOptions,
    watch: &'a Watch<'a>,
    queue: Queue,
    worker: Worker,
    board: Mutex<Board>,
}

/// What others may know.
#[derive(Default)]
struct Board {
    running: BTreeMap<String, Running>,
    /// Tokens of the processes of which it was told that they are waited for.
    waited_for: HashSet<String>,
    summary: Summary,
    estimated_seconds: f64,
    measured_seconds: f64,
}

impl Pool<'_> {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Renews the heartbeat until all is done, and passes a request to stop on to threads that wait.
    fn beat(&self, done: &AtomicBool) {
        let interval = (self.options.claim_expiry / 12).max(PULSE);
        let mut last: Option<Instant> = None;
        while !done.load(Ordering::Relaxed) {
            if self.watch.stop.load(Ordering::Relaxed) {
                self.queue.close();
            }
            if last.is_none_or(|last| last.elapsed() > interval) {
                last = Some(Instant::now());
                let board = self.board();
                let running: Vec<Running> = board.running.values().cloned().collect();
                let (finished, estimated, measured) =
                    (board.summary.finished, board.estimated_seconds, board.measured_seconds);
                drop(board);
                // A heartbeat that cannot be written makes others do this work again, no more; results report full disks.
                let _ = self.worker.beat(self.options.threads, |report| {
                    report.running = running;
                    report.finished = finished;
                    report.estimated_seconds = estimated;
                    report.measured_seconds = measured;
                });
            }
            std::thread::park_timeout(PULSE);
        }
    }

    fn work(&self) -> Result<(), PoolError> {
        let _close = CloseOnPanic(&self.queue);
        let mut threads: Option<rayon::ThreadPool> = None;
        let worked = loop {
            let Some((entry, share)) = self.queue.take() else { break Ok(()) };
            if threads.as_ref().map(rayon::ThreadPool::current_num_threads) != Some(share) {
                match rayon::ThreadPoolBuilder::new().num_threads(share).build() {
                    Ok(built) => threads = Some(built),
                    Err(error) => break Err(error.into()),
                }
            }
            let Some(pool) = &threads else { break Ok(()) };
            let attempt = pool.install(|| self.attempt(&entry, share));
            if let Err(error) = attempt.and_then(|attempt| self.settle(entry, share, attempt)) {
                break Err(error);
            }
        };
        if worked.is_err() {
            // The others write their checkpoints and end, so that the error is seen now and not in hours.
            self.watch.stop.store(true, Ordering::Relaxed);
            self.queue.close();
        }
        match worked {
            // Being stopped is no error of a thread: another one may have caused it.
            Err(PoolError::Stopped) => Ok(()),
            other => other,
        }
    }

    fn settle(&self, entry: Entry, threads: usize, attempt: Attempt) -> Result<(), PoolError> {
        match attempt {
            Attempt::Finished(done) => {
                self.queue.finish(&entry, threads);
                if let Some(Done { seconds, diverged }) = done {
                    let mut board = self.board();
                    board.summary.finished += 1;
                    board.estimated_seconds += entry.seconds;
                    board.measured_seconds += seconds * threads as f64;
                    drop(board);
                    (self.watch.event)(&Event::Finished { identifier: entry.identifier, seconds, diverged });
                }
            }
            Attempt::Elsewhere => {
                let identifier = entry.identifier.clone();
                if self.queue.postpone(entry, threads) {
                    self.tell_of_waiting(identifier);
                }
            }
            Attempt::StartMissing => self.queue.wait_for_start(entry, threads),
            Attempt::Failed(reason) => {
                if !self.options.keep_going {
                    return Err(PoolError::Task { task: entry.identifier, reason });
                }
                let lost = self.queue.fail(&entry, threads);
                let mut board = self.board();
                board.summary.failed.push(entry.identifier.clone());
                board.summary.failed.extend(lost.into_iter().map(|entry| entry.identifier));
                drop(board);
                (self.watch.event)(&Event::Failed { identifier: entry.identifier, reason });
            }
        }
        Ok(())
    }

    /// Says, once for each process, for whom the pool waits and until when.
    fn tell_of_waiting(&self, identifier: String) {
        let Some(holder) = self.store.holder(&identifier, self.worker.observer()) else { return };
        if self.board().waited_for.insert(holder.token.clone()) {
            (self.watch.event)(&Event::Waiting { identifier, holder });
        }
    }

    fn attempt(&self, entry: &Entry, threads: usize) -> Result<Attempt, PoolError> {
        let identifier = &entry.identifier;
        if self.store.has(identifier) {
            return Ok(Attempt::Finished(None));
        }
        if self.options.keep_going
            && let Some(failure) = self.store.failure(identifier)
        {
            return Ok(Attempt::Failed(failure.reason));
        }
        if entry.start.as_ref().is_some_and(|start| !self.store.has(start)) {
            return Ok(Attempt::StartMissing);
        }
        let Some(_claim) = self.store.claim(identifier, &self.worker)? else { return Ok(Attempt::Elsewhere) };
        // Another process may have finished it between the look and the claim.
        if self.store.has(identifier) {
            return Ok(Attempt::Finished(None));
        }
        let running = Running { identifier: identifier.clone(), share: 0.0, threads };
        self.board().running.insert(identifier.clone(), running);
        let attempt = catch_unwind(AssertUnwindSafe(|| self.run(entry)));
        self.board().running.remove(identifier);
        let attempt = attempt.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
            Ok(Attempt::Failed(format!("a fault of the program: {text}")))
        })?;
        if let Attempt::Failed(reason) = &attempt
            && self.options.keep_going
        {
            self.store.fail(identifier, &Failure { reason: reason.clone(), host: host_name() })?;
        }
        Ok(attempt)
    }

    fn run(&self, entry: &Entry) -> Result<Attempt, PoolError> {
        let began = Instant::now();
        let (task, cost) = (&entry.task, entry.task.cost());
        let progress = |share: f64| {
            (self.watch.progress)(share * cost);
            if let Some(running) = self.board().running.get_mut(&entry.identifier) {
                running.share += share;
            }
        };
        let start = match task.start().map(|start| (self.store.read(&start), start)) {
            None => None,
            Some((Ok(record), _)) => Some(record),
            Some((Err(RecordError::Damaged { .. }), start)) => {
                self.give_up(&start)?;
                return Ok(Attempt::StartMissing);
            }
            // Found damaged by someone else, meanwhile.
            Some((Err(RecordError::File { source, .. }), _)) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(Attempt::StartMissing);
            }
            Some((Err(error), _)) => return Err(error.into()),
        };
        let record = if let Some(Record { diverged: Some(step), .. }) = start {
            // No minimum to start from: the record says so, and has no frames.
            progress(1.0);
            Record { diverged: Some(step), ..Record::default() }
        } else {
            let dataset = match self.samples.of(&task.quench().problem) {
                Ok(dataset) => dataset,
                Err(error) => return Ok(Attempt::Failed(error.to_string())),
            };
            let notice = |problem: &str| (self.watch.event)(&Event::Damaged { problem: problem.to_owned() });
            let supervision = Supervision {
                stop: self.watch.stop,
                progress: &progress,
                checkpoint_interval: self.options.checkpoint_interval,
                notice: &notice,
            };
            let first = start.as_ref().and_then(Record::last);
            let checkpoint = self.store.place(&entry.identifier, FileKind::Checkpoint)?;
            match run(task, &dataset, first, Some(&checkpoint), &supervision) {
                Ok(record) => record,
                Err(ProtocolError::Stopped) => return Err(PoolError::Stopped),
                Err(ProtocolError::Record(error)) => return Err(error.into()),
                Err(error) => return Ok(Attempt::Failed(error.to_string())),
            }
        };
        self.store.write(task, &record)?;
        let seconds = began.elapsed().as_secs_f64();
        Ok(Attempt::Finished(Some(Done { seconds, diverged: record.diverged })))
    }

    /// Removes a damaged record, so that what it held is computed again; unless someone else has done so by now.
    fn give_up(&self, start: &Task) -> Result<(), RecordError> {
        if let Err(error @ RecordError::Damaged { .. }) = self.store.read(start) {
            self.store.forget(&start.identifier(), FileKind::Record)?;
            (self.watch.event)(&Event::Damaged { problem: error.to_string() });
        }
        Ok(())
    }
}

/// Ends the other threads' waiting should one of them panic.
struct CloseOnPanic<'a>(&'a Queue);

impl Drop for CloseOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}
