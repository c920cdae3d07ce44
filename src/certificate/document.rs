//! The certificate itself, and its JSON form.

use super::{CheckKind, Experiment, Rate, Trial};
use serde::Serialize;
use std::collections::BTreeMap;

/// Name and version of the JSON form.
pub(super) const SCHEMA: &str = "glassbox-certificate/1";

/// Detection rates of all mutants.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Certificate {
    /// `glassbox-certificate/1`.
    pub schema: &'static str,
    /// Version of glassbox.
    pub version: &'static str,
    /// Level of the sections: "quick" or "full".
    pub level: String,
    /// Runs of each mutant.
    pub repetitions: u32,
    /// Seed of the first.
    pub seed: u64,
    /// False-alarm budget of a whole run of the suite.
    pub false_alarm_budget: f64,
    /// The part of it that one check has.
    pub share: f64,
    /// The mutants, in order.
    pub rows: Vec<Row>,
}

/// What became of one mutant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub mutant: &'static str,
    /// What is wrong with it.
    pub description: &'static str,
    /// Whether it is the correct program, which must never be caught.
    pub correct: bool,
    /// Runs in which any check was inconsistent.
    pub any: Detection,
    /// The same for each kind of check that was made.
    pub by_kind: BTreeMap<CheckKind, Detection>,
    /// With how many times the replicas of this level its best check would find it in 99 of 100 runs, from the mean effect
    /// over the runs; `None` where no effect is four standard errors from none, and for
    /// the correct program.
    pub replicas_needed: Option<f64>,
    /// That check.
    pub best_check: Option<String>,
}

/// A rate with the interval that covers it with 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Detection {
    /// Counts.
    #[serde(flatten)]
    pub rate: Rate,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl From<Rate> for Detection {
    fn from(rate: Rate) -> Self {
        let (low, high) = rate.interval();
        Self { rate, low, high }
    }
}

impl Certificate {
    pub(super) fn new(experiment: &Experiment, trials: &[Trial]) -> Self {
        let row = |mutant: &&'static crate::mutants::Mutant| {
            let of_mutant: Vec<&Trial> = trials.iter().filter(|trial| trial.mutant == mutant.id).collect();
            let runs_with = |holds: &dyn Fn(&Trial) -> bool| {
                let of_run = |run: u32| of_mutant.iter().any(|trial| trial.repetition == run && holds(trial));
                u32::try_from((0..experiment.repetitions).filter(|run| of_run(*run)).count())
                    .unwrap_or(u32::MAX)
            };
            let runs = experiment.repetitions;
            let mut by_kind = BTreeMap::new();
            for kind in CheckKind::ALL {
                let caught = runs_with(&|trial| trial.caught.contains(&kind));
                // A run that diverges has no other checks.
                let made = runs_with(&|trial| trial.made.contains(&kind));
                if made > 0 {
                    by_kind.insert(kind, Detection::from(Rate { caught, runs: made }));
                }
            }
            let correct = mutant.fault == crate::mutants::Fault::None;
            let best = if correct { None } else { best_check(&of_mutant) };
            Row {
                mutant: mutant.id,
                description: mutant.description,
                correct,
                any: Rate { caught: runs_with(&|trial| !trial.caught.is_empty()), runs }.into(),
                by_kind,
                replicas_needed: best.as_ref().map(|(_, factor)| *factor),
                best_check: best.map(|(check, _)| check),
            }
        };
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            level: experiment.level.to_string(),
            repetitions: experiment.repetitions,
            seed: experiment.seed,
            false_alarm_budget: experiment.budget.total(),
            share: experiment.share(),
            rows: experiment.mutants.iter().map(row).collect(),
        }
    }

    /// Whether every mutant was caught in every run and the correct program in none.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.any.rate.caught == if row.correct { 0 } else { row.any.rate.runs })
    }
}

/// Standard errors between an effect and none, for the effect to be one.
const CLEAR: f64 = 4.0;

/// Standard errors in the smallest visible effect at shares near 1e-9: 6.0 for the decision and 2.3 for the power.
const VISIBLE: f64 = 8.3;

/// The statistical check that needs the fewest replicas, with their number in units of the level's.
fn best_check(trials: &[&Trial]) -> Option<(String, f64)> {
    let mut sums: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
    for trial in trials {
        for (check, (effect, detectable)) in &trial.effects {
            let sum = sums.entry(check).or_default();
            *sum = (sum.0 + 1.0, sum.1 + effect, sum.2 + detectable);
        }
    }
    let clear = sums.into_iter().filter_map(|(check, (runs, effect, detectable))| {
        let (effect, detectable) = ((effect / runs).abs(), detectable / runs);
        let standard_error = detectable / VISIBLE / runs.sqrt();
        (effect > CLEAR * standard_error).then(|| (check.to_owned(), (detectable / effect).powi(2)))
    });
    clear.min_by(|one, other| one.1.total_cmp(&other.1))
}
