//! A sweep as job arrays of Slurm: ranges of the manifest become elements, scripts that survive requeues run them.
//!
//! Two arrays and a job: the starts, the tasks that start from them, and the merging of all. [`Settings`] are what a user gives in
//! options or a profile, [`Options`] are these checked, [`Pending`] is what is left to do, which [`chunks`] shares out, and a
//! [`Submission`] writes the scripts and hands them to a [`Scheduler`]. Nothing here needs Slurm but [`SlurmCommands`], which
//! calls its programs.

mod chunk;
mod options;
mod pending;
mod quoting;
mod scheduler;
mod script;
mod settings;
mod submission;
mod time_limit;

pub use chunk::{PendingTask, chunks};
pub use options::Options;
pub use pending::Pending;
pub use quoting::shell_quoted;
pub use scheduler::{Scheduler, SchedulerError, SlurmCommands};
pub use settings::{Settings, SettingsError};
pub use submission::{Job, Role, Submission, SubmissionError};
