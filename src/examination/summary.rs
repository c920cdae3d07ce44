//! What a reader wants to know beside the verdicts: parameters, what was inferred, known slips.

use super::identification::{Identification, Unknown};
use super::innovations::Rule;
use super::{ExaminationError, ExaminationSettings, ExaminedLaw, Source, slips};
use glassbox_oracle::inference::{Estimate, Parameter};
use glassbox_reports::numbers::plain;

/// Probability with which the printed intervals cover the truth.
const COVERAGE: f64 = 0.99;

/// The size of the trajectory.
pub(crate) fn trajectory(source: &dyn Source) -> String {
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

/// The lines, in the order in which they should be read.
pub(crate) fn remarks(
    source: &dyn Source,
    settings: &ExaminationSettings,
    rule: &Rule,
    found: &Identification,
) -> Result<Vec<String>, ExaminationError> {
    let mut lines = vec![trajectory(source)];
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
    if let Some(fit) = found.fit {
        let noise = written(fit.noise_variance())?;
        lines.push(format!("fitted: noise variance of a step 2 mu T dt/P_D = {noise}"));
        if let Some(rate) = fit.reduced_rate() {
            lines.push(format!("fitted: reduced rate mu k dt = {}", written(rate)?));
        }
    }
    for inferred in &found.inferred {
        lines.push(format!("inferred: {} = {}", inferred.parameter, written(inferred.estimate)?));
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
            if one.remainder_p_value.is_some_and(|p| p < 1e-3) {
                continue;
            }
            if let Some(value) = settings.stated.get(one.parameter) {
                let implied = Estimate {
                    value: value * one.factor.value,
                    standard_error: (value * one.factor.standard_error).abs(),
                    ..one.factor
                };
                lines.push(format!(
                    "inferred, if all others are as stated: {} = {} (stated {})",
                    one.parameter,
                    written(implied)?,
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

/// Value, standard error and interval.
fn written(estimate: Estimate) -> Result<String, ExaminationError> {
    let (low, high) = estimate.interval(COVERAGE)?;
    Ok(format!(
        "{} ± {:.1e} (99 % interval {} to {})",
        plain(estimate.value, 6),
        estimate.standard_error,
        plain(low, 6),
        plain(high, 6)
    ))
}
