//! Overlap relaxation time, mean squared displacement and alpha2 of each layer, against the null model.

use super::Drawn;
use super::families::point;
use crate::Null;
use crate::analysis::Interval;
use crate::analysis::relaxation_time::{TAU_E, of_mean_curve};
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{
    ColourBar, Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone,
};
use glassbox_simulations::observables::{mean_squared_displacement, non_gaussian_parameter, overlap};
use glassbox_simulations::protocol::{Population, Task};
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// Temperatures shown of a phase.
const SHOWN: usize = 4;

/// A law's relaxation time below this many steps cannot be resolved by frames.
const RESOLVED: f64 = 2.0;

/// One layer at one temperature.
struct LayerAt {
    layer: usize,
    temperature: f64,
    /// Time of the overlap to 1/e over that of the null model; `None` where it is not reached or not resolved.
    slowing: Option<Interval>,
    /// Mean squared displacement at the last lag over that of the null model: geometric mean over networks.
    spreading: Option<Interval>,
    alpha: Option<Interval>,
}

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    PhaseName::MNIST.into_iter().flat_map(|name| trajectories(tasks, name)).collect()
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let runs = PhaseName::MNIST.into_iter().map(|name| results.run(name)).collect::<Result<Vec<_>, _>>()?;
    let mut caption = "Each layer's time of the overlap to 1/e and mean squared displacement (geometric mean over networks, at the last \
                       lag), both divided by those of the null model with the run's own parameters (the well of the \
                       regularisation, or free diffusion), and α₂ at the last lag, with bootstrap intervals over initial conditions. The dashed line of α₂ is that of as many Gaussian weights, −2/(N + 2). Layers whose \
                       overlap does not fall to 1/e, or falls there within the first step, have no point."
        .to_owned();
    for lost in runs.iter().filter_map(Run::lost) {
        caption += &format!(" {lost}.");
    }
    let mut plate = Plate::new("layers", "Layer by layer", caption, results.provenance.clone())?
        .with_columns(3)
        .with_colour_bar(ColourBar::logarithmic("temperature T"));
    for (run, letters) in runs.iter().zip([["a", "b", "c"], ["d", "e", "f"], ["g", "h", "i"]]) {
        let found = measure(results, run)?;
        for panel in panels(run, &found, letters) {
            plate = plate.with_panel(panel);
        }
    }
    Ok(Drawn { plate, claims: Vec::new(), page: None })
}

/// Temperatures above 0, evenly spread over those of the run.
fn shown(run: &Run) -> Vec<usize> {
    let above: Vec<usize> =
        (0..run.temperatures.len()).filter(|index| run.temperatures[*index] > 0.0).collect();
    let last = above.len().saturating_sub(1);
    let mut shown: Vec<usize> =
        (0..SHOWN).filter_map(|place| above.get((place * last).div_ceil(SHOWN - 1)).copied()).collect();
    shown.dedup();
    shown
}

fn measure(results: &Results<'_>, run: &Run) -> Result<Vec<LayerAt>, ResultError> {
    let bootstrap = &results.bootstrap;
    let waiting = run.waiting_time();
    let mut found = Vec::new();
    for index in shown(run) {
        let temperature = run.temperatures[index];
        let null = Null::idle(&run.phase, temperature, waiting)?;
        let law_time = null.relaxation_time(run.phase.window, TAU_E)?.filter(|steps| *steps >= RESOLVED);
        for layer in 0..run.architecture.layers().len() {
            let chosen = Population::layer(&run.architecture, layer);
            let overlaps = run.curves(
                index,
                waiting,
                |_| chosen.clone(),
                |network, moved| overlap(moved, network.half_width),
            );
            let slowing = match law_time {
                Some(law) => of_mean_curve(bootstrap, &overlaps.lags, &overlaps.curves, TAU_E)?
                    .filter(|time| time.value.is_finite() && time.low > 0.0)
                    .map(|time| over(&time, law)),
                None => None,
            };
            let square =
                run.curves(index, waiting, |_| chosen.clone(), |_, moved| mean_squared_displacement(moved));
            let alpha =
                run.curves(index, waiting, |_| chosen.clone(), |_, moved| non_gaussian_parameter(moved));
            let lag = square.lags.last().copied().unwrap_or_default();
            let law = null.law().displacement(lag)?.mean_squared_displacement();
            let last = |curves: &[Vec<f64>]| {
                bootstrap.interval(curves.len(), |indices| {
                    let sum =
                        indices.iter().map(|index| curves[*index].last().copied()).sum::<Option<f64>>()?;
                    Some(sum / indices.len() as f64)
                })
            };
            // Networks of a phase can lie decades apart: their logarithms are averaged.
            let logarithms: Vec<Vec<f64>> = square
                .curves
                .iter()
                .map(|curve| curve.iter().map(|square| (square / law).ln()).collect())
                .collect();
            let spreading = last(&logarithms).filter(|one| one.value.is_finite()).map(|one| Interval {
                value: one.value.exp(),
                low: one.low.exp(),
                high: one.high.exp(),
            });
            found.push(LayerAt {
                layer: layer + 1,
                temperature,
                slowing,
                spreading,
                alpha: last(&alpha.curves),
            });
        }
    }
    Ok(found)
}

fn over(interval: &Interval, unit: f64) -> Interval {
    Interval { value: interval.value / unit, low: interval.low / unit, high: interval.high / unit }
}

fn panels(run: &Run, found: &[LayerAt], letters: [&str; 3]) -> [PlatePanel; 3] {
    let layers = run.architecture.layers();
    let end = layers.len() as f64 + 0.6;
    let title = run.name.title();
    let axis = || PlateAxis::linear("layer").within(0.4, end);
    let marks = |choose: fn(&LayerAt) -> Option<Interval>| {
        shown(run).into_iter().map(move |index| {
            let temperature = run.temperatures[index];
            let own = found.iter().filter(move |at| at.temperature == temperature);
            let points: Vec<Measurement> =
                own.filter_map(|at| Some(point(at.layer as f64, choose(at)?))).collect();
            Mark::joined(format!("T = {temperature:e}"), points, Tone::Ordered(temperature))
        })
    };
    let one = || Mark::level("", Level::Horizontal(1.0), Tone::Null);
    let gaussian = layers.iter().enumerate().map(|(layer, matrix)| {
        let weights = matrix.range.len() as f64;
        (layer as f64 + 1.0, -2.0 / (weights + 2.0))
    });
    [
        PlatePanel::new(letters[0], title, axis(), PlateAxis::logarithmic("tau_e over the null's"))
            .with_mark(one())
            .with_marks(marks(|at| at.slowing)),
        PlatePanel::new(letters[1], title, axis(), PlateAxis::logarithmic("MSD over the null's"))
            .with_mark(one())
            .with_marks(marks(|at| at.spreading)),
        PlatePanel::new(letters[2], title, axis(), PlateAxis::linear("non-Gaussian α₂"))
            .with_mark(Mark::line("null model", gaussian.collect(), Tone::Null))
            .with_marks(marks(|at| at.alpha)),
    ]
}
