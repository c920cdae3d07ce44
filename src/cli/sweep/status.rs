//! `glassbox sweep status`.

use super::{SweepError, seconds};
use crate::cli::meter::duration;
use crate::cli::terminal::{Terminal, print_result};
use clap::Args;
use glassbox_sweep::{Manifest, Status};
use glassbox_trajectories::output::{Outputs, write_output};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Options of `glassbox sweep status`.
#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// Folder of the sweep.
    #[arg(value_name = "DIRECTORY")]
    folder: PathBuf,
    /// Print JSON, or write it to a file.
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    #[allow(
        clippy::option_option,
        reason = "absent, without a file, with one: clap's own form of an optional value"
    )]
    json: Option<Option<PathBuf>>,
    /// Seconds after which a process of another machine that gives no sign counts as gone.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "120")]
    claim_expiry: Duration,
}

/// Tasks of a kind that are listed one by one; JSON has all.
const LISTED: usize = 20;

/// Tells where a sweep stands.
pub(super) fn run(arguments: &StatusArguments) -> Result<(), SweepError> {
    let status = Manifest::read(&arguments.folder)?.status(arguments.claim_expiry)?;
    if let Some(Some(file)) = &arguments.json {
        check_output(&arguments.folder, file)?;
    }
    let json = || serde_json::to_string_pretty(&status).unwrap_or_default() + "\n";
    match &arguments.json {
        None => print(&status),
        Some(None) => print_result(&json())?,
        Some(Some(file)) => write_output(file, json().as_bytes())?,
    }
    Ok(())
}

/// The files of the sweep are its own.
fn check_output(folder: &Path, file: &Path) -> Result<(), SweepError> {
    let own = ["manifest.json", "data.safetensors"].map(|name| folder.join(name));
    let mut outputs = Outputs::beside(own.iter().map(PathBuf::as_path))?;
    for (name, content) in [
        ("tasks", "the tasks of the sweep"),
        ("records", "the results of the sweep"),
        ("slurm", "what was submitted of the sweep"),
        ("merged", "the merged tables of the sweep"),
    ] {
        outputs.reserve(&folder.join(name), content);
    }
    Ok(outputs.add_file("--json", file)?)
}

fn print(status: &Status) {
    let output = Terminal::Output;
    writeln!(output, "{}", status.name);
    writeln!(output, "tasks     {:>8}", status.tasks);
    writeln!(output, "finished  {:>8}", status.finished);
    writeln!(output, "running   {:>8}", status.running.len());
    for task in status.running.iter().take(LISTED) {
        let share = 100.0 * task.share;
        write!(output, "  {}  {share:>3.0} %  {} (process {})", task.identifier, task.host, task.pid);
        if let (Some(age), Some(left)) = (task.sign_of_life_age, task.gone_in) {
            let relation = if age < 0.0 { "in the future" } else { "ago" };
            let age = age.abs();
            write!(
                output,
                ", last sign of life {age:.0} s {relation}; without another it counts as gone in {left:.0} s"
            );
        }
        writeln!(output);
    }
    writeln!(output, "waiting   {:>8}", status.waiting);
    if !status.abandoned.is_empty() {
        writeln!(output, "  {} of them begun by processes that are gone", status.abandoned.len());
    }
    writeln!(output, "failed    {:>8}", status.failed.len());
    for task in status.failed.iter().take(LISTED) {
        writeln!(output, "  {}  {} (on {})", task.identifier, task.failure.reason, task.failure.host);
    }
    if status.failed.len() > LISTED {
        writeln!(output, "  and {} more: --json lists all", status.failed.len() - LISTED);
    }
    if status.blocked > 0 {
        writeln!(output, "  {} tasks wait for a start that failed", status.blocked);
    }
    let hours = status.estimated_core_seconds_left / 3600.0;
    write!(output, "left      {hours:>8.3} core-hours as estimated");
    if let Some(seconds) = status.seconds_left {
        let threads: usize =
            status.workers.iter().map(|worker| worker.threads).fold(0, usize::saturating_add);
        write!(output, "; about {} with the {threads} threads at work", duration(seconds));
    }
    writeln!(output);
}
