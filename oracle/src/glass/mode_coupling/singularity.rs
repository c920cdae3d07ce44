//! The transition lines of F12 (Götze and Sjögren 1984; PHYSICS.md D.8).
//!
//! At a singularity the largest plateau f is a double root, `(1 − f)² m'(f) = 1`, and the exponent parameter is
//! `lambda = ½ (1 − f)³ m''(f)`.

use super::{F12, exponents};
use crate::error::{OracleError, require};

/// A point on a transition line of F12.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Singularity {
    model: F12,
    plateau: f64,
    exponent_parameter: f64,
}

impl Singularity {
    /// Type A at this `quadratic` coupling: `v1 = 1`, the plateau grows from 0, `lambda = v2`. F1 is at `v2 = 0`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `0 ≤ quadratic < 1`.
    pub fn continuous(quadratic: f64) -> Result<Self, OracleError> {
        require("quadratic", quadratic, (0.0..1.0).contains(&quadratic), "at least 0 and below 1")?;
        Ok(Self { model: F12::new(1.0, quadratic)?, plateau: 0.0, exponent_parameter: quadratic })
    }

    /// Type B at this `quadratic` coupling: `v1 = 2√v2 − v2`, the plateau jumps to `1 − 1/√v2`, `lambda = 1/√v2`.
    ///
    /// F2 is at `v2 = 4`. The line meets that of type A at `v2 = 1`, where lambda = 1 and the decay is logarithmic;
    /// that point is not part of it. The model's coupling v1 is the double next to the line, so its own
    /// [`plateau`](F12::plateau) may be 0.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `1 < quadratic ≤ 4`.
    pub fn discontinuous(quadratic: f64) -> Result<Self, OracleError> {
        let allowed = "above 1 and at most 4";
        require("quadratic", quadratic, quadratic > 1.0 && quadratic <= 4.0, allowed)?;
        let root = quadratic.sqrt();
        // 2√v2 − v2 = (2 − √v2) √v2 and 1 − 1/√v2, both without cancellation.
        let linear = (4.0 - quadratic) / (2.0 + root) * root;
        let plateau = (quadratic - 1.0) / (quadratic + root);
        Ok(Self { model: F12::new(linear, quadratic)?, plateau, exponent_parameter: 1.0 / root })
    }

    /// The model at the singularity.
    #[must_use]
    pub const fn model(&self) -> F12 {
        self.model
    }

    /// `f_c`.
    #[must_use]
    pub const fn plateau(&self) -> f64 {
        self.plateau
    }

    /// `lambda`.
    #[must_use]
    pub const fn exponent_parameter(&self) -> f64 {
        self.exponent_parameter
    }

    /// `a`: at the singularity `φ − f_c ~ t^{−a}`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] where lambda rounds to 1.
    pub fn critical_exponent(&self) -> Result<f64, OracleError> {
        exponents::critical(self.exponent_parameter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Second route: the definitions, with the derivatives of m.
    #[test]
    fn singularities_are_double_roots_with_their_exponent_parameter() {
        let continuous = [0.0, 0.3, 0.999].map(|v2| Singularity::continuous(v2).unwrap());
        let discontinuous = [1.000_001, 1.5, 2.0, 3.7, 4.0].map(|v2| Singularity::discontinuous(v2).unwrap());
        for point in continuous.into_iter().chain(discontinuous) {
            let (f, model) = (point.plateau(), point.model());
            assert_relative_eq!(f, (1.0 - f) * model.memory(f), max_relative = 1e-14);
            let slope = model.linear() + 2.0 * model.quadratic() * f;
            assert_relative_eq!((1.0 - f).powi(2) * slope, 1.0, max_relative = 1e-14);
            assert_relative_eq!(
                (1.0 - f).powi(3) * model.quadratic(),
                point.exponent_parameter(),
                max_relative = 1e-14
            );
        }
        let f2 = Singularity::discontinuous(4.0).unwrap();
        assert_eq!((f2.model(), f2.plateau(), f2.exponent_parameter()), (F12::f2(4.0).unwrap(), 0.5, 0.5));
    }

    #[test]
    fn the_plateau_jumps_across_type_b_and_grows_from_zero_across_type_a() {
        let point = Singularity::discontinuous(2.0).unwrap();
        let at = |linear: f64, quadratic: f64| F12::new(linear, quadratic).unwrap().plateau();
        let linear = point.model().linear();
        assert_eq!(at(linear - 1e-9, 2.0), 0.0);
        // f − f_c grows like the square root of the distance: √(2.8e-9 …) < 1e-4.
        assert_relative_eq!(at(linear + 1e-9, 2.0), point.plateau(), epsilon = 1e-4);
        assert_eq!(at(1.0, 0.5), 0.0);
        assert_relative_eq!(at(1.0 + 1e-9, 0.5), 1e-9 / 0.5, max_relative = 1e-6);
    }

    #[test]
    fn the_lines_end() {
        assert!(Singularity::continuous(1.0).is_err() && Singularity::continuous(-0.1).is_err());
        assert!(Singularity::discontinuous(1.0).is_err() && Singularity::discontinuous(4.1).is_err());
        assert!(Singularity::discontinuous(f64::NAN).is_err());
        // The exponent of F1 is that of its closed form.
        assert_relative_eq!(Singularity::continuous(0.0).unwrap().critical_exponent().unwrap(), 0.5);
    }
}
