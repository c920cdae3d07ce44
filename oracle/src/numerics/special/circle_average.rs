//! Averages over a circle by the trapezoidal rule, which converges exponentially for what is analytic around it.
//!
//! `(1/2π) ∫ F(θ) dθ` for even `F(θ) = f(sin(θ/2)) e^{−2x sin²(θ/2)}`, `x ≥ 0`: the integral representations of the
//! modified Bessel functions, of the semicircle and of the Marchenko–Pastur law. With `N` nodes the error is the sum of
//! the Fourier coefficients of order `±N, ±2N, …`. Shifting the line of integration to `Im θ = y` bounds them by
//! `e^{x (cosh y − 1) − N y}` times the size of f there; the best line is `sinh y = N/x`
//! ([`analytic_half_width`](CircleRule::analytic_half_width)). `N ≥ 24 + √(88 x)` makes this factor at most `e^{−44}` =
//! 8e-20 for every x, which leaves a factor 1000 for the size of f before the last digit is touched.

use libm::{asinh, exp, sin};
use std::f64::consts::PI;

/// Nodes beyond `2x sin²(θ/2) = SMALLEST_EXPONENT` weigh less than e⁻⁶⁴ and are left out.
const SMALLEST_EXPONENT: f64 = 64.0;

/// The rule for one `x`, which is given by its root so that no large x overflows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CircleRule {
    root: f64,
    half_nodes: f64,
}

impl CircleRule {
    /// The rule that resolves `e^{−(root sin(θ/2))²}`, `root = √(2x) ≥ 0`.
    pub(crate) fn new(root: f64) -> Self {
        // √(88 x) = √44 root.
        Self { root, half_nodes: (12.0 + 0.5 * 44.0_f64.sqrt() * root).ceil() }
    }

    /// `N`, even.
    pub(crate) fn nodes(&self) -> f64 {
        2.0 * self.half_nodes
    }

    /// The average of `f(s, (root s)²) e^{−(root s)²}`, `s = sin(θ/2)`; f must not grow with s.
    pub(crate) fn average(&self, f: impl Fn(f64, f64) -> f64) -> f64 {
        let mut sum = 0.0;
        let mut node = 0.0;
        while node <= self.half_nodes {
            let s = sin(0.5 * PI * (node / self.half_nodes));
            let exponent = (self.root * s) * (self.root * s);
            if exponent > SMALLEST_EXPONENT {
                break;
            }
            // All nodes but θ = 0 and θ = π stand for two.
            let weight = if node == 0.0 || node == self.half_nodes { 1.0 } else { 2.0 };
            sum += weight * f(s, exponent) * exp(-exponent);
            node += 1.0;
        }
        sum / self.nodes()
    }

    /// `y`: a pole of f nearer to the real line than this must be corrected for; one farther away does not matter.
    pub(crate) fn analytic_half_width(&self) -> f64 {
        asinh(2.0 * self.nodes() / self.root / self.root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn averages_of_trigonometric_polynomials_are_exact() {
        let rule = CircleRule::new(0.0);
        assert_relative_eq!(rule.average(|_, _| 1.0), 1.0, max_relative = 1e-15);
        // <sin²(θ/2)> = ½ and <sin⁴(θ/2)> = 3/8.
        assert_relative_eq!(rule.average(|s, _| s * s), 0.5, max_relative = 1e-15);
        assert_relative_eq!(rule.average(|s, _| s.powi(4)), 0.375, max_relative = 1e-15);
    }

    #[test]
    fn the_aliasing_factor_is_below_its_bound() {
        for root in [0.0, 1e-3, 0.1, 1.0, 3.0, 10.0, 100.0, 1e4, 1e8] {
            let rule = CircleRule::new(root);
            let (x, y) = (0.5 * root * root, rule.analytic_half_width());
            let exponent = if x == 0.0 {
                f64::NEG_INFINITY
            } else {
                x * 2.0 * (0.5 * y).sinh().powi(2) - rule.nodes() * y
            };
            assert!(exponent <= -44.0 * (1.0 - 1e-9), "{exponent} at root {root}");
        }
    }
}
