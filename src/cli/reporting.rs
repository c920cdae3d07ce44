//! What the commands that judge have in common: the check of their outputs, the printed verdicts, the exit status.

use super::terminal::Terminal;
use glassbox_oracle::verdict::Outcome;
use glassbox_reports::{FIGURES, Report, ReportError, WrittenReport, check_report_folder, table};
use glassbox_trajectories::output::{OutputError, Outputs};
use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;
use thiserror::Error;

/// Why the results could not be written where they should go.
#[derive(Debug, Error)]
pub(crate) enum OutputsError {
    #[error(transparent)]
    File(#[from] OutputError),
    #[error("--out: {0}")]
    Folder(#[from] ReportError),
}

/// Checks before the work, so that a wrong path costs neither minutes nor a file: that the folder of `--out`, in which the report has
/// `files`, and the file of `--json` can be written, and that neither is one of the inputs or the other.
pub(crate) fn check_outputs<'a>(
    inputs: impl IntoIterator<Item = &'a Path>,
    out: &Path,
    files: &[&str],
    json: Option<&Path>,
) -> Result<(), OutputsError> {
    let mut outputs = Outputs::beside(inputs)?;
    let figures = out.join(FIGURES);
    outputs.reserve(&figures, "the figures of the report");
    // The file first, so that a refusal leaves no new folder; but it may be in the folder that is made.
    let has_folder =
        |file: &Path| file.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir());
    let json_first = json.is_some_and(has_folder);
    if let Some(file) = json.filter(|_| json_first) {
        outputs.add_file("--json", file)?;
    }
    check_report_folder(out, files)?;
    for name in files {
        let file = out.join(name);
        outputs.add_replaced(&format!("--out {}", file.display()), &file)?;
    }
    if let Some(file) = json.filter(|_| !json_first) {
        outputs.add_file("--json", file)?;
    }
    Ok(())
}

/// Prints the verdicts, a line a remark, and where the report lies.
pub(crate) fn print_verdicts(report: &Report, remarks: &[impl Display], written: &WrittenReport) {
    let output = Terminal::Output;
    output.coloured(&table::verdict_table(report, output.has_colours()));
    for remark in remarks {
        writeln!(output, "{remark}");
    }
    writeln!(output, "report: {}", written.index.display());
}

/// The exit status of an outcome.
pub(crate) fn exit_status(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Consistent => ExitCode::SUCCESS,
        Outcome::Inconsistent => ExitCode::from(1),
        Outcome::Inconclusive => ExitCode::from(3),
    }
}
