//! What a pool tells while it works, and what it leaves behind.

use crate::Holder;
use glassbox_simulations::protocol::RecordError;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use thiserror::Error;

/// How a pool is watched and stopped.
pub struct Watch<'a> {
    /// Set from outside to stop: running tasks write their checkpoints.
    pub stop: &'a AtomicBool,
    /// Called with the cost (operations) done since the last call, from any thread.
    pub progress: &'a (dyn Fn(f64) + Sync),
    /// Called with what happens, from any thread.
    pub event: &'a (dyn Fn(&Event) + Sync),
}

/// What happens in a pool.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The pool begins.
    Begun {
        /// Tasks that are not finished, starts included.
        tasks: usize,
        /// Their cost in operations.
        cost: f64,
    },
    /// A task is finished, by this process.
    Finished {
        /// The task.
        identifier: String,
        /// Time it took.
        seconds: f64,
        /// Step at which the network diverged.
        diverged: Option<u64>,
    },
    /// A task cannot be done.
    Failed {
        /// The task.
        identifier: String,
        /// Why.
        reason: String,
    },
    /// A file was not what was written; what it held is computed again.
    Damaged {
        /// The file and what is wrong with it.
        problem: String,
    },
    /// Nothing is left to do here but what another process has claimed.
    Waiting {
        /// A task that it has.
        identifier: String,
        /// Who has it, and how long that holds.
        holder: Holder,
    },
    /// What a user may want to know of the store, in a sentence.
    Notice(String),
}

/// What a pool leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tasks finished by this process.
    pub finished: u64,
    /// Identifiers of tasks that failed, now or before, or whose start did.
    pub failed: Vec<String>,
}

/// Why not all tasks are in the store.
#[derive(Debug, Error)]
pub enum PoolError {
    /// Asked to stop.
    #[error("stopped; the same command goes on where it was")]
    Stopped,
    /// A task failed.
    #[error("{task}: {reason}")]
    Task {
        /// Its identifier.
        task: String,
        /// What happened.
        reason: String,
    },
    /// Records that were there are not there any more.
    #[error(
        "{lost} of {tasks} records are not in {folder}: something removed files there while this process was at work; the same \
         command makes what is missing"
    )]
    Lost {
        /// Records that are gone.
        lost: usize,
        /// Tasks that were to be done.
        tasks: usize,
        /// Folder of the store.
        folder: PathBuf,
    },
    /// The store.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// No threads.
    #[error("cannot start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}
