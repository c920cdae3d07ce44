//! A real network of seven layers on one sample follows the branch of minima to its end, collapses there, and stays
//! collapsed: the transition is discontinuous, where `glassbox_oracle::networks::trivialisation` says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::networks::balance::{MeasuredPoint, StationaryCertificate};
use glassbox::oracle::networks::trivialisation::{OneSampleNetwork, StationaryPoint};
use glassbox::simulations::dataset::Dataset;
use glassbox::simulations::integrator::{GradientDescent, Integrator, State};
use glassbox::simulations::landscape::{Landscape, NetworkLandscape, Precision};
use glassbox::simulations::network::Architecture;
use glassbox::simulations::network::reference::{self, Samples};
use glassbox::simulations::noise::{NoiseStream, Purpose};

const SIZES: [usize; 8] = [4, 3, 3, 3, 3, 3, 3, 1];
const LAYERS: f64 = 7.0;
/// Input of norm 1, exact in single precision.
const INPUT: [f32; 4] = [0.5; 4];
const LEARNING_RATE: f64 = 0.1;
/// Roundings of a weight in one step: one of the sum, and those of the gradient times the learning rate.
const ROUNDING_OF_A_STEP: f64 = 4.0 * f64::EPSILON;

fn law() -> OneSampleNetwork {
    OneSampleNetwork::new(7, 1.0).unwrap()
}

/// The network on its way.
struct Descent {
    architecture: Architecture,
    data: Dataset,
    state: State,
}

/// What is measured when it has come to rest.
struct Rest {
    output: f64,
    loss: f64,
    squared_layer_norms: Vec<f64>,
}

impl Descent {
    /// Balanced layers of squared norm `square`, each an outer product of unit vectors without negative entries, and
    /// `disorder` times Gaussian numbers on top.
    fn balanced(square: f64, disorder: f64) -> Self {
        let architecture = Architecture::new(&SIZES).unwrap();
        let directions =
            [[2.0, 1.0, 2.0], [1.0, 2.0, 2.0]].map(|direction| direction.map(|entry| entry / 3.0));
        let mut activation = vec![0.5; 4];
        let mut weights = Vec::new();
        for layer in 0..6 {
            let next = directions[layer % 2];
            weights.extend(next.iter().flat_map(|row| activation.iter().map(move |column| row * column)));
            activation = next.to_vec();
        }
        weights.extend(activation);
        let mut noise = vec![0.0; weights.len()];
        NoiseStream::new(1, Purpose::Initialisation, 0).gaussians(0, &mut noise);
        for (weight, noise) in weights.iter_mut().zip(noise) {
            *weight = square.sqrt() * *weight + disorder * noise;
        }
        let data = Dataset::new(INPUT.to_vec(), vec![1.0], 4).unwrap();
        Self { architecture, data, state: State::new(weights) }
    }

    fn descend(&mut self, regularisation: f64, steps: u32) -> Rest {
        let landscape = NetworkLandscape::new(self.architecture.clone(), self.data.clone(), regularisation)
            .unwrap()
            .with_precision(Precision::Double);
        let mut descent = GradientDescent::new(LEARNING_RATE).unwrap();
        let noise = NoiseStream::new(0, Purpose::Langevin, 0);
        for _ in 0..steps {
            descent.step(&landscape, &noise, &mut self.state);
        }
        let weights = &self.state.weights;
        let samples = Samples { inputs: self.data.inputs(), labels: self.data.labels() };
        let output = reference::outputs(&self.architecture, samples, weights).unwrap()[0];
        let loss = landscape.loss_and_gradient(weights, &mut vec![0.0; weights.len()]);
        let square =
            |range: &std::ops::Range<usize>| weights[range.clone()].iter().map(|w| w * w).sum::<f64>();
        let squared_layer_norms =
            self.architecture.layers().iter().map(|layer| square(&layer.range)).collect();
        Rest { output, loss, squared_layer_norms }
    }
}

/// The certificate of a network at rest, whose numbers are off by `relative_error`.
fn assert_stationary(rest: &Rest, regularisation: f64, relative_error: f64) {
    let shortfall = (1.0 - rest.output).max(0.0);
    let certificate = StationaryCertificate::new(MeasuredPoint {
        regularisation,
        mean_shortfall: shortfall,
        data_loss: 0.5 * shortfall * shortfall,
        squared_layer_norms: &rest.squared_layer_norms,
        relative_error,
    })
    .unwrap();
    assert!(certificate.holds(), "lambda = {regularisation}: {certificate:#?}");
}

#[test]
fn it_follows_the_branch_and_collapses_at_its_end() {
    const STEPS: u32 = 10_000;
    let end = law().spinodal().unwrap().regularisation;
    let scale = |point: &StationaryPoint| point.squared_layer_norm.sqrt();
    let mut before = law().minimum(0.1).unwrap().unwrap();
    let mut network = Descent::balanced(before.squared_layer_norm, 0.02);
    // Disorder and imbalance die out at mu lambda = 0.01 a step.
    network.descend(0.1, STEPS);
    let coarse = (1..=20).map(|i| 0.1 + 0.01 * f64::from(i));
    let middle = (1..=23).map(|i| 0.3 + 5e-4 * f64::from(i));
    let fine = (1..=30).map(|i| 0.3115 + 5e-5 * f64::from(i));
    // How far the norm of a layer may still be from its minimum.
    let mut behind = 0.0;
    let (mut followed, mut worst) = (0, 0.0_f64);
    let mut collapsed_at = None;
    for regularisation in coarse.chain(middle).chain(fine) {
        let rest = network.descend(regularisation, STEPS);
        let Some(point) = law().minimum(regularisation).unwrap() else {
            collapsed_at = Some((regularisation, rest));
            break;
        };
        // Beyond m = 5/26, hence above the spinodal, the force on a layer's norm is convex: coming down from the last
        // minimum it closes in by at least 1 − mu curvature a step. The curvature vanishes at the spinodal.
        let rate = LEARNING_RATE * point.curvature;
        behind = (behind + scale(&before) - scale(&point)) * (1.0 - rate).powf(f64::from(STEPS));
        let of_norm = behind / scale(&point) + ROUNDING_OF_A_STEP / rate;
        let tolerance = LAYERS * of_norm;
        let error = (rest.output / point.output - 1.0).abs();
        assert!(tolerance < 1e-6, "lambda = {regularisation}: nothing to see at {tolerance:.1e}");
        assert!(error <= tolerance, "lambda = {regularisation}: off by {error:.1e}, allowed {tolerance:.1e}");
        let residual = point.curvature / regularisation * of_norm;
        assert_stationary(&rest, regularisation, 2.0 * residual + LAYERS * ROUNDING_OF_A_STEP);
        worst = worst.max(error);
        (before, followed) = (point, followed + 1);
    }
    let (collapsed_at, rest) = collapsed_at.expect("no collapse");
    println!(
        "followed {followed} points to {worst:.1e}, the last at lambda = {}; then collapsed",
        before.regularisation
    );
    assert!(followed >= 50 && end - before.regularisation < 5e-5);
    assert!(collapsed_at > 0.3120 && collapsed_at < 0.3125 && collapsed_at - end < 5e-5);
    // From the other side of the bottleneck the norm shrinks by mu lambda a step: e⁻²⁰⁰ and less.
    assert_eq!((rest.loss, rest.output < 1e-100), (0.5, true));
    assert_stationary(&rest, collapsed_at, f64::EPSILON);
}

#[test]
fn it_stays_collapsed_on_the_way_back() {
    // d|W|²/dt ≤ −2 lambda |W|² + 2 H m (1 − m) with m ≤ (|W|²/H)^{H/2}: any start shorter than the saddle collapses. Each
    // of these is a random direction of 0.98 times that length, far from W = 0.
    for (regularisation, steps) in [(0.3, 4000), (0.2, 4000), (0.1463, 4000), (0.1, 6000), (0.03, 16_000)] {
        let saddle = law().saddle(regularisation).unwrap().unwrap();
        let mut network = Descent::balanced(0.0, 1.0);
        let square: f64 = network.state.weights.iter().map(|weight| weight * weight).sum();
        let length = (0.98 * LAYERS * saddle.squared_layer_norm / square).sqrt();
        network.state.weights.iter_mut().for_each(|weight| *weight *= length);
        let rest = network.descend(regularisation, steps);
        // |W| falls by 1 − mu lambda a step once it is small: e⁻⁴⁸ and less, of which the loss has the square.
        assert_eq!(rest.loss, 0.5, "lambda = {regularisation}");
        assert_stationary(&rest, regularisation, f64::EPSILON);
    }
}

#[test]
fn the_saddle_divides_collapse_from_learning() {
    for regularisation in [0.03, 0.1, 0.2, 0.3] {
        let saddle = law().saddle(regularisation).unwrap().unwrap();
        let minimum = law().minimum(regularisation).unwrap().unwrap();
        // The distance grows by 1 + mu |curvature| a step from 1e-3; disorder and imbalance decay.
        let from = |share: f64| {
            Descent::balanced(share * saddle.squared_layer_norm, 0.0).descend(regularisation, 20_000)
        };
        let (below, above) = (from(0.999), from(1.001));
        assert_eq!(below.loss, 0.5, "lambda = {regularisation}");
        let rate = LEARNING_RATE * minimum.curvature;
        let tolerance = LAYERS * ROUNDING_OF_A_STEP / rate;
        let error = (above.output / minimum.output - 1.0).abs();
        assert!(error <= tolerance, "lambda = {regularisation}: off by {error:.1e}, allowed {tolerance:.1e}");
        let loss_error = (above.loss - minimum.loss).abs();
        assert!(loss_error <= tolerance * minimum.loss, "lambda = {regularisation}: {loss_error:.1e}");
    }
}
