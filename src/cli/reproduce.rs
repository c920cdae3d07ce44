//! `glassbox reproduce`: the paper's experiments, figures and scorecard.

use super::meter::Meter;
use super::reporting::{OutputsError, check_outputs};
use super::terminal::{Terminal, print_result};
use clap::{Args, ValueEnum};
use glassbox_paper::analysis::{AnalysisError, Bootstrap};
use glassbox_paper::{Figure, ResultError, Results};
use glassbox_reports::gallery::{Gallery, write_gallery};
use glassbox_reports::scorecard::{Scorecard, scorecard_table};
use glassbox_reports::{GALLERY_FILES, Provenance, ReportError};
use glassbox_simulations::protocol::{Convention, RecordError, Task};
use glassbox_sweep::experiment::{PhaseName, Preset, PresetError, Scale, Tasks};
use glassbox_sweep::{
    Entry, Event, OwnData, PoolError, PoolOptions, Samples, SamplesError, StepCosts, Store, Watch, complete,
    missing,
};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

/// Options of `glassbox reproduce`.
#[derive(Debug, Args)]
pub(crate) struct ReproduceArguments {
    /// Which shipped preset to run.
    #[arg(long, value_enum, default_value = "desk", conflicts_with = "preset")]
    scale: ScaleArgument,
    /// A preset of one's own (TOML); start from what `--print-preset` prints.
    #[arg(long, value_name = "FILE")]
    preset: Option<PathBuf>,
    /// Print the shipped preset of --scale and stop.
    #[arg(long, conflicts_with = "preset")]
    print_preset: bool,
    /// Only these figures, such as 3, 4b or a9; a panel, such as 3d, runs its phase only [default: all].
    #[arg(long, value_name = "FIGURE", num_args = 1..)]
    figure: Vec<String>,
    /// Data of one's own in place of those of every phase: prepared safetensors or .npz with scores and labels.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Whose conventions the observables follow.
    #[arg(long, value_enum, default_value = "strict")]
    convention: ConventionArgument,
    /// Folder for figures, data, scorecard and pages.
    #[arg(long, value_name = "DIRECTORY", default_value = "report")]
    out: PathBuf,
    /// Folder of results, by content: figures and runs share them [default: runs in the folder of --out].
    #[arg(long, value_name = "DIRECTORY")]
    store: Option<PathBuf>,
    /// Threads to use [default: one for each core]; the results do not depend on it.
    #[arg(long, value_name = "COUNT", value_parser = super::thread_count)]
    threads: Option<std::num::NonZeroUsize>,
    /// Print tasks and cost, measured on this machine, and stop.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ScaleArgument {
    /// The same physics in minutes on two cores.
    Desk,
    /// The paper's own numbers, for a cluster.
    Paper,
}

impl ScaleArgument {
    pub(super) const fn scale(self) -> Scale {
        match self {
            Self::Desk => Scale::Desk,
            Self::Paper => Scale::Paper,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ConventionArgument {
    /// All weights, one window, interpolated times.
    Strict,
    /// As the authors' scripts: no output layer in the overlap, windows that follow each network, first saved frames.
    PaperCompat,
}

/// Why `reproduce` could not do its job.
#[derive(Debug, Error)]
pub(crate) enum ReproduceError {
    #[error(transparent)]
    Preset(#[from] PresetError),
    #[error(transparent)]
    Figure(#[from] UnknownFigure),
    #[error("--data: {0}")]
    Data(#[from] crate::own_data::DataFileError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Pool(#[from] PoolError),
    #[error("figure {figure}: {error}")]
    Draw { figure: &'static str, error: ResultError },
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    #[error(transparent)]
    Samples(#[from] SamplesError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error("cannot catch Ctrl-C: {0}")]
    Signal(#[from] ctrlc::Error),
    #[error(transparent)]
    Outputs(#[from] OutputsError),
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
}

/// A figure that is not.
#[derive(Debug, Error)]
#[error("--figure: there is no figure {name}; figures are {known}")]
pub(super) struct UnknownFigure {
    name: String,
    known: String,
}

/// Runs what is missing, draws, judges and writes.
pub(crate) fn run(arguments: &ReproduceArguments) -> Result<ExitCode, ReproduceError> {
    let scale = arguments.scale.scale();
    if arguments.print_preset {
        print_result(scale.text())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut preset = match &arguments.preset {
        Some(path) => Preset::read(path)?,
        None => Preset::shipped(scale)?,
    };
    let own = arguments.data.as_deref().map(crate::own_data::read_data_set).transpose()?.map(OwnData::new);
    if own.is_some() {
        preset.use_own_data();
    }
    let figures = chosen(&arguments.figure)?;
    let tasks = Tasks::new(&preset, own.as_ref().map(|own| own.digest().to_owned()));
    let samples = Samples::new(own);
    let threads = super::threads(arguments.threads);
    if arguments.dry_run {
        print_cost(&figures, &tasks, &samples)?;
        return Ok(ExitCode::SUCCESS);
    }
    let inputs = arguments.preset.iter().chain(&arguments.data);
    check_outputs(inputs.map(|path| -> &Path { path }), &arguments.out, &GALLERY_FILES, None)?;
    let store = Store::open(&arguments.store.clone().unwrap_or_else(|| arguments.out.join("runs")))?;
    let stop = super::stop_flag()?;

    let wanted: Vec<Vec<Task>> =
        figures.iter().map(|chosen| chosen.figure.tasks(&chosen.tasks(&tasks))).collect();
    let all: Vec<Task> = wanted.iter().flatten().cloned().collect();
    let cost: f64 = missing(&all, &store).iter().map(|entry| entry.task.cost()).sum();
    let meter = Meter::new(cost);
    let results = Results {
        tasks: &tasks,
        store: &store,
        samples: &samples,
        convention: match arguments.convention {
            ConventionArgument::Strict => Convention::Strict,
            ConventionArgument::PaperCompat => Convention::PaperCompatible,
        },
        bootstrap: Bootstrap::new(preset.bootstrap_resamples, preset.confidence, preset.seed)?,
        provenance: Provenance::new(
            env!("CARGO_PKG_VERSION"),
            &preset.name,
            preset.seed,
            command_line(arguments),
        ),
    };
    let mut gallery = Gallery::new("The paper's figures", &preset.about, results.provenance.clone());
    let mut scorecard = Scorecard::new("The paper's claims", results.provenance.clone());
    let noticed: Mutex<HashSet<String>> = Mutex::default();
    for (chosen, wanted) in figures.iter().zip(&wanted) {
        let figure = chosen.figure;
        meter.begin(figure.title());
        let progress = |cost| meter.add(cost);
        let event = |event: &Event| match event {
            Event::Damaged { problem } => meter.note(&format!("made again: {problem}")),
            Event::Waiting { identifier, holder } => {
                meter.note(&format!("waiting for {identifier}: claimed by {holder}"));
            }
            // Every figure looks at the same store.
            Event::Notice(text)
                if noticed.lock().unwrap_or_else(PoisonError::into_inner).insert(text.clone()) =>
            {
                meter.note(text);
            }
            _ => {}
        };
        let watch = Watch { stop: &stop, progress: &progress, event: &event };
        let entries = wanted.iter().cloned().map(Entry::of);
        match complete(entries, &store, &samples, PoolOptions::new(threads), &watch) {
            Ok(_) => {}
            Err(PoolError::Stopped) => {
                meter.finish();
                writeln!(Terminal::Error, "glassbox: {}", PoolError::Stopped);
                return Ok(ExitCode::from(super::STOPPED));
            }
            Err(error) => return Err(error.into()),
        }
        let tasks = chosen.tasks(&tasks);
        let drawn = match figure.draw(&Results { tasks: &tasks, ..results.clone() }) {
            Ok(drawn) => drawn,
            Err(error @ ResultError::TooFewNetworks { .. }) => {
                meter.note(&format!("not drawn: figure {}: {error}", figure.id()));
                continue;
            }
            Err(error) => return Err(ReproduceError::Draw { figure: figure.id(), error }),
        };
        scorecard = drawn.claims.into_iter().fold(scorecard, Scorecard::with_claim);
        gallery = gallery.with_plate(drawn.plate);
        gallery = drawn.page.into_iter().fold(gallery, Gallery::with_page);
        // What is drawn by now can be looked at while the rest is on its way.
        write_gallery(&gallery.clone().with_scorecard(scorecard.clone()), &arguments.out)?;
        meter.note(&format!(
            "drawn: {}",
            arguments.out.join("figures").join(figure.id()).with_extension("svg").display()
        ));
    }
    meter.finish();
    let output = Terminal::Output;
    output.coloured(&scorecard_table(&scorecard, output.has_colours()));
    writeln!(output);
    writeln!(output, "{}", arguments.out.join("index.html").display());
    Ok(ExitCode::SUCCESS)
}

/// A figure, and the phases of the panels that are wanted of it; all where `None`.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) figure: Figure,
    phases: Option<Vec<PhaseName>>,
}

impl Chosen {
    pub(super) fn tasks<'a>(&self, tasks: &Tasks<'a>) -> Tasks<'a> {
        self.phases.as_ref().map_or_else(|| tasks.clone(), |phases| tasks.of_phases(phases.clone()))
    }
}

/// The figures of these names: `3` is the whole of Fig. 3, `3d` the panels of its phase.
pub(super) fn chosen(names: &[String]) -> Result<Vec<Chosen>, UnknownFigure> {
    if names.is_empty() {
        return Ok(Figure::ALL.into_iter().map(|figure| Chosen { figure, phases: None }).collect());
    }
    for name in names {
        if !Figure::ALL.iter().any(|figure| figure.is(name)) {
            let known = Figure::ALL.iter().map(Figure::id).collect::<Vec<_>>().join(", ");
            return Err(UnknownFigure { name: name.clone(), known });
        }
    }
    let mut all = Vec::new();
    for figure in Figure::ALL {
        let named: Vec<&String> = names.iter().filter(|name| figure.is(name)).collect();
        if named.is_empty() {
            continue;
        }
        // One name without a panel, and all of it is wanted.
        let phases: Option<Vec<Vec<PhaseName>>> = named.into_iter().map(|name| figure.phases(name)).collect();
        all.push(Chosen { figure, phases: phases.map(|phases| phases.concat()) });
    }
    Ok(all)
}

/// Everything that decides the numbers.
fn command_line(arguments: &ReproduceArguments) -> String {
    let mut line = "glassbox reproduce".to_owned();
    match (&arguments.preset, arguments.scale) {
        (Some(path), _) => line += &format!(" --preset {}", path.display()),
        (None, ScaleArgument::Paper) => line += " --scale paper",
        (None, ScaleArgument::Desk) => {}
    }
    if let Some(path) = &arguments.data {
        line += &format!(" --data {}", path.display());
    }
    if matches!(arguments.convention, ConventionArgument::PaperCompat) {
        line += " --convention paper-compat";
    }
    line
}

/// Tasks, core-hours, disk and memory of each figure, from a measured step of each kind of network.
fn print_cost(figures: &[Chosen], tasks: &Tasks<'_>, samples: &Samples) -> Result<(), ReproduceError> {
    let output = Terminal::Output;
    writeln!(output, "figure        tasks      steps  core-hours   disk (GB)  memory (GB)");
    let mut seen = HashSet::new();
    let mut rates = StepCosts::default();
    let mut all = Cost::default();
    for chosen in figures {
        let figure = chosen.figure;
        let wanted = figure.tasks(&chosen.tasks(tasks));
        let mut own = Cost { memory: wanted.iter().map(Task::record_bytes).sum(), ..Cost::default() };
        for task in wanted.iter().filter_map(Task::start).chain(wanted.iter().cloned()) {
            if seen.insert(task.identifier()) {
                own.tasks += 1;
                own.steps += task.steps();
                own.hours += rates.seconds(&task, samples)? / 3600.0;
                own.disk += task.record_bytes();
            }
        }
        writeln!(output, "{}", own.row(figure.id()));
        all = Cost {
            tasks: all.tasks + own.tasks,
            steps: all.steps + own.steps,
            hours: all.hours + own.hours,
            disk: all.disk + own.disk,
            memory: all.memory.max(own.memory),
        };
    }
    writeln!(output, "{}", all.row("all"));
    writeln!(
        output,
        "Tasks that several figures share are counted once, with the first of them; memory is that of drawing."
    );
    Ok(())
}

/// What a figure costs.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    tasks: usize,
    steps: u64,
    hours: f64,
    disk: u64,
    memory: u64,
}

impl Cost {
    fn row(&self, name: &str) -> String {
        let Self { tasks, steps, hours, disk, memory } = *self;
        let (steps, disk, memory) = (steps as f64, disk as f64 / 1e9, memory as f64 / 1e9);
        format!("{name:<10} {tasks:>8} {steps:>10.2e}  {hours:>10.3}  {disk:>10.2}  {memory:>11.2}")
    }
}
