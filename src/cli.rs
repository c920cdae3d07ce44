//! The command line: one file a subcommand.
//!
//! Exit status: 0 consistent, 1 inconsistent, 3 inconclusive, 2 bad usage or bad input. It does not depend on whether anybody reads
//! what is printed.

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
mod terminal;
mod verify;

use clap::{Parser, Subcommand};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use terminal::Terminal;

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

/// More than any machine of today gains from; beyond it a system may refuse to start them, after seconds of trying.
const MOST_THREADS: usize = 1024;

/// The value of `--threads`.
fn thread_count(text: &str) -> Result<NonZeroUsize, String> {
    let count = text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= MOST_THREADS);
    count.ok_or_else(|| format!("a number of threads is a whole number from 1 to {MOST_THREADS}"))
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
    std::panic::set_hook(Box::new(terminal::report_panic));
    let command = match Arguments::try_parse() {
        Ok(arguments) => arguments.command,
        Err(refusal) => return say(&refusal),
    };
    let result = match command {
        Command::Verify(arguments) => verify::run(&arguments).map_err(|error| vec![error.to_string()]),
        Command::Certify(arguments) => certify::run(&arguments).map_err(|error| vec![error.to_string()]),
        Command::FalseAlarms(arguments) => {
            false_alarms::run(&arguments).map_err(|error| vec![error.to_string()])
        }
        Command::Predict(arguments) => {
            predict::run(&arguments).map(|()| ExitCode::SUCCESS).map_err(|error| vec![error.to_string()])
        }
        Command::Check(arguments) => check::run(&arguments).map_err(|error| vec![error.to_string()]),
        Command::Data(arguments) => {
            data::run(&arguments).map(|()| ExitCode::SUCCESS).map_err(|error| vec![error.to_string()])
        }
        Command::Regress(arguments) => regress::run(&arguments).map_err(|error| error.lines()),
        // A mistake in a TOML file is shown with the lines around it.
        Command::Reproduce(arguments) => reproduce::run(&arguments).map_err(|error| lines(&error)),
        Command::Sweep(arguments) => sweep::run(&arguments).map_err(|error| lines(&error)),
    };
    result.unwrap_or_else(|message| {
        for (index, line) in message.iter().enumerate() {
            let begin = if index == 0 { "glassbox: " } else { "" };
            writeln!(Terminal::Error, "{begin}{line}");
        }
        ExitCode::from(BAD_INPUT)
    })
}

fn lines(error: &impl std::fmt::Display) -> Vec<String> {
    error.to_string().lines().map(str::to_owned).collect()
}

/// Prints help, the version, or what is wrong with the arguments.
fn say(refusal: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    match refusal.kind() {
        // Nothing of it is from outside, so it may have colours; that nobody reads it is not an error.
        DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = refusal.print();
        }
        _ => Terminal::Error.lines(&refusal.render().to_string()),
    }
    if refusal.use_stderr() { ExitCode::from(BAD_INPUT) } else { ExitCode::SUCCESS }
}
