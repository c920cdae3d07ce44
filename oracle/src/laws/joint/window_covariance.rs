//! Covariance of two window indicators of a bivariate Gaussian, without cancellation.
//!
//! `P(X and Y inside) − P(X inside) P(Y inside)` loses all digits where the two hardly depend on each other. Plackett
//! (Biometrika 41, 351 (1954)): the derivative of a bivariate Gaussian probability with respect to the correlation is
//! the density `φ₂` at the corner, so with corners `a±` of X and `b±` of Y
//! `Cov = ∫₀^ρ [φ₂(a₊, b₊; r) − φ₂(a₊, b₋; r) − φ₂(a₋, b₊; r) + φ₂(a₋, b₋; r)] dr`. With `r = sin θ` the integrand is
//! `(1/2π) Σ ± exp(−(a² − 2 r a b + b²) / (2 cos² θ))`, bounded up to `ρ = 1`.

use super::quadrature::{Integral, Value, integrate};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// A Gaussian in units of its standard deviation, seen from its mean: inside is within `half_width` of `centre`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) centre: f64,
    pub(super) half_width: f64,
}

/// How strongly two Gaussians depend on each other: correlation ρ, and `1 − ρ²` in its own right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dependence {
    pub(super) correlation: f64,
    pub(super) unexplained: f64,
}

/// The covariance of the indicators, with a bound on its error.
pub(super) fn window_covariance(first: Window, second: Window, dependence: Dependence) -> Integral {
    // Mirroring the second variable changes the sign of the correlation.
    let (correlation, centre) = if dependence.correlation < 0.0 {
        (-dependence.correlation, -second.centre)
    } else {
        (dependence.correlation, second.centre)
    };
    let corners = Corners { first, second: Window { centre, ..second } };
    let everything = first.half_width == f64::INFINITY || second.half_width == f64::INFINITY;
    if everything || correlation == 0.0 {
        return Integral::default();
    }
    let cosine = dependence.unexplained.sqrt();
    let angle = correlation.atan2(cosine);
    // Near 90° the cosine decides, and only the complement of the angle holds it to full precision.
    let (mut near, mut far) = (vec![0.0, angle.min(FRAC_PI_4)], Vec::new());
    if angle > FRAC_PI_4 {
        far.extend([cosine.atan2(correlation), FRAC_PI_4]);
    }
    for (peak, complement) in corners.peaks() {
        if peak < near[1] {
            near.push(peak);
        } else if let Some(&end) = far.first()
            && complement > end
            && complement < FRAC_PI_4
        {
            far.push(complement);
        }
    }
    let by_angle = integrate(&mut near, |angle| corners.signed_sum(angle.sin(), angle.cos()));
    let by_complement = integrate(&mut far, |angle| corners.signed_sum(angle.cos(), angle.sin()));
    (by_angle + by_complement) * (0.5 / PI)
}

#[derive(Clone, Copy)]
struct Corners {
    first: Window,
    second: Window,
}

/// Beyond this many standard deviations a density is below the smallest double.
const FARTHEST: f64 = 39.0;

impl Corners {
    /// The angles at which the density of a corner is largest, `sin θ = a/b` or `b/a`, and their complements.
    fn peaks(&self) -> impl Iterator<Item = (f64, f64)> {
        let pairs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let corner = |window: Window, side: f64| window.centre + side * window.half_width;
        let (first, second) = (self.first, self.second);
        pairs.into_iter().filter_map(move |(s, t)| {
            let (a, b) = (corner(first, s), corner(second, t));
            let (low, high) = (a.abs().min(b.abs()), a.abs().max(b.abs()));
            let other = ((high - low) * (high + low)).sqrt();
            (a * b > 0.0 && other > 0.0 && high < FARTHEST).then(|| {
                let peak = low.atan2(other);
                (peak, if peak < FRAC_PI_4 { FRAC_PI_2 - peak } else { other.atan2(low) })
            })
        })
    }

    /// `Σ ± exp(…)` over the four corners at `r = sine`, relatively accurate wherever its terms are.
    fn signed_sum(&self, sine: f64, cosine: f64) -> Value {
        let (Window { centre: u, half_width: h }, Window { centre: v, half_width: k }) =
            (self.first, self.second);
        let square = cosine * cosine;
        // The exponents are E₀ + s A + t B + s t C for the corners (s, t) = (±1, ±1).
        let a = -h * (u - sine * v) / square;
        let b = -k * (v - sine * u) / square;
        let c = sine * (h / cosine) * (k / cosine);
        if a.abs() <= 1.0 && b.abs() <= 1.0 && c.abs() <= 1.0 {
            if u.abs() > FARTHEST || v.abs() > FARTHEST {
                return Value::default();
            }
            let exponent = -0.5
                * (square_of((u - v) / cosine) + square_of(h / cosine) + square_of(k / cosine))
                - u * v / (1.0 + sine);
            let factor = 4.0 * exponent.exp();
            let own = c.sinh() * a.cosh() * b.cosh();
            let shifted = c.cosh() * a.sinh() * b.sinh();
            let size = factor * (own.abs() + shifted.abs());
            return Value {
                value: factor * (own + shifted),
                size,
                rounding: size * (8.0 + 4.0 * exponent.abs()),
            };
        }
        // Pair first the corners that are closer to each other.
        let (outer, inner) =
            if a.abs() >= b.abs() { (self.first, self.second) } else { (self.second, self.first) };
        let upper = edge_difference(outer.centre + outer.half_width, inner, sine, cosine);
        let lower = edge_difference(outer.centre - outer.half_width, inner, sine, cosine);
        Value {
            value: upper.value - lower.value,
            size: upper.size + lower.size,
            rounding: upper.rounding + lower.rounding,
        }
    }
}

fn square_of(x: f64) -> f64 {
    x * x
}

/// `exp(E(edge, upper end)) − exp(E(edge, lower end))` of `window`.
fn edge_difference(edge: f64, window: Window, sine: f64, cosine: f64) -> Value {
    let (v, k) = (window.centre, window.half_width);
    let half_difference = -k * (v - sine * edge) / (cosine * cosine);
    if half_difference.abs() <= 1.0 {
        if edge.abs() > FARTHEST || v.abs() > FARTHEST + k {
            return Value::default();
        }
        let exponent =
            -0.5 * (square_of((edge - v) / cosine) + square_of(k / cosine)) - edge * v / (1.0 + sine);
        let value = 2.0 * exponent.exp() * half_difference.sinh();
        return Value { value, size: value.abs(), rounding: value.abs() * (8.0 + 4.0 * exponent.abs()) };
    }
    let (upper, lower) = (corner(edge, v + k, sine, cosine), corner(edge, v - k, sine, cosine));
    Value {
        value: upper.value - lower.value,
        size: upper.size + lower.size,
        rounding: upper.rounding + lower.rounding,
    }
}

/// `exp(−(a² − 2 r a b + b²) / (2 cos²))`, through `a − b` so that nothing cancels for r near 1.
fn corner(a: f64, b: f64, sine: f64, cosine: f64) -> Value {
    if a.abs() > FARTHEST || b.abs() > FARTHEST {
        return Value::default();
    }
    let exponent = -0.5 * square_of((a - b) / cosine) - a * b / (1.0 + sine);
    let value = exponent.exp();
    Value { value, size: value, rounding: value * (4.0 + 4.0 * exponent.abs()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::special::{erf_window, exp_minus_square};
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use std::f64::consts::FRAC_1_SQRT_2;

    fn dependence(correlation: f64) -> Dependence {
        Dependence { correlation, unexplained: (1.0 - correlation) * (1.0 + correlation) }
    }

    fn window(centre: f64, half_width: f64) -> Window {
        Window { centre, half_width }
    }

    fn inside(window: Window) -> f64 {
        erf_window(window.centre * FRAC_1_SQRT_2, window.half_width * FRAC_1_SQRT_2)
    }

    /// Sheppard (1899): `P(X > 0, Y > 0) = 1/4 + asin(ρ) / 2π`. A window of [0, 70] is the half line.
    #[test]
    fn quadrants_have_sheppards_probability() {
        for correlation in [-1.0, -0.999_999, -0.5, 1e-12, 0.3, 0.99, 1.0 - 1e-12, 1.0] {
            let half_line = window(35.0, 35.0);
            let got = window_covariance(half_line, half_line, dependence(correlation));
            let angle = correlation.atan2(dependence(correlation).unexplained.sqrt());
            assert_relative_eq!(got.value, angle / (2.0 * PI), max_relative = 1e-14);
        }
    }

    /// Wholly dependent variables: both are inside where the narrower window is.
    #[test]
    fn nested_windows_of_one_variable() {
        for (narrow, wide) in [(0.1, 0.1), (0.3, 1.0), (1.0, 1.000_001), (2.0, 9.0), (1e-5, 3.0), (1.0, 35.0)]
        {
            for sign in [1.0, -1.0] {
                let got = window_covariance(window(0.0, narrow), window(0.0, wide), dependence(sign));
                let outside = libm::erfc(wide * FRAC_1_SQRT_2);
                let expected = inside(window(0.0, narrow)) * outside;
                let rounding = 2.0 * f64::EPSILON * (8.0 + wide * wide);
                assert_relative_eq!(got.value, expected, max_relative = rounding.max(1e-14));
                assert!((got.value - expected).abs() <= got.error_bound.max(4.0 * f64::EPSILON * expected));
            }
        }
    }

    /// Second route: the conditional probability of Y averaged over X by the midpoint rule.
    fn by_conditioning(first: Window, second: Window, dependence: Dependence) -> f64 {
        let count = 20_000;
        let step = 2.0 * first.half_width / f64::from(count);
        let residual = dependence.unexplained.sqrt();
        let both: f64 = (0..count)
            .map(|i| {
                let x = first.centre - first.half_width + (f64::from(i) + 0.5) * step;
                let centre = (second.centre - dependence.correlation * x) / residual;
                step * exp_minus_square(x * FRAC_1_SQRT_2) / (2.0 * PI).sqrt()
                    * inside(window(centre, second.half_width / residual))
            })
            .sum();
        both - inside(first) * inside(second)
    }

    proptest! {
        #[test]
        fn agrees_with_conditioning(u in -3.0..3.0_f64, h in 0.01..3.0_f64, v in -3.0..3.0_f64, k in 0.01..3.0_f64,
            correlation in -0.95..0.95_f64) {
            let (first, second) = (window(u, h), window(v, k));
            let got = window_covariance(first, second, dependence(correlation));
            // Midpoint rule: h³/12 n² times the second derivative of the integrand, at most 1/(1 − ρ²) ~ 10 here.
            let allowed = 10.0 * (2.0 * h).powi(3) / 12.0 / 4e8 + 1e-14;
            let expected = by_conditioning(first, second, dependence(correlation));
            prop_assert!((got.value - expected).abs() <= allowed, "{} {}", got.value, expected);
        }

        #[test]
        fn symmetric_mirrored_and_bounded(u in -40.0..40.0_f64, h in 1e-6..40.0_f64, v in -40.0..40.0_f64,
            k in 1e-6..40.0_f64, correlation in -1.0..=1.0_f64) {
            let (first, second) = (window(u, h), window(v, k));
            let of = |first, second, correlation| window_covariance(first, second, dependence(correlation));
            let got = of(first, second, correlation);
            prop_assert!(got.value.is_finite() && got.error_bound >= 0.0);
            let mirrored = of(first, window(-v, k), -correlation);
            prop_assert_eq!(got.value, mirrored.value);
            let swapped = of(second, first, correlation);
            prop_assert!((got.value - swapped.value).abs() <= got.error_bound + swapped.error_bound);
            let [p, q] = [inside(first), inside(second)];
            let (largest, smallest) = (p.min(q) - p * q, (p + q - 1.0).max(0.0) - p * q);
            prop_assert!(got.value <= largest + 1e-15 && got.value >= smallest - 1e-15);
        }
    }

    #[test]
    fn edges_of_the_domain() {
        let unit = window(0.3, 1.0);
        assert_eq!(window_covariance(unit, unit, dependence(0.0)).value, 0.0);
        assert_eq!(window_covariance(unit, window(0.0, 0.0), dependence(0.5)).value, 0.0);
        assert_eq!(window_covariance(unit, window(0.0, f64::INFINITY), dependence(0.5)).value, 0.0);
        assert_eq!(window_covariance(unit, window(1e300, 1.0), dependence(0.5)).value, 0.0);
        assert_eq!(window_covariance(unit, window(0.0, 1e300), dependence(0.5)).value, 0.0);
        let disjoint = window_covariance(window(3.0, 1.0), window(-3.0, 1.0), dependence(1.0));
        assert_relative_eq!(disjoint.value, -inside(window(3.0, 1.0)).powi(2), max_relative = 1e-13);
    }
}
