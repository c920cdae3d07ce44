//! What a user chooses about a run of the suite.

use glassbox_oracle::OracleError;
use glassbox_oracle::verdict::Budget;
use std::fmt;

/// How thorough the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Biases of 2 % are seen; under two minutes on two cores.
    Quick,
    /// Biases of 1 % are seen; four times the work.
    Full,
}

impl Level {
    /// How many times the replicas of a quick run.
    #[must_use]
    pub const fn replica_factor(self) -> u32 {
        match self {
            Level::Quick => 1,
            Level::Full => 4,
        }
    }

    /// What counts as a practical deviation, relative to what it is at the quick level. Standard errors shrink with
    /// the square root of the replicas.
    #[must_use]
    pub fn tolerance_factor(self) -> f64 {
        1.0 / f64::from(self.replica_factor()).sqrt()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Level::Quick => "quick",
            Level::Full => "full",
        })
    }
}

/// Level, seed and false-alarm budget of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How thorough.
    pub level: Level,
    /// Seed of all noise; each experiment derives its own from it.
    pub seed: u64,
    /// Probability that a correct program fails any statistical check of the run.
    pub budget: Budget,
    /// Round of a sequential run, from 1: each has four times the replicas of the one before, those included.
    pub round: u32,
}

impl Settings {
    /// The default budget of a run: one false alarm in a million.
    pub const DEFAULT_BUDGET: f64 = 1e-6;

    /// Settings with the default budget.
    ///
    /// # Errors
    /// Never in practice; the error of [`Budget::new`].
    pub fn new(level: Level, seed: u64) -> Result<Self, OracleError> {
        Ok(Self { level, seed, budget: Budget::new(Self::DEFAULT_BUDGET)?, round: 1 })
    }

    /// How many times the replicas of a quick run of one round.
    #[must_use]
    pub const fn replica_factor(&self) -> u32 {
        self.level.replica_factor().saturating_mul(4_u32.saturating_pow(self.round.saturating_sub(1)))
    }

    /// What counts as a practical deviation, relative to what it is at the quick level. Further rounds see smaller
    /// deviations; what matters stays as it is.
    #[must_use]
    pub fn tolerance_factor(&self) -> f64 {
        self.level.tolerance_factor()
    }

    /// Seed of one experiment: different for every `experiment` name, so that experiments share no noise.
    #[must_use]
    pub fn seed_of(&self, experiment: &str) -> u64 {
        derived_seed(self.seed, experiment)
    }
}

/// A seed that depends on every bit of `seed` and of the name: FNV-1a over the name, then the finaliser of SplitMix64.
pub(crate) fn derived_seed(seed: u64, name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut z = hash.wrapping_add(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn experiments_and_seeds_have_their_own_noise() {
        let settings = |seed| Settings::new(Level::Quick, seed).unwrap();
        assert_ne!(settings(1).seed_of("a"), settings(1).seed_of("b"));
        assert_ne!(settings(1).seed_of("a"), settings(2).seed_of("a"));
        assert_eq!(settings(1).seed_of("a"), settings(1).seed_of("a"));
    }
}
