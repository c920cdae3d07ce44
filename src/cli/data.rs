//! `glassbox data`: from raw files to a prepared data set.

use super::terminal::Terminal;
use clap::{Args, Subcommand};
use glassbox_simulations::dataset::{DatasetError, Prepared, prepare, prepare_cifar};
use glassbox_trajectories::output::{OutputError, Outputs};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Options of `glassbox data`.
#[derive(Debug, Args)]
pub(crate) struct DataArguments {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Debug, Subcommand)]
enum DataCommand {
    /// Standardise raw images, project them on principal components, and write scores and labels: +1 for even classes,
    /// -1 for odd ones.
    Prepare(PrepareArguments),
}

#[derive(Debug, Args)]
struct PrepareArguments {
    /// Raw images of MNIST or Fashion-MNIST: IDX, plain or gzip.
    #[arg(long, value_name = "FILE", requires = "labels", required_unless_present = "cifar")]
    images: Option<PathBuf>,
    /// Their raw labels, classes 0 to 9: IDX, plain or gzip.
    #[arg(long, value_name = "FILE", requires = "images")]
    labels: Option<PathBuf>,
    /// Instead of images and labels: binary batches of CIFAR-10, plain or gzip, in order.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["images", "labels"])]
    cifar: Vec<PathBuf>,
    /// File to write (safetensors); replaced whole or left alone.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Number of principal components.
    #[arg(long, default_value_t = 10)]
    components: usize,
    /// Keep only a random subset of this many samples, half of each label.
    #[arg(long, value_name = "COUNT")]
    subset: Option<usize>,
    /// Seed of the subset.
    #[arg(long, default_value_t = 1, requires = "subset")]
    seed: u64,
}

/// Why `data` could not do its job.
#[derive(Debug, Error)]
pub(crate) enum DataCommandError {
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    #[error(transparent)]
    Outputs(#[from] OutputError),
}

/// Runs the subcommand.
pub(crate) fn run(arguments: &DataArguments) -> Result<(), DataCommandError> {
    let DataCommand::Prepare(arguments) = &arguments.command;
    let inputs = arguments.images.iter().chain(&arguments.labels).chain(&arguments.cifar);
    Outputs::beside(inputs.map(|path| -> &Path { path }))?.add_file("--out", &arguments.out)?;
    let mut prepared = match (&arguments.images, &arguments.labels) {
        (Some(images), Some(labels)) => prepare(images, labels, arguments.components)?,
        // The options are such that there are batches where there is no pair.
        _ => prepare_cifar(&arguments.cifar, arguments.components)?,
    };
    if let Some(count) = arguments.subset {
        prepared = Prepared { dataset: prepared.dataset.subset(count, arguments.seed)?, ..prepared };
    }
    prepared.write(&arguments.out)?;
    let data = &prepared.dataset;
    let even = data.labels().iter().filter(|label| **label > 0.0).count();
    let explained: Vec<String> =
        prepared.explained_variance_ratio.iter().map(|share| format!("{:.2}", 100.0 * share)).collect();
    let output = Terminal::Output;
    writeln!(output, "{}", arguments.out.display());
    writeln!(
        output,
        "samples             {} ({even} of even classes, {} of odd ones)",
        data.sample_count(),
        data.sample_count() - even
    );
    writeln!(output, "components          {}", data.input_dimension());
    writeln!(output, "explained variance  {} %", explained.join(" "));
    Ok(())
}
