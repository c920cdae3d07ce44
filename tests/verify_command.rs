//! The program as a process: the main job, its results, and what it says to bad input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

fn glassbox(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_glassbox")).args(arguments).env("NO_COLOR", "1").output().unwrap()
}

fn standard_error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_string_lossy().into_owned();
                files.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// Two whole runs, with one thread and with two: both consistent (each false alarm has probability 1e-6) and, byte for
/// byte, the same report.
#[test]
fn verify_is_consistent_and_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let run = |threads: &str| {
        let out = folder.path().join(threads);
        let json = folder.path().join(format!("{threads}.json"));
        let output = glassbox(&[
            "verify",
            "--seed",
            "3",
            "--threads",
            threads,
            "--out",
            out.to_str().unwrap(),
            "--json",
            json.to_str().unwrap(),
        ]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{text}\n{}", standard_error(&output));
        assert!(text.contains("free diffusion, 1000 steps: overlap"), "{text}");
        let files = files(&out);
        assert!(!files.iter().any(|(name, _)| name.contains("partial")));
        let verdicts = files.iter().find(|(name, _)| name == "verdicts.json").unwrap().1.clone();
        assert_eq!(std::fs::read(json).unwrap(), verdicts);
        files
    };
    let (one, two) = (run("1"), run("2"));
    assert_eq!(one.len(), two.len());
    for (left, right) in one.iter().zip(&two) {
        assert!(left == right, "{} differs between 1 and 2 threads", left.0);
    }

    let json: serde_json::Value =
        serde_json::from_slice(&one.iter().find(|(name, _)| name == "verdicts.json").unwrap().1).unwrap();
    assert_eq!(json["schema"], "glassbox-verdicts/1");
    assert_eq!(json["outcome"], "consistent");
    let sections = json["sections"].as_array().unwrap();
    assert_eq!(sections.len(), 6);
    let shares: Vec<f64> = sections
        .iter()
        .flat_map(|section| section["verdicts"].as_array().unwrap())
        .filter(|verdict| !verdict["p_value"].is_null())
        .map(|verdict| verdict["false_alarm_probability"].as_f64().unwrap())
        .collect();
    // The share at which the power certificate judges is that of a whole run.
    assert_eq!(shares.len(), glassbox::suite::STATISTICAL_CHECKS);
    let shares: f64 = shares.iter().sum();
    // The shares of all statistical checks add up to the budget.
    assert!((shares / 1e-6 - 1.0).abs() < 1e-9, "{shares}");
}

#[test]
fn bad_options_are_refused_with_status_2() {
    for (arguments, says) in [
        (vec!["verify", "--level", "sloppy"], "quick"),
        (vec!["verify", "--seed=-1"], "--seed"),
        (vec!["verify", "--threads", "0"], "--threads"),
        (
            vec!["verify", "--false-alarm-budget", "0"],
            "false-alarm budget is 0; it must be at least 1e-300 and below 1",
        ),
        (vec!["verify", "--false-alarm-budget", "NaN"], "it must be at least 1e-300 and below 1"),
        (vec!["verify", "--out", "/dev/null/report"], "/dev/null/report"),
        (vec!["verify", "--json", "/"], "it must be a file"),
        (vec!["frobnicate"], "frobnicate"),
        (vec![], "Usage"),
    ] {
        let output = glassbox(&arguments);
        let message = standard_error(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(says), "{arguments:?} says {message}");
        assert!(!message.contains("panicked") && !message.contains("RUST_BACKTRACE"), "{message}");
    }
}
