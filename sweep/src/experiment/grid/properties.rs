//! What holds for every experiment: unique and lasting identifiers, noise of its own for every run.

use super::{
    Experiment, Langevin, MinibatchDescentRuns, Networks, OneOrMany, Planned, Precision, RegularisationPath,
};
use glassbox_simulations::protocol::{Schedule, Task};
use proptest::prelude::*;
use proptest::sample::subsequence;
use std::collections::{HashMap, HashSet};
use std::path::Path;

const SCHEDULES: [Schedule; 2] = [Schedule::Paper, Schedule::Logarithmic { per_decade: 5 }];

fn some<T: Copy + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = OneOrMany<T>> {
    subsequence(values, 1..=values.len()).prop_map(OneOrMany)
}

fn times() -> impl Strategy<Value = Vec<u64>> {
    subsequence(&[0_u64, 10, 20], 1..=3)
}

fn langevin() -> impl Strategy<Value = Langevin> {
    let runs = (some(&[1e-3, 2e-3]), some(&[0.0, 1e-6, 1e-4]), proptest::option::of(Just(60_000.0)));
    let more = (some(&[Precision::Double, Precision::Single]), 1_u32..4, times(), 0..2_usize);
    (runs, more).prop_map(
        |(
            (mobility, temperature, reference_samples),
            (precision, noise_replicas, waiting_times, schedule),
        )| {
            let (end, schedule, window) = (100, SCHEDULES[schedule], None);
            Langevin {
                mobility,
                temperature,
                reference_samples,
                precision,
                noise_replicas,
                waiting_times,
                end,
                schedule,
                window,
            }
        },
    )
}

fn minibatch() -> impl Strategy<Value = MinibatchDescentRuns> {
    (some(&[1e-3, 2e-3]), some(&[1_usize, 10, 600]), 1_u32..4, times()).prop_map(
        |(learning_rate, batch_size, noise_replicas, waiting_times)| {
            let (end, schedule, window) = (100, Schedule::Paper, None);
            MinibatchDescentRuns {
                learning_rate,
                batch_size,
                noise_replicas,
                waiting_times,
                end,
                schedule,
                window,
            }
        },
    )
}

fn path() -> impl Strategy<Value = RegularisationPath> {
    (any::<bool>(), some(&[1e-3, 2e-3]), some(&[10_u64, 100])).prop_map(
        |(there_and_back, learning_rate, steps)| RegularisationPath {
            regularisations: vec![0.01, 0.1],
            there_and_back,
            learning_rate,
            steps,
        },
    )
}

fn networks() -> impl Strategy<Value = Networks> {
    let lists = (some(&[60_usize, 600]), some(&[2_usize, 4]), some(&[0.0, 0.01]), some(&[1.0, 2.0]));
    let followers = (
        prop::collection::vec(langevin(), 0..3),
        prop::collection::vec(minibatch(), 0..3),
        prop::collection::vec(path(), 0..3),
    );
    (lists, 1_u32..4, 0..2_usize, followers).prop_map(
        |(
            (samples, width, regularisation, gain),
            initial_conditions,
            data,
            (langevin, minibatch, regularisation_path),
        )| {
            Networks {
                data: ["mnist", "cifar10"][data].to_owned(),
                samples,
                width,
                regularisation,
                gain,
                initial_conditions,
                learning_rate: 1e-3,
                batch_size: 10,
                minibatch_steps: 100,
                descent_steps: 10,
                langevin,
                minibatch,
                regularisation_path,
            }
        },
    )
}

fn experiments() -> impl Strategy<Value = Experiment> {
    (0..3_u64, prop::collection::vec(networks(), 1..4)).prop_map(|(seed, networks)| Experiment {
        name: "any".to_owned(),
        about: String::new(),
        seed,
        networks,
    })
}

fn identifiers(experiment: &Experiment) -> HashSet<String> {
    experiment.tasks(None).map(|planned| planned.task.identifier()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_task_comes_once_and_after_its_start(experiment in experiments()) {
        let (mut seen, mut number) = (HashSet::new(), 0_u64);
        for Planned { task, .. } in experiment.tasks(None) {
            prop_assert_eq!(task.start().is_none(), number < experiment.starts());
            prop_assert!(task.start().is_none_or(|start| seen.contains(&start.identifier())));
            prop_assert!(seen.insert(task.identifier()), "twice: {:?}", task);
            number += 1;
        }
        prop_assert_eq!(number, experiment.count());
    }

    /// Blocks by themselves and together name the same tasks: none is lost where blocks share some.
    #[test]
    fn an_experiment_is_the_union_of_its_blocks(experiment in experiments()) {
        let mut union = HashSet::new();
        for block in &experiment.networks {
            let mut followed = block.clone();
            followed.langevin.clear();
            followed.minibatch.clear();
            followed.regularisation_path.clear();
            let bare = followed.clone();
            let mut alone = |networks: Networks| {
                let experiment = Experiment { networks: vec![networks], ..experiment.clone() };
                union.extend(identifiers(&experiment));
            };
            alone(bare.clone());
            block.langevin.iter().for_each(|one| alone(Networks { langevin: vec![one.clone()], ..bare.clone() }));
            block.minibatch.iter().for_each(|one| alone(Networks { minibatch: vec![one.clone()], ..bare.clone() }));
            block.regularisation_path.iter().for_each(|one| {
                alone(Networks { regularisation_path: vec![one.clone()], ..bare.clone() });
            });
        }
        prop_assert_eq!(identifiers(&experiment), union);
    }

    #[test]
    fn no_two_runs_share_noise(experiment in experiments()) {
        let mut seen = HashMap::new();
        for Planned { task, .. } in experiment.tasks(None) {
            if let Task::Trajectory(run) = task {
                // Batches of a quench have the experiment's seed.
                prop_assert_ne!(run.seed, experiment.seed);
                let other = seen.insert((run.seed, run.noise_replica), run.clone());
                prop_assert!(other.is_none(), "{:?} and {:?}", other, run);
            }
        }
    }

    /// What was there keeps its identifiers when a file grows, wherever the new values stand.
    #[test]
    fn a_file_that_grows_keeps_its_tasks(experiment in experiments(), more in networks(), first in any::<bool>()) {
        let before = identifiers(&experiment);
        let mut grown = experiment.clone();
        let at = if first { 0 } else { grown.networks.len() };
        grown.networks.insert(at, more.clone());
        for block in &mut grown.networks {
            block.samples.0.insert(0, 300);
            block.width.0.push(3);
            block.regularisation.0.insert(0, 0.005);
            block.gain.0.insert(0, 1.5);
            block.initial_conditions += 2;
            block.langevin.iter_mut().for_each(|langevin| {
                langevin.temperature.0.insert(0, 3e-5);
                langevin.mobility.0.insert(0, 3e-3);
                langevin.noise_replicas += 1;
            });
            block.minibatch.iter_mut().for_each(|minibatch| minibatch.batch_size.0.insert(0, 3));
            block.langevin.splice(0..0, more.langevin.clone());
        }
        let after = identifiers(&grown);
        prop_assert!(before.is_subset(&after));
        prop_assert!(after.len() > before.len());
    }

    #[test]
    fn another_seed_shares_nothing(experiment in experiments()) {
        let other = Experiment { seed: experiment.seed + 1, ..experiment.clone() };
        prop_assert!(identifiers(&experiment).is_disjoint(&identifiers(&other)));
    }
}

/// What a release changes here, it changes for every sweep on disk.
#[test]
fn identifiers_do_not_change_from_release_to_release() {
    let text = "name = 'pinned'\nseed = 7\n[[networks]]\ndata = 'mnist'\nsamples = 60\nwidth = 4\nregularisation = 0.01\n\
        gain = 1\ninitial_conditions = 1\nlearning_rate = 1e-3\nbatch_size = 10\nminibatch_steps = 100\ndescent_steps = 10\n\
        [[networks.langevin]]\nmobility = 1e-3\ntemperature = 1e-6\nwaiting_times = [10]\nend = 100\nschedule = 'paper'\n";
    let experiment = Experiment::parse(text, Path::new("pinned.toml")).unwrap();
    let all: Vec<String> = experiment.tasks(None).map(|planned| planned.task.identifier()).collect();
    assert_eq!(all, ["quench-bdb55975bd8f8e55", "trajectory-6e0b5336be20ced9"]);
}
