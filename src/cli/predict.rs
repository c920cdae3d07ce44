//! `glassbox predict`: any law on a grid.

use super::terminal::print_result;
use crate::prediction::laws::CATALOGUE;
use crate::prediction::{
    Fallback, GridError, Law, Parameter, PredictionError, Spacing, Values, evaluate, figure, laws,
};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use glassbox_reports::ReportError;
use glassbox_trajectories::FileError;
use glassbox_trajectories::output::{OutputError, Outputs, write_output};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Options of `glassbox predict`. They are made from the catalogue of laws: a subcommand a law, an option a parameter.
#[derive(Debug)]
pub(crate) struct PredictArguments(Request);

#[derive(Debug)]
enum Request {
    /// Print the laws, with equations and parameters.
    List,
    Law(Prediction),
}

#[derive(Debug)]
struct Prediction {
    law: &'static Law,
    given: BTreeMap<&'static str, Values>,
    out: Vec<PathBuf>,
    plot: Option<PathBuf>,
    column: Option<String>,
}

/// Why `predict` could not do its job.
#[derive(Debug, Error)]
pub(crate) enum PredictError {
    #[error(transparent)]
    Prediction(#[from] PredictionError),
    #[error("--out {}: the name must end in .csv, .json or .parquet", .0.display())]
    Format(PathBuf),
    #[error("--plot {}: the name must end in .svg", .0.display())]
    PlotFormat(PathBuf),
    #[error("--column {column}: {law} has {known}")]
    Column { column: String, law: &'static str, known: String },
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Outputs(#[from] OutputError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
}

impl Args for PredictArguments {
    fn augment_args(command: Command) -> Command {
        let list = Arg::new("list").long("list").action(ArgAction::SetTrue);
        command
            .arg(list.help("List the laws with their equations, parameters and ranges"))
            .subcommands(CATALOGUE.iter().map(|law| law_command(law)))
            .arg_required_else_help(true)
            .subcommand_value_name("LAW")
            .subcommand_help_heading("Laws")
            .disable_help_subcommand(true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for PredictArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Some((name, matches)) = matches.subcommand() else { return Ok(Self(Request::List)) };
        let Some(law) = laws::find(name) else {
            return Err(clap::Error::raw(
                clap::error::ErrorKind::InvalidSubcommand,
                format!("no law {name}\n"),
            ));
        };
        let given = law.parameters.iter().filter_map(|parameter| {
            Some((parameter.name, matches.get_one::<Values>(parameter.name)?.clone()))
        });
        let given = given.collect();
        Ok(Self(Request::Law(Prediction {
            law,
            given,
            out: matches.get_many("out").unwrap_or_default().cloned().collect(),
            plot: matches.get_one("plot").cloned(),
            column: matches.get_one("column").cloned(),
        })))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn law_command(law: &'static Law) -> Command {
    let path = || clap::value_parser!(PathBuf);
    let parameters = law.parameters.iter().map(|parameter| {
        Arg::new(parameter.name)
            .long(parameter.name)
            .value_name(if parameter.choices.is_empty() { "VALUES" } else { "NAME" })
            .allow_hyphen_values(true)
            .value_parser(|text: &str| values(parameter, text))
            .help(help(parameter))
    });
    let columns: Vec<&str> = law.columns.iter().map(|column| column.name).collect();
    Command::new(law.name)
        .about(law.title)
        .long_about(format!("{}: {}\n\nSource: {}", law.title, law.equation, law.source))
        .args(parameters)
        .arg(
            Arg::new("out")
                .long("out")
                .value_name("FILE")
                .value_parser(path())
                .action(ArgAction::Append)
                .help("Write the table to a .csv, .json or .parquet file instead of the terminal; can be given again"),
        )
        .arg(Arg::new("plot").long("plot").value_name("FILE").value_parser(path()).help("Draw a column as .svg"))
        .arg(Arg::new("column").long("column").value_name("NAME").help(format!(
            "Column to draw: {} [default: {}]",
            columns.join(", "),
            columns[0]
        )))
        .after_help(
            "VALUES is one number, a list A,B,C, or a range FROM:TO:POINTS with equal ratios \
             (FROM:TO:POINTS:linear for equal differences). Several parameters may vary: all combinations are \
             tabulated.",
        )
}

fn values(parameter: &Parameter, text: &str) -> Result<Values, String> {
    if parameter.choices.is_empty() {
        return text.parse().map_err(|error: GridError| error.to_string());
    }
    let chosen = parameter.choices.iter().zip(0..).find(|(name, _)| **name == text);
    let chosen = chosen.map(|(_, index)| Values::List(vec![f64::from(index)]));
    chosen.ok_or_else(|| format!("it must be one of {}", parameter.choices.join(", ")))
}

fn help(parameter: &Parameter) -> String {
    let Parameter { meaning, range, .. } = parameter;
    match parameter.fallback {
        Fallback::Value(value) if parameter.choices.is_empty() => {
            format!("{meaning}; {range} [default: {value:?}]")
        }
        Fallback::Value(value) => {
            format!("{meaning}: {} [default: {}]", parameter.choices.join(", "), parameter.write(value))
        }
        Fallback::Grid(grid) => {
            let spacing = if grid.spacing == Spacing::Linear { ":linear" } else { "" };
            format!("{meaning}; {range} [default: {:?}:{:?}:{}{spacing}]", grid.from, grid.to, grid.points)
        }
    }
}

/// Tabulates, and writes or prints.
pub(crate) fn run(arguments: &PredictArguments) -> Result<(), PredictError> {
    match &arguments.0 {
        Request::List => Ok(print_result(&list())?),
        Request::Law(prediction) => predict(prediction),
    }
}

fn list() -> String {
    let mut text = String::new();
    for law in CATALOGUE {
        text += &format!("{}: {}\n  {}\n  source: {}\n", law.name, law.title, law.equation, law.source);
        for parameter in law.parameters {
            text += &format!("  --{}: {}\n", parameter.name, help(parameter));
        }
        for column in law.columns {
            text += &format!("  {}: {}\n", column.name, column.meaning);
        }
        text.push('\n');
    }
    text
}

fn predict(prediction: &Prediction) -> Result<(), PredictError> {
    for file in &prediction.out {
        if !["csv", "json", "parquet"].contains(&extension(file)) {
            return Err(PredictError::Format(file.clone()));
        }
    }
    let column = drawn_column(prediction)?;
    let mut outputs = Outputs::beside([])?;
    for (option, files) in [("--out", prediction.out.as_slice()), ("--plot", prediction.plot.as_slice())] {
        files.iter().try_for_each(|file| outputs.add_file(option, file))?;
    }
    let table = evaluate(prediction.law, &prediction.given)?;
    // Everything is made before the first file is touched.
    let mut files = Vec::new();
    for file in &prediction.out {
        let bytes = match extension(file) {
            "csv" => table.to_csv().into_bytes(),
            "json" => table.to_json()?.into_bytes(),
            _ => table.to_parquet()?,
        };
        files.push((file, bytes));
    }
    if let Some(file) = &prediction.plot {
        files.push((file, figure(prediction.law, &table, column)?.into_bytes()));
    }
    for (file, bytes) in &files {
        write_output(file, bytes)?;
    }
    if files.is_empty() { Ok(print_result(&table.to_text())?) } else { Ok(()) }
}

fn extension(file: &Path) -> &str {
    file.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

fn drawn_column(prediction: &Prediction) -> Result<&str, PredictError> {
    let law = prediction.law;
    if let Some(file) = prediction.plot.as_ref().filter(|file| extension(file) != "svg") {
        return Err(PredictError::PlotFormat(file.clone()));
    }
    let Some(column) = &prediction.column else { return Ok(law.columns[0].name) };
    let known: Vec<&str> = law.columns.iter().map(|column| column.name).collect();
    if known.contains(&column.as_str()) {
        return Ok(column);
    }
    Err(PredictError::Column { column: column.clone(), law: law.name, known: known.join(", ") })
}
