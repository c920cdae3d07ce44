//! The command line: one file a subcommand.
//!
//! Exit status: 0 consistent, 1 inconsistent, 3 inconclusive, 2 bad usage or bad input.

mod certify;
mod check;
mod data;
mod false_alarms;
mod meter;
mod predict;
mod progress_bar;
mod regress;
mod reporting;
mod reproduce;
mod sweep;
mod verify;

use clap::{Parser, Subcommand};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A test oracle for overdamped Langevin / SGLD dynamics.
#[derive(Debug, Parser)]
#[command(
    name = "glassbox",
    version,
    about,
    after_help = "Exit status: 0 consistent, 1 inconsistent, 3 inconclusive, 2 bad usage or bad input."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate, compare with the oracle, and write report/index.html and verdicts.json.
    Verify(verify::VerifyArguments),
    /// Tabulate or draw a law of the oracle on a grid.
    Predict(predict::PredictArguments),
    /// Measure which check catches which mutant: the power certificate.
    Certify(certify::CertifyArguments),
    /// Measure how often correct simulations fail each test.
    FalseAlarms(false_alarms::FalseAlarmArguments),
    /// Judge a trajectory that any program wrote.
    Check(check::CheckArguments),
    /// Measure integrators and compare them with their committed profiles.
    Regress(regress::RegressArguments),
    /// Run the paper's experiments, draw its figures and judge its claims.
    Reproduce(reproduce::ReproduceArguments),
    /// Run many tasks on this machine or a cluster.
    Sweep(sweep::SweepArguments),
    /// Work on data sets.
    Data(data::DataArguments),
}

/// The threads asked for, else one for each core.
fn threads(wanted: Option<NonZeroUsize>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    wanted.map_or_else(cores, NonZeroUsize::get)
}

/// A flag that Ctrl-C, SIGTERM and SIGHUP set.
fn stop_flag() -> Result<Arc<AtomicBool>, ctrlc::Error> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
    Ok(stop)
}

/// Stopped by Ctrl-C, as shells say it.
const STOPPED: u8 = 130;

/// Bad usage or bad input.
const BAD_INPUT: u8 = 2;

/// Runs the program on the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Verify(arguments) => verify::run(&arguments).map_err(|error| error.to_string()),
        Command::Certify(arguments) => certify::run(&arguments).map_err(|error| error.to_string()),
        Command::FalseAlarms(arguments) => false_alarms::run(&arguments).map_err(|error| error.to_string()),
        Command::Predict(arguments) => {
            predict::run(&arguments).map(|()| ExitCode::SUCCESS).map_err(|error| error.to_string())
        }
        Command::Check(arguments) => check::run(&arguments).map_err(|error| error.to_string()),
        Command::Regress(arguments) => regress::run(&arguments).map_err(|error| error.to_string()),
        Command::Reproduce(arguments) => reproduce::run(&arguments).map_err(|error| error.to_string()),
        Command::Sweep(arguments) => sweep::run(&arguments).map_err(|error| error.to_string()),
        Command::Data(arguments) => {
            data::run(&arguments).map(|()| ExitCode::SUCCESS).map_err(|error| error.to_string())
        }
    };
    result.unwrap_or_else(|message| {
        eprintln!("glassbox: {message}");
        ExitCode::from(BAD_INPUT)
    })
}
