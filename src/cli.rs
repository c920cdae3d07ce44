//! The command line: one file a subcommand.
//!
//! Exit status: 0 consistent, 1 inconsistent, 3 inconclusive, 2 bad usage or bad input.

mod certify;
mod check;
mod data;
mod false_alarms;
mod predict;
mod progress_bar;
mod regress;
mod reporting;
mod reproduce;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

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
    /// Work on data sets.
    Data(data::DataArguments),
}

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
        Command::Data(arguments) => {
            data::run(&arguments).map(|()| ExitCode::SUCCESS).map_err(|error| error.to_string())
        }
    };
    result.unwrap_or_else(|message| {
        eprintln!("glassbox: {message}");
        ExitCode::from(BAD_INPUT)
    })
}
