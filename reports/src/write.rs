//! Writes a report into a directory, each file whole or not at all.

use glassbox_trajectories::output::write_output;
use glassbox_trajectories::whole_file::write_whole;
use std::path::{Path, PathBuf};

use crate::csv::comparison_csv;
use crate::error::ReportError;
use crate::figures::{self, SUMMARY_ID};
use crate::html::page;
use crate::json::verdicts_json;
use crate::report::Report;
use crate::report_folder::{FIGURES, check_figure_folder, check_replaceable, make_folder};

/// The files of a written report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenReport {
    /// The page; it needs none of the other files.
    pub index: PathBuf,
    /// The verdicts for programs.
    pub verdicts: PathBuf,
    /// The figures and their data.
    pub figures: Vec<PathBuf>,
}

/// Writes `index.html`, `verdicts.json`, `figures/summary.svg` and for each comparison `figures/ID.svg` and
/// `figures/ID.csv`. Everything is made before the first file is touched, each file is replaced atomically, and
/// the page comes last. Other files in the directory are left alone, and a file of these names that no report wrote is refused.
///
/// # Errors
/// If the report breaks a rule of [`Report::validate`], a file is not of a report, or the file system refuses; the error names the
/// path.
pub fn write_report(report: &Report, directory: impl AsRef<Path>) -> Result<WrittenReport, ReportError> {
    report.validate()?;
    let directory = directory.as_ref();
    let figure_directory = directory.join(FIGURES);

    let mut figures = vec![(figure_directory.join(format!("{SUMMARY_ID}.svg")), figures::summary(report)?)];
    for comparison in report.sections.iter().flat_map(|section| &section.comparisons) {
        let path = |extension| figure_directory.join(format!("{}.{extension}", comparison.id));
        figures.push((path("svg"), figures::comparison(comparison)?));
        figures.push((path("csv"), comparison_csv(comparison)));
    }
    let (verdicts, verdicts_text) = (directory.join("verdicts.json"), verdicts_json(report)?);
    let (index, index_text) = (directory.join("index.html"), page(report)?);

    let names = figures.iter().map(|(path, _)| path.clone()).collect();
    figures.extend([(verdicts.clone(), verdicts_text), (index.clone(), index_text)]);
    write_all(directory, &figures)?;
    Ok(WrittenReport { index, verdicts, figures: names })
}

/// Writes the verdicts of `report` for programs where `path` says, as [`write_output`] does.
///
/// # Errors
/// If the verdicts cannot be put into JSON, or as [`write_output`].
pub fn write_verdicts(report: &Report, path: impl AsRef<Path>) -> Result<(), ReportError> {
    Ok(write_output(path.as_ref(), verdicts_json(report)?.as_bytes())?)
}

/// Writes texts into their paths in `directory` in the order given, making it and the folder of figures; each file whole or not at
/// all, and none where one of them would replace a file that no report wrote.
pub(crate) fn write_all(directory: &Path, files: &[(PathBuf, String)]) -> Result<(), ReportError> {
    let figures = directory.join(FIGURES);
    check_figure_folder(&figures)?;
    files.iter().try_for_each(|(path, _)| check_replaceable(path))?;
    make_folder(&figures)?;
    files.iter().try_for_each(|(path, text)| Ok(write_whole(path, text.as_bytes())?))
}
