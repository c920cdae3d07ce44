//! How large an effect a test can see.

use super::error::VerdictError;
use crate::error::{require, require_positive};
use crate::numerics::special::gaussian_upper_quantile;
use crate::numerics::tail_probability::{
    Ratio, binomial_upper_tail, noncentral_chi_squared_cumulative, root, student_upper_quantile,
    upper_quantile_of_chi_squared,
};

/// The power at which "smallest visible" is quoted: such an effect is found in 99 of 100 runs.
pub const POWER: f64 = 0.99;

/// Beyond this variance of a count its Gaussian limit serves for the power (and only there): better than 1 %.
const LARGE_COUNT: f64 = 1e5;

/// How large an effect a test can see, as a function of its false-alarm probability.
///
/// Where deviations to the two sides are not equally visible, the less visible one counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sensitivity {
    /// A statistic that is Gaussian, or nearly so; the effect that moves it by one standard error.
    Gaussian {
        /// Effect a standard error.
        effect_per_standard_error: f64,
    },
    /// A mean whose variance is estimated from as many independent values as `degrees_of_freedom + 1`.
    Student {
        /// Effect a (measured) standard error.
        effect_per_standard_error: f64,
        /// Number of values less one.
        degrees_of_freedom: f64,
    },
    /// The largest distance between two cumulative distributions, by the inequality of Massart.
    Supremum {
        /// Number of values.
        sample_size: f64,
    },
    /// An identity that holds up to this rounding error.
    Rounding {
        /// Largest deviation that rounding can make.
        bound: f64,
    },
    /// The largest of several standardised differences, each held to its share of the false-alarm probability.
    Largest {
        /// Effect a standard error.
        effect_per_standard_error: f64,
        /// How many are compared.
        comparisons: f64,
    },
    /// A count; the effect is the relative difference of its probability.
    Binomial {
        /// Number of independent values.
        trials: u64,
        /// Probability under the law.
        probability: f64,
    },
    /// The variance of Gaussian values against a law's (`second` infinite) or another sample's; the effect is the
    /// relative difference.
    VarianceRatio {
        /// Degrees of freedom of the variance.
        first: f64,
        /// Degrees of freedom of the variance that it is compared with.
        second: f64,
    },
    /// The correlation of as many Gaussian pairs; the effect is the difference of the correlations.
    Correlation {
        /// Correlation under the law.
        correlation: f64,
        /// Number of independent pairs.
        pairs: f64,
    },
    /// The length of a whitened vector.
    ChiSquared {
        /// Number of its components.
        degrees_of_freedom: f64,
        /// Effect of a shift by one standard error along one direction.
        effect_per_standard_error: f64,
    },
}

impl Sensitivity {
    /// The smallest effect that is found with probability [`POWER`] at this false-alarm probability; infinite where
    /// no effect is.
    #[must_use]
    pub fn detectable(&self, false_alarm_probability: f64) -> f64 {
        let gaussian = gaussian_upper_quantile;
        let half = 0.5 * false_alarm_probability;
        match *self {
            Sensitivity::Gaussian { effect_per_standard_error } => {
                effect_per_standard_error * (gaussian(half) + gaussian(1.0 - POWER))
            }
            Sensitivity::Student { effect_per_standard_error, degrees_of_freedom } => {
                let critical = student_upper_quantile(half, degrees_of_freedom);
                effect_per_standard_error * (critical + gaussian(1.0 - POWER))
            }
            // Critical distance, and the binomial noise (at most ½/√n) at the point of largest distance.
            Sensitivity::Supremum { sample_size } => {
                (-half.ln() / (2.0 * sample_size)).sqrt() + 0.5 * gaussian(1.0 - POWER) / sample_size.sqrt()
            }
            Sensitivity::Rounding { bound } => bound,
            Sensitivity::Largest { effect_per_standard_error, comparisons } => {
                effect_per_standard_error * (gaussian(half / comparisons) + gaussian(1.0 - POWER))
            }
            Sensitivity::Binomial { trials, probability } => relative_change(trials, probability, half),
            Sensitivity::VarianceRatio { first, second } => {
                Ratio { first, second }.detectable(half, POWER) - 1.0
            }
            Sensitivity::Correlation { correlation, pairs } => {
                let ratio = Ratio { first: pairs, second: pairs }.detectable(half, POWER);
                let odds = (1.0 + correlation) / (1.0 - correlation);
                let with = |odds: f64| ((odds - 1.0) / (odds + 1.0) - correlation).abs();
                with(odds * ratio).max(with(odds / ratio))
            }
            Sensitivity::ChiSquared { degrees_of_freedom, effect_per_standard_error } => {
                let critical = upper_quantile_of_chi_squared(false_alarm_probability, degrees_of_freedom);
                let missed = |shift: f64| {
                    noncentral_chi_squared_cumulative(critical, degrees_of_freedom, shift * shift)
                };
                let above = critical.sqrt() + 10.0;
                effect_per_standard_error * root(0.0, above, |shift| 1.0 - POWER - missed(shift))
            }
        }
    }

    /// How many times more independent values are needed to see `effect`; below 1 where fewer would do. Exact where
    /// the smallest visible effect falls as the root of their number, as most do.
    #[must_use]
    pub fn sample_factor(&self, false_alarm_probability: f64, effect: f64) -> f64 {
        (self.detectable(false_alarm_probability) / effect).powi(2)
    }

    /// [`detectable`](Self::detectable) with its argument validated: the second verb of every test.
    pub(crate) fn found(&self, false_alarm_probability: f64) -> Result<f64, VerdictError> {
        Ok(self.detectable(require_false_alarm(false_alarm_probability)?))
    }

    /// The smallest whole number, at least `fewest`, at which `at` sees `effect`, by bisection; infinite above 1e15.
    ///
    /// The third verb of every test. Where the smallest visible effect has a saw's teeth (counts), one of the numbers
    /// at which it passes `effect`.
    pub(crate) fn smallest_sample(
        at: impl Fn(f64) -> Sensitivity,
        effect: f64,
        false_alarm_probability: f64,
        fewest: f64,
    ) -> Result<f64, VerdictError> {
        let effect = require_positive("effect", effect)?;
        let p = require_false_alarm(false_alarm_probability)?;
        let seen = |n: f64| at(n).detectable(p) <= effect;
        let (mut unseen, mut enough) = (fewest, fewest);
        while !seen(enough) {
            unseen = enough;
            enough *= 2.0;
            if enough > 1e15 {
                return Ok(f64::INFINITY);
            }
        }
        while enough - unseen > 1.0 {
            let middle = (0.5 * (unseen + enough)).floor();
            if seen(middle) { enough = middle } else { unseen = middle }
        }
        Ok(enough)
    }
}

pub(crate) fn require_false_alarm(p: f64) -> Result<f64, VerdictError> {
    Ok(require("false_alarm_probability", p, p > 0.0 && p < 1.0, "above 0 and below 1")?)
}

/// The smallest relative change of `probability` that [`POWER`] of the binomial tests find, to the less visible of the
/// sides on which any can be found.
fn relative_change(trials: u64, probability: f64, half: f64) -> f64 {
    let up = found_above(trials, probability, half).map(|found| found / probability - 1.0);
    let down = found_above(trials, 1.0 - probability, half).map(|found| (1.0 - found) / probability - 1.0);
    [up, down].into_iter().flatten().map(f64::abs).reduce(f64::max).unwrap_or(f64::INFINITY)
}

/// The smallest probability above `probability` that is found.
fn found_above(trials: u64, probability: f64, half: f64) -> Option<f64> {
    let n = trials as f64;
    if n * probability * (1.0 - probability) > LARGE_COUNT {
        let critical =
            probability + gaussian_upper_quantile(half) * (probability * (1.0 - probability) / n).sqrt();
        // The probability whose lower limit this is, by Wilson (J. Am. Stat. Assoc. 22, 209 (1927)).
        let z = gaussian_upper_quantile(1.0 - POWER);
        let spread = z * (critical * (1.0 - critical) / n + 0.25 * z * z / (n * n)).sqrt();
        return (critical < 1.0).then(|| (critical + 0.5 * z * z / n + spread) / (1.0 + z * z / n));
    }
    // Smallest count that is significant; none is where even all successes are too likely.
    if binomial_upper_tail(trials, trials, probability) >= half {
        return None;
    }
    let (mut likely, mut significant) = (0, trials);
    while significant - likely > 1 {
        let middle = likely + (significant - likely) / 2;
        if binomial_upper_tail(middle, trials, probability) < half {
            significant = middle;
        } else {
            likely = middle;
        }
    }
    Some(root(probability, 1.0, |other| binomial_upper_tail(significant, trials, other) - POWER))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn quantiles_of_the_tables() {
        let gaussian = Sensitivity::Gaussian { effect_per_standard_error: 1.0 };
        assert_relative_eq!(gaussian.detectable(0.05), 1.959_963_985 + 2.326_347_874, max_relative = 1e-9);
        assert_relative_eq!(gaussian.sample_factor(0.05, gaussian.detectable(0.05)), 1.0);
        let largest = Sensitivity::Largest { effect_per_standard_error: 1.0, comparisons: 5.0 };
        assert_eq!(largest.detectable(0.05), gaussian.detectable(0.01));
    }

    /// Second route: what the binomial tails themselves say, on either side of the change of method.
    #[test]
    fn a_visible_probability_is_found_in_99_of_100() {
        for (trials, probability) in
            [(2000, 0.5), (400_000, 0.01), (2_000_000, 0.3), (900_000, 0.9), (500, 0.98)]
        {
            let alpha = 1e-6;
            let effect = Sensitivity::Binomial { trials, probability }.detectable(alpha);
            let power = |other: f64| {
                let (mut low, mut high) = (0, trials);
                // Counts between are not significant.
                while binomial_upper_tail(trials - low, trials, 1.0 - probability) < 0.5 * alpha {
                    low += 1;
                }
                while binomial_upper_tail(high, trials, probability) < 0.5 * alpha {
                    high -= 1;
                }
                let below =
                    if low > 0 { binomial_upper_tail(trials - low + 1, trials, 1.0 - other) } else { 0.0 };
                below + binomial_upper_tail(high + 1, trials, other)
            };
            let powers: Vec<f64> = [1.0 + effect, 1.0 - effect]
                .iter()
                .map(|factor| probability * factor)
                .filter(|other| (0.0..1.0).contains(other))
                .map(power)
                .collect();
            assert!(powers.iter().all(|power| *power > 0.989), "{trials} {probability}: {effect} {powers:?}");
            assert!(
                powers.iter().any(|power| *power < 0.9915),
                "{trials} {probability}: {effect} {powers:?}"
            );
        }
        // Two successes in two are no surprise at ½.
        assert_eq!(Sensitivity::Binomial { trials: 2, probability: 0.5 }.detectable(0.01), f64::INFINITY);
    }

    /// Second route: the mean of a shifted chi-squared, and the Gaussian limit of many components.
    #[test]
    fn a_visible_shift_of_one_component_is_that_of_a_gaussian() {
        let one = Sensitivity::ChiSquared { degrees_of_freedom: 1.0, effect_per_standard_error: 2.0 };
        let gaussian = Sensitivity::Gaussian { effect_per_standard_error: 2.0 };
        assert_relative_eq!(one.detectable(1e-6), gaussian.detectable(1e-6), max_relative = 1e-6);
    }

    #[test]
    fn the_smallest_sample_sees_the_effect_and_one_less_does_not() {
        let at = |n: f64| Sensitivity::Student {
            effect_per_standard_error: 1.0 / n.sqrt(),
            degrees_of_freedom: n - 1.0,
        };
        let needed = Sensitivity::smallest_sample(at, 0.4, 1e-4, 8.0).unwrap();
        assert!(at(needed).detectable(1e-4) <= 0.4 && at(needed - 1.0).detectable(1e-4) > 0.4);
        assert_eq!(Sensitivity::smallest_sample(at, 50.0, 1e-4, 8.0).unwrap(), 8.0);
        let never = |_| Sensitivity::Rounding { bound: 1.0 };
        assert_eq!(Sensitivity::smallest_sample(never, 0.4, 1e-4, 8.0).unwrap(), f64::INFINITY);
        let error = Sensitivity::smallest_sample(at, 0.0, 1e-4, 8.0).unwrap_err();
        assert_eq!(error.to_string(), "effect is 0; it must be finite and above 0");
        assert!(
            Sensitivity::smallest_sample(at, 0.1, 1.0, 8.0).is_err() && never(1.0).found(f64::NAN).is_err()
        );
    }
}
