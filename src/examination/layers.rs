//! Checks of a network that need no law of its weights: balance of the layers, and the virial.
//!
//! The output of a bias-free ReLU network is homogeneous of degree 1 in the weights of each layer, so `W_l · g_l` is one
//! number for all layers (g the gradient of the data loss; PHYSICS.md D.5). Hence for Euler–Maruyama steps
//! `S_l = Σ W_l · (W_l' − (1 − mu lambda dt) W_l)` differs between two layers by noise alone: a martingale whose steps have
//! variance `σ² (|W_l|² + |W_m|²)`. With gradients the ledger of squared norms is followed as well.

use super::check::{Check, Part};
use super::innovation_checks::too_few;
use super::source::{Source, walk};
use super::{ExaminationError, ExaminationSettings, ExaminedLaw};
use glassbox_oracle::balance::{LayerState, Ledger};
use glassbox_oracle::tail_probability::student_p_value;
use glassbox_oracle::verdict::{Evidence, VerdictError, location, replica_mean};
use glassbox_oracle::{Bath, Scheme, equilibrium};
use std::ops::Range;

/// What matters in practice for a whole network: a wrong factor, not a percent.
const TOLERANCE: f64 = 0.1;

/// Averages that a variance is measured from, at the least.
const FEWEST_AVERAGES: usize = 8;

/// Blocks a replica where there are fewer replicas than that.
const BLOCKS: usize = 16;

/// What is known about the steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    /// `mu dt`.
    pub(crate) mobility_step: Option<f64>,
    /// `2 mu T dt / P_D`, stated or fitted.
    pub(crate) noise_variance: Option<f64>,
    /// Mean square of a move of one weight: at least the noise variance.
    pub(crate) mean_square: f64,
}

/// Sums over the single steps of all replicas for two neighbouring layers.
#[derive(Clone, Copy, Debug, Default)]
struct Pair {
    steps: f64,
    /// `S_l` and `S_m`.
    pulls: [f64; 2],
    /// `Σ (|W_l|² + |W_m|²)`.
    norms: f64,
    /// Ledger: change of `|W_l|² − |W_m|²`, its expectation, its variance, and the terms that must cancel.
    change: f64,
    expected: f64,
    variance: f64,
    cancelled: f64,
}

/// Refuses layers that do not fit the weights.
pub(crate) fn validate(layers: &[Range<usize>], weights: usize) -> Result<(), ExaminationError> {
    let mut end = 0;
    for (index, layer) in layers.iter().enumerate() {
        if layer.start < end || layer.end <= layer.start || layer.end > weights {
            let message = format!(
                "layer {} has weights {} to {} (exclusive); layers must ascend, hold at least one weight each, and end \
                 within the {weights} weights",
                index + 1,
                layer.start,
                layer.end
            );
            return Err(ExaminationError::Options(message));
        }
        end = layer.end;
    }
    let named: usize = layers.iter().map(ExactSizeIterator::len).sum();
    if !layers.is_empty() && named != weights {
        let message = format!(
            "the layers have {named} weights and a frame of the trajectory has {weights}; every weight must be in one layer"
        );
        return Err(ExaminationError::Options(message));
    }
    Ok(())
}

/// The section on balance and virial; `None` where neither can be asked for.
pub(crate) fn part(
    source: &dyn Source,
    settings: &ExaminationSettings,
    layers: &[Range<usize>],
    steps: Steps,
) -> Result<Option<Part>, ExaminationError> {
    let mut part = Part::new(
        "layers",
        "Layers: balance and virial",
        "For bias-free networks with homogeneous activations, whatever the data: the pull on the squared norms of two \
         layers is the same, so Σ W·(W' − (1 − mu lambda dt) W) differs between them by noise alone; with gradients, \
         |W_l|² − |W_m|² follows its ledger step by step, and in a stationary state w·g − (mu dt/2) g² averages to \
         N_l T/P_D in every layer. Differences of pulls are relative to the pulls themselves.",
    );
    // Wells are not homogeneous: their layers are balanced by nothing.
    if settings.law == ExaminedLaw::None && settings.scheme == Scheme::EulerMaruyama && layers.len() > 1 {
        balance(source, settings, layers, steps, &mut part)?;
    }
    let all = 0..source.weights();
    if settings.stationary && source.has_gradients() {
        let whole = std::slice::from_ref(&all);
        virial(source, if layers.is_empty() { whole } else { layers }, steps, &mut part)?;
    }
    Ok((!part.checks.is_empty()).then_some(part))
}

fn balance(
    source: &dyn Source,
    settings: &ExaminationSettings,
    layers: &[Range<usize>],
    steps: Steps,
    part: &mut Part,
) -> Result<(), ExaminationError> {
    let lambda = settings.regularisation;
    if lambda != 0.0 && steps.mobility_step.is_none() {
        let message =
            "--regularisation needs --mobility and --step: the balance of layers decays at mu lambda";
        return Err(ExaminationError::Options(message.to_owned()));
    }
    let decay = lambda * steps.mobility_step.unwrap_or(0.0);
    let ledger = match (steps.mobility_step, steps.noise_variance) {
        (Some(product), Some(noise)) if source.has_gradients() => {
            Some(Ledger::new(Bath::new(product, 0.5 * noise / product, 1.0)?, lambda, 1.0)?)
        }
        _ => None,
    };
    let mut pairs = vec![Pair::default(); layers.len() - 1];
    walk(
        source,
        |_| {},
        |one| {
            if one.steps != 1 {
                return;
            }
            let pull = |layer: &Range<usize>| -> f64 {
                let moved = one.from[layer.clone()].iter().zip(&one.to[layer.clone()]);
                moved.map(|(from, to)| from * (to - from + decay * from)).sum()
            };
            let square = |weights: &[f64], layer: &Range<usize>| -> f64 {
                weights[layer.clone()].iter().map(|weight| weight * weight).sum()
            };
            for (pair, two) in pairs.iter_mut().zip(layers.windows(2)) {
                let norms = [square(one.from, &two[0]), square(one.from, &two[1])];
                pair.steps += 1.0;
                pair.pulls[0] += pull(&two[0]);
                pair.pulls[1] += pull(&two[1]);
                pair.norms += norms[0] + norms[1];
                if let (Some(ledger), Some(gradient)) = (&ledger, one.gradient) {
                    let states = [0, 1].map(|i| state(one.from, gradient, &two[i], lambda));
                    let next = ledger.next_difference(&states[0], &states[1]);
                    let before = norms[0] - norms[1];
                    pair.change += square(one.to, &two[0]) - square(one.to, &two[1]) - before;
                    pair.expected += next.mean - before;
                    pair.variance += next.variance;
                    let product = steps.mobility_step.unwrap_or(0.0);
                    pair.cancelled += 2.0 * product * states[0].weight_dot_data_gradient.abs();
                }
            }
        },
    )?;
    for (index, pair) in pairs.iter().enumerate() {
        let between = format!("layers {} and {}", index + 1, index + 2);
        let name = format!("balance of {between}: difference of their pulls");
        if pair.steps == 0.0 {
            part.checks.push(too_few(&format!("{name} (moves of single steps)"), 0.0, 1.0).into());
            continue;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of steps")]
        let count = pair.steps as usize;
        // Moves hold at least the noise, so that their mean square bounds its variance from above.
        let noise = steps.noise_variance.unwrap_or(steps.mean_square);
        let error = (noise * pair.norms).sqrt();
        let scale = 0.5 * (pair.pulls[0].abs() + pair.pulls[1].abs());
        let evidence = location::statistic(&name, 0, pair.pulls[0] - pair.pulls[1], 0.0, error, scale, count);
        let remark = "the gradient of one of the layers is not that of a homogeneous network, or the regularisation is \
                      not the stated one";
        push(part, &name, evidence, remark)?;
        if ledger.is_some() {
            let name = format!("ledger of {between}: change of |W_l|² − |W_m|²");
            let evidence = location::statistic(
                &name,
                0,
                pair.change,
                pair.expected,
                pair.variance.sqrt(),
                pair.cancelled,
                count,
            );
            push(part, &name, evidence, "one of the layers gets another noise or another pull than stated")?;
        }
    }
    Ok(())
}

/// A layer before a step; the gradient contains the regularisation, which is taken off.
fn state(weights: &[f64], gradient: &[f64], layer: &Range<usize>, lambda: f64) -> LayerState {
    let (mut squared_norm, mut squared, mut product) = (0.0, 0.0, 0.0);
    for (weight, total) in weights[layer.clone()].iter().zip(&gradient[layer.clone()]) {
        let data = total - lambda * weight;
        squared_norm += weight * weight;
        squared += data * data;
        product += weight * data;
    }
    LayerState {
        weight_count: layer.len(),
        squared_norm,
        squared_data_gradient: squared,
        weight_dot_data_gradient: product,
    }
}

fn virial(
    source: &dyn Source,
    layers: &[Range<usize>],
    steps: Steps,
    part: &mut Part,
) -> Result<(), ExaminationError> {
    let (Some(product), Some(noise)) = (steps.mobility_step, steps.noise_variance) else {
        let name = "virial: mobility, step and temperature";
        let evidence = too_few(name, 0.0, 1.0);
        part.checks.push(
            evidence.doubted("the virial needs --mobility, --step, --temperature and --dataset-size").into(),
        );
        return Ok(());
    };
    // mu and dt enter as one number.
    let bath = Bath::new(product, 0.5 * noise / product, 1.0)?;
    let blocks = if source.replicas() >= FEWEST_AVERAGES { 1 } else { BLOCKS };
    let frames = source.times().len();
    let mut sums = vec![vec![(0.0, 0.0); source.replicas() * blocks]; layers.len()];
    let (mut replica, mut frame) = (usize::MAX, 0);
    let mut refused = None;
    let read = source.read(&mut |saved| {
        frame = if saved.replica == replica { frame + 1 } else { 0 };
        replica = saved.replica;
        let Some(gradient) = saved.gradient else { return };
        let block = replica * blocks + frame * blocks / frames;
        for (layer, sums) in layers.iter().zip(&mut sums) {
            let weights = &saved.weights[layer.clone()];
            match equilibrium::discrete_virial(bath, 1.0, weights, &gradient[layer.clone()]) {
                Ok(value) => {
                    if let Some((sum, count)) = sums.get_mut(block) {
                        (*sum, *count) = (*sum + value, *count + 1.0);
                    }
                }
                Err(error) => refused = Some(error),
            }
        }
    });
    read.map_err(|error| ExaminationError::Reading(error.to_string()))?;
    if let Some(error) = refused {
        return Err(error.into());
    }
    for (index, (layer, sums)) in layers.iter().zip(sums).enumerate() {
        let name = format!("virial of layer {}: mean of w·g − (mu dt/2) g²", index + 1);
        let averages: Vec<f64> =
            sums.iter().filter(|(_, count)| *count > 0.0).map(|(sum, count)| sum / count).collect();
        let predicted = equilibrium::virial(bath, layer.len());
        let correlation = if blocks == 1 { 0.0 } else { neighbours_correlate(&averages, blocks) };
        let effective = averages.len() as f64 * (1.0 - correlation) / (1.0 + correlation);
        if effective < FEWEST_AVERAGES as f64 {
            part.checks.push(too_few(&format!("{name} (independent blocks)"), effective, 8.0).into());
            continue;
        }
        let evidence = replica_mean::check(&name, 0, &averages, predicted, predicted)
            .map(|one| if correlation > 0.0 { widened(one, effective) } else { one });
        push(part, &name, evidence, "not stationary, or the temperature is not the stated one")?;
    }
    Ok(())
}

/// Correlation of neighbouring block averages, at least 0: what makes them worth fewer than they are.
fn neighbours_correlate(averages: &[f64], blocks: usize) -> f64 {
    let mean = averages.iter().sum::<f64>() / averages.len() as f64;
    let (mut product, mut square) = (0.0, 0.0);
    for replica in averages.chunks(blocks) {
        product += replica.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>();
        square += replica.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    }
    if square > 0.0 { (product / square).clamp(0.0, 1.0) } else { 0.0 }
}

/// The evidence of as many independent values as the correlated ones are worth.
fn widened(evidence: Evidence, effective: f64) -> Evidence {
    use glassbox_oracle::verdict::Sensitivity;
    let factor = (evidence.effective_sample_size / effective).sqrt();
    let standard_error = evidence.standard_error.map_or(f64::NAN, |error| error * factor);
    let t = (evidence.observed - evidence.predicted) / standard_error;
    let scale = (evidence.observed - evidence.predicted) / evidence.effect;
    Evidence {
        standard_error: Some(standard_error),
        p_value: Some(student_p_value(t, effective - 1.0)),
        sensitivity: Sensitivity::Student {
            effect_per_standard_error: standard_error / scale,
            degrees_of_freedom: effective - 1.0,
        },
        effective_sample_size: effective,
        ..evidence
    }
}

/// Numbers that no test can use are a finding about the trajectory, not an error.
fn push(
    part: &mut Part,
    name: &str,
    evidence: Result<Evidence, VerdictError>,
    remark: &str,
) -> Result<(), ExaminationError> {
    let evidence = match evidence {
        Ok(evidence) => evidence.with_practical_tolerance(TOLERANCE),
        Err(
            error @ (VerdictError::UnsuitableLaw { .. }
            | VerdictError::NotFinite { .. }
            | VerdictError::Oracle(_)),
        ) => Evidence::failed(name, 0, error.to_string()),
        Err(error) => return Err(error.into()),
    };
    part.checks.push(Check::from(evidence).with_remark(remark));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_must_fit() {
        assert!(validate(&[0..3, 3..5], 5).is_ok());
        let message = validate(&[0..3, 2..5], 5).unwrap_err().to_string();
        assert!(message.contains("layer 2 has weights 2 to 5"), "{message}");
        assert!(validate(&[0..3, 3..6], 5).is_err() && validate(&[0..3, 3..3], 5).is_err());
    }

    #[test]
    fn alternating_blocks_are_not_worth_more_than_they_are() {
        assert_eq!(neighbours_correlate(&[1.0, -1.0, 1.0, -1.0], 4), 0.0);
        // Deviations −3, −1, 1, 3: products 3 − 1 + 3 over squares 20.
        assert!((neighbours_correlate(&[0.0, 2.0, 4.0, 6.0], 4) - 0.25).abs() < 1e-15);
    }
}
