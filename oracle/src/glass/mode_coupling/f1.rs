//! F1, the linear schematic model: `m = v φ`, exactly (PHYSICS.md D.8).
//!
//! The Laplace transform of the equation is quadratic in that of φ; its branch cut gives the Marchenko–Pastur integral
//!
//! `φ(t) = (1 − 1/v)_+ + ∫ √((l₊ − l)(l − l₋)) / (2π v l) e^{−l t} dl`, `l± = (1 ± √v)²`.
//!
//! With `l = 1 + v − 2√v cos θ` it becomes an average over a circle, `φ = (1 − 1/v)_+ + 2 <sin²θ e^{−l t} / l>`. Its
//! trapezoidal rule is exact up to `e^{−44}` once the poles `l = 0` are put back: there `e^{−l t} = 1`, so that what they
//! take from the sum of N nodes is `min(1, 1/v) (1 − r²) r^{N−2} / (1 − r^N)`, `r = min(√v, 1/√v)`, at any time. All
//! parts are positive: nothing cancels.
//!
//! φ(t) is also the probability that a queue with arrivals at rate v and service at rate 1 (M/M/1), started with one
//! customer, has not been empty before t.

use crate::error::{OracleError, require_non_negative};
use crate::numerics::special::{CircleRule, bessel_i1_scaled_over_argument};
use libm::{exp, expm1, log};

/// The F1 model with coupling `v`: liquid below 1, glass above, critical at 1.
///
/// ```
/// use glassbox_oracle::glass::mode_coupling::F1;
/// let critical = F1::new(1.0)?; // φ = e^{−2t} (I0(2t) + I1(2t))
/// assert!((critical.correlator(1.0)? - 0.523_777_611_802_6).abs() < 1e-12);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct F1 {
    coupling: f64,
}

impl F1 {
    /// The model with `coupling` v.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `coupling ≥ 0`.
    pub fn new(coupling: f64) -> Result<Self, OracleError> {
        Ok(Self { coupling: require_non_negative("coupling", coupling)? })
    }

    /// `v`.
    #[must_use]
    pub const fn coupling(&self) -> f64 {
        self.coupling
    }

    /// What never decays: `(1 − 1/v)_+`.
    #[must_use]
    pub fn plateau(&self) -> f64 {
        if self.coupling > 1.0 { (self.coupling - 1.0) / self.coupling } else { 0.0 }
    }

    /// `φ(time)`, `time ≥ 0` in units of the bare relaxation time; an infinite time gives the plateau.
    ///
    /// Relative error at most 1e-14, and a few ulps times `(1 − √v)² t` in the exponential tail below v = 1.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `time ≥ 0`.
    pub fn correlator(&self, time: f64) -> Result<f64, OracleError> {
        if time == f64::INFINITY {
            return Ok(self.plateau());
        }
        let time = require_non_negative("time", time)?;
        // Rounding must not lift it above φ(0) = 1.
        Ok(if time == 0.0 { 1.0 } else { (self.plateau() + self.transient(time)).min(1.0) })
    }

    /// `dφ/dt = −e^{−(1+v)t} I1(2√v t) / (√v t)`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `time` is finite and at least 0.
    pub fn derivative(&self, time: f64) -> Result<f64, OracleError> {
        let time = require_non_negative("time", time)?;
        let argument = 2.0 * self.coupling.sqrt() * time;
        Ok(-2.0 * self.slowest_mode(time) * bessel_i1_scaled_over_argument(argument))
    }

    /// `d ln φ / d ln t`: −½ at long times if v = 1, 0 in the glass, and without bound in the liquid.
    ///
    /// # Errors
    /// As [`derivative`](Self::derivative), and [`OracleError::Undefined`] where φ is below the smallest double.
    pub fn local_exponent(&self, time: f64) -> Result<f64, OracleError> {
        let (value, slope) = (self.correlator(time)?, self.derivative(time)?);
        if value == 0.0 {
            let reason = "the correlator is below the smallest double";
            return Err(OracleError::Undefined { quantity: "the local exponent", reason });
        }
        Ok(time * (slope / value))
    }

    /// `1 − √v`, without cancellation at 1.
    fn gap(&self) -> f64 {
        (1.0 - self.coupling) / (1.0 + self.coupling.sqrt())
    }

    /// `e^{−l₋ t}`.
    fn slowest_mode(&self, time: f64) -> f64 {
        exp(-self.gap() * (self.gap() * time))
    }

    /// `φ − plateau`.
    fn transient(&self, time: f64) -> f64 {
        let (gap, root_coupling) = (self.gap(), self.coupling.sqrt());
        let slowest = self.slowest_mode(time);
        // e^{−l t} with l = gap² + 4 √v s².
        let rule = CircleRule::new(2.0 * root_coupling.sqrt() * time.sqrt());
        let average = rule.average(|s, _| {
            // sin²θ / l, 0 at s = 0; at v = 1, where it is 1 there, the poles have met and stand for that node.
            let ratio = if s == 0.0 { f64::INFINITY } else { gap / s };
            4.0 * (1.0 - s * s) / (ratio * ratio + 4.0 * root_coupling)
        });
        2.0 * average * slowest + self.poles(&rule)
    }

    /// What the poles at `θ = ±i ½ |ln v|` take from the sum.
    fn poles(&self, rule: &CircleRule) -> f64 {
        let distance = 0.5 * log(self.coupling).abs();
        if distance >= rule.analytic_half_width() {
            return 0.0;
        }
        let nodes = rule.nodes();
        // (1 − r²) r^{N−2} / (1 − r^N), r = e^{−distance}; 2/N at r = 1.
        let share = if distance == 0.0 {
            2.0 / nodes
        } else {
            expm1(-2.0 * distance) / expm1(-nodes * distance) * exp(-(nodes - 2.0) * distance)
        };
        share / self.coupling.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::special::{bessel_i0_scaled, bessel_i1_scaled};
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use std::f64::consts::PI;

    fn phi(coupling: f64, time: f64) -> f64 {
        F1::new(coupling).unwrap().correlator(time).unwrap()
    }

    #[test]
    fn known_points() {
        // PHYSICS.md D.8.
        for (coupling, expected) in [
            (0.5, 0.452_510_166_119),
            (1.0, 0.523_777_611_803),
            (2.0, 0.633_795_373_759),
            (3.0, 0.711_328_990),
        ] {
            assert_relative_eq!(phi(coupling, 1.0), expected, epsilon = 6e-13, max_relative = 1e-9);
        }
    }

    /// Second route at v = 1: the Bessel functions. They share the rule for circles, but not the pole.
    #[test]
    fn critical_closed_form() {
        for time in [0.0, 1e-9, 0.01, 0.7, 3.0, 50.0, 1e4, 1e8, 1e12] {
            let expected = bessel_i0_scaled(2.0 * time) + bessel_i1_scaled(2.0 * time);
            assert_relative_eq!(phi(1.0, time), expected, max_relative = 2e-15);
        }
        assert_relative_eq!(phi(1.0, 1e12), 1.0 / (PI * 1e12).sqrt(), max_relative = 1e-12);
    }

    #[test]
    fn without_memory_the_decay_is_exponential() {
        for time in [0.0, 1e-5, 1.0, 30.0, 700.0] {
            assert_relative_eq!(phi(0.0, time), (-time).exp(), max_relative = 4e-15);
        }
    }

    /// Second route: the equation of motion itself. Its convolution is the integral of a polynomial if φ is written as its
    /// Taylor series; the coefficients follow order by order.
    #[test]
    fn taylor_series_of_the_equation() {
        for coupling in [0.0, 1e-3, 0.5, 0.999, 1.0, 1.001, 2.0, 6.0] {
            // φ = Σ c_n tⁿ/n!: c_{n+1} = −c_n − v Σ_{j<n} c_{n−1−j} c_{j+1}.
            let mut c = vec![1.0_f64];
            for n in 0..60 {
                let memory: f64 = (0..n).map(|j| c[n - 1 - j] * c[j + 1]).sum();
                c.push(-c[n] - coupling * memory);
            }
            for time in [0.0, 0.01, 0.1, 0.3] {
                let (mut sum, mut power) = (0.0, 1.0);
                for (n, coefficient) in c.iter().enumerate() {
                    sum += coefficient * power;
                    power *= time / (n as f64 + 1.0);
                }
                // The largest term is below e^{(1+√v)² t} < 36: 60 terms, rounded once each.
                assert_relative_eq!(phi(coupling, time), sum, epsilon = 60.0 * 36.0 * f64::EPSILON);
            }
        }
    }

    #[test]
    fn everything_is_there_at_time_zero_and_the_plateau_at_the_end() {
        for coupling in [0.0, 1e-300, 1e-9, 0.3, 1.0 - 1e-12, 1.0, 1.0 + 1e-12, 1.5, 1e9, 1e300, f64::MAX] {
            let model = F1::new(coupling).unwrap();
            assert_relative_eq!(model.correlator(0.0).unwrap(), 1.0, max_relative = 4e-15);
            assert_relative_eq!(model.correlator(1e-300).unwrap(), 1.0, max_relative = 4e-15);
            assert_eq!(model.correlator(f64::INFINITY).unwrap(), model.plateau());
            let late = model.correlator(f64::MAX).unwrap();
            assert!(late >= model.plateau() && late <= model.plateau() + 1e-150, "{late} at v = {coupling}");
            assert_relative_eq!(model.derivative(0.0).unwrap(), -1.0, max_relative = 4e-15);
        }
    }

    #[test]
    fn tails() {
        // v < 1: near its edge the spectrum is a square root, so φ ≈ e^{−l₋ t} / (2√π l₋ (√v t)^{3/2}).
        let (coupling, time) = (0.25_f64, 1e3);
        let edge = (1.0 - coupling.sqrt()).powi(2);
        let leading = (-edge * time).exp() / (2.0 * PI.sqrt() * coupling.powf(0.75) * edge * time.powf(1.5));
        // The next order is relatively (3/2) (√v / l₋ + 1/4) / (√v t) = 0.7 %.
        assert_relative_eq!(phi(coupling, time), leading, max_relative = 0.01);
        assert_relative_eq!(F1::new(1.0).unwrap().local_exponent(1e9).unwrap(), -0.5, max_relative = 1e-9);
        assert!(F1::new(0.5).unwrap().local_exponent(1e9).is_err());
    }

    #[test]
    fn arguments_are_checked() {
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(F1::new(bad).is_err());
        }
        let model = F1::new(0.5).unwrap();
        assert!(model.correlator(-1.0).is_err() && model.correlator(f64::NAN).is_err());
        assert!(model.derivative(f64::INFINITY).is_err());
    }

    proptest! {
        /// The busy period of a queue has a density: φ falls, by what the derivative says (Simpson's rule).
        #[test]
        fn the_derivative_integrates_to_the_decay(coupling in 0.0..5.0_f64, start in 0.0..20.0_f64) {
            let model = F1::new(coupling).unwrap();
            let (panels, width) = (64, 1.0);
            let step = width / f64::from(2 * panels);
            let slope = |k: u32| model.derivative(start + f64::from(k) * step).unwrap();
            let sum: f64 = (0..panels).map(|p| slope(2 * p) + 4.0 * slope(2 * p + 1) + slope(2 * p + 2)).sum();
            let decay = model.correlator(start).unwrap() - model.correlator(start + width).unwrap();
            // Fourth derivative of φ' below l₊⁵ < 1.3e5 on the spectrum: h⁴/180 of it.
            prop_assert!((decay + sum * step / 3.0).abs() < step.powi(4) / 180.0 * 1.3e5 + 1e-14);
        }

        /// Duality of glass and liquid: φ(t; v) = 1 − 1/v + φ(v t; 1/v) / v.
        #[test]
        fn glass_and_liquid_are_dual(coupling in 1.0..50.0_f64, time in 0.0..1e3_f64) {
            let dual = 1.0 - 1.0 / coupling + phi(1.0 / coupling, coupling * time) / coupling;
            prop_assert!((phi(coupling, time) - dual).abs() < 1e-14);
        }
    }
}
