//! Slurm's programs, and what of them a submission needs.

use super::options::Options;
use std::path::Path;
use std::process::Command;
use thiserror::Error;

/// A program of Slurm that cannot be called, refuses, or says what is not understood.
#[derive(Debug, Error)]
pub enum SchedulerError {
    /// Not there.
    #[error("cannot run {program}: {source}; is this a machine from which jobs are submitted?")]
    Start {
        /// The program.
        program: &'static str,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Slurm says no.
    #[error("{program}: {message}")]
    Refused {
        /// The program.
        program: &'static str,
        /// What it says.
        message: String,
    },
    /// sbatch took a script and does not say under which number.
    #[error(
        "sbatch answers {answer:?}, where a line with the number of a job was expected; a job may be queued, which squeue tells"
    )]
    NoNumber {
        /// What it says.
        answer: String,
    },
    /// Slurm says something else than it used to.
    #[error("{program} answers {answer:?}, where {expected} was expected")]
    Answer {
        /// The program.
        program: &'static str,
        /// What it says.
        answer: String,
        /// What is needed.
        expected: &'static str,
    },
}

/// What takes jobs.
pub trait Scheduler {
    /// Largest number of elements in an array.
    ///
    /// # Errors
    /// [`SchedulerError`].
    fn max_array_size(&self) -> Result<u64, SchedulerError>;

    /// Hands over a script, to be started when the jobs `after` have ended in whatever way; its identifier.
    ///
    /// # Errors
    /// [`SchedulerError`].
    fn submit(&self, script: &Path, after: &[String]) -> Result<String, SchedulerError>;

    /// Takes a job back.
    ///
    /// # Errors
    /// [`SchedulerError`].
    fn cancel(&self, job: &str) -> Result<(), SchedulerError>;
}

/// `sbatch`, `scontrol` and `scancel`.
#[derive(Clone, Debug)]
pub struct SlurmCommands {
    /// Variables of the environment that would override lines of the scripts.
    removed: Vec<&'static str>,
}

/// Variables that sbatch prefers to the lines of a script, on which the scripts depend.
const ALWAYS_REMOVED: [&str; 9] = [
    "SBATCH_ARRAY_INX",
    "SBATCH_CPUS_PER_TASK",
    "SBATCH_ERROR",
    "SBATCH_JOB_NAME",
    "SBATCH_NO_REQUEUE",
    "SBATCH_OPEN_MODE",
    "SBATCH_OUTPUT",
    "SBATCH_SIGNAL",
    "SBATCH_WAIT",
];

impl SlurmCommands {
    /// For scripts with these options: what they say counts, not variables such as `SBATCH_PARTITION`.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let mut removed = ALWAYS_REMOVED.to_vec();
        for (given, variable) in [
            (&options.partition, "SBATCH_PARTITION"),
            (&options.account, "SBATCH_ACCOUNT"),
            (&options.quality_of_service, "SBATCH_QOS"),
            (&options.time, "SBATCH_TIMELIMIT"),
            (&options.memory, "SBATCH_MEM_PER_NODE"),
        ] {
            if given.is_some() {
                removed.push(variable);
            }
        }
        Self { removed }
    }

    fn run(&self, program: &'static str, arguments: &[&str]) -> Result<String, SchedulerError> {
        let mut command = Command::new(program);
        self.removed.iter().for_each(|variable| _ = command.env_remove(variable));
        let output =
            command.args(arguments).output().map_err(|source| SchedulerError::Start { program, source })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        // Slurm's programs begin their messages with their name.
        let own_name = format!("{program}: ");
        let message = message.strip_prefix(own_name.as_str()).unwrap_or(&message);
        let message = if message.is_empty() { output.status.to_string() } else { message.to_owned() };
        Err(SchedulerError::Refused { program, message })
    }
}

impl Scheduler for SlurmCommands {
    fn max_array_size(&self) -> Result<u64, SchedulerError> {
        let program = "scontrol";
        let answer = self.run(program, &["show", "config"])?;
        array_size(&answer).ok_or_else(|| SchedulerError::Answer {
            program,
            answer: answer.lines().take(3).collect::<Vec<_>>().join("\n"),
            expected: "a line MaxArraySize = NUMBER above 0 (or give --max-array-size)",
        })
    }

    fn submit(&self, script: &Path, after: &[String]) -> Result<String, SchedulerError> {
        let arguments = submit_arguments(script, after);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = self.run("sbatch", &arguments)?;
        job_of(&answer).ok_or(SchedulerError::NoNumber { answer })
    }

    fn cancel(&self, job: &str) -> Result<(), SchedulerError> {
        self.run("scancel", &[job]).map(|_| ())
    }
}

/// Arguments of sbatch.
///
/// `afterany`, not `afterok`: what is done is to be used though a task failed, and the store knows which did.
pub(super) fn submit_arguments(script: &Path, after: &[String]) -> Vec<String> {
    let mut arguments = vec!["--parsable".to_owned()];
    if !after.is_empty() {
        arguments.push(format!("--dependency=afterany:{}", after.join(":")));
    }
    arguments.push(script.to_string_lossy().into_owned());
    arguments
}

fn array_size(answer: &str) -> Option<u64> {
    let (_, value) = answer
        .lines()
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == "MaxArraySize")?;
    value.trim().parse().ok().filter(|size| *size > 0)
}

/// `--parsable` prints the number, or number;cluster. A wrapper around sbatch may print lines of its own.
fn job_of(answer: &str) -> Option<String> {
    answer.lines().rev().find_map(|line| {
        let (job, cluster) = line.trim().split_once(';').unwrap_or((line.trim(), ""));
        let number = !job.is_empty() && job.bytes().all(|byte| byte.is_ascii_digit());
        let name = !cluster.contains(|letter: char| letter == ';' || letter.is_whitespace());
        (number && name).then(|| job.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slurm::Settings;

    #[test]
    fn what_slurm_answers() {
        let answer =
            "Configuration data as of 2026\nMaxArrayTasks = 7\nMaxArraySize            = 1001\nMax = 2\n";
        assert_eq!(array_size(answer), Some(1001));
        assert_eq!(array_size("MaxArraySize = 0"), None);
        assert_eq!(job_of("12\n").as_deref(), Some("12"));
        assert_eq!(job_of("12;north\n").as_deref(), Some("12"));
        assert_eq!(
            job_of("Welcome!\n7 jobs wait\n12;north\n\nYour budget: 3 h; see 4\n").as_deref(),
            Some("12")
        );
        for none in ["", "Submitted batch job 12", "12 jobs", "12;north;south", "12; see the manual"] {
            assert_eq!(job_of(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_asked_of_sbatch() {
        let after = ["1".to_owned(), "2".to_owned()];
        let arguments = submit_arguments(Path::new("/a b/c.sh"), &after);
        assert_eq!(arguments, ["--parsable", "--dependency=afterany:1:2", "/a b/c.sh"]);
        assert_eq!(submit_arguments(Path::new("/c.sh"), &[]), ["--parsable", "/c.sh"]);
    }

    #[test]
    fn a_program_that_refuses_or_is_not_there() {
        let options = Options::new(Settings::default()).unwrap();
        let commands = SlurmCommands::new(&options);
        let refused = commands.run("sh", &["-c", "echo 'sh: no such partition' >&2; exit 1"]).unwrap_err();
        assert_eq!(refused.to_string(), "sh: no such partition");
        let absent = commands.run("glassbox-is-no-program-of-slurm", &[]).unwrap_err().to_string();
        assert!(absent.contains("is this a machine from which jobs are submitted?"), "{absent}");
    }
}
