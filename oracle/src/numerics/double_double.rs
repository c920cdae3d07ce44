//! Sums and products in twice the precision of a double: the unevaluated sum of two.
//!
//! Relative error of every operation below 2⁻¹⁰², cancellation of the operands included (Joldes, Muller and Popescu,
//! ACM Trans. Math. Softw. 44, 15 (2017), algorithms 6 and 11). It is what a step needs whose rounding error a million
//! repetitions would multiply.

use std::ops::{Add, Mul, Neg, Sub};

/// `high + low` with `|low|` at most half a unit in the last place of `high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DoubleDouble {
    high: f64,
    low: f64,
}

impl DoubleDouble {
    pub(crate) const ZERO: Self = Self { high: 0.0, low: 0.0 };
    pub(crate) const ONE: Self = Self { high: 1.0, low: 0.0 };

    /// `a b`, exactly where it neither overflows nor underflows.
    pub(crate) fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self::renormalised(high, a.mul_add(b, -high))
    }

    /// The double next to the value.
    pub(crate) const fn high(self) -> f64 {
        self.high
    }

    /// What [`high`](Self::high) leaves out.
    pub(crate) const fn low(self) -> f64 {
        self.low
    }

    /// The sum of both, where `|high| ≥ |low|`. An infinite or undefined `high` is all there is.
    fn renormalised(high: f64, low: f64) -> Self {
        let sum = high + low;
        if !high.is_finite() || !sum.is_finite() {
            return Self { high, low: 0.0 };
        }
        Self { high: sum, low: low - (sum - high) }
    }
}

impl From<f64> for DoubleDouble {
    fn from(value: f64) -> Self {
        Self { high: value, low: 0.0 }
    }
}

/// Sum and rounding error of the sum of any two doubles (Knuth).
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - b;
    (sum, (a - part) + (b - (sum - part)))
}

impl Add for DoubleDouble {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let (high, high_lost) = two_sum(self.high, other.high);
        let (low, low_lost) = two_sum(self.low, other.low);
        let first = Self::renormalised(high, high_lost + low);
        Self::renormalised(first.high, first.low + low_lost)
    }
}

impl Neg for DoubleDouble {
    type Output = Self;

    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Sub for DoubleDouble {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for DoubleDouble {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let high = self.high * other.high;
        let lost = self.high.mul_add(other.high, -high);
        Self::renormalised(high, lost + (self.high * other.low + self.low * other.high))
    }
}

impl Mul<f64> for DoubleDouble {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        self * Self::from(factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_beyond_a_double_survive() {
        let small = 2.0_f64.powi(-80);
        let sum = DoubleDouble::ONE + DoubleDouble::from(small);
        assert_eq!((sum.high(), sum.low()), (1.0, small));
        assert_eq!((sum - DoubleDouble::ONE).high(), small);
        // (1 + 2⁻⁸⁰)² = 1 + 2⁻⁷⁹ + 2⁻¹⁶⁰, of which the last is beyond two doubles.
        assert_eq!((sum * sum).low(), 2.0 * small);
        // 0.1 · 10 − 1 is the rounding error of 0.1 times ten.
        assert_eq!((DoubleDouble::product(0.1, 10.0) - DoubleDouble::ONE).high(), 2.0_f64.powi(-54));
    }

    /// Thirds have no end in base two: three of them are 1 up to the precision.
    #[test]
    fn errors_stay_below_the_stated_bound() {
        let third = DoubleDouble { high: 1.0 / 3.0, low: 1.0 / 3.0 * 2.0_f64.powi(-54) };
        let error = (third * 3.0 - DoubleDouble::ONE).high().abs();
        assert!(error < 2.0_f64.powi(-102), "{error:e}");
    }

    #[test]
    fn what_overflows_is_infinite() {
        let large = DoubleDouble::from(1e300);
        assert_eq!((large * large).high(), f64::INFINITY);
        assert_eq!((large * large + large).high(), f64::INFINITY);
        assert!((large * large - large * large).high().is_nan());
    }
}
