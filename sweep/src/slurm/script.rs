//! The scripts that Slurm runs.
//!
//! An element of an array is a shell with the program as its child. Slurm warns the shell alone (`--signal=B:TERM@SECONDS`) before
//! the time limit; the shell passes the signal on, the program writes checkpoints and exits with 130, and the shell asks for its
//! element to be queued again, where it goes on. It asks only while the job counts as running: when a user cancels a job, Slurm
//! sends the same signal, but the job counts as completing by then, and what was cancelled stays so.

use super::options::Options;
use super::quoting::{directive_quoted, shell_quoted};
use std::fmt::Write;

/// What every script of a submission is told.
pub(super) struct Places<'a> {
    /// The program.
    pub(super) program: &'a str,
    /// Folder of the sweep, from the root.
    pub(super) sweep: &'a str,
    /// Folder of the submission, from that of the sweep.
    pub(super) submission: &'a str,
    /// Beginning of the jobs' names.
    pub(super) name: &'a str,
}

/// The script of the array `role` with so many elements.
pub(super) fn array(places: &Places<'_>, options: &Options, role: &str, elements: usize) -> String {
    let Places { program, sweep, submission, .. } = places;
    let mut text = head(places, options, role, options.cpus_per_task);
    let last = elements.saturating_sub(1);
    let simultaneous = options.simultaneous.map_or_else(String::new, |count| format!("%{count}"));
    let ranges = shell_quoted(&format!("{sweep}/{submission}/{role}.ranges"));
    let (program, folder) = (shell_quoted(program), shell_quoted(sweep));
    let _ = write!(
        text,
        "\
#SBATCH --array=0-{last}{simultaneous}
#SBATCH --output={log}
#SBATCH --signal=B:TERM@{grace}
{extra}
echo \"$(date '+%F %T') element $SLURM_ARRAY_TASK_ID of job $SLURM_ARRAY_JOB_ID, start ${{SLURM_RESTART_COUNT:-0}}, on $(hostname)\"
{setup}
# Line by line: the tasks of each element.
range=$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" {ranges})
if [ -z \"$range\" ]; then
    echo \"no line $((SLURM_ARRAY_TASK_ID + 1)) in the file of ranges\" >&2
    exit 2
fi

# The time limit is near, or someone stops the job: the program is to write its checkpoints. Slurm sends the signal once more when
# it ends a job that is queued again; by then there is nothing left to pass on.
child= asked=no
pass_on() {{
    trap '' TERM
    asked=yes
    if [ -n \"$child\" ]; then kill -TERM \"$child\" 2>/dev/null; fi
}}
trap pass_on TERM
# In the background, as a shell takes no signal while it waits for a child in the foreground.
{program} sweep run {folder} --tasks \"$range\" --threads \"$SLURM_CPUS_PER_TASK\" &
child=$!
# The signal may have come before the child had a number.
if [ $asked = yes ]; then kill -TERM \"$child\" 2>/dev/null; fi
wait \"$child\"
status=$?
# A signal ends the waiting before the child has ended; the second wait gives the child's own status in any case.
if [ $asked = yes ]; then
    wait \"$child\"
    status=$?
fi

# 130: stopped, checkpoints are written. 143: the signal came before the program could catch it.
if [ $status -eq 130 ] || [ $status -eq 143 ]; then
    # Array and element: the job's own number may be that of the whole array.
    element=${{SLURM_ARRAY_JOB_ID}}_$SLURM_ARRAY_TASK_ID
    # A controller that is busy or starts anew answers later.
    for pause in 1 5 20 0; do
        if state=$(squeue --noheader --jobs=\"$element\" --format=%T); then
            # A cancelled job counts as COMPLETING here, and so does one that Slurm queues again by itself.
            if [ \"$state\" != RUNNING ]; then
                echo \"stopped; the job is $state, so it is not queued again from here\"
                break
            fi
            if scontrol requeue \"$element\"; then
                echo \"stopped; to go on, element $element is queued again\"
                break
            fi
        fi
        sleep $pause
    done
fi
exit $status
",
        log = log(places, &format!("{role}-%a.log")),
        grace = options.grace_seconds,
        extra = extra(options),
        setup = setup(options),
    );
    text
}

/// The script of the job that merges.
pub(super) fn merge(places: &Places<'_>, options: &Options) -> String {
    let Places { program, sweep, .. } = places;
    let mut text = head(places, options, "merge", 1);
    let _ = write!(
        text,
        "\
#SBATCH --output={log}
{extra}{setup}
exec {program} sweep merge {folder}
",
        log = log(places, "merge.log"),
        extra = extra(options),
        setup = setup(options),
        program = shell_quoted(program),
        folder = shell_quoted(sweep),
    );
    text
}

fn head(places: &Places<'_>, options: &Options, role: &str, cpus: u64) -> String {
    let mut text = format!(
        "\
#!/bin/bash
# Written by glassbox sweep submit.
#SBATCH --job-name={name}-{role}
#SBATCH --chdir={folder}
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={cpus}
#SBATCH --requeue
#SBATCH --open-mode=append
",
        name = places.name,
        folder = directive_quoted(places.sweep),
    );
    for (option, value) in [
        ("partition", &options.partition),
        ("account", &options.account),
        ("qos", &options.quality_of_service),
        ("time", &options.time),
        ("mem", &options.memory),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "#SBATCH --{option}={value}");
        }
    }
    text
}

/// Where output goes. From the root, or Slurm would put the folder before it and then replace percent signs in both.
fn log(places: &Places<'_>, name: &str) -> String {
    directive_quoted(&format!("{}/{}/logs/{name}", places.sweep.replace('%', "%%"), places.submission))
}

fn extra(options: &Options) -> String {
    options.extra.iter().fold(String::new(), |text, line| text + "#SBATCH " + line + "\n")
}

/// The setup ends the job where a line of it fails: a program that starts without its modules would fail later, and less clearly.
fn setup(options: &Options) -> String {
    if options.setup.is_empty() {
        return String::new();
    }
    format!("\nset -e\n{}\nset +e\n", options.setup.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;
    use std::process::Command;

    const PLACES: Places<'static> = Places {
        program: "/opt/my programs/glassbox",
        sweep: "/data/it's $HOME 100% \"x\"",
        submission: "slurm/0001",
        name: "glassbox-demo",
    };

    fn options() -> Options {
        Options::new(Settings {
            partition: Some("short".to_owned()),
            time: Some("2:00:00".to_owned()),
            cpus_per_task: Some(4),
            simultaneous: Some(7),
            setup: vec!["module load gcc".to_owned()],
            extra: vec!["--constraint=skylake".to_owned()],
            ..Settings::default()
        })
        .unwrap()
    }

    fn directives(text: &str) -> Vec<&str> {
        text.lines().filter_map(|line| line.strip_prefix("#SBATCH ")).collect()
    }

    #[test]
    fn directives_of_an_array() {
        let expected = [
            "--job-name=glassbox-demo-starts",
            r#"--chdir="/data/it's $HOME 100% \"x\"""#,
            "--ntasks=1",
            "--cpus-per-task=4",
            "--requeue",
            "--open-mode=append",
            "--partition=short",
            "--time=2:00:00",
            "--array=0-11%7",
            r#"--output="/data/it's $HOME 100%% \"x\"/slurm/0001/logs/starts-%a.log""#,
            "--signal=B:TERM@120",
            "--constraint=skylake",
        ];
        let text = array(&PLACES, &options(), "starts", 12);
        assert_eq!(directives(&text), expected);
        // sbatch reads no lines after the first command.
        let command = text.lines().position(|line| !line.starts_with('#')).unwrap();
        assert!(text.lines().skip(command).all(|line| !line.starts_with("#SBATCH")));
        let merged = merge(&PLACES, &options());
        assert!(directives(&merged).contains(&"--cpus-per-task=1"));
        assert!(
            directives(&merged)
                .iter()
                .all(|line| !line.starts_with("--array") && !line.starts_with("--signal"))
        );
    }

    #[test]
    fn scripts_are_sound_shell() {
        let options = options();
        for text in [array(&PLACES, &options, "others", 1), merge(&PLACES, &options)] {
            let output = Command::new("bash").args(["-n", "-c", &text]).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(text.contains("\nset -e\nmodule load gcc\nset +e\n"));
            assert!(text.contains("'/opt/my programs/glassbox' sweep "));
            assert!(text.contains(r#"'/data/it'\''s $HOME 100% "x"'"#));
        }
    }
}
