//! `glassbox verify`: the main job.

use super::progress_bar::ProgressBar;
use super::reporting::{OutputsError, check_outputs, exit_status, print_verdicts};
use crate::suite::{self, Level, Settings, SuiteError};
use clap::{Args, ValueEnum};
use glassbox_oracle::OracleError;
use glassbox_oracle::verdict::Budget;
use glassbox_reports::{REPORT_FILES, ReportError, write_report};
use std::path::PathBuf;
use std::process::ExitCode;
use thiserror::Error;

/// Options of `glassbox verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// How thorough: quick sees biases of 2 % in under two minutes on two cores, full of 1 % with four times the work.
    #[arg(long, value_enum, default_value_t = LevelArgument::Quick)]
    level: LevelArgument,
    /// Seed of all noise; the same seed gives the same report, byte for byte.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads to use [default: one for each core]; the results do not depend on it.
    #[arg(long, value_name = "COUNT", value_parser = super::thread_count)]
    threads: Option<std::num::NonZeroUsize>,
    /// Folder of the report; made if it does not exist.
    #[arg(long, value_name = "DIRECTORY", default_value = "report")]
    out: PathBuf,
    /// Also write the verdicts to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Probability that a correct program fails any statistical check of the run.
    #[arg(long, value_name = "PROBABILITY", default_value_t = Settings::DEFAULT_BUDGET)]
    false_alarm_budget: f64,
    /// Rounds at most: a section that leaves a doubt is repeated with four times the replicas; all rounds share the
    /// budget.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=4))]
    rounds: u32,
}

/// A level on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LevelArgument {
    Quick,
    Full,
}

impl LevelArgument {
    pub(crate) fn level(self) -> Level {
        match self {
            LevelArgument::Quick => Level::Quick,
            LevelArgument::Full => Level::Full,
        }
    }
}

impl VerifyArguments {
    /// The command that repeats the run; where its results go is not part of them.
    fn command(&self) -> String {
        let mut command = format!("glassbox verify --level {} --seed {}", self.level.level(), self.seed);
        if self.false_alarm_budget != Settings::DEFAULT_BUDGET {
            command += &format!(" --false-alarm-budget {}", self.false_alarm_budget);
        }
        if self.rounds > 1 {
            command += &format!(" --rounds {}", self.rounds);
        }
        command
    }
}

/// Why `verify` could not do its job.
#[derive(Debug, Error)]
pub(crate) enum VerifyError {
    #[error("--false-alarm-budget: {0}")]
    Budget(OracleError),
    #[error(transparent)]
    Outputs(#[from] OutputsError),
    #[error("--threads: cannot start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error(transparent)]
    Suite(#[from] SuiteError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Runs the suite, writes the report and prints the verdicts.
pub(crate) fn run(arguments: &VerifyArguments) -> Result<ExitCode, VerifyError> {
    let budget = Budget::new(arguments.false_alarm_budget).map_err(VerifyError::Budget)?;
    let settings = Settings { level: arguments.level.level(), seed: arguments.seed, budget, round: 1 };
    // Before the work, so that a wrong path costs no minutes.
    check_outputs([], &arguments.out, &REPORT_FILES, arguments.json.as_deref())?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads.map_or(0, std::num::NonZeroUsize::get))
        .build()?;
    let progress = ProgressBar::new();
    let report =
        pool.install(|| suite::verify(&settings, arguments.rounds, &arguments.command(), &progress))?;
    progress.finish();
    let written = write_report(&report, &arguments.out)?;
    if let Some(file) = &arguments.json {
        glassbox_reports::write_verdicts(&report, file)?;
    }
    print_verdicts(&report, &[] as &[&str], &written);
    Ok(exit_status(report.outcome()))
}
