//! `glassbox check`: judges a trajectory that any program wrote.

use super::reporting::{OutputsError, check_outputs, exit_status, print_verdicts};
use clap::{Args, ValueEnum};
use glassbox_check::{Convention, Examination, ExaminationError, ExaminationSettings, ExaminedLaw, examine};
use glassbox_oracle::inference::StatedParameters;
use glassbox_oracle::verdict::Budget;
use glassbox_oracle::{OracleError, Scheme};
use glassbox_reports::{REPORT_FILES, ReportError, write_report};
use glassbox_trajectories::trajectory::{Trajectory, TrajectoryError};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use thiserror::Error;

/// Options of `glassbox check`.
#[derive(Debug, Args)]
#[command(
    after_help = "Parameters that are not stated are fitted, where the data can tell them apart: a trajectory shows \
                        mu k dt and mu T dt / P_D, no more. docs/guide/check.md says what each check proves.\n\n\
                        Exit status: 0 consistent, 1 inconsistent, 3 inconclusive, 2 bad usage or bad input."
)]
pub(crate) struct CheckArguments {
    /// The trajectory: an .npz file, a folder of safetensors, or a Parquet file (docs/trajectory-files.md).
    #[arg(value_name = "TRAJECTORY")]
    trajectory: PathBuf,
    /// The law that the weights should follow; none: any landscape, of which gradients in the file tell the drift.
    #[arg(long, value_enum)]
    law: LawArgument,
    /// The integrator whose steps they are.
    #[arg(long, value_enum, default_value_t = SchemeArgument::EulerMaruyama)]
    scheme: SchemeArgument,
    /// Mobility mu; above 0.
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    mobility: Option<f64>,
    /// Temperature T; above 0.
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    temperature: Option<f64>,
    /// Number of samples P_D; above 0.
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    dataset_size: Option<f64>,
    /// Stiffness k of the well L = k w²/2; below 0 a hill.
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    stiffness: Option<f64>,
    /// Step dt of the integrator, in units of time; above 0.
    #[arg(long, alias = "dt", value_name = "VALUE", allow_negative_numbers = true)]
    step: Option<f64>,
    /// SGLD: the learning rate, in place of --mobility and --step.
    #[arg(long, value_name = "VALUE", conflicts_with_all = ["mobility", "step"], allow_negative_numbers = true)]
    learning_rate: Option<f64>,
    /// SGLD: the number of samples, in place of --dataset-size.
    #[arg(long, value_name = "VALUE", conflicts_with = "dataset_size", allow_negative_numbers = true)]
    n_data: Option<f64>,
    /// SGLD: the inverse temperature, in place of --temperature.
    #[arg(long, value_name = "VALUE", conflicts_with = "temperature", allow_negative_numbers = true)]
    inverse_temperature: Option<f64>,
    /// SGLD: what the learning rate multiplies. mean: w' = w − η ∇L + √(2η/(βN)) ξ. sum: w' = w − η N ∇L + √(2η/β) ξ.
    /// half: w' = w − (η/2) N ∇L + √(η/β) ξ (Welling and Teh).
    #[arg(long, value_enum, default_value_t = ConventionArgument::Mean)]
    convention: ConventionArgument,
    /// Half width of the overlap, in units of weight [default: what half of the weights leave].
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    half_width: Option<f64>,
    /// Numbers of weights of the layers, in order: 300,900,30 [default: those of the file, if it has them].
    #[arg(long, value_name = "COUNTS", value_delimiter = ',')]
    layers: Option<Vec<usize>>,
    /// L2 regularisation lambda that the loss contains, for the balance of layers.
    #[arg(long, value_name = "VALUE", default_value_t = 0.0, allow_negative_numbers = true)]
    regularisation: f64,
    /// The whole trajectory is stationary: tests the virial, if the file has gradients.
    #[arg(long)]
    stationary: bool,
    /// Relative deviation that matters in practice.
    #[arg(long, value_name = "VALUE", default_value_t = ExaminationSettings::DEFAULT_TOLERANCE, allow_negative_numbers = true)]
    tolerance: f64,
    /// Folder of the report; made if it does not exist.
    #[arg(long, value_name = "DIRECTORY", default_value = "report")]
    out: PathBuf,
    /// Also write the verdicts to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Probability that a correct trajectory fails any statistical check.
    #[arg(long, value_name = "PROBABILITY", default_value_t = 1e-6, allow_negative_numbers = true)]
    false_alarm_budget: f64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LawArgument {
    Free,
    Well,
    StationaryWell,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum SchemeArgument {
    EulerMaruyama,
    Heun,
    ExactStep,
    LeimkuhlerMatthews,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum ConventionArgument {
    Mean,
    Sum,
    Half,
}

/// Why `check` could not do its job.
#[derive(Debug, Error)]
pub(crate) enum CheckError {
    #[error("--false-alarm-budget: {0}")]
    Budget(OracleError),
    #[error("--layers: {0}")]
    Layers(String),
    #[error(transparent)]
    Outputs(#[from] OutputsError),
    #[error("--convention: it says what --learning-rate multiplies, which is not given")]
    ConventionWithoutRate,
    #[error(transparent)]
    Trajectory(#[from] TrajectoryError),
    #[error(transparent)]
    Examination(#[from] ExaminationError),
    #[error(transparent)]
    Report(#[from] ReportError),
}

impl CheckArguments {
    fn settings(&self) -> Result<ExaminationSettings, CheckError> {
        let budget = Budget::new(self.false_alarm_budget).map_err(CheckError::Budget)?;
        let law = match self.law {
            LawArgument::Free => ExaminedLaw::Free,
            LawArgument::Well => ExaminedLaw::Well,
            LawArgument::StationaryWell => ExaminedLaw::StationaryWell,
            LawArgument::None => ExaminedLaw::None,
        };
        let convention = match self.convention {
            ConventionArgument::Mean => Convention::Mean,
            ConventionArgument::Sum => Convention::Sum,
            ConventionArgument::Half => Convention::Half,
        };
        if self.learning_rate.is_none() && self.convention != ConventionArgument::Mean {
            return Err(CheckError::ConventionWithoutRate);
        }
        let translated = convention.translate(self.learning_rate, self.n_data, self.inverse_temperature)?;
        let stated = StatedParameters {
            mobility: self.mobility.or(translated.mobility),
            temperature: self.temperature.or(translated.temperature),
            dataset_size: self.dataset_size.or(translated.dataset_size),
            stiffness: self.stiffness,
            step: self.step.or(translated.step),
        };
        let mut settings = ExaminationSettings::new(law, stated, budget);
        settings.scheme = match self.scheme {
            SchemeArgument::EulerMaruyama => Scheme::EulerMaruyama,
            SchemeArgument::Heun => Scheme::Heun,
            SchemeArgument::ExactStep => Scheme::ExactStep,
            SchemeArgument::LeimkuhlerMatthews => Scheme::LeimkuhlerMatthews,
        };
        settings.convention = self.learning_rate.map(|_| convention);
        settings.half_width = self.half_width;
        settings.layers = self.layers.as_deref().map(consecutive).transpose()?;
        settings.regularisation = self.regularisation;
        settings.stationary |= self.stationary;
        settings.tolerance = self.tolerance;
        Ok(settings)
    }

    /// The command that repeats the examination; where its results go is not part of it.
    fn command(&self) -> String {
        let mut command =
            format!("glassbox check {} --law {}", self.trajectory.display(), name_of(&self.law));
        if self.scheme != SchemeArgument::EulerMaruyama {
            command += &format!(" --scheme {}", name_of(&self.scheme));
        }
        let values = [
            ("mobility", self.mobility),
            ("temperature", self.temperature),
            ("dataset-size", self.dataset_size),
            ("stiffness", self.stiffness),
            ("step", self.step),
            ("learning-rate", self.learning_rate),
            ("n-data", self.n_data),
            ("inverse-temperature", self.inverse_temperature),
            ("half-width", self.half_width),
            ("regularisation", Some(self.regularisation).filter(|one| *one != 0.0)),
            ("tolerance", Some(self.tolerance).filter(|one| *one != ExaminationSettings::DEFAULT_TOLERANCE)),
            ("false-alarm-budget", Some(self.false_alarm_budget).filter(|one| *one != 1e-6)),
        ];
        for (name, value) in values {
            if let Some(value) = value {
                let _ = write!(command, " --{name} {value:?}");
            }
        }
        if self.convention != ConventionArgument::Mean {
            command += &format!(" --convention {}", name_of(&self.convention));
        }
        if let Some(layers) = &self.layers {
            let counts: Vec<String> = layers.iter().map(usize::to_string).collect();
            command += &format!(" --layers {}", counts.join(","));
        }
        if self.stationary {
            command += " --stationary";
        }
        command
    }
}

fn name_of(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Layers of these numbers of weights, one after the other.
fn consecutive(counts: &[usize]) -> Result<Vec<Range<usize>>, CheckError> {
    let mut start = 0_usize;
    let layers = counts.iter().map(|count| {
        let end = start.checked_add(*count).filter(|_| *count > 0);
        let end = end.ok_or_else(|| CheckError::Layers(format!("{count} is no number of weights")))?;
        let layer = start..end;
        start = end;
        Ok(layer)
    });
    layers.collect()
}

/// The files that are read: of a folder its snapshots.
fn files_of(trajectory: &Path) -> Vec<PathBuf> {
    let Ok(folder) = std::fs::read_dir(trajectory) else { return vec![trajectory.to_owned()] };
    let paths = folder.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "safetensors")).collect()
}

/// Examines the trajectory, writes the report and prints the verdicts.
pub(crate) fn run(arguments: &CheckArguments) -> Result<ExitCode, CheckError> {
    let settings = arguments.settings()?;
    // Before the work, so that a wrong path costs no minutes.
    let trajectory = Trajectory::open(&arguments.trajectory)?;
    let files = files_of(&arguments.trajectory);
    let inputs = files.iter().map(PathBuf::as_path);
    check_outputs(inputs, &arguments.out, &REPORT_FILES, arguments.json.as_deref())?;
    let Examination { report, remarks } = examine(&trajectory, &settings, &arguments.command())?;
    let written = write_report(&report, &arguments.out)?;
    if let Some(file) = &arguments.json {
        glassbox_reports::write_verdicts(&report, file)?;
    }
    print_verdicts(&report, &remarks, &written);
    Ok(exit_status(report.outcome()))
}
