//! The plan of a sweep: every task with its identifier and estimated cost, in files that many processes can read in part.

use super::samples::SamplesError;
use super::store::Store;
use crate::protocol::{GENERATION, QuenchTask, RecordError, Task};
use crate::whole_file::{Refused, write_whole};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A manifest that cannot be written or read.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// No plan.
    #[error("{0} has no manifest.json; make one with: glassbox sweep plan EXPERIMENT.toml --out {0}")]
    Absent(PathBuf),
    /// Another plan.
    #[error("{0} has a plan already; --replace makes a new one and keeps the results")]
    Present(PathBuf),
    /// Not what was written.
    #[error("{path}: {problem}; plan again with --replace, which keeps the results")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Made by a program whose tasks gave other numbers.
    #[error(
        "{path}: its tasks are of generation {found}, this program's of generation {needed}; plan again with --replace"
    )]
    Generation {
        /// The file.
        path: PathBuf,
        /// Its generation.
        found: u32,
        /// The program's.
        needed: u32,
    },
    /// Tasks that are not there.
    #[error("tasks {from}..{to}: the plan has {count} tasks; ranges go from 0 to {count}, and the end is not below the start", from = range.start, to = range.end)]
    Range {
        /// The range.
        range: Range<usize>,
        /// Tasks of the plan.
        count: usize,
    },
    /// A task without its start.
    #[error("{identifier} starts from {start}, which is not among the quenches of the plan")]
    NoStart {
        /// The task.
        identifier: String,
        /// Its start.
        start: String,
    },
    /// No tasks.
    #[error("the experiment has no tasks")]
    Empty,
    /// The data of a task.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The store.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<Refused> for ManifestError {
    fn from(Refused { action, path, source }: Refused) -> Self {
        Self::File { action, path, source }
    }
}

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Identifier of the task.
    pub identifier: String,
    /// Identifier of the quench that it starts from.
    pub start: Option<String>,
    /// Estimated core-seconds, without those of the start.
    pub seconds: f64,
    /// Half width of the overlap, for the merged table; a quench has none.
    pub half_width: Option<f64>,
    /// The task.
    pub task: Task,
}

impl Entry {
    /// A task that no plan knows: its cost is not estimated.
    #[must_use]
    pub fn of(task: Task) -> Self {
        Self {
            identifier: task.identifier(),
            start: task.start().map(|start| start.identifier()),
            seconds: 0.0,
            half_width: None,
            task,
        }
    }
}

/// What a plan is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name.
    pub name: String,
    /// In a sentence.
    pub about: String,
    /// The text of the file that says what is planned.
    pub experiment: String,
    /// Digest of data of one's own, which lie in `data.safetensors` of the folder.
    pub own_data: Option<String>,
}

/// A plan in a folder: `manifest.json` and `tasks/000000.jsonl` and so on, with a task a line and 10,000 lines a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    folder: PathBuf,
    head: Head,
}

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    version: String,
    generation: u32,
    plan: Plan,
    tasks: usize,
    starts: usize,
    steps: u64,
    seconds: f64,
    record_bytes: u64,
    /// SHA-256 of each file of tasks.
    digests: Vec<String>,
    /// SHA-256 of this file with these digits replaced by zeros.
    digest: String,
}

/// In place of a digest while it is computed.
const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Version of the layout of the folder.
const FORMAT: u32 = 1;

/// Tasks in a file: a process that runs a few tasks reads a few MB, and a million tasks make a hundred files.
const TASKS_A_FILE: usize = 10_000;

impl Manifest {
    /// Plans `quenches` and then `others` (each with the half width of its overlap), each task once. `seconds` estimates a task.
    /// Tasks are written as they come: a plan needs little memory, however long it is.
    ///
    /// # Errors
    /// [`ManifestError`]; the plan of the folder is then as it was, or, with `replace`, gone.
    pub fn write(
        folder: &Path,
        plan: Plan,
        quenches: impl Iterator<Item = QuenchTask>,
        others: impl Iterator<Item = (Task, Option<f64>)>,
        seconds: &mut dyn FnMut(&Task) -> Result<f64, SamplesError>,
        replace: bool,
    ) -> Result<Self, ManifestError> {
        let path = folder.join("manifest.json");
        let there = path.exists();
        if there && !replace {
            return Err(ManifestError::Present(folder.to_owned()));
        }
        let tasks = folder.join("tasks");
        fs::create_dir_all(&tasks).map_err(refused("make", &tasks))?;
        if there {
            // A plan half replaced must not pass for one.
            fs::remove_file(&path).map_err(refused("remove", &path))?;
        }
        let mut writer =
            Writer { folder: tasks, lines: Vec::new(), in_file: 0, last: None, head: Head::new(plan) };
        let mut seen = HashSet::new();
        for_each_named(quenches.map(|quench| (Task::Quench(quench), None)), |named| {
            if seen.insert(short(&named.identifier)) {
                writer.take(&named, None, seconds(&named.task)?)?;
            }
            Ok(())
        })?;
        writer.head.starts = writer.head.tasks;
        // Many tasks in a row have the same start.
        let mut last: Option<(QuenchTask, String)> = None;
        for_each_named(others, |named| {
            let known = last.take().filter(|(quench, _)| quench == named.task.quench());
            let (quench, start) = known.unwrap_or_else(|| {
                let quench = named.task.quench().clone();
                let identifier = Task::Quench(quench.clone()).identifier();
                (quench, identifier)
            });
            if !seen.contains(&short(&start)) {
                return Err(ManifestError::NoStart { identifier: named.identifier, start });
            }
            if seen.insert(short(&named.identifier)) {
                writer.take(&named, Some(&start), seconds(&named.task)?)?;
            }
            last = Some((quench, start));
            Ok(())
        })?;
        if writer.head.tasks == 0 {
            return Err(ManifestError::Empty);
        }
        let mut head = writer.end()?;
        let text = serde_json::to_string_pretty(&head).unwrap_or_default() + "\n";
        head.digest = hexadecimal(text.as_bytes());
        write_whole(&path, text.replace(NO_DIGEST, &head.digest).as_bytes())?;
        Ok(Self { folder: folder.to_owned(), head })
    }

    /// The plan in `folder`.
    ///
    /// # Errors
    /// [`ManifestError`] where there is none, or it is damaged or of another generation.
    pub fn read(folder: &Path) -> Result<Self, ManifestError> {
        let path = folder.join("manifest.json");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ManifestError::Absent(folder.to_owned()));
            }
            Err(error) => return Err(refused("read", &path)(error)),
        };
        let damaged = |problem: String| ManifestError::Damaged { path: path.clone(), problem };
        let value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        let format = value["format"].as_u64().unwrap_or_default();
        if format != u64::from(FORMAT) {
            return Err(damaged(format!("its format is {format}; this program reads format {FORMAT}")));
        }
        let head: Head = serde_json::from_value(value).map_err(|error| damaged(error.to_string()))?;
        if head.digest.len() != NO_DIGEST.len()
            || hexadecimal(text.replace(&head.digest, NO_DIGEST).as_bytes()) != head.digest
        {
            return Err(damaged("is altered: its digest is another one".to_owned()));
        }
        if head.generation != GENERATION {
            return Err(ManifestError::Generation { path, found: head.generation, needed: GENERATION });
        }
        if head.digests.len() != head.tasks.div_ceil(TASKS_A_FILE) || head.starts > head.tasks {
            return Err(damaged("its counts do not fit together".to_owned()));
        }
        Ok(Self { folder: folder.to_owned(), head })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it is about.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.head.plan
    }

    /// Number of tasks.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a plan without tasks is not made")]
    pub fn len(&self) -> usize {
        self.head.tasks
    }

    /// The first so many tasks are quenches; the others start from them.
    #[must_use]
    pub fn starts(&self) -> usize {
        self.head.starts
    }

    /// Steps of all tasks.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.head.steps
    }

    /// Estimated core-seconds of all tasks.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.head.seconds
    }

    /// Size of all records, in bytes.
    #[must_use]
    pub fn record_bytes(&self) -> u64 {
        self.head.record_bytes
    }

    /// Where the results of its tasks are kept.
    ///
    /// # Errors
    /// [`RecordError::File`] where the folder cannot be made.
    pub fn store(&self) -> Result<Store, RecordError> {
        Store::open(&self.folder.join("records"))
    }

    /// The tasks of `range`, read file by file.
    ///
    /// # Errors
    /// [`ManifestError::Range`]; while iterating, files that cannot be read or are not what was planned.
    pub fn entries(
        &self,
        range: Range<usize>,
    ) -> Result<impl Iterator<Item = Result<Entry, ManifestError>> + '_, ManifestError> {
        if range.end > self.len() || range.start > range.end {
            return Err(ManifestError::Range { range, count: self.len() });
        }
        let files = range.start / TASKS_A_FILE..range.end.div_ceil(TASKS_A_FILE);
        Ok(files.flat_map(move |file| {
            let first = file * TASKS_A_FILE;
            let from = range.start.saturating_sub(first);
            let count = range.end.min(first + TASKS_A_FILE) - first - from;
            match self.file_of_tasks(file) {
                Ok(entries) => entries.into_iter().skip(from).take(count).map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        }))
    }

    fn file_of_tasks(&self, index: usize) -> Result<Vec<Entry>, ManifestError> {
        let path = file_name(&self.folder.join("tasks"), index);
        let bytes = fs::read(&path).map_err(refused("read", &path))?;
        if hexadecimal(&bytes) != self.head.digests[index] {
            let problem = "is not what was planned: its digest is not the manifest's".to_owned();
            return Err(ManifestError::Damaged { path, problem });
        }
        serde_json::Deserializer::from_slice(&bytes)
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(|error| ManifestError::Damaged { path, problem: error.to_string() })
    }
}

impl Head {
    fn new(plan: Plan) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            generation: GENERATION,
            plan,
            tasks: 0,
            starts: 0,
            steps: 0,
            seconds: 0.0,
            record_bytes: 0,
            digests: Vec::new(),
            digest: NO_DIGEST.to_owned(),
        }
    }
}

/// A task with what it takes longest to find out.
struct Named {
    task: Task,
    half_width: Option<f64>,
    identifier: String,
    text: String,
}

/// Names tasks on all cores, a file's worth at a time, and hands them over in their order.
fn for_each_named(
    mut tasks: impl Iterator<Item = (Task, Option<f64>)>,
    mut take: impl FnMut(Named) -> Result<(), ManifestError>,
) -> Result<(), ManifestError> {
    loop {
        let some: Vec<(Task, Option<f64>)> = tasks.by_ref().take(TASKS_A_FILE).collect();
        if some.is_empty() {
            return Ok(());
        }
        let name = |(task, half_width): (Task, Option<f64>)| {
            let text = task.text();
            Named { identifier: task.identifier_of(&text), task, half_width, text }
        };
        let named: Vec<Named> = some.into_par_iter().map(name).collect();
        named.into_iter().try_for_each(&mut take)?;
    }
}

/// Writes tasks file by file.
struct Writer {
    folder: PathBuf,
    lines: Vec<u8>,
    in_file: usize,
    /// A task and the number of its frames.
    last: Option<(Task, u64)>,
    head: Head,
}

impl Writer {
    fn take(&mut self, named: &Named, start: Option<&str>, seconds: f64) -> Result<(), ManifestError> {
        let Named { task, half_width, identifier, text } = named;
        // An estimate: milliseconds are enough.
        let seconds = (seconds * 1e3).ceil() / 1e3;
        self.head.tasks += 1;
        self.head.steps += task.steps();
        self.head.seconds += seconds;
        // Counting frames takes longer than all else about a task, and tasks in a row mostly have the times of the one before.
        let (_, frames) = match self.last.take() {
            Some(last) if task.has_the_times_of(&last.0) => self.last.insert(last),
            _ => self.last.insert((task.clone(), task.frames())),
        };
        self.head.record_bytes += *frames * task.frame_bytes();
        let json = |value: serde_json::Value| value.to_string();
        let (start, seconds, half_width) =
            (json(start.into()), json(seconds.into()), json((*half_width).into()));
        self.lines.extend_from_slice(
            format!(
                "{{\"identifier\":\"{identifier}\",\"start\":{start},\"seconds\":{seconds},\"half_width\":{half_width},\"task\":{text}}}\n"
            )
            .as_bytes(),
        );
        self.in_file += 1;
        if self.in_file == TASKS_A_FILE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ManifestError> {
        write_whole(&file_name(&self.folder, self.head.digests.len()), &self.lines)?;
        self.head.digests.push(hexadecimal(&self.lines));
        self.lines.clear();
        self.in_file = 0;
        Ok(())
    }

    fn end(mut self) -> Result<Head, ManifestError> {
        if self.in_file > 0 {
            self.flush()?;
        }
        // Files of an earlier, longer plan.
        for index in self.head.digests.len().. {
            let path = file_name(&self.folder, index);
            if !path.exists() {
                break;
            }
            fs::remove_file(&path).map_err(refused("remove", &path))?;
        }
        Ok(self.head)
    }
}

fn file_name(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("{index:06}.jsonl"))
}

fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The digits of an identifier as a number: a million of them fit in little memory.
fn short(identifier: &str) -> (bool, u64) {
    let (kind, digits) = identifier.split_once('-').unwrap_or(("", identifier));
    (kind == "quench", u64::from_str_radix(digits, 16).unwrap_or_default())
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ManifestError {
    let path = path.to_owned();
    move |source| ManifestError::File { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::test_tasks::{quench, trajectory};

    fn plan() -> Plan {
        Plan { name: "one".to_owned(), ..Plan::default() }
    }

    fn written(folder: &Path, tasks: &[Task], replace: bool) -> Result<Manifest, ManifestError> {
        let quenches = tasks.iter().map(|task| task.quench().clone());
        let others = tasks.iter().filter(|task| !matches!(task, Task::Quench(_)));
        let others = others.map(|task| (task.clone(), Some(0.5)));
        Manifest::write(folder, plan(), quenches, others, &mut |task| Ok(task.steps() as f64), replace)
    }

    #[test]
    fn a_plan_comes_back_starts_first_and_each_once() {
        let folder = tempfile::tempdir().unwrap();
        let tasks = [trajectory(2, 0.1), trajectory(1, 0.1), trajectory(2, 0.1), Task::Quench(quench(1))];
        let manifest = written(folder.path(), &tasks, false).unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), manifest);
        let entries: Vec<Entry> = manifest.entries(0..4).unwrap().collect::<Result<_, _>>().unwrap();
        let expected =
            [Task::Quench(quench(2)), Task::Quench(quench(1)), trajectory(2, 0.1), trajectory(1, 0.1)];
        for (entry, task) in entries.iter().zip(&expected) {
            let again = Entry::of(task.clone());
            assert_eq!(
                (&entry.identifier, &entry.start, &entry.task),
                (&again.identifier, &again.start, task)
            );
            assert_eq!(entry.seconds, task.steps() as f64);
        }
        let half_widths: Vec<Option<f64>> = entries.iter().map(|entry| entry.half_width).collect();
        assert_eq!(half_widths, [None, None, Some(0.5), Some(0.5)]);
        assert_eq!((manifest.len(), manifest.starts()), (4, 2));
        assert_eq!(manifest.entries(1..3).unwrap().count(), 2);
        assert!(manifest.entries(2..5).err().unwrap().to_string().contains("has 4 tasks"));
    }

    #[test]
    fn many_files_make_one_list() {
        let folder = tempfile::tempdir().unwrap();
        let tasks: Vec<Task> = (0..25_000).map(|index| trajectory(1, f64::from(index))).collect();
        let manifest = written(folder.path(), &tasks, false).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("tasks")).unwrap().count(), 3);
        let entries: Vec<Entry> = manifest.entries(9_998..22_003).unwrap().map(Result::unwrap).collect();
        // The first is the quench.
        let tasks_there: Vec<&Task> = entries.iter().map(|entry| &entry.task).collect();
        assert_eq!(tasks_there, tasks[9_997..22_002].iter().collect::<Vec<_>>());
        // A shorter plan leaves no file of the longer one.
        written(folder.path(), &tasks[..10], true).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("tasks")).unwrap().count(), 1);
    }

    #[test]
    fn what_is_not_the_plan_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = |result: Result<Manifest, ManifestError>| result.unwrap_err().to_string();
        assert!(message(Manifest::read(folder.path())).contains("has no manifest.json"));
        assert!(message(written(folder.path(), &[], false)).contains("no tasks"));
        let manifest = written(folder.path(), &[trajectory(1, 0.1)], false).unwrap();
        assert!(message(written(folder.path(), &[trajectory(1, 0.2)], false)).contains("--replace"));
        let tasks = folder.path().join("tasks/000000.jsonl");
        let mut text = fs::read(&tasks).unwrap();
        text[40] ^= 1;
        fs::write(&tasks, text).unwrap();
        let error = manifest.entries(0..2).unwrap().next().unwrap().unwrap_err();
        assert!(error.to_string().contains("is not what was planned"), "{error}");
        let path = folder.path().join("manifest.json");
        let text = fs::read_to_string(&path).unwrap();
        let altered = text.replace("\"starts\": 1", "\"starts\": 2");
        assert_ne!(altered, text);
        fs::write(&path, altered).unwrap();
        assert!(message(Manifest::read(folder.path())).contains("is altered"));
        let other =
            text.replace("\"generation\": 1", "\"generation\": 77").replace(&manifest.head.digest, NO_DIGEST);
        fs::write(&path, other.replace(NO_DIGEST, &hexadecimal(other.as_bytes()))).unwrap();
        assert!(message(Manifest::read(folder.path())).contains("generation 77"));
        fs::write(&path, &text[..text.len() / 2]).unwrap();
        assert!(message(Manifest::read(folder.path())).contains("plan again with --replace"));
    }
}
