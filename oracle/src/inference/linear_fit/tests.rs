use super::*;
use approx::assert_relative_eq;

/// Moves whose sample moments are exactly those of the law, so that the fit must give its parameters back.
fn ideal(reduced_rate: f64, noise_variance: f64, scheme: Scheme, gaps: &[u64]) -> Transitions {
    let mut transitions = Transitions::new();
    for gap in gaps {
        let (loss, gain) = chain(reduced_rate, scheme, *gap);
        let kick = (noise_variance * gain).sqrt();
        let mut frames = (Vec::new(), Vec::new());
        for start in [1.5, -1.5, 0.2, -0.2] {
            for noise in [kick, -kick] {
                frames.0.push(start);
                frames.1.push(start - loss * start + noise);
            }
        }
        for _ in 0..5 {
            transitions.add(*gap, &frames.0, &frames.1).unwrap();
        }
    }
    transitions
}

/// Second route: `1 − aⁿ` and the gathered variance by the recursion.
fn chain(reduced_rate: f64, scheme: Scheme, steps: u64) -> (f64, f64) {
    let x = reduced_rate;
    let (a, gain) = match scheme {
        Scheme::EulerMaruyama => (1.0 - x, 1.0),
        Scheme::Heun => (1.0 - x + 0.5 * x * x, (1.0 - 0.5 * x).powi(2)),
        _ => ((-x).exp(), if x == 0.0 { 1.0 } else { (1.0 - (-2.0 * x).exp()) / (2.0 * x) }),
    };
    let (power, sum) = (0..steps).fold((1.0, 0.0), |(power, sum), _| (power * a, sum * a * a + gain));
    (1.0 - power, sum)
}

#[test]
fn ideal_moves_give_their_parameters_back() {
    for scheme in [Scheme::EulerMaruyama, Scheme::Heun, Scheme::ExactStep] {
        for gaps in [&[1_u64][..], &[1, 10, 100], &[100]] {
            for rate in [-0.001, 1e-4, 0.01, 0.37] {
                // What has relaxed for 37 times is forgotten: no data show its rate.
                if rate * gaps[0] as f64 > 5.0 {
                    continue;
                }
                let fit = LinearFit::new(&[ideal(rate, 0.03, scheme, gaps)], Model::Well(scheme)).unwrap();
                let found = fit.reduced_rate().unwrap();
                assert!(
                    (found.value - rate).abs() < 1e-5 * found.standard_error,
                    "{scheme} {rate} {gaps:?}: {found:?}"
                );
                assert_relative_eq!(fit.noise_variance().value, 0.03, max_relative = 1e-6);
            }
        }
    }
}

#[test]
fn an_overshooting_step_is_found_beyond_one() {
    let moves = ideal(1.5, 0.2, Scheme::EulerMaruyama, &[1, 2]);
    let fit = LinearFit::new(&[moves], Model::Well(Scheme::EulerMaruyama)).unwrap();
    assert_relative_eq!(fit.reduced_rate().unwrap().value, 1.5, max_relative = 1e-8);
}

/// One Euler–Maruyama step is linear regression: its textbook errors are `σ²/Σw²` and `2σ⁴/N`.
#[test]
fn errors_of_one_step_are_those_of_regression() {
    let moves = ideal(0.1, 0.03, Scheme::EulerMaruyama, &[1]);
    let fit = LinearFit::new(&[moves], Model::Well(Scheme::EulerMaruyama)).unwrap();
    let squares = 5.0 * 4.0 * (1.5_f64.powi(2) + 0.2_f64.powi(2));
    assert_relative_eq!(
        fit.reduced_rate().unwrap().standard_error,
        (0.03_f64 / squares).sqrt(),
        max_relative = 1e-6
    );
    assert_relative_eq!(
        fit.noise_variance().standard_error,
        0.03 * (2.0_f64 / 40.0).sqrt(),
        max_relative = 1e-6
    );
    assert!(fit.design_effect().is_none());
}

/// Replicas that fluctuate as Gaussian numbers of ±1 standard error have a design effect of R/(R − 1), and copies
/// of one weight as many times that as there are copies.
#[test]
fn copied_weights_are_seen_in_the_design_effect() {
    let replicas = |copies: usize| -> Vec<Transitions> {
        let spread = (1.0 - 2.0 * (2.0_f64 / 40.0).sqrt(), 1.0 + 2.0 * (2.0_f64 / 40.0).sqrt());
        let of = |square: f64| {
            let moves: Vec<f64> =
                (0..40 * copies).map(|i| if i % 2 == 0 { square.sqrt() } else { -square.sqrt() }).collect();
            let mut transitions = Transitions::new();
            transitions.add(1, &vec![0.0; moves.len()], &moves).unwrap();
            transitions
        };
        // Sample variances 1 ± 2 standard errors in a quarter of the replicas each, so that their variance is half
        // of four: two.
        (0..16).map(|i| of([1.0, spread.0, 1.0, spread.1][i % 4])).collect()
    };
    let effect = |copies| LinearFit::new(&replicas(copies), Model::Free).unwrap().design_effect().unwrap();
    assert_relative_eq!(effect(1), 2.0 * 16.0 / 15.0, max_relative = 1e-9);
    assert_relative_eq!(effect(7), 7.0 * effect(1), max_relative = 1e-9);
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let mut still = Transitions::new();
    still.add(1, &[1.0; 40], &[1.0; 40]).unwrap();
    assert_eq!(LinearFit::new(&[still], Model::Free).unwrap_err(), InferenceError::NoNoise);
    let mut falling = Transitions::new();
    let from: Vec<f64> = (1..=40).map(f64::from).collect();
    let to: Vec<f64> = from.iter().map(|weight| 0.9 * weight).collect();
    falling.add(1, &from, &to).unwrap();
    let well = Model::Well(Scheme::EulerMaruyama);
    assert_eq!(LinearFit::new(&[falling], well).unwrap_err(), InferenceError::NoNoise);
    let mut bottom = Transitions::new();
    bottom.add(1, &[0.0; 40], &[0.1; 40]).unwrap();
    assert_eq!(LinearFit::new(&[bottom.clone()], well).unwrap_err(), InferenceError::NoPull);
    assert!(LinearFit::new(&[bottom], Model::Well(Scheme::LeimkuhlerMatthews)).is_err());
    let error = LinearFit::new(&[Transitions::new()], Model::Free).unwrap_err();
    assert_eq!(error.to_string(), "0 transitions of single weights given; a fit needs at least 30");
}
