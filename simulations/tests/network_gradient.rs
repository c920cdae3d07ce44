//! The gradient of a network: the fast path against the reference, the reference against finite differences.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_simulations::network::reference::{self, Samples};
use glassbox_simulations::network::{Architecture, GradientEvaluator, Initialisation};
use glassbox_simulations::noise::{NoiseStream, Purpose};
use proptest::prelude::*;

/// Random inputs of standard deviation 2 and random labels.
fn random_samples(count: usize, dimension: usize, seed: u64) -> (Vec<f32>, Vec<f32>) {
    let mut numbers = vec![0.0; count * (dimension + 1)];
    NoiseStream::new(seed, Purpose::Subset, 0).gaussians(0, &mut numbers);
    let labels = numbers[..count].iter().map(|number| if *number > 0.0 { 1.0 } else { -1.0 }).collect();
    (numbers[count..].iter().map(|number| 2.0 * single(*number)).collect(), labels)
}

#[allow(clippy::cast_possible_truncation, reason = "rounding is what is wanted")]
fn single(value: f64) -> f32 {
    value as f32
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Relative error of the fast gradient in norm.
fn relative_error(sizes: &[usize], count: usize, seed: u64) -> f64 {
    let architecture = Architecture::new(sizes).unwrap();
    let (inputs, labels) = random_samples(count, sizes[0], seed);
    let samples = Samples { inputs: &inputs, labels: &labels };
    // Rounded to single precision first: the error is that of the arithmetic, not of the representation.
    let drawn = Initialisation::HE.draw(&architecture, seed, 0);
    let weights: Vec<f64> = drawn.iter().map(|weight| f64::from(single(*weight))).collect();
    let (mut exact, mut fast) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    let exact_loss = reference::loss_and_gradient(&architecture, samples, &weights, &mut exact).unwrap();
    let evaluator = GradientEvaluator::new(architecture);
    let fast_loss = evaluator.loss_and_gradient(samples, None, &weights, &mut fast).unwrap();
    assert!((fast_loss - exact_loss).abs() <= 2e-6 * exact_loss, "loss {fast_loss} against {exact_loss}");
    let difference: Vec<f64> = fast.iter().zip(&exact).map(|(a, b)| a - b).collect();
    if norm(&exact) == 0.0 { norm(&difference) } else { norm(&difference) / norm(&exact) }
}

/// A single-precision sum of n products has a random error of about √n ulps: with layers of 128 and tiles of 128
/// samples some 80 ulps in norm at most.
const SINGLE_PRECISION_BOUND: f64 = 5e-6;

#[test]
fn any_number_of_samples() {
    for count in [1, 2, 7, 8, 9, 15, 16, 17, 127, 128, 129, 2047, 2048, 2049, 5000] {
        let error = relative_error(&[10, 30, 30, 1], count, 5);
        assert!(error <= SINGLE_PRECISION_BOUND, "{count} samples: relative error {error:.1e}");
    }
}

#[test]
fn any_width_and_depth() {
    for width in [1, 2, 3, 4, 5, 9, 22, 30, 31, 72, 82, 127, 128] {
        let error = relative_error(&[10, width, width, 1], 200, 6);
        assert!(error <= SINGLE_PRECISION_BOUND, "width {width}: relative error {error:.1e}");
    }
    for depth in 0..8 {
        let mut sizes = vec![7; depth + 2];
        sizes[depth + 1] = 1;
        let error = relative_error(&sizes, 200, 7);
        assert!(error <= SINGLE_PRECISION_BOUND, "{depth} hidden layers: relative error {error:.1e}");
    }
}

#[test]
fn dead_networks_and_satisfied_data_have_no_gradient() {
    let architecture = Architecture::new(&[3, 4, 4, 1]).unwrap();
    let (inputs, _) = random_samples(50, 3, 1);
    let evaluator = GradientEvaluator::new(architecture.clone());
    let mut gradient = vec![1.0; architecture.weight_count()];
    // W = 0: every hidden neuron is dead and the loss exactly 1/2.
    let samples = Samples { inputs: &inputs, labels: &[1.0; 50] };
    let zeros = vec![0.0; gradient.len()];
    assert_eq!(evaluator.loss_and_gradient(samples, None, &zeros, &mut gradient).unwrap(), 0.5);
    assert_eq!(gradient, zeros);
    // Positive inputs and weights with labels +1 and large outputs: all satisfied.
    let positive: Vec<f32> = inputs.iter().map(|value| value.abs() + 1.0).collect();
    let samples = Samples { inputs: &positive, labels: &[1.0; 50] };
    gradient.fill(1.0);
    let ones = vec![1.0; zeros.len()];
    assert_eq!(evaluator.loss_and_gradient(samples, None, &ones, &mut gradient).unwrap(), 0.0);
    assert_eq!(gradient, zeros);
}

#[test]
fn a_minibatch_of_all_samples_is_the_full_batch() {
    let architecture = Architecture::new(&[10, 12, 12, 1]).unwrap();
    let (inputs, labels) = random_samples(3000, 10, 2);
    let samples = Samples { inputs: &inputs, labels: &labels };
    let weights = Initialisation::HE.draw(&architecture, 3, 0);
    let evaluator = GradientEvaluator::new(architecture);
    let (mut full, mut batch) = (vec![0.0; weights.len()], vec![0.0; weights.len()]);
    let all: Vec<u32> = (0..3000).collect();
    let full_loss = evaluator.loss_and_gradient(samples, None, &weights, &mut full).unwrap();
    let batch_loss = evaluator.loss_and_gradient(samples, Some(&all), &weights, &mut batch).unwrap();
    assert_eq!((full_loss, full), (batch_loss, batch.clone()));
    let error = evaluator.loss_and_gradient(samples, Some(&[3000]), &weights, &mut batch).unwrap_err();
    assert_eq!(error.to_string(), "sample 3000 was asked for; the data set has 3000");
    assert!(evaluator.loss_and_gradient(samples, Some(&[]), &weights, &mut batch).is_err());
}

#[test]
fn one_and_two_threads_give_the_same_bits() {
    let architecture = Architecture::paper(30).unwrap();
    let (inputs, labels) = random_samples(9000, 10, 8);
    let samples = Samples { inputs: &inputs, labels: &labels };
    let weights = Initialisation::HE.draw(&architecture, 3, 0);
    let evaluator = GradientEvaluator::new(architecture);
    let run = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
            let mut gradient = vec![0.0; weights.len()];
            let loss = evaluator.loss_and_gradient(samples, None, &weights, &mut gradient).unwrap();
            (loss.to_bits(), gradient)
        })
    };
    assert_eq!(run(1), run(2));
}

/// f is linear in a single weight while no kink is crossed, so the loss is quadratic and a central difference exact:
/// what is left is the rounding of two losses, some 10³ operations of 1e-16 each, over 2h.
#[test]
fn reference_agrees_with_central_differences_away_from_kinks() {
    let architecture = Architecture::new(&[5, 6, 4, 1]).unwrap();
    let (inputs, labels) = random_samples(20, 5, 9);
    let samples = Samples { inputs: &inputs, labels: &labels };
    let weights = Initialisation::HE.draw(&architecture, 10, 0);
    let mut gradient = vec![0.0; weights.len()];
    let mut discard = gradient.clone();
    let loss = reference::loss_and_gradient(&architecture, samples, &weights, &mut gradient).unwrap();
    let mut compared = 0;
    for index in 0..weights.len() {
        for exponent in 4..24 {
            let h = 2.0_f64.powi(-exponent);
            let moved = |sign: f64| {
                let mut moved = weights.clone();
                moved[index] += sign * h;
                moved
            };
            let pattern =
                |weights: &[f64]| reference::activation_pattern(&architecture, samples, weights).unwrap();
            if pattern(&moved(1.0)) != pattern(&moved(-1.0)) {
                continue;
            }
            let mut at = |weights: &[f64]| {
                reference::loss_and_gradient(&architecture, samples, weights, &mut discard).unwrap()
            };
            let difference = (at(&moved(1.0)) - at(&moved(-1.0))) / (2.0 * h);
            let rounding = 1e3 * f64::EPSILON * loss.max(1.0) / h;
            assert!((difference - gradient[index]).abs() <= rounding, "weight {index}, h {h:e}");
            compared += 1;
            break;
        }
    }
    assert!(compared > weights.len() / 2, "only {compared} weights lie away from kinks");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_shapes_agree_with_the_reference(
        hidden in prop::collection::vec(1_usize..40, 0..6),
        dimension in 1_usize..12,
        count in 1_usize..400,
        seed in any::<u64>(),
    ) {
        let sizes: Vec<usize> = std::iter::once(dimension).chain(hidden).chain([1]).collect();
        prop_assert!(relative_error(&sizes, count, seed) <= SINGLE_PRECISION_BOUND);
    }
}

/// Not a claim, a figure to look at: `cargo test --test network_gradient -- --ignored --nocapture`.
#[test]
#[ignore = "prints the speed of the kernel on this machine"]
fn speed_of_the_kernel() {
    for width in [30, 72] {
        let architecture = Architecture::paper(width).unwrap();
        let (inputs, labels) = random_samples(6000, 10, 8);
        let samples = Samples { inputs: &inputs, labels: &labels };
        let weights = Initialisation::PYTORCH_LINEAR.draw(&architecture, 3, 0);
        let evaluator = GradientEvaluator::new(architecture);
        let mut gradient = vec![0.0; weights.len()];
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let start = std::time::Instant::now();
            for _ in 0..10 {
                pool.install(|| evaluator.loss_and_gradient(samples, None, &weights, &mut gradient)).unwrap();
            }
            let seconds = start.elapsed().as_secs_f64() / 10.0;
            let speed = 6.0 * 6000.0 * weights.len() as f64 / seconds / 1e9;
            println!("width {width}, {threads} threads: {:.2} ms, {speed:.1} GFlop/s", 1e3 * seconds);
        }
    }
}
