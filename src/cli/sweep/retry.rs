//! `glassbox sweep retry`.

use super::SweepError;
use crate::cli::terminal::Terminal;
use clap::Args;
use glassbox_sweep::Manifest;
use std::path::PathBuf;

/// Options of `glassbox sweep retry`.
#[derive(Debug, Args)]
pub(super) struct RetryArguments {
    /// Folder of the sweep.
    #[arg(value_name = "DIRECTORY")]
    folder: PathBuf,
    /// Only these tasks [default: all that failed].
    #[arg(value_name = "TASK")]
    tasks: Vec<String>,
}

/// Forgets failures.
pub(super) fn run(arguments: &RetryArguments) -> Result<(), SweepError> {
    let manifest = Manifest::read(&arguments.folder)?;
    let store = manifest.store()?;
    let mut failed = store.contents()?.failed;
    if let Some(unknown) = arguments.tasks.iter().find(|task| !failed.contains(*task)) {
        return Err(SweepError::NotFailed { identifier: unknown.clone() });
    }
    if !arguments.tasks.is_empty() {
        failed.retain(|identifier| arguments.tasks.contains(identifier));
    }
    for identifier in &failed {
        store.retry(identifier)?;
    }
    let count = failed.len();
    writeln!(
        Terminal::Output,
        "{count} failures forgotten; next: glassbox sweep run {}",
        arguments.folder.display()
    );
    Ok(())
}
