//! The closed forms of every scheme against the general solver, which is given the update equations stage by stage and
//! knows nothing of retentions and noise gains.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_oracle::laws::{LinearRecursion, QuadraticWell, StationaryWell};
use glassbox_oracle::{Bath, Clock, DisplacementLaw, Scheme};
use proptest::prelude::*;

/// The weight; a slope; a predicted weight or the noise of the next step; the noise of this step.
type Recursion = LinearRecursion<4>;
const NO_NOISE: [[f64; 4]; 4] = [[0.0; 4]; 4];

/// The identity with one row replaced: `x_row = Σ entries · x`.
fn setting(row: usize, entries: [f64; 4]) -> [[f64; 4]; 4] {
    let mut matrix = [[0.0; 4]; 4];
    for (index, entries) in matrix.iter_mut().enumerate() {
        entries[index] = 1.0;
    }
    matrix[row] = entries;
    matrix
}

fn fresh(row: usize) -> [[f64; 4]; 4] {
    let mut noise = NO_NOISE;
    noise[row][row] = 1.0;
    noise
}

/// One step with `h = mu k dt` and noise of standard deviation `sigma`, written as the scheme writes it.
fn recursion(scheme: Scheme, h: f64, sigma: f64) -> Recursion {
    let draw = (setting(3, [0.0; 4]), fresh(3));
    let slope = (setting(1, [h, 0.0, 0.0, 0.0]), NO_NOISE);
    let stages = match scheme {
        Scheme::EulerMaruyama => vec![
            draw,
            slope,
            (setting(0, [1.0, -1.0, 0.0, sigma]), NO_NOISE),
            // Not used: forgotten, since what stays for ever has no stationary state.
            (setting(2, [0.0; 4]), NO_NOISE),
        ],
        Scheme::Heun => vec![
            draw,
            slope,
            (setting(2, [1.0, -1.0, 0.0, sigma]), NO_NOISE),
            // The corrector: half of each slope.
            (setting(0, [1.0, -0.5, 0.0, sigma]), NO_NOISE),
            (setting(1, [0.0, 0.0, h, 0.0]), NO_NOISE),
            (setting(0, [1.0, -0.5, 0.0, 0.0]), NO_NOISE),
        ],
        Scheme::LeimkuhlerMatthews => vec![
            // What was the noise of the next step is now that of this one.
            (setting(3, [0.0, 0.0, 1.0, 0.0]), NO_NOISE),
            (setting(2, [0.0; 4]), fresh(2)),
            slope,
            (setting(0, [1.0, -1.0, 0.5 * sigma, 0.5 * sigma]), NO_NOISE),
        ],
        Scheme::ExactStep => unreachable!("it has no update in whole numbers of stages"),
    };
    let (first, rest) = stages.split_first().unwrap();
    let start = LinearRecursion::new(first.0, first.1, [1.0, 0.0, 0.0, 0.0], 1.0).unwrap();
    rest.iter().fold(start, |step, (matrix, noise)| step.followed_by(*matrix, *noise).unwrap())
}

/// Weight of `N(mean, deviation²)`, and for Leimkuhler–Matthews the fresh noise of step 0.
fn started(recursion: Recursion, mean: f64, deviation: f64) -> Recursion {
    let mut covariance = fresh(2);
    covariance[0][0] = deviation * deviation;
    recursion.from_gaussian([mean, 0.0, 0.0, 0.0], covariance).unwrap()
}

/// Closed forms keep 1e-13 of every term; terms of both signs (means, covariances) keep it of the largest.
fn close(got: f64, expected: f64, scale: f64) -> bool {
    (got - expected).abs() <= 1e-13 * expected.abs().max(scale)
}

const CHAINS: [Scheme; 3] = [Scheme::EulerMaruyama, Scheme::Heun, Scheme::LeimkuhlerMatthews];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn closed_forms_are_those_of_the_recursion(
        chain in 0_usize..3,
        h in prop_oneof![-0.05..2.2_f64, 0.999..1.001_f64, 1.999..2.001_f64, -1e-6..1e-6_f64],
        temperature in 0.0..3.0_f64,
        mean in -3.0..3.0_f64,
        deviation in 0.0..2.0_f64,
        waiting_steps in 0_u32..60,
        lag_steps in 0_u32..60,
    ) {
        let scheme = CHAINS[chain];
        let bath = Bath::new(1.0, temperature, 2.0).unwrap();
        let (waiting_time, lag) = (f64::from(waiting_steps), f64::from(lag_steps));
        let well = QuadraticWell::new(bath, h, Clock::steps(1.0).unwrap()).unwrap().integrated_by(scheme).unwrap();
        let well = well.from_gaussian(mean, deviation).unwrap().after_waiting(waiting_time).unwrap();
        let recursion = started(recursion(scheme, h, bath.noise_variance(1.0).sqrt()), mean, deviation);
        let recursion = recursion.after_waiting(waiting_time).unwrap();

        let (closed, solved) = (well.displacement(lag).unwrap(), recursion.displacement(lag).unwrap());
        // A mean or a variance that cancels is as right as the weights that it is a difference of.
        let weight = recursion.weight_mean(waiting_time).unwrap().abs();
        prop_assert!(close(closed.mean(), solved.mean(), 0.0) || (closed.mean() - solved.mean()).abs() < 1e-15 * weight);
        prop_assert!(close(closed.variance(), solved.variance(), 0.0), "{closed:?} {solved:?}");
        let time = waiting_time + lag;
        prop_assert!(close(well.weight_mean(time).unwrap(), recursion.weight_mean(time).unwrap(), 1e-15 * mean.abs()));
        let variance = recursion.weight_variance(time).unwrap();
        prop_assert!(close(well.weight_variance(time).unwrap(), variance, 0.0));
        let covariance = recursion.weight_covariance(waiting_time, lag).unwrap();
        let scale = (recursion.weight_variance(waiting_time).unwrap() * variance).sqrt();
        prop_assert!(close(well.weight_covariance(waiting_time, lag).unwrap(), covariance, scale));
    }

    #[test]
    fn stationary_states_are_those_of_the_recursion(
        chain in 0_usize..3,
        h in prop_oneof![0.001..1.999_f64, 0.999..1.001_f64],
        lag_steps in 1_u32..60,
    ) {
        let scheme = CHAINS[chain];
        let bath = Bath::new(1.0, 3.0, 2.0).unwrap();
        let well = StationaryWell::of_steps(bath, h, 1.0, scheme).unwrap();
        let recursion = recursion(scheme, h, 3.0_f64.sqrt()).from_stationary().unwrap();
        let lag = f64::from(lag_steps);
        prop_assert!(close(well.weight_variance(), recursion.weight_variance(0.0).unwrap(), 0.0));
        let covariance = recursion.weight_covariance(5.0, lag).unwrap();
        prop_assert!(close(well.weight_covariance(lag).unwrap(), covariance, well.weight_variance()));
        for lag in [lag, f64::INFINITY] {
            let (closed, solved) = (well.displacement(lag).unwrap(), recursion.displacement(lag).unwrap());
            prop_assert!(close(closed.variance(), solved.variance(), 0.0), "{closed:?} {solved:?}");
            prop_assert_eq!(solved.mean(), 0.0);
        }
    }
}

/// The temperature at which the overlap just reaches the level at its lowest lag: above it there is a relaxation time,
/// below there is none, also where steps overshoot.
#[test]
fn stationary_divergence_temperatures_hold_for_every_scheme() {
    for scheme in Scheme::ALL {
        for h in [0.1, 0.9, 1.3, 1.9] {
            let well = |temperature: f64| {
                StationaryWell::of_steps(Bath::new(1.0, temperature, 1.0).unwrap(), h, 1.0, scheme).unwrap()
            };
            let divergence = well(1.0).divergence_temperature(0.2, 0.9).unwrap();
            assert!(
                well(1.000_001 * divergence).relaxation_time(0.2, 0.9).unwrap().is_some(),
                "{scheme} {h}"
            );
            assert_eq!(well(0.999_999 * divergence).relaxation_time(0.2, 0.9).unwrap(), None, "{scheme} {h}");
        }
    }
}

#[test]
fn divergence_temperatures_from_a_start_hold_or_are_refused() {
    for scheme in Scheme::ALL {
        for h in [0.1, 0.9, 1.3] {
            let well = |temperature: f64| {
                let bath = Bath::new(1.0, temperature, 1.0).unwrap();
                let well = QuadraticWell::new(bath, h, Clock::steps(1.0).unwrap()).unwrap();
                let well = well.integrated_by(scheme).unwrap().from_gaussian(0.0, 0.05).unwrap();
                well.after_waiting(2.0).unwrap()
            };
            let overshoots = h > 1.0 && matches!(scheme, Scheme::EulerMaruyama | Scheme::LeimkuhlerMatthews);
            match well(1.0).divergence_temperature(0.2, 0.9) {
                Ok(divergence) => {
                    let divergence = divergence.unwrap();
                    assert!(!overshoots);
                    assert!(well(1.000_001 * divergence).relaxation_time(0.2, 0.9).unwrap().is_some());
                    assert_eq!(well(0.999_999 * divergence).relaxation_time(0.2, 0.9).unwrap(), None);
                }
                Err(error) => assert!(overshoots, "{error}"),
            }
        }
    }
}

/// On whole steps the exact step is the differential equation, whatever the step.
#[test]
fn exact_steps_are_continuous_time() {
    let bath = Bath::new(0.5, 1.3, 2.0).unwrap();
    for (stiffness, dt) in [(2.0, 0.25), (2.0, 8.0), (0.0, 1.0), (-0.1, 0.5), (1e-9, 1.0)] {
        let well =
            |clock| QuadraticWell::new(bath, stiffness, clock).unwrap().from_gaussian(0.7, 0.2).unwrap();
        let steps = well(Clock::steps(dt).unwrap()).integrated_by(Scheme::ExactStep).unwrap();
        let (steps, continuous) = (
            steps.after_waiting(3.0 * dt).unwrap(),
            well(Clock::Continuous).after_waiting(3.0 * dt).unwrap(),
        );
        for lag in [1.0, 2.0, 40.0] {
            let (a, b) = (steps.displacement(lag * dt).unwrap(), continuous.displacement(lag * dt).unwrap());
            assert!(close(a.mean(), b.mean(), 0.0) && close(a.variance(), b.variance(), 0.0), "{a:?} {b:?}");
        }
    }
}

#[test]
fn stability_limits_are_where_stationary_states_end() {
    let bath = Bath::new(1.0, 1.0, 1.0).unwrap();
    for scheme in Scheme::ALL {
        let stationary = |h: f64| StationaryWell::of_steps(bath, h, 1.0, scheme);
        assert!(stationary(1.999_999).is_ok() && stationary(-0.1).is_err() && stationary(0.0).is_err());
        let beyond = scheme.stability_limit() > 2.0;
        assert_eq!((stationary(2.0).is_ok(), stationary(2.1).is_ok()), (beyond, beyond), "{scheme}");
    }
    assert!(QuadraticWell::new(bath, 1.0, Clock::Continuous).unwrap().integrated_by(Scheme::Heun).is_err());
}
