//! `glassbox certify`: the power certificate.

use super::progress_bar::ProgressBar;
use super::terminal::Terminal;
use super::verify::LevelArgument;
use crate::certificate::{Experiment, Trial};
use crate::mutants::{MUTANTS, Mutant, mutant};
use crate::suite::{Settings, SuiteError};
use clap::Args;
use glassbox_oracle::OracleError;
use glassbox_oracle::verdict::Budget;
use glassbox_reports::{ReportError, check_replaceable, check_writable};
use glassbox_trajectories::FileError;
use glassbox_trajectories::input::read_text;
use glassbox_trajectories::output::{OutputError, Outputs};
use glassbox_trajectories::whole_file::write_whole;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use thiserror::Error;

/// Options of `glassbox certify`.
#[derive(Debug, Args)]
pub(crate) struct CertifyArguments {
    /// Level of the sections that the mutants run through.
    #[arg(long, value_enum, default_value_t = LevelArgument::Full)]
    level: LevelArgument,
    /// Runs of each mutant, on different seeds.
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repetitions: u32,
    /// Seed of all noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only these mutants, by their names with commas between.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    mutants: Vec<String>,
    /// Folder of certificate.json, certificate.svg and trials.jsonl; trials that lie there are not made again.
    #[arg(long, value_name = "DIRECTORY", default_value = "certificate")]
    out: PathBuf,
    /// Probability that a correct program fails any statistical check of a run of the suite.
    #[arg(long, value_name = "PROBABILITY", default_value_t = Settings::DEFAULT_BUDGET)]
    false_alarm_budget: f64,
}

/// Why there is no certificate.
#[derive(Debug, Error)]
pub(crate) enum CertifyError {
    #[error("--false-alarm-budget: {0}")]
    Budget(OracleError),
    #[error("--mutants: there is no mutant '{unknown}'; there are {known}")]
    Mutant { unknown: String, known: String },
    #[error("{}: {reason}; take another folder, or remove the file", file.display())]
    Trials { file: PathBuf, reason: String },
    #[error(transparent)]
    Suite(#[from] SuiteError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("cannot write the certificate as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("{}: cannot be written: {error}", file.display())]
    Writing { file: PathBuf, error: std::io::Error },
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Outputs(#[from] OutputError),
}

/// A trial has some hundred bytes, and the most trials of all mutants are some ten thousand.
const MOST_BYTES: u64 = 1 << 28;

/// A trial with what must agree for it to be used again.
#[derive(Serialize, Deserialize)]
struct SavedTrial {
    version: String,
    level: String,
    seed: u64,
    false_alarm_budget: f64,
    #[serde(flatten)]
    trial: Trial,
}

/// Runs the mutants, keeps every trial as it comes, and writes the certificate.
pub(crate) fn run(arguments: &CertifyArguments) -> Result<ExitCode, CertifyError> {
    let budget = Budget::new(arguments.false_alarm_budget).map_err(CertifyError::Budget)?;
    let experiment = Experiment {
        mutants: chosen(&arguments.mutants)?,
        level: arguments.level.level(),
        repetitions: arguments.repetitions,
        seed: arguments.seed,
        budget,
    };
    let path = arguments.out.join("trials.jsonl");
    // Before the work, so that a wrong path costs no minutes.
    Outputs::beside([path.as_path()])?;
    check_writable(&arguments.out)?;
    let [figure, document] = ["certificate.svg", "certificate.json"].map(|name| arguments.out.join(name));
    check_replaceable(&figure)?;
    check_replaceable(&document)?;
    let done = saved(&path, &experiment)?;
    let mut options = OpenOptions::new();
    // What was not there a moment ago is made, and not opened should a link have come in its place.
    let is_new = !path.exists();
    let failed = |error| CertifyError::Writing { file: path.clone(), error };
    let mut file = options.append(true).create_new(is_new).open(&path).map_err(failed)?;
    let progress = ProgressBar::new();
    let certificate = experiment.run(&done, &progress, |trial| {
        let line = serde_json::to_string(&of_experiment(&experiment, trial.clone()))? + "\n";
        file.write_all(line.as_bytes()).map_err(failed)
    })?;
    progress.finish();
    let files =
        [(figure, certificate.to_svg()?), (document, serde_json::to_string_pretty(&certificate)? + "\n")];
    for (path, text) in &files {
        check_replaceable(path)?;
        write_whole(path, text.as_bytes())?;
    }
    Terminal::Output.lines(&certificate.to_string());
    Ok(if certificate.holds() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn chosen(names: &[String]) -> Result<Vec<&'static Mutant>, CertifyError> {
    if names.is_empty() {
        return Ok(MUTANTS.iter().collect());
    }
    let known = || MUTANTS.iter().map(|mutant| mutant.id).collect::<Vec<_>>().join(", ");
    names
        .iter()
        .map(|name| {
            mutant(name).ok_or_else(|| CertifyError::Mutant { unknown: name.clone(), known: known() })
        })
        .collect()
}

fn of_experiment(experiment: &Experiment, trial: Trial) -> SavedTrial {
    SavedTrial {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        level: experiment.level.to_string(),
        seed: experiment.seed,
        false_alarm_budget: experiment.budget.total(),
        trial,
    }
}

/// The trials of an earlier run. A last line of a trial without its end was cut off and is made again.
fn saved(path: &Path, experiment: &Experiment) -> Result<Vec<Trial>, CertifyError> {
    let refused = |reason: String| CertifyError::Trials { file: path.to_owned(), reason };
    if path.is_symlink() {
        return Err(refused("it is a link".to_owned()));
    }
    let text = match read_text(path, MOST_BYTES) {
        Ok(text) => text,
        Err(error) if error.source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused(format!("cannot be read: {}", error.source))),
    };
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let (_, cut) = text.split_at(whole);
    let line_begins = "{\"version\":\"";
    if !cut.starts_with(line_begins) && !line_begins.starts_with(cut) {
        return Err(refused("its last line is no trial".to_owned()));
    }
    let mut trials = Vec::new();
    for (number, line) in text[..whole].lines().enumerate() {
        let saved: SavedTrial = serde_json::from_str(line)
            .map_err(|error| refused(format!("line {} is no trial: {error}", number + 1)))?;
        let now = of_experiment(experiment, saved.trial);
        let same = saved.version == now.version && saved.level == now.level && saved.seed == now.seed;
        if !same || saved.false_alarm_budget != now.false_alarm_budget {
            let reason = format!("line {} is of another version, level, seed or budget", number + 1);
            return Err(refused(reason));
        }
        trials.push(now.trial);
    }
    // Only a file of whole trials is shortened to them.
    if whole < text.len() {
        write_whole(path, &text.as_bytes()[..whole])?;
    }
    Ok(trials)
}
