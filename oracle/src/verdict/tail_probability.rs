//! Tails of the reference distributions, good where budgets ask for them.

use super::saddle_point;
use super::sensitivity::POWER;
use crate::special::gaussian_two_sided_tail;
use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor, StudentsT};

/// Above this many degrees of freedom the library's incomplete beta function runs out of its 140 terms.
const MANY: f64 = 300.0;

/// Two-sided p-value of a standard Gaussian statistic.
pub(crate) fn gaussian_p_value(z: f64) -> f64 {
    gaussian_two_sided_tail(z)
}

/// Two-sided p-value of Student's t; NaN for a statistic that is not finite.
///
/// With many degrees of freedom from the Gaussian with the same tail, `z² = (ν − ½) ln(1 + t²/ν)` with the corrections
/// of Hill (Commun. ACM 13, 617 (1970)): a relative error below 1e-6 down to probabilities of 1e-30.
pub(crate) fn student_p_value(t: f64, degrees_of_freedom: f64) -> f64 {
    if !t.is_finite() {
        return f64::NAN;
    }
    if degrees_of_freedom > MANY {
        let a = degrees_of_freedom - 0.5;
        let b = 48.0 * a * a;
        let z = (a * (t * t / degrees_of_freedom).ln_1p()).sqrt();
        let z3 = z * z * z;
        let first = (z3 + 3.0 * z) / b;
        let second = (4.0 * z3 * z3 * z + 33.0 * z3 * z * z + 240.0 * z3 + 855.0 * z)
            / (10.0 * b * (b + 0.8 * z3 * z + 100.0));
        return gaussian_p_value(z + first - second);
    }
    StudentsT::new(0.0, 1.0, degrees_of_freedom).map_or(f64::NAN, |student| 2.0 * student.sf(t.abs()))
}

/// By bisection on the tail, which the inverse distribution of the library does not reach.
pub(crate) fn student_upper_quantile(p: f64, degrees_of_freedom: f64) -> f64 {
    let excess = |t: f64| p - 0.5 * student_p_value(t, degrees_of_freedom);
    let mut high = 1.0;
    while excess(high) < 0.0 && high < 1e30 {
        high *= 2.0;
    }
    root(0.0, high, excess)
}

/// `P(χ² > x)`.
pub(crate) fn chi_squared_upper_tail(x: f64, degrees_of_freedom: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    ChiSquared::new(degrees_of_freedom).map_or(f64::NAN, |chi_squared| chi_squared.sf(x))
}

/// The `x` that χ² exceeds with probability `p`.
pub(crate) fn upper_quantile_of_chi_squared(p: f64, degrees_of_freedom: f64) -> f64 {
    let excess = |x: f64| p - chi_squared_upper_tail(x, degrees_of_freedom);
    let mut high = degrees_of_freedom + 10.0;
    while excess(high) < 0.0 && high < 1e30 {
        high *= 2.0;
    }
    root(0.0, high, excess)
}

/// `P(χ²(λ) ≤ x)` for the noncentral χ², as a Poisson mixture of central ones.
pub(crate) fn noncentral_chi_squared_cumulative(x: f64, degrees_of_freedom: f64, noncentrality: f64) -> f64 {
    let mean = 0.5 * noncentrality;
    let (from, to) = (mean - 10.0 * mean.sqrt(), mean + 10.0 * mean.sqrt() + 30.0);
    let mut j = from.max(0.0).floor();
    let mut weight = if mean > 0.0 {
        (j * mean.ln() - mean - statrs::function::gamma::ln_gamma(j + 1.0)).exp()
    } else {
        1.0
    };
    let mut sum = 0.0;
    while j <= to {
        sum += weight * (1.0 - chi_squared_upper_tail(x, degrees_of_freedom + 2.0 * j));
        j += 1.0;
        weight *= mean / j;
    }
    sum
}

/// The ratio of two mean squares of Gaussian values with these degrees of freedom: Fisher's F. The second is infinite
/// where the first is compared with a known variance: χ² over its degrees of freedom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    pub(crate) first: f64,
    pub(crate) second: f64,
}

impl Ratio {
    /// Twice the smaller tail, at most 1.
    pub(crate) fn two_sided_p_value(self, ratio: f64) -> f64 {
        let swapped = Ratio { first: self.second, second: self.first };
        let tail = if ratio < 1.0 { swapped.upper_tail(1.0 / ratio) } else { self.upper_tail(ratio) };
        // The median is not exactly 1, so that either tail may be the smaller one there.
        (2.0 * tail.min(1.0 - tail)).clamp(0.0, 1.0)
    }

    /// The probability above `ratio`.
    ///
    /// Few degrees of freedom by the incomplete beta function; many from the saddle point of
    /// `χ₁²/n₁ − ratio χ₂²/n₂` at 0, with a relative error below 0.2/(smaller n) however far the tail:
    /// that of Stirling's formula.
    fn upper_tail(self, ratio: f64) -> f64 {
        let Self { first, second } = self;
        if ratio.is_nan() || ratio <= 0.0 {
            return if ratio.is_nan() { f64::NAN } else { 1.0 };
        }
        if ratio.is_infinite() {
            return 0.0;
        }
        if first <= MANY && second.is_infinite() {
            return chi_squared_upper_tail(first * ratio, first);
        }
        if second <= MANY && first.is_infinite() {
            return ChiSquared::new(second).map_or(f64::NAN, |chi_squared| chi_squared.cdf(second / ratio));
        }
        if first <= MANY && second <= MANY {
            return FisherSnedecor::new(second, first).map_or(f64::NAN, |swapped| swapped.cdf(1.0 / ratio));
        }
        // `−n/2 ln(1 − 2 s x/n)`, which is `s x` for a known variance, and its second derivative by s.
        let cumulants = |s: f64, x: f64, n: f64| {
            if n.is_infinite() {
                return (s * x, 0.0);
            }
            let shrink = 1.0 - 2.0 * s * x / n;
            (-0.5 * n * (-2.0 * s * x / n).ln_1p(), 2.0 * x * x / (n * shrink * shrink))
        };
        let s = (ratio - 1.0) / (2.0 * ratio * (1.0 / first + 1.0 / second));
        let (a, b) = (cumulants(s, 1.0, first), cumulants(s, -ratio, second));
        let tail = saddle_point::tail(-(a.0 + b.0), s, a.1 + b.1);
        if s >= 0.0 { tail } else { 1.0 - tail }
    }

    /// The factor between the two variances that is found with probability [`POWER`] where `half` is allowed above.
    pub(crate) fn detectable(self, half: f64) -> f64 {
        let quantile = |p: f64| {
            let excess = |ln: f64| p - self.upper_tail(ln.exp());
            let mut reach = 1.0;
            while (excess(-reach) > 0.0 || excess(reach) < 0.0) && reach < 500.0 {
                reach *= 2.0;
            }
            root(-reach, reach, excess)
        };
        (quantile(half) - quantile(POWER)).exp()
    }
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
        // F(5, 10) and its mirror image.
        let ratio = Ratio { first: 5.0, second: 10.0 };
        assert_relative_eq!(ratio.upper_tail(3.325_834_530), 0.05, max_relative = 1e-8);
        assert_relative_eq!(ratio.two_sided_p_value(1.0 / 4.735_063_070), 0.1, max_relative = 1e-8);
        // One degree of freedom over another is Student's t, squared.
        let squared = Ratio { first: 1.0, second: 20.0 };
        assert_relative_eq!(squared.upper_tail(36.0), student_p_value(6.0, 20.0), max_relative = 1e-10);
        assert!(student_p_value(f64::INFINITY, 5.0).is_nan());
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

    /// The saddle point against the incomplete beta function, where both hold.
    #[test]
    fn many_degrees_of_freedom_join_few() {
        for (first, second) in [(299.0, 301.0), (40.0, 301.0), (10.0, 310.0), (301.0, 30.0)] {
            for ratio in [1.05, 1.3, 2.0, 3.0, 7.0] {
                let exact = FisherSnedecor::new(second, first).unwrap().cdf(1.0 / ratio);
                let saddle = Ratio { first, second }.upper_tail(ratio);
                assert_relative_eq!(saddle, exact, max_relative = 0.2 / first.min(second));
            }
        }
        for degrees_of_freedom in [2.0_f64, 30.0, 500.0, 3e5] {
            let ratio = Ratio { first: degrees_of_freedom, second: f64::INFINITY };
            for z in [-5.0, -1.0, 0.1, 3.0, 7.0] {
                let x = degrees_of_freedom + z * (2.0 * degrees_of_freedom).sqrt();
                if x > 0.0 {
                    let exact = ChiSquared::new(degrees_of_freedom).unwrap();
                    let expected = 2.0 * exact.sf(x).min(exact.cdf(x));
                    let p_value = ratio.two_sided_p_value(x / degrees_of_freedom);
                    assert_relative_eq!(p_value, expected, max_relative = 0.05 / degrees_of_freedom + 1e-6);
                }
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
