//! In a well of any stiffness, at any stable step, from any start, Euler–Maruyama follows its exact step law.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::laws::QuadraticWell;
use glassbox::oracle::verdict::{Budget, Evidence, Outcome, kolmogorov_smirnov, location, second_moment};
use glassbox::oracle::{Bath, Clock, DisplacementLaw};
use glassbox::simulations::ensemble::Ensemble;
use glassbox::simulations::integrator::EulerMaruyama;
use glassbox::simulations::landscape::Quadratic;
use glassbox::simulations::observables::DisplacementRecorder;
use proptest::prelude::*;

const WEIGHTS: usize = 1000;

/// Cases of one run of this test.
const CASES: u32 = 40;

/// The share of one case: over all cases a correct program fails with probability 1e-6 at most, on any seed.
fn budget() -> Budget {
    Budget::new(1e-6 / f64::from(CASES)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn displacements_follow_the_step_law(
        rate in 0.001..1.99_f64,
        mobility_exponent in -3.0..0.0_f64,
        temperature_exponent in -6.0..1.0_f64,
        dt in prop::sample::select(vec![0.125, 0.5, 1.0, 4.0]),
        start in -3.0..3.0_f64,
        waiting_steps in 0_u64..20,
        lag_steps in 1_u64..40,
        seed in any::<u64>(),
    ) {
        let bath = Bath::new(10.0_f64.powf(mobility_exponent), 10.0_f64.powf(temperature_exponent), 100.0).unwrap();
        let stiffness = rate / (bath.mobility() * dt);
        let weight = start * (bath.thermal_energy() / stiffness).sqrt();
        let law = QuadraticWell::new(bath, stiffness, Clock::Steps { dt }).unwrap().from_fixed(weight).unwrap();
        let law = law.after_waiting(waiting_steps as f64 * dt).unwrap();
        let well = Quadratic::new(WEIGHTS, stiffness).unwrap();
        let replicas = Ensemble::new(&well, 20, seed).run(
            waiting_steps + lag_steps,
            |_| vec![weight; WEIGHTS],
            |_| EulerMaruyama::new(bath, dt).unwrap(),
            |_| DisplacementRecorder::new(waiting_steps, vec![lag_steps]),
        ).unwrap();
        let moved: Vec<f64> =
            replicas.completed().unwrap().iter().flat_map(|record| record.displacements[0].clone()).collect();
        let law = law.displacement(lag_steps as f64 * dt).unwrap();
        let evidence: Vec<Evidence> = vec![
            second_moment::check("mean squared displacement", seed, &moved, &law).unwrap(),
            location::mean("mean", seed, &moved, &law).unwrap(),
            kolmogorov_smirnov::check("distribution", seed, &moved, &law).unwrap(),
        ];
        for verdict in budget().judge(evidence) {
            prop_assert!(verdict.outcome != Outcome::Inconsistent, "{verdict:#?}");
        }
    }
}
