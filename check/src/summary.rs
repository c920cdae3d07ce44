//! What a reader wants to know beside the verdicts: parameters, what was inferred, known slips.

use super::identification::{Identification, Unknown};
use super::innovation_checks::explains;
use super::innovations::Rule;
use super::{ExaminationError, ExaminationSettings, ExaminedLaw, Source, slips};
use glassbox_oracle::inference::{Estimate, Inferred, Parameter};
use glassbox_reports::numbers::plain;

/// Probability with which the printed intervals cover the truth.
const COVERAGE: f64 = 0.99;

/// The lines, in the order in which they should be read.
pub(crate) fn remarks(
    source: &dyn Source,
    settings: &ExaminationSettings,
    rule: &Rule,
    found: &Identification,
) -> Result<Vec<String>, ExaminationError> {
    let mut lines = vec![outline(source)];
    lines.extend(source.unused().iter().map(|one| format!("not used: {one}")));
    lines.push(match rule {
        Rule::Linear(_) => format!("law: {}, {} steps", settings.law, settings.scheme),
        Rule::Gradient { .. } => {
            "law: none; the noise is what a move of one step has beyond its gradient".to_owned()
        }
        Rule::Differences => "law: none; the noise is judged by differences of neighbouring moves".to_owned(),
    });
    if settings.law == ExaminedLaw::None && source.has_gradients() && !rule.is_law() {
        lines.push(
            "the file has gradients: with --mobility and --step, and consecutive steps, its noise can be tested".to_owned(),
        );
    }
    if let Some(convention) = settings.convention {
        lines.push(format!("convention: {convention}; in glassbox's terms:"));
    }
    let stated: Vec<String> = Parameter::ALL
        .iter()
        .filter_map(|one| settings.stated.get(*one).map(|value| format!("{one} {}", plain(value, 6))))
        .collect();
    if !stated.is_empty() {
        lines.push(format!("stated: {}", stated.join(", ")));
    }
    lines.extend(fitted(found)?);
    for Inferred { parameter, estimate } in found.stated.iter().flat_map(|fit| &fit.inferred) {
        let written = written(*estimate)?;
        let verb = if is_bounded(*estimate)? { "inferred" } else { "not inferred" };
        lines.push(format!("{verb}: {parameter} {written}"));
    }
    match &found.gap {
        Some(Unknown::Parameters(reason)) => lines.push(format!("not inferred: {reason}")),
        Some(Unknown::TooShort(reason) | Unknown::NoNoise(reason)) => {
            lines.push(format!("not fitted: {reason}"));
        }
        None => {}
    }
    if let Some(ratios) = found.ratios() {
        for one in &found.explanations {
            // A parameter whose change cannot explain both numbers is no explanation.
            if !explains(one) {
                continue;
            }
            if let Some(value) = settings.stated.get(one.parameter) {
                lines.push(format!(
                    "inferred, if all others are as stated: {} {} (stated {})",
                    one.parameter,
                    written(one.factor.scaled(value))?,
                    plain(value, 6)
                ));
            }
        }
        lines.extend(
            slips::diagnose(&ratios, &settings.stated)?.into_iter().map(|one| format!("diagnosis: {one}")),
        );
    }
    Ok(lines)
}

/// Replicas, frames and weights.
pub(crate) fn outline(source: &dyn Source) -> String {
    let times = source.times();
    format!(
        "trajectory: {} replicas, {} frames at steps {} to {}, {} weights{}",
        source.replicas(),
        times.len(),
        times.first().copied().unwrap_or(0),
        times.last().copied().unwrap_or(0),
        source.weights(),
        if source.has_gradients() { ", with gradients" } else { "" }
    )
}

/// The numbers that were fitted; where all are stated, both as the data show them.
fn fitted(found: &Identification) -> Result<Vec<String>, ExaminationError> {
    let under = found.stated.as_ref().filter(|_| found.rate_is_fitted || found.noise_is_fitted);
    let (noise, rate) = match (under, &found.joint) {
        (Some(fit), _) => (fit.fitted_noise_variance, fit.fitted_rate),
        (None, Some(fit)) => (Some(fit.noise_variance()), fit.reduced_rate()),
        (None, None) => (None, None),
    };
    let at = match (found.noise_is_fitted, found.rate_is_fitted) {
        (false, true) => ", at the stated noise variance",
        (true, false) if rate.is_none() && found.numbers.is_some_and(|numbers| numbers.rate != 0.0) => {
            ", at the stated reduced rate"
        }
        _ => "",
    };
    let mut lines = Vec::new();
    for (name, estimate) in
        [("noise variance of a step 2 mu T dt/P_D", noise), ("reduced rate mu k dt", rate)]
    {
        if let Some(estimate) = estimate {
            lines.push(format!("fitted: {name} {}{at}", written(estimate)?));
        }
    }
    if under.is_some_and(|fit| fit.is_mirrored) {
        lines.push(
            "the frames do not tell mu k dt from 2 − mu k dt, a step that overshoots; the smaller one is meant".to_owned(),
        );
    }
    Ok(lines)
}

/// Whether the data bound a number on both sides.
fn is_bounded(estimate: Estimate) -> Result<bool, ExaminationError> {
    let (low, high) = estimate.interval(COVERAGE)?;
    Ok(low.is_finite() && high.is_finite())
}

/// Value, standard error and interval, or the bound that there is.
fn written(estimate: Estimate) -> Result<String, ExaminationError> {
    let (low, high) = estimate.interval(COVERAGE)?;
    Ok(match (low.is_finite(), high.is_finite()) {
        (true, true) => format!(
            "= {} ± {:.1e} (99 % interval {} to {})",
            plain(estimate.value, 6),
            estimate.standard_error,
            plain(low, 6),
            plain(high, 6)
        ),
        (true, false) => format!("is not identifiable: at least {} (99 %)", plain(low, 6)),
        (false, true) => format!("is not identifiable: at most {} (99 %)", plain(high, 6)),
        (false, false) => "is not identifiable: the frames do not bound it".to_owned(),
    })
}
