//! Follows squared layer norms step by step, beside what the balance law expects of each step.

use glassbox_oracle::networks::balance::{LayerState, Ledger};
use glassbox_simulations::ensemble::Observer;
use glassbox_simulations::integrator::State;
use std::ops::Range;

/// Sums over the steps of one replica for a pair of neighbouring layers, `C = |W_l|² − |W_{l+1}|²`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PairSums {
    /// Σ (C' − C).
    pub(crate) change: f64,
    /// Σ (E[C'] − C).
    pub(crate) expected_change: f64,
    /// Σ Var[C'].
    pub(crate) variance: f64,
    /// Σ 2 mu |W_l · g_l|: the terms that must cancel between the layers.
    pub(crate) cancelled: f64,
    /// What the squared data gradients have added so far: `mu² dt² Σ a^{2(n−1−j)} (|g_l|² − |g_{l+1}|²)_j`.
    pub(crate) gradient_term: f64,
}

/// C and its gradient term at a chosen step, for every pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) difference: Vec<f64>,
    pub(crate) gradient_term: Vec<f64>,
}

/// The record of one replica.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LedgerRecord {
    pub(crate) pairs: Vec<PairSums>,
    /// One for each chosen step.
    pub(crate) snapshots: Vec<Snapshot>,
    /// Time average of `w·g − (mu dt/2) g²` of every layer, from `stationary_from` on.
    pub(crate) virial: Vec<f64>,
    /// Time average of C less its gradient term, from `stationary_from` on.
    pub(crate) stationary_difference: Vec<f64>,
}

/// Observes one replica of a network.
pub(crate) struct LayerLedger {
    pub(crate) ledger: Ledger,
    /// mobility * dt.
    pub(crate) step: f64,
    pub(crate) regularisation: f64,
    pub(crate) layers: Vec<Range<usize>>,
    /// Steps at which to keep the differences, ascending.
    pub(crate) snapshot_steps: Vec<u64>,
    /// Step from which time averages are taken.
    pub(crate) stationary_from: u64,
    previous: Vec<f64>,
    record: LedgerRecord,
    averaged: f64,
}

impl LayerLedger {
    pub(crate) fn new(
        ledger: Ledger,
        step: f64,
        regularisation: f64,
        layers: Vec<Range<usize>>,
        snapshot_steps: Vec<u64>,
        stationary_from: u64,
    ) -> Self {
        let pairs = layers.len().saturating_sub(1);
        let record = LedgerRecord {
            pairs: vec![PairSums::default(); pairs],
            snapshots: Vec::new(),
            virial: vec![0.0; layers.len()],
            stationary_difference: vec![0.0; pairs],
        };
        let previous = Vec::new();
        Self {
            ledger,
            step,
            regularisation,
            layers,
            snapshot_steps,
            stationary_from,
            previous,
            record,
            averaged: 0.0,
        }
    }

    /// The state of a layer before the last step; the step's gradient contains the regularisation, which is taken off.
    fn layer_state(&self, layer: &Range<usize>, gradient: &[f64]) -> LayerState {
        let (weights, gradient) = (&self.previous[layer.clone()], &gradient[layer.clone()]);
        let (mut squared_norm, mut squared, mut product) = (0.0, 0.0, 0.0);
        for (weight, total) in weights.iter().zip(gradient) {
            let data = total - self.regularisation * weight;
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

    fn squared_norms(&self, weights: &[f64]) -> Vec<f64> {
        self.layers.iter().map(|layer| weights[layer.clone()].iter().map(|w| w * w).sum()).collect()
    }
}

impl Observer for LayerLedger {
    type Record = LedgerRecord;

    fn observe(&mut self, state: &State) {
        let norms = self.squared_norms(&state.weights);
        if state.step > 0 {
            let before: Vec<LayerState> =
                self.layers.iter().map(|layer| self.layer_state(layer, &state.gradient)).collect();
            let retention = 1.0 - self.step * self.regularisation;
            for (index, pair) in self.record.pairs.iter_mut().enumerate() {
                let (first, second) = (&before[index], &before[index + 1]);
                let next = self.ledger.next_difference(first, second);
                let difference = first.squared_norm - second.squared_norm;
                pair.change += norms[index] - norms[index + 1] - difference;
                pair.expected_change += next.mean - difference;
                pair.variance += next.variance;
                pair.cancelled += 2.0 * self.step * retention.abs() * first.weight_dot_data_gradient.abs();
                pair.gradient_term = retention * retention * pair.gradient_term
                    + self.step * self.step * (first.squared_data_gradient - second.squared_data_gradient);
            }
            if state.step > self.stationary_from {
                self.averaged += 1.0;
                for ((sum, layer), before) in self.record.virial.iter_mut().zip(&self.layers).zip(&before) {
                    let squared: f64 = state.gradient[layer.clone()].iter().map(|g| g * g).sum();
                    let product = before.weight_dot_data_gradient + self.regularisation * before.squared_norm;
                    *sum += product - 0.5 * self.step * squared;
                }
                for (index, sum) in self.record.stationary_difference.iter_mut().enumerate() {
                    *sum += norms[index] - norms[index + 1] - self.record.pairs[index].gradient_term;
                }
            }
        }
        if self.snapshot_steps.get(self.record.snapshots.len()) == Some(&state.step) {
            self.record.snapshots.push(Snapshot {
                difference: norms.windows(2).map(|pair| pair[0] - pair[1]).collect(),
                gradient_term: self.record.pairs.iter().map(|pair| pair.gradient_term).collect(),
            });
        }
        self.previous.clone_from(&state.weights);
    }

    fn finish(mut self) -> LedgerRecord {
        for sum in self.record.virial.iter_mut().chain(&mut self.record.stationary_difference) {
            *sum /= self.averaged;
        }
        self.record
    }
}
