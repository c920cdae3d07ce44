//! `glassbox sweep merge`.

use super::SweepError;
use crate::cli::progress_bar::styled_bar;
use crate::cli::terminal::Terminal;
use crate::cli::{STOPPED, stop_flag};
use clap::Args;
use glassbox_sweep::{Manifest, MergeError, MergeOptions, MergeWatch, merge};
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `glassbox sweep merge`.
#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// Folder of a sweep.
    #[arg(value_name = "DIRECTORY")]
    folder: PathBuf,
    /// Folder for tasks.parquet and frames.parquet [default: merged in the folder of the sweep].
    #[arg(long, value_name = "DIRECTORY")]
    out: Option<PathBuf>,
    /// Merge what is there, although tasks have no record yet.
    #[arg(long)]
    partial: bool,
    /// Merge records although several versions computed them, or some processors without fused multiply-add.
    #[arg(long)]
    allow_mixed: bool,
}

/// Merges, and says what came of it.
pub(super) fn run(arguments: &MergeArguments) -> Result<ExitCode, SweepError> {
    let manifest = Manifest::read(&arguments.folder)?;
    let out = arguments.out.clone().unwrap_or_else(|| arguments.folder.join("merged"));
    let stop = stop_flag()?;
    let (bar, _) = styled_bar(Some(manifest.len() as u64));
    let options = MergeOptions { partial: arguments.partial, allow_mixed: arguments.allow_mixed };
    let merged =
        merge(&manifest, &out, options, &MergeWatch { stop: &stop, progress: &|tasks| bar.inc(tasks) });
    bar.finish_and_clear();
    let merged = match merged {
        Err(MergeError::Stopped) => {
            writeln!(Terminal::Error, "glassbox: {}", MergeError::Stopped);
            return Ok(ExitCode::from(STOPPED));
        }
        merged => merged?,
    };
    let output = Terminal::Output;
    writeln!(output, "{} tasks   {}", merged.tasks, merged.tasks_file.display());
    writeln!(output, "{} frames  {}", merged.frames, merged.frames_file.display());
    if merged.missing > 0 {
        writeln!(
            output,
            "{} of {} tasks have no record yet; compute them with: glassbox sweep run {}",
            merged.missing,
            manifest.len(),
            arguments.folder.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}
