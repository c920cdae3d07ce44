//! What a user names as output, and what lies in its way: the program as a process, on files that must not be lost.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::trajectories::trajectory::{Arrays, write_npz};
use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that is the program's working directory, with a small trajectory in it.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        trajectory(&place.path("run.npz"), 0.5);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("panicked"), "{arguments:?}: {text}");
        output
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_glassbox"));
        command.args(arguments).current_dir(self.0.path());
        command
    }

    /// Refused with status 2, and nothing but a new empty folder is different afterwards. The message, in one line.
    fn refusal(&self, arguments: &[&str]) -> String {
        let before = files(self.0.path());
        let output = self.run(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert_eq!(files(self.0.path()), before, "{arguments:?}: {text}");
        assert_eq!(text.lines().count(), 1, "{arguments:?}: {text}");
        text
    }
}

fn trajectory(path: &Path, scale: f64) {
    let weights: Vec<f64> = (0..2 * 3 * 4).map(|index| scale * f64::from(index * index % 7)).collect();
    let arrays = Arrays { times: &[0, 1, 2], replicas: 2, weights: &weights, gradients: None, layers: None };
    write_npz(path, &arrays).unwrap();
}

/// Every file below a folder with its content; what is not a regular file with its kind.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            found.extend(files(&path));
        } else {
            let content =
                if kind.is_file() { fs::read(&path).unwrap() } else { format!("{kind:?}").into_bytes() };
            found.push((path, content));
        }
    }
    found.sort();
    found
}

/// Examined without a verdict: three frames of 2 replicas decide nothing.
const CHECK: [&str; 4] = ["check", "run.npz", "--law", "none"];

fn with<'a>(begin: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [begin, more].concat()
}

#[test]
fn an_output_is_never_an_input_or_another_output() {
    let place = Place::new();
    fs::hard_link(place.path("run.npz"), place.path("hard")).unwrap();
    symlink("run.npz", place.path("soft")).unwrap();
    fs::create_dir(place.path("inner")).unwrap();
    for output in ["run.npz", "./run.npz", "inner/../run.npz", "hard", "soft"] {
        let text = place.refusal(&with(&CHECK, &["--json", output]));
        assert!(
            text.contains(&format!("--json {output}")) && text.contains("run.npz, which is read"),
            "{text}"
        );
    }
    assert!(!place.path("report").exists(), "refused before any work");
    for output in ["report/index.html", "report/verdicts.json", "report/../report/verdicts.json"] {
        fs::create_dir_all(place.path("report")).unwrap();
        let text = place.refusal(&with(&CHECK, &["--json", output]));
        assert!(text.contains(output) && text.contains("written to the same file"), "{text}");
    }
    fs::create_dir(place.path("report/figures")).unwrap();
    let text = place.refusal(&with(&CHECK, &["--json", "report/figures/mine.json"]));
    assert!(text.contains("figures of the report"), "{text}");

    for name in ["images", "labels"] {
        fs::write(place.path(name), name).unwrap();
        let prepare = ["data", "prepare", "--images", "images", "--labels", "labels", "--out", name];
        let text = place.refusal(&prepare);
        assert!(text.contains(&format!("--out {name}: it is the same file as {name}")), "{text}");
    }
    let text = place.refusal(&["data", "prepare", "--cifar", "labels", "images", "--out", "images"]);
    assert!(text.contains("--out images"), "{text}");

    for (first, second) in [("a.csv", "a.csv"), ("a.csv", "./a.csv"), ("inner/b.csv", "inner/../inner/b.csv")]
    {
        let text = place.refusal(&["predict", "well", "--out", first, "--out", second]);
        assert!(
            text.contains(&format!("--out {second}: --out {first} is written to the same file")),
            "{text}"
        );
    }
    fs::write(place.path("a.csv"), "mine").unwrap();
    fs::hard_link(place.path("a.csv"), place.path("b.svg")).unwrap();
    let text = place.refusal(&["predict", "well", "--out", "a.csv", "--plot", "b.svg"]);
    assert!(text.contains("--plot b.svg: --out a.csv"), "{text}");
    // A file that is named is replaced: that is what naming it says.
    fs::remove_file(place.path("b.svg")).unwrap();
    assert!(place.run(&["predict", "well", "--out", "a.csv"]).status.success());
    assert!(fs::read_to_string(place.path("a.csv")).unwrap().starts_with('#'));
}

#[test]
fn snapshots_profiles_and_redirections_are_inputs_too() {
    let place = Place::new();
    fs::create_dir(place.path("snapshots")).unwrap();
    for step in 0..2 {
        let path = place.path(&format!("snapshots/replica-0-step-{step}.safetensors"));
        let values: Vec<u8> = [0.5_f64, 1.5].iter().flat_map(|value| value.to_le_bytes()).collect();
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![2], &values).unwrap();
        safetensors::serialize_to_file([("w", view)], None, &path).unwrap();
    }
    let snapshot = "snapshots/replica-0-step-1.safetensors";
    let check = ["check", "snapshots", "--law", "none", "--json"];
    assert!(place.refusal(&with(&check, &[snapshot])).contains(snapshot));
    let status = place.run(&with(&check, &["snapshots/verdicts.json"])).status.code();
    assert!(matches!(status, Some(0 | 1 | 3)), "a file beside them is nobody's: {status:?}");

    let baselines = Path::new(env!("CARGO_MANIFEST_DIR")).join("baselines");
    fs::create_dir(place.path("baselines")).unwrap();
    let name = "baselines/gradient-descent.json";
    fs::copy(baselines.join("gradient-descent.json"), place.path(name)).unwrap();
    let text = place.refusal(&["regress", "gradient-descent", "--json", name]);
    assert!(text.contains(&format!("{name}, which is read")), "{text}");
    fs::write(place.path(name), "{\"name\": \"a chemist's\"}").unwrap();
    let text = place.refusal(&["regress", "gradient-descent", "--accept"]);
    assert!(text.contains("not a file of an earlier report") && text.contains(name), "{text}");

    let append = fs::File::options().append(true).open(place.path("run.npz")).unwrap();
    let before = fs::read(place.path("run.npz")).unwrap();
    let output = place.command(&CHECK).stdout(append).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("standard output: it is the same file as run.npz")
    );
    assert_eq!(fs::read(place.path("run.npz")).unwrap(), before);
    let text = fs::File::create(place.path("text")).unwrap();
    let output = place.command(&with(&CHECK, &["--json", "text"])).stdout(text).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn what_is_not_a_regular_file_is_written_into() {
    let place = Place::new();
    let verdicts =
        |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).unwrap()["schema"].clone();
    let status = place.run(&with(&CHECK, &["--json", "v.json"])).status.code();
    assert!(matches!(status, Some(0 | 1 | 3)), "{status:?}");
    assert_eq!(verdicts(&fs::read(place.path("v.json")).unwrap()), "glassbox-verdicts/1");

    symlink("/dev/null", place.path("null")).unwrap();
    for device in ["/dev/null", "null"] {
        assert_eq!(place.run(&with(&CHECK, &["--json", device])).status.code(), status);
    }
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    assert!(fs::symlink_metadata(place.path("null")).unwrap().is_symlink());

    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = place.path("pipe");
        move || fs::read(pipe).unwrap()
    });
    assert_eq!(place.run(&with(&CHECK, &["--json", "pipe"])).status.code(), status);
    assert_eq!(verdicts(&reader.join().unwrap()), "glassbox-verdicts/1");
    assert!(fs::metadata(place.path("pipe")).unwrap().file_type().is_fifo());

    // Standard output as a pipe, and as a file in which the table follows the document.
    let piped = place.run(&with(&CHECK, &["--json", "/dev/stdout"])).stdout;
    let file = fs::File::create(place.path("both")).unwrap();
    let output = place.command(&with(&CHECK, &["--json", "/dev/stdout"])).stdout(file).output().unwrap();
    assert_eq!(output.status.code(), status, "{output:?}");
    assert_eq!(fs::read(place.path("both")).unwrap(), piped);
    let piped = String::from_utf8(piped).unwrap();
    assert!(piped.starts_with("{\n  \"schema\"") && piped.contains("report: report/index.html"), "{piped}");

    if Path::new("/dev/full").exists() {
        let text = place.refusal(&with(&CHECK, &["--json", "/dev/full"]));
        assert!(text.contains("cannot write /dev/full"), "{text}");
    }
}

#[test]
fn links_folders_and_missing_folders_are_refused_before_the_work() {
    let place = Place::new();
    fs::write(place.path("mine"), "mine").unwrap();
    fs::create_dir(place.path("folder")).unwrap();
    symlink("mine", place.path("link.csv")).unwrap();
    symlink("nothing", place.path("dangling.csv")).unwrap();
    for (output, says) in [
        ("link.csv", "it is a link to mine; name that file itself"),
        ("dangling.csv", "it is a link to nothing; name that file itself"),
        ("folder", "it is a folder; it must be a file"),
        ("no/such/folder/a.csv", "No such file or directory"),
        ("mine/a.csv", "Not a directory"),
    ] {
        let text = place.refusal(&with(&CHECK, &["--json", output]));
        assert!(text.contains(says) && text.contains("--json") && text.contains(output), "{text}");
        assert!(!text.contains(".partial"), "the temporary name is nobody's business: {text}");
        let text = place.refusal(&["data", "prepare", "--images", "a", "--labels", "b", "--out", output]);
        assert!(text.contains(says), "{text}");
        if output.ends_with(".csv") {
            assert!(place.refusal(&["predict", "well", "--out", output]).contains(says));
        }
    }
}

#[test]
fn the_longest_names_are_written() {
    let place = Place::new();
    let name = format!("{}.csv", "x".repeat(251));
    assert!(place.run(&["predict", "well", "--out", &name]).status.success());
    let json = "é".repeat(127);
    assert!(place.run(&with(&CHECK, &["--json", &json])).status.code() != Some(2));
    assert!(place.path(&name).exists() && place.path(&json).exists());
    let text = place.refusal(&["predict", "well", "--out", &format!("x{name}")]);
    assert!(text.contains("File name too long") && text.contains(&format!("x{name}")), "{text}");
}

/// Names that a process of any number could take for its temporary files, as links to a file that must stay.
#[test]
fn planted_links_are_not_followed() {
    let place = Place::new();
    fs::write(place.path("precious"), "precious").unwrap();
    fs::create_dir(place.path("shared")).unwrap();
    let newest: u32 = std::process::id();
    for number in newest..newest + 500 {
        for name in [
            format!(".glassbox.{number}.partial"),
            format!(".index.html.{number}-0.partial"),
            format!(".probe.0.{number}.partial"),
            format!(".a.csv.0.{number}.partial"),
        ] {
            symlink("../precious", place.path("shared").join(name)).unwrap();
        }
    }
    let status = place.run(&with(&CHECK, &["--out", "shared"])).status.code();
    assert!(matches!(status, Some(0 | 1 | 3)), "{status:?}");
    assert!(place.run(&["predict", "well", "--out", "shared/a.csv"]).status.success());
    assert_eq!(fs::read_to_string(place.path("precious")).unwrap(), "precious");
    assert!(fs::symlink_metadata(place.path("shared/a.csv")).unwrap().is_file());
    assert!(fs::symlink_metadata(place.path("shared/index.html")).unwrap().is_file());
}

/// Every command that writes a folder, with a file of someone else in it.
#[test]
fn a_folder_with_files_of_someone_else_is_refused() {
    let foreign = "<html>mine</html>";
    let commands: [(&[&str], &[&str]); 5] = [
        (&CHECK, &["index.html", "verdicts.json", "figures/summary.svg", "figures/fig1.csv"]),
        (&["verify"], &["index.html", "verdicts.json", "figures/summary.svg"]),
        (&["false-alarms"], &["index.html", "verdicts.json", "figures/summary.svg"]),
        (&["reproduce"], &["index.html", "scorecard.html", "scorecard.json", "figures/2b.svg"]),
        (&["certify"], &["certificate.json", "certificate.svg", "trials.jsonl"]),
    ];
    for (command, names) in commands {
        for name in names {
            let place = Place::new();
            let path = place.path("out").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, foreign).unwrap();
            let text = place.refusal(&with(command, &["--out", "out"]));
            assert!(text.contains(name) && text.contains("folder"), "{command:?}: {text}");
            fs::remove_file(&path).unwrap();
            symlink("/etc/passwd", &path).unwrap();
            place.refusal(&with(command, &["--out", "out"]));
        }
    }
    // The default folder is no exception; an earlier report is replaced.
    let place = Place::new();
    fs::create_dir(place.path("report")).unwrap();
    fs::write(place.path("report/index.html"), foreign).unwrap();
    assert!(place.refusal(&CHECK).contains("report/index.html"));
    fs::remove_file(place.path("report/index.html")).unwrap();
    let first = place.run(&CHECK);
    fs::write(place.path("report/notes.txt"), foreign).unwrap();
    assert_eq!(place.run(&CHECK).stdout, first.stdout);
    assert_eq!(fs::read_to_string(place.path("report/notes.txt")).unwrap(), foreign);
}

#[test]
fn what_does_not_print_is_written_out() {
    let place = Place::new();
    let name = "run\u{1b}[31m\u{202e}\n\r\u{7}\u{9b}2J.npz";
    trajectory(&place.path(name), 0.5);
    fs::write(place.path("bad\u{1b}.toml"), "\"a\u{202e}\u{9b}b\" = 1\n").unwrap();
    fs::create_dir(place.path("snaps")).unwrap();
    let values = 1.0_f64.to_le_bytes();
    for (step, tensor) in [(0, "a"), (1, "b\u{1b}[31m\u{202e}")] {
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F64, vec![1], &values).unwrap();
        let path = place.path(&format!("snaps/replica-0-step-{step}.safetensors"));
        safetensors::serialize_to_file([(tensor, view)], None, &path).unwrap();
    }
    let absent = format!("no-{name}");
    for arguments in [
        vec!["check", name, "--law", "none"],
        vec!["check", name, "--law", "none", "--out", "r\u{1b}[2J"],
        vec!["check", &absent, "--law", "none"],
        vec!["check", "snaps", "--law", "none"],
        vec!["check", name, "--law", "none", "--json", name],
        vec!["check", name, "--law", "\u{1b}[31m\u{9b}"],
        vec!["predict", "well", "--out", "\u{1b}]0;title\u{7}.csv"],
        vec!["predict", "well", "--out", "\u{202e}.txt"],
        vec!["predict", "\u{202e}"],
        vec!["reproduce", "--preset", "bad\u{1b}.toml"],
        vec!["sweep", "plan", "bad\u{1b}.toml", "--out", "plan\u{1b}"],
        vec!["sweep", "status", "\u{1b}\u{9b}"],
        vec!["regress", "--baselines", "\u{1b}[31m\nb"],
        vec!["certify", "--mutants", "\u{1b}\u{202e}"],
    ] {
        let output = place.run(&arguments);
        for bytes in [output.stdout, output.stderr] {
            let text = String::from_utf8(bytes).unwrap();
            let control = |character: char| character.is_control() && character != '\n';
            assert!(!text.contains(control) && !text.contains('\u{202e}'), "{arguments:?}: {text:?}");
        }
    }
    let page = fs::read_to_string(place.path("report/index.html")).unwrap();
    assert!(page.contains("run\\u{1b}[31m\\u{202e}") && !page.contains(['\u{1b}', '\u{202e}', '\u{9b}']));
}

#[test]
fn numbers_that_cannot_be_honoured_are_refused() {
    let place = Place::new();
    for (command, option, value, range) in [
        ("check", "--tolerance", "1e308", "at least 1e-12 and at most 1"),
        ("check", "--tolerance", "1e-300", "at least 1e-12 and at most 1"),
        ("check", "--false-alarm-budget", "5e-324", "at least 1e-300"),
        ("verify", "--false-alarm-budget", "1e-310", "at least 1e-300"),
        ("certify", "--false-alarm-budget", "1e-310", "at least 1e-300"),
        ("false-alarms", "--false-alarm-budget", "1e-310", "at least 1e-300"),
        ("regress", "--false-alarm-budget", "1e-310", "at least 1e-300"),
        ("verify", "--threads", "1000000", "from 1 to 1024"),
        ("regress", "--threads", "0", "from 1 to 1024"),
        ("reproduce", "--threads", "1025", "from 1 to 1024"),
    ] {
        let trajectory: &[&str] = if command == "check" { &["run.npz", "--law", "none"] } else { &[] };
        let output = place.run(&[&[command], trajectory, &[option, value]].concat());
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(range) && text.contains(option), "{text}");
    }
}
