//! Writes the sample report for people to look at:
//! `GLASSBOX_SAMPLE=/tmp/report-sample cargo test -p glassbox-reports --test look -- --ignored`

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a sample that cannot be written has failed")]

mod plates;
mod sample;

#[test]
#[ignore = "writes files to look at"]
fn write_the_sample_report() {
    let directory = std::env::var_os("GLASSBOX_SAMPLE").expect("GLASSBOX_SAMPLE names a directory");
    glassbox_reports::write_report(&sample::report(), std::path::PathBuf::from(directory)).unwrap();
}

#[test]
#[ignore = "writes files to look at"]
fn write_the_sample_plates() {
    use glassbox_reports::figures::plate::{plate, plate_csv};
    let directory = std::env::var_os("GLASSBOX_SAMPLE").expect("GLASSBOX_SAMPLE names a directory");
    let directory = std::path::PathBuf::from(directory);
    for sample in [plates::overlaps(500, 0.004), plates::phases()] {
        for (extension, text) in [("svg", plate(&sample).unwrap()), ("csv", plate_csv(&sample))] {
            let path = directory.join(format!("{}.{extension}", sample.id));
            glassbox_reports::write_file(path, text.as_bytes()).unwrap();
        }
    }
}
