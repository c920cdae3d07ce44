//! A small sweep, and the program as a process at work on it.

#![allow(dead_code, reason = "each test program uses a part")]
#![allow(clippy::print_stderr, reason = "tells that a test was not made")]

pub(crate) mod forging;

use glassbox_simulations::dataset::{mnist, write_prepared};
use glassbox_sweep::{Entry, Manifest};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Twenty-four tasks of every kind on data of one's own.
pub(crate) const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sweep/tiny.toml");

pub(crate) const TASKS: usize = 24;

/// `glassbox sweep …`.
pub(crate) fn sweep(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbox"));
    command.arg("sweep").args(arguments);
    command
}

/// Runs to the end.
pub(crate) fn done(arguments: &[&str]) -> Output {
    sweep(arguments).output().unwrap()
}

/// Runs to the end with this status; what it says on both channels.
pub(crate) fn with_status(status: i32, arguments: &[&str]) -> (String, String) {
    let output = done(arguments);
    let (out, err) = (said(&output.stdout), said(&output.stderr));
    assert_eq!(output.status.code(), Some(status), "sweep {arguments:?}\n{out}\n{err}");
    (out, err)
}

/// The one line with which bad input is refused.
pub(crate) fn refusal(arguments: &[&str]) -> String {
    let (out, err) = with_status(2, arguments);
    assert_eq!(out, "", "sweep {arguments:?}");
    assert_eq!(err.trim_end().lines().count(), 1, "sweep {arguments:?}\n{err}");
    err
}

pub(crate) fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder with `data.safetensors`, `plan` (the tiny sweep, planned) and room for more.
pub(crate) fn planned() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data.safetensors");
    write_prepared(&mnist().unwrap().subset(100, 1).unwrap(), &data).unwrap();
    let plan = folder.path().join("plan");
    with_status(0, &["plan", TINY, "--out", text(&plan), "--data", text(&data)]);
    folder
}

/// The files by which folders are known to be the program's.
pub(crate) const MARKERS: [&str; 2] = ["glassbox-sweep.json", "glassbox-store.json"];

/// Every file below `folder` with its content, but for markers; none where there is no folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = all_files(folder);
    files.retain(|name, _| !MARKERS.iter().any(|marker| name.ends_with(marker)));
    files
}

/// Every file below `folder` with its content; none where there is no folder.
pub(crate) fn all_files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(one) = folders.pop() {
        let Ok(entries) = fs::read_dir(one) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for (name, bytes) in all_files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// The records of the sweep in `folder`, run without a disturbance on one thread. There are no other files but the plan.
pub(crate) fn undisturbed(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let whole = folder.join("whole");
    copy(&folder.join("plan"), &whole);
    with_status(0, &["run", text(&whole), "--threads", "1"]);
    let records = files(&whole.join("records"));
    assert_eq!(records.len(), TASKS);
    assert!(records.keys().all(|name| name.extension().is_some_and(|extension| extension == "safetensors")));
    records
}

/// What two sweeps differ in, in words.
pub(crate) fn difference(
    found: &BTreeMap<PathBuf, Vec<u8>>,
    expected: &BTreeMap<PathBuf, Vec<u8>>,
) -> Vec<String> {
    let mut differences = Vec::new();
    for name in found.keys().filter(|name| !expected.contains_key(*name)) {
        differences.push(format!("{} is left", name.display()));
    }
    for (name, bytes) in expected {
        match found.get(name) {
            None => differences.push(format!("{} is missing", name.display())),
            Some(other) if other != bytes => differences.push(format!("{} has other bytes", name.display())),
            Some(_) => {}
        }
    }
    differences
}

/// Nothing is missing, nothing is left, every byte is that of the undisturbed sweep.
pub(crate) fn assert_same(folder: &Path, expected: &BTreeMap<PathBuf, Vec<u8>>) {
    let differences = difference(&files(&folder.join("records")), expected);
    assert!(differences.is_empty(), "{differences:#?}");
}

/// A process at work, with its output in files.
pub(crate) struct Process {
    pub(crate) child: Child,
    output: PathBuf,
}

impl Process {
    pub(crate) fn start(mut command: Command, output: &Path) -> Self {
        let stream = |name: &str| fs::File::create(output.with_extension(name)).unwrap();
        let child = command.stdin(Stdio::null()).stdout(stream("out")).stderr(stream("err")).spawn().unwrap();
        Self { child, output: output.to_owned() }
    }

    pub(crate) fn out(&self) -> String {
        said(&fs::read(self.output.with_extension("out")).unwrap())
    }

    pub(crate) fn err(&self) -> String {
        said(&fs::read(self.output.with_extension("err")).unwrap())
    }

    /// Its exit status; `None` if a signal ended it. It has a minute.
    pub(crate) fn end(&mut self) -> Option<i32> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            if started.elapsed() > Duration::from_secs(60) {
                self.child.kill().unwrap();
                panic!("does not end\n{}\n{}", self.out(), self.err());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that fails leaves nobody at work, and nobody suspended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `unshare` with namespaces of these `kinds`, in which `probe` can be done; for root and for everybody else. `None` where the system
/// does not let one have them.
pub(crate) fn namespace(kinds: &[&str], probe: &[&str]) -> Option<Command> {
    for rights in [&[][..], &["--user", "--map-root-user"]] {
        let make = || {
            let mut command = Command::new("unshare");
            command.args(rights).args(kinds);
            command
        };
        if make().args(probe).output().is_ok_and(|output| output.status.success()) {
            return Some(make());
        }
    }
    assert!(std::env::var_os("CI").is_none(), "no namespaces: these tests would show nothing");
    eprintln!("not tested: this system gives no namespaces");
    None
}

/// The tasks of the plan in `folder`.
pub(crate) fn entries(folder: &Path) -> Vec<Entry> {
    let manifest = Manifest::read(folder).unwrap();
    manifest.entries(0..manifest.len()).unwrap().map(Result::unwrap).collect()
}

/// Where the record of a task is, in the sweep in `folder`.
pub(crate) fn record_path(folder: &Path, identifier: &str) -> PathBuf {
    Manifest::read(folder).unwrap().store().unwrap().record_path(identifier)
}

/// The identifiers after `word` at the begin of lines.
pub(crate) fn named(word: &str, output: &str) -> Vec<String> {
    let lines = output.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    lines.map(|line| line.split([' ', ':']).next().unwrap().to_owned()).collect()
}

/// Waits until `condition` holds, for a minute at most.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Where a sweep stands.
pub(crate) fn status(folder: &Path) -> serde_json::Value {
    let (out, _) = with_status(0, &["status", text(folder), "--json"]);
    serde_json::from_str(&out).unwrap()
}
