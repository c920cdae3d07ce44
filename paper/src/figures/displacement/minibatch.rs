//! Fig. 5d: minibatch descent from the regularised minima.

use super::super::families::{mean_marks, measured, time_axis};
use super::{axis, slope_between};
use crate::analysis::Interval;
use crate::results::{Curves, ResultError, Results};
use glassbox_reports::figures::plate::{ColourBar, Level, Mark, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_simulations::observables::mean_squared_displacement;
use glassbox_simulations::protocol::{Block, Task};
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// The paper's guide line of Fig. 5: 1e-8 t.
const GUIDE: f64 = 1e-8;

pub(in super::super) fn minibatch_tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    if !tasks.shows(PhaseName::Regularised) {
        return Vec::new();
    }
    let runs = &tasks.preset().minibatch;
    // Descent without noise is what the others are compared with.
    let whole = tasks.phase(PhaseName::Regularised).samples;
    let sizes = runs.batch_sizes.iter().filter(|size| **size < whole).chain(std::iter::once(&whole));
    sizes
        .flat_map(|size| {
            (0..runs.initial_conditions)
                .map(move |network| tasks.minibatch(PhaseName::Regularised, network, *size))
        })
        .collect()
}

/// A batch as large as the data is the data.
fn batch(tasks: &Tasks<'_>, size: usize) -> usize {
    size.min(tasks.phase(PhaseName::Regularised).samples)
}

/// One batch size's curve of each network that did not diverge.
fn minibatch_curves(results: &Results<'_>, size: usize) -> Result<Option<Curves>, ResultError> {
    Ok(minibatch_networks(results, size)?.map(|(_, curves)| curves))
}

/// The same with the numbers of the networks.
pub(in super::super) fn minibatch_networks(
    results: &Results<'_>,
    size: usize,
) -> Result<Option<(Vec<u32>, Curves)>, ResultError> {
    let tasks = results.tasks;
    let phase = tasks.phase(PhaseName::Regularised);
    let architecture = glassbox_simulations::network::Architecture::paper(phase.width)?;
    let all = glassbox_simulations::protocol::Population::all(&architecture);
    let waiting = phase.waiting_times[0];
    let lags: Vec<u64> =
        phase.schedule.lags(phase.end - waiting).into_iter().filter(|lag| *lag > 0).collect();
    let (mut networks, mut curves) = (Vec::new(), Vec::new());
    for network in 0..tasks.preset().minibatch.initial_conditions {
        let record = results.record(&tasks.minibatch(PhaseName::Regularised, network, batch(tasks, size)))?;
        if record.diverged.is_none()
            && let Some(block) = Block::new(&record, waiting)
        {
            networks.push(network);
            curves.push(block.curve(&lags, &all, mean_squared_displacement));
        }
    }
    Ok((curves.len() >= 2).then(|| (networks, Curves::new(&lags, phase.steps_of_the_paper, curves))))
}

pub(super) fn minibatch_panel(results: &Results<'_>) -> Result<(PlatePanel, Claim), ResultError> {
    let sizes = &results.tasks.preset().minibatch.batch_sizes;
    let mut panel = PlatePanel::new("d", "Regularised, minibatch descent", time_axis(), axis())
        .with_colour_bar(ColourBar::logarithmic("samples a batch"));
    let samples = results.tasks.phase(PhaseName::Regularised).samples;
    let mut plateaus = Vec::new();
    for size in sizes {
        let Some(curves) = minibatch_curves(results, *size)? else { continue };
        panel = panel.with_marks(mean_marks(results, &curves, "", Tone::Ordered(*size as f64))?);
        // Without noise there is nothing to localise.
        if *size < samples {
            plateaus.extend(flattest(results, &curves)?.map(|flattest| (*size, flattest)));
        }
    }
    panel = panel.with_mark(Mark::level("paper: 1e-4", Level::Horizontal(1e-4), Tone::Paper));
    panel = panel.with_mark(Mark::slope("1e-8 t", (1e3, GUIDE * 1e3), 1.0, (10.0, 1e5)));
    let localised: Vec<_> = plateaus.iter().filter(|(_, flattest)| flattest.slope.high < LOCALISED).collect();
    let mut claim = Claim::new(
        "36",
        "Fig. 5d",
        format!(
            "Minibatch descent localises regularised networks: a decade with an exponent below {LOCALISED}. (Where depends on \
             the noise of a batch, which this scale does not keep.) Flattest decade of each batch size: {}.",
            plateaus
                .iter()
                .map(|(size, one)| format!(
                    "b = {size}: exponent {:.2} at MSD {:.1e}",
                    one.slope.value, one.square.value
                ))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        "localisation at MSD about 1e-4",
    )
    .with_figure("5a-d");
    // The batch in the middle of those that localise.
    if let Some((size, one)) = localised.get(localised.len() / 2) {
        claim =
            claim.with_measured(measured(results, one.square, &format!("MSD of the plateau, b = {size}")));
    }
    let holds = (!plateaus.is_empty()).then_some(!localised.is_empty());
    Ok((panel, claim.judged_as(judge_statement(holds, None))))
}

/// A local exponent below this over a decade is a plateau.
const LOCALISED: f64 = 0.3;

/// The decade in which a curve grows least, and its displacement in the middle.
struct Flattest {
    slope: Interval,
    square: Interval,
}

fn flattest(results: &Results<'_>, curves: &Curves) -> Result<Option<Flattest>, ResultError> {
    let mean = results.bootstrap.mean_curve(&curves.curves)?;
    let last = curves.times[curves.times.len() - 1];
    let decades =
        curves.times.iter().copied().filter(|time| *time >= 3.0 * curves.times[0] && 10.0 * time <= last);
    let slopes = decades.filter_map(|from| Some((from, slope_between(results, curves, from, 10.0 * from)?)));
    let least = slopes.min_by(|one, other| one.1.value.total_cmp(&other.1.value));
    Ok(least.and_then(|(from, slope)| {
        let middle = curves.times.iter().position(|time| *time >= 3.16 * from)?;
        Some(Flattest { slope, square: mean[middle] })
    }))
}
