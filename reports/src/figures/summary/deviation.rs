//! How far a verdict is from its law, on the scale of a Gaussian.

use std::f64::consts::FRAC_1_SQRT_2;

use glassbox_oracle::verdict::Verdict;

/// Deviation whose two-sided Gaussian probability is the p-value, with the sign of the difference, so that a dot is
/// beyond its threshold exactly when the p-value is below its share of the budget. Without a p-value that is a
/// number above the smallest double: the difference in standard errors itself. `None` without either.
pub(super) fn deviation(verdict: &Verdict) -> Option<f64> {
    let difference = verdict.difference_in_standard_errors.filter(|difference| !difference.is_nan());
    let sign = difference.map_or(1.0, f64::signum);
    match verdict.p_value {
        Some(probability) if probability >= f64::MIN_POSITIVE => Some(sign * two_sided_quantile(probability)),
        Some(probability) if probability >= 0.0 => Some(difference.unwrap_or(f64::INFINITY)),
        _ => difference,
    }
}

/// Deviation beyond which the verdict is inconsistent; `None` if its share of the budget is not a probability.
pub(super) fn threshold(verdict: &Verdict) -> Option<f64> {
    let share = verdict.false_alarm_probability;
    (f64::MIN_POSITIVE..1.0).contains(&share).then(|| two_sided_quantile(share))
}

/// The z ≥ 0 with P(|N(0,1)| > z) = probability, by bisection.
fn two_sided_quantile(probability: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 40.0_f64);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if libm::erfc(middle * FRAC_1_SQRT_2) > probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::two_sided_quantile;

    #[test]
    fn quantiles_match_the_tables() {
        for (probability, quantile) in
            [(0.05, 1.959_963_985), (1e-6, 4.891_638_475), (1e-9, 6.109_410_205), (1.0, 0.0)]
        {
            assert!((two_sided_quantile(probability) - quantile).abs() < 1e-8, "{probability}");
        }
        assert!(two_sided_quantile(f64::MIN_POSITIVE) < 40.0);
    }
}
