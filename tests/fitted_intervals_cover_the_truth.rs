//! Intervals of fitted parameters cover the truth as often as they say, also where the weights of a replica depend on each
//! other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::inference::{LinearFit, Model, Parameter, StatedParameters, Transitions};
use glassbox::oracle::{Bath, Scheme};
use glassbox::simulations::ensemble::{Ensemble, Observer};
use glassbox::simulations::integrator::{EulerMaruyama, Integrator, State};
use glassbox::simulations::landscape::{Landscape, Quadratic};
use glassbox::simulations::noise::NoiseStream;

const RUNS: u64 = 600;
const REPLICAS: u32 = 48;
const WEIGHTS: usize = 24;
const STEPS: u64 = 24;
const STIFFNESS: f64 = 1.5;

fn bath() -> Bath {
    Bath::new(0.05, 0.5, 20.0).unwrap()
}

/// Frames at irregular times: gaps of 1, 2 and 5 steps.
struct Recorder {
    last: Option<(u64, Vec<f64>)>,
    transitions: Transitions,
}

impl Observer for Recorder {
    type Record = Transitions;

    fn observe(&mut self, state: &State) {
        if ![0, 1, 3].contains(&(state.step % 8)) {
            return;
        }
        if let Some((step, weights)) = &self.last {
            self.transitions.add(state.step - step, weights, &state.weights).unwrap();
        }
        self.last = Some((state.step, state.weights.clone()));
    }

    fn finish(self) -> Transitions {
        self.transitions
    }
}

/// Euler–Maruyama steps in which all weights of a replica share a part of their noise.
#[derive(Clone, Copy)]
struct SharedNoise {
    correct: EulerMaruyama,
    share: f64,
}

impl Integrator<Quadratic> for SharedNoise {
    fn step(&mut self, landscape: &Quadratic, noise: &NoiseStream, state: &mut State) {
        if self.share == 0.0 {
            return self.correct.step(landscape, noise, state);
        }
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        let mut drawn = vec![0.0; WEIGHTS + 1];
        noise.gaussians(state.step, &mut drawn);
        let common = drawn[WEIGHTS];
        let amplitude = bath().noise_variance(1.0).sqrt();
        for ((weight, slope), own) in state.weights.iter_mut().zip(&state.gradient).zip(&drawn) {
            let noise = self.share.sqrt() * common + (1.0 - self.share).sqrt() * own;
            *weight += amplitude * noise - bath().mobility() * slope;
        }
    }
}

/// How often the 90 % intervals of temperature and stiffness cover the truth, and the mean design effect.
fn coverage(share: f64) -> ([u64; 2], f64) {
    let landscape = Quadratic::new(WEIGHTS, STIFFNESS).unwrap();
    let integrator = SharedNoise { correct: EulerMaruyama::new(bath(), 1.0).unwrap(), share };
    let stated = StatedParameters {
        mobility: Some(bath().mobility()),
        dataset_size: Some(bath().dataset_size()),
        step: Some(1.0),
        ..StatedParameters::default()
    };
    let (mut covered, mut design_effect) = ([0; 2], 0.0);
    for seed in 0..RUNS {
        let replicas = Ensemble::new(&landscape, REPLICAS, seed)
            .run(
                STEPS,
                |_| vec![0.3; WEIGHTS],
                |_| integrator,
                |_| Recorder { last: None, transitions: Transitions::new() },
            )
            .unwrap();
        let transitions: Vec<Transitions> = replicas.completed().unwrap().into_iter().cloned().collect();
        let fit = LinearFit::new(&transitions, Model::Well(Scheme::EulerMaruyama)).unwrap();
        design_effect += fit.design_effect().unwrap() / RUNS as f64;
        for (count, found) in covered.iter_mut().zip(stated.solve(&fit).unwrap()) {
            let truth = match found.parameter {
                Parameter::Temperature => bath().temperature(),
                _ => STIFFNESS,
            };
            let (low, high) = found.estimate.interval(0.9).unwrap();
            *count += u64::from((low..high).contains(&truth));
        }
    }
    (covered, design_effect)
}

/// The count is binomial; the measured error of 48 replicas is Student's only to first order, which moves the coverage by
/// a percent or two: allowed are 2 % beside five standard errors of the count (false-alarm probability below 6e-7 each).
fn assert_covers(count: u64) {
    let (runs, level) = (RUNS as f64, 0.9);
    let allowed = 0.02 * runs + 5.0 * (runs * level * (1.0 - level)).sqrt();
    assert!((count as f64 - level * runs).abs() < allowed, "{count} of {RUNS} intervals cover the truth");
}

#[test]
fn independent_weights() {
    let (covered, design_effect) = coverage(0.0);
    covered.into_iter().for_each(assert_covers);
    // A mean of 600 ratios of variances over 48 replicas: standard error √(2/47)/√600 < 0.01.
    assert!((design_effect - 1.0).abs() < 0.05, "{design_effect}");
}

/// Half of the noise is common to all 24 weights: their squares have correlation ¼, so that a replica is worth
/// 24/(1 + 23/4) weights. Errors that took them for independent would be 2.6 times too small.
#[test]
fn weights_that_share_their_noise() {
    let (covered, design_effect) = coverage(0.5);
    covered.into_iter().for_each(assert_covers);
    assert!((design_effect / (1.0 + 23.0 / 4.0) - 1.0).abs() < 0.1, "{design_effect}");
}
