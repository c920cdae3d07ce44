//! `tasks.parquet`: a row a task, with all that decides its result and where the result lies.

use super::table::{Cell, Column};
use crate::Entry;
use glassbox_simulations::protocol::{
    DataSource, Dynamics, Head, QuenchTask, Schedule, SweepTask, Task, TrajectoryTask,
};
use parquet::data_type::ByteArray;

/// A finished task.
pub(super) struct TaskRow {
    pub(super) entry: Entry,
    pub(super) head: Head,
    pub(super) frames: u64,
    pub(super) diverged: Option<u64>,
    pub(super) first_loss: Option<f64>,
    pub(super) last_loss: Option<f64>,
    /// Relative to the folder of the sweep.
    pub(super) record: String,
}

impl TaskRow {
    fn quench(&self) -> &QuenchTask {
        self.entry.task.quench()
    }

    fn trajectory(&self) -> Option<&TrajectoryTask> {
        if let Task::Trajectory(task) = &self.entry.task { Some(task) } else { None }
    }

    fn sweep(&self) -> Option<&SweepTask> {
        if let Task::Sweep(task) = &self.entry.task { Some(task) } else { None }
    }

    fn kind(&self) -> &'static str {
        match self.entry.task {
            Task::Quench(_) => "quench",
            Task::Trajectory(_) => "trajectory",
            Task::Sweep(_) => "sweep",
        }
    }

    fn data(&self) -> &str {
        match &self.quench().problem.data {
            DataSource::Mnist => "mnist",
            DataSource::Cifar10 => "cifar10",
            DataSource::Own { digest } => digest,
        }
    }

    fn dynamics(&self) -> Option<&'static str> {
        self.trajectory().map(|task| match task.dynamics {
            Dynamics::Langevin { .. } => "langevin",
            Dynamics::SinglePrecisionLangevin { .. } => "single-precision-langevin",
            Dynamics::Minibatch { .. } => "minibatch",
        })
    }

    fn temperature(&self) -> Option<f64> {
        match self.trajectory()?.dynamics {
            Dynamics::Langevin { temperature } | Dynamics::SinglePrecisionLangevin { temperature } => {
                Some(temperature)
            }
            Dynamics::Minibatch { .. } => None,
        }
    }

    fn dynamics_batch_size(&self) -> Option<u64> {
        match self.trajectory()?.dynamics {
            Dynamics::Minibatch { batch_size } => Some(batch_size as u64),
            _ => None,
        }
    }

    fn schedule(&self) -> Option<String> {
        self.trajectory().map(|task| match task.schedule {
            Schedule::Paper => "paper".to_owned(),
            Schedule::Logarithmic { per_decade } => format!("logarithmic, {per_decade} a decade"),
        })
    }
}

fn text(text: &str) -> Option<ByteArray> {
    Some(ByteArray::from(text))
}

const fn column(
    name: &'static str,
    unit: &'static str,
    value: Cell<TaskRow>,
    about: &'static str,
) -> Column<TaskRow> {
    Column { name, unit, about, value }
}

/// The columns, in their order.
pub(super) const COLUMNS: &[Column<TaskRow>] = &[
    column("task", "", Cell::Text(|row| text(&row.entry.identifier)), "identifier"),
    column(
        "kind",
        "",
        Cell::Text(|row| text(row.kind())),
        "quench, trajectory or sweep (lambda stepped through a list)",
    ),
    column(
        "start",
        "",
        Cell::Text(|row| row.entry.start.as_deref().and_then(text)),
        "identifier of the quench whose last weights it starts from; null for a quench",
    ),
    column(
        "data",
        "",
        Cell::Text(|row| text(row.data())),
        "mnist, cifar10, or the SHA-256 of data of one's own",
    ),
    column(
        "samples",
        "1",
        Cell::Integer(|row| Some(row.quench().problem.samples as u64)),
        "samples P_D of the subset",
    ),
    column("subset_seed", "", Cell::Seed(|row| Some(row.quench().problem.subset_seed)), "seed of the subset"),
    column(
        "width",
        "1",
        Cell::Integer(|row| Some(row.quench().problem.width as u64)),
        "neurons of each of the six hidden layers",
    ),
    column(
        "regularisation",
        "1",
        Cell::Real(|row| Some(row.quench().problem.regularisation)),
        "lambda; of a sweep, that of the quench it starts from",
    ),
    column("gain", "1", Cell::Real(|row| Some(row.quench().gain)), "gain of the uniform initialisation"),
    column(
        "seed",
        "",
        Cell::Seed(|row| Some(row.quench().seed)),
        "seed of initial weights and of the batches of the quench",
    ),
    column(
        "initial_condition",
        "1",
        Cell::Integer(|row| Some(row.quench().initial_condition.into())),
        "number of the initial condition",
    ),
    column(
        "learning_rate",
        "1",
        Cell::Real(|row| Some(row.quench().learning_rate)),
        "learning rate of the quench",
    ),
    column(
        "batch_size",
        "1",
        Cell::Integer(|row| Some(row.quench().batch_size as u64)),
        "samples a minibatch of the quench",
    ),
    column(
        "minibatch_steps",
        "steps",
        Cell::Integer(|row| Some(row.quench().minibatch_steps)),
        "steps of minibatch descent of the quench",
    ),
    column(
        "descent_steps",
        "steps",
        Cell::Integer(|row| Some(row.quench().descent_steps)),
        "steps of full-batch descent of the quench, at each of its two rates",
    ),
    column(
        "dynamics",
        "",
        Cell::Text(|row| row.dynamics().and_then(text)),
        "langevin, single-precision-langevin or minibatch; null unless a trajectory",
    ),
    column(
        "temperature",
        "1",
        Cell::Real(TaskRow::temperature),
        "temperature T of the bath, that of the run itself: T/P_D is temperature / samples; null without one",
    ),
    column(
        "dynamics_batch_size",
        "1",
        Cell::Integer(TaskRow::dynamics_batch_size),
        "samples a minibatch of a trajectory of minibatch descent; else null",
    ),
    column(
        "mobility",
        "1",
        Cell::Real(|row| Some(row.trajectory()?.mobility)),
        "mobility (learning rate) of a step of a trajectory; else null",
    ),
    column(
        "noise_seed",
        "",
        Cell::Seed(|row| Some(row.trajectory()?.seed)),
        "seed of the noise of a trajectory; else null",
    ),
    column(
        "noise_replica",
        "1",
        Cell::Integer(|row| Some(row.trajectory()?.noise_replica.into())),
        "which noise: trajectories with the same noise_seed and number share it; null unless a trajectory",
    ),
    column(
        "waiting_times",
        "steps",
        Cell::Integers(|row| Some(row.trajectory()?.waiting_times.clone())),
        "origins of the blocks of frames of a trajectory; else null",
    ),
    column(
        "end",
        "steps",
        Cell::Integer(|row| Some(row.trajectory()?.end)),
        "last step of a trajectory; else null",
    ),
    column(
        "schedule",
        "",
        Cell::Text(|row| text(&row.schedule()?)),
        "lags at which frames of a trajectory are saved; else null",
    ),
    column(
        "sweep_learning_rate",
        "1",
        Cell::Real(|row| Some(row.sweep()?.learning_rate)),
        "learning rate of a sweep; else null",
    ),
    column(
        "sweep_regularisations",
        "1",
        Cell::Reals(|row| Some(row.sweep()?.regularisations.clone())),
        "values of lambda of a sweep, one after the other; else null",
    ),
    column(
        "sweep_steps",
        "steps",
        Cell::Integer(|row| Some(row.sweep()?.steps)),
        "steps of a sweep at each lambda; else null",
    ),
    column("frames", "1", Cell::Integer(|row| Some(row.frames)), "saved frames"),
    column(
        "diverged",
        "steps",
        Cell::Integer(|row| row.diverged),
        "step after which a value was no longer finite, of the task or of its start; null if none",
    ),
    column(
        "first_loss",
        "1",
        Cell::Real(|row| row.first_loss),
        "loss on all samples, with the regularisation, at the first frame; null without frames",
    ),
    column("last_loss", "1", Cell::Real(|row| row.last_loss), "the same at the last frame"),
    column(
        "half_width",
        "weight",
        Cell::Real(|row| row.entry.half_width),
        "half width of the overlap's window; null where none was planned",
    ),
    column(
        "record",
        "",
        Cell::Text(|row| text(&row.record)),
        "file of all frames, from the folder of the sweep",
    ),
    column("digest", "", Cell::Text(|row| text(&row.head.digest)), "SHA-256 in the head of the record"),
    column(
        "version",
        "",
        Cell::Text(|row| text(&row.head.version)),
        "version of glassbox that wrote the record",
    ),
    column(
        "instruction_set",
        "",
        Cell::Text(|row| text(&row.head.instruction_set)),
        "what the kernels computed with",
    ),
];
