//! The size of every test, measured: how often correct simulations fail it.
//!
//! Each run simulates correct Langevin dynamics under a seed of its own and makes every test. A test whose p-value is
//! exact must fail a share α of the runs at every α; one whose p-value is a bound must fail at most that. The counts are
//! binomial, so the experiment is itself a set of checks with one false-alarm budget, reported like any other.

mod correlated;
mod independent;
mod rate;
mod series;

pub use rate::Claim;

use crate::suite::{Progress, SuiteError};
use glassbox_oracle::verdict::{Budget, Evidence};
use glassbox_reports::{Report, Run, Section};
use glassbox_simulations::ensemble::Replicas;
use rate::Tally;

/// The significance levels at which alarms are counted.
pub const LEVELS: [f64; 3] = [0.05, 0.01, 0.001];

/// Alarms that a level must let expect to be judged: with fewer, twice as many would not be seen at a budget of 1e-6.
const EXPECTED_ALARMS: f64 = 80.0;

/// A size experiment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experiment {
    /// Simulations of each kind: 10,000 show rates at p < 0.01, 100,000 at p < 0.001.
    pub runs: u64,
    /// Seed of the first; the others follow from it.
    pub seed: u64,
    /// Probability that the experiment finds a wrong rate where all are right.
    pub budget: Budget,
}

/// The p-value of one test in one run, and what is claimed about it.
pub(crate) struct Trial {
    test: &'static str,
    claim: Claim,
    p_value: f64,
}

impl Trial {
    /// From the evidence of a test of correct data; evidence without a p-value counts as an alarm.
    pub(crate) fn new(test: &'static str, claim: Claim, evidence: &Evidence) -> Self {
        Self { test, claim, p_value: evidence.p_value.filter(|p_value| p_value.is_finite()).unwrap_or(0.0) }
    }
}

/// The records of replicas that cannot diverge: the steps are stable.
pub(crate) fn completed<T>(replicas: &Replicas<T>) -> Result<Vec<&T>, SuiteError> {
    replicas.completed().map_err(|diverged| SuiteError::Unexpected(diverged.to_string()))
}

/// A kind of correct data, and the tests made on it.
struct Kind {
    id: &'static str,
    title: &'static str,
    statement: &'static str,
    trials: fn(u64) -> Result<Vec<Trial>, SuiteError>,
}

const KINDS: [Kind; 3] = [independent::KIND, correlated::KIND, series::KIND];

impl Experiment {
    /// Runs it; the same experiment gives the same report for any number of threads. `command` repeats it.
    ///
    /// # Errors
    /// [`SuiteError`] where a simulation or a test cannot be made.
    pub fn run(&self, command: &str, progress: &dyn Progress) -> Result<Report, SuiteError> {
        let mut sections = Vec::new();
        for kind in &KINDS {
            progress.begin(kind.title, self.runs);
            let mut tally = Tally::default();
            tally.fill(self.runs, |run| (kind.trials)(self.seed_of(kind.id, run)), progress)?;
            sections.push((kind, tally.evidence(self.seed)?));
        }
        let all = sections.iter().flat_map(|(_, evidence)| evidence.clone()).collect();
        let mut verdicts = self.budget.judge(all).into_iter();
        let level = format!("{} runs of each kind", self.runs);
        let run = Run::new(env!("CARGO_PKG_VERSION"), command, level, self.seed, self.budget.total())?;
        let mut report = Report::new("False-alarm rates of the tests", run);
        for (kind, evidence) in &sections {
            let mut section = Section::new(kind.id, kind.title, kind.statement)?;
            section.verdicts.extend(verdicts.by_ref().take(evidence.len()));
            report = report.with_section(section);
        }
        report.validate()?;
        Ok(report)
    }

    fn seed_of(&self, kind: &str, run: u64) -> u64 {
        crate::suite::derived_seed(self.seed, &format!("{kind} {run}"))
    }
}
