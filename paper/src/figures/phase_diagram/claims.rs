//! What the paper says about its phase diagrams, judged from the numbers.

use super::grid::Grid;
use super::panels::{Stated, gain_in_words};
use super::{OTHER_TOLERANCES, STATIONARY, TOLERANCE};
use crate::analysis::Interval;
use crate::figures::evidence::measured;
use crate::figures::fraction::fraction;
use crate::results::{ResultError, Results};
use glassbox_oracle::networks::trivialisation::OneSampleNetwork;
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement, StatedValue};

/// How a diagram is called.
pub(super) struct Names {
    /// Of the plate.
    pub(super) figure: &'static str,
    /// Of the plate, in words.
    pub(super) title: &'static str,
    /// The data.
    pub(super) data: &'static str,
}

/// Samples of the paper's MNIST.
const PAPER_SAMPLES: f64 = 60_000.0;

/// N* grows with the number of samples as its power 3/4 (Geiger et al., arXiv:1809.09349; PHYSICS.md D.7).
const SAMPLES_EXPONENT: f64 = 0.75;

pub(super) fn judge_all(
    results: &Results<'_>,
    grid: &Grid<'_>,
    one_sample: &OneSampleNetwork,
    names: &Names,
    stated: Option<Stated>,
) -> Result<Vec<Claim>, ResultError> {
    let Some(stated) = stated else { return Ok(vec![existence(results, grid, names)]) };
    Ok(vec![
        stationarity(results, grid, names)?,
        trivialisation(results, grid, one_sample, names, stated),
        satisfaction(results, grid, names, stated),
        scatter(results, grid, names),
        bound(results, grid, one_sample, names)?,
    ])
}

/// Claim 6: the protocol ends in minima.
fn stationarity(results: &Results<'_>, grid: &Grid<'_>, names: &Names) -> Result<Claim, ResultError> {
    let mut distances = Vec::new();
    for (_, _, end) in grid.all().filter(|(_, _, end)| !end.has_collapsed()) {
        if let Some(certificate) = end.certificate()? {
            distances.push(certificate.relative_distance);
        }
    }
    let near = distances.iter().filter(|distance| **distance < STATIONARY).count();
    let share = fraction(near, distances.len(), results.bootstrap.confidence());
    let largest = distances.iter().copied().fold(0.0, f64::max);
    let verdict = if near == distances.len() && near > 0 {
        ClaimVerdict::Agrees
    } else {
        // A quench that is too short here says nothing about the paper's.
        ClaimVerdict::NotResolved
    };
    let reason = format!(
        "{near} of {} regularised networks that have not collapsed are within {:.0}% of lambda |W_l|² = <D₊> − 2 L_data in every \
         layer; the worst is off by {:.2}%.",
        distances.len(),
        100.0 * STATIONARY,
        100.0 * largest
    );
    let mut claim = Claim::new(
        "6",
        "Sec. III A, Fig. 1a",
        "Minibatch descent followed by full-batch descent at the rate and at a tenth of it ends in minima.",
        "7000 epochs of SGD, 50 of descent, 50 at a tenth of the rate",
    )
    .with_figure(names.figure);
    if let Some(measured) = measured(results, share, "of end points stationary") {
        claim = claim.with_measured(measured);
    }
    Ok(claim.judged_as(Judgement::new(verdict, reason)))
}

/// Claim 7: lambda* about 0.03, and a loss of ½ above.
fn trivialisation(
    results: &Results<'_>,
    grid: &Grid<'_>,
    one_sample: &OneSampleNetwork,
    names: &Names,
    stated: Stated,
) -> Claim {
    let gains = &grid.diagram.gains;
    let at: Vec<Interval> =
        (0..gains.len()).map(|gain| grid.collapsed_from_at_any_width(results, gain)).collect();
    let holds: Vec<bool> =
        at.iter().map(|at| at.value.is_finite() && at.contains(stated.regularisation)).collect();
    let excess =
        grid.all().filter(|(_, _, end)| end.has_collapsed()).map(|(_, _, end)| (end.data_loss - 0.5).abs());
    let excess = excess.fold(0.0, f64::max);
    let words: Vec<String> = gains
        .iter()
        .zip(&at)
        .map(|(gain, at)| {
            let last = grid.diagram.regularisations.last().copied().unwrap_or_default();
            let name = gain_in_words(*gain);
            match at.value {
                value if value.is_finite() => format!(
                    "{name}: half of all networks have collapsed at {value:.4} ({:.4} to {:.4})",
                    at.low.max(0.0),
                    at.high
                ),
                value if value > 0.0 => {
                    format!("{name}: fewer than half have collapsed at the largest lambda, {last}")
                }
                _ => format!("{name}: more than half collapse at the smallest lambda already"),
            }
        })
        .collect();
    let spinodal = one_sample.spinodal().map_or(f64::NAN, |point| point.regularisation);
    // Between two gains, 0.03 may well be where a third one ends.
    let sides = (
        at.iter().any(|at| at.value > stated.regularisation),
        at.iter().any(|at| at.value < stated.regularisation),
    );
    let verdict = match (holds.iter().any(|holds| *holds), sides) {
        (true, _) => ClaimVerdict::Agrees,
        (false, (true, true)) => ClaimVerdict::NotResolved,
        (false, _) => ClaimVerdict::Differs,
    };
    let reason = format!(
        "{}. So where it lies is a matter of the initialisation and of the protocol; the only bound that holds for all is {spinodal:.3}, beyond \
         which W = 0 is the only stationary point. Data losses of collapsed networks are within {excess:.1e} of 1/2.",
        words.join("; ")
    );
    let shown = holds.iter().position(|holds| *holds).unwrap_or(0);
    let mut claim = Claim::new(
        "7",
        "Fig. 1a",
        "The topology trivialises at lambda* of about 0.03, with some dependence on N; above it the loss is 1/2.",
        "0.03",
    )
    .with_figure(names.figure);
    if let Ok(value) = StatedValue::from_digits("0.03") {
        claim = claim.with_paper_value(value);
    }
    if let Some(measured) = measured(results, at[shown], &format!("lambda, {}", gain_in_words(gains[shown])))
    {
        claim = claim.with_measured(measured);
    }
    claim.judged_as(Judgement::new(verdict, reason))
}

/// Claim 8: N*/P_D.
fn satisfaction(results: &Results<'_>, grid: &Grid<'_>, names: &Names, stated: Stated) -> Claim {
    let samples = grid.diagram.samples as f64;
    let ratio = |tolerance: f64| -> Option<Interval> {
        let at = grid.satisfied_from(results, 0, tolerance)?;
        Some(Interval { value: at.value / samples, low: at.low / samples, high: at.high / samples })
    };
    let expected = stated.ratio * (PAPER_SAMPLES / samples).powf(1.0 - SAMPLES_EXPONENT);
    let others: Vec<String> = OTHER_TOLERANCES
        .iter()
        .filter_map(|tolerance| Some((*tolerance, ratio(*tolerance)?.value)))
        .map(|(tolerance, value)| {
            if value.is_finite() {
                format!("{value:.3} at {tolerance:.0e}")
            } else {
                format!("not reached at {tolerance:.0e}")
            }
        })
        .collect();
    let mut claim = Claim::new(
        "8",
        "Fig. 1a, b",
        "At lambda = 0 the transition from unsatisfied to satisfied lies at N*/P_D of about 0.18.",
        "0.18",
    )
    .with_figure(names.figure)
    .with_null(format!("0.18 moved to {samples} samples with N* ∝ P_D^(3/4)"), expected);
    if let Ok(value) = StatedValue::from_digits("0.18") {
        claim = claim.with_paper_value(value);
    }
    let at = ratio(TOLERANCE);
    if let Some(measured) = at.and_then(|at| measured(results, at, "N/P_D")) {
        claim = claim.with_measured(measured);
    }
    let Some(at) = at.filter(|at| at.value.is_finite() && at.value > 0.0) else {
        let reason = format!(
            "half of the networks reach {TOLERANCE:.0e} at no width of this preset ({}).",
            others.join(", ")
        );
        return claim.judged_as(Judgement::new(ClaimVerdict::NotResolved, reason));
    };
    let tolerances = format!("with other tolerances {}", others.join(", "));
    let (verdict, why) = if at.contains(stated.ratio) {
        (ClaimVerdict::Agrees, "0.18 lies within the interval")
    } else if samples < PAPER_SAMPLES && at.contains(expected) {
        (
            ClaimVerdict::NotResolved,
            "0.18 does not, but the value that N* ∝ P_D^(3/4) makes of it at this number of samples lies within the interval",
        )
    } else if samples < PAPER_SAMPLES {
        (
            ClaimVerdict::NotResolved,
            "neither 0.18 nor what N* ∝ P_D^(3/4) makes of it at this number of samples lies within, and fewer samples and steps than the paper's cannot decide about it",
        )
    } else {
        (ClaimVerdict::Differs, "0.18 lies outside the interval")
    };
    let reason = format!(
        "N*/P_D is {:.3} ({:.3} to {:.3}): {why} ({expected:.3}); {tolerances}.",
        at.value, at.low, at.high
    );
    claim.judged_as(Judgement::new(verdict, reason))
}

/// Claim 9: above N* a loss near 0 is not guaranteed.
fn scatter(results: &Results<'_>, grid: &Grid<'_>, names: &Names) -> Claim {
    let mut claim = Claim::new(
        "9",
        "Fig. 1b",
        "Above N* a loss near 0 is not guaranteed: it depends on the initial condition.",
        "some networks above N* keep a loss well above 0",
    )
    .with_figure(names.figure);
    let (mut above, mut unsatisfied, mut words) = (0, 0, Vec::new());
    for (gain, value) in grid.diagram.gains.iter().enumerate() {
        let Some((zero, at)) = grid.unregularised().zip(grid.satisfied_from(results, gain, TOLERANCE)) else {
            continue;
        };
        let losses: Vec<f64> = (0..grid.weights.len())
            .filter(|width| grid.weights[*width] > at.value)
            .flat_map(|width| grid.losses(gain, width, zero))
            .collect();
        let left = losses.iter().filter(|loss| **loss >= TOLERANCE).count();
        words.push(format!("{left} of {} ({})", losses.len(), gain_in_words(*value)));
        (above, unsatisfied) = (above + losses.len(), unsatisfied + left);
    }
    if above == 0 {
        return claim.judged_as(Judgement::new(
            ClaimVerdict::NotResolved,
            "No network of this preset lies above N*.",
        ));
    }
    let share = fraction(unsatisfied, above, results.bootstrap.confidence());
    if let Some(measured) = measured(results, share, "of networks above N*") {
        claim = claim.with_measured(measured);
    }
    let reason = format!("Losses of at least {TOLERANCE:.0e} above N*: {}.", words.join(", "));
    if unsatisfied > 0 {
        return claim.judged_as(Judgement::new(ClaimVerdict::Agrees, reason));
    }
    let reason = format!(
        "{reason} None, which so few networks would also show if up to {:.0}% failed.",
        100.0 * share.high
    );
    claim.judged_as(Judgement::new(ClaimVerdict::NotResolved, reason))
}

/// Claim 10: no such transition at lambda > 0.
fn bound(
    results: &Results<'_>,
    grid: &Grid<'_>,
    one_sample: &OneSampleNetwork,
    names: &Names,
) -> Result<Claim, ResultError> {
    let (mut below, mut all, mut closest) = (0, 0, f64::INFINITY);
    let mut smallest: Option<(f64, f64)> = None;
    for (_, _, end) in grid.all().filter(|(_, _, end)| end.regularisation > 0.0) {
        let lowest = one_sample.lowest_loss(end.regularisation)?;
        all += 1;
        below += usize::from(end.loss < lowest);
        closest = closest.min(end.loss / lowest);
        if smallest.is_none_or(|(loss, _)| end.loss < loss) {
            smallest = Some((end.loss, lowest));
        }
    }
    let claim = Claim::new(
        "10",
        "Fig. 1a",
        "With regularisation there is no transition from unsatisfied to satisfied.",
        "the loss stays above 0 at every N for lambda > 0",
    )
    .with_figure(names.figure);
    let Some((loss, lowest)) = smallest else {
        return Ok(claim.judged_as(Judgement::new(
            ClaimVerdict::NotResolved,
            "No network of this preset is regularised.",
        )));
    };
    let measured_value = Interval { value: loss, low: loss, high: loss };
    let claim = measured(results, measured_value, "smallest loss at lambda > 0")
        .map_or(claim.clone(), |measured| claim.with_measured(measured))
        .with_null("lowest loss of any weights there", lowest);
    let (verdict, reason) = if below == 0 {
        // That no weights at all have a loss of 0 is a theorem about the loss; the networks need not be asked.
        let reason = format!(
            "No weights have a loss below the bound, at any N, so that there is nothing left for networks to show: \
             all {all} regularised networks lie above it, the nearest at {closest:.2} times it."
        );
        (ClaimVerdict::ExplainedByNull, reason)
    } else {
        (
            ClaimVerdict::Differs,
            format!(
                "{below} of {all} networks lie below a bound that no weights can pass: an error in the simulation."
            ),
        )
    };
    Ok(claim.judged_as(Judgement::new(verdict, reason)))
}

/// Claim 48: both transitions with CIFAR-10.
fn existence(results: &Results<'_>, grid: &Grid<'_>, names: &Names) -> Claim {
    let satisfied =
        grid.satisfied_from(results, 0, TOLERANCE).filter(|at| at.value.is_finite() && at.value > 0.0);
    let collapsed = grid.collapsed_from_at_any_width(results, 0);
    let samples = grid.diagram.samples as f64;
    let first = satisfied.map_or_else(
        || format!("at lambda = 0 half of the networks reach {TOLERANCE:.0e} at no width of this preset"),
        |at| {
            format!(
                "half of the networks fit all samples from N/P_D = {:.3} ({:.3} to {:.3}) on",
                at.value / samples,
                at.low / samples,
                at.high / samples
            )
        },
    );
    let trivialises = collapsed.value.is_finite();
    let second = if trivialises {
        format!(
            "half have collapsed at lambda = {:.4} ({:.4} to {:.4})",
            collapsed.value,
            collapsed.low.max(0.0),
            collapsed.high
        )
    } else {
        "lambda* lies outside the grid".to_owned()
    };
    let verdict =
        if satisfied.is_some() && trivialises { ClaimVerdict::Agrees } else { ClaimVerdict::NotResolved };
    Claim::new(
        "48",
        "App. D, Fig. A3",
        "CIFAR-10 has both transitions: from unsatisfied to satisfied at lambda = 0, and the trivialisation.",
        "both exist",
    )
    .with_figure(names.figure)
    .judged_as(Judgement::new(verdict, format!("{}: {first}; {second}.", names.data)))
}
