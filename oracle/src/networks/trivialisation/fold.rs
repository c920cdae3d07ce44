//! The two roots of `lambda(m) = lambda` beside the spinodal, in a variable that loses no digits.
//!
//! With `m = m_s (1 + u)` and `a = (H − 2)/H = m_s/(1 − m_s)`,
//! `ln(lambda(m)/lambda_s) = log1p(−a u) + a log1p(u)`: whatever `|x|`, a fold at `u = 0`, between `u = −1` (`m = 0`)
//! and `u = 1/a` (`m = 1`). The linear terms cancel and `φ(x) = log1p(x) − x` is never positive, so
//! `φ(−a u) + a φ(u)` loses nothing.

use libm::{log, log1p, pow, sqrt};

/// The fold of networks of `H ≥ 3` layers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fold {
    layers: f64,
    /// `a`.
    exponent: f64,
}

/// A point of the curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    /// `m`.
    pub(super) output: f64,
    /// `1 − m`.
    pub(super) shortfall: f64,
    /// `u = m/m_s − 1`.
    pub(super) beyond_tip: f64,
}

/// Below this `−ln(lambda/lambda_s)` the unknown is u, above it the distance to the end of the branch.
const NEAR: f64 = 0.5;
/// Newton's method converges from one side, quadratically at the end; it stops where it no longer moves.
const MOST_STEPS: usize = 100;

impl Fold {
    pub(super) fn new(layers: u32) -> Self {
        let layers = f64::from(layers);
        Self { layers, exponent: (layers - 2.0) / layers }
    }

    /// `a = 1 − 2/H`.
    pub(super) fn exponent(&self) -> f64 {
        self.exponent
    }

    /// The spinodal.
    pub(super) fn tip(&self) -> Position {
        let twice = 2.0 * (self.layers - 1.0);
        Position { output: (self.layers - 2.0) / twice, shortfall: self.layers / twice, beyond_tip: 0.0 }
    }

    /// The root of larger m; `None` beyond the spinodal `end`.
    pub(super) fn upper(&self, regularisation: f64, end: f64) -> Option<Position> {
        let (ratio, depth) = depth(regularisation, end)?;
        Some(self.upper_at(ratio, depth))
    }

    /// The root of smaller m.
    pub(super) fn lower(&self, regularisation: f64, end: f64) -> Option<Position> {
        let (ratio, depth) = depth(regularisation, end)?;
        Some(self.lower_at(ratio, depth))
    }

    /// Both at `lambda = lambda_s (1 − gap)`.
    pub(super) fn both(&self, gap: f64) -> (Position, Position) {
        let (ratio, depth) = (1.0 - gap, -log1p(-gap));
        (self.upper_at(ratio, depth), self.lower_at(ratio, depth))
    }

    fn upper_at(&self, ratio: f64, depth: f64) -> Position {
        let a = self.exponent;
        // (1 − a u) (1 + u)^a = ratio with 1 + u ≤ 1 + 1/a: a lower bound of the shortfall in units of the tip's.
        let least = ratio / pow(1.0 + 1.0 / a, a);
        if depth < NEAR {
            // −ln ratio ≥ (a u)²/2.
            let u = self.newton_near(depth, (sqrt(2.0 * depth) / a).min((1.0 - least) / a));
            return self.position(u, 1.0 + u, 1.0 - a * u);
        }
        let v = newton(least, |v| {
            let rest = (1.0 + a - v) / a;
            (log(v / ratio) + a * log(rest), 1.0 / v - 1.0 / rest)
        });
        self.position((1.0 - v) / a, (1.0 + a - v) / a, v)
    }

    fn lower_at(&self, ratio: f64, depth: f64) -> Position {
        let a = self.exponent;
        // The same with 1 − a u ≤ 1 + a.
        let least = pow(ratio / (1.0 + a), 1.0 / a);
        if depth < NEAR {
            // −ln ratio ≥ a u²/2.
            let u = self.newton_near(depth, -sqrt(2.0 * depth / a).min(1.0 - least));
            return self.position(u, 1.0 + u, 1.0 - a * u);
        }
        let p = newton(least, |p| {
            let rest = 1.0 + a - a * p;
            (log(p / least) + log(rest / (1.0 + a)) / a, 1.0 / p - 1.0 / rest)
        });
        self.position(p - 1.0, p, 1.0 + a - a * p)
    }

    /// `scaled_output = m/m_s`, `scaled_shortfall = (1 − m)/(1 − m_s)`.
    fn position(&self, beyond_tip: f64, scaled_output: f64, scaled_shortfall: f64) -> Position {
        let tip = self.tip();
        Position {
            output: tip.output * scaled_output,
            shortfall: tip.shortfall * scaled_shortfall,
            beyond_tip,
        }
    }

    /// The root of `φ(−a u) + a φ(u) = −depth` on the side of `start`, which lies beyond it: the left side is concave,
    /// so that Newton's method comes back from there without overshooting.
    fn newton_near(&self, depth: f64, start: f64) -> f64 {
        let a = self.exponent;
        if depth == 0.0 {
            return 0.0;
        }
        newton_from(start, |u| {
            let value = log1p_less_linear(-a * u) + a * log1p_less_linear(u) + depth;
            (value, -a * (1.0 + a) * u / ((1.0 - a * u) * (1.0 + u)))
        })
    }
}

/// `lambda/lambda_s` and `−ln` of it; `None` above the spinodal.
fn depth(regularisation: f64, end: f64) -> Option<(f64, f64)> {
    if regularisation > end {
        return None;
    }
    let ratio = regularisation / end;
    // The difference is exact near the spinodal.
    Some((ratio, if ratio > 0.5 { -log1p(-(end - regularisation) / end) } else { -log(ratio) }))
}

/// Newton's method for a positive root that `start` may underflow.
fn newton(start: f64, function: impl Fn(f64) -> (f64, f64)) -> f64 {
    if start < f64::MIN_POSITIVE { start } else { newton_from(start, function) }
}

fn newton_from(start: f64, function: impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut x = start;
    for _ in 0..MOST_STEPS {
        let (value, slope) = function(x);
        let next = x - value / slope;
        if !next.is_finite() || (next - x).abs() <= f64::EPSILON * x.abs() {
            return if next.is_finite() { next } else { x };
        }
        x = next;
    }
    x
}

/// `log1p(x) − x`, never positive, without cancellation.
fn log1p_less_linear(x: f64) -> f64 {
    if x.abs() > 0.5 {
        return log1p(x) - x;
    }
    // log1p(x) = 2 artanh t and x = 2t/(1 − t) with t = x/(2 + x): the linear terms are gone by hand.
    let t = x / (2.0 + x);
    let square = t * t;
    // t² ≤ 1/9: nine ones to a digit.
    let series = (0..18).rev().fold(0.0, |sum, k| sum * square + 1.0 / f64::from(2 * k + 3));
    t * (2.0 * square * series - x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_logarithm_less_its_linear_term() {
        // −x²/2 + x³/3 − x⁴/4 for small x; both formulas at ±½.
        let x = 1e-4_f64;
        let series = -x * x * (0.5 - x * (1.0 / 3.0 - x * (0.25 - x / 5.0)));
        assert_relative_eq!(log1p_less_linear(x), series, max_relative = 1e-15);
        for edge in [-0.5, 0.5] {
            assert_relative_eq!(log1p_less_linear(edge), log1p(edge) - edge, max_relative = 1e-14);
        }
    }
}
