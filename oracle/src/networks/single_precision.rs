//! What single precision does to small moves (PHYSICS.md C.12).
//!
//! A weight `w` in single precision lies on a grid whose spacing, between two powers of two, is a constant `u`. What is
//! modelled: a Gaussian number of standard deviation `sigma` is added to a grid point and the sum rounded to the
//! nearest grid point, far from the ends of the binade. The weight then jumps by `j u` with
//! `P(j) = Φ((j + ½)/q) − Φ((j − ½)/q)`, `q = sigma/u`: jumps are independent of one another and of `w`, and the weight
//! diffuses with
//! ```text
//! D_eff/D = (2/q²) Σ_{j≥1} j² P(j) = (2/q²) Σ_{j≥1} (2j − 1) (1 − Φ((j − ½)/q)) .
//! ```
//! Not modelled: steps across a power of two, where the spacing changes; ties (of probability 0 for Gaussian noise);
//! the discreteness of a noise number that is itself single precision (2⁻²⁴ of itself).

use crate::error::{OracleError, require, require_positive};
use crate::{Bath, Clock};
use libm::{erfc, exp};
use std::f64::consts::{PI, SQRT_2};

/// The largest single-precision number.
const LARGEST: f64 = f32::MAX as f64;
/// Spacing of the subnormal numbers, 2⁻¹⁴⁹.
const SMALLEST_SPACING: f64 = f32::MIN_POSITIVE as f64 * f32::EPSILON as f64;

/// The spacing of single-precision numbers at `weight`, away from zero: `2^{k−23}` for `2^k ≤ |w| < 2^{k+1}`.
///
/// At a power of two the spacing towards zero is half of it. Below `2⁻¹²⁶` the numbers are subnormal, and the spacing
/// is `2⁻¹⁴⁹` down to 0. `weight` need not be a single-precision number.
///
/// ```
/// use glassbox_oracle::networks::single_precision::spacing;
/// assert_eq!(spacing(0.1)?, 2.0_f64.powi(-27));
/// assert_eq!(spacing(1.0)?, 2.0_f64.powi(-23));
/// assert_eq!(spacing(0.0)?, 2.0_f64.powi(-149));
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
///
/// # Errors
/// [`OracleError::OutOfRange`] beyond the largest single-precision number.
pub fn spacing(weight: f64) -> Result<f64, OracleError> {
    let allowed = "a finite single-precision number";
    let magnitude = require("weight", weight, weight.abs() <= LARGEST, allowed)?.abs();
    // The power of two at or below, by clearing the mantissa.
    let power = f64::from_bits(magnitude.to_bits() & (0x7ff << 52));
    Ok((power * f64::from(f32::EPSILON)).max(SMALLEST_SPACING))
}

/// `q`: the standard deviation of the noise of one step of `dt` in units of the [`spacing`] at `weight`.
///
/// # Errors
/// [`OracleError::OutOfRange`] for a bad step, or a weight beyond single precision.
pub fn noise_in_spacings(bath: Bath, dt: f64, weight: f64) -> Result<f64, OracleError> {
    Clock::steps(dt)?;
    Ok(bath.noise_variance(dt).sqrt() / spacing(weight)?)
}

/// `D_eff/D` for noise of standard deviation `q` spacings: 0 for `q → 0`, at most 1.332 (near `q = 0.43`), and
/// `1 + 1/(12 q²)` up to `e^{−2π² q²}` for large q.
///
/// Its relative error is a few ulps times the condition number, which is about `1/(4 q²)` for small q; below
/// `q = 0.0129` it is under the smallest double.
///
/// ```
/// use glassbox_oracle::networks::single_precision::diffusion_ratio;
/// assert!((diffusion_ratio(0.5)? - 1.30).abs() < 0.005);
/// assert!((diffusion_ratio(0.1)? - 5.7e-5).abs() < 0.05e-5);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
///
/// # Errors
/// [`OracleError::OutOfRange`] unless q is finite and above 0.
pub fn diffusion_ratio(noise_in_spacings: f64) -> Result<f64, OracleError> {
    let q = require_positive("noise_in_spacings", noise_in_spacings)?;
    if q < 0.5 {
        // Positive terms; 1 − Φ(x) = ½ erfc(x/√2), below the last digit of the first after ten.
        let term = |j: i32| f64::from(2 * j - 1) * erfc((f64::from(j) - 0.5) / (q * SQRT_2));
        let sum: f64 = (1..=12).rev().map(term).sum();
        return Ok(sum / q / q);
    }
    // Poisson's sum of the same: the grid enters by its Fourier components, e^{−2π² k² q²}.
    let component = |k: i32| {
        let wave = 2.0 * PI * f64::from(k) * q;
        let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
        4.0 * sign * exp(-0.5 * wave * wave) * (1.0 + 1.0 / (wave * wave))
    };
    Ok(1.0 + 1.0 / (12.0 * q * q) + (1..=3).rev().map(component).sum::<f64>())
}

/// The probability that the noise of one step moves a weight at all: `erfc(1/(2√2 q))`.
///
/// # Errors
/// [`OracleError::OutOfRange`] unless q is finite and above 0.
pub fn probability_of_moving(noise_in_spacings: f64) -> Result<f64, OracleError> {
    let q = require_positive("noise_in_spacings", noise_in_spacings)?;
    Ok(erfc(0.5 / (q * SQRT_2)))
}

/// The frozen gradient: a step of drift is lost, `w − mu dt g = w` after rounding, where `|g|` is below this,
/// `(spacing/2)/(mu dt)`.
///
/// At exactly this value the sum is a tie and goes to the even neighbour: it stays where the weight's last bit is 0.
/// For a weight on a power of two that moves towards zero the threshold is half as large.
///
/// # Errors
/// [`OracleError::OutOfRange`] for a bad step, or a weight beyond single precision.
pub fn frozen_gradient(bath: Bath, dt: f64, weight: f64) -> Result<f64, OracleError> {
    Clock::steps(dt)?;
    Ok(0.5 * spacing(weight)? / (bath.mobility() * dt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_the_paper_notes() {
        // PHYSICS.md C.12, to the digits given there.
        let table = [
            (0.1, 5.7e-5),
            (0.125, 0.0041),
            (0.15, 0.038),
            (0.2, 0.31),
            (0.25, 0.73),
            (0.3, 1.06),
            (0.4, 1.32),
            (0.5, 1.30),
            (0.75, 1.15),
            (1.0, 1.083),
            (2.0, 1.021),
            (5.0, 1.003),
        ];
        for (q, printed) in table {
            assert_relative_eq!(diffusion_ratio(q).unwrap(), printed, max_relative = 0.013);
        }
        // T = 1e-10 at |w| = 0.05, 0.1, 0.2 and beyond.
        let bath = Bath::new(1e-3, 1e-10, 6e4).unwrap();
        let at = |weight| diffusion_ratio(noise_in_spacings(bath, 1.0, weight).unwrap()).unwrap();
        assert_relative_eq!(at(0.05), 1.31, max_relative = 4e-3);
        assert_relative_eq!(at(0.1), 0.69, max_relative = 8e-3);
        assert_relative_eq!(at(0.2), 0.00293, max_relative = 0.03);
        assert!(at(0.3) < 1e-12);
        let frozen = |weight| frozen_gradient(bath, 1.0, weight).unwrap();
        assert_relative_eq!(frozen(0.05), 1.9e-6, max_relative = 0.03);
        assert_relative_eq!(frozen(0.1), 3.7e-6, max_relative = 0.01);
        assert_relative_eq!(frozen(0.2), 7.5e-6, max_relative = 0.01);
    }

    #[test]
    fn limits_and_bad_arguments() {
        assert_eq!(diffusion_ratio(1e-3).unwrap(), 0.0);
        assert_eq!(diffusion_ratio(f64::MIN_POSITIVE).unwrap(), 0.0);
        assert_eq!(diffusion_ratio(1e9).unwrap(), 1.0);
        assert_eq!(diffusion_ratio(f64::MAX).unwrap(), 1.0);
        assert_eq!(probability_of_moving(1e-300).unwrap(), 0.0);
        assert!(diffusion_ratio(0.0).is_err() && diffusion_ratio(f64::NAN).is_err());
        assert!(spacing(f64::NAN).is_err() && spacing(1e39).is_err() && spacing(f64::INFINITY).is_err());
        let bath = Bath::new(1e-3, 0.0, 6e4).unwrap();
        assert_eq!(noise_in_spacings(bath, 1.0, 0.1).unwrap(), 0.0);
        assert!(noise_in_spacings(bath, 0.0, 0.1).is_err() && frozen_gradient(bath, f64::NAN, 0.1).is_err());
    }

    /// Second route: the integral of round(y)² against the density, panel by panel between its jumps.
    #[test]
    fn the_sum_is_the_mean_square_of_rounded_noise() {
        for q in [0.15_f64, 0.3, 0.45, 0.499, 0.5, 0.501, 0.7, 1.3, 3.0] {
            let mut sum = 0.0;
            for jump in -60..=60 {
                let jump = f64::from(jump);
                // Simpson's rule: an error of (h/q)⁴/180 times (1/(2q))⁴, the fourth derivative where most of the sum is.
                let panels = 2.0 * (2000.0 / q).ceil();
                let h = 1.0 / panels;
                let density = |y: f64| (-0.5 * (y / q).powi(2)).exp() / (q * (2.0 * PI).sqrt());
                let mut mass = density(jump - 0.5) + density(jump + 0.5);
                let mut i = 1.0;
                while i < panels {
                    mass += if i % 2.0 == 1.0 { 4.0 } else { 2.0 } * density(jump - 0.5 + i * h);
                    i += 1.0;
                }
                sum += jump * jump * mass * h / 3.0;
            }
            assert_relative_eq!(diffusion_ratio(q).unwrap(), sum / (q * q), max_relative = 1e-10);
        }
    }

    proptest! {
        /// The neighbours of a single-precision number lie one spacing away, towards zero too unless it is a power of 2.
        #[test]
        fn the_spacing_is_the_distance_to_the_next_number(bits in 0_u32..0x7f7f_ffff) {
            let number = f32::from_bits(bits);
            let weight = f64::from(number);
            prop_assert_eq!(spacing(weight).unwrap(), f64::from(number.next_up()) - weight);
            prop_assert_eq!(spacing(-weight).unwrap(), spacing(weight).unwrap());
            let power_of_two = bits & 0x007f_ffff == 0;
            let towards_zero = weight - f64::from(number.next_down());
            // Below 2⁻¹²⁶ the spacing no longer halves.
            if !power_of_two || bits <= 0x0080_0000 {
                prop_assert_eq!(spacing(weight).unwrap(), towards_zero.abs());
            } else {
                prop_assert_eq!(spacing(weight).unwrap(), 2.0 * towards_zero);
            }
        }
    }
}
