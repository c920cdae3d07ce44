//! Many tasks, many processes, nothing lost: what is planned, where results are kept, and the pool that fills the gaps.
//!
//! A [`Manifest`] lists tasks. A [`Store`] keeps results under names made from their content, so that equal tasks of several
//! plans are computed once. [`complete`] runs what is missing; any number of processes may do so on one folder of a shared
//! file system. A task is a pure function and a file appears by renaming it, so two processes that run the same task
//! write the same bytes: [claims](Store::claim) save work, correctness never depends on them.

mod claim;
pub mod experiment;
mod failure;
mod files;
mod manifest;
mod marker;
mod merge;
mod names;
mod pool;
mod queue;
mod samples;
pub mod slurm;
mod status;
mod step_costs;
mod store;
mod verification;
mod worker;

pub use claim::{Claim, Holder};
pub use failure::Failure;
pub use manifest::{Entry, Manifest, ManifestError, Plan};
pub use merge::{MergeError, MergeOptions, MergeWatch, Merged, merge};
pub use pool::{Event, PoolError, PoolOptions, Summary, Watch, complete};
pub use queue::missing;
pub use samples::{OwnData, Samples, SamplesError};
pub use status::{FailedTask, RunningTask, Status};
pub use step_costs::StepCosts;
pub use store::{Contents, Store};
pub use verification::Verification;
pub use worker::{Life, Observer, Running, Worker, WorkerReport};

/// The README's example runs as a doctest.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
