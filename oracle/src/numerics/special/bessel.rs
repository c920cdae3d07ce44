//! Modified Bessel functions of order 0 and 1, scaled by `e^{−x}` (Abramowitz and Stegun 9.6).
//!
//! `e^{−x} I0(x) = <e^{−2x sin²(θ/2)}>` and, by parts, `e^{−x} I1(x) / x = <sin²θ e^{−2x sin²(θ/2)}>`, averages over
//! the circle. All terms are positive, so that the trapezoidal rule keeps 1e-15 for every `x ≥ 0`; there is no switch
//! between series. The crates of the workspace have no modified Bessel functions.

use super::circle_average::CircleRule;

/// `e^{−|x|} I0(x)`: 1 at 0, `1/√(2π x)` at large x. NaN in, NaN out.
///
/// ```
/// use glassbox_oracle::special::bessel_i0_scaled;
/// assert!((bessel_i0_scaled(2.0) - 0.308_508_322_553_671_04).abs() < 1e-15);
/// ```
#[must_use]
pub fn bessel_i0_scaled(x: f64) -> f64 {
    if !x.is_finite() {
        return if x.is_nan() { x } else { 0.0 };
    }
    rule(x).average(|_, _| 1.0)
}

/// `e^{−|x|} I1(x)`: odd in x; `x/2` at small x, `1/√(2π x)` at large x. NaN in, NaN out.
#[must_use]
pub fn bessel_i1_scaled(x: f64) -> f64 {
    if !x.is_finite() {
        return if x.is_nan() { x } else { 0.0_f64.copysign(x) };
    }
    if x.abs() < 1.0 {
        return x * bessel_i1_scaled_over_argument(x);
    }
    // sin²θ = 4 s² (1 − s²) and x s² is half the exponent: no overflow or underflow at any x.
    rule(x).average(|s, exponent| 2.0 * exponent * (1.0 - s * s)).copysign(x)
}

/// `e^{−|x|} I1(x) / x`: even in x; ½ at 0, `x^{−3/2}/√(2π)` at large x. NaN in, NaN out.
#[must_use]
pub fn bessel_i1_scaled_over_argument(x: f64) -> f64 {
    if x.abs() > 1.0 {
        return bessel_i1_scaled(x) / x;
    }
    if x.is_nan() { x } else { rule(x).average(|s, _| 4.0 * (s * s) * (1.0 - s * s)) }
}

fn rule(x: f64) -> CircleRule {
    CircleRule::new(std::f64::consts::SQRT_2 * x.abs().sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use std::f64::consts::PI;

    /// Second route at small x: the power series, whose terms are positive, too.
    #[test]
    fn power_series() {
        for x in [0.0, 1e-300, 1e-9, 0.3, 0.999, 1.0, 1.001, 2.0, 7.5, 20.0_f64] {
            let quarter_square = 0.25 * x * x;
            let (mut zero, mut one, mut term) = (0.0, 0.0, 1.0);
            for k in 1..200 {
                zero += term;
                one += term / f64::from(k);
                term *= quarter_square / f64::from(k).powi(2);
            }
            let scale = (-x).exp();
            assert_relative_eq!(bessel_i0_scaled(x), zero * scale, max_relative = 4e-15);
            assert_relative_eq!(bessel_i1_scaled(x), 0.5 * x * one * scale, max_relative = 4e-15);
            assert_relative_eq!(bessel_i1_scaled_over_argument(x), 0.5 * one * scale, max_relative = 4e-15);
        }
    }

    /// Second route at large x: the asymptotic series (Abramowitz and Stegun 9.7.1), whose first term left out is
    /// below 1e-18 from x = 1000 on.
    #[test]
    fn asymptotic_series() {
        for x in [1e3, 12_345.678, 1e8, 1e15, 1e100, 1e300, f64::MAX] {
            for (order, got) in [(0.0, bessel_i0_scaled(x)), (1.0, bessel_i1_scaled(x))] {
                let (mut sum, mut term) = (0.0, 1.0);
                for k in 1..8 {
                    sum += term;
                    term *= -(4.0 * order * order - f64::from(2 * k - 1).powi(2)) / (f64::from(k) * 8.0 * x);
                }
                assert_relative_eq!(got, sum / (2.0 * PI).sqrt() / x.sqrt(), max_relative = 2e-15);
            }
        }
    }

    #[test]
    fn edges_of_the_domain() {
        assert_eq!((bessel_i0_scaled(f64::INFINITY), bessel_i1_scaled(f64::NEG_INFINITY)), (0.0, -0.0));
        assert_eq!(bessel_i1_scaled_over_argument(f64::INFINITY), 0.0);
        assert_eq!(bessel_i1_scaled(-3.0), -bessel_i1_scaled(3.0));
        assert_eq!(bessel_i0_scaled(-3.0), bessel_i0_scaled(3.0));
        for function in [bessel_i0_scaled, bessel_i1_scaled, bessel_i1_scaled_over_argument] {
            assert!(function(f64::NAN).is_nan());
        }
    }
}
