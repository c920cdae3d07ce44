//! Fig. 2b: the overlap of regularised networks after a short wait, hot and cold, beside free diffusion.

use super::Drawn;
use crate::reproduction::Null;
use crate::reproduction::results::{ResultError, Results, trajectories};
use glassbox_reports::figures::plate::{Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_simulations::experiment::{PhaseName, Tasks};
use glassbox_simulations::protocol::Task;

/// The paper's two temperatures.
const TEMPERATURES: [f64; 2] = [1e-4, 1e-6];

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    trajectories(tasks, PhaseName::Regularised)
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let run = results.run(PhaseName::Regularised)?;
    let (phase, waiting) = (&run.phase, run.phase.early_waiting_time);
    let scale = phase.early_window / phase.window;
    let mut panel = PlatePanel::new(
        "b",
        "Regularised",
        PlateAxis::logarithmic("time since t_w (steps of the paper)"),
        PlateAxis::linear("overlap Q").within(0.0, 1.02),
    );
    // Whether the curve lies below free diffusion, and whether it lies on it, while that falls from 0.95 to 0.4.
    let (mut follows, mut faster) = (None, None);
    for temperature in TEMPERATURES {
        let Some(index) = run.index(temperature) else { continue };
        let curves = run.overlap(index, waiting, scale);
        let mean = results.bootstrap.mean_curve(&curves.curves)?;
        let free = Null::free(phase, temperature)?.overlap(&curves.lags, phase.early_window)?;
        let measured = curves.times.iter().zip(&mean);
        let points = measured.map(|(time, q)| Measurement::new(*time, q.value, q.low, q.high)).collect();
        let null = curves.times.iter().copied().zip(free.iter().copied()).collect();
        panel = panel.with_mark(Mark::line("free diffusion", null, Tone::Null)).with_mark(Mark::joined(
            &format!("T = {temperature:e}"),
            points,
            Tone::Ordered(temperature),
        ));
        let decided = || mean.iter().zip(&free).filter(|(_, free)| (0.4..0.95).contains(*free));
        if temperature == TEMPERATURES[0] {
            follows = Some(decided().all(|(q, free)| (q.value - free).abs() < 0.1));
        } else {
            faster = Some(decided().all(|(q, free)| q.high < *free));
        }
    }
    let claim = Claim::new(
        "16",
        "Fig. 2b",
        "At T = 1e-4 the overlap follows free diffusion at short and intermediate times; at T = 1e-6 it decays faster.",
        "the hot curve lies on erf, the cold one below it",
    )
    .with_figure("2b")
    .judged_as(judge_statement(follows.zip(faster).map(|(one, other)| one && other), Some(false)));
    let plate = Plate::new(
        "2b",
        "Early decay of the overlap",
        "Mean overlap of regularised networks after a short wait, with bootstrap intervals over initial conditions; dashed: \
         free diffusion with the run's own D.",
        results.provenance.clone(),
    )?
    .with_columns(1)
    .with_panel(panel);
    Ok(Drawn { plate, claims: vec![claim], page: None })
}
