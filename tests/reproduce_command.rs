//! `glassbox reproduce` as a process: every figure of a tiny preset, interrupted and not, and what it says to mistakes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reproduce_command/tiny.toml");

fn reproduce(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbox"));
    command.arg("reproduce").args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    reproduce(arguments).output().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Every file below `folder` with its content, but for the marker of the store; the command line that pages show is the same in all runs.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(one) = folders.pop() {
        for entry in std::fs::read_dir(one).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("glassbox-store.json") {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn all_figures_are_drawn_and_a_second_run_computes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    let output = run(&["--preset", TINY, "--out", text(&out), "--threads", "2"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let before = files(&out);
    for name in ["index.html", "scorecard.html", "scorecard.json", "figures/3a-f.svg", "figures/3a-f.csv"] {
        assert!(before.contains_key(Path::new(name)), "{name} is not among {:?}", before.keys());
    }
    let scorecard: serde_json::Value = serde_json::from_slice(&before[Path::new("scorecard.json")]).unwrap();
    let claims = scorecard["claims"].as_array().unwrap();
    assert!(claims.len() > 40, "{}", claims.len());
    for claim in claims {
        let verdict = claim["verdict"].as_str().unwrap();
        assert!(["agrees", "explained_by_null", "differs", "not_resolved"].contains(&verdict), "{verdict}");
    }
    // Nothing left to simulate: the same bytes, with one thread.
    let again = run(&["--preset", TINY, "--out", text(&out), "--threads", "1"]);
    assert!(again.status.success());
    assert_eq!(files(&out), before);
}

/// Stopped by Ctrl-C again and again, wherever it was; the records are those of an undisturbed run.
#[cfg(unix)]
#[test]
fn a_stopped_run_goes_on_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, pieces) = (folder.path().join("whole"), folder.path().join("pieces"));
    let arguments = |out: &Path| ["--preset", TINY, "--figure", "2b", "--out", text(out)].map(str::to_owned);
    assert!(reproduce(&[]).args(arguments(&whole)).output().unwrap().status.success());
    let mut stops = 0;
    for attempt in 0..200_u64 {
        let mut child = reproduce(&[])
            .args(arguments(&pieces))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(60 + 7 * attempt));
        let signal = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(signal.is_ok());
        let status = child.wait().unwrap();
        if status.success() {
            break;
        }
        // Before the handler is there, Ctrl-C ends the process by itself.
        assert!(matches!(status.code(), Some(130) | None), "{status}");
        stops += 1;
    }
    assert!(stops > 0);
    assert_eq!(files(&pieces), files(&whole));
}

#[test]
fn mistakes_are_named_with_status_2() {
    let folder = tempfile::tempdir().unwrap();
    let message = |arguments: &[&str]| {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(message(&["--figure", "6"]).contains("there is no figure 6; figures are 1a-b, 1c, 2b, 3a-f"));
    let mine = folder.path().join("mine.toml");
    let tiny = std::fs::read_to_string(TINY).unwrap();
    std::fs::write(&mine, tiny.replacen("early_window", "early_widow", 1)).unwrap();
    let misspelt = message(&["--preset", text(&mine)]);
    assert!(
        misspelt.contains("unknown key phases.regularised.early_widow; did you mean early_window?"),
        "{misspelt}"
    );
    assert!(message(&["--preset", "nowhere.toml"]).contains("cannot read nowhere.toml"));
    assert!(message(&["--data", "nowhere.npz"]).contains("nowhere.npz"));
    // A damaged record is named, and how to have it made again.
    let out = folder.path().join("out");
    assert!(run(&["--preset", TINY, "--figure", "2b", "--out", text(&out)]).status.success());
    let runs = files(&out.join("runs")).into_keys();
    let record =
        runs.map(|path| out.join("runs").join(path)).find(|path| text(path).contains("trajectory")).unwrap();
    let bytes = std::fs::read(&record).unwrap();
    std::fs::write(&record, &bytes[..bytes.len() / 2]).unwrap();
    let damaged = message(&["--preset", TINY, "--figure", "2b", "--out", text(&out)]);
    assert!(damaged.contains("delete it to have it made again"), "{damaged}");
}

#[test]
fn a_panel_runs_its_phase_only() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assert!(run(&["--preset", TINY, "--figure", "3f", "--out", text(&out)]).status.success());
    // Three networks, each quenched and followed at five temperatures.
    assert_eq!(files(&out.join("runs")).len(), 3 * (1 + 5));
    let table = String::from_utf8(files(&out)[Path::new("figures/3a-f.csv")].clone()).unwrap();
    assert!(table.contains("Over-parameterised") && !table.contains("Regularised"), "{table}");
}

/// The embedded scores as a file of one's own: the same samples, kept apart from MNIST's results.
#[test]
fn data_of_ones_own_take_the_place_of_mnist() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/data/mnist-train-pca10.safetensors");
    let store = || files(&out.join("runs")).into_keys().collect::<Vec<_>>();
    assert!(run(&["--preset", TINY, "--figure", "2b", "--out", text(&out)]).status.success());
    let before = store();
    let figure = std::fs::read(out.join("figures/2b.csv")).unwrap();
    let own = run(&["--preset", TINY, "--figure", "2b", "--out", text(&out), "--data", data]);
    assert!(own.status.success(), "{own:?}");
    assert_eq!(store().len(), 2 * before.len());
    // Only the command line in the head of the file differs.
    let rows = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec())
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&std::fs::read(out.join("figures/2b.csv")).unwrap()), rows(&figure));
}

#[test]
fn the_cost_is_printed_before_anything_runs() {
    let output = run(&["--preset", TINY, "--dry-run"]);
    assert!(output.status.success());
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("core-hours") && table.lines().any(|line| line.starts_with("all ")), "{table}");
    let printed = run(&["--scale", "paper", "--print-preset"]);
    assert!(String::from_utf8(printed.stdout).unwrap().contains("name = \"paper\""));
}
