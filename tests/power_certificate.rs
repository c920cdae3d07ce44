//! `glassbox certify` as a process: two cheap mutants, what is kept of them, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// One in free diffusion and one in the algebra.
const MUTANTS: &str = "no-two,gradient-doubled";

fn certify(out: &Path, mutants: &str, seed: &str) -> Output {
    let fixed = ["certify", "--level", "quick", "--repetitions", "1", "--mutants", mutants, "--seed", seed];
    Command::new(env!("CARGO_BIN_EXE_glassbox"))
        .args(fixed)
        .arg("--out")
        .arg(out)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn certificate(out: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(out.join("certificate.json")).unwrap()).unwrap()
}

fn row<'a>(certificate: &'a Value, mutant: &str) -> &'a Value {
    let rows = certificate["rows"].as_array().unwrap();
    rows.iter().find(|row| row["mutant"] == mutant).unwrap()
}

/// Half the variance is 256 standard errors away, √(2/n) each for n = 524,288 displacements, and a doubled slope is no
/// central difference to rounding: neither is missed on any seed.
#[test]
fn two_mutants_are_caught_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    let first = certify(out, MUTANTS, "5");
    let text = String::from_utf8_lossy(&first.stdout).into_owned();
    assert_eq!(first.status.code(), Some(0), "{text}\n{}", String::from_utf8_lossy(&first.stderr));
    assert!(text.contains("2 of 2 mutants caught in every run"), "{text}");

    let measured = certificate(out);
    assert_eq!(measured["schema"], "glassbox-certificate/1");
    assert_eq!(measured["rows"].as_array().unwrap().len(), 2);
    for (mutant, kind) in [("no-two", "mean_squared_displacement"), ("gradient-doubled", "algebra")] {
        let row = row(&measured, mutant);
        assert_eq!((row["any"]["caught"].as_u64(), row["any"]["runs"].as_u64()), (Some(1), Some(1)));
        assert_eq!(row["by_kind"][kind]["caught"], 1, "{row}");
        // One of one: the rate is at least 2.5 %, and may be 1.
        assert!((row["any"]["low"].as_f64().unwrap() - 0.025).abs() < 1e-6, "{row}");
        assert_eq!(row["any"]["high"], 1.0);
    }
    let figure = std::fs::read_to_string(out.join("certificate.svg")).unwrap();
    assert!(figure.contains("no-two") && figure.contains("gradient-doubled") && figure.contains("1/1"));

    resumes_to_the_same_bytes(out);
    a_missed_mutant_is_status_one(out);
    trials_of_another_seed_are_refused(out);
}

/// The trials are kept: a broken-off last line is made again, the others are not, and the result is the same.
fn resumes_to_the_same_bytes(out: &Path) {
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let names = ["trials.jsonl", "certificate.json", "certificate.svg"];
    let before = names.map(read);
    // The last is the cheaper one, in the algebra.
    std::fs::write(out.join(names[0]), &before[0][..before[0].len() - 20]).unwrap();
    assert_eq!(certify(out, MUTANTS, "5").status.code(), Some(0));
    assert_eq!(before, names.map(read));
}

/// A trial in which nothing was inconsistent, put in place of the real one.
fn a_missed_mutant_is_status_one(out: &Path) {
    let path = out.join("trials.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let missed = |line: &str| {
        let mut trial: Value = serde_json::from_str(line).unwrap();
        if trial["mutant"] == "no-two" {
            trial["caught"] = Value::Array(Vec::new());
        }
        format!("{trial}\n")
    };
    std::fs::write(&path, text.lines().map(missed).collect::<String>()).unwrap();
    let output = certify(out, MUTANTS, "5");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 of 2 mutants caught in every run"));
    assert_eq!(row(&certificate(out), "no-two")["any"]["caught"], 0);
}

fn trials_of_another_seed_are_refused(out: &Path) {
    let before = std::fs::read(out.join("certificate.json")).unwrap();
    let output = certify(out, MUTANTS, "6");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("trials.jsonl") && error.contains("seed"), "{error}");
    assert_eq!(before, std::fs::read(out.join("certificate.json")).unwrap());
}

#[test]
fn an_unknown_mutant_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new");
    let output = certify(&out, "no-two,no-such", "5");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("'no-such'") && error.contains("variance-up-1"), "{error}");
    assert!(!out.exists());
}
