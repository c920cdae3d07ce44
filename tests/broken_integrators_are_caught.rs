//! The checks can fail: integrators with one realistic fault each are found inconsistent, the correct one is not.
//!
//! A fault that shifts a checked quantity by the practical tolerance is found in at least 99 of 100 runs (that is what
//! "smallest visible" means); the faults here shift several by more, so that no seed is expected to miss them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::mutants::{DriftFault, Fault, FaultyIntegrator, NoiseFault, Regularised, TimeFault};
use glassbox::oracle::verdict::Outcome;
use glassbox::simulations::integrator::{Integrator, State};
use glassbox::simulations::noise::NoiseStream;
use glassbox::suite::{Findings, Level, Settings, Silent, free_diffusion, quadratic_well};

/// Right but for replica 2, which leaves all bounds at its fourth step: no fault of [`glassbox::mutants`], whose every run
/// has an end.
#[derive(Clone)]
struct Diverging(FaultyIntegrator);

impl<L: Regularised> Integrator<L> for Diverging {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        self.0.step(landscape, noise, state);
        if state.step == 3 && noise.replica() == 2 {
            state.weights.fill(f64::INFINITY);
        }
    }
}

fn settings() -> Settings {
    Settings::new(Level::Quick, 11).unwrap()
}

fn on_free_diffusion(fault: Fault) -> Findings {
    let bath = free_diffusion::bath().unwrap();
    free_diffusion::run_with(&settings(), &Silent, |_| FaultyIntegrator::new(fault, bath, 5)).unwrap()
}

fn on_wells(fault: Fault) -> Findings {
    quadratic_well::run_with(&settings(), &Silent, |bath| Ok(FaultyIntegrator::new(fault, bath, 5))).unwrap()
}

/// The names of the checks that failed.
fn caught(findings: &Findings) -> Vec<String> {
    let verdicts = findings.judge(&settings().budget);
    verdicts
        .into_iter()
        .filter(|verdict| verdict.outcome == Outcome::Inconsistent)
        .map(|verdict| verdict.name)
        .collect()
}

fn assert_caught_by(findings: &Findings, check: &str) {
    let caught = caught(findings);
    assert!(caught.iter().any(|name| name.contains(check)), "not caught by \"{check}\", only by {caught:#?}");
}

#[test]
fn the_correct_integrator_passes() {
    // False-alarm probability of each of the two: at most the budget, 1e-6.
    for findings in [on_free_diffusion(Fault::None), on_wells(Fault::None)] {
        let verdicts = findings.judge(&settings().budget);
        let others: Vec<_> =
            verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Consistent).collect();
        assert!(others.is_empty(), "{others:#?}");
    }
}

#[test]
fn noise_variance_off_by_two_percent() {
    assert_caught_by(
        &on_free_diffusion(Fault::Noise(NoiseFault::Variance(1.02))),
        "mean squared displacement",
    );
    assert_caught_by(
        &on_free_diffusion(Fault::Noise(NoiseFault::Variance(0.98))),
        "mean squared displacement",
    );
}

#[test]
fn missing_factor_two() {
    assert_caught_by(&on_free_diffusion(Fault::Noise(NoiseFault::Variance(0.5))), "overlap");
}

#[test]
fn missing_dataset_size() {
    assert_caught_by(&on_free_diffusion(Fault::Noise(NoiseFault::NoDatasetSize)), "Kolmogorov");
}

#[test]
fn noise_reused_in_every_step() {
    let findings = on_free_diffusion(Fault::Noise(NoiseFault::SameEveryStep));
    assert_caught_by(&findings, "10 steps: mean squared displacement");
    // One step alone cannot show it.
    assert!(!caught(&findings).iter().any(|name| name.contains(", 1 step:")));
}

#[test]
fn the_same_noise_in_all_replicas() {
    assert_caught_by(&on_free_diffusion(Fault::Noise(NoiseFault::SameEveryReplica)), "independence");
}

#[test]
fn doubled_drift() {
    assert_caught_by(&on_wells(Fault::Drift(DriftFault::Factor(2.0))), "kappa dt = 0.37, stationary");
}

#[test]
fn gradient_one_step_stale() {
    assert_caught_by(&on_wells(Fault::Drift(DriftFault::Stale)), "kappa dt = 0.37, stationary");
}

#[test]
fn a_diverged_replica_fails_the_experiment_by_name() {
    let bath = free_diffusion::bath().unwrap();
    let diverging = |_| Diverging(FaultyIntegrator::new(Fault::None, bath, 5));
    let findings = free_diffusion::run_with(&settings(), &Silent, diverging).unwrap();
    let verdicts = findings.judge(&settings().budget);
    assert_eq!(verdicts.len(), 1);
    assert_eq!(
        (verdicts[0].outcome, verdicts[0].reason.as_str()),
        (Outcome::Inconsistent, "replica 2 diverged at step 4")
    );
}

/// A run in which nothing moves at first is inconsistent, and no error of the suite.
#[test]
fn an_experiment_that_stands_still_fails_by_name() {
    let verdicts = on_free_diffusion(Fault::Time(TimeFault::OneStepFewer)).judge(&settings().budget);
    let failed = verdicts.iter().find(|verdict| verdict.name == "free diffusion, 1 step").unwrap();
    assert_eq!(failed.outcome, Outcome::Inconsistent);
}
