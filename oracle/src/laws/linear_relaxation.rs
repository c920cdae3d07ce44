//! What all laws of the well share: a linear pull and Gaussian noise (paper Appendix F; PHYSICS.md D.2).
//!
//! After a time `t` a weight is `r(t) w(0)` plus a Gaussian of variance `V(t)`, with `kappa = mu k` and
//! - continuous: `r = e^{−kappa t}`, `V = (D / kappa)(1 − e^{−2 kappa t})`;
//! - `n` Euler–Maruyama steps: `r = aⁿ`, `a = 1 − kappa dt`, `V = 2 D dt (1 − a^{2n}) / (1 − a²)`.
//!
//! Both are evaluated through `ln |r|` with `expm1`, so that `k → 0`, `t → 0` and `kappa dt → 1` lose no digits.

use crate::clock::Instant;
use crate::error::{OracleError, require_finite};
use crate::{Bath, Clock};
use libm::{exp, expm1, log, log1p};

/// The map from `w(0)` to `w(t)` in a well of stiffness `k` (negative: a hill; 0: free).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LinearRelaxation {
    bath: Bath,
    stiffness: f64,
    clock: Clock,
}

impl LinearRelaxation {
    pub(crate) fn new(bath: Bath, stiffness: f64, clock: Clock) -> Result<Self, OracleError> {
        let stiffness = require_finite("stiffness", stiffness)?;
        Ok(Self { bath, stiffness, clock: clock.validated()? })
    }

    pub(crate) fn bath(&self) -> Bath {
        self.bath
    }

    pub(crate) fn stiffness(&self) -> f64 {
        self.stiffness
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// `kappa = mu k`, per unit time.
    pub(crate) fn rate(&self) -> f64 {
        self.bath.mobility() * self.stiffness
    }

    /// `r(t)`.
    pub(crate) fn retention(&self, at: Instant) -> f64 {
        let (log_magnitude, alternates) = self.log_retention(at);
        let sign = if alternates && is_odd(at.steps) { -1.0 } else { 1.0 };
        sign * exp(log_magnitude)
    }

    /// `1 − r(t)`, accurate where r is close to 1.
    pub(crate) fn loss(&self, at: Instant) -> f64 {
        let (log_magnitude, alternates) = self.log_retention(at);
        if alternates && is_odd(at.steps) { 1.0 + exp(log_magnitude) } else { -expm1(log_magnitude) }
    }

    /// `V(t)`: what the noise alone adds to the variance.
    pub(crate) fn noise_variance(&self, at: Instant) -> f64 {
        let diffusion = self.bath.diffusion();
        if diffusion == 0.0 || at.time == 0.0 {
            return 0.0;
        }
        match self.clock {
            Clock::Continuous => {
                let exponent = 2.0 * self.rate() * at.time;
                if exponent == 0.0 {
                    2.0 * diffusion * at.time
                } else if exponent.abs() < 1.0 {
                    2.0 * diffusion * at.time * (-expm1(-exponent) / exponent)
                } else {
                    diffusion / self.rate() * -expm1(-exponent)
                }
            }
            Clock::Steps { dt } => {
                let per_step = self.log_retention_of_a_step(dt).0;
                let sum = if per_step == 0.0 {
                    at.steps
                } else {
                    expm1(2.0 * per_step * at.steps) / expm1(2.0 * per_step)
                };
                self.bath.noise_variance(dt) * sum
            }
        }
    }

    /// The variance of a weight that has been in the well for ever: `T/(k P_D)`, or on a step clock
    /// `T / (k P_D (1 − kappa dt / 2))`.
    pub(crate) fn stationary_variance(&self) -> Result<f64, OracleError> {
        let quantity = "a stationary state";
        if self.stiffness <= 0.0 {
            return Err(OracleError::Undefined { quantity, reason: "the stiffness is not above 0" });
        }
        let thermal = self.bath.thermal_energy() / self.stiffness;
        let Clock::Steps { dt } = self.clock else { return Ok(thermal) };
        let per_step = self.log_retention_of_a_step(dt).0;
        if per_step >= 0.0 {
            return Err(OracleError::Undefined {
                quantity,
                reason: "mobility * stiffness * dt is 2 or more",
            });
        }
        Ok(self.bath.noise_variance(dt) / -expm1(2.0 * per_step))
    }

    /// `ln |r(t)|`, and whether the sign alternates from step to step.
    fn log_retention(&self, at: Instant) -> (f64, bool) {
        if at.time == 0.0 {
            return (0.0, false);
        }
        match self.clock {
            Clock::Continuous => (if self.stiffness == 0.0 { 0.0 } else { -self.rate() * at.time }, false),
            Clock::Steps { dt } => {
                let (per_step, alternates) = self.log_retention_of_a_step(dt);
                (if per_step == 0.0 { 0.0 } else { per_step * at.steps }, alternates)
            }
        }
    }

    /// `ln |1 − kappa dt|` and whether `1 − kappa dt` is negative, with the product in twice the precision: its
    /// rounding error would be multiplied by the number of steps.
    fn log_retention_of_a_step(&self, dt: f64) -> (f64, bool) {
        let mobility = self.bath.mobility();
        let rate = mobility * self.stiffness;
        let rate_lost = mobility.mul_add(self.stiffness, -rate);
        let product = rate * dt;
        let product_lost = rate.mul_add(dt, -product) + rate_lost * dt;
        if product.abs() < 0.5 {
            return (log1p(-product) - product_lost / (1.0 - product), false);
        }
        // 1 − product and product − 2 are exact near their zeros.
        let factor = (1.0 - product) - product_lost;
        let log_magnitude = if (1.5..2.5).contains(&product) {
            log1p((product - 2.0) + product_lost)
        } else {
            log(factor.abs())
        };
        (log_magnitude, factor < 0.0)
    }
}

fn is_odd(steps: f64) -> bool {
    steps % 2.0 == 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Second route: the recursion itself, in plain arithmetic.
    #[test]
    fn steps_follow_the_recursion() {
        let bath = Bath::new(0.01, 3.0, 7.0).unwrap();
        for rate in [-0.2, 0.0, 1e-9, 0.001, 0.37, 0.9, 1.0, 1.5, 1.999, 2.0, 2.3] {
            let dt = 0.5;
            let relaxation = LinearRelaxation::new(bath, rate / (0.01 * dt), Clock::Steps { dt }).unwrap();
            let (mut retention, mut variance) = (1.0, 0.0);
            for n in 0..60 {
                let at = relaxation.clock().at("lag", f64::from(n) * dt).unwrap();
                assert_relative_eq!(
                    relaxation.retention(at),
                    retention,
                    max_relative = 1e-12,
                    epsilon = 1e-16
                );
                assert_relative_eq!(
                    relaxation.loss(at),
                    1.0 - retention,
                    max_relative = 1e-12,
                    epsilon = 1e-13
                );
                assert_relative_eq!(relaxation.noise_variance(at), variance, max_relative = 1e-12);
                retention *= 1.0 - rate;
                variance = (1.0 - rate) * (1.0 - rate) * variance + bath.noise_variance(dt);
            }
        }
    }

    /// Second route of the continuous law: d V/dt = 2 D − 2 kappa V, d r/dt = −kappa r, by Runge–Kutta.
    #[test]
    fn continuous_time_follows_the_moment_equations() {
        let bath = Bath::new(0.5, 0.3, 2.0).unwrap();
        for stiffness in [-1.0, 0.0, 1e-7, 0.7, 6.0] {
            let relaxation = LinearRelaxation::new(bath, stiffness, Clock::Continuous).unwrap();
            let kappa = relaxation.rate();
            let (mut retention, mut variance) = (1.0, 0.0);
            let h = 1e-3;
            let slope = |v: f64| 2.0 * bath.diffusion() - 2.0 * kappa * v;
            for _ in 0..2000 {
                let (k1, k2) = (slope(variance), slope(variance + 0.5 * h * slope(variance)));
                let k3 = slope(variance + 0.5 * h * k2);
                let k4 = slope(variance + h * k3);
                variance += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
                let x = -kappa * h;
                retention *= 1.0 + x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0)));
            }
            let at = relaxation.clock().at("lag", 2.0).unwrap();
            assert_relative_eq!(relaxation.retention(at), retention, max_relative = 1e-10);
            assert_relative_eq!(relaxation.noise_variance(at), variance, max_relative = 1e-10);
        }
    }
}
