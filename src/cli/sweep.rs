//! `glassbox sweep`: many tasks on this machine or a cluster.

mod merge;
mod plan;
mod retry;
mod run;
mod status;
mod submit;
mod verify_store;

use clap::{Args, Subcommand};
use glassbox_simulations::protocol::RecordError;
use glassbox_sweep::experiment::PresetError;
use glassbox_sweep::{ManifestError, MergeError, PoolError, SamplesError};
use std::ops::Range;
use std::process::ExitCode;
use std::time::Duration;
use thiserror::Error;

/// Options of `glassbox sweep`.
#[derive(Debug, Args)]
pub(crate) struct SweepArguments {
    #[command(subcommand)]
    command: SweepCommand,
}

#[derive(Debug, Subcommand)]
enum SweepCommand {
    /// Write a manifest: every task of an experiment, with its seed and estimated cost.
    Plan(plan::PlanArguments),
    /// Run the tasks that are not done, on the cores of this machine; any number of processes may share a folder.
    Run(run::RunArguments),
    /// Tell what is done, running, failed and left.
    Status(status::StatusArguments),
    /// Merge all records into one table of tasks and one of frames (Parquet).
    Merge(merge::MergeArguments),
    /// Run the tasks that are not done on a cluster: job arrays that survive requeues, and a job that merges.
    Submit(submit::SubmitArguments),
    /// Forget that tasks failed, so that the next run tries them again.
    Retry(retry::RetryArguments),
    /// Check every file of results against its digest.
    VerifyStore(verify_store::VerifyStoreArguments),
}

/// Why `sweep` could not do its job.
#[derive(Debug, Error)]
pub(crate) enum SweepError {
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Preset(#[from] PresetError),
    #[error(transparent)]
    Figure(#[from] super::reproduce::UnknownFigure),
    #[error(transparent)]
    Samples(#[from] SamplesError),
    #[error("--data: {0}")]
    Data(#[from] crate::own_data::DataFileError),
    #[error("{file}: data = \"own\" needs a file of data; give it with --data FILE", file = file.display())]
    NoData { file: std::path::PathBuf },
    #[error("--data: {file}: no networks have data = \"own\"", file = file.display())]
    NeedlessData { file: std::path::PathBuf },
    #[error(transparent)]
    Dataset(#[from] glassbox_simulations::dataset::DatasetError),
    #[error(transparent)]
    Merge(#[from] MergeError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Pool(#[from] PoolError),
    #[error("{identifier}: no such task has failed; glassbox sweep status lists those that have")]
    NotFailed { identifier: String },
    #[error("{folder}: holds no results: there is neither a manifest.json nor a glassbox-store.json, nor a record of an earlier glassbox", folder = folder.display())]
    NoStore { folder: std::path::PathBuf },
    #[error(transparent)]
    Report(#[from] glassbox_reports::ReportError),
    #[error(transparent)]
    ClusterSettings(#[from] glassbox_sweep::slurm::SettingsError),
    #[error(transparent)]
    Scheduler(#[from] glassbox_sweep::slurm::SchedulerError),
    #[error(transparent)]
    Submission(#[from] glassbox_sweep::slurm::SubmissionError),
    #[error("cannot tell where this program is, which jobs are to run: {0}")]
    OwnProgram(std::io::Error),
    #[error("cannot catch Ctrl-C: {0}")]
    Signal(#[from] ctrlc::Error),
    #[error(transparent)]
    Outputs(#[from] glassbox_trajectories::output::OutputError),
    #[error(transparent)]
    File(#[from] glassbox_trajectories::FileError),
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &SweepArguments) -> Result<ExitCode, SweepError> {
    match &arguments.command {
        SweepCommand::Plan(arguments) => plan::run(arguments).map(|()| ExitCode::SUCCESS),
        SweepCommand::Run(arguments) => run::run(arguments),
        SweepCommand::Status(arguments) => status::run(arguments).map(|()| ExitCode::SUCCESS),
        SweepCommand::Merge(arguments) => merge::run(arguments),
        SweepCommand::Submit(arguments) => submit::run(arguments),
        SweepCommand::Retry(arguments) => retry::run(arguments).map(|()| ExitCode::SUCCESS),
        SweepCommand::VerifyStore(arguments) => verify_store::run(arguments),
    }
}

/// Some tasks did not come to their end, or files are damaged.
const NOT_ALL: u8 = 1;

/// `FROM..TO`, the end not included.
fn task_range(text: &str) -> Result<Range<usize>, String> {
    let parse = |part: &str| part.parse::<usize>().ok();
    match text.split_once("..").map(|(from, to)| (parse(from), parse(to))) {
        Some((Some(from), Some(to))) if from < to => Ok(from..to),
        _ => Err("a range is FROM..TO, such as 0..100, with FROM below TO".to_owned()),
    }
}

/// A time in seconds, fractions allowed.
fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|seconds: &f64| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a time is a number of seconds above 0".to_owned())
}
