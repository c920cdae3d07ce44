//! A detection rate and its confidence interval.

use glassbox_oracle::tail_probability::binomial_interval;
use serde::{Deserialize, Serialize};

/// How many of some runs a check caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Runs in which it did.
    pub caught: u32,
    /// All runs.
    pub runs: u32,
}

impl Rate {
    /// The rate; NaN without runs.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.caught) / f64::from(self.runs)
    }

    /// The interval that covers the true rate with a probability of at least 95 % (Clopper and Pearson, Biometrika 26,
    /// 404 (1934)).
    ///
    /// ```
    /// use glassbox::certificate::Rate;
    /// // Ten of ten: the rate is at least 69 %.
    /// let (low, high) = Rate { caught: 10, runs: 10 }.interval();
    /// assert!((low - 0.6915).abs() < 1e-4 && high == 1.0);
    /// ```
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        binomial_interval(u64::from(self.caught), u64::from(self.runs), 0.95)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn intervals_of_the_tables() {
        // 0.025^{1/n} where all were caught; 4 of 10 from the tables of Clopper and Pearson.
        assert_relative_eq!(
            Rate { caught: 5, runs: 5 }.interval().0,
            0.025_f64.powf(0.2),
            max_relative = 1e-6
        );
        let (low, high) = Rate { caught: 4, runs: 10 }.interval();
        assert_relative_eq!(low, 0.121_552, max_relative = 1e-4);
        assert_relative_eq!(high, 0.737_622, max_relative = 1e-4);
        let (low, high) = Rate { caught: 0, runs: 20 }.interval();
        assert_eq!(low, 0.0);
        assert_relative_eq!(high, 1.0 - 0.025_f64.powf(0.05), max_relative = 1e-6);
    }
}
