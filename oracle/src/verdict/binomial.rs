//! Exact tails of the binomial distribution.

use statrs::function::gamma::ln_gamma;

/// `P(X ≥ successes)` for `X ~ Binomial(trials, probability)`, exactly summed, accurate in far tails.
///
/// The terms fall geometrically away from the mean, so the sum runs outwards until it no longer changes.
pub(crate) fn upper_tail(successes: u64, trials: u64, probability: f64) -> f64 {
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
        return 1.0 - upper_tail(trials - successes + 1, trials, 1.0 - probability);
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
pub(crate) fn two_sided_p_value(successes: u64, trials: u64, probability: f64) -> f64 {
    let upper = upper_tail(successes, trials, probability);
    let lower = upper_tail(trials - successes, trials, 1.0 - probability);
    (2.0 * upper.min(lower)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn small_cases_by_hand() {
        assert_relative_eq!(upper_tail(2, 3, 0.5), 0.5, max_relative = 1e-14);
        assert_relative_eq!(upper_tail(1, 3, 0.1), 1.0 - 0.9_f64.powi(3), max_relative = 1e-14);
        assert_relative_eq!(upper_tail(3, 3, 0.1), 1e-3, max_relative = 1e-13);
        assert_eq!(upper_tail(0, 5, 0.3), 1.0);
        assert_relative_eq!(two_sided_p_value(0, 10, 0.5), 2.0 / 1024.0, max_relative = 1e-13);
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
                assert_relative_eq!(upper_tail(k, n, p), sum, max_relative = 1e-10, epsilon = 1e-250);
            }
        }
    }

    #[test]
    fn a_million_trials_near_the_mean() {
        // The continuity-corrected Gaussian tail at half a standard deviation.
        let tail = upper_tail(900_150, 1_000_000, 0.9);
        assert_relative_eq!(tail, 0.5 * libm::erfc(149.5 / 300.0 / 2.0_f64.sqrt()), max_relative = 1e-3);
    }
}
