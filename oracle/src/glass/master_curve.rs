//! Two master curves with one tail: the collapse of free diffusion, and critical F1 (PHYSICS.md 0.3, 0.4, C.7).
//!
//! The overlap of free diffusion collapses onto `Q = erf(x90 / √(t/tau90))`, `erf(x90) = 0.9`: in units of `eps²/D` that is
//! `erf(1 / (2√t))`. It falls like `1/√(π t)`, and so does the correlator of F1 at its critical point, with the same
//! amplitude. A fitted exponent near −½ is therefore no sign of a glass: diffusion has it at every temperature.

use crate::error::{OracleError, require, require_non_negative, require_positive};
use crate::glass::mode_coupling::F1;
use crate::numerics::special::{bessel_i0_scaled, bessel_i1_scaled, exp_minus_square, inverse_erf};
use libm::erf;
use std::f64::consts::FRAC_2_SQRT_PI;

/// A curve that starts at 1 and ends as `1/√(π t)`.
///
/// ```
/// use glassbox_oracle::glass::master_curve::MasterCurve;
/// let (free, critical) = (MasterCurve::FreeDiffusion, MasterCurve::CriticalF1);
/// assert!((critical.value(100.0)? / free.value(100.0)? - 1.0).abs() < 3e-4);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasterCurve {
    /// `erf(1 / (2√t))`: the overlap of free diffusion, time in units of `eps²/D`.
    FreeDiffusion,
    /// `e^{−2t} (I0(2t) + I1(2t))`: F1 at `v = 1`, time in units of the bare relaxation time.
    CriticalF1,
}

impl MasterCurve {
    /// The curve at `time`; 0 at infinity.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `time ≥ 0`.
    pub fn value(self, time: f64) -> Result<f64, OracleError> {
        if time == f64::INFINITY {
            return Ok(0.0);
        }
        let time = require_non_negative("time", time)?;
        match self {
            Self::FreeDiffusion => Ok(erf(0.5 / time.sqrt())),
            Self::CriticalF1 => F1::new(1.0)?.correlator(time),
        }
    }

    /// `d ln(value) / d ln t`: 0 at short times, −½ at long ones.
    ///
    /// `−x e^{−x²} / (√π erf x)` with `x = 1/(2√t)` for diffusion, `−I1(2t) / (I0(2t) + I1(2t))` for F1: one quotient each,
    /// nothing cancels.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `time` is finite and above 0.
    pub fn local_exponent(self, time: f64) -> Result<f64, OracleError> {
        let time = require_positive("time", time)?;
        Ok(match self {
            Self::FreeDiffusion => {
                let x = 0.5 / time.sqrt();
                -0.5 * FRAC_2_SQRT_PI * exp_minus_square(x) * (x / erf(x))
            }
            Self::CriticalF1 => {
                // At the largest times both Bessel functions are equal to the last bit.
                let argument = (2.0 * time).min(f64::MAX);
                let (zero, one) = (bessel_i0_scaled(argument), bessel_i1_scaled(argument));
                -one / (zero + one)
            }
        })
    }

    /// The time at which the curve has fallen to `level`: `1 / (4 erfinv(level)²)` for diffusion, by bisection for F1.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `0 < level < 1`; [`OracleError::Overflow`] below a level of about 1e-154.
    pub fn relaxation_time(self, level: f64) -> Result<f64, OracleError> {
        require("level", level, level > 0.0 && level < 1.0, "above 0 and below 1")?;
        let time = match self {
            Self::FreeDiffusion => (0.5 / inverse_erf(level)).powi(2),
            Self::CriticalF1 => Self::critical_relaxation_time(level)?,
        };
        let quantity = "the relaxation time";
        if time.is_finite() {
            Ok(time)
        } else {
            Err(OracleError::Overflow { quantity, argument: "level", value: level })
        }
    }

    fn critical_relaxation_time(level: f64) -> Result<f64, OracleError> {
        // φ ≥ e^{−t} and φ ≤ 1/√(π t).
        let mut low = -level.ln();
        let mut high = (1.0 / (std::f64::consts::PI.sqrt() * level)).powi(2).max(2.0 * low);
        if !high.is_finite() {
            return Ok(high);
        }
        loop {
            let middle = 0.5 * low + 0.5 * high;
            if middle <= low || middle >= high {
                return Ok(high);
            }
            if Self::CriticalF1.value(middle)? > level {
                low = middle;
            } else {
                high = middle;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::relaxation::{FREE_TAU_E_OVER_TAU_90, free_master_curve, free_master_curve_exponent};
    use MasterCurve::{CriticalF1, FreeDiffusion};
    use approx::assert_relative_eq;
    use std::f64::consts::PI;

    #[test]
    fn the_collapse_in_units_of_its_own_relaxation_times() {
        let tau_90 = FreeDiffusion.relaxation_time(0.9).unwrap();
        // PHYSICS.md D.1.
        assert_relative_eq!(tau_90, 0.184_805_754_734, max_relative = 1e-11);
        let tau_e = FreeDiffusion.relaxation_time((-1.0_f64).exp()).unwrap();
        assert_relative_eq!(tau_e / tau_90, FREE_TAU_E_OVER_TAU_90, max_relative = 1e-14);
        for theta in [0.1, 1.0, 30.0, 1e5] {
            let time = theta * tau_90;
            let (value, exponent) =
                (FreeDiffusion.value(time).unwrap(), FreeDiffusion.local_exponent(time).unwrap());
            assert_relative_eq!(value, free_master_curve(theta, 0.9).unwrap(), max_relative = 1e-14);
            assert_relative_eq!(
                exponent,
                free_master_curve_exponent(theta, 0.9).unwrap(),
                max_relative = 1e-13
            );
        }
    }

    #[test]
    fn both_curves_end_alike() {
        // PHYSICS.md C.7: diffusion is 0.6 %, 0.2 %, 0.02 % below F1 at t = 1, 10, 100.
        for (time, difference) in [(1.0, -0.006), (10.0, -0.002), (100.0, -0.0002)] {
            let ratio = FreeDiffusion.value(time).unwrap() / CriticalF1.value(time).unwrap();
            assert_relative_eq!(ratio - 1.0, difference, max_relative = 0.2);
        }
        for curve in [FreeDiffusion, CriticalF1] {
            assert_relative_eq!(curve.value(1e14).unwrap(), 1.0 / (PI * 1e14).sqrt(), max_relative = 1e-14);
            assert_relative_eq!(curve.local_exponent(1e300).unwrap(), -0.5, max_relative = 1e-15);
            assert_relative_eq!(curve.local_exponent(f64::MAX).unwrap(), -0.5, max_relative = 1e-15);
            assert_eq!((curve.value(0.0).unwrap(), curve.value(f64::INFINITY).unwrap()), (1.0, 0.0));
            assert!(curve.value(-1.0).is_err() && curve.local_exponent(0.0).is_err());
        }
    }

    /// Second route: central differences of ln(value), whose error is h²/6 times a third derivative below 1.
    #[test]
    fn local_exponents_are_derivatives() {
        let h = 1e-3_f64;
        for curve in [FreeDiffusion, CriticalF1] {
            for time in [0.03, 0.2, 1.0, 7.0, 200.0, 1e5] {
                let log = |shift: f64| curve.value(time * shift.exp()).unwrap().ln();
                let difference = (log(h) - log(-h)) / (2.0 * h);
                assert_relative_eq!(
                    curve.local_exponent(time).unwrap(),
                    difference,
                    epsilon = h * h / 6.0 + 1e-12
                );
            }
        }
    }

    #[test]
    fn relaxation_times_lie_on_the_curve() {
        for curve in [FreeDiffusion, CriticalF1] {
            for level in [1.0 - 1e-12, 0.9, 0.5, 0.01, 1e-9, 1e-100] {
                let value = curve.value(curve.relaxation_time(level).unwrap()).unwrap();
                assert_relative_eq!(value, level, max_relative = 1e-14);
            }
            assert!(curve.relaxation_time(0.0).is_err() && curve.relaxation_time(1.0).is_err());
            assert!(matches!(curve.relaxation_time(1e-300), Err(OracleError::Overflow { .. })));
        }
    }
}
