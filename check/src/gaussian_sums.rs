//! Sums over Gaussian numbers, judged without keeping the numbers.
//!
//! A sum of n squares of standard Gaussian numbers is chi-squared; its cube root is Gaussian to a relative error of the
//! tail that falls with n (Wilson and Hilferty, Proc. Natl. Acad. Sci. 17, 684 (1931)), and so is the cube root of a ratio
//! of two such sums (Paulson, Ann. Math. Stat. 13, 233 (1942)). Both are approximations: see docs/guide/check.md.

use glassbox_oracle::special::gaussian_two_sided_tail;
use glassbox_oracle::tail_probability::{chi_squared_lower_tail, chi_squared_upper_tail};
use glassbox_oracle::verdict::{Evidence, Sensitivity};

/// Number, sum and sum of squares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sums {
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

impl Sums {
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    pub(crate) fn merge(&mut self, other: &Sums) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    pub(crate) fn without(&self, other: &Sums) -> Self {
        Self {
            count: self.count - other.count,
            sum: self.sum - other.sum,
            squares: self.squares - other.squares,
        }
    }

    pub(crate) fn mean(&self) -> f64 {
        self.sum / self.count
    }

    pub(crate) fn second_moment(&self) -> f64 {
        self.squares / self.count
    }
}

/// A deviation that is Gaussian under the law.
pub(crate) struct GaussianEvidence {
    pub(crate) observed: f64,
    pub(crate) predicted: f64,
    pub(crate) standard_error: f64,
    /// Standard Gaussian under the law.
    pub(crate) standardised: f64,
    pub(crate) effect: f64,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) effect_measure: &'static str,
    pub(crate) tolerance: f64,
    pub(crate) count: f64,
}

impl GaussianEvidence {
    pub(crate) fn named(self, name: impl Into<String>) -> Evidence {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of numbers")]
        let sample_size = self.count as u64;
        Evidence {
            observed: self.observed,
            predicted: self.predicted,
            standard_error: Some(self.standard_error),
            p_value: Some(gaussian_two_sided_tail(self.standardised)),
            effect_measure: self.effect_measure,
            effect: self.effect,
            practical_tolerance: self.tolerance,
            sensitivity: self.sensitivity,
            sample_size,
            effective_sample_size: self.count,
            failure: None,
            ..Evidence::failed(name, 0, "")
        }
    }
}

/// The mean of standard Gaussian numbers; exact.
pub(crate) fn mean(sums: &Sums, tolerance: f64) -> GaussianEvidence {
    let standard_error = sums.count.sqrt().recip();
    GaussianEvidence {
        observed: sums.mean(),
        predicted: 0.0,
        standard_error,
        standardised: sums.mean() / standard_error,
        effect: sums.mean(),
        sensitivity: Sensitivity::Gaussian { effect_per_standard_error: standard_error },
        effect_measure: "standardised difference",
        tolerance,
        count: sums.count,
    }
}

/// The second moment of standard Gaussian numbers, by Wilson and Hilferty.
pub(crate) fn second_moment(sums: &Sums, tolerance: f64) -> GaussianEvidence {
    let (observed, spread) = (sums.second_moment(), 2.0 / (9.0 * sums.count));
    let standard_error = (2.0 / sums.count).sqrt();
    GaussianEvidence {
        observed,
        predicted: 1.0,
        standard_error,
        standardised: (observed.cbrt() - (1.0 - spread)) / spread.sqrt(),
        effect: observed - 1.0,
        sensitivity: Sensitivity::VarianceRatio { first: sums.count, second: f64::INFINITY },
        effect_measure: "relative difference",
        tolerance,
        count: sums.count,
    }
}

/// Sums of fewer squares than this are judged by the distribution itself.
const EXACT_BELOW: f64 = 1000.0;

/// The second moment of few or many standard Gaussian numbers: chi-squared itself below 1,000 of them.
pub(crate) fn any_second_moment(name: &str, sums: &Sums, tolerance: f64) -> Evidence {
    let evidence = second_moment(sums, tolerance).named(name);
    if sums.count >= EXACT_BELOW {
        return evidence;
    }
    let tails = [chi_squared_upper_tail, chi_squared_lower_tail].map(|tail| tail(sums.squares, sums.count));
    // NaN stays NaN.
    let tail = if tails[0] < tails[1] { tails[0] } else { tails[1] };
    Evidence { p_value: Some((2.0 * tail).clamp(0.0, 1.0)), ..evidence }
}

/// The ratio of two second moments of Gaussian numbers of one unknown variance, by Paulson.
pub(crate) fn moment_ratio(first: &Sums, second: &Sums, tolerance: f64) -> GaussianEvidence {
    let observed = first.second_moment() / second.second_moment();
    let (a, b) = (2.0 / (9.0 * first.count), 2.0 / (9.0 * second.count));
    let root = observed.cbrt();
    let standard_error = (2.0 / first.count + 2.0 / second.count).sqrt();
    GaussianEvidence {
        observed,
        predicted: 1.0,
        standard_error,
        standardised: ((1.0 - b) * root - (1.0 - a)) / (b * root * root + a).sqrt(),
        effect: observed - 1.0,
        sensitivity: Sensitivity::VarianceRatio { first: first.count, second: second.count },
        effect_measure: "relative difference",
        tolerance,
        count: first.count + second.count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_oracle::tail_probability::fisher_upper_tail;

    /// Against the exact tails, at the counts where the approximations are used.
    #[test]
    fn cube_roots_have_the_tails_of_chi_squared_and_f() {
        for count in [100.0, 3000.0] {
            let other = 2.0 * count;
            for z in [-4.0, -2.0, 2.0, 4.0, 6.0] {
                let value: f64 = 1.0 + z * (2.0_f64 / count).sqrt();
                let sums = Sums { count, sum: 0.0, squares: count * value };
                let tail = if z > 0.0 {
                    chi_squared_upper_tail(count * value, count)
                } else {
                    chi_squared_lower_tail(count * value, count)
                };
                let p = second_moment(&sums, 0.02).named("x").p_value.unwrap();
                assert!((p / (2.0 * tail)).ln().abs() < 0.25, "n {count}, z {z}: {p} beside {}", 2.0 * tail);
                let second = Sums { count: other, sum: 0.0, squares: other };
                let tail = if z > 0.0 {
                    fisher_upper_tail(value, count, other)
                } else {
                    fisher_upper_tail(1.0 / value, other, count)
                };
                let p = moment_ratio(&sums, &second, 0.02).named("x").p_value.unwrap();
                assert!((p / (2.0 * tail)).ln().abs() < 0.25, "n {count}, z {z}: {p} beside {}", 2.0 * tail);
            }
        }
    }

    /// One square: z² beyond 9 has the probability of |z| > 3.
    #[test]
    fn few_squares_are_judged_exactly() {
        let one = Sums { count: 1.0, sum: 3.0, squares: 9.0 };
        let evidence = any_second_moment("x", &one, 0.5);
        assert!((evidence.p_value.unwrap() / (2.0 * gaussian_two_sided_tail(3.0)) - 1.0).abs() < 1e-9);
    }
}
