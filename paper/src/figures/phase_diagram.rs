//! Figs. 1a, b and A3: the loss after the quench over N/P_D and lambda.
//!
//! Every end point is measured again in double precision, certified (PHYSICS.md D.5c) and held against the lowest loss that
//! any weights have at its lambda (D.6), which needs no simulation to be above 0: the transition at lambda = 0 cannot
//! exist at lambda > 0.

mod claims;
mod grid;
mod panels;

use super::Drawn;
use super::end_points::one_sample_network;
use crate::results::{ResultError, Results};
use claims::Names;
use glassbox_reports::figures::plate::Plate;
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseDiagram, Tasks};
use grid::Grid;
use panels::Stated;

/// Loss below which all samples count as fitted. The estimate of N* is repeated with [`OTHER_TOLERANCES`].
const TOLERANCE: f64 = 1e-4;

/// Further tolerances, to see how much N* depends on it.
const OTHER_TOLERANCES: [f64; 3] = [1e-3, 1e-5, 1e-6];

/// Relative distance below which an end point counts as stationary.
const STATIONARY: f64 = 0.01;

/// The paper's N*/P_D and lambda*, for MNIST.
const PAPER: Stated = Stated { ratio: 0.18, regularisation: 0.03 };

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    grid::tasks(tasks, &tasks.preset().phase_diagram)
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let names = Names { figure: "1a-b", title: "Loss of the minima of MNIST", data: "MNIST" };
    draw_diagram(results, &results.tasks.preset().phase_diagram, &names, Some(PAPER))
}

pub(super) fn tasks_of_cifar10(tasks: &Tasks<'_>) -> Vec<Task> {
    grid::tasks(tasks, &tasks.preset().cifar10_phase_diagram)
}

pub(super) fn draw_cifar10(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let names = Names { figure: "a3", title: "Loss of the minima of CIFAR-10", data: "CIFAR-10" };
    draw_diagram(results, &results.tasks.preset().cifar10_phase_diagram, &names, None)
}

fn draw_diagram(
    results: &Results<'_>,
    diagram: &PhaseDiagram,
    names: &Names,
    stated: Option<Stated>,
) -> Result<Drawn, ResultError> {
    let grid = Grid::measure(results, diagram)?;
    let some_quench =
        results.tasks.diagram(diagram, diagram.gains[0], diagram.widths[0], diagram.regularisations[0], 0);
    let one_sample = one_sample_network(results, &some_quench)?;
    let judged = claims::judge_all(results, &grid, &one_sample, names, stated)?;
    let verdict =
        |number: &str| judged.iter().find(|claim| claim.number == number).map(|claim| claim.verdict);

    // Upper row: geometric means, then lambda = 0; lower row: arithmetic means, then lambda > 0.
    let gains = diagram.gains.len();
    let mut letters = ('a'..='z').map(String::from);
    let mut letter = || letters.next().unwrap_or_default();
    let mut upper = Vec::new();
    for gain in 0..gains {
        upper.push(panels::map(results, &grid, gain, &letter(), true, stated));
    }
    upper.push(panels::losses(results, &grid, &letter(), stated));
    upper.push(panels::satisfied(results, &grid, &letter()));
    let mut lower = Vec::new();
    for gain in 0..gains {
        lower.push(panels::map(results, &grid, gain, &letter(), false, stated));
    }
    lower.push(panels::bound(&grid, &one_sample, &letter())?);
    lower.push(panels::certificates(&grid, &letter())?);
    for (panel, number) in [(0, "7"), (gains, "8"), (gains + 1, "9")] {
        if let Some(verdict) = verdict(number) {
            upper[panel] = upper[panel].clone().with_verdict(verdict);
        }
    }
    for (panel, number) in [(gains, "10"), (gains + 1, "6")] {
        if let Some(verdict) = verdict(number) {
            lower[panel] = lower[panel].clone().with_verdict(verdict);
        }
    }

    let mut caption = format!(
        "Loss after the quench of {} networks of {} samples, {} of each kind. Heat maps: average over networks; circles: the \
         lambda at which half of a width's networks have collapsed, with intervals no finer than the grid. At lambda = 0: every network, geometric mean with interval, and arithmetic mean (grey line). No weights have a loss \
         below the dashed bound, that of one sample with the mean input norm.",
        names.data, diagram.samples, diagram.initial_conditions
    );
    if let Some(lost) = grid.lost() {
        caption = format!("{caption} {lost}");
    }
    let mut plate =
        Plate::new(names.figure, names.title, caption, results.provenance.clone())?.with_columns(gains + 2);
    for panel in upper.into_iter().chain(lower) {
        plate = plate.with_panel(panel);
    }
    Ok(Drawn { plate, claims: judged, page: None })
}
