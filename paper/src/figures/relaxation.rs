//! Fig. 3: the overlap at all temperatures, and how its relaxation time depends on temperature. Fig. A4 shows the same for
//! the level 1/e and for CIFAR-10.

mod claims;

use super::Drawn;
use super::families::{
    Relaxation, decades, geometric_mean, log_slope, mean_marks, measured, noise_branch,
    null_relaxation_times, overlap_axis, power_of_ten, temperature_axis, time_axis,
};
use crate::analysis::relaxation_time::{TAU_90, TAU_E};
use crate::results::{ResultError, Results, Run, trajectories};
use claims::{divergence_claim, plateau_claims, slope_claim};
use glassbox_reports::figures::plate::{ColourBar, Level, Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, StatedValue};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    PhaseName::MNIST.into_iter().flat_map(|name| trajectories(tasks, name)).collect()
}

pub(super) fn tasks_with_cifar10(tasks: &Tasks<'_>) -> Vec<Task> {
    let all = PhaseName::MNIST.into_iter().chain(PhaseName::CIFAR10);
    all.flat_map(|name| trajectories(tasks, name)).collect()
}

/// The overlap at all temperatures.
pub(super) fn overlap_panel(
    results: &Results<'_>,
    run: &Run,
    letter: &str,
) -> Result<PlatePanel, ResultError> {
    let mut panel = PlatePanel::new(letter, run.name.title(), time_axis(), overlap_axis());
    for (index, temperature) in run.temperatures.iter().enumerate() {
        let curves = run.overlap(index, run.waiting_time(), 1.0);
        panel = panel.with_marks(mean_marks(results, &curves, "", Tone::Ordered(*temperature))?);
    }
    Ok(panel)
}

/// The relaxation time against temperature, its null, and the time at T = 0.
pub(super) fn relaxation_panel(
    results: &Results<'_>,
    run: &Run,
    letter: &str,
    level: f64,
) -> Result<(PlatePanel, Relaxation), ResultError> {
    let name = if level == TAU_90 { "τ₉₀" } else { "τₑ" };
    let axis = PlateAxis::logarithmic(format!("{name} (paper steps)"));
    let relaxation = Relaxation::measure(results, run, run.waiting_time(), 1.0, level)?;
    let points = relaxation.points(results);
    let mut panel = PlatePanel::new(letter, run.name.title(), temperature_axis(), axis);
    let positive: Vec<f64> =
        run.temperatures.iter().copied().filter(|temperature| *temperature > 0.0).collect();
    if let (Some(low), Some(high)) = (positive.first(), positive.last()) {
        let grid = decades(*low, *high, 60);
        let null = null_relaxation_times(run, run.waiting_time(), run.phase.window, level, &grid)?;
        // Not beyond a decade above what was measured: the null of a cold run is off the page.
        let top = points.iter().map(|point| point.high).fold(0.0, f64::max) * 10.0;
        let null = null.into_iter().filter(|(_, time)| *time < top.max(10.0)).collect();
        panel = panel.with_mark(Mark::line("a weight that feels no data", null, Tone::Null));
    }
    if let Some(still) = relaxation.at(results, 0.0) {
        panel = panel.with_mark(Mark::level("T = 0", Level::Horizontal(still.value), Tone::Guide));
    }
    Ok((panel.with_mark(Mark::points("measured", points, Tone::Measured)), relaxation))
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let lettered = PhaseName::MNIST.into_iter().zip([["a", "d", "17"], ["b", "e", "18"], ["c", "f", "19"]]);
    let lettered = lettered.filter(|(name, _)| results.tasks.shows(*name));
    let runs = lettered.map(|(name, letters)| Ok((results.run(name)?, letters)));
    let mut plate =
        Plate::new("3a-f", "Overlap and its relaxation time", String::new(), results.provenance.clone())?
            .with_colour_bar(ColourBar::logarithmic("temperature T").with_zero_label("T = 0"));
    let (mut claims, mut lost) = (Vec::new(), Vec::new());
    let runs = runs.collect::<Result<Vec<_>, ResultError>>()?;
    plate.columns = runs.len();
    for (run, [letter, _, _]) in &runs {
        plate = plate.with_panel(overlap_panel(results, run, letter)?);
        lost.extend(run.lost());
    }
    for (run, [_, letter, number]) in &runs {
        let (panel, relaxation) = relaxation_panel(results, run, letter, TAU_90)?;
        let slope = slope_claim(results, run, &relaxation, number, &format!("Fig. 3{letter}"))?;
        plate = plate.with_panel(panel.with_verdict(slope.verdict));
        claims.push(slope);
        if *number != "19" {
            claims.extend(plateau_claims(results, run, &relaxation, number)?);
        } else {
            claims.push(divergence_claim(results, run, &relaxation));
        }
    }
    plate.caption = format!(
        "Top: mean overlap over networks (bands: {:.0} % bootstrap intervals over initial conditions). Bottom: geometric mean \
         of the time at which the overlap of a network falls to 0.9; dashed: a weight that feels no data, with the run's own \
         D and lambda. {}",
        100.0 * results.bootstrap.confidence(),
        lost.join(" ")
    );
    Ok(Drawn { plate, claims, page: None })
}

/// Fig. A4.
pub(super) fn draw_appendix(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let mut plate = Plate::new(
        "a4",
        "Relaxation time at 1/e, and for CIFAR-10",
        String::new(),
        results.provenance.clone(),
    )?;
    let (mut claims, mut lost) = (Vec::new(), Vec::new());
    let wanted = |(name, _): &(PhaseName, &str)| results.tasks.shows(*name);
    for (name, letter) in PhaseName::MNIST.into_iter().zip(["a", "b", "c"]).filter(wanted) {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let (panel, relaxation) = relaxation_panel(results, &run, letter, TAU_E)?;
        claims.push(ratio_claim(results, &run, &relaxation, letter)?);
        plate = plate.with_panel(panel);
    }
    for (name, letter) in PhaseName::CIFAR10.into_iter().zip(["d", "e", "f"]).filter(wanted) {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let (panel, relaxation) = relaxation_panel(results, &run, letter, TAU_90)?;
        let mut claim =
            slope_claim(results, &run, &relaxation, &format!("50{letter}"), &format!("Fig. A4{letter}"))?;
        claim.figure = Some("a4".to_owned());
        plate = plate.with_panel(panel.with_verdict(claim.verdict));
        claims.push(claim);
    }
    plate.caption = format!(
        "Top: time at which the overlap falls to 1/e, MNIST. Bottom: time at which it falls to 0.9, CIFAR-10. Dashed: a weight \
         that feels no data. {}",
        lost.join(" ")
    );
    Ok(Drawn { plate, claims, page: None })
}

/// The time to fall to 1/e has the slope of free diffusion on the same branch; its ratio to τ₉₀ is 11.80 there.
fn ratio_claim(
    results: &Results<'_>,
    run: &Run,
    slow: &Relaxation,
    letter: &str,
) -> Result<Claim, ResultError> {
    let fast = Relaxation::measure(results, run, run.waiting_time(), 1.0, TAU_90)?;
    let from = noise_branch(results, run, &fast, run.phase.window);
    let last = (0..run.temperatures.len())
        .rev()
        .find(|index| fast.times[*index].iter().chain(&slow.times[*index]).all(Option::is_some));
    let ratio = last.and_then(|index| {
        let pairs = fast.times[index].iter().zip(&slow.times[index]);
        let ratios: Vec<Option<f64>> = pairs.map(|(fast, slow)| Some((*slow)? / (*fast)?)).collect();
        let ratio = geometric_mean(results, &ratios)?;
        let temperature = power_of_ten(run.temperatures[index]);
        Some(format!(
            " At T = {temperature} it is {:.1} ({:.1} to {:.1}) τ₉₀, 11.8 in free diffusion.",
            ratio.value, ratio.low, ratio.high
        ))
    });
    let mut claim = Claim::new(
        format!("49{letter}"),
        format!("Fig. A4{letter}"),
        format!(
            "{}: the time to fall to 1/e falls as 1/T on the noise branch too.{}",
            run.name.title(),
            ratio.unwrap_or_default()
        ),
        "the same two regimes, slope −1",
    )
    .with_paper_value(StatedValue { value: -1.0, precision: 0.05 })
    .with_figure("a4");
    if let Some(slope) = slow.slope(results, from, f64::INFINITY)? {
        claim = claim.with_measured(measured(results, slope, "exponent of τₑ on T"));
    }
    let fitted = slow.fitted(from, f64::INFINITY);
    let null = null_relaxation_times(run, run.waiting_time(), run.phase.window, TAU_E, &fitted)?;
    if let Some(slope) = log_slope(&null) {
        claim = claim.with_null("a weight that feels no data", slope);
    }
    Ok(claim.judged())
}
