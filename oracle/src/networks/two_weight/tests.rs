use super::*;
use approx::assert_relative_eq;
use proptest::prelude::*;

fn network(beta: f64, input: f64, regularisation: f64) -> TwoWeightNetwork {
    TwoWeightNetwork::new(Bath::new(1.0, 3.0, 3.0 * beta).unwrap(), input, regularisation).unwrap()
}

/// Second route: the density itself on a grid in both weights, by the trapezoidal rule in panels between kinks.
/// Averages of the loss, w₁², w₂², f, and the overlap of both weights.
fn on_a_grid(beta: f64, input: f64, regularisation: f64) -> [f64; 5] {
    let reach = 9.0 / (beta * regularisation).sqrt() + 2.0 / input.sqrt();
    let count = 3000;
    let h = reach / f64::from(count);
    let mut sums = [0.0; 5];
    // Midpoints never meet the kink at w₁ = 0; that at f = 1 is of second order in the density, so that the error is
    // of order h².
    for i in -count..count {
        let first = (f64::from(i) + 0.5) * h;
        for j in -count..count {
            let second = (f64::from(j) + 0.5) * h;
            let output = second * (first * input).max(0.0);
            let missing = (1.0 - output).max(0.0);
            let loss = 0.5 * missing * missing + 0.5 * regularisation * (first * first + second * second);
            let weight = (-beta * loss).exp();
            for (sum, value) in sums.iter_mut().zip([1.0, loss, first * first, second * second, output]) {
                *sum += weight * value;
            }
        }
    }
    sums
}

#[test]
fn averages_agree_with_the_density_on_a_grid() {
    for (beta, input, regularisation) in [(4.0, 1.0, 0.3), (20.0, 2.0, 0.5), (0.5, 0.7, 1.5)] {
        let averages = network(beta, input, regularisation).averages().unwrap();
        let [mass, loss, first, second, output] = on_a_grid(beta, input, regularisation);
        for (value, sum) in [
            (averages.loss, loss),
            (averages.squared_weights[0], first),
            (averages.squared_weights[1], second),
            (averages.output, output),
        ] {
            // Midpoint rule: h² ≈ 1e-5 times curvatures beta and kinks.
            assert_relative_eq!(value, sum / mass, max_relative = 1e-5);
        }
    }
}

#[test]
fn overlap_agrees_with_quantiles_of_the_density() {
    // Second route: the same double sum over a grid of the marginals, which are themselves summed over a grid.
    let (beta, regularisation) = (6.0_f64, 0.4);
    let reach = 9.0 / (beta * regularisation).sqrt();
    let count = 800;
    let h = reach / f64::from(count);
    let mut marginals = [vec![0.0; 1600], vec![0.0; 1600]];
    let centre = |i: usize| (i as f64 - f64::from(count) + 0.5) * h;
    for i in 0..1600 {
        for j in 0..1600 {
            let missing = (1.0 - centre(j) * centre(i).max(0.0)).max(0.0);
            let square = centre(i).powi(2) + centre(j).powi(2);
            let weight = (-beta * (0.5 * missing * missing + 0.5 * regularisation * square)).exp();
            marginals[0][i] += weight;
            marginals[1][j] += weight;
        }
    }
    // A window of whole cells, the last of which count half: |i − j| h ≤ half_width with half_width = 40 h.
    let width = 40;
    let limits = network(beta, 1.0, regularisation).overlap_limits(40.0 * h).unwrap();
    for (marginal, limit) in marginals.iter().zip(limits) {
        let mass: f64 = marginal.iter().sum();
        let mut close = 0.0;
        for i in 0..1600_usize {
            for j in i.saturating_sub(width)..=(i + width).min(1599) {
                let share = if i.abs_diff(j) == width { 0.5 } else { 1.0 };
                close += share * marginal[i] * marginal[j];
            }
        }
        assert_relative_eq!(limit, close / (mass * mass), max_relative = 1e-4);
    }
}

#[test]
fn overlap_limits_run_from_nothing_to_all() {
    let network = network(10.0, 1.0, 0.2);
    assert_eq!(network.overlap_limits(0.0).unwrap(), [0.0; 2]);
    for limit in network.overlap_limits(1e3).unwrap() {
        assert_relative_eq!(limit, 1.0, max_relative = 1e-13);
    }
    // For a narrow window 2 ε ∫ p²: proportional to it.
    let (narrow, twice) = (network.overlap_limits(1e-6).unwrap(), network.overlap_limits(2e-6).unwrap());
    assert_relative_eq!(twice[0] / narrow[0], 2.0, max_relative = 1e-8);
    assert_relative_eq!(twice[1] / narrow[1], 2.0, max_relative = 1e-8);
}

#[test]
fn a_stiff_well_is_gaussian() {
    // lambda ≫ 1: f is negligible, <w²> = T/(lambda P_D) up to f ~ 1/(beta lambda).
    let (beta, regularisation) = (1e4, 100.0);
    let network = network(beta, 1.0, regularisation);
    let averages = network.averages().unwrap();
    assert_relative_eq!(averages.squared_weights[0] * beta * regularisation, 1.0, max_relative = 1e-3);
    let eps = 1e-3;
    let gaussian = erf(eps / 2.0 * (beta * regularisation).sqrt());
    assert_relative_eq!(network.overlap_limits(eps).unwrap()[0], gaussian, max_relative = 1e-3);
}

#[test]
fn the_cold_network_sits_at_the_minimum() {
    // m = 1 − lambda (trivialisation, H = 2) and <L> = L_min + T/P_D (two quadratic modes), up to 1/beta corrections.
    let averages = network(1e5, 1.0, 0.3).averages().unwrap();
    assert_relative_eq!(averages.output, 0.7, max_relative = 1e-3);
    let minimum = crate::networks::trivialisation::OneSampleNetwork::new(2, 1.0)
        .unwrap()
        .minimum(0.3)
        .unwrap()
        .unwrap();
    assert_relative_eq!(averages.loss - minimum.loss, 1e-5, max_relative = 1e-3);
}

#[test]
fn arguments_outside_the_domain_are_named() {
    let bath = |temperature| Bath::new(1.0, temperature, 1.0).unwrap();
    let message = |temperature, input, regularisation| {
        TwoWeightNetwork::new(bath(temperature), input, regularisation).unwrap_err().to_string()
    };
    assert_eq!(message(0.0, 1.0, 0.1), "dataset_size / temperature is inf; it must be between 1e-2 and 1e5");
    assert_eq!(message(1.0, 0.0, 0.1), "input is 0; it must be of magnitude between 1e-100 and 1e100");
    assert_eq!(message(1.0, 1.0, 0.0), "regularisation / |input| is 0; it must be between 1e-3 and 1e2");
    assert!(TwoWeightNetwork::new(bath(1.0), f64::NAN, 0.1).is_err());
    let network = TwoWeightNetwork::new(bath(1.0), -2.0, 0.1).unwrap();
    assert!(network.overlap_limits(f64::NAN).is_err() && network.overlap_limits(-1.0).is_err());
}

proptest! {
    /// Virial of both weights, balance between them, and both marginals of one mass.
    #[test]
    fn identities_hold_over_the_domain(log_beta in -2.0..5.0_f64, log_stiffness in -3.0..2.0_f64, log_input in -3.0..3.0_f64) {
        let (beta, input) = (10.0_f64.powf(log_beta), 10.0_f64.powf(log_input));
        let regularisation = 10.0_f64.powf(log_stiffness) * input;
        prop_assume!(COLD.contains(&(beta * 0.999)) && COLD.contains(&(beta * 1.001)));
        prop_assume!(STIFF.contains(&(0.999 * regularisation / input)) && STIFF.contains(&(1.001 * regularisation / input)));
        let network = network(beta, input, regularisation);
        let averages = network.averages().unwrap();
        for square in averages.squared_weights {
            // The pull is a difference of terms that may each be as large as lambda <w²>.
            let virial = regularisation * square - averages.pull;
            let scale = regularisation * square + network.thermal_energy();
            prop_assert!((virial - network.thermal_energy()).abs() < 1e-12 * scale, "{virial:e} {averages:?}");
        }
        let scaled = network.scaled;
        let mass = |density: &dyn Fn(f64) -> f64| {
            quadrature::total(&quadrature::resolve(&scaled.two_sided_breaks(), |a| [density(a)]).unwrap())[0]
        };
        let (first, second) = (mass(&|a| scaled.first_density(a)), mass(&|b| scaled.second_density(b)));
        prop_assert!((first / second - 1.0).abs() < 1e-12, "{first:e} {second:e}");
    }
}

#[test]
fn the_scaled_error_function_is_smooth_at_its_joint() {
    assert_relative_eq!(scaled_erfc(25.0 - 1e-13), scaled_erfc(25.0), max_relative = 1e-14);
    assert_relative_eq!(scaled_erfc(0.5), 0.615_690_344_192_925_9, max_relative = 1e-14);
}
