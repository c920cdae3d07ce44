//! Adaptive Gauss–Legendre quadrature that says how wrong it can be.

use crate::numerics::summation::sum;
use std::ops::{Add, Mul};

/// Positive nodes and weights of the twenty-point Gauss–Legendre rule on [−1, 1].
const GAUSS_LEGENDRE_20: [(f64, f64); 10] = [
    (0.076_526_521_133_497_34, 0.152_753_387_130_725_84),
    (0.227_785_851_141_645_07, 0.149_172_986_472_603_74),
    (0.373_706_088_715_419_55, 0.142_096_109_318_382_04),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_64),
    (0.636_053_680_726_515, 0.118_194_531_961_518_41),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_44),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.912_234_428_251_326, 0.062_672_048_334_109_07),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
];

/// Intervals after which the rest is taken as it is, with its error in the bound.
const MOST_INTERVALS: usize = 4000;

/// Contributions below this share of what is already there need not converge.
const NEGLIGIBLE: f64 = 1e-18;

/// An integrand at a node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Value {
    pub(super) value: f64,
    /// Sum of the magnitudes of its terms.
    pub(super) size: f64,
    /// Rounding error, in units of [`f64::EPSILON`].
    pub(super) rounding: f64,
}

/// An integral and a bound on its error.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Integral {
    pub(super) value: f64,
    pub(super) error_bound: f64,
}

impl Add for Integral {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, error_bound: self.error_bound + other.error_bound }
    }
}

impl Mul<f64> for Integral {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self { value: self.value * factor, error_bound: self.error_bound * factor.abs() }
    }
}

fn rule(low: f64, high: f64, integrand: &impl Fn(f64) -> Value) -> Value {
    let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
    let mut sum = Value::default();
    for (node, weight) in GAUSS_LEGENDRE_20 {
        for position in [middle - half * node, middle + half * node] {
            let at = integrand(position);
            sum.value += half * weight * at.value;
            sum.size += half * weight * at.size;
            sum.rounding += half * weight * at.rounding;
        }
    }
    sum
}

/// The integral over the intervals between `breaks` (sorted here; fewer than two give 0).
///
/// Each interval is halved until the rule on it and on its halves agree to rounding; the halves are what is kept, and
/// for an analytic integrand they are far better than the difference, which with the rounding makes the bound.
pub(super) fn integrate(breaks: &mut [f64], integrand: impl Fn(f64) -> Value) -> Integral {
    breaks.sort_by(f64::total_cmp);
    let mut waiting: Vec<(f64, f64, Value)> =
        breaks.windows(2).map(|ends| (ends[0], ends[1], rule(ends[0], ends[1], &integrand))).collect();
    let (mut parts, mut size, mut error_bound) = (Vec::new(), 0.0, 0.0);
    let mut intervals = waiting.len();
    while let Some((low, high, whole)) = waiting.pop() {
        let middle = 0.5 * (low + high);
        let (left, right) = (rule(low, middle, &integrand), rule(middle, high, &integrand));
        let change = (whole.value - (left.value + right.value)).abs();
        let rounding = f64::EPSILON * (left.rounding + right.rounding);
        let converged = change <= rounding || left.size + right.size <= NEGLIGIBLE * size;
        if converged || intervals >= MOST_INTERVALS || middle <= low || middle >= high {
            parts.extend([left.value, right.value]);
            size += left.size + right.size;
            error_bound += change + rounding;
        } else {
            intervals += 1;
            waiting.push((low, middle, left));
            waiting.push((middle, high, right));
        }
    }
    Integral { value: sum(parts), error_bound }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn smooth(value: f64) -> Value {
        Value { value, size: value.abs(), rounding: 4.0 * value.abs() }
    }

    #[test]
    fn a_sharp_peak_and_a_polynomial() {
        let peak = integrate(&mut [0.0, 1.0], |x| smooth(1e-5 / (1e-10 + x * x)));
        assert_relative_eq!(peak.value, (1e5_f64).atan(), max_relative = 1e-14);
        assert!(peak.error_bound < 1e-13);
        let polynomial = integrate(&mut [1.0, -1.0, 0.5], |x| smooth(x.powi(38)));
        assert_relative_eq!(polynomial.value, 2.0 / 39.0, max_relative = 1e-14);
        assert_eq!(integrate(&mut [], smooth).value, 0.0);
    }

    #[test]
    fn what_does_not_converge_is_in_the_bound() {
        let jump = integrate(&mut [0.0, 1.0], |x| smooth(if x < 1.0 / 3.0 { 1.0 } else { 0.0 }));
        assert!((jump.value - 1.0 / 3.0).abs() <= jump.error_bound);
    }
}
