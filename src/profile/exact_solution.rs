//! Exact solutions on a given path of the noise.

use glassbox_oracle::Bath;
use libm::{exp, expm1};

/// The exact solution of a Langevin equation, `dw = −mu ∇L dt + √(2 D) dW`, advanced along a path that is known step by
/// step.
pub trait ExactSolution: Send + Sync {
    /// Advances `weights` by `dt` on the path itself. `increments` are the increments of W over the step in units of √dt;
    /// `within` are as many independent standard Gaussian numbers for what the path does within the step, so that the
    /// solution and the increments have exactly their joint law.
    fn follow(&self, dt: f64, weights: &mut [f64], increments: &[f64], within: &[f64]);

    /// Advances `weights` by `dt` with exactly the law of the solution, driven by `increments` alone and as near to an
    /// integrator that knows nothing else as can be: the control variate of moments.
    fn sample(&self, dt: f64, weights: &mut [f64], increments: &[f64]);
}

/// The solution in wells of given stiffnesses.
///
/// Over a step of `u = mu k dt` the noise is `σ J`, `J = ∫ e^{−kappa (dt − s)} dW / √dt`, with variance
/// `v = (1 − e^{−2u}) / 2u` and covariance `c = (1 − e^{−u}) / u` with the increment ξ: `J = c ξ + √(v − c²) ζ` on the
/// path, `√v ξ` in law.
#[derive(Clone, Debug, PartialEq)]
pub struct OrnsteinUhlenbeck {
    bath: Bath,
    stiffnesses: Vec<f64>,
}

impl OrnsteinUhlenbeck {
    /// Weights in `bath`, weight i in a well of the i-th of `stiffnesses` (finite; at least as many as there are weights).
    #[must_use]
    pub fn new(bath: Bath, stiffnesses: Vec<f64>) -> Self {
        Self { bath, stiffnesses }
    }

    fn advance(&self, dt: f64, weights: &mut [f64], noise: impl Fn(&WellStep, usize) -> f64) {
        let deviation = self.bath.noise_variance(dt).sqrt();
        let mut known = f64::NAN;
        let mut step = WellStep::new(0.0);
        for (index, (weight, stiffness)) in weights.iter_mut().zip(&self.stiffnesses).enumerate() {
            if *stiffness != known {
                known = *stiffness;
                step = WellStep::new(self.bath.mobility() * stiffness * dt);
            }
            *weight = step.retention * *weight + deviation * noise(&step, index);
        }
    }
}

impl ExactSolution for OrnsteinUhlenbeck {
    fn follow(&self, dt: f64, weights: &mut [f64], increments: &[f64], within: &[f64]) {
        self.advance(dt, weights, |step, index| step.along * increments[index] + step.beside * within[index]);
    }

    fn sample(&self, dt: f64, weights: &mut [f64], increments: &[f64]) {
        self.advance(dt, weights, |step, index| step.spread * increments[index]);
    }
}

/// The numbers of one step of `u` in a well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WellStep {
    /// `e^{−u}`.
    pub(crate) retention: f64,
    /// `√v`.
    pub(crate) spread: f64,
    /// `c`.
    pub(crate) along: f64,
    /// `√(v − c²)`.
    pub(crate) beside: f64,
}

impl WellStep {
    pub(crate) fn new(u: f64) -> Self {
        let variance = if u == 0.0 { 1.0 } else { -expm1(-2.0 * u) / (2.0 * u) };
        let along = if u == 0.0 { 1.0 } else { -expm1(-u) / u };
        // The difference cancels at small u; what the series leaves out is below u³ of it.
        let beside = if u.abs() < 1e-3 {
            u * u / 12.0 * (1.0 - u + 17.0 / 30.0 * u * u)
        } else {
            (variance - along * along).max(0.0)
        };
        Self { retention: exp(-u), spread: variance.sqrt(), along, beside: beside.sqrt() }
    }
}

/// The descent in [`Quartic`](super::landscapes::Quartic) at temperature 0: `w(t) = w₀ / √(1 + 2 mu k w₀² t)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuarticDescent {
    /// `mu k`.
    pub rate: f64,
}

impl ExactSolution for QuarticDescent {
    fn follow(&self, dt: f64, weights: &mut [f64], increments: &[f64], _within: &[f64]) {
        self.sample(dt, weights, increments);
    }

    fn sample(&self, dt: f64, weights: &mut [f64], _increments: &[f64]) {
        for weight in weights {
            *weight /= (1.0 + 2.0 * self.rate * dt * *weight * *weight).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second route: the integrals of e^{−u(1−s)} and its square over (0, 1) by the midpoint rule.
    #[test]
    fn covariances_are_the_integrals() {
        for u in [-1.3, 1e-5, 0.0009, 0.0011, 0.025, 0.4, 3.0] {
            let (parts, step) = (20_000, WellStep::new(u));
            let (mut mean, mut square) = (0.0, 0.0);
            for part in 0..parts {
                let answer = (-u * (1.0 - (f64::from(part) + 0.5) / f64::from(parts))).exp();
                mean += answer / f64::from(parts);
                square += answer * answer / f64::from(parts);
            }
            // The rule errs by u² e^{2|u|} / (6 parts²).
            assert!((step.along - mean).abs() < 1e-7 && (step.spread * step.spread - square).abs() < 1e-7);
            let beside = step.beside * step.beside;
            let direct = square - mean * mean;
            // Relative to its size u²/12: the same rule, and cancellation for small u.
            assert!((beside - direct).abs() < 1e-6 * u * u + 1e-12, "{u}: {beside} {direct}");
        }
    }

    #[test]
    fn two_halves_of_a_step_are_the_step() {
        let quartic = QuarticDescent { rate: 4.0 };
        let (mut whole, mut halves) = ([0.7, -2.0], [0.7, -2.0]);
        quartic.sample(0.5, &mut whole, &[]);
        quartic.sample(0.25, &mut halves, &[]);
        quartic.sample(0.25, &mut halves, &[]);
        assert!(whole.iter().zip(halves).all(|(a, b)| (a - b).abs() < 1e-15));
    }

    /// The path of two steps is the path of their sum: J = e^{−u/2} J₁/√2 + J₂/√2, so that its variance and its
    /// covariance with ξ = (ξ₁ + ξ₂)/√2 must be those of the long step.
    #[test]
    fn two_steps_have_the_joint_law_of_one() {
        let (half, whole) = (WellStep::new(0.35), WellStep::new(0.7));
        let kept = half.retention;
        let variance = 0.5 * half.spread * half.spread * (kept * kept + 1.0);
        let along = 0.5 * half.along * (kept + 1.0);
        assert!((variance - whole.spread * whole.spread).abs() < 1e-15);
        assert!((along - whole.along).abs() < 1e-15);
    }
}
