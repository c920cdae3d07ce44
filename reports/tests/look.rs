//! Writes the sample report for people to look at:
//! `GLASSBOX_SAMPLE=/tmp/report-sample cargo test -p glassbox-reports --test look -- --ignored`

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a sample that cannot be written has failed")]

mod sample;

#[test]
#[ignore = "writes files to look at"]
fn write_the_sample_report() {
    let directory = std::env::var_os("GLASSBOX_SAMPLE").expect("GLASSBOX_SAMPLE names a directory");
    glassbox_reports::write_report(&sample::report(), std::path::PathBuf::from(directory)).unwrap();
}
