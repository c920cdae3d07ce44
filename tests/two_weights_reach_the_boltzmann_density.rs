//! The whole pipeline of a network, from data set to weights, reaches the Boltzmann density `exp(−P_D L/T)` of the
//! smallest network, and does not where `1/P_D` is left out.
//!
//! A step of finite size samples a density that is off by a bias `c mu + O(mu²)`. The discrete virial has none and is
//! checked at every step size. The other averages are extrapolated to step 0 from steps mu and 2 mu; the same from 2 mu
//! and 4 mu bounds what the extrapolation leaves (a third of the difference, if mu² is what comes next).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::Bath;
use glassbox::oracle::laws::equilibrium;
use glassbox::oracle::networks::two_weight::TwoWeightNetwork;
use glassbox::oracle::verdict::{Budget, Evidence, Outcome, replica_mean};
use glassbox::simulations::dataset::Dataset;
use glassbox::simulations::ensemble::{Ensemble, Observer};
use glassbox::simulations::integrator::{EulerMaruyama, State};
use glassbox::simulations::landscape::NetworkLandscape;
use glassbox::simulations::network::Architecture;

/// Copies of the sample: `P_D`.
const SAMPLES: usize = 8;
/// `T/P_D = 0.15`: the minimum lies 0.8 of that below W = 0.
const TEMPERATURE: f64 = 1.2;
const REGULARISATION: f64 = 0.5;
const HALF_WIDTH: f64 = 0.8;
const MOBILITY: f64 = 0.02;
const REPLICAS: u32 = 1024;
/// Time of a run, and the part of it that is left out: many times 1/lambda, in which a dead network forgets.
const DURATION: f64 = 400.0;
const WAITING: f64 = 40.0;
/// Time between weights that are kept.
const INTERVAL: f64 = 2.0;

/// Averages over time, and some weights.
struct TimeAverage {
    mobility: f64,
    waiting_step: u64,
    interval: u64,
    last_weights: [f64; 2],
    count: f64,
    /// L, w₁², w₂², f, virial of w₁, virial of w₂.
    sums: [f64; 6],
    kept: Vec<[f64; 2]>,
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand steps")]
fn steps(time: f64, mobility: f64) -> u64 {
    (time / mobility).round() as u64
}

impl Observer for TimeAverage {
    type Record = ([f64; 6], Vec<[f64; 2]>);

    fn observe(&mut self, state: &State) {
        // Loss and gradient belong to the weights before the step.
        let [first, second] = std::mem::replace(&mut self.last_weights, [state.weights[0], state.weights[1]]);
        if state.step <= self.waiting_step {
            return;
        }
        let virial = |w: f64, g: f64| w * g - 0.5 * self.mobility * g * g;
        let gradient = &state.gradient;
        let values = [
            state.loss,
            first * first,
            second * second,
            second * first.max(0.0),
            virial(first, gradient[0]),
            virial(second, gradient[1]),
        ];
        self.sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        self.count += 1.0;
        if state.step.is_multiple_of(self.interval) {
            self.kept.push([first, second]);
        }
    }

    fn finish(self) -> Self::Record {
        (self.sums.map(|sum| sum / self.count), self.kept)
    }
}

/// Values of each pair of replicas: L, w₁², w₂², f, virials, and the overlap of either weight between the two.
fn run(bath: Bath, seed: u64, replicas: u32) -> Vec<[f64; 8]> {
    let network = Architecture::new(&[1, 1, 1]).unwrap();
    let data = Dataset::new(vec![1.0; SAMPLES], vec![1.0; SAMPLES], 1).unwrap();
    let landscape = NetworkLandscape::new(network, data, REGULARISATION).unwrap();
    let mobility = bath.mobility();
    let records = Ensemble::new(&landscape, replicas, seed)
        .run(
            steps(DURATION, mobility),
            // Half begin at the minimum, half dead.
            |replica| if replica % 4 < 2 { vec![0.7, 0.7] } else { vec![-1.0, 0.0] },
            |_| EulerMaruyama::new(bath, 1.0).unwrap(),
            |_| TimeAverage {
                mobility,
                waiting_step: steps(WAITING, mobility),
                interval: steps(INTERVAL, mobility),
                last_weights: [0.0; 2],
                count: 0.0,
                sums: [0.0; 6],
                kept: Vec::new(),
            },
        )
        .unwrap();
    let records = records.completed().unwrap();
    let pairs = records.chunks(2).map(|pair| {
        let close = |weight: usize| {
            let both = pair[0].1.iter().zip(&pair[1].1);
            let close = both.filter(|(a, b)| (a[weight] - b[weight]).abs() <= HALF_WIDTH).count();
            close as f64 / pair[0].1.len() as f64
        };
        let mean = |k: usize| 0.5 * (pair[0].0[k] + pair[1].0[k]);
        [mean(0), mean(1), mean(2), mean(3), mean(4), mean(5), close(0), close(1)]
    });
    pairs.collect()
}

const NAMES: [&str; 8] =
    ["L", "w1²", "w2²", "f", "virial of w1", "virial of w2", "overlap of w1", "overlap of w2"];

/// What a run with mobility `mu` of a bath should give.
fn predictions(bath: Bath) -> [f64; 8] {
    let network = TwoWeightNetwork::new(bath, 1.0, REGULARISATION).unwrap();
    let averages = network.averages().unwrap();
    let [first, second] = averages.squared_weights;
    let virial = equilibrium::virial(bath, 1);
    let overlaps = network.overlap_limits(HALF_WIDTH).unwrap();
    [averages.loss, first, second, averages.output, virial, virial, overlaps[0], overlaps[1]]
}

fn bath(multiple: f64, dataset_size: f64) -> Bath {
    Bath::new(multiple * MOBILITY, TEMPERATURE, dataset_size).unwrap()
}

fn column(values: &[[f64; 8]], index: usize) -> Vec<f64> {
    values.iter().map(|pair| pair[index]).collect()
}

/// `2 near − far`, pair by pair.
fn extrapolated(near: &[f64], far: &[f64]) -> Vec<f64> {
    near.iter().zip(far).map(|(near, far)| 2.0 * near - far).collect()
}

#[test]
fn averages_and_overlaps_are_those_of_the_density() {
    let seeds = [21, 22, 23];
    let runs: Vec<_> = [1.0, 2.0, 4.0]
        .iter()
        .zip(seeds)
        .map(|(multiple, seed)| run(bath(*multiple, 8.0), seed, REPLICAS))
        .collect();
    let expected = predictions(bath(1.0, 8.0));
    let mut evidence: Vec<Evidence> = Vec::new();
    for (index, (name, predicted)) in NAMES.iter().zip(expected).enumerate() {
        let columns: Vec<_> = runs.iter().map(|run| column(run, index)).collect();
        if (4..6).contains(&index) {
            for (multiple, values) in [1, 2, 4].iter().zip(&columns) {
                let name = format!("{name}, {multiple} mu");
                evidence.push(replica_mean::check(name, seeds[0], values, predicted, predicted).unwrap());
            }
            continue;
        }
        let (near, far) = (extrapolated(&columns[0], &columns[1]), extrapolated(&columns[1], &columns[2]));
        let left: Vec<f64> = near.iter().zip(&far).map(|(near, far)| (near - far) / 3.0).collect();
        evidence.push(replica_mean::check(*name, seeds[0], &near, predicted, predicted).unwrap());
        let name = format!("{name}: left by the extrapolation");
        evidence.push(replica_mean::check(name, seeds[0], &left, 0.0, predicted).unwrap());
    }
    // 18 checks share 1e-6; time averages over many relaxation times, of pairs, are Gaussian. A wrong factor matters here,
    // not a percent.
    let evidence = evidence.into_iter().map(|one| one.with_practical_tolerance(0.1)).collect();
    for verdict in Budget::new(1e-6).unwrap().judge(evidence) {
        println!(
            "{}: {:.5}, predicted {:.5} ({:.2} standard errors), visible {:.3}",
            verdict.name,
            verdict.observed,
            verdict.predicted,
            verdict.difference_in_standard_errors.unwrap(),
            verdict.smallest_visible_effect
        );
        assert_eq!(verdict.outcome, Outcome::Consistent, "{verdict:#?}");
    }
}

#[test]
fn a_missing_dataset_size_is_caught() {
    // The integrator forgets 1/P_D: its bath has a data set of one sample, the prediction eight. It is eight times as
    // hot; a small run shows it in everything that grows with the temperature.
    let values = run(bath(1.0, 1.0), 31, 128);
    let expected = predictions(bath(1.0, 8.0));
    let caught: Vec<&str> = NAMES
        .iter()
        .zip(expected)
        .enumerate()
        .filter_map(|(index, (name, predicted))| {
            let evidence =
                replica_mean::check(*name, 31, &column(&values, index), predicted, predicted).unwrap();
            (evidence.judge(1e-6).outcome == Outcome::Inconsistent).then_some(*name)
        })
        .collect();
    println!("caught by {caught:?}");
    for name in ["L", "w1²", "w2²", "virial of w1", "virial of w2", "overlap of w1", "overlap of w2"] {
        assert!(caught.contains(&name), "not caught by {name}, only by {caught:?}");
    }
}
