//! Fig. A1: the relaxation time for other windows of the overlap.

use super::Drawn;
use super::families::{
    Relaxation, decades, kink_temperature, lies_within, log_slope, measured, noise_branch,
    null_relaxation_times, temperature_axis,
};
use crate::analysis::Interval;
use crate::analysis::relaxation_time::TAU_90;
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{ColourBar, Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, StatedValue, judge_statement};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// Windows, in units of the usual one: chi over a factor of 50.
const SCALES: [f64; 5] = [0.1, 0.3, 1.0, 2.0, 5.0];

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    PhaseName::MNIST.into_iter().flat_map(|name| trajectories(tasks, name)).collect()
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let mut plate =
        Plate::new("a1", "Relaxation time for other windows", String::new(), results.provenance.clone())?
            .with_colour_bar(ColourBar::logarithmic("window, in units of Fig. 3's"));
    let (mut claims, mut lost) = (Vec::new(), Vec::new());
    let wanted = |(name, _): &(PhaseName, &str)| results.tasks.shows(*name);
    for (name, letter) in PhaseName::MNIST.into_iter().zip(["a", "b", "c"]).filter(wanted) {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let mut panel = PlatePanel::new(
            letter,
            name.title(),
            temperature_axis(),
            PlateAxis::logarithmic("τ₉₀ (paper steps)"),
        );
        let relaxations = SCALES
            .iter()
            .map(|scale| Relaxation::measure(results, &run, run.waiting_time(), *scale, TAU_90))
            .collect::<Result<Vec<_>, _>>()?;
        let positive: Vec<f64> =
            run.temperatures.iter().copied().filter(|temperature| *temperature > 0.0).collect();
        let shown = relaxations
            .iter()
            .flat_map(|one| one.points(results))
            .map(|point| point.high)
            .fold(0.0, f64::max);
        for (scale, relaxation) in SCALES.iter().zip(&relaxations) {
            if let (Some(low), Some(high)) = (positive.first(), positive.last()) {
                let (grid, window) = (decades(*low, *high, 60), scale * run.phase.window);
                let null = null_relaxation_times(&run, run.waiting_time(), window, TAU_90, &grid)?;
                let within = null
                    .into_iter()
                    .filter(|(_, time)| *time < shown && *time >= run.paper_steps())
                    .collect();
                panel = panel.with_mark(Mark::line("a weight that feels no data", within, Tone::Null));
            }
            panel = panel.with_mark(Mark::joined("", relaxation.points(results), Tone::Ordered(*scale)));
        }
        let claim = window_claim(results, &run, &relaxations, letter)?;
        plate = plate.with_panel(panel.with_verdict(claim.verdict));
        claims.push(claim);
        claims.extend(kink_claim(results, &run, &relaxations, letter));
    }
    plate.caption = format!(
        "Geometric mean of τ₉₀ over networks, for windows over a factor of 50; dashed: a weight that feels no data. {}",
        lost.join(" ")
    );
    Ok(Drawn { plate, claims, page: None })
}

/// On the noise branch tau grows as the window squared: exponent 2 of tau on the window at a hot temperature.
fn window_claim(
    results: &Results<'_>,
    run: &Run,
    relaxations: &[Relaxation],
    letter: &str,
) -> Result<Claim, ResultError> {
    let claim = Claim::new(
        format!("45{letter}"),
        format!("Fig. A1{letter}"),
        format!("{}: on the noise branch τ₉₀ grows as the window squared.", run.name.title()),
        "τ₉₀(T) shifts, its shape unchanged",
    )
    .with_paper_value(StatedValue { value: 2.0, precision: 0.1 })
    .with_null("free diffusion", 2.0)
    .with_figure("a1");
    let resolved = |index: usize| -> Vec<usize> {
        (0..SCALES.len())
            .filter(|scale| relaxations[*scale].times[index].iter().all(Option::is_some))
            .collect()
    };
    let usual = SCALES.iter().position(|scale| *scale == 1.0).unwrap_or(0);
    let from = noise_branch(results, run, &relaxations[usual], run.phase.window);
    let enough = (0..run.temperatures.len())
        .filter(|index| run.temperatures[*index] > from)
        .map(|index| (resolved(index).len(), index));
    // Three windows at the hottest temperature that has them, or as many as there are.
    let best = enough.max_by_key(|(count, index)| ((*count).min(3), *index)).map(|(_, index)| index);
    let Some((index, scales)) =
        best.map(|index| (index, resolved(index))).filter(|(_, scales)| scales.len() >= 2)
    else {
        return Ok(claim.judged());
    };
    let slope: Option<Interval> = results.bootstrap.interval(run.networks.len(), |chosen| {
        let points: Vec<(f64, f64)> = scales
            .iter()
            .map(|scale| {
                let logarithms = chosen
                    .iter()
                    .filter_map(|network| relaxations[*scale].times[index][*network])
                    .map(libm::log);
                (SCALES[*scale], libm::exp(logarithms.sum::<f64>() / chosen.len() as f64))
            })
            .collect();
        log_slope(&points)
    });
    let claim = match slope {
        Some(slope) => {
            let unit = format!("exponent of τ₉₀ on the window at T = {:e}", run.temperatures[index]);
            claim.with_measured(measured(results, slope, &unit))
        }
        None => claim,
    };
    Ok(claim.judged())
}

/// T* moves by "about an order of magnitude" while the window changes by a factor of 50.
fn kink_claim(results: &Results<'_>, run: &Run, relaxations: &[Relaxation], letter: &str) -> Option<Claim> {
    let still = run.index(0.0)?;
    let (narrow, wide) = (&relaxations[0].times[still], &relaxations[SCALES.len() - 1].times[still]);
    let kink = |scale: f64, time: Option<f64>| Some(kink_temperature(run, scale * run.phase.window, time?));
    let ratios: Vec<Option<f64>> = narrow
        .iter()
        .zip(wide)
        .map(|(narrow, wide)| Some(kink(SCALES[SCALES.len() - 1], *wide)? / kink(SCALES[0], *narrow)?))
        .collect();
    let ratio = super::families::geometric_mean(results, &ratios)?;
    let claim = Claim::new(
        format!("45{letter}'"),
        format!("Fig. A1{letter}"),
        format!(
            "{}: T* moves by about an order of magnitude (3 to 30 times) over windows of a factor of 50.",
            run.name.title()
        ),
        "about an order of magnitude",
    )
    .with_measured(measured(results, ratio, "T* of the widest window over that of the narrowest"))
    .with_null("straight motion at T = 0, T* in proportion to the window", 50.0)
    .with_figure("a1");
    Some(claim.judged_as(judge_statement(lies_within(&ratio, 3.0, 30.0), Some(false))))
}
