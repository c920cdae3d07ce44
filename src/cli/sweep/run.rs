//! `glassbox sweep run`.

use super::{NOT_ALL, SweepError, seconds, task_range};
use crate::cli::STOPPED;
use crate::cli::meter::Meter;
use crate::cli::terminal::Terminal;
use crate::own_data::DataFileError;
use clap::Args;
use glassbox_simulations::dataset::DatasetError;
use glassbox_sweep::{
    Entry, Event, Manifest, ManifestError, OwnData, PoolError, PoolOptions, Samples, Watch, complete,
};
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Options of `glassbox sweep run`.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Folder of the sweep.
    #[arg(value_name = "DIRECTORY")]
    folder: PathBuf,
    /// Threads to use [default: one for each core]; the results do not depend on it.
    #[arg(long, value_name = "COUNT", value_parser = crate::cli::thread_count)]
    threads: Option<NonZeroUsize>,
    /// Only these tasks of the manifest, counted from 0, and what they start from.
    #[arg(long, value_name = "FROM..TO", value_parser = task_range)]
    tasks: Option<Range<usize>>,
    /// Seconds between two checkpoints of a task; longer where a checkpoint takes more than a twentieth of that to write.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "20")]
    checkpoint_interval: Duration,
    /// Seconds after which a process of another machine that gives no sign counts as gone.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "120")]
    claim_expiry: Duration,
}

/// Runs what is not done.
pub(super) fn run(arguments: &RunArguments) -> Result<ExitCode, SweepError> {
    let manifest = Manifest::read(&arguments.folder)?;
    let store = manifest.store()?;
    let range = arguments.tasks.clone().unwrap_or(0..manifest.len());
    let entries: Vec<Entry> = manifest.entries(range)?.collect::<Result<_, ManifestError>>()?;
    let samples = match manifest.own_data() {
        Some(path) => own_samples(&path)?,
        None => Samples::new(None),
    };
    let stop = crate::cli::stop_flag()?;
    let meter = Meter::new(0.0);
    meter.begin(&manifest.plan().name);
    let terminal = Terminal::Output.is_terminal();
    let event = |event: &Event| {
        let line = match event {
            Event::Begun { cost, .. } => return meter.set_total(*cost),
            Event::Finished { .. } if terminal => return,
            Event::Finished { identifier, seconds, diverged } => {
                let diverged = diverged.map_or_else(String::new, |step| format!(", diverged at step {step}"));
                format!("finished {identifier} ({seconds:.3} s{diverged})")
            }
            Event::Failed { identifier, reason } => format!("failed {identifier}: {reason}"),
            Event::Damaged { problem } => format!("made again: {problem}"),
            Event::Waiting { identifier, holder } => format!("waiting for {identifier}: claimed by {holder}"),
            Event::Notice(text) => text.clone(),
        };
        if terminal {
            meter.note(&line);
        } else {
            writeln!(Terminal::Output, "{line}");
        }
    };
    let options = PoolOptions {
        checkpoint_interval: arguments.checkpoint_interval,
        claim_expiry: arguments.claim_expiry,
        keep_going: true,
        whole_store: arguments.tasks.is_none(),
        ..PoolOptions::new(crate::cli::threads(arguments.threads))
    };
    let progress = |cost| meter.add(cost);
    let count = entries.len();
    let completed = complete(
        entries.into_iter(),
        &store,
        &samples,
        options,
        &Watch { stop: &stop, progress: &progress, event: &event },
    );
    meter.finish();
    match completed {
        Ok(summary) if summary.failed.is_empty() => {
            writeln!(Terminal::Error, "all {count} tasks are done; {} finished now", summary.finished);
            Ok(ExitCode::SUCCESS)
        }
        Ok(summary) => {
            let folder = arguments.folder.display();
            let (failed, finished) = (summary.failed.len(), summary.finished);
            writeln!(
                Terminal::Error,
                "{failed} tasks failed, {finished} finished now; reasons: glassbox sweep status {folder}; another try: \
                 glassbox sweep retry {folder}"
            );
            Ok(ExitCode::from(NOT_ALL))
        }
        Err(PoolError::Stopped) => {
            writeln!(Terminal::Error, "glassbox: {}", PoolError::Stopped);
            Ok(ExitCode::from(STOPPED))
        }
        Err(error) => Err(error.into()),
    }
}

/// Data of one's own, which a sweep keeps in its folder. Where they are gone or no data any more, tasks that need them fail and say
/// so, and the others run; a file system that refuses is no reason to fail a task.
fn own_samples(path: &Path) -> Result<Samples, SweepError> {
    let read = crate::own_data::read_data_set(path);
    match read {
        Ok(dataset) => Ok(Samples::new(Some(OwnData::new(dataset)))),
        Err(DataFileError::Prepared(DatasetError::File { source, .. }))
            if source.kind() == ErrorKind::NotFound =>
        {
            Ok(Samples::without_own("data.safetensors of the sweep is not there".to_owned()))
        }
        Err(error @ DataFileError::Prepared(DatasetError::File { .. })) => Err(error.into()),
        Err(error) => Ok(Samples::without_own(error.to_string())),
    }
}
