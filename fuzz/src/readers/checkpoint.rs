//! Checkpoints: a task goes on from one, or starts afresh with a notice.

use super::record;
use crate::reader::{Accepted, Input, Numbers, Reader, Reading};
use glassbox_simulations::dataset::Dataset;
use glassbox_simulations::protocol::{
    DEFAULT_CHECKPOINT_INTERVAL, DataSource, Dynamics, Problem, QuenchTask, Schedule, Supervision, Task,
    TrajectoryTask, run, verify,
};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// Checkpoints of [`task`].
pub(super) const CHECKPOINT: Reader = Reader {
    name: "checkpoint",
    corpus: "checkpoint",
    trials: 200,
    lines: 1,
    input: Input::Files,
    damage: record::damage,
    read: |folder, choice| resumed(&super::trajectory::only_file(folder), choice),
};

/// A task of some milliseconds, whose first frame comes after its first checkpoint.
#[must_use]
pub fn task() -> Task {
    let problem =
        Problem { data: DataSource::Mnist, samples: 4, subset_seed: 1, width: 1, regularisation: 0.01 };
    let quench = QuenchTask {
        problem,
        gain: 2.4,
        seed: 2,
        initial_condition: 0,
        learning_rate: 0.01,
        batch_size: 2,
        minibatch_steps: 1,
        descent_steps: 1,
    };
    Task::Trajectory(TrajectoryTask {
        quench,
        dynamics: Dynamics::Langevin { temperature: 0.1 },
        mobility: 0.01,
        seed: 5,
        noise_replica: 1,
        waiting_times: vec![100],
        end: 200,
        schedule: Schedule::Logarithmic { per_decade: 4 },
    })
}

/// The samples of [`task`].
///
/// # Panics
/// Never: they are sound.
#[must_use]
pub fn samples() -> Dataset {
    let inputs = (0..40_u8).map(|value| f32::from(value % 7) - 3.0).collect();
    Dataset::new(inputs, vec![1.0, -1.0, 1.0, -1.0], 10).expect("sound samples")
}

/// Runs [`task`] with this checkpoint until it stops or ends; returns what the run said of the checkpoint.
///
/// # Errors
/// The message with which it ends.
pub fn run_with(checkpoint: &Path, stop: bool) -> Result<(Accepted, Vec<String>), String> {
    let notices = Mutex::new(Vec::new());
    let notice = |text: &str| notices.lock().expect("no panic while it was held").push(text.to_owned());
    let supervision = Supervision {
        stop: &AtomicBool::new(stop),
        progress: &|_| {},
        checkpoint_interval: DEFAULT_CHECKPOINT_INTERVAL,
        notice: &notice,
    };
    // As many as a network of this width has.
    let start: Vec<f64> = (0..16_u8).map(|index| 0.1 * f64::from(index) - 0.7).collect();
    let record = run(&task(), &samples(), Some(&start), Some(checkpoint), &supervision);
    let record = record.map_err(|error| error.to_string())?;
    let mut numbers = Numbers::default();
    numbers.counts(&record.times);
    numbers.floats(&record.losses);
    numbers.floats(&record.weights);
    Ok((numbers.accepted(), notices.into_inner().expect("no panic while it was held")))
}

/// A checkpoint that is of no use is refused with a notice, whatever the task then makes of its start.
fn resumed(checkpoint: &Path, choice: u64) -> Reading {
    if choice.is_multiple_of(4) {
        verify(checkpoint).map_err(|error| error.to_string())?;
    }
    let (accepted, notices) = run_with(checkpoint, false)?;
    notices.into_iter().next().map_or(Ok(accepted), Err)
}
