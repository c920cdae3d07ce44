//! Tails and quantiles of the reference distributions, good where budgets ask for them, and safe for every double.
//!
//! The only module that calls the `statrs` crate, and only its functions that return errors: others of that crate panic,
//! or do not end, on arguments that an overflow makes. What has no value here is NaN, as in `libm`; a verdict never takes
//! NaN for a pass.
#![allow(
    clippy::disallowed_methods,
    reason = "the functions named in clippy.toml are called here and nowhere else"
)]

mod binomial;
mod saddle_point;
mod variance_ratio;

pub(crate) use binomial::binomial_two_sided_p_value;
pub use binomial::{binomial_interval, binomial_upper_tail};
pub(crate) use saddle_point::{Tilted, two_sided_p_value as saddle_point_p_value};
pub(crate) use variance_ratio::Ratio;

use crate::numerics::special::gaussian_two_sided_tail;
use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

/// Above this many degrees of freedom the library's incomplete beta function runs out of its 140 terms.
const MANY: f64 = 300.0;

/// Above this many degrees of freedom χ² is judged by its saddle point, with a relative error below 0.2/n: the library's
/// incomplete gamma function takes some √n terms, and without end where n + 1 rounds to n.
const MOST: f64 = 1e7;

/// Noncentralities beyond this one would take millions of terms; no sample that fits a computer needs them.
const LARGEST_NONCENTRALITY: f64 = 1e6;

/// Two-sided p-value of a standard Gaussian statistic.
pub(crate) fn gaussian_p_value(z: f64) -> f64 {
    gaussian_two_sided_tail(z)
}

/// `ln Γ(x)` for `x > 0`; NaN elsewhere.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    if x == f64::INFINITY {
        return x;
    }
    if x > 0.0 { statrs::function::gamma::ln_gamma(x) } else { f64::NAN }
}

/// `I_x(a, b)`; NaN unless `a` and `b` are above 0 and `x` in [0, 1].
fn regularised_beta(a: f64, b: f64, x: f64) -> f64 {
    // Where one parameter is tiny beside the other, its 140 terms leave an error of 1e-9 beyond 1.
    checked_beta_reg(a, b, x).map_or(f64::NAN, |value| value.clamp(0.0, 1.0))
}

/// Two-sided p-value of Student's t: the probability of a magnitude above `|t|` with these degrees of freedom, which may be
/// infinite; NaN unless they are above 0.
///
/// With many degrees of freedom from the Gaussian with the same tail, `z² = (ν − ½) ln(1 + t²/ν)` with the corrections
/// of Hill (Commun. ACM 13, 617 (1970)): a relative error below 1e-6 down to probabilities of 1e-30. Where `t²` overflows
/// the probability is given as 0.
#[must_use]
pub fn student_p_value(t: f64, degrees_of_freedom: f64) -> f64 {
    if t.is_nan() || degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        return f64::NAN;
    }
    if degrees_of_freedom.is_infinite() {
        return gaussian_p_value(t);
    }
    let square = t * t;
    if square.is_infinite() {
        return 0.0;
    }
    if degrees_of_freedom > MANY {
        let a = degrees_of_freedom - 0.5;
        let b = 48.0 * a * a;
        let z = (a * (square / degrees_of_freedom).ln_1p()).sqrt();
        // Beyond the range of a double.
        if z > 40.0 {
            return 0.0;
        }
        let z3 = z * z * z;
        let first = (z3 + 3.0 * z) / b;
        let second = (4.0 * z3 * z3 * z + 33.0 * z3 * z * z + 240.0 * z3 + 855.0 * z)
            / (10.0 * b * (b + 0.8 * z3 * z + 100.0));
        return gaussian_p_value(z + first - second);
    }
    regularised_beta(0.5 * degrees_of_freedom, 0.5, degrees_of_freedom / (degrees_of_freedom + square))
}

/// The `t` that Student's t exceeds with probability `p`, by bisection on its tail; NaN unless `0 < p ≤ 1/2` and the
/// degrees of freedom are above 0.
#[must_use]
pub fn student_upper_quantile(p: f64, degrees_of_freedom: f64) -> f64 {
    quantile(p, 0.5, degrees_of_freedom, 1.0, |t| 0.5 * student_p_value(t, degrees_of_freedom))
}

/// `P(χ² > x)`; NaN for NaN, or unless the degrees of freedom are above 0.
#[must_use]
pub fn chi_squared_upper_tail(x: f64, degrees_of_freedom: f64) -> f64 {
    chi_squared_tail(x, degrees_of_freedom, true)
}

/// `P(χ² ≤ x)`, to full relative accuracy where it is small; NaN as [`chi_squared_upper_tail`].
#[must_use]
pub fn chi_squared_lower_tail(x: f64, degrees_of_freedom: f64) -> f64 {
    chi_squared_tail(x, degrees_of_freedom, false)
}

fn chi_squared_tail(x: f64, degrees_of_freedom: f64, upper: bool) -> f64 {
    if x.is_nan() || degrees_of_freedom.is_nan() || degrees_of_freedom <= 0.0 {
        return f64::NAN;
    }
    if x <= 0.0 || x.is_infinite() || degrees_of_freedom.is_infinite() {
        let above = x <= 0.0 || x.is_finite();
        return f64::from(u8::from(above == upper));
    }
    if degrees_of_freedom > MOST {
        let (tail, ratio) =
            (Ratio { first: degrees_of_freedom, second: f64::INFINITY }, x / degrees_of_freedom);
        return if upper { tail.upper_tail(ratio) } else { tail.lower_tail(ratio) };
    }
    // Half of the smallest number is 0.
    let (a, x) = (0.5 * degrees_of_freedom, (0.5 * x).max(f64::MIN_POSITIVE));
    let tail = if upper { checked_gamma_ur(a, x) } else { checked_gamma_lr(a, x) };
    tail.unwrap_or(f64::NAN)
}

/// The `x` that χ² exceeds with probability `p`; NaN unless `0 < p < 1` and the degrees of freedom are above 0.
pub(crate) fn upper_quantile_of_chi_squared(p: f64, degrees_of_freedom: f64) -> f64 {
    let from = degrees_of_freedom + 10.0;
    quantile(p, 1.0, degrees_of_freedom, from, |x| chi_squared_upper_tail(x, degrees_of_freedom))
}

/// Where a falling tail is `p`, by bisection from 0; infinite where no double reaches it, NaN outside of the domain.
fn quantile(p: f64, most: f64, degrees_of_freedom: f64, from: f64, tail: impl Fn(f64) -> f64) -> f64 {
    if !(p > 0.0 && p <= most && degrees_of_freedom > 0.0) {
        return f64::NAN;
    }
    let mut high = from;
    while p < tail(high) {
        high *= 2.0;
    }
    if high.is_infinite() { high } else { root(0.0, high, |x| p - tail(x)) }
}

/// The probability that the ratio of two independent mean squares of Gaussian values exceeds `ratio` (Fisher's F); either
/// number of degrees of freedom may be infinite, for a known variance. NaN for NaN, or unless both are above 0.
#[must_use]
pub fn fisher_upper_tail(ratio: f64, degrees_of_freedom: f64, degrees_of_freedom_below: f64) -> f64 {
    Ratio { first: degrees_of_freedom, second: degrees_of_freedom_below }.upper_tail(ratio)
}

/// `P(χ²(λ) ≤ x)` for the noncentral χ², as a Poisson mixture of central ones; NaN unless `0 ≤ λ ≤ 1e6`.
pub(crate) fn noncentral_chi_squared_cumulative(x: f64, degrees_of_freedom: f64, noncentrality: f64) -> f64 {
    if !(0.0..=LARGEST_NONCENTRALITY).contains(&noncentrality) {
        return f64::NAN;
    }
    let mean = 0.5 * noncentrality;
    let (from, to) = (mean - 10.0 * mean.sqrt(), mean + 10.0 * mean.sqrt() + 30.0);
    let mut j = from.max(0.0).floor();
    let mut weight = if mean > 0.0 { (j * mean.ln() - mean - ln_gamma(j + 1.0)).exp() } else { 1.0 };
    let mut sum = 0.0;
    while j <= to {
        sum += weight * (1.0 - chi_squared_upper_tail(x, degrees_of_freedom + 2.0 * j));
        j += 1.0;
        weight *= mean / j;
    }
    sum
}

/// The zero of a function that rises from below 0 at `low` to above 0 at `high`, by bisection.
pub(crate) fn root(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if of(middle) < 0.0 { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn quantiles_of_the_tables() {
        assert_relative_eq!(student_upper_quantile(0.025, 10.0), 2.228_138_852, max_relative = 1e-8);
        assert_relative_eq!(upper_quantile_of_chi_squared(0.05, 3.0), 7.814_727_903, max_relative = 1e-9);
    }

    /// No panic, no endless loop, and nothing but a probability or NaN, for every combination of hostile numbers.
    #[test]
    fn every_double_is_a_probability_or_nan() {
        let sane = [1e-12, 0.3, 0.5, 1.0, 2.0, 7.5, 299.0, 301.0, 1e4, 1e6, 1.1e7, 1e12];
        let hostile = [
            0.0,
            -0.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            5e-324,
            -5e-324,
            1e-310,
            f64::MIN_POSITIVE,
            1e-300,
            1e-160,
            1e150,
            1e154,
            1.4e154,
            1e160,
            1e300,
            1e308,
            f64::MAX,
            -1.0,
            -1e308,
            0.999_999_999_999_999_9,
        ];
        let all: Vec<f64> = sane.into_iter().chain(hostile).collect();
        let probability = |p: f64, what: &str, arguments: &[f64]| {
            assert!(p.is_nan() || (-1e-12..=1.0 + 1e-12).contains(&p), "{what} {arguments:?}: {p}");
        };
        for &a in &all {
            assert!(ln_gamma(a).is_nan() == (a.is_nan() || a <= 0.0), "{a}: {}", ln_gamma(a));
            for &b in &all {
                probability(student_p_value(a, b), "t", &[a, b]);
                probability(chi_squared_upper_tail(a, b), "chi", &[a, b]);
                probability(chi_squared_lower_tail(a, b), "chi below", &[a, b]);
                // Defined wherever its arguments make sense.
                let nan = a.is_nan() || b.is_nan() || b <= 0.0;
                if b > f64::MIN_POSITIVE || nan {
                    assert_eq!(student_p_value(a, b).is_nan(), nan, "t {a} {b}");
                    assert_eq!(chi_squared_upper_tail(a, b).is_nan(), nan, "chi {a} {b}");
                }
                let quantiles = [student_upper_quantile(a, b), upper_quantile_of_chi_squared(a, b)];
                assert!(quantiles.iter().all(|x| x.is_nan() || *x >= 0.0), "{a} {b}: {quantiles:?}");
                probability(binomial_upper_tail(3, 1_000_000, a), "binomial", &[a]);
                let interval = binomial_interval(2, 1000, a);
                assert!(interval.0 <= interval.1 || interval.0.is_nan(), "{a}: {interval:?}");
                for &c in &all {
                    probability(regularised_beta(a, b, c), "beta", &[a, b, c]);
                    probability(fisher_upper_tail(a, b, c), "F", &[a, b, c]);
                    probability(Ratio { first: b, second: c }.two_sided_p_value(a), "F", &[a, b, c]);
                    if c.is_nan() || (a < 1e3 && b < 1e3 && c <= 1e4) {
                        probability(noncentral_chi_squared_cumulative(a, b, c), "chi'", &[a, b, c]);
                    }
                }
            }
        }
    }

    /// With the degrees of freedom at which another route takes over, both agree.
    #[test]
    fn the_saddle_point_joins_the_incomplete_gamma_function() {
        for z in [-6.0, -2.0, 0.3, 2.0, 6.0] {
            let x = |n: f64| n + z * (2.0 * n).sqrt();
            let below = [chi_squared_upper_tail(x(MOST), MOST), chi_squared_lower_tail(x(MOST), MOST)];
            let more = MOST * (1.0 + 1e-9);
            let above = [chi_squared_upper_tail(x(more), more), chi_squared_lower_tail(x(more), more)];
            for (below, above) in below.into_iter().zip(above) {
                assert_relative_eq!(below, above, max_relative = 1e-6);
            }
        }
    }

    /// Second route: the density of Student's t, integrated by Simpson's rule from `t` upwards.
    #[test]
    fn students_tail_is_the_integral_of_its_density() {
        for degrees_of_freedom in [9.0_f64, 100.0, 299.0, 301.0, 2e3, 1e6] {
            for t in [0.5_f64, 2.0, 6.0, 11.0] {
                let ln_density =
                    |x: f64| -0.5 * (degrees_of_freedom + 1.0) * (x * x / degrees_of_freedom).ln_1p();
                // Γ((ν+1)/2) / Γ(ν/2) from its asymptotic series: good to 1e-9 from 9 on.
                let half = 0.5 * degrees_of_freedom;
                let ratio = half.sqrt()
                    * (1.0 - 1.0 / (8.0 * half)
                        + 1.0 / (128.0 * half.powi(2))
                        + 5.0 / (1024.0 * half.powi(3))
                        - 21.0 / (32_768.0 * half.powi(4))
                        - 399.0 / (262_144.0 * half.powi(5)));
                let norm = ratio / (std::f64::consts::PI * degrees_of_freedom).sqrt();
                // x = t + y/(1−y) carries the whole tail to [0, 1).
                let steps = 20_000;
                let integrand = |i: usize| {
                    let y = i as f64 / f64::from(steps);
                    if y == 1.0 { 0.0 } else { ln_density(t + y / (1.0 - y)).exp() / (1.0 - y).powi(2) }
                };
                let simpson: f64 = (0..=20_000)
                    .map(|i| integrand(i) * if i == 0 || i == 20_000 { 1.0 } else { [2.0, 4.0][i % 2] })
                    .sum();
                let expected = 2.0 * norm * simpson / (3.0 * f64::from(steps));
                assert_relative_eq!(student_p_value(t, degrees_of_freedom), expected, max_relative = 2e-6);
            }
        }
    }

    /// Second route: a shifted Gaussian, squared.
    #[test]
    fn one_shifted_component() {
        let below = |x: f64| 1.0 - 0.5 * libm::erfc(x / 2.0_f64.sqrt());
        for (x, shift) in [(4.0_f64, 1.0_f64), (25.0, 7.0), (30.0, 0.0)] {
            let expected = below(x.sqrt() - shift) - below(-x.sqrt() - shift);
            let got = noncentral_chi_squared_cumulative(x, 1.0, shift * shift);
            assert_relative_eq!(got, expected, max_relative = 1e-9);
        }
    }
}
