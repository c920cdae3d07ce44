//! Trials of a reader, one after the other, each from a seed of its own.

use crate::case::{Case, corpus};
use crate::memory::{Growth, measured};
use crate::reader::{Damage, Input, Reader, Reading};
use crate::{Mutator, watch};
use glassbox_trajectories::printable;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Characters of the longest message. One with a path of 100 characters and a reason has about 300.
const LONGEST_LINE: usize = 1000;

/// A trial may let the memory grow by this much: what the examination of a small trajectory and the work space of decoders take ...
const MOST_GROWTH: usize = 256 << 20;

/// ... and by so many bytes for each byte of its input.
const GROWTH_PER_BYTE: usize = 64;

/// What trials have shown.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// The reader.
    pub reader: String,
    /// Trials made.
    pub trials: u64,
    /// Of them: input that was read.
    pub accepted: u64,
    /// Input that was refused with a message.
    pub refused: u64,
    /// Panics, whether they were caught or not.
    pub panics: u64,
    /// Trials beyond the bound on memory.
    pub beyond_memory: u64,
    /// The worst of both measures of memory in all trials.
    pub growth: Growth,
    /// Time of all trials and of the slowest one.
    pub time: Duration,
    /// The slowest trial: seed and time.
    pub slowest: (u64, Duration),
    /// What is wrong, each with how to repeat it.
    pub faults: Vec<String>,
}

impl Summary {
    /// The heading of the table of [summaries](Summary).
    pub const HEADING: &'static str = "| reader | trials | accepted | refused | panics | beyond memory | other faults | most memory, MB | largest request, MB | seconds | slowest, ms |\n\
         |---|---|---|---|---|---|---|---|---|---|---|";
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = |bytes: usize| bytes as f64 / 1e6;
        let other = (self.faults.len() as u64).saturating_sub(self.panics + self.beyond_memory);
        write!(
            formatter,
            "| {} | {} | {} | {} | {} | {} | {other} | {:.1} | {:.1} | {:.1} | {} |",
            self.reader,
            self.trials,
            self.accepted,
            self.refused,
            self.panics,
            self.beyond_memory,
            megabytes(self.growth.most),
            megabytes(self.growth.largest_request),
            self.time.as_secs_f64(),
            self.slowest.1.as_millis(),
        )
    }
}

/// Makes `trials` trials of a reader, with the seeds from `first` on.
///
/// A trial that does not end, or that asks for so much memory that the process cannot go on, ends the process; standard error
/// then has its name, and [`trial_folder`] its input.
///
/// # Panics
/// Where a sound case of the corpus is refused.
#[must_use]
pub fn run(reader: &Reader, first: u64, trials: u64) -> Summary {
    let _alone = alone();
    let cases = corpus(reader.corpus);
    let folder = trial_folder(reader.name);
    let sound: BTreeSet<u64> = cases
        .iter()
        .filter(|_| reader.input == Input::Files)
        .map(|case| {
            case.write(&folder);
            let read = (reader.read)(&folder, 0);
            read.unwrap_or_else(|message| panic!("{} of the corpus is refused: {message}", case.origin))
                .numbers
        })
        .collect();
    let start = Instant::now();
    let mut summary = Summary { reader: reader.name.to_owned(), trials, ..Summary::default() };
    for seed in first..first + trials {
        trial(reader, seed, &cases, &sound, &mut summary);
    }
    summary.time = start.elapsed();
    summary
}

/// Waits until no other trial runs: memory and panics are those of the whole process.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the input of a trial again: what the reader gets for this seed.
#[must_use]
pub fn input(reader: &Reader, seed: u64, cases: &[Case]) -> (Case, Damage) {
    let mut mutator = Mutator::new(seed);
    let mut case = mutator.pick(cases).clone();
    let damage = (reader.damage)(&mut mutator, &mut case, cases);
    (case, damage)
}

/// Where the input of the trial that runs lies: `fuzz/READER` in the folder of this build.
///
/// # Panics
/// Where the path of the test program is not known.
#[must_use]
pub fn trial_folder(reader: &str) -> PathBuf {
    build_folder().join("fuzz").join(reader)
}

/// Where the build of this test program puts programs.
pub(crate) fn build_folder() -> PathBuf {
    let program = std::env::current_exe().expect("the path of the test program");
    program.ancestors().nth(2).expect("the test program lies in a folder of a build").to_owned()
}

fn trial(reader: &Reader, seed: u64, cases: &[Case], sound: &BTreeSet<u64>, summary: &mut Summary) {
    let (case, damage) = input(reader, seed, cases);
    let folder = trial_folder(reader.name);
    case.write(&folder);
    let name = format!("trial {seed} of {} (input: {})", reader.name, folder.display());
    let Attempt { reading, panics, growth, took, mut faults } =
        attempt(reader, &name, &folder, seed, case.size());
    summary.panics += panics;
    summary.beyond_memory += u64::from(growth.largest_request > bound(case.size()));
    match &reading {
        Some(Ok(accepted)) => {
            summary.accepted += 1;
            if damage == Damage::Contradiction && !sound.contains(&accepted.numbers) {
                let text = "read with other numbers, although the damage contradicts what else the file says";
                faults.push(text.to_owned());
            }
        }
        Some(Err(_)) => summary.refused += 1,
        None => {}
    }
    summary.growth.most = summary.growth.most.max(growth.most);
    summary.growth.largest_request = summary.growth.largest_request.max(growth.largest_request);
    if took > summary.slowest.1 {
        summary.slowest = (seed, took);
    }
    if !faults.is_empty() {
        let kept = folder.with_file_name("failures").join(format!("{}-{seed}", reader.name));
        case.write(&kept);
        let place = format!("{name}, from {}, kept in {}", case.origin, kept.display());
        summary.faults.extend(faults.iter().map(|fault| format!("{place}: {fault}")));
    }
}

/// What came of one reading of a folder.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// `None` where it panicked.
    pub(crate) reading: Option<Reading>,
    pub(crate) panics: u64,
    pub(crate) growth: Growth,
    pub(crate) took: Duration,
    /// What is wrong whatever the input is.
    pub(crate) faults: Vec<String>,
}

/// Bytes that the memory may grow by for input of so many bytes.
const fn bound(size: usize) -> usize {
    MOST_GROWTH + GROWTH_PER_BYTE * size
}

/// Reads a folder, whose files have `size` bytes, under watch.
pub(crate) fn attempt(reader: &Reader, name: &str, folder: &Path, choice: u64, size: usize) -> Attempt {
    let limit = bound(size);
    let start = Instant::now();
    let ((reading, panics), growth) =
        measured(limit, || watch::watched(name, || (reader.read)(folder, choice)));
    let took = start.elapsed();
    let mut faults: Vec<String> = panics.iter().map(|panic| format!("panicked at {panic}")).collect();
    if growth.largest_request > limit {
        faults.push(format!("asked for {} bytes at once; {limit} are allowed", growth.largest_request));
    }
    match &reading {
        Some(Ok(accepted)) => {
            faults.extend(accepted.sayings.iter().filter_map(|saying| unfit(saying, 1)));
            let unknown =
                accepted.sayings.iter().filter(|saying| saying.contains("NaN") && !saying.contains("is NaN"));
            faults.extend(unknown.map(|saying| format!("a result is NaN: {saying}")));
        }
        Some(Err(message)) => {
            faults.extend(unfit(message, reader.lines));
            // What is wrong with an option, beside the file, does not name the file.
            let of_option = message.contains("principal components");
            if reader.input == Input::Files && !of_option && !message.contains(&folder.display().to_string())
            {
                faults.push(format!("refused with a message that does not name the file: {message}"));
            }
        }
        None => {}
    }
    Attempt { reading, panics: panics.len() as u64, growth, took, faults }
}

/// Why a text is not fit to be shown in a terminal, as the program prints it.
fn unfit(text: &str, lines: usize) -> Option<String> {
    let lengths = text.lines().map(|line| printable(line).chars().count());
    let problem = if text.trim().is_empty() {
        "is empty"
    } else if lengths.max() > Some(LONGEST_LINE) {
        "has too long a line"
    } else if text.lines().count() > lines {
        "has too many lines"
    } else {
        return None;
    };
    let start: String = text.chars().take(300).collect();
    Some(format!("a message {problem}: {start:?}"))
}
