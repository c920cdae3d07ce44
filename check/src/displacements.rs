//! Displacements from the first frame, beside the law for where each weight started.

use super::check::Part;
use super::gaussian_sums::{GaussianEvidence, Sums};
use super::source::Source;
use super::step_law::StepLaw;
use super::{ExaminationError, ExaminationSettings, ExaminedLaw};
use glassbox_oracle::Displacement;
use glassbox_oracle::verdict::{Sensitivity, kolmogorov_smirnov, second_moment};
use glassbox_reports::{Axis, Comparison, Curve, Observed, Series};
use glassbox_trajectories::trajectory::Piece;

/// Places (replica, weight) that are looked at.
const PLACES: usize = 1 << 16;

/// Lags at most.
const LAGS: usize = 24;

/// Fewest places for a test; with fewer the displacements are drawn, and the innovations alone judge.
const FEWEST: usize = 4000;

/// Fewest `Σ p (1 − p)` for the number within the half width to be Gaussian in far tails.
const FEWEST_WITHIN: f64 = 1e4;

/// One displacement a weight cannot see percents: what the innovations could have missed is another factor at long times.
const TOLERANCE: f64 = 0.25;

/// Squares and counts of one lag.
#[derive(Clone, Debug, Default)]
struct Lag {
    steps: u64,
    frame: usize,
    displacements: Sums,
    within: f64,
    standardised: Vec<f64>,
}

/// Weights at the first frame and at the lags, at up to 65,536 places: the first weights of each replica.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    columns: usize,
    frames: Vec<usize>,
    /// By replica, then place.
    starts: Vec<f64>,
    /// For each of `frames`: by replica, then place.
    later: Vec<Vec<f64>>,
}

impl Places {
    pub(crate) fn new(source: &dyn Source) -> Self {
        let columns = source.weights().min((PLACES / source.replicas()).max(1));
        let frames: Vec<usize> = chosen_lags(source.times()).iter().map(|lag| lag.frame).collect();
        let later = vec![Vec::new(); frames.len()];
        Self { columns, frames, starts: Vec::new(), later }
    }

    /// Takes a piece, in the order of reading.
    pub(crate) fn add(&mut self, piece: &Piece<'_>) {
        let Some(wanted) = self.columns.checked_sub(piece.first) else { return };
        let weights = &piece.weights[..wanted.min(piece.weights.len())];
        if piece.frame == 0 {
            self.starts.extend_from_slice(weights);
        } else if let Ok(lag) = self.frames.binary_search(&piece.frame) {
            self.later[lag].extend_from_slice(weights);
        }
    }
}

/// The section; `first_square` is the mean square of the first frame.
pub(crate) fn part(
    times: &[u64],
    settings: &ExaminationSettings,
    law: &StepLaw,
    first_square: f64,
    places: &Places,
) -> Result<Part, ExaminationError> {
    let mut part = Part::new(
        "displacements",
        "Displacements from the first frame",
        "Mean squared displacement and overlap since the first frame, beside the exact law of the scheme's steps for \
         where each weight was in it. Where there are at least 4,000 weights in all replicas, displacements about the law's mean \
         are tested at the middle and the last lag: a coarse test of long times, beside the innovations.",
    );
    let mut lags = chosen_lags(times);
    let Some(last) = lags.last().map(|lag| lag.steps) else { return Ok(part) };
    let half_width = match settings.half_width {
        Some(half_width) => half_width,
        // About half of all displacements of the last lag, if the starts are spread about the bottom.
        None => {
            let (loss, variance) = law.loss_and_variance(last)?;
            0.6745 * (variance + loss * loss * first_square).sqrt()
        }
    };
    gather(places, law, half_width, &mut lags)?;
    let starts = &places.starts;
    let mean_square = starts.iter().map(|start| start * start).sum::<f64>() / starts.len() as f64;
    let (mut squared, mut overlaps) = (Vec::new(), Vec::new());
    for (index, lag) in lags.iter().enumerate() {
        let (loss, variance) = law.loss_and_variance(lag.steps)?;
        let count = lag.displacements.count;
        // Σ (2 V² + 4 V (b w)²)/n² is the variance of the mean square.
        let predicted = variance + loss * loss * mean_square;
        let error = ((2.0 * variance * variance + 4.0 * variance * loss * loss * mean_square) / count).sqrt();
        let observed = lag.displacements.second_moment();
        squared.push(Observed { at: lag.steps as f64, observed, standard_error: error, predicted });
        let (expected, spread) = expected_overlap(starts, loss, variance, half_width)?;
        let observed = lag.within / count;
        let standard_error = spread.sqrt() / count;
        overlaps.push(Observed { at: lag.steps as f64, observed, standard_error, predicted: expected });
        if index != lags.len() / 2 && index + 1 != lags.len() {
            continue;
        }
        let steps = lag.steps;
        if lag.standardised.len() >= FEWEST {
            let name = format!("displacement after {steps} steps: second moment about the law's mean");
            let standard = Displacement::gaussian(0.0, 1.0)?;
            let moment = second_moment::check(name, 0, &lag.standardised, &standard)?;
            part.checks.push(moment.with_practical_tolerance(TOLERANCE).into());
        }
        if spread >= FEWEST_WITHIN && expected > 0.0 {
            let evidence = GaussianEvidence {
                observed,
                predicted: expected,
                standard_error,
                standardised: (observed - expected) / standard_error,
                effect: observed / expected - 1.0,
                sensitivity: Sensitivity::Gaussian { effect_per_standard_error: standard_error / expected },
                effect_measure: "relative difference",
                tolerance: TOLERANCE,
                count,
            };
            let name = format!("displacement after {steps} steps: overlap within {half_width:.4e}");
            part.checks.push(evidence.named(name).into());
        }
    }
    if settings.law == ExaminedLaw::StationaryWell {
        stationary_start(settings, law, starts, &mut part)?;
    }
    let curve = |points: &[Observed]| points.iter().map(|point| (point.at, point.predicted)).collect();
    let caption =
        "From the first frame; the law is that of the scheme's steps for where each weight started.";
    part.comparisons = vec![
        Comparison::new(
            "examined-displacement",
            "Mean squared displacement since the first frame",
            caption,
            Axis::logarithmic("lag (steps)"),
            Axis::logarithmic("mean squared displacement"),
        )?
        .with_law(Curve::prediction("law", curve(&squared), 0))
        .with_series(Series::new("trajectory", squared, 0)),
        Comparison::new(
            "examined-overlap",
            "Overlap with the first frame",
            format!("Half width {half_width:.4e}. {caption}"),
            Axis::logarithmic("lag (steps)"),
            Axis::linear("overlap Q"),
        )?
        .with_law(Curve::prediction("law", curve(&overlaps), 0))
        .with_series(Series::new("trajectory", overlaps, 0)),
    ];
    Ok(part)
}

/// Frames at lags in nearly equal ratios.
fn chosen_lags(times: &[u64]) -> Vec<Lag> {
    let frames = times.len();
    let mut chosen: Vec<usize> = if frames <= LAGS + 1 {
        (1..frames).collect()
    } else {
        let last = (frames - 1) as f64;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and the frames"
        )]
        let at = |i: usize| last.powf(i as f64 / (LAGS - 1) as f64).round() as usize;
        (0..LAGS).map(at).collect()
    };
    chosen.dedup();
    let lag = |frame: usize| Lag { frame, steps: times[frame] - times[0], ..Lag::default() };
    chosen.into_iter().map(lag).collect()
}

/// Fills the lags.
fn gather(places: &Places, law: &StepLaw, half_width: f64, lags: &mut [Lag]) -> Result<(), ExaminationError> {
    let (middle, last) = (lags.len() / 2, lags.len() - 1);
    for (index, (lag, later)) in lags.iter_mut().zip(&places.later).enumerate() {
        let (loss, variance) = law.loss_and_variance(lag.steps)?;
        for (start, weight) in places.starts.iter().zip(later) {
            let moved = weight - start;
            lag.displacements.add(moved);
            lag.within += f64::from(u8::from(moved.abs() <= half_width));
            if index == middle || index == last {
                lag.standardised.push((moved + loss * start) / variance.sqrt());
            }
        }
    }
    Ok(())
}

/// Mean over the places of the probability to be within the half width, and the sum of its variances.
fn expected_overlap(
    starts: &[f64],
    loss: f64,
    variance: f64,
    half_width: f64,
) -> Result<(f64, f64), ExaminationError> {
    let (mut expected, mut spread) = (0.0, 0.0);
    for start in starts {
        let overlap = Displacement::gaussian(-loss * start, variance)?.overlap(half_width);
        expected += overlap;
        spread += overlap * (1.0 - overlap);
    }
    Ok((expected / starts.len() as f64, spread))
}

/// The first frame of a stationary well is Gaussian with the stationary variance.
fn stationary_start(
    settings: &ExaminationSettings,
    law: &StepLaw,
    starts: &[f64],
    part: &mut Part,
) -> Result<(), ExaminationError> {
    let stationary = Displacement::gaussian(0.0, law.stationary_variance()?)?;
    if starts.len() < 30 {
        let name = "first frame: mean square of the stationary state";
        part.checks.push(super::innovation_checks::too_few(name, starts.len() as f64, 30.0).into());
        return Ok(());
    }
    let name = "first frame: mean square of the stationary state";
    let moment = second_moment::check(name, 0, starts, &stationary)?;
    part.checks.push(moment.with_practical_tolerance(2.5 * settings.tolerance).into());
    let name = "first frame: Kolmogorov–Smirnov distance from the stationary state";
    let distance = kolmogorov_smirnov::check(name, 0, starts, &stationary)?;
    part.checks.push(distance.with_practical_tolerance(settings.tolerance).into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lags_are_few_ascending_and_reach_the_end() {
        let times: Vec<u64> = (0..1000).map(|n| 3 * n).collect();
        let lags = chosen_lags(&times);
        assert!(lags.len() <= LAGS && lags.windows(2).all(|pair| pair[0].steps < pair[1].steps));
        assert_eq!((lags[0].steps, lags[lags.len() - 1].steps), (3, 2997));
        assert_eq!(chosen_lags(&[5]).len(), 0);
        assert_eq!(chosen_lags(&[5, 9]).len(), 1);
    }
}
