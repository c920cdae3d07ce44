//! Writes a gallery into a directory, each file whole or not at all.

use std::path::{Path, PathBuf};

use super::{Gallery, gallery_page, page_document};
use crate::error::ReportError;
use crate::figures::plate::{plate, plate_csv};
use crate::report_folder::FIGURES;
use crate::scorecard::{scorecard_json, scorecard_page};
use crate::write::write_all;

/// The files of a written gallery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenGallery {
    /// The page of all figures.
    pub index: PathBuf,
    /// All files, the page of all figures last.
    pub files: Vec<PathBuf>,
}

/// Writes `figures/ID.svg` and `figures/ID.csv` for every plate, `PAGE.html` for every page, `scorecard.html` and
/// `scorecard.json` if there is a scorecard, and `index.html`. Everything is made before the first file is touched,
/// each file is replaced atomically, and `index.html` comes last. Other files in the directory are left alone, and
/// a file of these names that no report wrote is refused.
///
/// # Errors
/// If the gallery breaks a rule of [`Gallery::validate`], or the file system refuses; the error names the path.
pub fn write_gallery(gallery: &Gallery, directory: impl AsRef<Path>) -> Result<WrittenGallery, ReportError> {
    gallery.validate()?;
    let directory = directory.as_ref();
    let mut files = Vec::new();
    for shown in &gallery.plates {
        let path = |extension| directory.join(FIGURES).join(format!("{}.{extension}", shown.id));
        files.push((path("svg"), plate(shown)?));
        files.push((path("csv"), plate_csv(shown)));
    }
    for page in &gallery.pages {
        files.push((directory.join(format!("{}.html", page.id)), page_document(gallery, page)));
    }
    if let Some(scorecard) = &gallery.scorecard {
        files.push((directory.join("scorecard.json"), scorecard_json(scorecard)?));
        files.push((directory.join("scorecard.html"), scorecard_page(scorecard)));
    }
    let index = directory.join("index.html");
    files.push((index.clone(), gallery_page(gallery)));
    write_all(directory, &files)?;
    Ok(WrittenGallery { index, files: files.into_iter().map(|(path, _)| path).collect() })
}
