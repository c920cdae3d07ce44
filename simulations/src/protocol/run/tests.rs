//! Tasks stopped, resumed, diverged and refused.

use super::*;
use crate::protocol::{DataSource, Dynamics, Problem, QuenchTask, Schedule, SweepTask, TrajectoryTask};
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
        // Or more, where 64 steps take longer than from one look to the next.
        assert!(stops >= task.steps() / STEPS_A_LOOK, "{task:?}");
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
        assert!((*sum.lock().unwrap() - 1.0).abs() < 1e-12);
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
        (&|| other(Head { instruction_set: "abacus".to_owned(), ..head.clone() }), "computed with abacus"),
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
