//! What may be replaced in the folder of a report: files that a report wrote, and no others.

use glassbox_trajectories::FileError;
use glassbox_trajectories::whole_file::PartialFile;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::error::ReportError;
use crate::html::HEAD;

/// The files of a written [`Report`](crate::Report), beside the folder of its figures.
pub const REPORT_FILES: [&str; 2] = ["index.html", "verdicts.json"];

/// The files of a written [`Gallery`](crate::gallery::Gallery), beside its pages and the folder of its figures.
pub const GALLERY_FILES: [&str; 3] = ["index.html", "scorecard.html", "scorecard.json"];

/// The folder of the figures of a report or a gallery.
pub const FIGURES: &str = "figures";

/// Whether a report of these `files` can be written into `directory`, which is made if it does not exist: to be asked before long
/// work. A file of these names that is there must be of an earlier report; so must all figures where there is no page yet.
///
/// # Errors
/// [`ReportError::Foreign`] for a file of someone else, [`ReportError::File`] if the file system refuses.
pub fn check_report_folder(directory: impl AsRef<Path>, files: &[&str]) -> Result<(), ReportError> {
    let directory = directory.as_ref();
    check_writable(directory)?;
    for name in files {
        check_replaceable(&directory.join(name))?;
    }
    let figures = directory.join(FIGURES);
    check_figure_folder(&figures)?;
    // Beside a report there may be figures of other names, which stay. Without one, a folder of figures is a user's.
    let Ok(listed) = fs::read_dir(&figures) else { return Ok(()) };
    if !directory.join("index.html").exists() {
        for entry in listed {
            let path = entry.map_err(FileError::of("read", &figures))?.path();
            if matches!(extension(&path), "svg" | "csv") {
                check_replaceable(&path)?;
            }
        }
    }
    Ok(())
}

/// Whether files can be written into `directory`, which is made if it does not exist.
///
/// # Errors
/// If the file system refuses; the error names the path.
pub fn check_writable(directory: impl AsRef<Path>) -> Result<(), ReportError> {
    let directory = directory.as_ref();
    make_folder(directory)?;
    // Gone again at once.
    let probe = PartialFile::create(&directory.join("probe"));
    probe.map_err(|error| FileError::of("write into", directory)(error.source))?;
    Ok(())
}

pub(crate) fn make_folder(directory: &Path) -> Result<(), ReportError> {
    Ok(fs::create_dir_all(directory).map_err(FileError::of("create directory", directory))?)
}

/// A link in its place would lead the figures elsewhere.
pub(crate) fn check_figure_folder(figures: &Path) -> Result<(), ReportError> {
    match fs::symlink_metadata(figures) {
        Ok(metadata) if !metadata.is_dir() => Err(ReportError::Foreign { path: figures.to_owned() }),
        _ => Ok(()),
    }
}

/// Whether there is no file, or one that a report, a gallery or a certificate wrote: a regular file, not a link, that begins as theirs do.
///
/// # Errors
/// [`ReportError::Foreign`] for any other file, [`ReportError::File`] if the file system refuses.
pub fn check_replaceable(path: &Path) -> Result<(), ReportError> {
    let metadata = match fs::symlink_metadata(path) {
        // Where its folder is none, making the folder says so.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(());
        }
        metadata => metadata.map_err(FileError::of("read", path))?,
    };
    let mut beginning = Vec::new();
    if metadata.is_file() {
        let read = File::open(path).and_then(|file| file.take(8192).read_to_end(&mut beginning));
        read.map_err(FileError::of("read", path))?;
    }
    let beginning = String::from_utf8_lossy(&beginning);
    if is_of_a_report(path, &beginning) {
        Ok(())
    } else {
        Err(ReportError::Foreign { path: path.to_owned() })
    }
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

fn is_of_a_report(path: &Path, beginning: &str) -> bool {
    let mut lines = beginning.lines();
    match extension(path) {
        "json" => beginning.starts_with("{\n  \"schema\": \"glassbox-"),
        "html" => {
            let style = crate::html::STYLE.lines().next().unwrap_or_default();
            beginning
                .strip_prefix(HEAD)
                .and_then(|rest| rest.split_once("</title>\n<style>\n"))
                .is_some_and(|(_, rest)| rest.starts_with(style))
        }
        "csv" => {
            let comparison = crate::csv::HEADER.trim_end();
            let first = lines.next().unwrap_or_default();
            first == comparison
                || first.starts_with("# ") && lines.next().is_some_and(|line| line.starts_with("# glassbox "))
        }
        "svg" => {
            let first = lines.next().unwrap_or_default();
            // A plate says whose it is; the other figures begin with their title in the report's size and ink.
            let plate = "-description\" font-family=\"Helvetica,Arial,sans-serif\" fill=\"none\" stroke-linejoin=\"round\">";
            let title = "font-family=\"sans-serif\" font-size=\"45\" opacity=\"1\" fill=\"#22262B\" font-weight=\"bold\">";
            first.starts_with("<svg ")
                && (first.contains("aria-labelledby=\"plate-") && first.ends_with(plate)
                    || lines.nth(1).is_some_and(|line| line.ends_with(title)))
        }
        _ => false,
    }
}
