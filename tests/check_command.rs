//! `glassbox check` as a process, on real files that are right or have one fault.
//!
//! A right file fails with probability 1e-6 (the budget) on another seed; the faults are missed with less.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::simulations::noise::{NoiseStream, Purpose};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const REPLICAS: u32 = 16;
const WEIGHTS: usize = 100;
const STEPS: u64 = 250;
/// mu k dt = 0.2 and 2 mu T dt / P_D = 0.002.
const STATED: [&str; 8] =
    ["--mobility", "0.1", "--temperature", "0.5", "--dataset-size", "50", "--step", "1"];

/// A .npy file: little-endian numbers of a type, in C order.
fn npy(kind: &str, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let shape: String = shape.iter().map(|length| format!("{length},")).collect();
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}

/// A zip archive without compression, which an .npz file is.
fn npz(path: &Path, members: &[(&str, Vec<u8>)]) {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in members {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let (offset, length) = (u32::try_from(file.len()).unwrap(), u32::try_from(bytes.len()).unwrap());
        let mut common = Vec::new();
        for part in [20_u16, 0, 0, 0, 33] {
            common.extend(part.to_le_bytes());
        }
        for part in [sum.sum(), length, length] {
            common.extend(part.to_le_bytes());
        }
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.as_bytes());
        file.extend(bytes);
        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, length) = (u32::try_from(file.len()).unwrap(), u32::try_from(directory.len()).unwrap());
    let count = u16::try_from(members.len()).unwrap();
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend(length.to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0, 0]);
    std::fs::write(path, file).unwrap();
}

fn gaussians(replica: u32, step: u64) -> Vec<f64> {
    let mut values = vec![0.0; WEIGHTS];
    NoiseStream::new(21, Purpose::Langevin, replica).gaussians(step, &mut values);
    values
}

/// What a program may get wrong.
struct Program {
    rate: f64,
    noise_variance: f64,
    start: f64,
    noise: fn(u32, u64) -> Vec<f64>,
    single: bool,
}

const RIGHT: Program =
    Program { rate: 0.2, noise_variance: 0.002, start: 0.3, noise: gaussians, single: false };

impl Program {
    fn weights(&self) -> Vec<f64> {
        #[allow(clippy::cast_possible_truncation, reason = "the fault of single precision")]
        let rounded = |weight: f64| if self.single { f64::from(weight as f32) } else { weight };
        let mut values = Vec::new();
        for replica in 0..REPLICAS {
            let mut weights = vec![rounded(self.start); WEIGHTS];
            for step in 0..=STEPS {
                values.extend_from_slice(&weights);
                for (weight, noise) in weights.iter_mut().zip((self.noise)(replica, step)) {
                    *weight = rounded((1.0 - self.rate) * *weight + self.noise_variance.sqrt() * noise);
                }
            }
        }
        values
    }

    fn save(&self, folder: &Path) -> PathBuf {
        save(folder, &self.weights(), self.single)
    }
}

fn save(folder: &Path, weights: &[f64], single: bool) -> PathBuf {
    let path = folder.join("run.npz");
    let times: Vec<u8> = (0..=STEPS).flat_map(|step| i64::try_from(step).unwrap().to_le_bytes()).collect();
    let shape = [REPLICAS as usize, times.len() / 8, WEIGHTS];
    #[allow(clippy::cast_possible_truncation, reason = "they are single precision already")]
    let bytes: Vec<u8> = if single {
        weights.iter().flat_map(|weight| (*weight as f32).to_le_bytes()).collect()
    } else {
        weights.iter().flat_map(|weight| weight.to_le_bytes()).collect()
    };
    let kind = if single { "<f4" } else { "<f8" };
    npz(&path, &[("times.npy", npy("<i8", &[shape[1]], &times)), ("weights.npy", npy(kind, &shape, &bytes))]);
    path
}

/// Runs `check`; gives the exit status and all that it says.
fn check(folder: &Path, trajectory: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let out = folder.join("report");
    let output: Output = Command::new(env!("CARGO_BIN_EXE_glassbox"))
        .arg("check")
        .arg(trajectory)
        .args(["--out", out.to_str().unwrap()])
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("panicked"), "{text}");
    (output.status.code(), text)
}

fn well(program: &Program, more: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = program.save(folder.path());
    let arguments = [&["--law", "well", "--stiffness", "2"], &STATED[..], more].concat();
    check(folder.path(), &path, &arguments)
}

/// Words of the output with its line breaks and columns taken out.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_right_run_passes_and_leaves_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = RIGHT.save(folder.path());
    let json = folder.path().join("verdicts.json");
    let arguments =
        [&["--law", "well", "--stiffness", "2", "--json", json.to_str().unwrap()], &STATED[..]].concat();
    let (status, text) = check(folder.path(), &path, &arguments);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("false-alarm budget of the run: 1e-6, shared by"), "{text}");
    assert!(text.contains("stated: mobility 0.1, temperature 0.5"), "{text}");
    assert!(!text.contains("diagnosis"), "{text}");
    let report = std::fs::read_to_string(folder.path().join("report/index.html")).unwrap();
    assert!(report.contains("Mean squared displacement since the first frame"));
    let verdicts: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(verdicts["outcome"], "consistent");
    assert!(folder.path().join("report/figures/examined-overlap.svg").exists());
}

#[test]
fn open_parameters_are_fitted_and_sgld_is_translated() {
    let folder = tempfile::tempdir().unwrap();
    let path = RIGHT.save(folder.path());
    // η = 0.004 on a summed loss of 50 samples in the half convention is mu = 0.1; k is that of the mean loss.
    let half = ["--law", "well", "--stiffness", "2", "--learning-rate", "0.004", "--n-data", "50"];
    let (status, text) = check(
        folder.path(),
        &path,
        &[&half[..], &["--convention", "half", "--inverse-temperature", "2"]].concat(),
    );
    assert_eq!(status, Some(0), "{text}");
    assert!(
        text.contains("stated: mobility 0.1, temperature 0.5, dataset_size 50, stiffness 2, step 1"),
        "{text}"
    );
    let (status, text) = check(folder.path(), &path, &[&half[..], &["--convention", "half"]].concat());
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("inferred: temperature = 0."), "{text}");
    // The same numbers read as the full convention: twice the drift and the noise.
    let (status, text) = check(
        folder.path(),
        &path,
        &[&half[..], &["--convention", "sum", "--inverse-temperature", "2"]].concat(),
    );
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("Welling and Teh"), "{text}");
    let (status, text) = check(folder.path(), &path, &["--law", "well"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("cannot be inferred together"), "{text}");
}

#[test]
fn wrong_noise_fails_and_is_named() {
    let (status, text) = well(&Program { noise_variance: 0.002 * 1.05, ..RIGHT }, &[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(flat(&text).contains("as if temperature"), "{text}");
    let (status, text) = well(&Program { noise_variance: 0.001, ..RIGHT }, &[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("diagnosis: the noise variance of a step") && text.contains("the factor 2 of"),
        "{text}"
    );
    let (status, text) = well(&Program { noise_variance: 0.1, ..RIGHT }, &[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("not divided by the data set size P_D"), "{text}");
}

#[test]
fn dependent_noise_fails_and_is_named() {
    let copied = |replica: u32, step: u64| gaussians(if replica == 9 { 2 } else { replica }, step);
    let (status, text) = well(&Program { noise: copied, ..RIGHT }, &[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(flat(&text).contains("frame 1 of replica 9 is a copy of frame 1 of replica 2"), "{text}");
    let shifted = |replica: u32, step: u64| {
        if replica == 5 { gaussians(4, step + 3) } else { gaussians(replica, step) }
    };
    let (status, text) = well(&Program { noise: shifted, ..RIGHT }, &[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(flat(&text).contains("replica 5 with that of replica 4, shifted by 3 saved moves"), "{text}");
    let shared = |replica: u32, step: u64| {
        let (own, common) = (gaussians(replica, step), gaussians(77, step));
        own.iter().zip(common).map(|(own, common)| 0.95_f64.sqrt() * own + 0.05_f64.sqrt() * common).collect()
    };
    let (status, text) = well(&Program { noise: shared, ..RIGHT }, &[]);
    assert_eq!(status, Some(1), "{text}");
    assert!(flat(&text).contains("replicas share part of their noise"), "{text}");
}

#[test]
fn frozen_weights_and_a_wrong_law_fail() {
    let folder = tempfile::tempdir().unwrap();
    let frozen = Program { rate: 0.0, noise_variance: 1e-16, start: 1.0, single: true, ..RIGHT };
    let path = frozen.save(folder.path());
    let cold = ["--law", "free", "--mobility", "0.1", "--temperature", "2.5e-14", "--dataset-size", "50"];
    let (status, text) = check(folder.path(), &path, &[&cold[..], &["--step", "1"]].concat());
    assert_eq!(status, Some(1), "{text}");
    assert!(flat(&text).contains("frozen by single precision"), "{text}");
    let path = RIGHT.save(folder.path());
    let (status, text) = check(folder.path(), &path, &["--law", "free"]);
    assert_eq!(status, Some(1), "{text}");
}

/// A run that has diverged is a finding about the program that made it, not a file that cannot be read.
#[test]
fn a_value_that_is_not_finite_is_inconsistent_and_named() {
    for (value, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
        for (law, single) in [("well", false), ("free", true), ("stationary-well", false), ("none", true)] {
            let folder = tempfile::tempdir().unwrap();
            let mut weights = RIGHT.weights();
            // Replica 2, frame 100, weight 45.
            weights[((2 * (usize::try_from(STEPS).unwrap() + 1)) + 100) * WEIGHTS + 45] = value;
            let path = save(folder.path(), &weights, single);
            let (status, text) = check(folder.path(), &path, &["--law", law]);
            assert_eq!(status, Some(1), "{law}: {text}");
            let says = format!("{name} at replica 2, step 100, weight 45");
            assert!(flat(&text).contains(&says), "{law}: no \"{says}\" in {text}");
            let verdicts = std::fs::read(folder.path().join("report/verdicts.json")).unwrap();
            let verdicts: serde_json::Value = serde_json::from_slice(&verdicts).unwrap();
            assert_eq!(verdicts["outcome"], "inconsistent");
        }
    }
}

#[test]
fn runs_that_stand_still_or_have_diverged_fail_with_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let frames = RIGHT.weights().len();
    for (values, says) in [
        (vec![0.0; frames], "no weight moves between step 0 and step"),
        (
            RIGHT.weights().iter().map(|one| one * 1e300).collect(),
            "squares overflow a double: the run diverged",
        ),
    ] {
        let path = save(folder.path(), &values, false);
        for law in ["free", "well", "stationary-well", "none"] {
            for stated in [&STATED[..], &[]] {
                let (status, text) = check(folder.path(), &path, &[&["--law", law], stated].concat());
                assert_eq!(status, Some(1), "{law}: {text}");
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(text.contains(says) && !text.contains("NaN"), "{law}: {text}");
            }
        }
    }
    let path = RIGHT.save(folder.path());
    for (option, value) in
        [("--dataset-size", "1e305"), ("--temperature", "1e-320"), ("--mobility", "1e-300")]
    {
        let mut stated = STATED;
        let place = stated.iter().position(|one| *one == option).unwrap() + 1;
        stated[place] = value;
        for law in ["free", "well", "stationary-well"] {
            let (status, text) = check(folder.path(), &path, &[&["--law", law], &stated[..]].concat());
            assert_eq!(status, Some(1), "{law} {option} {value}: {text}");
        }
    }
}

#[test]
fn bad_input_is_refused_with_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = RIGHT.save(folder.path());
    for (arguments, says) in [
        (vec!["--law", "well", "--temperature", "-1"], "--temperature is -1"),
        (vec!["--law", "free", "--stiffness", "1"], "has no stiffness"),
        (vec!["--law", "well", "--scheme", "leimkuhler-matthews"], "no Markov chain"),
        (vec!["--law", "well", "--layers", "60,60"], "layer 2 has weights 60 to 120"),
        (
            vec!["--law", "well", "--layers", "10,20"],
            "the layers have 30 weights and a frame of the trajectory has 100",
        ),
        (vec!["--law", "well", "--layers", "0,60"], "--layers: 0 is no number of weights"),
        (vec!["--law", "well", "--learning-rate", "1", "--mobility", "1"], "--mobility"),
        (vec!["--law", "well", "--learning-rate", "1", "--convention", "half"], "needs --n-data"),
        (vec!["--law", "well", "--convention", "half"], "--convention"),
        (vec!["--law", "well", "--false-alarm-budget", "2"], "false-alarm budget is 2"),
        (vec!["--law", "glass"], "stationary-well"),
        (vec![], "--law"),
    ] {
        let (status, text) = check(folder.path(), &path, &arguments);
        assert_eq!(status, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(says), "{arguments:?} says {text}");
    }
    let (status, text) = check(folder.path(), Path::new("/nonexistent/run.npz"), &["--law", "free"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("/nonexistent/run.npz"), "{text}");
}
