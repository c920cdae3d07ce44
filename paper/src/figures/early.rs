//! Fig. 2b: the overlap of regularised networks after a short wait, hot and cold, beside free diffusion.

use super::Drawn;
use super::families::{
    broad_null_relaxation_times, geometric_mean, measured, overlap_axis, point, relaxation_times, time_axis,
};
use crate::Null;
use crate::analysis::Interval;
use crate::analysis::relaxation_time::TAU_90;
use crate::results::{ResultError, Results, trajectories};
use glassbox_reports::figures::plate::{ColourBar, Mark, Plate, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// The paper's two temperatures.
const TEMPERATURES: [f64; 2] = [1e-4, 1e-6];

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    trajectories(tasks, PhaseName::Regularised)
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let run = results.run(PhaseName::Regularised)?;
    let (phase, waiting) = (&run.phase, run.phase.early_waiting_time);
    let scale = phase.early_window / phase.window;
    let mut panel = PlatePanel::new("b", "Regularised", time_axis(), overlap_axis());
    // Time to fall to 0.9, in units of that of free diffusion.
    let mut ratios = Vec::new();
    for temperature in TEMPERATURES {
        let Some(index) = run.index(temperature) else { continue };
        let curves = run.overlap(index, waiting, scale);
        let mean = results.bootstrap.mean_curve(&curves.curves)?;
        let free = Null::free(phase, temperature)?;
        let points = curves.times.iter().zip(&mean).map(|(time, q)| point(*time, *q)).collect();
        let null = free.overlap(&curves.lags, phase.early_window)?;
        let null = curves.times.iter().copied().zip(null).collect();
        panel = panel.with_mark(Mark::line("free diffusion", null, Tone::Null)).with_mark(Mark::joined(
            "",
            points,
            Tone::Ordered(temperature),
        ));
        let times = relaxation_times(results, &curves, TAU_90)?;
        let alone = free.relaxation_time(phase.early_window, TAU_90)?;
        let measured = geometric_mean(results, &times);
        ratios.push(measured.zip(alone).map(|(measured, alone)| {
            let alone = alone * run.paper_steps();
            let Interval { value, low, high } = measured;
            Interval { value: value / alone, low: low / alone, high: high / alone }
        }));
    }
    let mut claim = Claim::new(
        "16",
        "Fig. 2b",
        "At T = 1e-4 the overlap follows free diffusion at short and intermediate times (τ₉₀ within a factor of 2 of its \
         time); at T = 1e-6 it decays faster (by more than that).",
        "the hot curve lies on erf, the cold one below it",
    )
    .with_null("free diffusion", 1.0)
    .with_figure("2b");
    // The well null, of weights that start with the networks' own spread.
    let broad = broad_null_relaxation_times(&run, waiting, phase.early_window, &TEMPERATURES)?;
    let mut in_null = None;
    if let [Some(hot), Some(cold)] = broad[..] {
        let alone = |temperature: f64| -> Result<Option<f64>, ResultError> {
            let time = Null::free(phase, temperature)?.relaxation_time(phase.early_window, TAU_90)?;
            Ok(time.map(|time| time * run.paper_steps()))
        };
        let alone = alone(TEMPERATURES[0])?.zip(alone(TEMPERATURES[1])?);
        in_null = alone
            .map(|(free_hot, free_cold)| (0.5..=2.0).contains(&(hot / free_hot)) && cold / free_cold < 0.5);
    }
    if let [Some(hot), Some(cold)] = ratios[..] {
        let holds = (0.5..=2.0).contains(&hot.value) && cold.high < 0.5;
        claim = claim
            .with_measured(measured(
                results,
                cold,
                &format!("τ₉₀ over that of free diffusion at 1e-6; {:.2} at 1e-4", hot.value),
            ))
            .judged_as(judge_statement(Some(holds), in_null));
    }
    let plate = Plate::new(
        "2b",
        "Early decay of the overlap",
        "Mean overlap of regularised networks after a short wait, with bootstrap intervals over initial conditions; dashed: \
         free diffusion with the run's own D.",
        results.provenance.clone(),
    )?
    .with_columns(1)
    .with_colour_bar(ColourBar::logarithmic("temperature T"))
    .with_panel(panel);
    Ok(Drawn { plate, claims: vec![claim], page: None })
}
