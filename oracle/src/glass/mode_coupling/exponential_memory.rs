//! The memory that does not look at the correlator: `m(t) = L e^{−t}`, solved by a rational Laplace transform.
//!
//! The transform of `φ' + φ + ∫ m(t − s) φ'(s) ds = 0` is `φ̂ = (z + 1 + L) / (z² + (2 + L) z + 1)`. The two poles
//! `−c ± d`, `c = 1 + L/2`, `d = ½ √(L (L + 4))`, are real and negative with product 1 for every `L > 0`, and so
//!
//! `φ = ½ (1 + u) e^{−t/(c+d)} + ½ (1 − u) e^{−(c+d) t}`, `u = √(L / (L + 4))`.
//!
//! (For −4 < L < 0 they would be complex and φ would oscillate; no memory of overdamped motion is negative.)

use crate::error::{OracleError, require, require_non_negative};
use libm::exp;

/// The model with memory `strength · e^{−t}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialMemory {
    strength: f64,
}

impl ExponentialMemory {
    /// The model with `strength` L.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `0 ≤ strength ≤ 1e300`.
    pub fn new(strength: f64) -> Result<Self, OracleError> {
        let allowed = "at least 0 and at most 1e300";
        Ok(Self { strength: require("strength", strength, (0.0..=1e300).contains(&strength), allowed)? })
    }

    /// The memory `m(time)`.
    #[must_use]
    pub fn memory(&self, time: f64) -> f64 {
        self.strength * exp(-time)
    }

    /// `φ(time)`, to a few ulps times the condition number `time/(c + d)` of the exponential.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `time` is finite and at least 0.
    pub fn correlator(&self, time: f64) -> Result<f64, OracleError> {
        let time = require_non_negative("time", time)?;
        let strength = self.strength;
        let fast = 1.0 + 0.5 * (strength + strength.sqrt() * (strength + 4.0).sqrt());
        let share = (strength / (strength + 4.0)).sqrt();
        // ½ (1 − u) without cancellation: u² = L/(L+4).
        let fast_part = 2.0 / (strength + 4.0) / (1.0 + share);
        Ok((0.5 * (1.0 + share) * exp(-time / fast) + fast_part * exp(-fast * time)).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Second route: `y = ∫ m(t − s) φ'(s) ds` obeys `y' = L φ' − y`; two linear equations, by Runge–Kutta.
    #[test]
    fn the_memory_as_a_second_variable() {
        for strength in [0.0, 1e-9, 0.3, 2.0, 10.0, 50.0] {
            let model = ExponentialMemory::new(strength).unwrap();
            let slope = |[phi, y]: [f64; 2]| [-phi - y, strength * (-phi - y) - y];
            let step = 1e-3;
            let mut state = [1.0, 0.0];
            for _ in 0..3000 {
                let moved = |k: [f64; 2], by: f64| [state[0] + by * k[0], state[1] + by * k[1]];
                let k1 = slope(state);
                let k2 = slope(moved(k1, 0.5 * step));
                let k3 = slope(moved(k2, 0.5 * step));
                let k4 = slope(moved(k3, step));
                for i in 0..2 {
                    state[i] += step / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
                }
            }
            // The error of a step is (step · 52)⁵/120 for the fastest rate, 52, and dies out with it.
            assert_relative_eq!(model.correlator(3.0).unwrap(), state[0], max_relative = 1e-7);
        }
    }

    #[test]
    fn limits() {
        let phi = |strength, time| ExponentialMemory::new(strength).unwrap().correlator(time).unwrap();
        assert_eq!(phi(3.0, 0.0), 1.0);
        assert_relative_eq!(phi(0.0, 2.0), (-2.0_f64).exp(), max_relative = 1e-15);
        // A strong memory holds φ for a time L.
        assert_relative_eq!(phi(1e12, 1e12), (-1.0_f64).exp(), max_relative = 1e-11);
        assert!((0.0..=1.0).contains(&phi(1e300, f64::MAX)));
        assert!(ExponentialMemory::new(-1.0).is_err() && ExponentialMemory::new(f64::NAN).is_err());
        assert!(ExponentialMemory::new(1.0).unwrap().correlator(-1.0).is_err());
    }
}
