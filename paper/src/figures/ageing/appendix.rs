//! Figs. A9 to A11: the relaxation time at all temperatures for every waiting time, and the over-parameterised phase.

use super::super::Drawn;
use super::super::families::{
    Relaxation, decades, geometric_mean, lies_within, log_slope, measured, noise_branch,
    null_relaxation_times, power_of_ten, temperature_axis,
};
use super::{Ageing, null_times, overlap_panel, tau_axis, waiting_axis};
use crate::analysis::Interval;
use crate::analysis::relaxation_time::TAU_90;
use crate::results::{ResultError, Results, Run};
use glassbox_reports::figures::plate::{ColourBar, Mark, Plate, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_sweep::experiment::PhaseName;

/// Figs. A9 and A10: the relaxation time at all temperatures for every waiting time.
pub(in super::super) fn draw_temperatures(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let mut plate = Plate::new(
        "a9-10",
        "Relaxation time for every waiting time",
        String::new(),
        results.provenance.clone(),
    )?
    .with_columns(2)
    .with_colour_bar(ColourBar::logarithmic("t_w (paper steps)"));
    let (mut claims, mut lost, mut hot) = (Vec::new(), Vec::new(), None);
    for (name, letter) in [(PhaseName::Regularised, "a"), (PhaseName::UnderParameterised, "b")] {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let mut panel = PlatePanel::new(letter, name.title(), temperature_axis(), tau_axis());
        let (mut slopes, mut plateaus) = (Vec::new(), Vec::new());
        for waiting in &run.phase.waiting_times {
            let relaxation = Relaxation::measure(results, &run, *waiting, 1.0, TAU_90)?;
            let tone = Tone::Ordered(*waiting as f64 * run.paper_steps());
            panel = panel.with_mark(Mark::joined("", relaxation.points(results), tone));
            let from = noise_branch(results, &run, &relaxation, run.phase.window);
            slopes.extend(relaxation.slope(results, from, f64::INFINITY)?);
            plateaus.extend(run.index(0.0).map(|index| relaxation.times[index].clone()));
        }
        let mut claim = Claim::new(
            format!("58{letter}"),
            "Figs. A9, A10",
            format!(
                "{}: the noise branch has slope −1 for every waiting time; slopes {}.",
                name.title(),
                slopes.iter().map(|slope| format!("{:.2}", slope.value)).collect::<Vec<_>>().join(", ")
            ),
            "slope −1 for all t_w",
        )
        .with_null("free diffusion", -1.0)
        .with_figure("a9-10");
        if let Some(last) = slopes.last() {
            claim =
                claim.with_measured(measured(results, *last, "exponent of τ₉₀ on T, longest waiting time"));
        }
        let holds = (!slopes.is_empty()).then(|| slopes.iter().all(|slope| (slope.value + 1.0).abs() < 0.1));
        let claim = claim.judged_as(judge_statement(holds, Some(true)));
        plate = plate.with_panel(panel.with_verdict(claim.verdict));
        claims.push(claim);
        claims.push(kink_claim(results, &run, letter, &plateaus)?);
        if name == PhaseName::Regularised {
            hot = Some(hot_claim(results, &run)?);
        }
    }
    claims.extend(hot);
    plate.caption = format!("Geometric mean over networks. {}", lost.join(" "));
    Ok(Drawn { plate, claims, page: None })
}

/// T* = constant/τ₉₀(T = 0) for the longest waiting time over that for the shortest.
fn kink_claim(
    results: &Results<'_>,
    run: &Run,
    letter: &str,
    plateaus: &[Vec<Option<f64>>],
) -> Result<Claim, ResultError> {
    let claim = Claim::new(
        format!("58{letter}'"),
        "Figs. A9, A10",
        format!("{}: T* does not move with the waiting time (by less than 20 %).", run.name.title()),
        "T* does not move",
    )
    .with_figure("a9-10");
    let (Some(first), Some(last)) = (plateaus.first(), plateaus.last()) else { return Ok(claim) };
    let ratios: Vec<Option<f64>> =
        first.iter().zip(last).map(|(first, last)| Some((*first)? / (*last)?)).collect();
    let Some(ratio) = geometric_mean(results, &ratios) else { return Ok(claim) };
    let null = null_times(run, 0.0)?;
    let null = null.first().zip(null.last()).filter(|_| run.phase.regularisation > 0.0);
    let null = null.map(|(first, last)| first.1 / last.1);
    let claim =
        claim.with_measured(measured(results, ratio, "T* for the longest t_w over that for the shortest"));
    let claim = match null {
        Some(null) => claim.with_null("decay in the regularisation's well", null),
        None => claim,
    };
    let still = |ratio: f64| (1.0 / 1.2..=1.2).contains(&ratio);
    let holds = lies_within(&ratio, 1.0 / 1.2, 1.2);
    Ok(claim.judged_as(judge_statement(holds, null.map(still))))
}

/// Above T* nothing ages.
fn hot_claim(results: &Results<'_>, run: &Run) -> Result<Claim, ResultError> {
    let mut claim =
        Claim::new("42", "Sec. III.F", "Regularised: no ageing above T*.", "no t_w dependence for T > T*")
            .with_figure("a9-10");
    let relaxation = Relaxation::measure(results, run, run.waiting_time(), 1.0, TAU_90)?;
    let from = noise_branch(results, run, &relaxation, run.phase.window);
    // The exponent that is furthest from 0 among all temperatures above 5 T*.
    let mut worst: Option<(f64, Interval, Option<f64>)> = None;
    for (index, temperature) in
        run.temperatures.iter().enumerate().filter(|(_, temperature)| **temperature > from)
    {
        let Some(exponent) = Ageing::measure(results, run, index)?.exponent(results) else { continue };
        if worst.as_ref().is_none_or(|(_, worst, _)| exponent.value.abs() > worst.value.abs()) {
            worst = Some((*temperature, exponent, log_slope(&null_times(run, *temperature)?)));
        }
    }
    let Some((temperature, exponent, null)) = worst else { return Ok(claim.judged()) };
    let unit =
        format!("exponent of τ₉₀ on t_w, furthest from 0 above 5 T* (T = {})", power_of_ten(temperature));
    claim = claim.with_measured(measured(results, exponent, &unit));
    if let Some(value) = null {
        claim = claim.with_null("decay in the regularisation's well", value);
    }
    let holds = lies_within(&exponent, -0.1, 0.1);
    Ok(claim.judged_as(judge_statement(holds, null.map(|null| null.abs() < 0.1))))
}

/// Fig. A11: over-parameterised networks do not age.
pub(in super::super) fn draw_over(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let run = results.run(PhaseName::OverParameterised)?;
    let Some(index) = run.index(run.phase.ageing_temperature) else {
        let plate =
            Plate::new("a11", "Over-parameterised networks", String::new(), results.provenance.clone())?;
        return Ok(Drawn { plate, claims: Vec::new(), page: None });
    };
    let ageing = Ageing::measure(results, &run, index)?;
    let exponent = ageing.exponent(results);
    let free = null_times(&run, run.temperatures[index])?;
    let mut claim = Claim::new(
        "59",
        "Fig. A11",
        format!(
            "Over-parameterised: the relaxation time does not depend on t_w (T = {:e}).",
            run.temperatures[index]
        ),
        "no dependence",
    )
    .with_null("free diffusion", 0.0)
    .with_figure("a11");
    if let Some(exponent) = exponent {
        claim = claim.with_measured(measured(results, exponent, "exponent of τ₉₀ on t_w"));
    }
    let claim = claim.judged_as(judge_statement(exponent.map(|one| one.value.abs() < 0.1), Some(true)));
    let mut panel = PlatePanel::new("b", "Relaxation time", temperature_axis(), tau_axis());
    for waiting in &run.phase.waiting_times {
        let relaxation = Relaxation::measure(results, &run, *waiting, 1.0, TAU_90)?;
        let tone = Tone::Ordered(*waiting as f64 * run.paper_steps());
        panel = panel.with_mark(Mark::joined("", relaxation.points(results), tone));
    }
    let positive = run.temperatures.iter().copied().filter(|temperature| *temperature > 0.0);
    if let (Some(low), Some(high)) = (positive.clone().next(), positive.clone().next_back()) {
        let grid = decades(low, high, 60);
        let null = null_relaxation_times(&run, run.waiting_time(), run.phase.window, TAU_90, &grid)?;
        panel = panel.with_mark(Mark::line("free diffusion", null, Tone::Null));
    }
    let times = PlatePanel::new("c", "Against the waiting time", waiting_axis(), tau_axis())
        .with_mark(Mark::line("free diffusion", free, Tone::Null))
        .with_mark(Mark::points("measured", ageing.points(results), Tone::Measured))
        .with_verdict(claim.verdict);
    let plate = Plate::new(
        "a11",
        "Over-parameterised networks do not age",
        format!("Mean overlap and τ₉₀ for every waiting time. {}", run.lost().unwrap_or_default()),
        results.provenance.clone(),
    )?
    .with_colour_bar(ColourBar::logarithmic("t_w (paper steps)"))
    .with_panel(overlap_panel(results, &run, "a", index)?)
    .with_panel(panel)
    .with_panel(times);
    Ok(Drawn { plate, claims: vec![claim], page: None })
}
