//! Weights that feel no data, of which everything is known: idle weights of regularised networks decay and then fill the
//! regularisation's well; weights of over-parameterised networks at zero loss diffuse freely. Claims 13, 15, 22 and 55.

use super::Drawn;
use super::families::{measured, point, power_of_ten};
use crate::Null;
use crate::analysis::Interval;
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_oracle::laws::equilibrium;
use glassbox_oracle::special::gaussian_upper_quantile;
use glassbox_oracle::{Bath, Clock};
use glassbox_reports::figures::plate::{ColourBar, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, StatedValue, judge_statement};
use glassbox_simulations::protocol::{Block, Population, Task};
use glassbox_sweep::experiment::{PhaseName, Tasks};

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    [PhaseName::Regularised, PhaseName::OverParameterised]
        .into_iter()
        .flat_map(|name| trajectories(tasks, name))
        .collect()
}

/// Frames are shown at times that grow by this factor at least.
const SHOWN: f64 = 1.3;

/// Median of the square of a standard Gaussian number.
const MEDIAN_OF_SQUARES: f64 = 0.454_936_423_119_572_8;

/// Typical square of idle weights at every time of a record, network by network: the median over that of a Gaussian, because
/// a few weights of neurons at rest still feel a little data. Networks without idle weights are left out.
struct Squares {
    times: Vec<f64>,
    squares: Vec<Vec<f64>>,
}

impl Squares {
    fn measure(run: &Run, temperature: usize) -> Self {
        let times =
            run.networks.first().map_or_else(Vec::new, |network| network.records[temperature].times.clone());
        let squares = run
            .networks
            .iter()
            .filter(|network| !network.at_rest.is_empty())
            .map(|network| {
                let record = &network.records[temperature];
                (0..times.len())
                    .map(|index| {
                        let mut idle = network.at_rest.of(record.frame(index));
                        idle.iter_mut().for_each(|weight| *weight *= *weight);
                        idle.sort_unstable_by(f64::total_cmp);
                        idle[idle.len() / 2] / MEDIAN_OF_SQUARES
                    })
                    .collect()
            })
            .collect();
        Self { times: times.into_iter().map(|time| time as f64).collect(), squares }
    }

    fn mean(&self, results: &Results<'_>, index: usize) -> Option<Interval> {
        results.bootstrap.interval(self.squares.len(), |chosen| {
            Some(
                chosen.iter().map(|network| self.squares[*network][index]).sum::<f64>() / chosen.len() as f64,
            )
        })
    }
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let regularised = results.run(PhaseName::Regularised)?;
    let over = results.run(PhaseName::OverParameterised)?;
    let phase = &regularised.phase;
    let mut panel = PlatePanel::new(
        "a",
        "Idle weights, regularised",
        PlateAxis::logarithmic("time since the switch (paper steps)"),
        PlateAxis::logarithmic("typical square of a weight"),
    );
    for (index, temperature) in regularised.temperatures.iter().enumerate().filter(|(_, one)| **one > 0.0) {
        let squares = Squares::measure(&regularised, index);
        let bath = Bath::new(phase.mobility, *temperature, phase.reference_samples)?;
        let stationary = equilibrium::stationary_variance(bath, phase.regularisation, Clock::Continuous)?;
        let (mut points, mut law) = (Vec::new(), Vec::new());
        let mut next = 0.0;
        for at in 0..squares.times.len() {
            let time = squares.times[at] * regularised.paper_steps();
            if time <= next {
                continue;
            }
            next = SHOWN * time;
            points.extend(squares.mean(results, at).map(|mean| point(time, mean)));
            let filled = -libm::expm1(-2.0 * phase.mobility * phase.regularisation * squares.times[at]);
            law.push((time, stationary * filled));
        }
        panel = panel
            .with_mark(Mark::line("well of the regularisation, from its bottom", law, Tone::Null))
            .with_mark(Mark::points("", points, Tone::Ordered(*temperature)));
    }
    let stationary = stationary_claim(results, &regularised)?;
    let normal = normal_panel(results, &over)?;
    let claims =
        vec![decay_claim(results, &regularised), stationary, normal.1, diverged_claim(&regularised, &over)];
    let plate = Plate::new(
        "idle",
        "Weights that feel no data",
        "a: median square, over that of a Gaussian, of the weights of hidden neurons at rest; dashed: the regularisation's well. b: quantiles of the \
         displacements of over-parameterised networks at the last lag, in units of sqrt(2 D t), against those of a Gaussian \
         (dashed).",
        results.provenance.clone(),
    )?
    .with_columns(2)
    .with_colour_bar(ColourBar::logarithmic("temperature T"))
    .with_panel(panel.with_verdict(claims[1].verdict))
    .with_panel(normal.0.with_verdict(claims[2].verdict));
    Ok(Drawn { plate, claims, page: None })
}

/// At T = 0 idle weights decay at the rate mu lambda.
fn decay_claim(results: &Results<'_>, run: &Run) -> Claim {
    let claim = Claim::new(
        "13",
        "Sec. III.B",
        "Where only the regularisation is left, weights decay to 0 at the rate mu lambda: idle weights at T = 0, median \
         rate over mu lambda.",
        "the quadratic phase is trivial, w → 0",
    )
    .with_paper_value(StatedValue { value: 1.0, precision: 0.01 })
    .with_null("the regularisation alone", 1.0)
    .with_figure("idle");
    let Some(index) = run.index(0.0) else { return claim };
    let mut rates = Vec::new();
    for network in &run.networks {
        let record = &network.records[index];
        let (Some(first), Some(last)) = (record.times.first(), record.times.last()) else { continue };
        let decay = run.phase.mobility * run.phase.regularisation * (last - first) as f64;
        let [start, end] = [0, record.times.len() - 1].map(|frame| network.at_rest.of(record.frame(frame)));
        // The median: a few weights of neurons at rest still feel a little data.
        let mut own: Vec<f64> =
            start.iter().zip(&end).map(|(start, end)| libm::log((start / end).abs()) / decay).collect();
        own.retain(|rate| rate.is_finite());
        own.sort_unstable_by(f64::total_cmp);
        rates.extend(own.get(own.len() / 2).copied());
    }
    let mean = results.bootstrap.interval(rates.len(), |chosen| {
        Some(chosen.iter().map(|network| rates[*network]).sum::<f64>() / chosen.len() as f64)
    });
    match mean {
        Some(mean) => {
            claim.with_measured(measured(results, mean, "median decay rate over mu lambda")).judged()
        }
        None => claim,
    }
}

/// <w²> = T/(k P_D) of idle weights at the end of the hottest run.
fn stationary_claim(results: &Results<'_>, run: &Run) -> Result<Claim, ResultError> {
    let phase = &run.phase;
    let index = run.temperatures.len() - 1;
    let squares = Squares::measure(run, index);
    let last = squares.times.len() - 1;
    let temperature = run.temperatures[index];
    let bath = Bath::new(phase.mobility, temperature, phase.reference_samples)?;
    let stationary = equilibrium::stationary_variance(bath, phase.regularisation, Clock::Continuous)?;
    let filled = -libm::expm1(-2.0 * phase.mobility * phase.regularisation * squares.times[last]);
    let claim = Claim::new(
        "55",
        "App. H, Eqs. 25-26",
        format!(
            "In the quadratic phase <w²> tends to T/(k P_D): idle weights at T = {}, median square over that of such a \
             Gaussian. (The displacement of Eq. 7 \
             tends to twice as much in stationarity; the paper compares the one with the other.)",
            power_of_ten(temperature)
        ),
        "<w²> = T/(k P_D)",
    )
    .with_paper_value(StatedValue { value: 1.0, precision: 0.05 })
    .with_null("the well, from its bottom, at this time", filled)
    .with_figure("idle");
    Ok(match squares.mean(results, last) {
        Some(mean) => {
            let ratio = Interval {
                value: mean.value / stationary,
                low: mean.low / stationary,
                high: mean.high / stationary,
            };
            claim.with_measured(measured(results, ratio, "typical w² over T/(k P_D)")).judged()
        }
        None => claim,
    })
}

/// Quantiles of the displacements at the last lag in units of the free law's standard deviation.
fn normal_panel(results: &Results<'_>, run: &Run) -> Result<(PlatePanel, Claim), ResultError> {
    let probabilities: Vec<f64> = (1..40).map(|index| f64::from(index) / 40.0).collect();
    let lag = run.phase.end - run.waiting_time();
    let all = Population::all(&run.architecture);
    let mut panel = PlatePanel::new(
        "b",
        "Over-parameterised",
        PlateAxis::linear("quantile of a Gaussian"),
        PlateAxis::linear("quantile of the displacement / √(2Dt)"),
    );
    let mut largest: Option<(f64, f64)> = None;
    let mut count = 0;
    for (index, temperature) in run.temperatures.iter().enumerate().filter(|(_, one)| **one > 0.0) {
        let deviation =
            Null::free(&run.phase, *temperature)?.mean_squared_displacement(&[lag as f64])?[0].sqrt();
        let mut moved: Vec<f64> = run
            .networks
            .iter()
            .filter_map(|network| {
                Block::new(&network.records[index], run.waiting_time())?.displacements(lag, &all)
            })
            .flatten()
            .map(|moved| moved / deviation)
            .collect();
        moved.sort_unstable_by(f64::total_cmp);
        count = moved.len();
        if moved.is_empty() {
            continue;
        }
        // Kolmogorov's statistic against the whole law, scale included.
        let steps = moved.iter().enumerate().map(|(rank, value)| {
            let cumulative = 0.5 * libm::erfc(-value / std::f64::consts::SQRT_2);
            let size = moved.len() as f64;
            (cumulative - rank as f64 / size).abs().max(((rank + 1) as f64 / size - cumulative).abs())
        });
        let distance = steps.fold(0.0, f64::max);
        if largest.is_none_or(|(_, largest)| distance > largest) {
            largest = Some((*temperature, distance));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
        let points = probabilities.iter().map(|probability| {
            let rank = (probability * moved.len() as f64) as usize;
            Measurement::bare(gaussian_upper_quantile(1.0 - probability), moved[rank.min(moved.len() - 1)])
        });
        panel = panel.with_mark(Mark::points("", points.collect(), Tone::Ordered(*temperature)));
    }
    let quantiles = probabilities.iter().map(|one| gaussian_upper_quantile(1.0 - one));
    let line = quantiles.map(|one| (one, one)).collect();
    panel = panel.with_mark(Mark::line("Gaussian", line, Tone::Null));
    // Massart's bound for all temperatures together at 1 %.
    let tests = run.temperatures.iter().filter(|temperature| **temperature > 0.0).count().max(1) as f64;
    let bound = (libm::log(2.0 * tests / 0.01) / (2.0 * count.max(1) as f64)).sqrt();
    let mut claim = Claim::new(
        "22",
        "Eq. 5",
        format!(
            "Displacements of weights without a gradient are Gaussian of variance 2 D t: largest Kolmogorov distance over all \
             temperatures, {count} weights, below {bound:.4} in 99 of 100 runs if they are independent."
        ),
        "Gaussian propagator, D = mu T/P_D",
    )
    .with_figure("idle");
    let Some((temperature, distance)) = largest else { return Ok((panel, claim)) };
    let exact = Interval { value: distance, low: distance, high: distance };
    let unit = format!("Kolmogorov distance, T = {}", power_of_ten(temperature));
    claim = claim.with_measured(measured(results, exact, &unit));
    Ok((panel, claim.judged_as(judge_statement(Some(distance < bound), Some(true)))))
}

/// How many networks diverged.
fn diverged_claim(regularised: &Run, over: &Run) -> Claim {
    let lost = regularised.diverged.len() + over.diverged.len();
    let all = regularised.phase.initial_conditions + over.phase.initial_conditions;
    let named: Vec<String> = regularised.lost().into_iter().chain(over.lost()).collect();
    Claim::new(
        "15",
        "Sec. III.B",
        format!("Some networks diverge and are left out: {lost} of {all} here. {}", named.join(" ")),
        "about 50 networks a phase, some diverge",
    )
    .with_figure("idle")
    .judged_as(judge_statement((lost > 0).then_some(true), None))
}
