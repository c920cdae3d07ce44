//! The ratio of two variances: Fisher's F.

use super::{MANY, chi_squared_lower_tail, chi_squared_upper_tail, regularised_beta, root, saddle_point};

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
        let tail = if ratio < 1.0 { self.lower_tail(ratio) } else { self.upper_tail(ratio) };
        // The median is not exactly 1, so that either tail may be the smaller one there.
        (2.0 * tail.min(1.0 - tail)).clamp(0.0, 1.0)
    }

    /// The probability below `ratio`, to full relative accuracy where it is small.
    pub(super) fn lower_tail(self, ratio: f64) -> f64 {
        Ratio { first: self.second, second: self.first }.upper_tail(1.0 / ratio)
    }

    /// The probability above `ratio`.
    ///
    /// Few degrees of freedom by the incomplete beta function; many from the saddle point of
    /// `χ₁²/n₁ − ratio χ₂²/n₂` at 0, with a relative error below 0.2/(smaller n) however far the tail:
    /// that of Stirling's formula.
    pub(super) fn upper_tail(self, ratio: f64) -> f64 {
        let Self { first, second } = self;
        if !(first > 0.0 && second > 0.0) {
            return f64::NAN;
        }
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
            return chi_squared_lower_tail(second / ratio, second);
        }
        if first <= MANY && second <= MANY {
            let below = second * (1.0 / ratio);
            let share = if below.is_infinite() { 1.0 } else { below / (below + first) };
            return regularised_beta(0.5 * second, 0.5 * first, share);
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
        // Beyond any double on the side of 0, or both variances known.
        if !s.is_finite() {
            return f64::from(u8::from(ratio < 1.0));
        }
        let (a, b) = (cumulants(s, 1.0, first), cumulants(s, -ratio, second));
        let tail = saddle_point::tail(-(a.0 + b.0), s, a.1 + b.1);
        // With less than one degree of freedom the error may be as large as the tail.
        (if s >= 0.0 { tail } else { 1.0 - tail }).clamp(0.0, 1.0)
    }

    /// The factor between the two variances that is found with probability `power` where `half` is allowed above.
    pub(crate) fn detectable(self, half: f64, power: f64) -> f64 {
        let quantile = |p: f64| {
            let excess = |ln: f64| p - self.upper_tail(ln.exp());
            let mut reach = 1.0;
            while (excess(-reach) > 0.0 || excess(reach) < 0.0) && reach < 500.0 {
                reach *= 2.0;
            }
            root(-reach, reach, excess)
        };
        (quantile(half) - quantile(power)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::tail_probability::student_p_value;
    use approx::assert_relative_eq;

    #[test]
    fn tails_of_the_tables() {
        // F(5, 10) and its mirror image.
        let ratio = Ratio { first: 5.0, second: 10.0 };
        assert_relative_eq!(ratio.upper_tail(3.325_834_530), 0.05, max_relative = 1e-8);
        assert_relative_eq!(ratio.two_sided_p_value(1.0 / 4.735_063_070), 0.1, max_relative = 1e-8);
        // One degree of freedom over another is Student's t, squared.
        let squared = Ratio { first: 1.0, second: 20.0 };
        assert_relative_eq!(squared.upper_tail(36.0), student_p_value(6.0, 20.0), max_relative = 1e-10);
    }

    /// The saddle point against the incomplete beta and gamma functions, where both hold.
    #[test]
    fn many_degrees_of_freedom_join_few() {
        for (first, second) in [(299.0, 301.0), (40.0, 301.0), (10.0, 310.0), (301.0, 30.0)] {
            for ratio in [1.05, 1.3, 2.0, 3.0, 7.0] {
                let share = second / (second + first * ratio);
                let exact = regularised_beta(0.5 * second, 0.5 * first, share);
                let saddle = Ratio { first, second }.upper_tail(ratio);
                assert_relative_eq!(saddle, exact, max_relative = 0.2 / first.min(second));
            }
        }
        for degrees_of_freedom in [2.0_f64, 30.0, 500.0, 3e5] {
            let ratio = Ratio { first: degrees_of_freedom, second: f64::INFINITY };
            for z in [-5.0, -1.0, 0.1, 3.0, 7.0] {
                let x = degrees_of_freedom + z * (2.0 * degrees_of_freedom).sqrt();
                if x > 0.0 {
                    let tails = [chi_squared_upper_tail, chi_squared_lower_tail];
                    let expected =
                        2.0 * tails.map(|tail| tail(x, degrees_of_freedom)).into_iter().fold(1.0, f64::min);
                    let p_value = ratio.two_sided_p_value(x / degrees_of_freedom);
                    assert_relative_eq!(p_value, expected, max_relative = 0.05 / degrees_of_freedom + 1e-6);
                }
            }
        }
    }
}
