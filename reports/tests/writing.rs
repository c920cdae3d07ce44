//! Files: whole or not at all, and never where they should not be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod sample;

use glassbox_reports::{
    Axis, Comparison, GALLERY_FILES, REPORT_FILES, ReportError, Run, check_report_folder, write_report,
};
use sample::small;

#[test]
fn a_report_is_written_whole_and_again() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("new/report");
    let written = write_report(&sample::report(), &target).unwrap();
    assert_eq!(written.figures.len(), 1 + 2 * 3);
    let first = std::fs::read(&written.index).unwrap();
    write_report(&sample::report(), &target).unwrap();
    assert_eq!(first, std::fs::read(&written.index).unwrap());
    let mut names: Vec<String> = std::fs::read_dir(&target)
        .unwrap()
        .chain(std::fs::read_dir(target.join("figures")).unwrap())
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    insta::assert_snapshot!(names.join(" "), @"displacement-density.csv displacement-density.svg figures free-overlap.csv free-overlap.svg index.html summary.svg verdicts.json well-msd.csv well-msd.svg");
}

#[test]
fn a_directory_that_cannot_be_written_is_named_and_nothing_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let blocked = directory.path().join("file");
    std::fs::write(&blocked, "in the way").unwrap();
    let error = write_report(&small(), &blocked).unwrap_err();
    assert!(
        error.to_string().contains("cannot create directory") && error.to_string().contains("file"),
        "{error}"
    );

    // a directory where a file should go: the replacement fails, and the temporary file is removed
    let occupied = directory.path().join("occupied");
    std::fs::create_dir_all(occupied.join("index.html/inside")).unwrap();
    let error = write_report(&small(), &occupied).unwrap_err();
    assert!(
        error.to_string().starts_with("cannot replace") && error.to_string().contains("index.html"),
        "{error}"
    );
    let leftovers = std::fs::read_dir(&occupied)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".partial"));
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn ids_that_collide_or_escape_are_refused_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("report");
    let mut report = small();
    report.sections[1].id = "free".to_owned();
    assert!(matches!(write_report(&report, &target), Err(ReportError::RepeatedId { what: "section", .. })));
    let mut report = small();
    report.sections[1].id = "../escape".to_owned();
    assert!(matches!(write_report(&report, &target), Err(ReportError::InvalidId { .. })));
    let summary = Comparison::new("summary", "", "", Axis::linear(""), Axis::linear("")).unwrap();
    let mut report = small();
    report.sections[0].comparisons.push(summary);
    assert!(matches!(
        write_report(&report, &target),
        Err(ReportError::RepeatedId { what: "comparison", .. })
    ));
    assert!(!target.exists());
    assert!(matches!(Run::new("", "", "", 0, f64::NAN), Err(ReportError::InvalidBudget(_))));
}

/// Whatever is there before, none of it is lost, and the refusal names it.
#[test]
fn files_of_someone_else_are_refused_and_kept() {
    let foreign = [
        ("index.html", "<!DOCTYPE html>\n<html lang=\"en\">\n<title>My thesis</title>"),
        ("index.html", ""),
        ("verdicts.json", "{\"schema\": \"mine\"}"),
        ("figures/summary.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"/>"),
        ("figures/free-overlap.csv", "x,y\n1,2\n"),
        ("figures/another.csv", "x,y\n1,2\n"),
    ];
    for (name, content) in foreign {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        let error = check_report_folder(directory.path(), &REPORT_FILES).unwrap_err().to_string();
        assert!(error.starts_with("cannot replace ") && error.contains(name), "{error}");
        // A figure of another name is left alone.
        if name != "figures/another.csv" {
            assert_eq!(write_report(&sample::report(), directory.path()).unwrap_err().to_string(), error);
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "{name}");
    }
    // Beside a report other figures may be, but a name of the report is the report's.
    let directory = tempfile::tempdir().unwrap();
    write_report(&small(), directory.path()).unwrap();
    std::fs::write(directory.path().join("figures/mine.svg"), "<svg/>").unwrap();
    check_report_folder(directory.path(), &REPORT_FILES).unwrap();
    write_report(&small(), directory.path()).unwrap();
    std::fs::write(directory.path().join("figures/summary.svg"), "<svg/>").unwrap();
    assert!(matches!(write_report(&small(), directory.path()), Err(ReportError::Foreign { .. })));
}

#[cfg(unix)]
#[test]
fn links_in_the_folder_are_not_followed() {
    use std::os::unix::fs::symlink;
    let elsewhere = tempfile::tempdir().unwrap();
    write_report(&small(), elsewhere.path()).unwrap();
    let page = std::fs::read(elsewhere.path().join("index.html")).unwrap();
    for name in ["index.html", "verdicts.json", "figures"] {
        let directory = tempfile::tempdir().unwrap();
        symlink(elsewhere.path().join(name), directory.path().join(name)).unwrap();
        let error = check_report_folder(directory.path(), &REPORT_FILES).unwrap_err();
        assert!(matches!(&error, ReportError::Foreign { path } if path.ends_with(name)), "{error}");
        assert!(matches!(write_report(&small(), directory.path()), Err(ReportError::Foreign { .. })));
    }
    assert_eq!(std::fs::read(elsewhere.path().join("index.html")).unwrap(), page);
    // The folder itself may be a link: the user names it.
    let link = elsewhere.path().join("link");
    symlink(elsewhere.path(), &link).unwrap();
    check_report_folder(&link, &REPORT_FILES).unwrap();
}

#[test]
fn the_committed_gallery_is_of_a_report() {
    let gallery = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery");
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("figures")).unwrap();
    let mut figures = 0;
    for entry in std::fs::read_dir(gallery.join("figures")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.path().join("figures").join(path.file_name().unwrap())).unwrap();
        figures += 1;
    }
    assert!(figures > 40);
    // Without the page every figure must tell by itself.
    check_report_folder(copy.path(), &GALLERY_FILES).unwrap();
    for name in GALLERY_FILES {
        std::fs::copy(gallery.join(name), copy.path().join(name)).unwrap();
    }
    check_report_folder(copy.path(), &GALLERY_FILES).unwrap();
}
