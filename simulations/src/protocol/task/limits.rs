//! What a task may ask for. Plans are files, and a file may ask for anything: for more steps than 64 bits count, or more frames than
//! any memory holds.

use super::{QuenchTask, Task};
use crate::protocol::schedule::Schedule;

/// No run is longer: at a microsecond a step it would take twenty minutes, at a millisecond two weeks.
pub const MOST_STEPS: u64 = 1_000_000_000;

/// No network is wider: it would have 5·10⁸ weights.
pub const MOST_WIDTH: usize = 10_000;

/// No list of a task is longer.
pub const MOST_VALUES: usize = 10_000;

/// No task has more frames: of the smallest network they would take 1.4 GB.
pub const MOST_FRAMES: u64 = 10_000_000;

/// Tasks may have twice as much as experiments say: lists there and back, and the paper's early waiting time.
const THERE_AND_BACK: u64 = 2;

impl Task {
    /// What this task asks for that no task may, and what is allowed; `None` for one that may be planned and run.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let quench = self.quench();
        quench_problem(quench).or_else(|| match self {
            Self::Quench(_) => None,
            Self::Trajectory(task) => above("end", task.end, MOST_STEPS)
                .or_else(|| {
                    above(
                        "the number of waiting_times",
                        task.waiting_times.len() as u64,
                        THERE_AND_BACK * MOST_VALUES as u64,
                    )
                })
                .or_else(|| {
                    above(
                        "the number of frames",
                        most_frames(&task.waiting_times, task.end, task.schedule),
                        THERE_AND_BACK * MOST_FRAMES,
                    )
                }),
            Self::Sweep(task) => above("steps", task.steps, MOST_STEPS).or_else(|| {
                above(
                    "the number of regularisations",
                    task.regularisations.len() as u64,
                    THERE_AND_BACK * MOST_VALUES as u64,
                )
            }),
        })
    }
}

fn quench_problem(quench: &QuenchTask) -> Option<String> {
    above("width", quench.problem.width as u64, MOST_WIDTH as u64)
        .or_else(|| above("minibatch_steps", quench.minibatch_steps, MOST_STEPS))
        .or_else(|| above("descent_steps", quench.descent_steps, MOST_STEPS))
}

fn above(name: &str, value: u64, most: u64) -> Option<String> {
    (value > most).then(|| format!("{name} is {value}; it must be at most {most}"))
}

/// Frames of a trajectory, those that several waiting times share counted for each.
pub fn most_frames(waiting_times: &[u64], end: u64, schedule: Schedule) -> u64 {
    let lags = |waiting: &u64| end.checked_sub(*waiting).map_or(0, |last| schedule.most_lags(last));
    waiting_times.iter().map(lags).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::test_tasks::{quench, trajectory};
    use crate::protocol::{SweepTask, TrajectoryTask};

    #[test]
    fn usual_tasks_may_be_run() {
        assert_eq!(trajectory(1, 0.1).problem(), None);
        assert_eq!(Task::Quench(quench(1)).problem(), None);
    }

    #[test]
    fn what_would_take_all_memory_is_named() {
        let Task::Trajectory(usual) = trajectory(1, 0.1) else { panic!("a trajectory") };
        let longest = TrajectoryTask { end: u64::MAX, ..usual.clone() };
        let fine = TrajectoryTask { end: MOST_STEPS, schedule: Schedule::Paper, ..usual.clone() };
        let many = TrajectoryTask { waiting_times: (0..20_001).collect(), ..usual };
        let mut wide = quench(1);
        wide.problem.width = usize::MAX;
        let sweep =
            SweepTask { quench: quench(1), learning_rate: 0.1, regularisations: vec![0.0; 20_001], steps: 1 };
        for (task, problem) in [
            (Task::Trajectory(longest), "end is 18446744073709551615; it must be at most 1000000000"),
            (Task::Trajectory(fine), "the number of frames is 200"),
            (Task::Trajectory(many), "the number of waiting_times is 20001; it must be at most 20000"),
            (Task::Quench(wide), "width is 18446744073709551615; it must be at most 10000"),
            (
                Task::Quench(QuenchTask { descent_steps: 1 << 63, ..quench(1) }),
                "descent_steps is 9223372036854775808",
            ),
            (Task::Sweep(sweep), "the number of regularisations is 20001"),
        ] {
            let found = task.problem().unwrap();
            assert!(found.starts_with(problem), "{found}");
        }
    }
}
