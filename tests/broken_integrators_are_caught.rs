//! The checks can fail: integrators with one realistic fault each are found inconsistent, the correct one is not.
//!
//! A fault that shifts a checked quantity by the practical tolerance is found in at least 99 of 100 runs (that is what
//! "smallest visible" means); the faults here shift several by more, so that no seed is expected to miss them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::Bath;
use glassbox::oracle::verdict::Outcome;
use glassbox::simulations::integrator::{Integrator, State};
use glassbox::simulations::landscape::Landscape;
use glassbox::simulations::noise::{NoiseStream, Purpose};
use glassbox::suite::{Findings, Level, Settings, Silent, free_diffusion, quadratic_well};

/// What is wrong with the integrator.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    NoiseVarianceTwoPercentHigh,
    NoiseVarianceTwoPercentLow,
    NoFactorTwo,
    NoDatasetSize,
    DoubledDrift,
    SameNoiseEveryStep,
    SameNoiseEveryReplica,
    StaleGradient,
    Diverges,
}

#[derive(Clone)]
struct Faulty {
    fault: Fault,
    bath: Bath,
    seed: u64,
    last_gradient: Option<Vec<f64>>,
}

impl Faulty {
    fn new(fault: Fault, bath: Bath, seed: u64) -> Self {
        Self { fault, bath, seed, last_gradient: None }
    }
}

impl<L: Landscape> Integrator<L> for Faulty {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        match self.fault {
            Fault::SameNoiseEveryStep => noise.gaussians(0, &mut state.noise),
            Fault::SameNoiseEveryReplica => {
                NoiseStream::new(self.seed, Purpose::Langevin, 0).gaussians(state.step, &mut state.noise);
            }
            _ => noise.gaussians(state.step, &mut state.noise),
        }
        let factor = match self.fault {
            Fault::NoiseVarianceTwoPercentHigh => 1.02,
            Fault::NoiseVarianceTwoPercentLow => 0.98,
            Fault::NoFactorTwo => 0.5,
            Fault::NoDatasetSize => self.bath.dataset_size(),
            Fault::Diverges if state.step == 3 && noise.replica() == 2 => f64::INFINITY,
            _ => 1.0,
        };
        let amplitude = (factor * self.bath.noise_variance(1.0)).sqrt();
        let drift = if self.fault == Fault::DoubledDrift { 2.0 } else { 1.0 } * self.bath.mobility();
        let stale = self.last_gradient.replace(state.gradient.clone());
        let gradient = match stale {
            Some(stale) if self.fault == Fault::StaleGradient => stale,
            _ => state.gradient.clone(),
        };
        for ((weight, slope), noise) in state.weights.iter_mut().zip(&gradient).zip(&state.noise) {
            *weight += amplitude * noise - drift * slope;
        }
    }
}

fn settings() -> Settings {
    Settings::new(Level::Quick, 11).unwrap()
}

fn on_free_diffusion(fault: Fault) -> Findings {
    let bath = free_diffusion::bath().unwrap();
    free_diffusion::run_with(&settings(), &Silent, |_| Faulty::new(fault, bath, 5)).unwrap()
}

fn on_wells(fault: Fault) -> Findings {
    quadratic_well::run_with(&settings(), &Silent, |bath| Ok(Faulty::new(fault, bath, 5))).unwrap()
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
    assert_caught_by(&on_free_diffusion(Fault::NoiseVarianceTwoPercentHigh), "mean squared displacement");
    assert_caught_by(&on_free_diffusion(Fault::NoiseVarianceTwoPercentLow), "mean squared displacement");
}

#[test]
fn missing_factor_two() {
    assert_caught_by(&on_free_diffusion(Fault::NoFactorTwo), "overlap");
}

#[test]
fn missing_dataset_size() {
    assert_caught_by(&on_free_diffusion(Fault::NoDatasetSize), "Kolmogorov");
}

#[test]
fn noise_reused_in_every_step() {
    let findings = on_free_diffusion(Fault::SameNoiseEveryStep);
    assert_caught_by(&findings, "10 steps: mean squared displacement");
    // One step alone cannot show it.
    assert!(!caught(&findings).iter().any(|name| name.contains(", 1 step:")));
}

#[test]
fn the_same_noise_in_all_replicas() {
    assert_caught_by(&on_free_diffusion(Fault::SameNoiseEveryReplica), "independence");
}

#[test]
fn doubled_drift() {
    assert_caught_by(&on_wells(Fault::DoubledDrift), "kappa dt = 0.37, stationary");
}

#[test]
fn gradient_one_step_stale() {
    assert_caught_by(&on_wells(Fault::StaleGradient), "kappa dt = 0.37, stationary");
}

#[test]
fn a_diverged_replica_fails_the_experiment_by_name() {
    let findings = on_free_diffusion(Fault::Diverges);
    let verdicts = findings.judge(&settings().budget);
    assert_eq!(verdicts.len(), 1);
    assert_eq!(
        (verdicts[0].outcome, verdicts[0].reason.as_str()),
        (Outcome::Inconsistent, "replica 2 diverged at step 4")
    );
}
