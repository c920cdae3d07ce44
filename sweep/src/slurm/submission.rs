//! A submission: its folder with scripts, ranges and logs, and the jobs that Slurm made of them.

use super::options::Options;
use super::quoting::shell_quoted;
use super::scheduler::{Scheduler, SchedulerError, submit_arguments};
use super::script::{self, Places};
use crate::files::is_folder;
use glassbox_simulations::protocol::RecordError;
use glassbox_trajectories::{FileError, whole_file::write_whole};
use serde::Serialize;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use thiserror::Error;

/// A submission that cannot be written, or that Slurm does not take.
#[derive(Debug, Error)]
pub enum SubmissionError {
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
    /// Something else in the place of the folder of submissions.
    #[error(transparent)]
    Folder(#[from] RecordError),
    /// A path that no script can hold.
    #[error(
        "{path:?} cannot be written into a script: it has control characters or a backslash, or is not UTF-8"
    )]
    Path {
        /// The path.
        path: PathBuf,
    },
    /// Slurm was asked for nothing, or took back what it had.
    #[error("{error}; {rest}")]
    Withdrawn {
        /// Why: what Slurm says, or the file system.
        error: Box<dyn Error + Send + Sync>,
        /// What is submitted besides (nothing), and what was and is cancelled.
        rest: String,
    },
    /// Slurm took a part and does not give it back.
    #[error("{error}; and submitted jobs cannot be cancelled ({cancel}): cancel them with scancel {jobs}")]
    Stuck {
        /// Why they are not wanted: what Slurm says, or the file system.
        error: Box<dyn Error + Send + Sync>,
        /// The jobs.
        jobs: String,
        /// Why one of them stays.
        cancel: Box<SchedulerError>,
    },
}

impl From<FileError> for SubmissionError {
    fn from(FileError { action, path, source }: FileError) -> Self {
        Self::File { action, path, source }
    }
}

/// What a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The array of quenches.
    Starts,
    /// The array of what starts from them.
    Others,
    /// The merging of results.
    Merge,
}

impl Role {
    /// As in the names of files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starts => "starts",
            Self::Others => "others",
            Self::Merge => "merge",
        }
    }
}

/// A job of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// What it is for.
    pub role: Role,
    /// Its script.
    pub script: PathBuf,
    /// Tasks of each element, by their places in the manifest; none for merging.
    pub ranges: Vec<Range<usize>>,
    /// Slurm's number of it.
    pub job: Option<String>,
}

/// A folder `slurm/NUMBER` of a sweep.
#[derive(Clone, Debug, Serialize)]
pub struct Submission {
    version: &'static str,
    /// `prepared`, `submitted` or `withdrawn`.
    state: &'static str,
    /// Seconds since 1970.
    written: u64,
    folder: PathBuf,
    jobs: Vec<Job>,
}

impl Submission {
    /// Writes the scripts for the tasks of `starts` and `others` (elements by their ranges) of the sweep in `folder`, called `name`,
    /// into the first free folder `slurm/0001` and so on; with a job that merges where `merge` holds.
    ///
    /// # Errors
    /// [`SubmissionError::File`] and [`SubmissionError::Path`].
    pub fn write(
        folder: &Path,
        program: &Path,
        name: &str,
        options: &Options,
        (starts, others): (Vec<Range<usize>>, Vec<Range<usize>>),
        merge: bool,
    ) -> Result<Self, SubmissionError> {
        let sweep = folder.canonicalize().map_err(refused("find", folder))?;
        let (program, sweep_text) = (text_of(program)?, text_of(&sweep)?);
        let number = free_number(&sweep)?;
        let submission = format!("slurm/{number}");
        let own = sweep.join(&submission);
        let name: String = name
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric() || "._-".contains(*letter))
            .take(40)
            .collect();
        let places =
            Places { program, sweep: sweep_text, submission: &submission, name: &format!("glassbox-{name}") };
        let logs = own.join("logs");
        fs::create_dir(&logs).map_err(refused("make", &logs))?;
        let mut jobs = Vec::new();
        for (role, ranges) in [(Role::Starts, starts), (Role::Others, others)] {
            if ranges.is_empty() {
                continue;
            }
            let lines = ranges.iter().fold(String::new(), |mut lines, range| {
                let _ = writeln!(lines, "{}..{}", range.start, range.end);
                lines
            });
            write_whole(&own.join(format!("{}.ranges", role.name())), lines.as_bytes())?;
            let text = script::array(&places, options, role.name(), ranges.len());
            jobs.push(Job { role, script: own.join(format!("{}.sh", role.name())), ranges, job: None });
            write_whole(&own.join(format!("{}.sh", role.name())), text.as_bytes())?;
        }
        if merge {
            let script = own.join("merge.sh");
            write_whole(&script, script::merge(&places, options).as_bytes())?;
            jobs.push(Job { role: Role::Merge, script, ranges: Vec::new(), job: None });
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let submission = Self {
            version: env!("CARGO_PKG_VERSION"),
            state: "prepared",
            written: now.as_secs(),
            folder: own,
            jobs,
        };
        submission.record()?;
        Ok(submission)
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its jobs, in the order of their running.
    #[must_use]
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// The commands that [`submit`](Self::submit) stands for, for a shell: a job's number is `$JOB1` and so on.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        let mut after: Vec<String> = Vec::new();
        let mut commands = Vec::new();
        for job in &self.jobs {
            let arguments = submit_arguments(&job.script, &after);
            let words: Vec<String> = arguments
                .iter()
                .map(|word| if word.contains("$JOB") { word.clone() } else { shell_quoted(word) })
                .collect();
            commands.push(format!("JOB{}=$(sbatch {})", after.len() + 1, words.join(" ")));
            after.push(format!("$JOB{}", after.len() + 1));
        }
        commands
    }

    /// Hands every job to `scheduler`, each after those before it, and writes the numbers into `submission.json`. Where one is not
    /// taken, or its number cannot be written, all are cancelled.
    ///
    /// # Errors
    /// [`SubmissionError`].
    pub fn submit(&mut self, scheduler: &dyn Scheduler) -> Result<(), SubmissionError> {
        let mut jobs: Vec<String> = Vec::new();
        for index in 0..self.jobs.len() {
            let job = match scheduler.submit(&self.jobs[index].script, &jobs) {
                Ok(job) => job,
                Err(error) => {
                    let nothing = match error {
                        SchedulerError::NoNumber { .. } => "nothing else",
                        _ => "nothing",
                    };
                    return Err(self.withdraw(error.into(), nothing, &jobs, scheduler));
                }
            };
            self.jobs[index].job = Some(job.clone());
            jobs.push(job);
            if jobs.len() == self.jobs.len() {
                self.state = "submitted";
            }
            // At once: should this process end here, the folder knows what was submitted.
            if let Err(error) = self.record() {
                return Err(self.withdraw(error.into(), "nothing", &jobs, scheduler));
            }
        }
        Ok(())
    }

    fn withdraw(
        &mut self,
        error: Box<dyn Error + Send + Sync>,
        nothing: &str,
        jobs: &[String],
        scheduler: &dyn Scheduler,
    ) -> SubmissionError {
        let (mut stuck, mut why) = (Vec::new(), None);
        // The last one first: it waits for the others, and would start when they are gone.
        for job in jobs.iter().rev() {
            if let Err(cancel) = scheduler.cancel(job) {
                stuck.insert(0, job.as_str());
                why = Some(cancel);
            }
        }
        if let Some(cancel) = why {
            return SubmissionError::Stuck { error, jobs: stuck.join(" "), cancel: Box::new(cancel) };
        }
        self.state = "withdrawn";
        // The error before this one is what is reported.
        let _ = self.record();
        let cancelled = if jobs.is_empty() {
            String::new()
        } else {
            format!(" (cancelled: job {})", jobs.join(", job "))
        };
        SubmissionError::Withdrawn { error, rest: format!("{nothing} is submitted{cancelled}") }
    }

    fn record(&self) -> Result<(), SubmissionError> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        Ok(write_whole(&self.folder.join("submission.json"), text.as_bytes())?)
    }
}

/// Makes the first folder of `slurm/0001`, `slurm/0002` and so on that is not there: two submissions never share one.
fn free_number(sweep: &Path) -> Result<String, SubmissionError> {
    let all = sweep.join("slurm");
    is_folder(&all)?;
    fs::create_dir_all(&all).map_err(refused("make", &all))?;
    let mut number = 1_u32;
    loop {
        let name = format!("{number:04}");
        let folder = all.join(&name);
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(name),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(refused("make", &folder)(error)),
        }
    }
}

/// Slurm reads a backslash in the name of a log as a command of its own.
fn text_of(path: &Path) -> Result<&str, SubmissionError> {
    path.to_str()
        .filter(|text| !text.chars().any(|letter| letter.is_control() || letter == '\\'))
        .ok_or_else(|| SubmissionError::Path { path: path.to_owned() })
}

fn refused(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SubmissionError {
    let path = path.to_owned();
    move |source| SubmissionError::File { action, path, source }
}

#[cfg(test)]
mod tests;
