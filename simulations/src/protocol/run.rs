//! Runs one task, from its start or from its checkpoint, to its record.

use super::record::{Head, Progress, Record, RecordError, weights_digest};
use super::stages::{frames_of, stages};
use super::task::Task;
use crate::dataset::Dataset;
use crate::integrator::{IntegratorError, State};
use crate::landscape::{Landscape, LandscapeError, NetworkLandscape};
use crate::network::{Architecture, Initialisation, NetworkError};
use glassbox_oracle::OracleError;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Steps between two looks at the stop flag and the progress, at most.
const STEPS_A_LOOK: u64 = 64;

/// Time between two looks, at most by a step: steps of large networks take seconds.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

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
    /// A task that asks for more than any may.
    #[error("{0}")]
    Task(String),
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
    if let Some(problem) = task.problem() {
        return Err(ProtocolError::Task(problem));
    }
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
    let head = Head::new(task.clone(), start.map(weights_digest));
    let resumed = checkpoint.map(|path| resumed(path, &head, first.len(), supervision.notice)).transpose()?;
    let afresh = || (Record { start: head.start.clone(), ..Record::default() }, State::new(first));
    let (mut record, mut state) = resumed.flatten().unwrap_or_else(afresh);
    let saved = frames_of(task);
    let (mut last_look, mut looked_at) = (Instant::now(), state.step);
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
                (supervision.progress)(1.0 - looked_at as f64 / total);
                return Ok(record);
            }
            if state.step.is_multiple_of(STEPS_A_LOOK) || last_look.elapsed() > LOOK_INTERVAL {
                (supervision.progress)((state.step - looked_at) as f64 / total);
                (last_look, looked_at) = (Instant::now(), state.step);
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
    (supervision.progress)((state.step - looked_at) as f64 / total);
    Ok(record)
}

/// Time from one checkpoint to the next, if the last one took `took` to write.
fn wait(interval: Duration, took: Duration) -> Duration {
    interval.max(took.saturating_mul(LEAST_WAIT))
}

/// Where the task stands by its checkpoint; `None`, after a notice, where that is of no use.
fn resumed(
    path: &Path,
    own: &Head,
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
        Err(RecordError::Damaged { problem, .. } | RecordError::OtherVersion { problem, .. }) => {
            return afresh(&problem);
        }
        Err(error) => return Err(error.into()),
    };
    let Some(progress) = progress else { return afresh("is a finished record") };
    if head.task != own.task {
        return afresh("is of another task");
    }
    if head.generation != own.generation {
        return afresh(&format!("is of generation {}, not {}", head.generation, own.generation));
    }
    if head.start != own.start {
        return afresh("started from other weights");
    }
    if !head.same_arithmetic() {
        return afresh(&format!("was computed with {}, whose last bits differ here", head.instruction_set));
    }
    if progress.weights.len() != weights {
        return afresh(&format!("has {} weights; the network has {weights}", progress.weights.len()));
    }
    // Sound by its digest, and still not what this task comes to on its way.
    let saved = frames_of(&own.task);
    let passed = saved.partition_point(|time| *time < progress.step);
    if progress.step > own.task.steps() || record.times != saved[..passed] || record.diverged.is_some() {
        return afresh(&format!("does not have the frames of its task before step {}", progress.step));
    }
    if record.weights.len() != record.times.len() * weights {
        return afresh("has frames of another size than its network");
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

#[cfg(test)]
mod tests;
