//! Exact tails of the binomial distribution.

use super::{ln_gamma, root};

/// `P(X ≥ successes)` for `X ~ Binomial(trials, probability)`, exactly summed, accurate in far tails.
///
/// The terms fall geometrically away from the mean, so the sum runs outwards until it no longer changes.
#[must_use]
pub fn binomial_upper_tail(successes: u64, trials: u64, probability: f64) -> f64 {
    if successes == 0 {
        return 1.0;
    }
    if successes > trials || probability <= 0.0 {
        return 0.0;
    }
    if probability >= 1.0 {
        return 1.0;
    }
    let (n, odds) = (trials as f64, probability / (1.0 - probability));
    let mut k = successes as f64;
    // Below the mean the complement is the tail that falls.
    if k < n * probability {
        return 1.0 - binomial_upper_tail(trials - successes + 1, trials, 1.0 - probability);
    }
    let ln_first = ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)
        + k * probability.ln()
        + (n - k) * (-probability).ln_1p();
    let (mut term, mut sum) = (1.0, 1.0);
    while k < n && term > f64::EPSILON * sum * 1e-3 {
        term *= (n - k) / (k + 1.0) * odds;
        sum += term;
        k += 1.0;
    }
    ln_first.exp() * sum
}

/// Two-sided p-value: twice the smaller tail, at most 1.
pub(crate) fn binomial_two_sided_p_value(successes: u64, trials: u64, probability: f64) -> f64 {
    let upper = binomial_upper_tail(successes, trials, probability);
    let lower = binomial_upper_tail(trials - successes, trials, 1.0 - probability);
    (2.0 * upper.min(lower)).clamp(0.0, 1.0)
}

/// The interval that covers the probability behind `successes` of `trials` with at least `coverage` (Clopper and Pearson,
/// Biometrika 26, 404 (1934)); (0, 1) without trials, and NaN unless the coverage is above 0 and below 1.
#[must_use]
pub fn binomial_interval(successes: u64, trials: u64, coverage: f64) -> (f64, f64) {
    if !(coverage > 0.0 && coverage < 1.0) {
        return (f64::NAN, f64::NAN);
    }
    let tail = 0.5 * (1.0 - coverage);
    let lower = |successes: u64| {
        let most = successes as f64 / trials as f64;
        if successes == 0 {
            0.0
        } else {
            root(0.0, most, |p| binomial_upper_tail(successes, trials, p) - tail)
        }
    };
    let successes = successes.min(trials);
    (lower(successes), 1.0 - lower(trials - successes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn small_cases_by_hand() {
        assert_relative_eq!(binomial_upper_tail(2, 3, 0.5), 0.5, max_relative = 1e-14);
        assert_relative_eq!(binomial_upper_tail(1, 3, 0.1), 1.0 - 0.9_f64.powi(3), max_relative = 1e-14);
        assert_relative_eq!(binomial_upper_tail(3, 3, 0.1), 1e-3, max_relative = 1e-13);
        assert_eq!(binomial_upper_tail(0, 5, 0.3), 1.0);
        assert_relative_eq!(binomial_two_sided_p_value(0, 10, 0.5), 2.0 / 1024.0, max_relative = 1e-13);
    }

    /// 4 of 10 from the tables of Clopper and Pearson; all of n by hand.
    #[test]
    fn intervals_of_the_tables() {
        let (low, high) = binomial_interval(4, 10, 0.95);
        assert_relative_eq!(low, 0.121_552, max_relative = 1e-5);
        assert_relative_eq!(high, 0.737_622, max_relative = 1e-5);
        assert_relative_eq!(binomial_interval(5, 5, 0.95).0, 0.025_f64.powf(0.2), max_relative = 1e-12);
        assert_eq!(binomial_interval(0, 0, 0.95), (0.0, 1.0));
    }

    /// Second route: all terms, by plain recursion.
    #[test]
    #[allow(clippy::cast_possible_truncation, reason = "at most 1,000 trials")]
    fn agrees_with_the_full_sum() {
        for (n, p) in [(50_u64, 0.3_f64), (400, 0.6), (1000, 0.002)] {
            let mut terms = vec![(1.0 - p).powf(n as f64)];
            for k in 0..n {
                terms.push(terms[k as usize] * (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p));
            }
            for k in [0, 1, n / 10, n / 3, n - 1, n] {
                let sum: f64 = terms[k as usize..].iter().rev().sum();
                assert_relative_eq!(
                    binomial_upper_tail(k, n, p),
                    sum,
                    max_relative = 1e-10,
                    epsilon = 1e-250
                );
            }
        }
    }

    #[test]
    fn a_million_trials_near_the_mean() {
        // The continuity-corrected Gaussian tail at half a standard deviation.
        let tail = binomial_upper_tail(900_150, 1_000_000, 0.9);
        assert_relative_eq!(tail, 0.5 * libm::erfc(149.5 / 300.0 / 2.0_f64.sqrt()), max_relative = 1e-3);
    }
}
