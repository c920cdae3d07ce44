//! F12 and F2, the schematic models with a glass transition: `m = v1 φ + v2 φ²` (Götze 1984; PHYSICS.md D.8).
//!
//! The plateau f is the largest solution of `f / (1 − f) = v1 f + v2 f²`. It appears continuously from 0 on the line of
//! type A, and jumps to f_c on the line of type B.

use crate::error::{OracleError, require, require_non_negative};

/// The F12 model with couplings `v1` (linear) and `v2` (quadratic); F1 and F2 are its edges.
///
/// ```
/// use glassbox_oracle::glass::mode_coupling::F12;
/// assert_eq!(F12::f2(4.0)?.plateau(), 0.5);
/// assert_eq!(F12::f2(3.999)?.plateau(), 0.0);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct F12 {
    linear: f64,
    quadratic: f64,
}

impl F12 {
    /// The model `m = linear φ + quadratic φ²`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless both couplings are at least 0 and at most 1e150.
    pub fn new(linear: f64, quadratic: f64) -> Result<Self, OracleError> {
        require_non_negative("linear", linear)?;
        require_non_negative("quadratic", quadratic)?;
        let allowed = "at most 1e150, so that its square is a double";
        require("linear", linear, linear <= 1e150, allowed)?;
        require("quadratic", quadratic, quadratic <= 1e150, allowed)?;
        Ok(Self { linear, quadratic })
    }

    /// The model F2: `m = coupling φ²`, with its transition at coupling 4.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn f2(coupling: f64) -> Result<Self, OracleError> {
        Self::new(0.0, coupling)
    }

    /// `v1`.
    #[must_use]
    pub const fn linear(&self) -> f64 {
        self.linear
    }

    /// `v2`.
    #[must_use]
    pub const fn quadratic(&self) -> f64 {
        self.quadratic
    }

    /// The memory `m(φ)`.
    #[must_use]
    pub fn memory(&self, correlator: f64) -> f64 {
        correlator * (self.linear + self.quadratic * correlator)
    }

    /// `f = φ(∞)`: the larger root of `v2 f² + (v1 − v2) f + 1 − v1 = 0` where that is above 0, else 0.
    ///
    /// A few ulps times the condition number, which grows like the inverse distance from a transition.
    #[must_use]
    pub fn plateau(&self) -> f64 {
        let (linear, quadratic) = (self.linear, self.quadratic);
        let discriminant = self.discriminant();
        if discriminant < 0.0 || quadratic.max(linear) < 1.0 {
            return 0.0;
        }
        let root = discriminant.sqrt();
        // The form of the root in which nothing cancels.
        let plateau = if quadratic >= linear {
            0.5 * ((quadratic - linear) + root) / quadratic
        } else {
            2.0 * (linear - 1.0) / ((linear - quadratic) + root)
        };
        plateau.max(0.0)
    }

    /// `(v1 + v2)² − 4 v2 = (v1 − v2)² + 4 v2 (v1 − 1)`, with the rounding errors of its products put back: it vanishes
    /// on the line of type B.
    fn discriminant(&self) -> f64 {
        let difference = self.linear - self.quadratic;
        let (distance, factor) = (self.linear - 1.0, 4.0 * self.quadratic);
        let (square, product) = (difference * difference, factor * distance);
        let lost = difference.mul_add(difference, -square) + factor.mul_add(distance, -product);
        (square + product) + lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glass::mode_coupling::F1;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    fn plateau(linear: f64, quadratic: f64) -> f64 {
        F12::new(linear, quadratic).unwrap().plateau()
    }

    #[test]
    fn the_edges_of_the_plane_are_f1_and_f2() {
        for coupling in [0.0, 0.5, 1.0, 1.0 + 1e-12, 1.1, 3.0, 1e9, 1e150] {
            assert_relative_eq!(
                plateau(coupling, 0.0),
                F1::new(coupling).unwrap().plateau(),
                max_relative = 1e-15
            );
        }
        for coupling in [4.0, 4.0 + 1e-10, 5.0, 1e4, 1e150_f64] {
            let expected = 0.5 * (1.0 + ((coupling - 4.0) / coupling).sqrt());
            assert_relative_eq!(plateau(0.0, coupling), expected, max_relative = 1e-14);
        }
        assert_eq!(plateau(0.0, 4.0_f64.next_down()), 0.0);
    }

    #[test]
    fn couplings_are_checked() {
        assert!(
            F12::new(-1.0, 0.0).is_err() && F12::new(0.0, f64::NAN).is_err() && F12::new(1e200, 0.0).is_err()
        );
    }

    proptest! {
        /// Second route: iterate `f ← m(f) / (1 + m(f))` from f = 1, which falls monotonically to the largest solution
        /// (Götze's theorem), at a rate `(1 − f)² m'(f)` below 1.
        #[test]
        fn iteration_from_above_ends_on_the_plateau(linear in 0.0..3.0_f64, quadratic in 0.0..8.0_f64) {
            let model = F12::new(linear, quadratic).unwrap();
            let expected = model.plateau();
            let rate = (1.0 - expected).powi(2) * (linear + 2.0 * quadratic * expected);
            prop_assume!(rate < 0.99);
            // Below the line of type B the iteration lingers where the plateau will be.
            let distance = (linear - 1.0).abs().min((linear + quadratic - 2.0 * quadratic.sqrt()).abs());
            prop_assume!(distance > 1e-2);
            let mut f = 1.0;
            for _ in 0..100_000 {
                let memory = model.memory(f);
                f = memory / (1.0 + memory);
            }
            prop_assert!((f - expected).abs() < 1e-13, "{f} and {expected}");
        }
    }
}
