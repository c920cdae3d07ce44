//! `glassbox regress`: integrators against their committed profiles.

use super::progress_bar::ProgressBar;
use super::reporting::exit_status;
use super::terminal::Terminal;
use crate::profile::{Line, LineVerdict, Profile, ProfileError, Regression, Shipped, baseline, compare};
use crate::suite::Progress;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use glassbox_oracle::OracleError;
use glassbox_oracle::verdict::{Budget, Outcome};
use glassbox_reports::{ReportError, check_replaceable, check_writable};
use glassbox_trajectories::output::{OutputError, Outputs, write_output};
use glassbox_trajectories::{FileError, printable};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use thiserror::Error;

/// Options of `glassbox regress`.
#[derive(Debug, Args)]
pub(crate) struct RegressArguments {
    /// Integrators to measure [default: all].
    #[arg(value_name = "INTEGRATOR", value_enum)]
    integrators: Vec<Shipped>,
    /// Folder of the committed profiles.
    #[arg(long, value_name = "DIRECTORY", default_value = "baselines")]
    baselines: PathBuf,
    /// Write the new profiles in place of the committed ones, and say which lines changed.
    #[arg(long)]
    accept: bool,
    /// Print every point of every line: measured, expected and unexplained.
    #[arg(long)]
    points: bool,
    /// Seed of all noise; at the seed of the committed profiles an unchanged integrator has the same numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads to use [default: one for each core]; the results do not depend on it.
    #[arg(long, value_name = "COUNT", value_parser = super::thread_count)]
    threads: Option<std::num::NonZeroUsize>,
    /// Also write the lines and the new profiles to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Probability that integrators that did not change have any line changed.
    #[arg(long, value_name = "PROBABILITY", default_value_t = 1e-6)]
    false_alarm_budget: f64,
}

impl ValueEnum for Shipped {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// Why `regress` could not do its job.
#[derive(Debug, Error)]
pub(crate) enum RegressError {
    #[error("--false-alarm-budget: {0}")]
    Budget(OracleError),
    #[error(transparent)]
    Outputs(#[from] OutputError),
    #[error("--threads: cannot start the threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Baselines(Vec<ProfileError>),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("the comparison could not be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    File(#[from] FileError),
}

impl RegressError {
    /// What to print: a line a baseline.
    pub(crate) fn lines(&self) -> Vec<String> {
        let Self::Baselines(errors) = self else { return vec![self.to_string()] };
        let rest = errors.iter().skip(1).map(|error| format!("          {error}"));
        errors.iter().take(1).map(ToString::to_string).chain(rest).collect()
    }
}

/// Name and version of what `--json` writes.
const SCHEMA: &str = "glassbox-regression/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    seed: u64,
    outcome: Outcome,
    accepted: bool,
    regression: &'a Regression,
    profiles: &'a [Profile],
}

/// Measures, compares, prints, and with `--accept` writes.
pub(crate) fn run(arguments: &RegressArguments) -> Result<ExitCode, RegressError> {
    let budget = Budget::new(arguments.false_alarm_budget).map_err(RegressError::Budget)?;
    let mut integrators: Vec<Shipped> = Vec::new();
    for one in if arguments.integrators.is_empty() { &Shipped::ALL[..] } else { &arguments.integrators } {
        if !integrators.contains(one) {
            integrators.push(*one);
        }
    }
    // Before the work, so that a wrong path or a damaged file costs no time.
    check_outputs(arguments, &integrators)?;
    let before = read_baselines(&arguments.baselines, &integrators, arguments.accept)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads.map_or(0, std::num::NonZeroUsize::get))
        .build()?;
    let progress = ProgressBar::new();
    let mut now = Vec::with_capacity(integrators.len());
    for integrator in &integrators {
        progress.begin(integrator.name(), 1);
        now.push(pool.install(|| integrator.profile(arguments.seed))?);
        progress.advance(1);
    }
    progress.finish();

    let known = now.iter().zip(&before);
    let pairs: Vec<(Profile, Profile)> =
        known.filter_map(|(now, before)| Some((now.clone(), before.clone()?))).collect();
    let regression = compare(&pairs, &budget);
    let mut text = header(arguments, &regression, &integrators);
    for (profile, before) in now.iter().zip(&before) {
        text += &section(profile, before.as_ref(), &regression, arguments);
    }
    if arguments.accept {
        // All profiles are made before the first file is touched, and each file is replaced whole.
        for profile in &now {
            let path = baseline::write(&arguments.baselines, profile)?;
            let _ = writeln!(text, "accepted: {}", printable(&path.display().to_string()));
        }
    }
    text += &footer(&regression, arguments.accept);
    if let Some(file) = &arguments.json {
        let document = Document {
            schema: SCHEMA,
            seed: arguments.seed,
            outcome: regression.outcome(),
            accepted: arguments.accept,
            regression: &regression,
            profiles: &now,
        };
        let json = serde_json::to_string_pretty(&document)? + "\n";
        write_output(file, json.as_bytes())?;
    }
    Terminal::Output.lines(&text);
    Ok(if arguments.accept { ExitCode::SUCCESS } else { exit_status(regression.outcome()) })
}

fn check_outputs(arguments: &RegressArguments, integrators: &[Shipped]) -> Result<(), RegressError> {
    let paths: Vec<PathBuf> =
        integrators.iter().map(|one| baseline::path(&arguments.baselines, one.name())).collect();
    let mut outputs = Outputs::beside(paths.iter().map(PathBuf::as_path))?;
    if let Some(file) = &arguments.json {
        outputs.add_file("--json", file)?;
    }
    if arguments.accept {
        check_writable(&arguments.baselines)?;
        paths.iter().try_for_each(|path| check_replaceable(path))?;
    }
    Ok(())
}

/// The committed profiles; with `--accept` a missing or damaged one is none, and will be written anew.
fn read_baselines(
    directory: &Path,
    integrators: &[Shipped],
    accept: bool,
) -> Result<Vec<Option<Profile>>, RegressError> {
    let (mut profiles, mut errors) = (Vec::new(), Vec::new());
    for integrator in integrators {
        match baseline::read(directory, integrator.name()) {
            Ok(profile) => profiles.push(Some(profile)),
            Err(ProfileError::Missing(_) | ProfileError::Corrupt { .. }) if accept => profiles.push(None),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(profiles) } else { Err(RegressError::Baselines(errors)) }
}

fn header(arguments: &RegressArguments, regression: &Regression, integrators: &[Shipped]) -> String {
    format!(
        "{} integrators against {}, seed {}\nfalse-alarm budget {:e}: {:.1e} for each of {} comparisons of points and orders\n",
        integrators.len(),
        printable(&arguments.baselines.display().to_string()),
        arguments.seed,
        regression.false_alarm_budget,
        regression.share,
        regression.comparisons,
    )
}

fn section(
    profile: &Profile,
    before: Option<&Profile>,
    regression: &Regression,
    arguments: &RegressArguments,
) -> String {
    let mut text = format!("\n{}", profile.integrator);
    match before {
        None => text += ": no committed profile to compare with",
        Some(before) if before.seed != profile.seed => {
            let _ = write!(text, " (committed at seed {})", before.seed);
        }
        Some(_) => {}
    }
    text.push('\n');
    for line in regression.lines.iter().filter(|line| line.integrator == profile.integrator) {
        text += &line_text(line, arguments.points);
    }
    text
}

fn line_text(line: &Line, all_points: bool) -> String {
    let mut text = format!("  {:<12}  {}: {}\n", line.verdict, line.name, line.summary);
    if all_points || matches!(line.verdict, LineVerdict::Changed | LineVerdict::Undecided) {
        for point in &line.points {
            let _ = writeln!(text, "  {:<12}    {point}", "");
        }
    }
    text
}

fn footer(regression: &Regression, accepted: bool) -> String {
    let count = |verdict| regression.count(verdict);
    let ending = if accepted { "; the new profiles are the baseline now" } else { "" };
    format!(
        "\n{}: {} lines: {} the same, {} agree, {} not compared, {} undecided, {} changed{ending}\n",
        regression.outcome(),
        regression.lines.len(),
        count(LineVerdict::Same),
        count(LineVerdict::Agrees),
        count(LineVerdict::NotCompared),
        count(LineVerdict::Undecided),
        count(LineVerdict::Changed),
    )
}
