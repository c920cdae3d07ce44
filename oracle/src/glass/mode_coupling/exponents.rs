//! The exponents of mode-coupling theory from the exponent parameter lambda (Götze 1985; PHYSICS.md D.8).
//!
//! `lambda = Γ(1−a)² / Γ(1−2a) = Γ(1+b)² / Γ(1+2b)`, `γ = 1/(2a) + 1/(2b)`. Both are `h(x) = −ln lambda` with one function,
//! at `x = a` and at `x = −b`: by Weierstrass' product
//!
//! `h(x) = ln Γ(1−2x) − 2 ln Γ(1−x) = Σ_{n≥1} ln(1 + (x/n)² / (1 − 2x/n))`,
//!
//! a sum of positive terms for `x < ½`, so that a and b keep their digits as lambda → 1, where both go to 0.

use crate::error::{OracleError, require};
use libm::{log, log1p};

/// `a`, of the critical decay `φ − f ~ t^{−a}`; `0 < a ≤ ½`.
///
/// # Errors
/// [`OracleError::OutOfRange`] unless `0 ≤ exponent_parameter < 1`. (Below ½ the singularity is of type A; F1 has 0.)
pub fn critical(exponent_parameter: f64) -> Result<f64, OracleError> {
    let allowed = "at least 0 and below 1";
    require("exponent_parameter", exponent_parameter, (0.0..1.0).contains(&exponent_parameter), allowed)?;
    Ok(root(-log(exponent_parameter), 0.5, 1.0))
}

/// `b`, of the von Schweidler decay `φ − f ~ −t^b`; `0 < b ≤ 1`.
///
/// # Errors
/// [`OracleError::OutOfRange`] unless `½ ≤ exponent_parameter < 1`, as it is at every transition of type B.
pub fn von_schweidler(exponent_parameter: f64) -> Result<f64, OracleError> {
    let allowed = "at least 0.5 and below 1";
    require("exponent_parameter", exponent_parameter, (0.5..1.0).contains(&exponent_parameter), allowed)?;
    Ok(root(-log(exponent_parameter), 1.0, -1.0))
}

/// `γ = 1/(2a) + 1/(2b)`, of the relaxation time `tau ~ (distance from the transition)^{−γ}`.
///
/// # Errors
/// As [`von_schweidler`].
pub fn relaxation_time(exponent_parameter: f64) -> Result<f64, OracleError> {
    Ok(0.5 / critical(exponent_parameter)? + 0.5 / von_schweidler(exponent_parameter)?)
}

/// The `x` in (0, `largest`] with `h(sign x) = target`, by bisection to the last bit: h grows with x.
fn root(target: f64, largest: f64, sign: f64) -> f64 {
    let (mut low, mut high) = (0.0, largest);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return high;
        }
        if log_ratio_of_gammas(sign * middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// Factors of the product taken one by one.
const FACTORS: u32 = 32;

/// `h(x)` for `−1 ≤ x ≤ ½`.
fn log_ratio_of_gammas(x: f64) -> f64 {
    // Σ_{n ≥ q} = Σ_{k ≥ 2} ζ(k, q) (2^k − 2) x^k / k with q = 32. Its terms fall like (2x/q)^k ≤ 16^{−k}.
    let q = f64::from(FACTORS);
    let mut power = 2.0 * x / q;
    let mut excess = 1.0;
    let mut tail = 0.0;
    for order in 2..=16_u32 {
        let k = f64::from(order);
        power *= 2.0 * x / q;
        excess *= 0.5;
        tail += hurwitz_zeta_times_power(k, q) * (1.0 - excess) * power / k;
    }
    (1..FACTORS).rev().fold(tail, |sum, n| {
        let share = x / f64::from(n);
        sum + log1p(share * share / (1.0 - 2.0 * share))
    })
}

/// `q^k ζ(k, q)` by Euler and Maclaurin. At q = 32 the first term left out is 2e-15 for k = 2, where the sum is 32.5, and
/// below `16^k` times that share of it for the others.
fn hurwitz_zeta_times_power(k: f64, q: f64) -> f64 {
    let first = k / (12.0 * q);
    let third = (k + 1.0) * (k + 2.0) / (60.0 * q * q);
    let fifth = (k + 3.0) * (k + 4.0) / (42.0 * q * q);
    let seventh = (k + 5.0) * (k + 6.0) / (40.0 * q * q);
    q / (k - 1.0) + 0.5 + first * (1.0 - third * (1.0 - fifth * (1.0 - seventh)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use libm::lgamma;
    use proptest::prelude::*;

    #[test]
    fn known_points() {
        // PHYSICS.md D.8 (F2), and the hard-sphere glass, lambda = 0.735: a = 0.312, b = 0.583, γ = 2.46 (Götze 1999).
        assert_relative_eq!(critical(0.5).unwrap(), 0.395_263_063_1, epsilon = 5e-11);
        assert_relative_eq!(von_schweidler(0.5).unwrap(), 1.0, max_relative = 1e-15);
        assert_relative_eq!(relaxation_time(0.5).unwrap(), 1.764_980_330_1, epsilon = 5e-11);
        assert_relative_eq!(critical(0.735).unwrap(), 0.312, epsilon = 5e-4);
        assert_relative_eq!(von_schweidler(0.735).unwrap(), 0.583, epsilon = 5e-4);
        assert_relative_eq!(relaxation_time(0.735).unwrap(), 2.46, epsilon = 5e-3);
        assert_eq!(critical(0.0).unwrap(), 0.5);
    }

    #[test]
    fn both_vanish_alike_as_lambda_goes_to_one() {
        // h(x) = ζ(2) x² + 2 ζ(3) x³ + …: a and b → √((1 − lambda) / ζ(2)), apart by 2 ζ(3)/ζ(2) x.
        let zeta_2 = std::f64::consts::PI.powi(2) / 6.0;
        for distance in [f64::EPSILON, 1e-12, 1e-8_f64] {
            let leading = (distance / zeta_2).sqrt();
            let lambda = 1.0 - distance;
            let exact_distance = 1.0 - lambda;
            let scale = (exact_distance / distance).sqrt();
            assert_relative_eq!(critical(lambda).unwrap(), leading * scale, max_relative = 2.0 * leading);
            assert_relative_eq!(
                von_schweidler(lambda).unwrap(),
                leading * scale,
                max_relative = 2.0 * leading
            );
        }
    }

    #[test]
    fn the_range_of_lambda_is_checked() {
        for bad in [-0.1, 1.0, f64::NAN] {
            assert!(critical(bad).is_err() && von_schweidler(bad).is_err() && relaxation_time(bad).is_err());
        }
        assert!(von_schweidler(0.49).is_err() && relaxation_time(0.49).is_err());
    }

    proptest! {
        /// Second route: the gamma functions.
        #[test]
        fn gamma_functions_give_lambda_back(lambda in 0.5..0.99_f64) {
            let (a, b) = (critical(lambda).unwrap(), von_schweidler(lambda).unwrap());
            let of_a = (2.0 * lgamma(1.0 - a) - lgamma(1.0 - 2.0 * a)).exp();
            let of_b = (2.0 * lgamma(1.0 + b) - lgamma(1.0 + 2.0 * b)).exp();
            // Each lgamma is below ln Γ(0.2) = 1.53 and good to two ulps.
            prop_assert!((of_a - lambda).abs() < 1e-14 && (of_b - lambda).abs() < 1e-14);
        }
    }
}
