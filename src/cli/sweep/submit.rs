//! `glassbox sweep submit`.

use super::{NOT_ALL, SweepError};
use crate::cli::terminal::Terminal;
use clap::{Args, ValueEnum};
use glassbox_sweep::Manifest;
use glassbox_sweep::slurm::{
    Options, Pending, PendingTask, Scheduler, Settings, SlurmCommands, Submission, chunks,
};
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `glassbox sweep submit`.
#[derive(Debug, Args)]
pub(super) struct SubmitArguments {
    /// Folder of the sweep.
    #[arg(value_name = "DIRECTORY")]
    folder: PathBuf,
    /// What runs the jobs.
    #[arg(long, value_enum)]
    engine: Engine,
    /// Settings of a cluster (TOML); options override them.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Partition, or several with commas [default: the cluster's].
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// Account that is charged [default: the user's].
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Quality of service [default: the cluster's].
    #[arg(long, value_name = "NAME")]
    quality_of_service: Option<String>,
    /// Time limit of an element, such as 90, 2:00:00 or 1-12; what is not done by then goes on in a requeue [default: the
    /// partition's].
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// Memory of an element, such as 2G [default: the partition's].
    #[arg(long, value_name = "SIZE")]
    memory: Option<String>,
    /// Threads of an element; the results do not depend on it [default: 1].
    #[arg(long, value_name = "COUNT")]
    cpus_per_task: Option<u64>,
    /// Estimated core-minutes that an element is filled up to [default: 30].
    #[arg(long, value_name = "MINUTES")]
    chunk_minutes: Option<f64>,
    /// Elements of an array that may run at the same time [default: as many as the cluster has room for].
    #[arg(long, value_name = "COUNT")]
    simultaneous: Option<u64>,
    /// Seconds before the time limit at which an element saves checkpoints and is queued again [default: 120].
    #[arg(long, value_name = "SECONDS")]
    grace_seconds: Option<u64>,
    /// Largest number of elements of an array [default: MaxArraySize of scontrol show config].
    #[arg(long, value_name = "COUNT")]
    max_array_size: Option<u64>,
    /// Do not submit a job that merges the results at the end.
    #[arg(long)]
    no_merge: bool,
    /// Write the scripts and print the commands, and submit nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Engine {
    /// Job arrays of Slurm.
    Slurm,
}

/// Slurm's own default, for a dry run on a machine without Slurm.
const USUAL_ARRAY_SIZE: u64 = 1_001;

/// Shares out what is left to do and submits it.
pub(super) fn run(arguments: &SubmitArguments) -> Result<ExitCode, SweepError> {
    let Engine::Slurm = arguments.engine;
    let own = arguments.settings();
    own.check_options()?;
    let profile = arguments.profile.as_deref().map(Settings::read).transpose()?.unwrap_or_default();
    let options = Options::new(own.or(profile))?;
    let manifest = Manifest::read(&arguments.folder)?;
    let folder = arguments.folder.display();
    let output = Terminal::Output;
    let pending = Pending::of(&manifest)?;
    if pending.failed > 0 {
        writeln!(
            output,
            "{} tasks are left out, as they or their starts failed; reasons: glassbox sweep status {folder}; another try: \
             glassbox sweep retry {folder}",
            pending.failed
        );
    }
    if pending.is_empty() {
        if pending.failed > 0 {
            writeln!(output, "nothing else is left to do; nothing is submitted");
            return Ok(ExitCode::from(NOT_ALL));
        }
        let count = manifest.len();
        writeln!(
            output,
            "all {count} tasks are done; nothing is submitted; next: glassbox sweep merge {folder}"
        );
        return Ok(ExitCode::SUCCESS);
    }
    let slurm = SlurmCommands::new(&options);
    let limit = match options.max_array_size.map_or_else(|| slurm.max_array_size(), Ok) {
        Ok(limit) => limit,
        Err(error) if arguments.dry_run => {
            writeln!(output, "{error}; arrays are written for at most {USUAL_ARRAY_SIZE} elements");
            USUAL_ARRAY_SIZE
        }
        Err(error) => return Err(error.into()),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let ranges = |tasks: &[PendingTask]| chunks(tasks, options.chunk_seconds, limit);
    let ranges = (ranges(&pending.starts), ranges(&pending.others));
    let program = std::env::current_exe().map_err(SweepError::OwnProgram)?;
    let mut submission = Submission::write(
        &arguments.folder,
        &program,
        &manifest.plan().name,
        &options,
        ranges,
        !arguments.no_merge,
    )?;
    for (kind, tasks) in [("starts", &pending.starts), ("others", &pending.others)] {
        let elements =
            submission.jobs().iter().find(|job| job.role.name() == kind).map_or(0, |job| job.ranges.len());
        if elements > 0 {
            writeln!(output, "{kind}: {} tasks in {elements} elements", tasks.len());
        }
    }
    writeln!(output, "scripts and logs: {}", submission.folder().display());
    if arguments.dry_run {
        writeln!(output, "not submitted; these commands would:");
        for command in submission.commands() {
            writeln!(output, "{command}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    submission.submit(&slurm)?;
    for job in submission.jobs() {
        writeln!(output, "submitted {}: job {}", job.role.name(), job.job.as_deref().unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}

impl SubmitArguments {
    fn settings(&self) -> Settings {
        Settings {
            partition: self.partition.clone(),
            account: self.account.clone(),
            time: self.time.clone(),
            memory: self.memory.clone(),
            cpus_per_task: self.cpus_per_task,
            quality_of_service: self.quality_of_service.clone(),
            chunk_minutes: self.chunk_minutes,
            simultaneous: self.simultaneous,
            grace_seconds: self.grace_seconds,
            max_array_size: self.max_array_size,
            ..Settings::default()
        }
    }
}
