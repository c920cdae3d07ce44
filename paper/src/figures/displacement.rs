//! Fig. 5: the mean squared displacement under Langevin dynamics (a–c) and under minibatch descent (d).

mod minibatch;

pub(super) use minibatch::{minibatch_networks, minibatch_tasks};

use super::Drawn;
use super::families::{
    AWAY_FROM_KINK, Relaxation, lies_within, log_slope, mean_marks, measured, noise_branch, power_of_ten,
    time_axis,
};
use crate::Null;
use crate::analysis::relaxation_time::TAU_90;
use crate::analysis::{Interval, local_exponent};
use crate::results::{Curves, ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{ColourBar, Level, Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, StatedValue, judge_statement};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};
use minibatch::minibatch_panel;

/// Width of the window of a local exponent, in decades.
const EXPONENT_WINDOW: f64 = 0.5;

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    let langevin = PhaseName::MNIST.into_iter().flat_map(|name| trajectories(tasks, name));
    langevin.chain(minibatch_tasks(tasks)).collect()
}

fn axis() -> PlateAxis {
    PlateAxis::logarithmic("mean squared displacement")
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let mut plate =
        Plate::new("5a-d", "Mean squared displacement", String::new(), results.provenance.clone())?
            .with_columns(2)
            .with_colour_bar(ColourBar::logarithmic("temperature T").with_zero_label("T = 0"));
    let (mut claims, mut lost) = (Vec::new(), Vec::new());
    let wanted = |(name, _): &(PhaseName, &str)| results.tasks.shows(*name);
    for (name, letter) in PhaseName::MNIST.into_iter().zip(["a", "b", "c"]).filter(wanted) {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let mut panel = PlatePanel::new(letter, name.title(), time_axis(), axis());
        for (index, temperature) in run.temperatures.iter().enumerate() {
            let curves = run.mean_squared_displacement(index, run.waiting_time());
            panel = panel.with_marks(mean_marks(results, &curves, "", Tone::Ordered(*temperature))?);
            if *temperature > 0.0 && index + 1 == run.temperatures.len() {
                let null = Null::idle(&run.phase, *temperature, run.waiting_time())?;
                let line = null.mean_squared_displacement(&curves.lags)?;
                let line = curves.times.iter().copied().zip(line).collect();
                panel =
                    panel.with_mark(Mark::line("a weight that feels no data, hottest run", line, Tone::Null));
            }
        }
        let window = run.phase.window * run.phase.window;
        panel = panel.with_mark(Mark::level("window²", Level::Horizontal(window), Tone::Guide));
        let plateau = plateau_claim(results, &run, letter)?;
        plate = plate.with_panel(panel.with_verdict(plateau.verdict));
        claims.push(plateau);
        claims.push(diffusion_claim(results, &run, letter)?);
        if name != PhaseName::OverParameterised {
            claims.push(collapse_claim(results, &run, letter)?);
            claims.push(oscillation_claim(results, &run, letter)?);
        }
        if name == PhaseName::Regularised {
            claims.push(bending_claim(results, &run)?);
        }
    }
    if results.tasks.shows(PhaseName::Regularised) {
        let (panel, claim) = minibatch_panel(results)?;
        plate = plate.with_panel(panel.with_verdict(claim.verdict));
        claims.push(claim);
    }
    plate.caption = format!(
        "a–c: mean over networks (bands: bootstrap intervals over initial conditions); d: minibatch descent from the \
         regularised minima, without a bath. Dashed: a weight that feels no data at the hottest temperature. {}",
        lost.join(" ")
    );
    Ok(Drawn { plate, claims, page: None })
}

/// No plateau: the local exponent of the cold and hot curves never nears 0 between two parts that grow.
fn plateau_claim(results: &Results<'_>, run: &Run, letter: &str) -> Result<Claim, ResultError> {
    let mut least: Option<(f64, Interval)> = None;
    for (index, temperature) in run.temperatures.iter().enumerate() {
        let curves = run.mean_squared_displacement(index, run.waiting_time());
        if curves.curves.iter().flatten().any(|value| *value <= 0.0) {
            continue;
        }
        // A plateau lies between growth on both sides: after the first decade of growth, and before the last times.
        let mean = results.bootstrap.mean_curve(&curves.curves)?;
        let grown = mean.iter().position(|square| square.value >= 10.0 * mean[0].value);
        let last = curves.times[curves.times.len() - 1] / 3.0;
        let Some(first) = grown.map(|index| curves.times[index]).filter(|first| 3.0 * first < last) else {
            continue;
        };
        let smallest = local_exponent::smallest(
            &results.bootstrap,
            &curves.times,
            &curves.curves,
            EXPONENT_WINDOW,
            (first, last),
        )?;
        if let Some(smallest) = smallest
            && least.as_ref().is_none_or(|(_, least)| smallest.value < least.value)
        {
            least = Some((*temperature, smallest));
        }
    }
    let mut claim = Claim::new(
        format!("30{letter}"),
        format!("Fig. 5{letter}"),
        format!(
            "{}: no plateau; smallest local exponent of any temperature, over {EXPONENT_WINDOW} decades after a first decade of growth{}.",
            run.name.title(),
            least.as_ref().map_or_else(String::new, |(temperature, _)| format!(" (at T = {temperature:e})"))
        ),
        "no plateau in any phase",
    )
    .with_figure("5a-d");
    // A cage as in supercooled liquids holds the exponent below 0.1 for decades.
    let grows = least.as_ref().and_then(|(_, least)| lies_within(least, 0.1, f64::INFINITY));
    if let Some((_, least)) = least {
        claim = claim.with_measured(measured(results, least, "local exponent"));
    }
    Ok(claim.judged_as(judge_statement(grows, Some(true))))
}

/// MSD ∝ t in the hottest run at intermediate times; in over-parameterised networks at every temperature.
fn diffusion_claim(results: &Results<'_>, run: &Run, letter: &str) -> Result<Claim, ResultError> {
    let over = letter == "c";
    let number = if over { "33".to_owned() } else { format!("31{letter}") };
    let which = if over { "networks diffuse at every T > 0" } else { "hot networks diffuse" };
    let mut claim = Claim::new(
        number,
        format!("Fig. 5{letter}"),
        format!("{}: {which}, MSD ~ t, at intermediate times.", run.name.title()),
        "slope 1",
    )
    .with_paper_value(StatedValue { value: 1.0, precision: 0.05 })
    .with_figure("5a-d");
    let hottest = run.temperatures.len() - 1;
    let shown: Vec<usize> = (0..run.temperatures.len())
        .filter(|index| run.temperatures[*index] > 0.0 && (over || *index == hottest))
        .collect();
    let (from, to) = (10.0 * run.paper_steps(), 1e4);
    // The slope that is furthest from 1.
    let mut worst: Option<(usize, Interval, f64)> = None;
    for index in shown {
        let curves = run.mean_squared_displacement(index, run.waiting_time());
        let Some(slope) = slope_between(results, &curves, from, to) else { continue };
        if worst.as_ref().is_none_or(|(_, worst, _)| (slope.value - 1.0).abs() > (worst.value - 1.0).abs()) {
            let null = Null::idle(&run.phase, run.temperatures[index], run.waiting_time())?;
            let line = null.mean_squared_displacement(&curves.lags)?;
            let inside: Vec<(f64, f64)> = curves
                .times
                .iter()
                .copied()
                .zip(line)
                .filter(|(time, _)| (from..=to).contains(time))
                .collect();
            worst = Some((index, slope, log_slope(&inside).unwrap_or(f64::NAN)));
        }
    }
    let Some((index, slope, null)) = worst else { return Ok(claim.judged()) };
    let temperature = power_of_ten(run.temperatures[index]);
    let unit = format!("exponent of MSD on t from {from:.0} to {to:.0} paper steps, T = {temperature}");
    claim =
        claim.with_measured(measured(results, slope, &unit)).with_null("a weight that feels no data", null);
    Ok(claim.judged())
}

fn slope_between(results: &Results<'_>, curves: &Curves, from: f64, to: f64) -> Option<Interval> {
    results.bootstrap.interval(curves.curves.len(), |chosen| {
        let mean = crate::analysis::bootstrap::mean_of(&curves.curves, chosen);
        let points: Vec<(f64, f64)> =
            curves.times.iter().copied().zip(mean).filter(|(time, _)| (from..=to).contains(time)).collect();
        points.iter().all(|point| point.1 > 0.0).then(|| log_slope(&points)).flatten()
    })
}

/// Below T* the curves are those of T = 0.
fn collapse_claim(results: &Results<'_>, run: &Run, letter: &str) -> Result<Claim, ResultError> {
    let mut claim = Claim::new(
        format!("32{letter}"),
        format!("Fig. 5{letter}"),
        format!(
            "{}: cold curves (T < T*/5) fall onto one that does not depend on T, within 20 %.",
            run.name.title()
        ),
        "collapse below T*",
    )
    .with_figure("5a-d");
    let relaxation = Relaxation::measure(results, run, run.waiting_time(), 1.0, TAU_90)?;
    let cold = noise_branch(results, run, &relaxation, run.phase.window) / (AWAY_FROM_KINK * AWAY_FROM_KINK);
    let warmest = run.temperatures.iter().rposition(|temperature| *temperature > 0.0 && *temperature < cold);
    let (Some(still), Some(warm)) = (run.index(0.0), warmest) else { return Ok(claim.judged()) };
    let curves = [still, warm].map(|index| run.mean_squared_displacement(index, run.waiting_time()));
    // After the paper's 10,000 steps, network by network.
    let at = curves[0].times.iter().position(|time| *time >= 1e4).unwrap_or(0);
    let ratio = results.bootstrap.interval(run.networks.len(), |chosen| {
        let mean = |curves: &Curves| chosen.iter().map(|network| curves.curves[*network][at]).sum::<f64>();
        (mean(&curves[0]) > 0.0).then(|| mean(&curves[1]) / mean(&curves[0]))
    });
    let Some(ratio) = ratio else { return Ok(claim.judged()) };
    let temperature = run.temperatures[warm];
    let unit = format!(
        "MSD at T = {} over that at T = 0, after {:.0} paper steps",
        power_of_ten(temperature),
        curves[0].times[at]
    );
    claim = claim.with_measured(measured(results, ratio, &unit));
    let same = |ratio: f64| (1.0 / 1.2..=1.2).contains(&ratio);
    let holds = lies_within(&ratio, 1.0 / 1.2, 1.2);
    // Weights of the networks' own spread in the well; without regularisation nothing moves at T = 0.
    let mut in_null = Some(false);
    if run.phase.regularisation > 0.0 {
        let square = |temperature: f64| -> Result<f64, ResultError> {
            let null = Null::from_spread(&run.phase, temperature, run.waiting_time(), run.starting_spread())?;
            Ok(null.mean_squared_displacement(&[curves[0].lags[at]])?[0])
        };
        let null = square(temperature)? / square(0.0)?;
        claim = claim.with_null("decay in the regularisation's well", null);
        in_null = Some(same(null));
    }
    Ok(claim.judged_as(judge_statement(holds, in_null)))
}

/// Oscillations of period two at short times and low temperature: a mode of curvature between 1/mu and 2/mu.
fn oscillation_claim(results: &Results<'_>, run: &Run, letter: &str) -> Result<Claim, ResultError> {
    let claim = Claim::new(
        format!("34{letter}"),
        format!("Fig. 5{letter}"),
        String::new(),
        "oscillations at low T and short t, which vanish at a smaller learning rate",
    )
    .with_figure("5a-d");
    let curves = run.mean_squared_displacement(0, run.waiting_time());
    let mean = results.bootstrap.mean_curve(&curves.curves)?;
    // Frames at lags 1, 2, 3, 4: does the growth from odd to even alternate?
    let first: Vec<f64> = (1..=4_u32)
        .filter_map(|lag| {
            curves.lags.iter().position(|one| *one == f64::from(lag)).map(|index| mean[index].value)
        })
        .collect();
    let oscillates =
        (first.len() == 4).then(|| first[1] < first[0] && first[2] > first[1] && first[3] < first[2]);
    let statement = format!(
        "{}: the coldest MSD oscillates with period two (a smaller learning rate was not tried); after 1, 2, 3, 4 steps it is {}.",
        run.name.title(),
        first.iter().map(|value| format!("{value:.2e}")).collect::<Vec<_>>().join(", ")
    );
    Ok(Claim { statement, ..claim }.judged_as(judge_statement(oscillates, Some(false))))
}

/// Sub-diffusion of hot regularised networks at long times, as in the well.
fn bending_claim(results: &Results<'_>, run: &Run) -> Result<Claim, ResultError> {
    let index = run.temperatures.len() - 1;
    let curves = run.mean_squared_displacement(index, run.waiting_time());
    let last = curves.times[curves.times.len() - 1];
    let mut claim = Claim::new(
        "35",
        "Fig. 5a",
        format!(
            "Regularised: hot networks are sub-diffusive at long times (exponent below 0.95 in the last half decade, T = {}).",
            power_of_ten(run.temperatures[index])
        ),
        "sub-diffusive",
    )
    .with_figure("5a-d");
    let slope = slope_between(results, &curves, last / 3.2, last);
    let null = Null::idle(&run.phase, run.temperatures[index], run.waiting_time())?;
    let line = null.mean_squared_displacement(&curves.lags)?;
    let points: Vec<(f64, f64)> =
        curves.times.iter().copied().zip(line).filter(|point| point.0 >= last / 3.2).collect();
    let in_null = log_slope(&points);
    if let Some(slope) = slope {
        claim = claim.with_measured(measured(results, slope, "exponent of MSD on t"));
    }
    if let Some(value) = in_null {
        claim = claim.with_null("a weight in the regularisation's well", value);
    }
    Ok(claim
        .judged_as(judge_statement(slope.map(|slope| slope.high < 0.95), in_null.map(|slope| slope < 0.95))))
}
