//! Settings that are checked: nothing in them can break out of a line of a script.

use super::settings::{Settings, SettingsError};
use super::time_limit;

/// A value that is not allowed.
pub(super) struct Problem {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) allowed: String,
}

/// How a sweep runs on a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Partition, or several with commas.
    pub(super) partition: Option<String>,
    pub(super) account: Option<String>,
    pub(super) quality_of_service: Option<String>,
    /// In a format of Slurm.
    pub(super) time: Option<String>,
    pub(super) memory: Option<String>,
    pub(super) cpus_per_task: u64,
    pub(super) simultaneous: Option<u64>,
    pub(super) grace_seconds: u64,
    pub(super) setup: Vec<String>,
    pub(super) extra: Vec<String>,
    /// Estimated core-seconds that an element is filled up to.
    pub chunk_seconds: f64,
    /// Largest number of elements in an array; the cluster is asked where it is `None`.
    pub max_array_size: Option<u64>,
}

/// Minutes that an element is filled up to: long beside the seconds that starting it takes, short beside usual limits.
const CHUNK_MINUTES: f64 = 30.0;

/// Seconds for writing checkpoints: networks of the paper write theirs in well under one, a busy file system takes longer.
const GRACE_SECONDS: u64 = 120;

/// The largest MaxArraySize that Slurm can be configured with.
const LARGEST_ARRAY: u64 = 4_000_001;

/// Slurm's largest `--signal` time.
const LONGEST_GRACE: u64 = 65_535;

/// Options of sbatch that the scripts depend on, and those that have a key of their own.
const RESERVED: [(&str, &str); 21] = [
    ("--partition", "the key partition"),
    ("--account", "the key account"),
    ("--time", "the key time"),
    ("--mem", "the key memory"),
    ("--cpus-per-task", "the key cpus_per_task"),
    ("--qos", "the key quality_of_service"),
    ("--array", "the key simultaneous"),
    ("--signal", "the key grace_seconds"),
    ("--requeue", "what the scripts set"),
    ("--no-requeue", "what the scripts set"),
    ("--open-mode", "what the scripts set"),
    ("--output", "what the scripts set"),
    ("--error", "what the scripts set"),
    ("--chdir", "what the scripts set"),
    ("--job-name", "what the scripts set"),
    ("--dependency", "what submit sets"),
    ("--parsable", "what submit sets"),
    ("--wrap", "no option of a script"),
    ("--wait", "no option of a script"),
    ("--test-only", "what --dry-run is for"),
    ("--ntasks", "what the scripts set"),
];

/// Options of sbatch that a profile may set besides: which resources a job has, where and when it runs, and whom Slurm tells. What
/// changes who runs it, its environment, its files, or on how many nodes it runs is not among them.
const ALLOWED: [&str; 44] = [
    "acctg-freq",
    "begin",
    "clusters",
    "comment",
    "constraint",
    "contiguous",
    "core-spec",
    "cores-per-socket",
    "cpu-freq",
    "cpus-per-gpu",
    "deadline",
    "delay-boot",
    "distribution",
    "exclude",
    "exclusive",
    "gpu-bind",
    "gpu-freq",
    "gpus",
    "gpus-per-node",
    "gpus-per-task",
    "gres",
    "gres-flags",
    "hint",
    "licenses",
    "mail-type",
    "mail-user",
    "mcs-label",
    "mem-bind",
    "mem-per-cpu",
    "mem-per-gpu",
    "mincpus",
    "network",
    "nice",
    "nodelist",
    "oversubscribe",
    "prefer",
    "priority",
    "reservation",
    "sockets-per-node",
    "switches",
    "threads-per-core",
    "time-min",
    "tmp",
    "wckey",
];

impl Options {
    /// Options of these settings, which are checked each for itself when they are read.
    ///
    /// # Errors
    /// [`SettingsError::Value`] for a value that is not allowed, or a time limit that leaves no time for work.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        settings.check_options()?;
        let grace_seconds = settings.grace_seconds.unwrap_or(GRACE_SECONDS);
        if let Some(time) = &settings.time
            && time_limit::seconds(time).is_some_and(|seconds| seconds <= grace_seconds)
        {
            return Err(SettingsError::Value {
                place: "time".to_owned(),
                value: time.clone(),
                allowed: format!("longer than grace_seconds, which is {grace_seconds}"),
            });
        }
        Ok(Self {
            partition: settings.partition,
            account: settings.account,
            quality_of_service: settings.quality_of_service,
            time: settings.time,
            memory: settings.memory,
            cpus_per_task: settings.cpus_per_task.unwrap_or(1),
            simultaneous: settings.simultaneous,
            grace_seconds,
            setup: settings.setup,
            extra: settings.extra,
            chunk_seconds: 60.0 * settings.chunk_minutes.unwrap_or(CHUNK_MINUTES),
            max_array_size: settings.max_array_size,
        })
    }
}

impl Settings {
    /// The first value that is not allowed.
    pub(super) fn problem(&self) -> Option<Problem> {
        let names = [
            ("partition", &self.partition),
            ("account", &self.account),
            ("quality_of_service", &self.quality_of_service),
        ];
        let numbers = [
            ("cpus_per_task", self.cpus_per_task, 4_096),
            ("simultaneous", self.simultaneous, LARGEST_ARRAY),
            ("grace_seconds", self.grace_seconds, LONGEST_GRACE),
            ("max_array_size", self.max_array_size, LARGEST_ARRAY),
        ];
        names
            .into_iter()
            .find_map(|(key, value)| value.as_ref().and_then(|value| name_problem(key, value)))
            .or_else(|| self.time.as_ref().and_then(|value| time_problem(value)))
            .or_else(|| self.memory.as_ref().and_then(|value| memory_problem(value)))
            .or_else(|| {
                let outside = |(key, value, most): (&str, Option<u64>, u64)| {
                    let value = value.filter(|value| !(1..=most).contains(value))?;
                    Some(problem(key, value.to_string(), format!("from 1 to {most}")))
                };
                numbers.into_iter().find_map(outside)
            })
            .or_else(|| {
                let minutes = self.chunk_minutes.filter(|minutes| !(1e-6..=1e6).contains(minutes))?;
                Some(problem("chunk_minutes", minutes.to_string(), "from 0.000001 to 1000000"))
            })
            .or_else(|| line_problems("setup", &self.setup, |_| None))
            .or_else(|| line_problems("extra", &self.extra, extra_problem))
    }
}

fn problem(key: impl Into<String>, value: impl Into<String>, allowed: impl Into<String>) -> Problem {
    Problem { key: key.into(), value: value.into(), allowed: allowed.into() }
}

fn name_problem(key: &str, value: &str) -> Option<Problem> {
    let letters = |letter: char| letter.is_ascii_alphanumeric() || "_-+.@,".contains(letter);
    let sound =
        !value.is_empty() && !value.starts_with('-') && value.len() <= 200 && value.chars().all(letters);
    (!sound).then(|| problem(key, quoted(value), "a name of letters, digits and _ - + . @ ,"))
}

fn time_problem(value: &str) -> Option<Problem> {
    let sound = time_limit::seconds(value).is_some_and(|seconds| seconds > 0);
    (!sound).then(|| {
        let formats = "MINUTES, MINUTES:SECONDS, HOURS:MINUTES:SECONDS, DAYS-HOURS, DAYS-HOURS:MINUTES or DAYS-HOURS:MINUTES:SECONDS";
        problem("time", quoted(value), format!("a time above 0 as {formats}"))
    })
}

fn memory_problem(value: &str) -> Option<Problem> {
    let digits = value.trim_end_matches(['K', 'M', 'G', 'T']);
    let sound = value.len() - digits.len() <= 1
        && (1..=9).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits.bytes().any(|byte| byte != b'0');
    (!sound).then(|| {
        problem("memory", quoted(value), "a number above 0 with K, M, G or T, or of megabytes without")
    })
}

fn line_problems(key: &str, lines: &[String], further: fn(&str) -> Option<String>) -> Option<Problem> {
    lines.iter().enumerate().find_map(|(index, line)| {
        let allowed = if line.is_empty() || line.chars().any(char::is_control) {
            Some("one line of text".to_owned())
        } else {
            further(line)
        };
        allowed.map(|allowed| problem(format!("{key}[{index}]"), format!("{line:?}"), allowed))
    })
}

/// What is allowed in the place of an option that may not be given so.
fn extra_problem(line: &str) -> Option<String> {
    let Some(words) = words(line) else {
        return Some("an option whose quotes are closed, without a backslash".to_owned());
    };
    let (name, value) =
        words[0].split_once('=').map_or((words[0], None), |(name, value)| (name, Some(value)));
    let letters = name.strip_prefix("--").unwrap_or_default();
    if letters.is_empty() || !letters.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-') {
        return Some("an option of sbatch in full, such as --constraint=skylake".to_owned());
    }
    // sbatch takes every beginning of an option that is not the beginning of another one.
    if let Some((reserved, instead)) = RESERVED.iter().find(|(reserved, _)| reserved.starts_with(name)) {
        return Some(format!("another option than {reserved}: that is {instead}"));
    }
    if !ALLOWED.contains(&letters) {
        let others = ALLOWED.join(", --");
        return Some(format!("an option that says which resources a job has or when it runs: --{others}"));
    }
    let alone = match words[1..] {
        [] => true,
        [second] => value.is_none() && !second.starts_with('-'),
        _ => false,
    };
    (!alone).then(|| "one option with its value; give each option by itself".to_owned())
}

/// The words of a line as sbatch takes them apart; `None` where a quote is not closed, or a backslash or # would change what follows.
fn words(line: &str) -> Option<Vec<&str>> {
    let (mut quote, mut from, mut words) = (None, 0, Vec::new());
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (_, '\\') | (None, '#') => return None,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, _) if letter.is_whitespace() => {
                words.push(&line[from..at]);
                from = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    words.push(&line[from..]);
    words.retain(|word| !word.is_empty());
    (quote.is_none() && !words.is_empty()).then_some(words)
}

/// As it is, or in quotes where it could be misread.
fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && value.chars().all(|letter| letter.is_ascii_graphic());
    if plain { value.to_owned() } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        Options::new(settings).map_or_else(|error| error.to_string(), |_| "accepted".to_owned())
    }

    #[test]
    fn nothing_breaks_out_of_a_line() {
        for text in ["a b", "a\n#SBATCH --uid=0", "$(id)", "", "-x", "a;b", "a'b"] {
            assert!(
                refusal(|settings| settings.partition = Some(text.to_owned())).starts_with("--partition is")
            );
            assert!(refusal(|settings| settings.time = Some(text.to_owned())).starts_with("--time is"));
            assert!(refusal(|settings| settings.memory = Some(text.to_owned())).starts_with("--memory is"));
        }
        for text in ["a\nb", "", "a\tb", "a\u{1b}[2J"] {
            assert!(refusal(|settings| settings.setup = vec![text.to_owned()]).starts_with("--setup[0] is"));
            assert!(refusal(|settings| settings.extra = vec![text.to_owned()]).starts_with("--extra[0] is"));
        }
    }

    #[test]
    fn extra_options_leave_alone_what_the_scripts_need() {
        for text in [
            "--array=0-9",
            "--arr=0-9",
            "--a=x",
            "--no-req",
            "--signal USR1",
            "-t 1",
            "constraint=x",
            "--mem=1G",
            // Who runs it, with which environment, on how many nodes, and what is no option of sbatch.
            "--uid=0",
            "--uid 0",
            "--gid=0",
            "--prolog=/tmp/x",
            "--task-prolog=/tmp/x",
            "--export=NONE",
            "--export-file=/tmp/x",
            "--get-user-env",
            "--propagate=ALL",
            "--input=/etc/passwd",
            "--nodes=2",
            "--ntasks-per-node=2",
            "--bb=x",
            "--bbf=/tmp/x",
            "--container=/tmp/x",
            "--no-such-option",
            "--const=x",
            // Two in one.
            "--constraint=a --uid=0",
            "--constraint=a --exclusive",
            "--exclusive --uid=0",
            "--comment a b",
            // What follows would be taken for a part of it, or for no part.
            "--comment=\"a",
            "--comment='a",
            "--comment=a\\",
            "--comment=\"a\\\" --uid=0\"",
            "--comment=a #b",
            "--comment=a#b",
            " ",
        ] {
            assert!(
                refusal(|settings| settings.extra = vec![text.to_owned()]).starts_with("--extra[0] is"),
                "{text}"
            );
        }
        for text in [
            "--constraint=\"a&b\"",
            "--mem-per-cpu=1G",
            "--exclusive",
            "--licenses=x:1",
            "--time-min=10",
            "--nice 5",
            "--comment='a \"b\" # c'",
        ] {
            assert_eq!(refusal(|settings| settings.extra = vec![text.to_owned()]), "accepted", "{text}");
        }
    }

    #[test]
    fn ranges() {
        assert_eq!(refusal(|_| {}), "accepted");
        assert_eq!(refusal(|settings| settings.time = Some("1-0".to_owned())), "accepted");
        assert_eq!(refusal(|settings| settings.memory = Some("1500M".to_owned())), "accepted");
        for text in ["0", "0G", "1GB", "1GG", "G", "1.5G"] {
            assert!(
                refusal(|settings| settings.memory = Some(text.to_owned())).starts_with("--memory is"),
                "{text}"
            );
        }
        assert!(
            refusal(|settings| settings.time = Some("2".to_owned()))
                .starts_with("time is 2; it must be longer")
        );
        assert!(
            refusal(|settings| settings.chunk_minutes = Some(f64::NAN)).starts_with("--chunk-minutes is NaN")
        );
        assert!(refusal(|settings| settings.chunk_minutes = Some(0.0)).starts_with("--chunk-minutes is 0;"));
        assert!(refusal(|settings| settings.simultaneous = Some(0)).starts_with("--simultaneous is 0;"));
    }
}
