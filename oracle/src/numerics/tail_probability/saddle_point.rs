//! The tail of a sum from its cumulant generating function (Lugannani and Rice, Adv. Appl. Prob. 12, 475 (1980)).
//!
//! The relative error of the tail of a sum of n terms is of order 1/n however far the tail.

use crate::numerics::special::exp_minus_square;
use libm::erfc;
use std::f64::consts::{PI, SQRT_2};

/// The cumulant generating function of one term at some `s`, and its first two derivatives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tilted {
    pub(crate) value: f64,
    pub(crate) mean: f64,
    pub(crate) variance: f64,
}

impl Tilted {
    /// A mixture of terms, each with the logarithm of its weight added to its `value`.
    pub(crate) fn mixture(parts: &[Tilted]) -> Self {
        let largest = parts.iter().map(|part| part.value).fold(f64::NEG_INFINITY, f64::max);
        let weight = |part: &Tilted| (part.value - largest).exp();
        let total: f64 = parts.iter().map(weight).sum();
        let mean = parts.iter().map(|part| weight(part) * part.mean).sum::<f64>() / total;
        let spread = |part: &Tilted| part.variance + (part.mean - mean).powi(2);
        let variance = parts.iter().map(|part| weight(part) * spread(part)).sum::<f64>() / total;
        Self { value: largest + total.ln(), mean, variance }
    }
}

/// The probability beyond the saddle point, on the side of the sign of `s`: above for `s > 0`.
///
/// `exponent` is `s x − K(s)`, at least 0, and `variance` is `K''(s)`, both of the whole sum.
pub(crate) fn tail(exponent: f64, s: f64, variance: f64) -> f64 {
    let signed = (2.0 * exponent.max(0.0)).sqrt().copysign(s);
    // At the mean the formula is 0/0: the two terms cancel, and nothing deviates.
    if signed.abs() < 1e-3 {
        return 0.5;
    }
    // Below the smallest double, where the variance may have over- or underflowed as well.
    if signed.abs() > 40.0 {
        return 0.0;
    }
    let tail_factor = 1.0 / (s * variance.sqrt()) - 1.0 / signed;
    let density = exp_minus_square(signed / SQRT_2) / (2.0 * PI).sqrt();
    // The tail on the side of the deviation, each in its own right: a complement would round to 0.
    0.5 * erfc(signed.abs() / SQRT_2) + signed.signum() * density * tail_factor
}

/// `2 min(P(mean ≥ observed), P(mean ≤ observed))` for the mean of `count` terms with the cumulants `of(s)`, whose
/// mean passes `observed` between `low` and `high`.
pub(crate) fn two_sided_p_value(
    of: impl Fn(f64) -> Tilted,
    (mut low, mut high): (f64, f64),
    observed: f64,
    count: f64,
) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if of(middle).mean > observed { high = middle } else { low = middle }
    }
    let s = 0.5 * (low + high);
    let tilted = of(s);
    let one_sided = tail(count * (s * observed - tilted.value), s, count * tilted.variance);
    (2.0 * one_sided).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// For a Gaussian term the formula is exact.
    #[test]
    fn gaussian_terms() {
        let of = |s: f64| Tilted { value: 0.5 * s * s, mean: s, variance: 1.0 };
        for z in [-9.0_f64, -1.0, 0.5, 6.0] {
            let p_value = two_sided_p_value(of, (-10.0, 10.0), z / 5.0, 25.0);
            assert_relative_eq!(p_value, erfc(z.abs() / SQRT_2), max_relative = 1e-9);
        }
        assert_eq!(two_sided_p_value(of, (-10.0, 10.0), 0.0, 25.0), 1.0);
    }
}
