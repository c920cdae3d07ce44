//! Claims on the relaxation time: slope of the noise branch, plateau, kink, divergence.

use super::super::families::{
    AWAY_FROM_KINK, Relaxation, broad_null_relaxation_times, geometric_mean, kink_temperature, log_slope,
    measured, noise_branch, null_relaxation_times, power_of_ten,
};
use crate::analysis::Interval;
use crate::analysis::relaxation_time::TAU_90;
use crate::results::{ResultError, Results, Run};
use glassbox_reports::scorecard::{Claim, StatedValue, judge_statement};

/// Practical tolerance of an exponent of which the paper says only that it is -1.
const SLOPE_TOLERANCE: f64 = 0.05;

/// Times within this factor of one another are the same.
const SAME: f64 = 1.2;

/// tau ∝ 1/T on the noise branch.
pub(in super::super) fn slope_claim(
    results: &Results<'_>,
    run: &Run,
    relaxation: &Relaxation,
    number: &str,
    source: &str,
) -> Result<Claim, ResultError> {
    let title = run.name.title();
    let from = noise_branch(results, run, relaxation, run.phase.window);
    let fitted = relaxation.fitted(from, f64::INFINITY);
    let range = match (fitted.first(), fitted.last()) {
        (Some(low), Some(high)) if low < high => {
            format!("from T = {} to {}, above 5 T*", power_of_ten(*low), power_of_ten(*high))
        }
        _ => "fewer than two temperatures above 5 T* have a relaxation time here".to_owned(),
    };
    let mut claim = Claim::new(
        number,
        source,
        format!("{title}: the relaxation time falls as 1/T on the noise branch ({range})."),
        "slope −1",
    )
    .with_paper_value(StatedValue { value: -1.0, precision: SLOPE_TOLERANCE })
    .with_figure("3a-f");
    if let Some(slope) = relaxation.slope(results, from, f64::INFINITY)? {
        claim = claim.with_measured(measured(results, slope, "exponent of τ₉₀ on T"));
    }
    let null = null_relaxation_times(run, run.waiting_time(), run.phase.window, TAU_90, &fitted)?;
    if let Some(slope) = log_slope(&null) {
        claim = claim.with_null("a weight that feels no data", slope);
    }
    Ok(claim.judged())
}

/// The cold plateau is the time at T = 0, and a kink joins it to the noise branch.
pub(super) fn plateau_claims(
    results: &Results<'_>,
    run: &Run,
    relaxation: &Relaxation,
    number: &str,
) -> Result<Vec<Claim>, ResultError> {
    let (letter, suffix) = if number == "17" { ("d", "a") } else { ("e", "b") };
    let (source, title) = (format!("Fig. 3{letter}"), run.name.title());
    let plateau = Claim::new(
        format!("20{suffix}"),
        source.clone(),
        format!("{title}: the relaxation time of cold runs (T < T*/5) is that at T = 0."),
        "the plateau lies on the horizontal line",
    )
    .with_figure("3a-f");
    let kink = Claim::new(
        format!("21{suffix}"),
        source,
        format!("{title}: a kink at T* joins a plateau (T < T*/5) and a branch of slope −1 (T > 5 T*)."),
        "T* not given",
    )
    .with_figure("3a-f");
    let Some(still) = relaxation.at(results, 0.0) else { return Ok(vec![plateau, kink]) };
    let temperature = |time: f64| kink_temperature(run, run.phase.window, time);
    let (low, high) = (temperature(still.high), temperature(still.low));
    let crossing = Interval { value: temperature(still.value), low, high };
    let cold = crossing.value / AWAY_FROM_KINK;
    let ratio = warmest_below(results, relaxation, cold);
    let broad = broad_ratio(run, relaxation, cold)?;
    let same = |ratio: &Interval| ratio.low > 1.0 / SAME && ratio.high < SAME;
    let plateau = match &ratio {
        Some((at, ratio)) => plateau
            .with_measured(measured(
                results,
                *ratio,
                &format!("τ₉₀ at T = {} over that at T = 0", power_of_ten(*at)),
            ))
            .judged_as(judge_statement(Some(same(ratio)), broad.map(|ratio| ratio > 1.0 / SAME))),
        None => plateau,
    };
    let steep = relaxation.slope(results, AWAY_FROM_KINK * crossing.value, f64::INFINITY)?;
    let holds = ratio.zip(steep).map(|((_, ratio), steep)| same(&ratio) && steep.high < -0.5);
    let kink = kink
        .with_measured(measured(results, crossing, "T*, where free diffusion meets the plateau"))
        .judged_as(judge_statement(holds, broad.map(|ratio| ratio > 1.0 / SAME)));
    Ok(vec![plateau, kink])
}

/// The warmest temperature below `cold`, and its time over that at T = 0, network by network.
fn warmest_below(results: &Results<'_>, relaxation: &Relaxation, cold: f64) -> Option<(f64, Interval)> {
    let still = relaxation.temperatures.iter().position(|temperature| *temperature == 0.0)?;
    let index =
        relaxation.temperatures.iter().rposition(|temperature| *temperature > 0.0 && *temperature < cold)?;
    let ratios: Vec<Option<f64>> = relaxation.times[index]
        .iter()
        .zip(&relaxation.times[still])
        .map(|(warm, still)| Some((*warm)? / (*still)?))
        .collect();
    Some((relaxation.temperatures[index], geometric_mean(results, &ratios)?))
}

/// The same ratio for weights of the networks' own spread that feel the regularisation only; `None` without it.
fn broad_ratio(run: &Run, relaxation: &Relaxation, cold: f64) -> Result<Option<f64>, ResultError> {
    let warm = relaxation.temperatures.iter().rev().copied().find(|one| *one > 0.0 && *one < cold);
    let Some(warm) = warm else { return Ok(None) };
    let times = broad_null_relaxation_times(run, run.waiting_time(), run.phase.window, &[warm, 0.0])?;
    Ok(times[0].zip(times[1]).map(|(warm, still)| warm / still))
}

/// Over-parameterised: tau T is the same at all temperatures, so that the time diverges as 1/T, and only there.
pub(super) fn divergence_claim(results: &Results<'_>, run: &Run, relaxation: &Relaxation) -> Claim {
    let claim = Claim::new(
        "60",
        "Abstract",
        "Over-parameterised: the relaxation time diverges as T → 0, and only there: T τ₉₀ is the same at the coldest and at \
         the hottest temperature.",
        "no divergence at T > 0; over-parameterised: τ → ∞ as T → 0",
    )
    .with_figure("3a-f");
    let whole: Vec<usize> = (0..relaxation.temperatures.len())
        .filter(|index| {
            relaxation.temperatures[*index] > 0.0 && relaxation.times[*index].iter().all(Option::is_some)
        })
        .collect();
    let (Some(cold), Some(hot)) = (whole.first(), whole.last()) else { return claim };
    let scale = relaxation.temperatures[*cold] / relaxation.temperatures[*hot];
    let ratios: Vec<Option<f64>> = relaxation.times[*cold]
        .iter()
        .zip(&relaxation.times[*hot])
        .map(|(cold, hot)| Some(scale * (*cold)? / (*hot)?))
        .collect();
    let Some(ratio) = geometric_mean(results, &ratios) else { return claim };
    let ends = [cold, hot].map(|index| power_of_ten(run.temperatures[*index]));
    let same = ratio.low > 1.0 / SAME && ratio.high < SAME;
    claim
        .with_measured(measured(results, ratio, &format!("T τ₉₀ at {} over that at {}", ends[0], ends[1])))
        .with_null("free diffusion", 1.0)
        .judged_as(judge_statement(Some(same && cold != hot), Some(true)))
}
