//! Counts of alarms against the rate that a test claims.

use super::{EXPECTED_ALARMS, LEVELS, Trial};
use crate::suite::{Progress, SuiteError};
use glassbox_oracle::verdict::{Evidence, VerdictError, alarm_rate};
use rayon::prelude::*;

/// What a test says about its p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Claim {
    /// Uniform under the law: a share α of correct runs lies below α.
    Exact,
    /// An upper bound: at most a share α lies below α.
    Bound,
    /// An approximation: at most this many times α lies below α.
    Within(f64),
}

/// Alarms of every test at every level, in the order of the tests.
#[derive(Default)]
pub(super) struct Tally {
    rows: Vec<Row>,
    runs: u64,
}

struct Row {
    test: &'static str,
    claim: Claim,
    alarms: [u64; LEVELS.len()],
}

/// Runs between two additions: bounds the memory of the trials.
const BATCH: u64 = 256;

impl Tally {
    /// Adds the trials of all runs, which may be made in any order: counts do not depend on it.
    pub(super) fn fill(
        &mut self,
        runs: u64,
        trials: impl Fn(u64) -> Result<Vec<Trial>, SuiteError> + Sync,
        progress: &dyn Progress,
    ) -> Result<(), SuiteError> {
        let mut first = 0;
        while first < runs {
            let end = runs.min(first + BATCH);
            let batch: Result<Vec<Vec<Trial>>, SuiteError> =
                (first..end).into_par_iter().map(&trials).collect();
            batch?.iter().for_each(|trials| self.add(trials));
            progress.advance(end - first);
            first = end;
        }
        Ok(())
    }

    fn add(&mut self, trials: &[Trial]) {
        if self.rows.is_empty() {
            let row = |trial: &Trial| Row { test: trial.test, claim: trial.claim, alarms: [0; LEVELS.len()] };
            self.rows = trials.iter().map(row).collect();
        }
        for (row, trial) in self.rows.iter_mut().zip(trials) {
            for (alarms, level) in row.alarms.iter_mut().zip(LEVELS) {
                *alarms += u64::from(trial.p_value < level);
            }
        }
        self.runs += 1;
    }

    /// One check a test and level.
    pub(super) fn evidence(&self, seed: u64) -> Result<Vec<Evidence>, VerdictError> {
        let mut evidence = Vec::new();
        for row in &self.rows {
            for (alarms, level) in row.alarms.iter().zip(LEVELS) {
                if level * (self.runs as f64) < EXPECTED_ALARMS {
                    continue;
                }
                let (claimed, rate, at_most) = match row.claim {
                    Claim::Exact => (String::new(), level, false),
                    Claim::Bound => (" (bound)".to_owned(), level, true),
                    Claim::Within(factor) => (format!(" (within {factor} times)"), factor * level, true),
                };
                let name = format!("{}, at p < {level}{claimed}", row.test);
                evidence.push(alarm_rate::check(name, seed, *alarms, self.runs, rate, at_most)?);
            }
        }
        Ok(evidence)
    }
}
