//! `glassbox sweep verify-store`.

use super::{NOT_ALL, SweepError, seconds};
use crate::cli::terminal::Terminal;
use clap::Args;
use glassbox_sweep::{Manifest, Observer, Store, Verification, Worker};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Options of `glassbox sweep verify-store`.
#[derive(Debug, Args)]
pub(super) struct VerifyStoreArguments {
    /// Folder of a sweep, or of results alone (`reproduce --store`).
    #[arg(value_name = "DIRECTORY")]
    folder: PathBuf,
    /// Remove what is damaged or left behind by processes that are gone; the next run makes it again.
    #[arg(long)]
    repair: bool,
    /// Seconds after which a process of another machine that gives no sign counts as gone.
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "120")]
    claim_expiry: Duration,
}

/// Checks every file.
pub(super) fn run(arguments: &VerifyStoreArguments) -> Result<ExitCode, SweepError> {
    let (folder, expiry) = (&arguments.folder, arguments.claim_expiry);
    let (store, found) = if folder.join("manifest.json").exists() {
        let manifest = Manifest::read(folder)?;
        let store = manifest.store()?;
        let found =
            store.verify(Some(&mut manifest.entries(0..manifest.len())?), &Observer::new(&store, expiry))?;
        (store, found)
    } else {
        let store = Store::open(folder)?;
        if !store.is_marked()? {
            return Err(SweepError::NoStore { folder: folder.clone() });
        }
        let found = store.verify(None, &Observer::new(&store, expiry))?;
        (store, found)
    };
    let output = Terminal::Output;
    for (path, problem) in &found.damaged {
        writeln!(output, "damaged    {}: {problem}", path.display());
    }
    for path in &found.leftovers {
        writeln!(output, "left over  {}", path.display());
    }
    let Verification { sound, damaged, leftovers, other_versions, foreign, others } = &found;
    writeln!(
        output,
        "{sound} files sound, {} damaged, {} left over by processes that are gone",
        damaged.len(),
        leftovers.len()
    );
    if *other_versions > 0 {
        writeln!(output, "{other_versions} files are of other versions, and left alone");
    }
    if *foreign > 0 {
        writeln!(output, "{foreign} files belong to tasks that the plan does not have");
    }
    if let Some(others) = others {
        writeln!(output, "{others}");
    }
    if arguments.repair {
        let worker = Worker::begin(&store, expiry)?;
        if let Some(notice) = worker.notice() {
            writeln!(output, "{notice}");
        }
        store.repair(&found, &worker)?;
        if !damaged.is_empty() {
            writeln!(output, "removed; the next run makes them again");
        }
    } else if !damaged.is_empty() {
        writeln!(output, "--repair removes them, and the next run makes them again");
        return Ok(ExitCode::from(NOT_ALL));
    }
    Ok(ExitCode::SUCCESS)
}
