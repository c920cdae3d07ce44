//! Files: whole or not at all, and never where they should not be.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod sample;

use glassbox_reports::{Axis, Comparison, ReportError, Run, write_report};
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
