//! Running mutants through the suite.

use super::{Certificate, CheckKind};
use crate::mutants::{Fault, FaultyIntegrator, GradientFault, Mutant, Place, faulty_gradient};
use crate::suite::{
    Findings, Level, Progress, STATISTICAL_CHECKS, Settings, Silent, SuiteError, algebra, balance,
    derived_seed, free_diffusion, network_limits, quadratic_well,
};
use glassbox_oracle::Bath;
use glassbox_oracle::verdict::{Budget, Evidence, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Which mutants, how often and how thoroughly.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// The mutants.
    pub mutants: Vec<&'static Mutant>,
    /// Level of the sections.
    pub level: Level,
    /// Runs of each mutant.
    pub repetitions: u32,
    /// Seed of the first; the others follow from it.
    pub seed: u64,
    /// False-alarm budget of a whole run of the suite.
    pub budget: Budget,
}

/// One mutant in one section on one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// The mutant.
    pub mutant: String,
    /// The section.
    pub place: String,
    /// Number of the repetition.
    pub repetition: u32,
    /// Kinds of the checks that were made.
    pub made: BTreeSet<CheckKind>,
    /// Kinds of which at least one check was inconsistent.
    pub caught: BTreeSet<CheckKind>,
    /// Effect of every statistical check, and the smallest that it finds in 99 of 100 runs.
    pub effects: BTreeMap<String, (f64, f64)>,
}

impl Experiment {
    /// The part of the budget that a whole run gives to one check.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.budget.share(STATISTICAL_CHECKS)
    }

    /// Runs what `done` does not hold yet and hands every trial to `keep` when it is there; returns the certificate of
    /// all.
    ///
    /// # Errors
    /// [`SuiteError`] where a section cannot run; the error of `keep`.
    pub fn run<E: From<SuiteError>>(
        &self,
        done: &[Trial],
        progress: &dyn Progress,
        mut keep: impl FnMut(&Trial) -> Result<(), E>,
    ) -> Result<Certificate, E> {
        let mut trials = Vec::new();
        for repetition in 0..self.repetitions {
            for mutant in &self.mutants {
                for place in mutant.places {
                    let same = |trial: &&Trial| {
                        trial.mutant == mutant.id
                            && trial.place == name(*place)
                            && trial.repetition == repetition
                    };
                    if let Some(trial) = done.iter().find(same) {
                        trials.push(trial.clone());
                        continue;
                    }
                    progress.begin(&format!("{}, {}, run {}", mutant.id, name(*place), repetition + 1), 1);
                    let trial = self.trial(mutant, *place, repetition)?;
                    keep(&trial)?;
                    trials.push(trial);
                    progress.advance(1);
                }
            }
        }
        Ok(Certificate::new(self, &trials))
    }

    fn trial(&self, mutant: &Mutant, place: Place, repetition: u32) -> Result<Trial, SuiteError> {
        let seed = derived_seed(self.seed, &format!("repetition {repetition}"));
        let settings = Settings { level: self.level, seed, budget: self.budget, round: 1 };
        let findings = findings(mutant.fault, place, &settings)?;
        let share = self.share();
        let (mut made, mut caught, mut effects) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        for evidence in findings.evidence {
            let kind = CheckKind::of(&evidence.name, evidence.failure.is_some());
            made.insert(kind);
            if let Some((name, effect)) = visible(&evidence, share) {
                effects.insert(name, effect);
            }
            let own_share = if evidence.p_value.is_some() { share } else { 0.0 };
            if evidence.judge(own_share).outcome == Outcome::Inconsistent {
                caught.insert(kind);
            }
        }
        let (mutant, place) = (mutant.id.to_owned(), name(place).to_owned());
        Ok(Trial { mutant, place, repetition, made, caught, effects })
    }
}

/// Name, effect and smallest visible effect of a check that has them.
fn visible(evidence: &Evidence, share: f64) -> Option<(String, (f64, f64))> {
    let detectable = evidence.sensitivity.detectable(share);
    let statistical = evidence.p_value.is_some() && evidence.effect.is_finite() && detectable.is_finite();
    // The pair that is most alike is another one in every run.
    let name = evidence.name.split(", most alike").next().unwrap_or_default();
    statistical.then(|| (name.to_owned(), (evidence.effect, detectable)))
}

/// The section with the fault in its integrator, or in its gradient.
fn findings(fault: Fault, place: Place, settings: &Settings) -> Result<Findings, SuiteError> {
    // A seed of its own for faults that mix up replicas.
    let seed = derived_seed(settings.seed, "mutant");
    let integrator = |bath: Bath| FaultyIntegrator::new(fault, bath, seed);
    match place {
        Place::FreeDiffusion => {
            let faulty = integrator(free_diffusion::bath()?);
            free_diffusion::run_with(settings, &Silent, |_| faulty.clone())
        }
        Place::QuadraticWell => quadratic_well::run_with(settings, &Silent, |bath| Ok(integrator(bath))),
        Place::NetworkLimits => network_limits::run_with(settings, &Silent, |bath| Ok(integrator(bath))),
        Place::Balance => balance::run_with(settings, &Silent, |bath| Ok(integrator(bath))),
        Place::Algebra => match fault {
            Fault::Gradient(fault) => with_gradient(fault, settings),
            _ => algebra::run(settings, &Silent),
        },
    }
}

fn with_gradient(fault: GradientFault, settings: &Settings) -> Result<Findings, SuiteError> {
    algebra::run_with(settings, &Silent, &|problem, weights, gradient| {
        faulty_gradient(fault, problem, weights, gradient)
    })
}

fn name(place: Place) -> &'static str {
    match place {
        Place::FreeDiffusion => "free diffusion",
        Place::QuadraticWell => "quadratic well",
        Place::NetworkLimits => "network limits",
        Place::Balance => "balance",
        Place::Algebra => "algebra",
    }
}
