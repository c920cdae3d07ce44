//! Minibatch descent in a quadratic well moves as `MinibatchWell` says: stiff modes as with independent batches, soft ones
//! hardly at all, because the batches of an epoch are drawn without replacement.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use glassbox::oracle::laws::MinibatchWell;
use glassbox::simulations::ensemble::Ensemble;
use glassbox::simulations::integrator::MinibatchDescent;
use glassbox::simulations::landscape::{Landscape, SampledLandscape};
use glassbox::simulations::observables::DisplacementRecorder;

const SAMPLES: u32 = 60;
/// Does not divide the samples: the last batch of an epoch has 4.
const BATCH: usize = 7;
const RATE: f64 = 0.1;
const REPLICAS: u32 = 20_000;
const STIFFNESSES: [f64; 4] = [1e-3, 0.1, 2.0, 12.0];

/// Sample s pulls mode i towards an offset of its own; the offsets of a mode have mean 0.
struct Pulls;

impl Pulls {
    fn offset(sample: u32, mode: usize) -> f64 {
        let middle = f64::from(SAMPLES - 1) / 2.0;
        (f64::from(sample) - middle) / middle * (mode as f64 + 1.0)
    }

    /// Of one sample's gradient, with the P − 1 of sampling without replacement.
    fn variance(mode: usize) -> f64 {
        (0..SAMPLES).map(|sample| Self::offset(sample, mode).powi(2)).sum::<f64>() / f64::from(SAMPLES - 1)
    }
}

impl Landscape for Pulls {
    fn dimension(&self) -> usize {
        STIFFNESSES.len()
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let all: Vec<u32> = (0..SAMPLES).collect();
        self.minibatch_loss_and_gradient(weights, &all, gradient)
    }
}

impl SampledLandscape for Pulls {
    fn sample_count(&self) -> u32 {
        SAMPLES
    }

    fn minibatch_loss_and_gradient(&self, weights: &[f64], samples: &[u32], gradient: &mut [f64]) -> f64 {
        for (mode, slope) in gradient.iter_mut().enumerate() {
            let pull: f64 = samples.iter().map(|sample| Self::offset(*sample, mode)).sum();
            *slope = STIFFNESSES[mode] * weights[mode] + pull / samples.len() as f64;
        }
        0.0
    }
}

/// 4 modes × 6 pairs of times at |z| > 6: the mean of 20,000 squares is Gaussian to 1e-2 there (Berry–Esseen tails of squares
/// of nearly Gaussian numbers, skewness 2.8/√20,000 = 0.02, factor exp(0.02·6³/6) = 2), so that a correct program fails with a
/// probability below 24 · 2 · 2e-9 = 1e-7.
#[test]
fn every_mode_at_every_time() {
    for waiting in [0_u64, 30] {
        let lags = vec![1, 7, 12, 40];
        let replicas = Ensemble::new(&Pulls, REPLICAS, 3)
            .run(
                waiting + 40,
                |_| vec![0.0; STIFFNESSES.len()],
                |_| MinibatchDescent::new(RATE, BATCH, 8).unwrap(),
                |_| DisplacementRecorder::new(waiting, lags.clone()),
            )
            .unwrap();
        let records = replicas.completed().unwrap();
        for (mode, stiffness) in STIFFNESSES.into_iter().enumerate() {
            let variance = Pulls::variance(mode);
            let law =
                MinibatchWell::new(RATE, stiffness, variance, u64::from(SAMPLES), BATCH as u64).unwrap();
            for (index, lag) in lags.iter().enumerate() {
                let squares: Vec<f64> =
                    records.iter().map(|record| record.displacements[index][mode].powi(2)).collect();
                let count = squares.len() as f64;
                let mean = squares.iter().sum::<f64>() / count;
                let spread =
                    squares.iter().map(|square| (square - mean).powi(2)).sum::<f64>() / (count - 1.0);
                let predicted = law.mean_squared_displacement(waiting, *lag).unwrap();
                let error = (spread / count).sqrt();
                assert!(
                    (mean - predicted).abs() < 6.0 * error + 1e-12 * predicted,
                    "mode {mode}, {waiting} + {lag}: {mean:e} ± {error:e}, predicted {predicted:e}"
                );
            }
        }
    }
}
