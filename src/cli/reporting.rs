//! What the commands that judge have in common: the check of `--json`, the printed verdicts, the exit status.

use glassbox_oracle::verdict::Outcome;
use glassbox_reports::{Report, ReportError, WrittenReport, check_writable, table};
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use thiserror::Error;

/// Why a file named by `--json` cannot be written.
#[derive(Debug, Error)]
pub(crate) enum JsonFileError {
    #[error("--json: {} is a directory; it must be a file", .0.display())]
    IsADirectory(PathBuf),
    #[error(transparent)]
    Folder(#[from] ReportError),
}

/// Checks the file of `--json` before the work, so that a wrong path costs no minutes.
pub(crate) fn check_json_file(file: Option<&Path>) -> Result<(), JsonFileError> {
    let Some(file) = file else { return Ok(()) };
    if file.is_dir() {
        return Err(JsonFileError::IsADirectory(file.to_owned()));
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    Ok(check_writable(folder.unwrap_or(".".as_ref()))?)
}

/// Prints the verdicts, a line a remark, and where the report lies.
pub(crate) fn print_verdicts(
    report: &Report,
    remarks: &[impl Display],
    written: &WrittenReport,
) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    let colour = output.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    write!(output, "{}", table::verdict_table(report, colour))?;
    for remark in remarks {
        writeln!(output, "{remark}")?;
    }
    writeln!(output, "report: {}", written.index.display())
}

/// The exit status of an outcome.
pub(crate) fn exit_status(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Consistent => ExitCode::SUCCESS,
        Outcome::Inconsistent => ExitCode::from(1),
        Outcome::Inconclusive => ExitCode::from(3),
    }
}
