//! The sampler follows the exact law of its steps in a quadratic well, and was given the parameters it has.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use foreign_integrator::Sgld;
use glassbox_oracle::inference::{LinearFit, Model, Parameter, StatedParameters, Transitions};
use glassbox_oracle::laws::QuadraticWell;
use glassbox_oracle::verdict::{Budget, DisplacementChecks, Outcome, Verdict, assert_consistent};
use glassbox_oracle::{Bath, Clock, Scheme};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// Loss of a weight: `k w²/2`.
const STIFFNESS: f64 = 2.0;
const START: f64 = 0.3;
const WEIGHTS: usize = 2_000;
const REPLICAS: usize = 256;
const STEPS: u64 = 20;
const SEED: u64 = 7;

fn sampler() -> Sgld {
    Sgld::new(1e-3, 50.0, 1.0)
}

/// The parameters in glassbox's terms: `w ← w − mu dt ∇L + √(2 mu T dt / P_D) ξ` with `dt = 1`, so that `mu = eps N/2`,
/// `T = 1/beta` and `P_D = N`.
fn stated(sampler: &Sgld) -> StatedParameters {
    StatedParameters {
        mobility: Some(0.5 * sampler.step_size * sampler.data_count),
        temperature: Some(1.0 / sampler.inverse_temperature),
        dataset_size: Some(sampler.data_count),
        stiffness: Some(STIFFNESS),
        step: Some(1.0),
    }
}

fn law(sampler: &Sgld) -> QuadraticWell {
    let stated = stated(sampler);
    let bath = Bath::new(stated.mobility.unwrap(), stated.temperature.unwrap(), stated.dataset_size.unwrap());
    QuadraticWell::new(bath.unwrap(), STIFFNESS, Clock::steps(1.0).unwrap())
        .unwrap()
        .from_fixed(START)
        .unwrap()
}

/// Displacements of all weights of all replicas, and the transitions of each replica.
fn simulate(sampler: &Sgld) -> (Vec<f64>, Vec<Transitions>) {
    let replica = |replica: usize| {
        let mut random = StdRng::seed_from_u64(SEED + replica as u64);
        let mut weights = vec![START; WEIGHTS];
        let mut transitions = Transitions::new();
        for _ in 0..STEPS {
            let before = weights.clone();
            sampler.step(&mut weights, |weight| STIFFNESS * weight, &mut random);
            transitions.add(1, &before, &weights).unwrap();
        }
        (weights.into_iter().map(|weight| weight - START).collect::<Vec<f64>>(), transitions)
    };
    let (displacements, transitions): (Vec<_>, Vec<_>) = (0..REPLICAS).map(replica).unzip();
    (displacements.concat(), transitions)
}

fn verdicts(name: &str, sampler: &Sgld) -> Vec<Verdict> {
    let law = law(&self::sampler());
    let checks = DisplacementChecks::of_law(name, &law, STEPS as f64, SEED).unwrap().with_half_width(0.3);
    // A correct sampler fails this test, on any seed, with probability 1e-6.
    Budget::new(1e-6).unwrap().judge(checks.check(&simulate(sampler).0).unwrap())
}

#[test]
fn displacements_follow_the_law_of_the_steps() {
    assert_consistent(&verdicts("SGLD, 20 steps", &sampler()));
}

/// The trajectory says what it was made with. The intervals cover the truth with 1 − 1e-6 each: two of them miss it, on
/// any seed, with probability 2e-6.
#[test]
fn its_parameters_are_those_it_was_given() {
    let sampler = sampler();
    let fit = LinearFit::new(&simulate(&sampler).1, Model::Well(Scheme::EulerMaruyama)).unwrap();
    let open = StatedParameters { temperature: None, stiffness: None, ..stated(&sampler) };
    for found in open.solve(&fit).unwrap() {
        let truth = stated(&sampler).get(found.parameter).unwrap();
        let (low, high) = found.estimate.interval(1.0 - 1e-6).unwrap();
        assert!((low..high).contains(&truth), "{}: {low} to {high}, given {truth}", found.parameter);
        // And they are narrow enough to be worth something.
        assert!(high - low < 0.05 * truth, "{}: {low} to {high}", found.parameter);
    }
}

/// What a mistake looks like: without the ½ the drift is doubled, and the report says so in the user's terms.
#[test]
fn a_forgotten_half_is_found_and_named() {
    let broken = Sgld { drift_factor: 1.0, ..sampler() };
    let verdicts = verdicts("SGLD without its half, 20 steps", &broken);
    let moment = &verdicts[0];
    assert_eq!(moment.outcome, Outcome::Inconsistent);
    let stiffness =
        moment.parameter_deviations.iter().find(|one| one.parameter == Parameter::Stiffness).unwrap();
    // A measurement of 5 million moves is within 1 % of the truth at far more than six standard errors.
    assert!((stiffness.factor.value - 2.0).abs() < 6.0 * stiffness.factor.standard_error, "{moment}");
    // The whole trajectory knows more: of all single parameters only the stiffness explains it.
    let fit = LinearFit::new(&simulate(&broken).1, Model::Well(Scheme::EulerMaruyama)).unwrap();
    for explanation in stated(&broken).explanations(&fit).unwrap() {
        let explains = explanation.remainder_p_value.unwrap() > 1e-6;
        assert_eq!(explains, explanation.parameter == Parameter::Stiffness, "{explanation:?}");
    }
}
