//! The panels of a phase diagram.

use super::grid::{Grid, arithmetic_mean, geometric_mean};
use super::{STATIONARY, TOLERANCE};
use crate::figures::fraction::fraction;
use crate::results::{ResultError, Results};
use glassbox_oracle::networks::trivialisation::OneSampleNetwork;
use glassbox_reports::Scale;
use glassbox_reports::figures::plate::{Level, Mark, Measurement, PlateAxis, PlatePanel, Tone};

/// What the paper states, drawn as lines.
#[derive(Clone, Copy)]
pub(super) struct Stated {
    pub(super) ratio: f64,
    pub(super) regularisation: f64,
}

/// A gain in words.
pub(super) fn gain_in_words(gain: f64) -> String {
    if (gain - 6.0_f64.sqrt()).abs() < 1e-9 { "He gain".to_owned() } else { format!("gain {gain}") }
}

/// The range of all heat maps: from the smallest average to 1, or from 0.01, whose colour all lower losses have: what is to be
/// seen is where networks train and where they collapse.
pub(super) fn value_range(grid: &Grid<'_>) -> (f64, f64) {
    let all = grid.all().map(|(_, _, end)| end.loss).filter(|loss| *loss > 0.0);
    (10.0_f64.powf(all.fold(0.1, f64::min).max(1e-2).log10().floor()), 1.0)
}

/// One average over N/P_D and lambda.
pub(super) fn map(
    results: &Results<'_>,
    grid: &Grid<'_>,
    gain: usize,
    letter: &str,
    geometric: bool,
    stated: Option<Stated>,
) -> PlatePanel {
    let average = if geometric { geometric_mean } else { arithmetic_mean };
    let name = if geometric { "geometric mean" } else { "arithmetic mean" };
    let title = format!("{}, {name}", gain_in_words(grid.diagram.gains[gain]));
    let (ratios, regularisations) = (grid.ratios(), &grid.diagram.regularisations);
    let (low, high) = value_range(grid);
    let mut panel = PlatePanel::new(
        letter,
        &title,
        PlateAxis::linear("weights per sample, N/P_D"),
        PlateAxis::linear("regularisation λ"),
    )
    .with_mark(
        Mark::heat_map(
            "loss",
            ratios.clone(),
            regularisations.clone(),
            grid.map(gain, average),
            Scale::Logarithmic,
        )
        .with_value_range(low, high),
    );
    if let Some(stated) = stated {
        let reached = regularisations.last().is_some_and(|most| *most >= stated.regularisation);
        if reached {
            panel = panel.with_mark(Mark::level(
                "paper's λ*",
                Level::Horizontal(stated.regularisation),
                Tone::Paper,
            ));
        }
    }
    let crossings = (0..ratios.len()).map(|width| (ratios[width], grid.collapsed_from(results, gain, width)));
    let points: Vec<Measurement> = crossings
        .filter(|(_, at)| at.value.is_finite())
        .map(|(ratio, at)| Measurement::new(ratio, at.value, at.low.max(regularisations[0]), finite(at.high)))
        .collect();
    if points.is_empty() {
        panel
    } else {
        panel.with_mark(Mark::points("λ*: half of the networks collapsed", points, Tone::Measured))
    }
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// Fig. 1b: the loss at lambda = 0.
pub(super) fn losses(
    results: &Results<'_>,
    grid: &Grid<'_>,
    letter: &str,
    stated: Option<Stated>,
) -> PlatePanel {
    let mut panel = PlatePanel::new(
        letter,
        "Loss at λ = 0",
        PlateAxis::linear("weights per sample, N/P_D"),
        PlateAxis::logarithmic("loss"),
    );
    let Some(zero) = grid.unregularised() else { return panel };
    panel = panel.with_mark(Mark::level("tolerance", Level::Horizontal(TOLERANCE), Tone::Guide));
    if let Some(stated) = stated {
        panel = panel.with_mark(Mark::level("paper's N*", Level::Vertical(stated.ratio), Tone::Paper));
    }
    let ratios = grid.ratios();
    for (gain, value) in grid.diagram.gains.iter().enumerate() {
        let tone = Tone::Category(gain);
        let name = gain_in_words(*value);
        let (mut each, mut means, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        for (width, ratio) in ratios.iter().enumerate() {
            let losses = grid.losses(gain, width, zero);
            each.extend(losses.iter().map(|loss| Measurement::bare(*ratio, loss.max(1e-20))));
            let of = |chosen: &[usize]| {
                Some(geometric_mean(&chosen.iter().map(|one| losses[*one]).collect::<Vec<_>>()))
            };
            if let Some(mean) = results.bootstrap.interval(losses.len(), of) {
                means.push(Measurement::new(*ratio, mean.value, mean.low, mean.high));
            }
            if !losses.is_empty() {
                plain.push((*ratio, arithmetic_mean(&losses)));
            }
        }
        panel = panel
            .with_mark(Mark::points("", each, Tone::Guide))
            .with_mark(Mark::joined(&name, means, tone))
            .with_mark(Mark::line("", plain, Tone::Guide));
    }
    panel
}

/// The fraction of networks that fit every sample at lambda = 0.
pub(super) fn satisfied(results: &Results<'_>, grid: &Grid<'_>, letter: &str) -> PlatePanel {
    let mut panel = PlatePanel::new(
        letter,
        format!("Loss below {TOLERANCE:.0e}"),
        PlateAxis::linear("weights per sample, N/P_D"),
        PlateAxis::linear("fraction at λ = 0").within(-0.05, 1.05),
    )
    .with_mark(Mark::level("", Level::Horizontal(0.5), Tone::Guide));
    let Some(zero) = grid.unregularised() else { return panel };
    for (gain, value) in grid.diagram.gains.iter().enumerate() {
        let points = grid.ratios().into_iter().enumerate().map(|(width, ratio)| {
            let losses = grid.losses(gain, width, zero);
            let hits = losses.iter().filter(|loss| **loss < TOLERANCE).count();
            let one = fraction(hits, losses.len(), results.bootstrap.confidence());
            Measurement::new(ratio, one.value, one.low, one.high)
        });
        panel = panel.with_mark(Mark::joined(gain_in_words(*value), points.collect(), Tone::Category(gain)));
        if let Some(at) =
            grid.satisfied_from(results, gain, TOLERANCE).filter(|at| at.value.is_finite() && at.value > 0.0)
        {
            let ratio = at.value / grid.diagram.samples as f64;
            panel = panel.with_mark(Mark::level("", Level::Vertical(ratio), Tone::Category(gain)));
        }
    }
    panel
}

/// Losses at lambda > 0 above the lowest that any weights have.
pub(super) fn bound(
    grid: &Grid<'_>,
    one_sample: &OneSampleNetwork,
    letter: &str,
) -> Result<PlatePanel, ResultError> {
    let mut panel = PlatePanel::new(
        letter,
        "Loss at λ > 0",
        PlateAxis::logarithmic("regularisation λ"),
        PlateAxis::logarithmic("loss"),
    )
    .with_mark(Mark::level("loss of W = 0", Level::Horizontal(0.5), Tone::Guide));
    let positive: Vec<f64> =
        grid.diagram.regularisations.iter().copied().filter(|lambda| *lambda > 0.0).collect();
    if let [first, .., last] = positive[..] {
        let curve = (0..=60).map(|step| first * (last / first).powf(f64::from(step) / 60.0));
        let lowest = curve
            .map(|lambda| Ok((lambda, one_sample.lowest_loss(lambda)?)))
            .collect::<Result<Vec<_>, ResultError>>()?;
        panel = panel.with_mark(Mark::line("lowest loss of any weights", lowest, Tone::Null));
    }
    for (gain, value) in grid.diagram.gains.iter().enumerate() {
        let ends = grid.all().filter(|(one, _, end)| *one == gain && end.regularisation > 0.0);
        let points: Vec<Measurement> =
            ends.map(|(_, _, end)| Measurement::bare(end.regularisation, end.loss)).collect();
        if !points.is_empty() {
            panel = panel.with_mark(Mark::points(gain_in_words(*value), points, Tone::Category(gain)));
        }
    }
    Ok(panel)
}

/// How far every network that has not collapsed is from stationary.
pub(super) fn certificates(grid: &Grid<'_>, letter: &str) -> Result<PlatePanel, ResultError> {
    let mut panel = PlatePanel::new(
        letter,
        "Distance from stationary",
        PlateAxis::logarithmic("regularisation λ"),
        PlateAxis::logarithmic("worst layer, relative"),
    )
    .with_mark(Mark::level("", Level::Horizontal(STATIONARY), Tone::Guide));
    let mut collapsed = 0;
    for (gain, value) in grid.diagram.gains.iter().enumerate() {
        let mut points = Vec::new();
        for (_, _, end) in grid.all().filter(|(one, _, _)| *one == gain) {
            let Some(certificate) = end.certificate()? else { continue };
            if end.has_collapsed() {
                collapsed += 1;
            } else {
                points.push(Measurement::bare(end.regularisation, certificate.relative_distance));
            }
        }
        if !points.is_empty() {
            panel = panel.with_mark(Mark::points(gain_in_words(*value), points, Tone::Category(gain)));
        }
    }
    // A collapsed network has no balance of its own: its weights only decay.
    Ok(panel.with_note(format!("{collapsed} collapsed networks left out")))
}
