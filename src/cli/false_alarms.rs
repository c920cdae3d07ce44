//! `glassbox false-alarms`: the size of every test, measured.

use super::progress_bar::ProgressBar;
use super::reporting::{OutputsError, check_outputs, exit_status, print_verdicts};
use crate::false_alarms::Experiment;
use crate::suite::SuiteError;
use clap::Args;
use glassbox_oracle::OracleError;
use glassbox_oracle::verdict::Budget;
use glassbox_reports::{REPORT_FILES, ReportError, write_report};
use std::path::PathBuf;
use std::process::ExitCode;
use thiserror::Error;

/// Options of `glassbox false-alarms`.
#[derive(Debug, Args)]
pub(crate) struct FalseAlarmArguments {
    /// Correct simulations of each kind; 10,000 take about ten seconds on two cores.
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1000..))]
    runs: u64,
    /// Seed of all noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of the report; made if it does not exist.
    #[arg(long, value_name = "DIRECTORY", default_value = "false-alarms")]
    out: PathBuf,
    /// Probability that the experiment finds a wrong rate where all are right.
    #[arg(long, value_name = "PROBABILITY", default_value_t = 1e-6)]
    false_alarm_budget: f64,
}

/// Why the experiment could not be made.
#[derive(Debug, Error)]
pub(crate) enum FalseAlarmError {
    #[error("--false-alarm-budget: {0}")]
    Budget(OracleError),
    #[error(transparent)]
    Outputs(#[from] OutputsError),
    #[error(transparent)]
    Suite(#[from] SuiteError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Runs the experiment, writes the report and prints the rates.
pub(crate) fn run(arguments: &FalseAlarmArguments) -> Result<ExitCode, FalseAlarmError> {
    let budget = Budget::new(arguments.false_alarm_budget).map_err(FalseAlarmError::Budget)?;
    check_outputs([], &arguments.out, &REPORT_FILES, None)?;
    let (runs, seed) = (arguments.runs, arguments.seed);
    let progress = ProgressBar::new();
    let command = format!("glassbox false-alarms --runs {runs} --seed {seed}");
    let report = Experiment { runs, seed, budget }.run(&command, &progress)?;
    progress.finish();
    let written = write_report(&report, &arguments.out)?;
    print_verdicts(&report, &[] as &[&str], &written);
    Ok(exit_status(report.outcome()))
}
