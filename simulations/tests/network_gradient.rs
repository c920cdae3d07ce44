//! The gradient of a network: the fast path against the reference, the reference against finite differences.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_simulations::InstructionSet;
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

/// Relative error of the fast gradient in norm with HE weights, the largest over all sets of instructions.
fn relative_error(sizes: &[usize], count: usize, seed: u64) -> f64 {
    let (inputs, labels) = random_samples(count, sizes[0], seed);
    relative_error_on(sizes, &inputs, &labels, 1.0, seed)
}

/// Whether each neuron and the hinge stand clear of their kinks on one sample, by 1e-5 of the terms of their sums.
///
/// Within rounding of a kink either side is right, and the gradient of the sample jumps from one to the other.
fn stands_clear(architecture: &Architecture, weights: &[f64], input: &[f32], label: f32) -> bool {
    const MARGIN: f64 = 1e-5;
    let mut activations: Vec<f64> = input.iter().map(|value| f64::from(*value)).collect();
    for (index, layer) in architecture.layers().iter().enumerate() {
        let is_output = index + 1 == architecture.layers().len();
        let mut above = Vec::new();
        for row in weights[layer.range.clone()].chunks(layer.inputs) {
            let terms = || row.iter().zip(&activations).map(|(weight, activation)| weight * activation);
            let (sum, size) = (terms().sum::<f64>(), terms().map(f64::abs).sum::<f64>());
            let kink = if is_output { f64::from(label) } else { 0.0 };
            if (sum - kink).abs() < MARGIN * (size + kink.abs()) {
                return size == 0.0;
            }
            above.push(if is_output { sum } else { sum.max(0.0) });
        }
        activations = above;
    }
    true
}

/// As [`relative_error`], on given samples that stand clear of kinks, with HE weights times `scale`.
fn relative_error_on(sizes: &[usize], inputs: &[f32], labels: &[f32], scale: f64, seed: u64) -> f64 {
    let architecture = Architecture::new(sizes).unwrap();
    // Rounded to single precision first: the error is that of the arithmetic, not of the representation.
    let drawn = Initialisation::HE.draw(&architecture, seed, 0);
    let weights: Vec<f64> = drawn.iter().map(|weight| f64::from(single(scale * weight))).collect();
    let (mut clear_inputs, mut clear_labels) = (Vec::new(), Vec::new());
    for (input, label) in inputs.chunks(sizes[0]).zip(labels) {
        if stands_clear(&architecture, &weights, input, *label) {
            clear_inputs.extend_from_slice(input);
            clear_labels.push(*label);
        }
    }
    // Each neuron of each sample stands within the margin of a kink with a probability of that order.
    assert!(
        clear_labels.len() + labels.len() / 50 + 2 >= labels.len(),
        "{} of {} left",
        clear_labels.len(),
        labels.len()
    );
    let samples = Samples { inputs: &clear_inputs, labels: &clear_labels };
    let mut exact = vec![0.0; weights.len()];
    let exact_loss = reference::loss_and_gradient(&architecture, samples, &weights, &mut exact).unwrap();
    let mut fused: Option<Vec<f64>> = None;
    let mut largest: f64 = 0.0;
    for instructions in InstructionSet::available() {
        let evaluator = GradientEvaluator::new(architecture.clone()).with_instructions(instructions);
        let mut fast = vec![f64::NAN; weights.len()];
        let loss = evaluator.loss_and_gradient(samples, None, &weights, &mut fast).unwrap();
        // Outputs are right to some 1e-6, the loss ½ (1 − y f)² to that times its slope.
        let tolerance = 2e-6 * (exact_loss + exact_loss.sqrt());
        assert!((loss - exact_loss).abs() <= tolerance, "{instructions}: loss {loss}, not {exact_loss}");
        let difference: Vec<f64> = fast.iter().zip(&exact).map(|(a, b)| a - b).collect();
        let error = if norm(&exact) == 0.0 { norm(&difference) } else { norm(&difference) / norm(&exact) };
        assert!(error.is_finite(), "{instructions}: relative error {error}");
        largest = largest.max(error);
        // Every set with fused multiply-add gives the same bits.
        if instructions != InstructionSet::PORTABLE {
            let first = fused.get_or_insert_with(|| fast.clone());
            assert_eq!(*first, fast, "{instructions}");
        }
    }
    largest
}

/// A single-precision sum of n products has a random error of about √n ulps: with layers of 128 and tiles of 256
/// samples some 80 ulps in norm at most.
const SINGLE_PRECISION_BOUND: f64 = 5e-6;

#[test]
fn any_number_of_samples() {
    for count in [1, 2, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1024, 1025, 2047, 2048, 2049, 5000] {
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

/// With many satisfied samples the others are moved together and tiles filled up from several rounds.
#[test]
fn any_fraction_of_satisfied_samples() {
    let (inputs, random) = random_samples(3000, 10, 3);
    let (mut least, mut most) = (3000, 0);
    for (scale, share) in [(0.3, 0.0), (1.0, 0.0), (2.0, 0.0), (2.0, 0.7), (2.0, 0.97), (2.0, 1.0)] {
        // Labels that agree with the network for a share of the samples: more of them are satisfied.
        let architecture = Architecture::paper(22).unwrap();
        let weights: Vec<f64> =
            Initialisation::HE.draw(&architecture, 4, 0).iter().map(|weight| scale * weight).collect();
        let samples = Samples { inputs: &inputs, labels: &random };
        let outputs = reference::outputs(&architecture, samples, &weights).unwrap();
        let agreeing = |index: usize| (index * 7919 % 1000) as f64 <= 1000.0 * share;
        let labels: Vec<f32> = (0..random.len())
            .map(|index| if agreeing(index) && outputs[index] > 0.0 { 1.0 } else { random[index] })
            .collect();
        let satisfied = outputs.iter().zip(&labels).filter(|(f, y)| f64::from(**y) * **f >= 1.0).count();
        let sizes = [10, 22, 22, 22, 22, 22, 22, 1];
        let error = relative_error_on(&sizes, &inputs, &labels, scale, 4);
        assert!(error <= SINGLE_PRECISION_BOUND, "{satisfied} of 3000 satisfied: relative error {error:.1e}");
        (least, most) = (satisfied.min(least), satisfied.max(most));
    }
    assert!(least < 300 && most > 1500, "{least} to {most} of 3000 satisfied");
}

#[test]
#[cfg_attr(miri, ignore = "60,000 samples")]
fn all_60_000_images() {
    let data = glassbox_simulations::dataset::mnist().unwrap();
    let sizes = [10, 30, 30, 30, 30, 30, 30, 1];
    let error = relative_error_on(&sizes, data.inputs(), data.labels(), 1.0, 1);
    assert!(error <= SINGLE_PRECISION_BOUND, "relative error {error:.1e}");
}

/// Small enough for `cargo miri`, which finds reads and writes out of bounds.
#[test]
fn small_networks() {
    for (sizes, count) in [(&[2, 3, 1][..], 17), (&[3, 7, 5, 1], 33), (&[1, 1], 1), (&[2, 5, 4, 1], 290)] {
        assert!(relative_error(sizes, count, 2) <= SINGLE_PRECISION_BOUND);
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

/// Samples in any order, some twice, some never, in whole vectors and not.
#[test]
fn a_minibatch_is_the_mean_over_its_samples() {
    let sizes = [10, 12, 12, 1];
    let architecture = Architecture::new(&sizes).unwrap();
    let (inputs, labels) = random_samples(2000, 10, 2);
    let samples = Samples { inputs: &inputs, labels: &labels };
    let weights: Vec<f64> = Initialisation::HE.draw(&architecture, 3, 0);
    let weights: Vec<f64> = weights.iter().map(|weight| f64::from(single(*weight))).collect();
    for count in [1, 17, 100, 300, 1500] {
        let mut chosen = NoiseStream::new(6, Purpose::Subset, 0).permutation(count, 2000);
        chosen.truncate(usize::try_from(count).unwrap());
        if let [first, .., last] = &mut chosen[..] {
            *last = *first;
        }
        chosen.retain(|index| {
            let at = *index as usize;
            stands_clear(&architecture, &weights, &inputs[10 * at..10 * (at + 1)], labels[at])
        });
        let gathered: Vec<f32> =
            chosen.iter().flat_map(|index| &inputs[10 * *index as usize..][..10]).copied().collect();
        let of_chosen: Vec<f32> = chosen.iter().map(|index| labels[*index as usize]).collect();
        let gathered = Samples { inputs: &gathered, labels: &of_chosen };
        let mut exact = vec![0.0; weights.len()];
        reference::loss_and_gradient(&architecture, gathered, &weights, &mut exact).unwrap();
        for instructions in InstructionSet::available() {
            let evaluator = GradientEvaluator::new(architecture.clone()).with_instructions(instructions);
            let mut fast = vec![f64::NAN; weights.len()];
            evaluator.loss_and_gradient(samples, Some(&chosen), &weights, &mut fast).unwrap();
            let difference: Vec<f64> = fast.iter().zip(&exact).map(|(a, b)| a - b).collect();
            // A single satisfied sample has no gradient at all.
            let allowed = SINGLE_PRECISION_BOUND * norm(&exact);
            assert!(norm(&difference) <= allowed, "{instructions}, {count}: {:.1e}", norm(&difference));
        }
    }
}

#[test]
fn a_diverged_network_has_no_loss() {
    let architecture = Architecture::new(&[10, 12, 12, 1]).unwrap();
    let (inputs, labels) = random_samples(40, 10, 2);
    let samples = Samples { inputs: &inputs, labels: &labels };
    let mut weights = Initialisation::HE.draw(&architecture, 3, 0);
    weights[5] = f64::NAN;
    let mut gradient = vec![0.0; weights.len()];
    let loss = reference::loss_and_gradient(&architecture, samples, &weights, &mut gradient).unwrap();
    assert!(loss.is_nan());
    for instructions in InstructionSet::available() {
        let evaluator = GradientEvaluator::new(architecture.clone()).with_instructions(instructions);
        let loss = evaluator.loss_and_gradient(samples, None, &weights, &mut gradient).unwrap();
        assert!(loss.is_nan(), "{instructions}: loss {loss}");
    }
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
