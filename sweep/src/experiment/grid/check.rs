//! Which values an experiment may have.

use super::motion::Follower;
use super::{Experiment, Langevin, MinibatchDescentRuns, Networks, OneOrMany, RegularisationPath};
use crate::experiment::ranges::{OutOfRange, data, frames, not_negative, positive, require, steps};
use glassbox_simulations::protocol::{MOST_VALUES, MOST_WIDTH};
use std::fmt::Debug;

/// No experiment has more tasks: their list alone would take tens of gigabytes.
const MOST_TASKS: f64 = 1e8;

/// No more networks or noises of one kind: they are counted in 32 bits.
const MOST_REPLICAS: u32 = 1_000_000;

pub(super) fn check(experiment: &Experiment) -> Result<(), OutOfRange> {
    require("name", &experiment.name, !experiment.name.trim().is_empty(), "at least one letter")?;
    require("networks", "[]", !experiment.networks.is_empty(), "one or more")?;
    for (index, networks) in experiment.networks.iter().enumerate() {
        let name = format!("networks[{index}]");
        within(&name, check_networks(networks))?;
        for (index, langevin) in networks.langevin.iter().enumerate() {
            within(&format!("{name}.langevin[{index}]"), check_langevin(langevin))?;
        }
        for (index, minibatch) in networks.minibatch.iter().enumerate() {
            within(&format!("{name}.minibatch[{index}]"), check_minibatch(minibatch))?;
        }
        for (index, path) in networks.regularisation_path.iter().enumerate() {
            within(&format!("{name}.regularisation_path[{index}]"), check_path(path))?;
        }
    }
    let tasks: f64 = experiment.networks.iter().map(most_tasks).sum();
    require("the number of tasks", tasks, tasks <= MOST_TASKS, "at most 100,000,000")
}

fn within(name: &str, result: Result<(), OutOfRange>) -> Result<(), OutOfRange> {
    result.map_err(|(key, value, allowed)| (format!("{name}.{key}"), value, allowed))
}

/// Tasks, those that come twice counted twice.
fn most_tasks(networks: &Networks) -> f64 {
    let lists = [
        networks.samples.values().len(),
        networks.width.values().len(),
        networks.regularisation.values().len(),
        networks.gain.values().len(),
    ];
    let kinds: f64 = lists.into_iter().map(|length| length as f64).product();
    let followed: f64 = networks.followers().map(Follower::most_runs).sum();
    kinds * f64::from(networks.initial_conditions) * (1.0 + followed)
}

fn check_networks(networks: &Networks) -> Result<(), OutOfRange> {
    data(&networks.data)?;
    let (most, allowed) = match networks.data.as_str() {
        "mnist" => (60_000, "at least 2 and at most 60,000, which MNIST has"),
        "cifar10" => (50_000, "at least 2 and at most 50,000, which CIFAR-10 has"),
        _ => (usize::MAX, "at least 2"),
    };
    each("samples", &networks.samples, |samples| {
        require("samples", samples, (2..=most).contains(&samples), allowed)
    })?;
    each("width", &networks.width, |width| {
        require("width", width, (1..=MOST_WIDTH).contains(&width), "at least 1 and at most 10,000")
    })?;
    each("regularisation", &networks.regularisation, |value| not_negative("regularisation", value))?;
    each("gain", &networks.gain, |gain| positive("gain", gain))?;
    replicas("initial_conditions", networks.initial_conditions)?;
    positive("learning_rate", networks.learning_rate)?;
    require("batch_size", networks.batch_size, networks.batch_size > 0, "at least 1")?;
    steps("minibatch_steps", networks.minibatch_steps, 0)?;
    steps("descent_steps", networks.descent_steps, u64::from(networks.minibatch_steps == 0))
}

fn check_langevin(langevin: &Langevin) -> Result<(), OutOfRange> {
    each("mobility", &langevin.mobility, |mobility| positive("mobility", mobility))?;
    each("temperature", &langevin.temperature, |temperature| not_negative("temperature", temperature))?;
    each("precision", &langevin.precision, |_| Ok(()))?;
    langevin.reference_samples.map_or(Ok(()), |samples| positive("reference_samples", samples))?;
    replicas("noise_replicas", langevin.noise_replicas)?;
    frames(&langevin.waiting_times, langevin.end, langevin.schedule)?;
    langevin.window.map_or(Ok(()), |window| positive("window", window))
}

fn check_minibatch(minibatch: &MinibatchDescentRuns) -> Result<(), OutOfRange> {
    each("learning_rate", &minibatch.learning_rate, |rate| positive("learning_rate", rate))?;
    each("batch_size", &minibatch.batch_size, |size| require("batch_size", size, size > 0, "at least 1"))?;
    replicas("noise_replicas", minibatch.noise_replicas)?;
    frames(&minibatch.waiting_times, minibatch.end, minibatch.schedule)?;
    minibatch.window.map_or(Ok(()), |window| positive("window", window))
}

fn check_path(path: &RegularisationPath) -> Result<(), OutOfRange> {
    let values = &path.regularisations;
    let allowed = "one or more, and at most 10,000";
    require(
        "regularisations",
        format!("{} values", values.len()),
        (1..=MOST_VALUES).contains(&values.len()),
        allowed,
    )?;
    values.iter().try_for_each(|value| not_negative("regularisations", *value))?;
    each("learning_rate", &path.learning_rate, |rate| positive("learning_rate", rate))?;
    each("steps", &path.steps, |value| steps("steps", value, 1))
}

/// Each value of a list, none twice.
fn each<T: Copy + Debug + PartialEq>(
    key: &str,
    list: &OneOrMany<T>,
    check: impl Fn(T) -> Result<(), OutOfRange>,
) -> Result<(), OutOfRange> {
    let values = list.values();
    require(key, "[]", !values.is_empty(), "one or more values")?;
    let count = values.len();
    require(key, format!("{count} values"), count <= MOST_VALUES, "at most 10,000")?;
    values.iter().try_for_each(|value| check(*value))?;
    let twice = values.iter().enumerate().find(|(index, value)| values[..*index].contains(value));
    let twice = twice.map_or_else(String::new, |(_, value)| format!("{value:?} twice"));
    require(key, &twice, twice.is_empty(), "a list with each value once")
}

fn replicas(key: &str, count: u32) -> Result<(), OutOfRange> {
    require(key, count, (1..=MOST_REPLICAS).contains(&count), "at least 1 and at most 1,000,000")
}
