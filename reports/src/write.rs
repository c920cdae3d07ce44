//! Writes a report into a directory, each file whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::csv::comparison_csv;
use crate::error::ReportError;
use crate::figures::{self, SUMMARY_ID};
use crate::html::page;
use crate::json::verdicts_json;
use crate::report::Report;

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
/// the page comes last. Other files in the directory are left alone.
///
/// # Errors
/// If the report breaks a rule of [`Report::validate`], or the file system refuses; the error names the path.
pub fn write_report(report: &Report, directory: impl AsRef<Path>) -> Result<WrittenReport, ReportError> {
    report.validate()?;
    let directory = directory.as_ref();
    let figure_directory = directory.join("figures");

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
    write_all(&figures)?;
    Ok(WrittenReport { index, verdicts, figures: names })
}

/// Writes the verdicts of `report` for programs into `path`, whole or not at all.
///
/// # Errors
/// As [`write_report`].
pub fn write_verdicts(report: &Report, path: impl AsRef<Path>) -> Result<(), ReportError> {
    write_atomically(path.as_ref(), verdicts_json(report)?.as_bytes())
}

/// Writes `bytes` into `path`, whole or not at all.
///
/// # Errors
/// If the file system refuses; the error names the path.
pub fn write_file(path: impl AsRef<Path>, bytes: &[u8]) -> Result<(), ReportError> {
    write_atomically(path.as_ref(), bytes)
}

/// Writes texts into their paths in the order given, making the directories; each file whole or not at all.
pub(crate) fn write_all(files: &[(PathBuf, String)]) -> Result<(), ReportError> {
    for directory in files.iter().filter_map(|(path, _)| path.parent()) {
        fs::create_dir_all(directory).map_err(refused("create directory", directory))?;
    }
    files.iter().try_for_each(|(path, text)| write_atomically(path, text.as_bytes()))
}

/// Whether a report can be written into `directory`, which is made if it does not exist: to be asked before long work.
///
/// # Errors
/// If the file system refuses; the error names the path.
pub fn check_writable(directory: impl AsRef<Path>) -> Result<(), ReportError> {
    let directory = directory.as_ref();
    fs::create_dir_all(directory).map_err(refused("create directory", directory))?;
    let probe = directory.join(format!(".glassbox.{}.partial", std::process::id()));
    File::create(&probe).map_err(refused("write into", directory))?;
    fs::remove_file(&probe).map_err(refused("remove", &probe))
}

/// Puts bytes into a file: into a temporary one beside it, flushed to disk, then renamed over it.
fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_file_name(format!(".{name}.{}-{number}.partial", std::process::id()));
    let written = File::create(&temporary)
        .map_err(refused("create", path))
        .and_then(|mut file| {
            let flushed = file.write_all(bytes).and_then(|()| file.sync_all());
            flushed.map_err(refused("write", path))
        })
        .and_then(|()| fs::rename(&temporary, path).map_err(refused("replace", path)));
    if written.is_err() {
        // the first error is the one to report; a file that was never created cannot be removed
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ReportError {
    let path = path.to_owned();
    move |source| ReportError::File { action, path, source }
}
