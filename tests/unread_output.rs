//! The exit status when nobody reads what is printed: standard output and standard error open, closed, full, and pipes whose reader is
//! gone. Every subcommand, where it succeeds and where it does not.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::simulations::noise::{NoiseStream, Purpose};
use glassbox::trajectories::trajectory::{Arrays, write_npz};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Reader {
    Reads,
    Closed,
    Full,
    Gone,
}

const READERS: [Reader; 4] = [Reader::Reads, Reader::Closed, Reader::Full, Reader::Gone];

impl Reader {
    fn stream(self) -> Stdio {
        match self {
            // Closed by the shell, below.
            Reader::Reads | Reader::Closed => Stdio::null(),
            Reader::Full => File::options().write(true).open("/dev/full").unwrap().into(),
            Reader::Gone => std::io::pipe().unwrap().1.into(),
        }
    }
}

fn status(folder: &Path, arguments: &[&str], output: Reader, error: Reader) -> Option<i32> {
    let closed = |reader, redirection| if reader == Reader::Closed { redirection } else { "" };
    let script = format!("exec \"$@\" {} {}", closed(output, ">&-"), closed(error, "2>&-"));
    Command::new("sh")
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_glassbox")])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output.stream())
        .stderr(error.stream())
        .status()
        .unwrap()
        .code()
}

fn idx(magic: u32, dimensions: &[u32], body: &[u8]) -> Vec<u8> {
    let words = std::iter::once(&magic).chain(dimensions).flat_map(|word| word.to_be_bytes());
    words.chain(body.iter().copied()).collect()
}

/// A quench and a trajectory, each done at once.
const EXPERIMENT: &str = r#"
name = "few"
about = "two tasks"
seed = 1

[[networks]]
data = "mnist"
samples = 20
width = 2
regularisation = 0.01
gain = 2.4
initial_conditions = 1
learning_rate = 1e-2
batch_size = 10
minibatch_steps = 10
descent_steps = 5

[[networks.langevin]]
mobility = 1e-2
temperature = [1e-4]
noise_replicas = 1
waiting_times = [0]
end = 10
schedule = { logarithmic = { per_decade = 2 } }
window = 1e-3
"#;

fn prepared_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, times: &[u64], weights: &[f64]| {
        let arrays = Arrays { times, replicas: 2, weights, gradients: None, layers: None };
        write_npz(&path(name), &arrays).unwrap();
    };
    write("few.npz", &[0, 1, 2], &(0..24).map(|index| f64::from(index * index % 7)).collect::<Vec<_>>());
    let mut walk = vec![0.0; 400];
    NoiseStream::new(3, Purpose::Langevin, 0).gaussians(0, &mut walk);
    // Two replicas with the same noise.
    write("copied.npz", &[0, 1, 2, 3, 4, 5, 6, 7], &[walk.clone(), walk].concat());
    fs::write(path("images"), idx(0x803, &[4, 1, 3], &[0, 0, 9, 2, 4, 9, 4, 2, 9, 6, 6, 9])).unwrap();
    fs::write(path("labels"), idx(0x801, &[4], &[0, 1, 2, 3])).unwrap();
    fs::write(path("few.toml"), EXPERIMENT).unwrap();
    fs::create_dir(path("baselines")).unwrap();
    let baseline = "baselines/gradient-descent.json";
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(baseline), path(baseline)).unwrap();
    folder
}

/// Arguments, and whether the result is what is printed, which cannot get lost in silence.
const COMMANDS: [(&[&str], bool); 34] = [
    (&["check", "few.npz", "--law", "none"], false),
    (&["check", "few.npz", "--law", "none", "--json", "v.json"], false),
    (&["check", "copied.npz", "--law", "none"], false),
    (&["check", "none.npz", "--law", "none"], false),
    (&["check", "few.npz"], false),
    (
        &["data", "prepare", "--images", "images", "--labels", "labels", "--out", "d", "--components", "1"],
        false,
    ),
    (&["data", "prepare", "--images", "images", "--labels", "images", "--out", "d"], false),
    (&["predict", "well"], true),
    (&["predict", "--list"], true),
    (&["predict", "well", "--out", "a.csv"], false),
    (&["predict", "well", "--mobility", "-1"], false),
    (&["regress", "gradient-descent", "--threads", "1"], false),
    (&["regress", "heun"], false),
    (&["reproduce", "--print-preset"], true),
    (&["reproduce", "--preset", "none.toml"], false),
    (&["sweep", "plan", "few.toml", "--out", "plan", "--replace"], false),
    (&["sweep", "plan", "none.toml", "--out", "other"], false),
    (&["sweep", "merge", "plan"], false),
    (&["sweep", "submit", "plan", "--engine", "slurm", "--dry-run", "--max-array-size", "100"], false),
    (&["sweep", "run", "plan"], false),
    (&["sweep", "status", "plan"], false),
    (&["sweep", "status", "plan", "--json"], true),
    (&["sweep", "merge", "plan"], false),
    (&["sweep", "retry", "plan"], false),
    (&["sweep", "verify-store", "plan"], false),
    (&["sweep", "submit", "plan", "--engine", "slurm", "--dry-run", "--max-array-size", "100"], false),
    (&["verify", "--false-alarm-budget", "2"], false),
    (&["certify", "--mutants", "none"], false),
    (&["false-alarms", "--runs", "1"], false),
    (&["--help"], false),
    (&["sweep", "run", "--help"], false),
    (&["--version"], false),
    (&[], false),
    (&["--nonsense"], false),
];

#[test]
fn the_exit_status_does_not_depend_on_who_reads() {
    let folder = prepared_folder();
    let mut seen = std::collections::BTreeSet::new();
    for (arguments, is_result) in COMMANDS {
        let expected = status(folder.path(), arguments, Reader::Reads, Reader::Reads);
        assert!(matches!(expected, Some(0..=3)), "{arguments:?}: {expected:?}");
        seen.insert(expected);
        for output in READERS {
            for error in READERS {
                // Either by itself, and both alike.
                let both = output != Reader::Reads && error != Reader::Reads;
                if output == error && !both || output != error && both {
                    continue;
                }
                let expected = if is_result && output == Reader::Full { Some(2) } else { expected };
                let found = status(folder.path(), arguments, output, error);
                assert_eq!(found, expected, "{arguments:?}: output {output:?}, error {error:?}");
            }
        }
    }
    assert_eq!(seen.len(), 4, "each exit status is among them: {seen:?}");
}

/// The commands that simulate, to their end.
#[test]
#[ignore = "minutes: a whole suite for each reader"]
fn long_commands_do_not_depend_on_who_reads() {
    let folder = prepared_folder();
    for arguments in [
        &["verify", "--json", "v.json"][..],
        &["false-alarms", "--runs", "1000"],
        &["certify", "--level", "quick", "--repetitions", "1", "--mutants", "correct"],
    ] {
        let expected = status(folder.path(), arguments, Reader::Reads, Reader::Reads);
        for reader in [Reader::Closed, Reader::Full, Reader::Gone] {
            assert_eq!(
                status(folder.path(), arguments, reader, reader),
                expected,
                "{arguments:?}: {reader:?}"
            );
        }
    }
}
