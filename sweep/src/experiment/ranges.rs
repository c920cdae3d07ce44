//! Which values a preset may have.

use super::{Phase, PhaseDiagram, Preset};
use glassbox_simulations::protocol::{
    MOST_FRAMES, MOST_STEPS, MOST_VALUES, MOST_WIDTH, Schedule, most_frames,
};

/// Key, value and what is allowed.
pub(super) type OutOfRange = (String, String, &'static str);

pub(super) fn check(preset: &Preset) -> Result<(), OutOfRange> {
    let phases = &preset.phases;
    let named = [
        ("phases.regularised", &phases.regularised),
        ("phases.under_parameterised", &phases.under_parameterised),
        ("phases.over_parameterised", &phases.over_parameterised),
        ("phases.cifar10_regularised", &phases.cifar10_regularised),
        ("phases.cifar10_under_parameterised", &phases.cifar10_under_parameterised),
        ("phases.cifar10_over_parameterised", &phases.cifar10_over_parameterised),
    ];
    for (name, phase) in named {
        check_phase(phase).map_err(|(key, value, allowed)| (format!("{name}.{key}"), value, allowed))?;
    }
    let diagrams = [
        ("phase_diagram", &preset.phase_diagram),
        ("cifar10_phase_diagram", &preset.cifar10_phase_diagram),
        ("transition", &preset.transition),
    ];
    for (name, diagram) in diagrams {
        check_diagram(diagram).map_err(|(key, value, allowed)| (format!("{name}.{key}"), value, allowed))?;
    }
    positive("confidence", preset.confidence)?;
    require("confidence", preset.confidence, preset.confidence < 1.0, "above 0 and below 1")?;
    require(
        "bootstrap_resamples",
        preset.bootstrap_resamples,
        preset.bootstrap_resamples >= 100,
        "at least 100",
    )?;
    let hysteresis = &preset.hysteresis;
    positive("hysteresis.learning_rate", hysteresis.learning_rate)?;
    steps("hysteresis.steps", hysteresis.steps, 1)?;
    ascending("hysteresis.regularisations", &hysteresis.regularisations)?;
    let values = hysteresis.regularisations.len();
    require(
        "hysteresis.regularisations",
        format!("{values} values"),
        values <= MOST_VALUES,
        "at most 10,000",
    )?;
    let most = preset.transition.initial_conditions;
    let networks = hysteresis.initial_conditions;
    require(
        "hysteresis.initial_conditions",
        networks,
        (1..=most).contains(&networks),
        "at least 1 and at most those of transition",
    )?;
    let regularised = &phases.regularised;
    let most = 2..=regularised.initial_conditions;
    let allowed = "at least 2 and at most those of phases.regularised";
    let networks = preset.minibatch.initial_conditions;
    require("minibatch.initial_conditions", networks, most.contains(&networks), allowed)?;
    let networks = preset.single_precision.initial_conditions;
    require("single_precision.initial_conditions", networks, most.contains(&networks), allowed)?;
    let sizes = &preset.minibatch.batch_sizes;
    require(
        "minibatch.batch_sizes",
        format!("{sizes:?}"),
        !sizes.is_empty() && sizes.iter().all(|size| *size > 0),
        "one or more, each at least 1",
    )?;
    let known = |temperature: &f64| regularised.temperatures.contains(temperature);
    let single = &preset.single_precision.temperatures;
    let allowed = "some of phases.regularised.temperatures";
    require("single_precision.temperatures", format!("{single:?}"), single.iter().all(known), allowed)?;
    let more = preset.noise_replicas.temperature;
    require("noise_replicas.temperature", more, known(&more), "one of phases.regularised.temperatures")?;
    let tail = &preset.tail;
    require(
        "tail.temperature",
        tail.temperature,
        known(&tail.temperature),
        "one of phases.regularised.temperatures",
    )?;
    let networks = tail.initial_conditions;
    require(
        "tail.initial_conditions",
        networks,
        (1..1000).contains(&networks),
        "at least 1 and below 1,000",
    )?;
    let replicas = preset.noise_replicas.replicas;
    require("noise_replicas.replicas", replicas, (1..1000).contains(&replicas), "at least 1 and below 1,000")
}

fn check_phase(phase: &Phase) -> Result<(), OutOfRange> {
    data(&phase.data)?;
    positive("reference_samples", phase.reference_samples)?;
    positive("gain", phase.gain)?;
    positive("learning_rate", phase.learning_rate)?;
    positive("mobility", phase.mobility)?;
    positive("steps_of_the_paper", phase.steps_of_the_paper)?;
    positive("window", phase.window)?;
    positive("early_window", phase.early_window)?;
    not_negative("regularisation", phase.regularisation)?;
    counts(phase.samples, phase.width, phase.batch_size, phase.initial_conditions)?;
    ascending("temperatures", &phase.temperatures)?;
    require("temperatures", phase.temperatures.len(), phase.temperatures.len() < 1000, "fewer than 1,000")?;
    steps("minibatch_steps", phase.minibatch_steps, 0)?;
    steps("descent_steps", phase.descent_steps, 0)?;
    frames(&phase.waiting_times, phase.end, phase.schedule)?;
    let first = phase.waiting_times.first().copied().unwrap_or(0);
    let early = phase.early_waiting_time;
    require("early_waiting_time", early, early <= first, "at most the first of waiting_times")?;
    let known = phase.temperatures.contains(&phase.ageing_temperature);
    require("ageing_temperature", phase.ageing_temperature, known, "one of temperatures")
}

fn check_diagram(diagram: &PhaseDiagram) -> Result<(), OutOfRange> {
    data(&diagram.data)?;
    positive("learning_rate", diagram.learning_rate)?;
    let widths = &diagram.widths;
    let sorted = widths.is_sorted_by(|one, next| one < next) && !widths.is_empty();
    require("widths", format!("{widths:?}"), sorted, "one or more, ascending")?;
    ascending("regularisations", &diagram.regularisations)?;
    require("gains", format!("{:?}", diagram.gains), !diagram.gains.is_empty(), "one or more")?;
    diagram.gains.iter().try_for_each(|gain| positive("gains", *gain))?;
    steps("minibatch_steps", diagram.minibatch_steps, 0)?;
    steps("descent_steps", diagram.descent_steps, 0)?;
    widths
        .iter()
        .try_for_each(|width| counts(diagram.samples, *width, diagram.batch_size, diagram.initial_conditions))
}

pub(super) fn data(name: &str) -> Result<(), OutOfRange> {
    require("data", name, ["mnist", "cifar10", "own"].contains(&name), "mnist, cifar10 or own")
}

fn counts(samples: usize, width: usize, batch_size: usize, networks: u32) -> Result<(), OutOfRange> {
    require("samples", samples, samples >= 2, "at least 2")?;
    require("width", width, (1..=MOST_WIDTH).contains(&width), "at least 1 and at most 10,000")?;
    require("batch_size", batch_size, batch_size > 0, "at least 1")?;
    require("initial_conditions", networks, (2..=1_000).contains(&networks), "at least 2 and at most 1,000")
}

fn ascending(key: &str, values: &[f64]) -> Result<(), OutOfRange> {
    let sorted = !values.is_empty() && values.is_sorted_by(|one, next| one < next);
    let good = sorted && values.iter().all(|value| value.is_finite() && *value >= 0.0);
    require(key, format!("{values:?}"), good, "one or more, finite, at least 0, ascending")
}

pub(super) fn positive(key: &str, value: f64) -> Result<(), OutOfRange> {
    require(key, value, value.is_finite() && value > 0.0, "finite and above 0")
}

pub(super) fn not_negative(key: &str, value: f64) -> Result<(), OutOfRange> {
    require(key, value, value.is_finite() && value >= 0.0, "finite and at least 0")
}

#[allow(clippy::needless_pass_by_value, reason = "small numbers, and texts made for the message")]
pub(super) fn require(
    key: &str,
    value: impl std::fmt::Display,
    holds: bool,
    allowed: &'static str,
) -> Result<(), OutOfRange> {
    if holds { Ok(()) } else { Err((key.to_owned(), format!("{value}"), allowed)) }
}

pub(super) fn steps(key: &str, count: u64, least: u64) -> Result<(), OutOfRange> {
    let allowed = if least == 0 { "at most 1,000,000,000" } else { "at least 1 and at most 1,000,000,000" };
    require(key, count, (least..=MOST_STEPS).contains(&count), allowed)
}

/// When frames are saved, and that not too many are.
pub(super) fn frames(waiting_times: &[u64], end: u64, schedule: Schedule) -> Result<(), OutOfRange> {
    steps("end", end, 1)?;
    let sorted = waiting_times.is_sorted_by(|one, next| one < next) && !waiting_times.is_empty();
    let inside = waiting_times.iter().all(|time| *time < end);
    require(
        "waiting_times",
        format!("{waiting_times:?}"),
        sorted && inside,
        "one or more, ascending, each below end",
    )?;
    let count = waiting_times.len();
    require("waiting_times", format!("{count} values"), count <= MOST_VALUES, "at most 10,000")?;
    if let Schedule::Logarithmic { per_decade } = schedule {
        let key = "schedule.logarithmic.per_decade";
        require(key, per_decade, (1..=1_000).contains(&per_decade), "at least 1 and at most 1,000")?;
    }
    let count = most_frames(waiting_times, end, schedule);
    require("schedule", format!("{count} frames for each run"), count <= MOST_FRAMES, "at most 10,000,000")
}
