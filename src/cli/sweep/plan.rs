//! `glassbox sweep plan`.

use super::SweepError;
use crate::cli::reproduce::{ScaleArgument, chosen};
use crate::cli::terminal::Terminal;
use clap::Args;
use glassbox_simulations::protocol::{Problem, QuenchTask, Task};
use glassbox_sweep::experiment::{Experiment, PhaseName, Preset, Tasks, text_of};
use glassbox_sweep::{Manifest, OwnData, Plan, Samples, SamplesError, StepCosts};
use std::path::{Path, PathBuf};

/// Options of `glassbox sweep plan`.
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    /// What to run (TOML): docs/experiments.md describes it, experiments/ has some.
    #[arg(value_name = "EXPERIMENT", required_unless_present_any = ["scale", "preset"])]
    experiment: Option<PathBuf>,
    /// Folder of the sweep.
    #[arg(long, value_name = "DIRECTORY")]
    out: PathBuf,
    /// In place of an experiment: the tasks of `glassbox reproduce` at this scale.
    #[arg(long, value_enum, conflicts_with_all = ["experiment", "preset"])]
    scale: Option<ScaleArgument>,
    /// In place of an experiment: the tasks of `glassbox reproduce` with this preset.
    #[arg(long, value_name = "FILE", conflicts_with = "experiment")]
    preset: Option<PathBuf>,
    /// Of these only what these figures need, such as 3, 4b or a9 [default: all].
    #[arg(long, value_name = "FIGURE", num_args = 1.., conflicts_with = "experiment")]
    figure: Vec<String>,
    /// Data of one's own: prepared safetensors or .npz with scores and labels; a copy is kept in the folder.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Replace the plan that the folder has; results are kept.
    #[arg(long)]
    replace: bool,
}

/// Writes the manifest.
pub(super) fn run(arguments: &PlanArguments) -> Result<(), SweepError> {
    let own = arguments.data.as_deref().map(crate::own_data::read_data_set).transpose()?.map(OwnData::new);
    let digest = own.as_ref().map(|own| own.digest().to_owned());
    let plan = |name: &str, about: &str, experiment: String| Plan {
        name: name.to_owned(),
        about: about.to_owned(),
        experiment,
        own_data: digest.clone(),
    };
    let folder = &arguments.out;
    let manifest = if let Some(path) = &arguments.experiment {
        // The text that is planned and kept: read once, so that both are the same.
        let text = text_of(path)?;
        let experiment = Experiment::parse(&text, path)?;
        match &arguments.data {
            None if experiment.needs_own_data() => return Err(SweepError::NoData { file: path.clone() }),
            Some(file) if !experiment.needs_own_data() => {
                return Err(SweepError::NeedlessData { file: file.clone() });
            }
            _ => {}
        }
        let quenches = experiment.tasks(digest.as_deref()).map_while(|planned| match planned.task {
            Task::Quench(quench) => Some(quench),
            _ => None,
        });
        let others =
            experiment.tasks(digest.as_deref()).skip_while(|planned| matches!(planned.task, Task::Quench(_)));
        let others = others.map(|planned| (planned.task, planned.half_width));
        let plan = plan(&experiment.name, &experiment.about, text);
        write(folder, plan, quenches, others, own.as_ref(), arguments.replace)?
    } else {
        let (mut preset, text) = match (&arguments.preset, arguments.scale) {
            (Some(path), _) => {
                let text = text_of(path)?;
                (Preset::parse(&text, path)?, text)
            }
            (None, scale) => {
                let scale = scale.unwrap_or(ScaleArgument::Desk).scale();
                (Preset::shipped(scale)?, scale.text().to_owned())
            }
        };
        if own.is_some() {
            preset.use_own_data();
        }
        let tasks = Tasks::new(&preset, digest.clone());
        let mut wanted = Vec::new();
        for chosen in chosen(&arguments.figure)? {
            wanted.extend(chosen.figure.tasks(&chosen.tasks(&tasks)));
        }
        let quenches = wanted.iter().map(|task| task.quench().clone());
        let others = wanted.iter().filter(|task| !matches!(task, Task::Quench(_)));
        let others = others.map(|task| (task.clone(), window(&tasks, task)));
        write(
            folder,
            plan(&preset.name, &preset.about, text),
            quenches,
            others,
            own.as_ref(),
            arguments.replace,
        )?
    };
    let output = Terminal::Output;
    writeln!(output, "{}", folder.join("manifest.json").display());
    let (count, starts) = (manifest.len(), manifest.starts());
    writeln!(output, "tasks       {count} ({starts} quenches, {} that start from them)", count - starts);
    writeln!(output, "steps       {:.3e}", manifest.steps() as f64);
    writeln!(
        output,
        "core-hours  {:.3}, estimated from steps measured on this machine",
        manifest.seconds() / 3600.0
    );
    let (all, largest) = (manifest.record_bytes() as f64 / 1e9, manifest.largest_record_bytes() as f64 / 1e9);
    writeln!(output, "records     {all:.3} GB, the largest {largest:.3} GB, which a thread holds in memory");
    writeln!(output);
    writeln!(output, "glassbox sweep run {}", folder.display());
    Ok(())
}

fn write(
    folder: &Path,
    plan: Plan,
    quenches: impl Iterator<Item = QuenchTask>,
    others: impl Iterator<Item = (Task, Option<f64>)>,
    own: Option<&OwnData>,
    replace: bool,
) -> Result<Manifest, SweepError> {
    let samples = Samples::new(own.cloned());
    let mut costs = StepCosts::default();
    let mut last: Option<Problem> = None;
    let mut seconds = |task: &Task| -> Result<f64, SamplesError> {
        let problem = &task.quench().problem;
        if last.as_ref() != Some(problem) {
            // Now and not in a week: samples that the data do not have.
            samples.of(problem)?;
            last = Some(problem.clone());
        }
        costs.seconds(task, &samples)
    };
    Ok(Manifest::write(folder, plan, quenches, others, own, &mut seconds, replace)?)
}

/// The window of the phase that a task belongs to.
fn window(tasks: &Tasks<'_>, task: &Task) -> Option<f64> {
    let mut names = PhaseName::MNIST.into_iter().chain(PhaseName::CIFAR10);
    let problem = &task.quench().problem;
    names.find(|name| tasks.quench(*name, 0).problem == *problem).map(|name| tasks.phase(name).window)
}
