//! Error functions without cancellation, and scaled Bessel functions.
//!
//! `erf` and `erfc` are those of the `libm` crate (FreeBSD's msun, below one ulp). What is added here keeps
//! relative accuracy where a difference of two of them would lose it.

mod bessel;
mod circle_average;

pub use bessel::{bessel_i0_scaled, bessel_i1_scaled, bessel_i1_scaled_over_argument};
pub(crate) use circle_average::CircleRule;

use libm::{erf, erfc};
use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2};

/// `½ [erf(c + d) − erf(c − d)]`: the probability that a Gaussian of variance ½ about `c` lies in `[−d, d]`.
///
/// `centre` is any real number (the window is even in it), `half_width ≥ 0`. The relative error is a few ulps
/// times the condition number `2 c²` in the tails. NaN in, NaN out.
#[must_use]
pub fn erf_window(centre: f64, half_width: f64) -> f64 {
    let (c, d) = (centre.abs(), half_width);
    if c <= d {
        // Both terms are positive. (Covers infinite windows, too.)
        return 0.5 * (erf(d - c) + erf(d + c));
    }
    if 4.0 * c * d >= 1.0 {
        // The second term is at most e⁻¹ of the first: no cancellation.
        return 0.5 * (erfc(c - d) - erfc(c + d));
    }
    // (2/√π) e^{−c²} ∫₀^d e^{−u²} cosh(2cu) du: the integrand varies by less than 13 % over the window, where
    // eight Gauss–Legendre nodes are exact to the last bit.
    let integral: f64 = GAUSS_LEGENDRE_8
        .iter()
        .map(|&(node, weight)| {
            let pair = [0.5 * d * (1.0 - node), 0.5 * d * (1.0 + node)];
            weight * pair.iter().map(|u| (-u * u).exp() * (2.0 * c * u).cosh()).sum::<f64>()
        })
        .sum();
    FRAC_2_SQRT_PI * exp_minus_square(c) * (0.5 * d * integral)
}

/// `1 − erf_window(c, d)`, to full relative accuracy where the window is nearly certain.
#[must_use]
pub fn erf_window_complement(centre: f64, half_width: f64) -> f64 {
    let c = centre.abs();
    0.5 * (erfc(half_width - c) + erfc(half_width + c))
}

/// `exp(−x²)` with the rounding error of the square put back.
#[must_use]
pub fn exp_minus_square(x: f64) -> f64 {
    let square = x * x;
    let lost = x.mul_add(x, -square);
    // Beyond this both are zero, and `lost` may be NaN.
    if square > 800.0 { 0.0 } else { (-square).exp() * (1.0 - lost) }
}

/// The `x` with `erf(x) = q`, for `−1 < q < 1`; ±∞ at ±1 and NaN outside.
///
/// ```
/// use glassbox_oracle::special::inverse_erf;
/// assert!((inverse_erf(0.9) - 1.163_087_153_676_674).abs() < 1e-15);
/// ```
#[must_use]
pub fn inverse_erf(q: f64) -> f64 {
    let magnitude = q.abs();
    if magnitude > 0.5 {
        return inverse_erfc(1.0 - magnitude).copysign(q);
    }
    // Newton from the first terms of the Taylor series: below 2 % off at ½, then quadratic.
    let slope = 1.0 / FRAC_2_SQRT_PI;
    let linear = slope * q;
    let mut x = linear * (1.0 + linear * linear / 3.0);
    for _ in 0..4 {
        x -= (erf(x) - q) * slope / exp_minus_square(x);
    }
    x
}

/// The `x` with `erfc(x) = p`, for `0 < p < 2`; +∞ at 0, −∞ at 2 and NaN outside.
#[must_use]
pub fn inverse_erfc(p: f64) -> f64 {
    if !(0.0..=2.0).contains(&p) {
        return f64::NAN;
    }
    if p == 0.0 {
        return f64::INFINITY;
    }
    if p >= 0.5 {
        // 1 − p is exact here.
        return if p > 1.5 { -inverse_erfc(2.0 - p) } else { inverse_erf(1.0 - p) };
    }
    // Newton on ln erfc, which is nearly a parabola: from erfc(x) ≈ e^{−x²} / (x √π) it converges from anywhere.
    let target = p.ln();
    let mut x = (-(target + 0.5 * (std::f64::consts::PI * -target).ln())).max(0.2).sqrt();
    for _ in 0..8 {
        let tail = erfc(x);
        // Subnormal tails have too few bits to divide by: stop at the starting point's asymptotics there.
        if tail < f64::MIN_POSITIVE {
            break;
        }
        let step = (tail / p).ln() * tail / (FRAC_2_SQRT_PI * exp_minus_square(x));
        x += step;
        if step.abs() <= f64::EPSILON * x {
            break;
        }
    }
    x
}

/// Probability that a standard Gaussian exceeds `|z|` in magnitude: `erfc(|z| / √2)`.
#[must_use]
pub fn gaussian_two_sided_tail(z: f64) -> f64 {
    erfc(z.abs() / SQRT_2)
}

/// The `z` that a standard Gaussian exceeds with probability `p`, for `0 < p < 1`.
#[must_use]
pub fn gaussian_upper_quantile(p: f64) -> f64 {
    SQRT_2 * inverse_erfc(2.0 * p)
}

/// Positive nodes and weights of the eight-point Gauss–Legendre rule on [−1, 1] (Abramowitz and Stegun 25.4).
pub(crate) const GAUSS_LEGENDRE_8: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    #[test]
    fn constants_of_the_paper() {
        assert_relative_eq!(inverse_erf(0.9), 1.163_087_153_676_674, max_relative = 1e-15);
        assert_relative_eq!(inverse_erf((-1.0_f64).exp()), 0.338_523_328_564, max_relative = 1e-11);
    }

    #[test]
    fn edges_of_the_domain() {
        assert_eq!(inverse_erf(1.0), f64::INFINITY);
        assert_eq!(inverse_erf(-1.0), f64::NEG_INFINITY);
        assert_eq!(inverse_erfc(2.0), f64::NEG_INFINITY);
        assert!(inverse_erf(1.1).is_nan() && inverse_erfc(-0.1).is_nan() && inverse_erf(f64::NAN).is_nan());
        assert_eq!(inverse_erf(0.0), 0.0);
        assert_eq!(erf_window(3.0, 0.0), 0.0);
        assert_eq!(erf_window(3.0, f64::INFINITY), 1.0);
        assert!(erf_window(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn the_three_branches_of_the_window_meet() {
        for c in [0.01, 0.3, 0.7, 2.0, 9.0] {
            let (d, rounding) = (0.25 / c, 1e-14 * (1.0 + c * c));
            if d < c {
                let (below, above) = (erf_window(c, d * (1.0 - 1e-15)), erf_window(c, d * (1.0 + 1e-15)));
                assert_relative_eq!(below, above, max_relative = rounding);
            }
            assert_relative_eq!(erf_window(c, c), erf_window(c * (1.0 + 1e-15), c), max_relative = rounding);
        }
    }

    proptest! {
        /// The `special` crate is an independent implementation of erf.
        #[test]
        fn window_agrees_with_the_plain_difference_where_that_is_accurate(c in 0.0..2.0_f64, d in 0.1..3.0_f64) {
            use special::Error;
            let plain = 0.5 * ((c + d).error() - (c - d).error());
            prop_assert!((erf_window(c, d) - plain).abs() < 1e-14);
        }

        #[test]
        fn inverse_erf_inverts(x in -5.0..5.0_f64) {
            let tail = erfc(x.abs());
            // erfc(x) near 1 has an absolute precision of half an ulp of 1, which the slope turns into one of x.
            let resolution = f64::EPSILON * tail / (FRAC_2_SQRT_PI * exp_minus_square(x));
            prop_assert!((inverse_erfc(tail) - x.abs()).abs() <= 2.0 * resolution + 4.0 * f64::EPSILON * x.abs());
        }

        #[test]
        fn window_and_complement_add_to_one(c in -30.0..30.0_f64, d in 0.0..30.0_f64) {
            prop_assert!((erf_window(c, d) + erf_window_complement(c, d) - 1.0).abs() < 1e-15);
        }
    }
}
