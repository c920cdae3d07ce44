//! Checks of a network that need no law of its weights: balance of the layers, and the virial.
//!
//! The output of a bias-free ReLU network is homogeneous of degree 1 in the weights of each layer, so `W_l · g_l` is one
//! number for all layers (g the gradient of the data loss; PHYSICS.md D.5). Hence for Euler–Maruyama steps
//! `S_l = Σ W_l · (W_l' − (1 − mu lambda dt) W_l)` differs between two layers by noise alone: a martingale whose steps have
//! variance `σ² (|W_l|² + |W_m|²)`. With gradients the ledger of squared norms is followed as well.

use super::check::{Check, Part};
use super::innovation_checks::too_few;
use super::source::Source;
use super::{ExaminationError, ExaminationSettings, ExaminedLaw};
use glassbox_instructions::interleaved_sum;
use glassbox_oracle::laws::equilibrium;
use glassbox_oracle::networks::balance::{LayerState, Ledger};
use glassbox_oracle::tail_probability::student_p_value;
use glassbox_oracle::verdict::{Evidence, VerdictError, location, replica_mean};
use glassbox_oracle::{Bath, Scheme};
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
    let product = steps.mobility_step.unwrap_or(0.0);
    each_single_step(source, layers, decay, lambda, &mut |sums: &[LayerSums]| {
        for (pair, two) in pairs.iter_mut().zip(sums.windows(2)) {
            pair.steps += 1.0;
            pair.pulls[0] += two[0].pull;
            pair.pulls[1] += two[1].pull;
            pair.norms += two[0].state.squared_norm + two[1].state.squared_norm;
            if let Some(ledger) = &ledger {
                let next = ledger.next_difference(&two[0].state, &two[1].state);
                let before = two[0].state.squared_norm - two[1].state.squared_norm;
                pair.change += two[0].next_norm - two[1].next_norm - before;
                pair.expected += next.mean - before;
                pair.variance += next.variance;
                pair.cancelled += 2.0 * product * two[0].state.weight_dot_data_gradient.abs();
            }
        }
    })?;
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

/// Sums over the weights of a layer in one step.
#[derive(Clone, Copy, Debug)]
struct LayerSums {
    /// `Σ W · (W' − (1 − mu lambda dt) W)`.
    pull: f64,
    /// Before the step; the regularisation is taken off its gradient.
    state: LayerState,
    /// `|W'|²`.
    next_norm: f64,
}

impl LayerSums {
    fn of(layer: &Range<usize>) -> Self {
        let state = LayerState {
            weight_count: layer.len(),
            squared_norm: 0.0,
            squared_data_gradient: 0.0,
            weight_dot_data_gradient: 0.0,
        };
        Self { pull: 0.0, state, next_norm: 0.0 }
    }
}

/// Most weights whose frame before is held at once; of more, sums of every step are kept.
const HELD: usize = 1 << 24;

/// Most sums that are kept.
const MOST_SUMS: usize = 1 << 21;

/// Shows the sums of all layers in every move of a single step.
fn each_single_step(
    source: &dyn Source,
    layers: &[Range<usize>],
    decay: f64,
    lambda: f64,
    show: &mut dyn FnMut(&[LayerSums]),
) -> Result<(), ExaminationError> {
    let (weights, times) = (source.weights(), source.times());
    let empty: Vec<LayerSums> = layers.iter().map(LayerSums::of).collect();
    let single: Vec<usize> =
        (1..times.len()).filter(|frame| times[*frame] - times[*frame - 1] == 1).collect();
    let moves = source.replicas().saturating_mul(single.len());
    let at_once = weights <= HELD;
    if !at_once && moves.saturating_mul(layers.len()) > MOST_SUMS {
        let message = format!(
            "the balance of layers needs sums of {} layers in {moves} moves beside {weights} weights per frame; at most \
             {MOST_SUMS} are kept where there are more than {HELD} weights: state fewer layers, or none with an empty --layers",
            layers.len()
        );
        return Err(ExaminationError::Options(message));
    }
    let mut rows = vec![empty.clone(); if at_once { 1 } else { moves }];
    for first in (0..weights).step_by(HELD) {
        let group = first..weights.min(first + HELD);
        let (mut from, mut gradients): (Vec<f64>, Vec<f64>) = (vec![0.0; group.len()], Vec::new());
        source.read(group.clone(), &mut |piece| {
            let place = piece.first - group.start..piece.first - group.start + piece.weights.len();
            if let Some(number) = single.binary_search(&piece.frame).ok().filter(|_| piece.frame > 0) {
                let row = if at_once { 0 } else { piece.replica * single.len() + number };
                for (sums, layer) in rows[row].iter_mut().zip(layers) {
                    let inside =
                        layer.start.max(piece.first)..layer.end.min(piece.first + piece.weights.len());
                    if inside.is_empty() {
                        continue;
                    }
                    let next = &piece.weights[inside.start - piece.first..inside.end - piece.first];
                    let held = inside.start - group.start..inside.end - group.start;
                    sums.add(&from[held.clone()], next, gradients.get(held), decay, lambda);
                }
                if at_once && group.start + place.end == weights {
                    show(&rows[0]);
                    rows[0].copy_from_slice(&empty);
                }
            }
            from[place.clone()].copy_from_slice(piece.weights);
            if let Some(gradient) = piece.gradient {
                gradients.resize(group.len(), 0.0);
                gradients[place].copy_from_slice(gradient);
            }
        })?;
    }
    if !at_once {
        rows.iter().for_each(|row| show(row));
    }
    Ok(())
}

impl LayerSums {
    fn add(&mut self, from: &[f64], to: &[f64], gradient: Option<&[f64]>, decay: f64, lambda: f64) {
        self.pull += interleaved_sum(from, to, |from, to| from * (to - from + decay * from));
        self.state.squared_norm += interleaved_sum(from, from, |from, _| from * from);
        self.next_norm += interleaved_sum(to, to, |to, _| to * to);
        let Some(gradient) = gradient else { return };
        let data = |weight: f64, total: f64| total - lambda * weight;
        self.state.squared_data_gradient +=
            interleaved_sum(from, gradient, |weight, total| data(weight, total) * data(weight, total));
        self.state.weight_dot_data_gradient +=
            interleaved_sum(from, gradient, |weight, total| weight * data(weight, total));
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
    let mut refused = None;
    source.read(0..source.weights(), &mut |piece| {
        let Some(gradient) = piece.gradient else { return };
        let block = piece.replica * blocks + piece.frame * blocks / frames;
        for (layer, sums) in layers.iter().zip(&mut sums) {
            let Some((sum, count)) = sums.get_mut(block) else { continue };
            *count += f64::from(u8::from(piece.first == 0));
            let inside = layer.start.max(piece.first)..layer.end.min(piece.first + piece.weights.len());
            if inside.is_empty() {
                continue;
            }
            let place = inside.start - piece.first..inside.end - piece.first;
            match equilibrium::discrete_virial(bath, 1.0, &piece.weights[place.clone()], &gradient[place]) {
                Ok(value) => *sum += value,
                Err(error) => refused = Some(error),
            }
        }
    })?;
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
