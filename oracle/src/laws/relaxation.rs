//! Relaxation times, the master curve of free diffusion and its local exponent.

use crate::Clock;
use crate::error::{OracleError, require, require_positive};
use crate::laws::law::DisplacementLaw;
use crate::numerics::special::{exp_minus_square, inverse_erf};
use libm::erf;
use std::f64::consts::FRAC_2_SQRT_PI;

/// `tau_e / tau90` of free diffusion: `(erfinv(0.9) / erfinv(1/e))²`.
pub const FREE_TAU_E_OVER_TAU_90: f64 = 11.804_492_293_632_036;

/// The variance at which a Gaussian displacement without mean has overlap `level`: `eps² / (2 x²)`, `erf(x) = level`.
///
/// # Errors
/// [`OracleError::OutOfRange`] unless `half_width > 0` and `0 < level < 1`.
pub fn variance_at_level(half_width: f64, level: f64) -> Result<f64, OracleError> {
    require_positive("half_width", half_width)?;
    require("level", level, level > 0.0 && level < 1.0, "above 0 and below 1")?;
    let edge = half_width / inverse_erf(level);
    Ok(0.5 * edge * edge)
}

/// Master curve of free diffusion in `theta = t / tau_level`: `Q = erf(erfinv(level) / √theta)` (Fig. 4a).
///
/// # Errors
/// [`OracleError::OutOfRange`] unless `theta ≥ 0` and `0 < level < 1`.
pub fn free_master_curve(theta: f64, level: f64) -> Result<f64, OracleError> {
    require("theta", theta, theta >= 0.0, "finite and at least 0")?;
    require("level", level, level > 0.0 && level < 1.0, "above 0 and below 1")?;
    Ok(erf(inverse_erf(level) / theta.sqrt()))
}

/// `d ln Q / d ln t` of the master curve: 0 at short times, −½ at long ones (PHYSICS.md C.7).
///
/// # Errors
/// As [`free_master_curve`], and `theta` must be above 0.
pub fn free_master_curve_exponent(theta: f64, level: f64) -> Result<f64, OracleError> {
    require_positive("theta", theta)?;
    let overlap = free_master_curve(theta, level)?;
    let x = inverse_erf(level) / theta.sqrt();
    Ok(-0.5 * FRAC_2_SQRT_PI * x * exp_minus_square(x) / overlap)
}

/// On a step clock every step is looked at up to here; beyond, the overlap is taken to fall steadily between
/// doublings of the lag.
const STEPS_LOOKED_AT: u32 = 4096;

/// The first lag at which the overlap of any law falls to `level`, by search; `None` where it never does.
///
/// Continuous clock: lags 2⁻¹⁰⁰⁰ … 2¹⁰⁰⁰ by factors of two, then bisection to the last bit. (For levels of ½ and
/// above the overlap of a Gaussian law crosses only once, so no crossing can hide between two of them.) Step clock:
/// the first whole step with an overlap below `level`.
///
/// # Errors
/// [`OracleError::OutOfRange`] unless `half_width > 0` and `0 < level < 1`, and errors of the law.
pub fn search<Law: DisplacementLaw + ?Sized>(
    law: &Law,
    half_width: f64,
    level: f64,
) -> Result<Option<f64>, OracleError> {
    variance_at_level(half_width, level)?;
    match law.clock() {
        Clock::Continuous => {
            let below = |lag: f64| is_below(law, lag, half_width, level);
            let mut low = 0.0;
            for exponent in -1000..=1000 {
                let lag = 2.0_f64.powi(exponent);
                if below(lag)? {
                    return bisect(low, lag, |low, high| 0.5 * (low + high), below).map(Some);
                }
                low = lag;
            }
            never(law, half_width, level)
        }
        Clock::Steps { dt } => {
            let below = |steps: f64| is_below(law, steps * dt, half_width, level);
            for steps in 1..=STEPS_LOOKED_AT {
                if below(f64::from(steps))? {
                    return Ok(Some(f64::from(steps) * dt));
                }
            }
            let mut low = f64::from(STEPS_LOOKED_AT);
            while low < 2.0_f64.powi(52) {
                let high = 2.0 * low;
                if below(high)? {
                    let steps = bisect(low, high, |low, high| (0.5 * (low + high)).floor(), below)?;
                    return Ok(Some(steps * dt));
                }
                low = high;
            }
            never(law, half_width, level)
        }
    }
}

/// `None` where the search came to its end, unless the law falls below `level` in the limit.
fn never<Law: DisplacementLaw + ?Sized>(
    law: &Law,
    half_width: f64,
    level: f64,
) -> Result<Option<f64>, OracleError> {
    match law.overlap_limit(half_width) {
        Ok(limit) if limit < level => {
            let quantity = "the search for the relaxation time";
            Err(OracleError::NotConverged { quantity, argument: "half_width", value: half_width })
        }
        _ => Ok(None),
    }
}

/// A hill may throw the weight beyond any double: nothing overlaps there.
fn is_below<Law: DisplacementLaw + ?Sized>(
    law: &Law,
    lag: f64,
    half_width: f64,
    level: f64,
) -> Result<bool, OracleError> {
    match law.overlap(lag, half_width) {
        Err(OracleError::Overflow { .. }) => Ok(true),
        // Near 1 the complement has the digits.
        Ok(overlap) if overlap > 0.5 && level > 0.5 => {
            Ok(law.displacement(lag)?.mobile_fraction(half_width) > 1.0 - level)
        }
        other => Ok(other? < level),
    }
}

/// Smallest representable point of (`low`, `high`] where `below` holds, given that it holds at `high` and not at `low`.
fn bisect(
    mut low: f64,
    mut high: f64,
    middle: impl Fn(f64, f64) -> f64,
    below: impl Fn(f64) -> Result<bool, OracleError>,
) -> Result<f64, OracleError> {
    loop {
        let point = middle(low, high);
        if point <= low || point >= high {
            return Ok(high);
        }
        if below(point)? {
            high = point;
        } else {
            low = point;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bath;
    use crate::laws::{FreeBrownian, QuadraticWell};
    use approx::assert_relative_eq;

    #[test]
    fn ratio_of_relaxation_times_of_free_diffusion() {
        let law = FreeBrownian::new(Bath::new(1.0, 1.0, 1.0).unwrap(), Clock::Continuous).unwrap();
        let time = |level: f64| law.relaxation_time(1.0, level).unwrap().unwrap();
        assert_relative_eq!(time((-1.0_f64).exp()) / time(0.9), FREE_TAU_E_OVER_TAU_90, max_relative = 1e-14);
    }

    #[test]
    fn master_curve_is_the_overlap_in_units_of_its_relaxation_time() {
        let law = FreeBrownian::new(Bath::new(1e-3, 1e-2, 6e4).unwrap(), Clock::Continuous).unwrap();
        let time = law.relaxation_time(1.9e-4, 0.9).unwrap().unwrap();
        for theta in [0.1, 1.0, 30.0, 1e4] {
            let expected = law.overlap(theta * time, 1.9e-4).unwrap();
            assert_relative_eq!(free_master_curve(theta, 0.9).unwrap(), expected, max_relative = 1e-13);
        }
        assert_eq!(free_master_curve(0.0, 0.9).unwrap(), 1.0);
    }

    #[test]
    fn local_exponents_of_the_free_tail() {
        // PHYSICS.md C.7.
        for (theta, exponent) in [
            (1.0, -0.188),
            (10.0, -0.457),
            (20.0, -0.478),
            (50.0, -0.491),
            (100.0, -0.4955),
            (1000.0, -0.49955),
        ] {
            assert_relative_eq!(free_master_curve_exponent(theta, 0.9).unwrap(), exponent, epsilon = 6e-4);
        }
    }

    #[test]
    fn steps_give_the_first_step_below_the_level() {
        let bath = Bath::new(1e-3, 1e-4, 6e4).unwrap();
        let steps = FreeBrownian::new(bath, Clock::Steps { dt: 1.0 }).unwrap();
        let continuous = FreeBrownian::new(bath, Clock::Continuous).unwrap();
        for half_width in [1e-5, 1.9e-4, 3e-3] {
            let exact = continuous.relaxation_time(half_width, 0.9).unwrap().unwrap();
            assert_eq!(steps.relaxation_time(half_width, 0.9).unwrap(), Some(exact.ceil()));
        }
    }

    #[test]
    fn oscillating_steps_relax_at_their_first_swing() {
        let bath = Bath::new(1.0, 0.0, 1.0).unwrap();
        let well = QuadraticWell::new(bath, 1.5, Clock::Steps { dt: 1.0 }).unwrap().from_fixed(1.0).unwrap();
        assert_eq!(well.relaxation_time(1.0, 0.9).unwrap(), Some(1.0));
        assert_eq!(well.relaxation_time(1.6, 0.9).unwrap(), None);
    }

    #[test]
    fn levels_and_widths_are_checked() {
        assert!(variance_at_level(0.0, 0.9).is_err());
        assert_eq!(
            variance_at_level(1.0, 1.0).unwrap_err().to_string(),
            "level is 1; it must be above 0 and below 1"
        );
    }
}
