//! Runs one task, from its start or from its checkpoint, to its record.

use super::record::{Head, Progress, Record, RecordError};
use super::schedule::{Schedule, save_times};
use super::task::{Dynamics, GENERATION, Task};
use crate::dataset::Dataset;
use crate::integrator::{
    EulerMaruyama, GradientDescent, Integrator, IntegratorError, MinibatchDescent,
    SinglePrecisionEulerMaruyama, State,
};
use crate::landscape::{Landscape, LandscapeError, NetworkLandscape};
use crate::network::{Architecture, Initialisation, NetworkError};
use crate::noise::{NoiseStream, Purpose};
use glassbox_oracle::{Bath, OracleError};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Frames in a decade of a quench.
const QUENCH_FRAMES: u32 = 8;

/// Steps between two looks at the clock, the stop flag and the progress.
const STEPS_A_LOOK: u64 = 64;

/// Time between two checkpoints, where nothing else is asked for.
pub const DEFAULT_CHECKPOINT_INTERVAL: Duration = Duration::from_secs(20);

/// A checkpoint holds all frames so far. The next one waits at least so many times as long as the last one took to write, so
/// that they never cost more than 5 % of the time.
const LEAST_WAIT: u32 = 20;

/// How a task is watched and stopped.
pub struct Supervision<'a> {
    /// Set from outside to stop the task at its next look; a checkpoint is written first.
    pub stop: &'a AtomicBool,
    /// Called with the share of the task's steps done since the last call.
    pub progress: &'a (dyn Fn(f64) + Sync),
    /// Least time between two checkpoints; longer where they take long to write.
    pub checkpoint_interval: Duration,
    /// Told, in a sentence, why a checkpoint was not used and the task starts afresh.
    pub notice: &'a (dyn Fn(&str) + Sync),
}

/// Why a task cannot run, or did not finish.
#[derive(Debug, Error)]
pub enum ProtocolError {
    /// It was asked to stop; its checkpoint is written.
    #[error("stopped")]
    Stopped,
    /// Starting weights of another network.
    #[error("starts with {given} weights; the network has {needed}")]
    Start {
        /// Weights given.
        given: usize,
        /// Weights of the network.
        needed: usize,
    },
    /// The file of frames.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The landscape.
    #[error(transparent)]
    Landscape(#[from] LandscapeError),
    /// The network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A parameter of an integrator.
    #[error(transparent)]
    Integrator(#[from] IntegratorError),
    /// A parameter of the bath.
    #[error(transparent)]
    Bath(#[from] OracleError),
}

/// A part of a task with one landscape and one rule.
struct Stage {
    regularisation: f64,
    integrator: Box<dyn Integrator<NetworkLandscape>>,
    noise: NoiseStream,
    /// Step after its last.
    end: u64,
}

/// Runs `task` on `dataset` (the task's subset) from `start` (the last frame of [`Task::start`]; `None` for a quench).
///
/// With a `checkpoint` file the task goes on from it where it exists, and writes it now and then and when it is stopped. The
/// record has the same bits however often that happened: a checkpoint that is damaged, or of another task, generation or
/// arithmetic, is not used, which [`Supervision::notice`] is told. A replica that diverges ends there, which the record says.
///
/// # Errors
/// [`ProtocolError`]; [`ProtocolError::Stopped`] after the flag was set.
pub fn run(
    task: &Task,
    dataset: &Dataset,
    start: Option<&[f64]>,
    checkpoint: Option<&Path>,
    supervision: &Supervision<'_>,
) -> Result<Record, ProtocolError> {
    let quench = task.quench();
    let architecture = Architecture::paper(quench.problem.width)?;
    let first = match start {
        Some(weights) => weights.to_vec(),
        None => {
            Initialisation::with_gain(quench.gain)?.draw(&architecture, quench.seed, quench.initial_condition)
        }
    };
    if first.len() != architecture.weight_count() {
        return Err(ProtocolError::Start { given: first.len(), needed: architecture.weight_count() });
    }
    let resumed = checkpoint.map(|path| resumed(path, task, first.len(), supervision.notice)).transpose()?;
    let (mut record, mut state) = resumed.flatten().unwrap_or_else(|| (Record::default(), State::new(first)));
    let saved = frames_of(task);
    let head = Head::new(task.clone());
    let (mut last_checkpoint, mut took) = (Instant::now(), Duration::ZERO);
    let total = task.steps().max(1) as f64;
    (supervision.progress)(state.step as f64 / total);
    for mut stage in stages(task)? {
        if state.step >= stage.end && record.times.last().is_some_and(|time| *time >= stage.end) {
            continue;
        }
        let landscape = NetworkLandscape::new(architecture.clone(), dataset.clone(), stage.regularisation)?;
        loop {
            let known = record.times.last().is_some_and(|time| *time >= state.step);
            if !known && saved.binary_search(&state.step).is_ok() {
                keep(&mut record, &landscape, &state);
            }
            if state.step >= stage.end {
                break;
            }
            stage.integrator.step(&landscape, &stage.noise, &mut state);
            state.step += 1;
            if !(state.loss.is_finite() && state.weights.iter().all(|weight| weight.is_finite())) {
                record.diverged = Some(state.step);
                (supervision.progress)(1.0 - (state.step as f64 / total));
                return Ok(record);
            }
            if state.step.is_multiple_of(STEPS_A_LOOK) {
                (supervision.progress)(STEPS_A_LOOK as f64 / total);
                let stopped = supervision.stop.load(Ordering::Relaxed);
                if let Some(path) = checkpoint
                    && (stopped || last_checkpoint.elapsed() >= wait(supervision.checkpoint_interval, took))
                {
                    let progress = Progress { step: state.step, weights: state.weights.clone() };
                    let started = Instant::now();
                    record.write_with(path, &head, Some(&progress))?;
                    last_checkpoint = Instant::now();
                    took = last_checkpoint.duration_since(started);
                }
                if stopped {
                    return Err(ProtocolError::Stopped);
                }
            }
        }
    }
    Ok(record)
}

/// Time from one checkpoint to the next, if the last one took `took` to write.
fn wait(interval: Duration, took: Duration) -> Duration {
    interval.max(took.saturating_mul(LEAST_WAIT))
}

/// Where the task stands by its checkpoint; `None`, after a notice, where that is of no use.
fn resumed(
    path: &Path,
    task: &Task,
    weights: usize,
    notice: &(dyn Fn(&str) + Sync),
) -> Result<Option<(Record, State)>, ProtocolError> {
    let afresh = |problem: &str| {
        notice(&format!("checkpoint {}: {problem}; the task starts afresh", path.display()));
        Ok(None)
    };
    let (head, record, progress) = match Record::read_with(path) {
        Ok(read) => read,
        Err(RecordError::File { source, .. }) if source.kind() == ErrorKind::NotFound => return Ok(None),
        Err(RecordError::Damaged { problem, .. }) => return afresh(&problem),
        Err(error) => return Err(error.into()),
    };
    let Some(progress) = progress else { return afresh("is a finished record") };
    if head.task != *task {
        return afresh("is of another task");
    }
    if head.generation != GENERATION {
        return afresh(&format!("is of generation {}, not {GENERATION}", head.generation));
    }
    if !head.same_arithmetic() {
        return afresh(&format!("was computed with {}, whose last bits differ here", head.instruction_set));
    }
    if progress.weights.len() != weights {
        return afresh(&format!("has {} weights; the network has {weights}", progress.weights.len()));
    }
    let mut state = State::new(progress.weights);
    state.step = progress.step;
    Ok(Some((record, state)))
}

/// The loss of a frame is that of all samples, whatever the step used.
fn keep(record: &mut Record, landscape: &NetworkLandscape, state: &State) {
    let mut gradient = vec![0.0; state.weights.len()];
    record.losses.push(landscape.loss_and_gradient(&state.weights, &mut gradient));
    record.times.push(state.step);
    record.weights.extend_from_slice(&state.weights);
}

/// The absolute times of the frames of `task`.
pub(super) fn frames_of(task: &Task) -> Vec<u64> {
    match task {
        Task::Quench(quench) => {
            let switches =
                [quench.minibatch_steps, quench.minibatch_steps + quench.descent_steps, task.steps()];
            let mut times = Vec::new();
            let mut from = 0;
            for end in switches {
                times.extend(save_times(Schedule::Logarithmic { per_decade: QUENCH_FRAMES }, &[from], end));
                from = end;
            }
            times.sort_unstable();
            times.dedup();
            times
        }
        Task::Trajectory(task) => save_times(task.schedule, &task.waiting_times, task.end),
        Task::Sweep(task) => {
            (1..=task.regularisations.len() as u64).map(|index| index * task.steps).collect()
        }
    }
}

fn stages(task: &Task) -> Result<Vec<Stage>, ProtocolError> {
    let quench = task.quench();
    let regularisation = quench.problem.regularisation;
    let still = |replica| NoiseStream::new(quench.seed, Purpose::Langevin, replica);
    let descent = |rate: f64, regularisation: f64, end: u64| -> Result<Stage, ProtocolError> {
        let integrator = Box::new(GradientDescent::new(rate)?);
        Ok(Stage { regularisation, integrator, noise: still(quench.initial_condition), end })
    };
    let rate = quench.learning_rate;
    match task {
        Task::Quench(quench) => {
            let integrator = Box::new(MinibatchDescent::new(rate, quench.batch_size, quench.seed)?);
            let noise = still(quench.initial_condition);
            let end = quench.minibatch_steps;
            Ok(vec![
                Stage { regularisation, integrator, noise, end },
                descent(rate, regularisation, end + quench.descent_steps)?,
                descent(rate / 10.0, regularisation, end + 2 * quench.descent_steps)?,
            ])
        }
        Task::Trajectory(trajectory) => {
            let samples = quench.problem.samples as f64;
            let mobility = trajectory.mobility;
            let integrator: Box<dyn Integrator<NetworkLandscape>> = match trajectory.dynamics {
                Dynamics::Langevin { temperature } => {
                    Box::new(EulerMaruyama::new(Bath::new(mobility, temperature, samples)?, 1.0)?)
                }
                Dynamics::SinglePrecisionLangevin { temperature } => {
                    let bath = Bath::new(mobility, temperature, samples)?;
                    Box::new(SinglePrecisionEulerMaruyama::new(bath, 1.0)?)
                }
                Dynamics::Minibatch { batch_size } if batch_size >= quench.problem.samples => {
                    Box::new(GradientDescent::new(mobility)?)
                }
                Dynamics::Minibatch { batch_size } => {
                    Box::new(MinibatchDescent::new(mobility, batch_size, trajectory.seed)?)
                }
            };
            let noise = NoiseStream::new(trajectory.seed, Purpose::Langevin, trajectory.noise_replica);
            Ok(vec![Stage { regularisation, integrator, noise, end: trajectory.end }])
        }
        Task::Sweep(sweep) => sweep
            .regularisations
            .iter()
            .zip(1..)
            .map(|(regularisation, index)| descent(sweep.learning_rate, *regularisation, index * sweep.steps))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{DataSource, Problem, QuenchTask, SweepTask, TrajectoryTask};
    use std::sync::Mutex;

    fn dataset() -> Dataset {
        crate::dataset::mnist().unwrap().subset(200, 1).unwrap()
    }

    fn quench() -> QuenchTask {
        QuenchTask {
            problem: Problem {
                data: DataSource::Mnist,
                samples: 200,
                subset_seed: 1,
                width: 5,
                regularisation: 0.01,
            },
            gain: 2.4,
            seed: 2,
            initial_condition: 0,
            learning_rate: 0.01,
            batch_size: 50,
            minibatch_steps: 700,
            descent_steps: 300,
        }
    }

    fn tasks() -> Vec<Task> {
        let trajectory = |dynamics| {
            Task::Trajectory(TrajectoryTask {
                quench: quench(),
                dynamics,
                mobility: 0.01,
                seed: 5,
                noise_replica: 1,
                waiting_times: vec![0, 100],
                end: 500,
                schedule: Schedule::Logarithmic { per_decade: 4 },
            })
        };
        vec![
            Task::Quench(quench()),
            trajectory(Dynamics::Langevin { temperature: 0.1 }),
            trajectory(Dynamics::SinglePrecisionLangevin { temperature: 0.1 }),
            trajectory(Dynamics::Minibatch { batch_size: 60 }),
            Task::Sweep(SweepTask {
                quench: quench(),
                learning_rate: 0.02,
                regularisations: vec![0.01, 0.1, 0.01],
                steps: 150,
            }),
        ]
    }

    /// Without a notice: a test that expects one has a supervision of its own.
    fn watched<'a>(stop: &'a AtomicBool, progress: &'a (dyn Fn(f64) + Sync)) -> Supervision<'a> {
        let notice = &|notice: &str| panic!("{notice}");
        Supervision { stop, progress, checkpoint_interval: DEFAULT_CHECKPOINT_INTERVAL, notice }
    }

    fn undisturbed(task: &Task, start: Option<&[f64]>) -> Record {
        run(task, &dataset(), start, None, &watched(&AtomicBool::new(false), &|_| {})).unwrap()
    }

    #[test]
    fn a_task_stopped_again_and_again_has_the_same_bits() {
        let start = undisturbed(&tasks()[0], None);
        for task in tasks() {
            let start = task.start().and_then(|_| start.last());
            let whole = undisturbed(&task, start);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("checkpoint");
            let mut stops = 0;
            let record = loop {
                // Stops at the first look of every run: after at most 64 steps.
                let stop = AtomicBool::new(true);
                match run(&task, &dataset(), start, Some(&path), &watched(&stop, &|_| {})) {
                    Ok(record) => break record,
                    Err(ProtocolError::Stopped) => stops += 1,
                    Err(error) => panic!("{error}"),
                }
            };
            assert_eq!(stops, task.steps() / STEPS_A_LOOK, "{task:?}");
            assert_eq!(record, whole, "{task:?}");
        }
    }

    #[test]
    fn progress_adds_up_and_frames_are_those_asked_for() {
        let start = undisturbed(&tasks()[0], None);
        for task in tasks() {
            let sum = Mutex::new(0.0);
            let stop = AtomicBool::new(false);
            let add = |share| *sum.lock().unwrap() += share;
            let from = task.start().and_then(|_| start.last());
            let record = run(&task, &dataset(), from, None, &watched(&stop, &add)).unwrap();
            assert_eq!(record.times, frames_of(&task));
            let unreported = (task.steps() % STEPS_A_LOOK) as f64 / task.steps() as f64;
            assert!((*sum.lock().unwrap() + unreported - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_diverged_network_ends_and_says_where() {
        let task = Task::Quench(QuenchTask { learning_rate: 1e6, ..quench() });
        let record = undisturbed(&task, None);
        assert!(record.diverged.is_some_and(|step| step < 20));
        assert!(record.weights.iter().all(|weight| weight.is_finite()));
    }

    #[test]
    fn starts_must_fit() {
        let stop = AtomicBool::new(false);
        let supervision = watched(&stop, &|_| {});
        let error = run(&tasks()[1], &dataset(), Some(&[0.0; 3]), None, &supervision).unwrap_err();
        assert_eq!(error.to_string(), "starts with 3 weights; the network has 180");
    }

    #[test]
    fn a_checkpoint_that_is_of_no_use_is_told_and_the_task_starts_afresh() {
        let task = &tasks()[0];
        let whole = undisturbed(task, None);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        let stopped = AtomicBool::new(true);
        run(task, &dataset(), None, Some(&path), &watched(&stopped, &|_| {})).unwrap_err();
        let bytes = std::fs::read(&path).unwrap();
        let (head, record, progress) = Record::read_with(&path).unwrap();
        let progress = progress.as_ref();
        let other = |head: Head| record.write_with(&path, &head, progress).unwrap();
        let cases: [(&dyn Fn(), &str); 6] = [
            (&|| std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(), "is cut short"),
            (&|| whole.write(&path, task).unwrap(), "is a finished record"),
            (&|| other(Head { task: tasks()[1].clone(), ..head.clone() }), "is of another task"),
            (&|| other(Head { generation: 0, ..head.clone() }), "is of generation 0, not 1"),
            (
                &|| other(Head { instruction_set: "abacus".to_owned(), ..head.clone() }),
                "computed with abacus",
            ),
            (
                &|| {
                    let progress = Progress { step: 64, weights: vec![0.0; 3] };
                    Record::default().write_with(&path, &head, Some(&progress)).unwrap();
                },
                "has 3 weights; the network has 180",
            ),
        ];
        for (spoil, problem) in cases {
            spoil();
            let notices = Mutex::new(Vec::new());
            let notice = |text: &str| notices.lock().unwrap().push(text.to_owned());
            let stop = AtomicBool::new(false);
            let supervision = Supervision { notice: &notice, ..watched(&stop, &|_| {}) };
            assert_eq!(run(task, &dataset(), None, Some(&path), &supervision).unwrap(), whole);
            let notices = notices.into_inner().unwrap();
            assert_eq!(notices.len(), 1, "{notices:?}");
            assert!(notices[0].contains(problem) && notices[0].ends_with("starts afresh"), "{notices:?}");
        }
    }

    #[test]
    fn checkpoints_come_at_the_interval_and_cost_at_most_a_twentieth() {
        let seconds = Duration::from_secs;
        assert_eq!(wait(seconds(20), seconds(1)), seconds(20));
        assert_eq!(wait(seconds(20), seconds(3)), seconds(60));
        assert_eq!(wait(seconds(1), Duration::MAX), Duration::MAX);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        for (checkpoint_interval, written) in [(Duration::ZERO, true), (seconds(3_600), false)] {
            let stop = AtomicBool::new(false);
            let supervision = Supervision { checkpoint_interval, ..watched(&stop, &|_| {}) };
            run(&tasks()[0], &dataset(), None, Some(&path), &supervision).unwrap();
            assert_eq!(path.exists(), written);
            let _ = std::fs::remove_file(&path);
        }
    }
}
