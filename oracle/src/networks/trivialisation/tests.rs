use super::*;
use approx::assert_relative_eq;
use proptest::prelude::*;

fn network(layers: u32, input_norm: f64) -> OneSampleNetwork {
    OneSampleNetwork::new(layers, input_norm).unwrap()
}

/// The loss of a balanced network as a function of `|W_l|²`: what everything here is derived from.
fn balanced_loss(layers: u32, input_norm: f64, regularisation: f64, square: f64) -> f64 {
    let h = f64::from(layers);
    let missing = (1.0 - square.powf(0.5 * h) * input_norm).max(0.0);
    0.5 * missing * missing + 0.5 * regularisation * h * square
}

#[test]
fn seven_layers_have_the_known_numbers() {
    // PHYSICS.md D.6.
    let seven = network(7, 1.0);
    let spinodal = seven.spinodal().unwrap();
    assert_relative_eq!(spinodal.output, 5.0 / 12.0, max_relative = 1e-15);
    assert_relative_eq!(spinodal.regularisation, 0.312_131_3, max_relative = 2e-7);
    // ½ + (H − 2)²/(8 (H − 1)).
    assert_relative_eq!(spinodal.loss, 0.5 + 25.0 / 48.0, max_relative = 1e-15);
    let coexistence = seven.coexistence().unwrap();
    assert_relative_eq!(coexistence.regularisation, 0.146_315_6, max_relative = 3e-7);
    let there = seven.minimum(coexistence.regularisation).unwrap().unwrap();
    assert_relative_eq!(there.output, 5.0 / 6.0, max_relative = 1e-14);
    assert_relative_eq!(there.loss, 0.5, max_relative = 1e-14);
    assert_relative_eq!(there.curvature, coexistence.curvature, max_relative = 1e-13);
}

#[test]
fn one_and_two_layers_have_no_fold() {
    // H = 1 by hand: x = 2, lambda = 4: m = 4/8, W² = (m/x)² = 1/16, L = 1/8 + 2/16.
    let one = network(1, 2.0);
    let point = one.minimum(4.0).unwrap().unwrap();
    assert_relative_eq!(point.output, 0.5);
    assert_relative_eq!(point.squared_layer_norm, 1.0 / 16.0);
    assert_relative_eq!(point.loss, 0.25);
    assert!(one.trivial(4.0).unwrap().is_none() && one.saddle(4.0).unwrap().is_none());
    // H = 2: the minimum leaves W = 0 continuously at lambda = |x|.
    let two = network(2, 2.0);
    assert!(
        two.spinodal().is_none() && two.coexistence().is_none() && two.below_spinodal(0.1).unwrap().is_none()
    );
    let near = two.minimum(2.0 * (1.0 - 1e-9)).unwrap().unwrap();
    assert_relative_eq!(near.output, 1e-9, max_relative = 1e-6);
    assert!(two.minimum(2.0).unwrap().is_none());
    assert_eq!(two.trivial(1.9).unwrap().unwrap().stability, Stability::Saddle);
    assert_eq!(two.trivial(2.0).unwrap().unwrap().stability, Stability::Minimum);
    assert_eq!(two.lowest_loss(2.5).unwrap(), 0.5);
}

#[test]
fn the_spinodal_itself_is_the_meeting_point() {
    let seven = network(7, 3.0);
    let spinodal = seven.spinodal().unwrap();
    assert_eq!(seven.minimum(spinodal.regularisation).unwrap().unwrap(), spinodal);
    assert_eq!(seven.saddle(spinodal.regularisation).unwrap().unwrap(), spinodal);
    assert_eq!((spinodal.stability, spinodal.curvature), (Stability::Marginal, 0.0));
    assert!(seven.minimum(spinodal.regularisation.next_up()).unwrap().is_none());
}

#[test]
fn bad_arguments_are_named() {
    assert_eq!(OneSampleNetwork::new(0, 1.0).unwrap_err().to_string(), "layers is 0; it must be at least 1");
    assert!(OneSampleNetwork::new(7, f64::NAN).is_err() && OneSampleNetwork::new(7, 1e101).is_err());
    let seven = network(7, 1.0);
    assert_eq!(
        seven.minimum(0.0).unwrap_err().to_string(),
        "regularisation is 0; it must be finite and above 0"
    );
    assert!(seven.saddle(f64::NAN).is_err() && seven.trivial(-1.0).is_err());
    assert!(seven.regularisation(1.5).is_err() && seven.below_spinodal(1.0).is_err());
}

/// `½ max(0, 1 − y f)² + (lambda/2)|W|²` averaged over samples, for a network of 2-2-2-1 neurons by hand.
fn loss_of_a_small_network(weights: &[f64; 10], samples: &[([f64; 2], f64)], regularisation: f64) -> f64 {
    let data = samples.iter().map(|(input, label)| {
        let layer = |rows: &[f64], below: [f64; 2]| {
            [0, 1].map(|row| (rows[2 * row] * below[0] + rows[2 * row + 1] * below[1]).max(0.0))
        };
        let top = layer(&weights[4..8], layer(&weights[..4], *input));
        let missing = (1.0 - label * (weights[8] * top[0] + weights[9] * top[1])).max(0.0);
        0.5 * missing * missing
    });
    let square: f64 = weights.iter().map(|weight| weight * weight).sum();
    data.sum::<f64>() / samples.len() as f64 + 0.5 * regularisation * square
}

proptest! {
    /// Second route: the balanced loss has slope 0 there, and curves as stated, by differences.
    #[test]
    fn the_balanced_loss_is_stationary(layers in 1_u32..12, log_norm in -1.0..1.0_f64, gap in 0.02..0.98_f64) {
        let norm = 10.0_f64.powf(log_norm);
        let one = network(layers, norm);
        let end = one.spinodal().map_or(norm, |point| point.regularisation);
        let regularisation = end * (1.0 - gap);
        let points = [one.minimum(regularisation).unwrap(), one.saddle(regularisation).unwrap()];
        for point in points.into_iter().flatten() {
            let h = f64::from(layers);
            // The differences below must not reach the kink at m = 1, nor drown.
            if point.output < 1e-3 || point.shortfall < 4e-3 * h {
                continue;
            }
            // Distance along the unit vector that scales all layers: |W| = √(H c).
            let whole = (h * point.squared_layer_norm).sqrt();
            let step = 1e-3 * whole;
            let at = |d: f64| {
                let square = (whole + d) * (whole + d) / h;
                balanced_loss(layers, norm, regularisation, square)
            };
            prop_assert!((at(0.0) / point.loss - 1.0).abs() < 1e-12);
            // Fourth-order differences; the loss is a polynomial of degree 2H in |W|, so that their error is of order
            // (2H)⁴ 1e-12, beside rounding 1e-16/1e-6.
            let slope = (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step);
            let bend = (16.0 * (at(step) + at(-step)) - at(2.0 * step) - at(-2.0 * step) - 30.0 * at(0.0))
                / (12.0 * step * step);
            let scale = regularisation * whole / point.shortfall;
            prop_assert!(slope.abs() < 1e-6 * scale, "slope {slope:e} of {scale:e}");
            let stiffest = regularisation * h / point.shortfall;
            prop_assert!((bend - point.curvature).abs() < 1e-5 * stiffest, "{bend} is not {}", point.curvature);
            prop_assert_eq!(point.stability == Stability::Minimum, bend > 0.0);
        }
    }

    #[test]
    fn branches_return_to_their_regularisation(layers in 3_u32..200, log_norm in -50.0..50.0_f64, log_ratio in -30.0..-1e-6_f64) {
        let one = network(layers, 10.0_f64.powf(log_norm));
        let regularisation = one.spinodal().unwrap().regularisation * log_ratio.exp();
        let (upper, lower) = (one.minimum(regularisation).unwrap().unwrap(), one.saddle(regularisation).unwrap().unwrap());
        prop_assert!(lower.output < upper.output && lower.loss >= 0.5 && lower.loss > upper.loss);
        for point in [upper, lower] {
            // lambda |W_l|² = m (1 − m) joins all four numbers.
            let pull = point.output * point.shortfall;
            prop_assert!((regularisation * point.squared_layer_norm / pull - 1.0).abs() < 1e-12);
        }
        // 1 − m in plain arithmetic loses digits as m nears 1.
        let again = one.regularisation(upper.output).unwrap();
        prop_assert!((again / regularisation - 1.0).abs() < 1e-15 / upper.shortfall + 1e-13);
    }

    /// The theorem of the module: no weights on any data do better than one sample of the mean norm.
    #[test]
    fn no_data_set_beats_one_sample(
        weights in prop::array::uniform10(-2.0..2.0_f64),
        inputs in prop::collection::vec((prop::array::uniform2(-3.0..3.0_f64), any::<bool>()), 1..5),
        regularisation in 0.001..1.0_f64,
    ) {
        let samples: Vec<_> =
            inputs.iter().map(|(input, even)| (*input, if *even { 1.0 } else { -1.0 })).collect();
        let norm = samples.iter().map(|(input, _)| input[0].hypot(input[1])).sum::<f64>() / samples.len() as f64;
        prop_assume!(norm > 1e-3);
        let loss = loss_of_a_small_network(&weights, &samples, regularisation);
        prop_assert!(loss >= network(3, norm).lowest_loss(regularisation).unwrap() - 1e-12);
    }
}

#[test]
fn one_sample_attains_the_bound() {
    // 2-2-2-1, x = (0.6, 0.8)·2: each layer √c times an outer product of unit vectors.
    let one = network(3, 2.0);
    let point = one.minimum(0.3).unwrap().unwrap();
    let s = point.squared_layer_norm.sqrt();
    let [p, q] = [0.6, 0.8];
    let weights = [p * p, p * q, q * p, q * q, q * p, q * q, p * p, p * q, q, p].map(|weight| s * weight);
    let loss = loss_of_a_small_network(&weights, &[([1.2, 1.6], -1.0)], 0.3);
    assert!(loss > point.loss);
    let loss = loss_of_a_small_network(&weights, &[([1.2, 1.6], 1.0)], 0.3);
    assert_relative_eq!(loss, point.loss, max_relative = 1e-14);
    assert_relative_eq!(loss, one.lowest_loss(0.3).unwrap(), max_relative = 1e-14);
}
