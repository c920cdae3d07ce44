//! chi4: by how much the overlap fluctuates from network to network, against independent weights, and its two sources.

use super::Drawn;
use super::families::{measured, point, time_axis};
use super::heterogeneity::power;
use crate::analysis::Interval;
use crate::analysis::variance_split::{Chi4, chi4};
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{
    ColourBar, Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone,
};
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement, judge_statement};
use glassbox_simulations::protocol::{Block, Task};
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// The phase with repeated noise.
const REPEATED: PhaseName = PhaseName::Regularised;

/// Largest chi4 of independent weights.
const INDEPENDENT: f64 = 0.25;

/// Runs of the networks with further noise, and what they give after each lag.
struct Repeated {
    temperature: f64,
    runs: usize,
    lost: usize,
    times: Vec<f64>,
    found: Vec<Chi4>,
}

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    let mut all: Vec<Task> =
        PhaseName::MNIST.into_iter().flat_map(|name| trajectories(tasks, name)).collect();
    let replicas = &tasks.preset().noise_replicas;
    for network in 0..tasks.phase(REPEATED).initial_conditions {
        all.extend(
            (1..=replicas.replicas)
                .map(|replica| tasks.trajectory(REPEATED, network, replicas.temperature, replica)),
        );
    }
    all
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let runs = PhaseName::MNIST.into_iter().map(|name| results.run(name)).collect::<Result<Vec<_>, _>>()?;
    let repeated = repeated(results, &runs[0])?;
    let claim = repeated.as_ref().and_then(|repeated| cooperative(results, repeated));
    let mut caption = "chi4 = N Var Q from the first waiting time on, with bootstrap intervals over initial conditions (of a variance, with \
                       few initial conditions, they are too narrow: 0.69 with five where 0.95 is asked for). Dashed: independent weights, \
                       Q(1 − Q) in a and its largest value 1/4 elsewhere. b–d: one run a network, so that the spread of initial \
                       conditions is part of it."
        .to_owned();
    if let Some(repeated) = &repeated {
        caption += &format!(" a: {} runs of {} networks", repeated.runs, runs[0].networks.len());
        caption += &match repeated.lost {
            0 => ".".to_owned(),
            lost => format!("; {lost} diverged."),
        };
    }
    for lost in runs.iter().filter_map(Run::lost) {
        caption += &format!(" {lost}.");
    }
    let mut plate = Plate::new("chi4", "Fluctuations of the overlap", caption, results.provenance.clone())?
        .with_columns(2)
        .with_colour_bar(ColourBar::logarithmic("temperature T").with_zero_label("T = 0"));
    let mut letters = ["b", "c", "d"].into_iter();
    if let Some(repeated) = &repeated {
        let mut panel = split_panel(&runs[0], repeated);
        if let Some(claim) = &claim {
            panel = panel.with_verdict(claim.verdict);
        }
        plate = plate.with_panel(panel);
    } else {
        letters = ["a", "b", "c"].into_iter();
    }
    for (run, letter) in runs.iter().zip(letters) {
        plate = plate.with_panel(total_panel(results, run, letter)?);
    }
    Ok(Drawn { plate, claims: claim.into_iter().collect(), page: None })
}

/// `None` where the temperature with repeated noise was left out or a network has no run left.
fn repeated(results: &Results<'_>, run: &Run) -> Result<Option<Repeated>, ResultError> {
    let replicas = &results.tasks.preset().noise_replicas;
    let Some(index) = run.index(replicas.temperature) else { return Ok(None) };
    let usual = run.overlap(index, run.waiting_time(), 1.0);
    let lags: Vec<u64> = run
        .phase
        .schedule
        .lags(run.phase.end - run.waiting_time())
        .into_iter()
        .filter(|lag| *lag > 0)
        .collect();
    let (mut curves, mut lost) = (Vec::new(), 0);
    for (network, first) in run.networks.iter().zip(usual.curves) {
        let mut own = vec![first];
        for replica in 1..=replicas.replicas {
            let task =
                results.tasks.trajectory(REPEATED, network.initial_condition, replicas.temperature, replica);
            let record = results.record(&task)?;
            match Block::new(&record, run.waiting_time()).filter(|_| record.diverged.is_none()) {
                Some(block) => own.push(block.overlap(&lags, &run.overlap_population, network.half_width)),
                None => lost += 1,
            }
        }
        curves.push(own);
    }
    let runs = curves.iter().map(Vec::len).sum();
    let found = (0..lags.len())
        .map(|lag| {
            let at: Vec<Vec<f64>> =
                curves.iter().map(|own| own.iter().map(|curve| curve[lag]).collect()).collect();
            chi4(&results.bootstrap, &at, run.overlap_population.len())
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Repeated { temperature: replicas.temperature, runs, lost, times: usual.times, found }))
}

/// The lag with the largest part of the noise, and what is found there.
fn peak(repeated: &Repeated) -> Option<(f64, Interval, &Chi4)> {
    let frames = repeated.times.iter().zip(&repeated.found);
    frames
        .filter_map(|(time, found)| Some((*time, found.noise?, found)))
        .max_by(|one, other| one.1.value.total_cmp(&other.1.value))
}

fn cooperative(results: &Results<'_>, repeated: &Repeated) -> Option<Claim> {
    let (time, noise, found) = peak(repeated)?;
    let independent = found.independent;
    let holds = if noise.low > independent.high {
        Some(true)
    } else if noise.high > 2.0 * independent.value {
        // Twice the fluctuations of independent weights cannot be excluded.
        None
    } else {
        Some(false)
    };
    let reason = format!(
        "T = {}, at its largest ({} steps): noise {:.2} ({:.2} to {:.2}), independent weights {:.2}; initial conditions add {}",
        power(repeated.temperature),
        power(time),
        noise.value,
        noise.low,
        noise.high,
        independent.value,
        found.initial_condition.map_or_else(
            || "an unknown part".to_owned(),
            |part| format!("{:.2} ({:.2} to {:.2})", part.value, part.low, part.high)
        ),
    );
    let verdict =
        holds.map_or(ClaimVerdict::NotResolved, |holds| judge_statement(Some(holds), Some(false)).verdict);
    Some(
        Claim::new(
            "open 9",
            "open question",
            "Weights move together: for one initial condition the overlap fluctuates more than that of independent weights.",
            "dynamical heterogeneity, without chi4",
        )
        .with_measured(measured(results, noise, "chi4 of the noise"))
        .with_null("independent weights", independent.value)
        .with_figure("chi4")
        .judged_as(Judgement { verdict, reason }),
    )
}

fn split_panel(run: &Run, repeated: &Repeated) -> PlatePanel {
    let points = |choose: &dyn Fn(&Chi4) -> Option<Interval>| -> Vec<Measurement> {
        // Every second frame: five a decade.
        let frames = repeated.times.iter().zip(&repeated.found).step_by(2);
        frames.filter_map(|(time, found)| Some(point(*time, choose(found)?))).collect()
    };
    let independent =
        repeated.times.iter().zip(&repeated.found).map(|(time, found)| (*time, found.independent.value));
    PlatePanel::new(
        "a",
        format!("{}, T = {}", run.name.title(), power(repeated.temperature)),
        time_axis(),
        PlateAxis::linear("chi4"),
    )
    .with_mark(Mark::line("independent weights", independent.collect(), Tone::Null))
    .with_mark(Mark::joined("both", points(&|found| Some(found.total)), Tone::Measured))
    .with_mark(Mark::joined(
        "initial conditions",
        points(&|found| found.initial_condition),
        Tone::Category(1),
    ))
    .with_mark(Mark::joined("noise", points(&|found| found.noise), Tone::Category(2)))
}

fn total_panel(results: &Results<'_>, run: &Run, letter: &str) -> Result<PlatePanel, ResultError> {
    let mut panel = PlatePanel::new(letter, run.name.title(), time_axis(), PlateAxis::logarithmic("chi4"))
        .with_mark(Mark::level("1/4", Level::Horizontal(INDEPENDENT), Tone::Null));
    // What is far below independent weights is of no interest.
    let mut top = 4.0 * INDEPENDENT;
    for (index, temperature) in run.temperatures.iter().enumerate() {
        let overlaps = run.overlap(index, run.waiting_time(), 1.0);
        let mut points = Vec::new();
        // Every third frame: three a decade.
        for lag in (0..overlaps.times.len()).step_by(3) {
            let at: Vec<Vec<f64>> = overlaps.curves.iter().map(|curve| vec![curve[lag]]).collect();
            let found = chi4(&results.bootstrap, &at, run.overlap_population.len())?;
            points.push(point(overlaps.times[lag], found.total));
            top = top.max(2.0 * found.total.value);
        }
        panel = panel.with_mark(Mark::joined(
            format!("T = {temperature:e}"),
            points,
            Tone::Ordered(*temperature),
        ));
    }
    panel.vertical = panel.vertical.within(1e-3, top);
    Ok(panel)
}
