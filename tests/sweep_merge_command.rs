//! `glassbox sweep merge` as a process: what it writes, what it refuses, and its exit status.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn glassbox(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glassbox")).args(arguments).current_dir(folder).output().unwrap()
}

/// Standard error of a command that must end with 2.
fn refusal(arguments: &[&str], folder: &Path) -> String {
    let output = glassbox(arguments, folder);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    told
}

fn succeeds(arguments: &[&str], folder: &Path) -> String {
    let output = glassbox(arguments, folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn records(folder: &Path) -> Vec<PathBuf> {
    let shards = fs::read_dir(folder.join("sweep/records")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = shards
        .filter(|path| path.is_dir())
        .flat_map(|shard| fs::read_dir(shard).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "safetensors"))
        .collect();
    files.sort();
    files
}

fn tables(folder: &Path) -> [Vec<u8>; 2] {
    ["tasks", "frames"].map(|table| fs::read(folder.join(format!("{table}.parquet"))).unwrap())
}

#[test]
fn a_sweep_is_merged_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let experiment = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/experiment.toml");
    succeeds(&["sweep", "plan", experiment, "--out", "sweep"], folder);
    let told = refusal(&["sweep", "merge", "sweep", "--partial"], folder);
    assert!(told.contains("no task of sweep has a record yet"), "{told}");

    // In part, then whole, by different numbers of processes and threads.
    succeeds(&["sweep", "run", "sweep", "--tasks", "0..5", "--threads", "1"], folder);
    let told = refusal(&["sweep", "merge", "sweep"], folder);
    assert!(
        told.contains("33 of 38 tasks have no record; compute them with: glassbox sweep run sweep"),
        "{told}"
    );
    assert!(!folder.join("sweep/merged").exists());
    let told = succeeds(&["sweep", "merge", "sweep", "--partial", "--out", "part"], folder);
    assert!(told.starts_with("5 tasks ") && told.contains("33 of 38 tasks have no record yet"), "{told}");
    succeeds(&["sweep", "run", "sweep", "--threads", "3"], folder);
    let told = succeeds(&["sweep", "merge", "sweep"], folder);
    assert!(told.starts_with("38 tasks "), "{told}");
    let whole = tables(&folder.join("sweep/merged"));
    assert_ne!(whole, tables(&folder.join("part")));

    // A flipped bit, found by name; what is merged already stays.
    let record = records(folder)[0].clone();
    let mut bytes = fs::read(&record).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&record, &bytes).unwrap();
    let told = refusal(&["sweep", "merge", "sweep"], folder);
    let name = record.file_name().unwrap().to_str().unwrap();
    assert!(told.contains("damaged records: 1") && told.contains(name), "{told}");
    assert!(told.contains("glassbox sweep verify-store sweep --repair"), "{told}");
    assert_eq!(tables(&folder.join("sweep/merged")), whole);

    // Repaired as told, it has the same bytes.
    succeeds(&["sweep", "verify-store", "sweep", "--repair"], folder);
    assert!(!record.exists());
    succeeds(&["sweep", "run", "sweep"], folder);
    succeeds(&["sweep", "merge", "sweep", "--out", "again"], folder);
    assert_eq!(tables(&folder.join("again")), whole);
}

#[test]
fn a_folder_without_a_plan_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let told = refusal(&["sweep", "merge", "."], folder.path());
    assert!(told.contains("has no manifest.json"), "{told}");
}
