//! How many stationary points a random landscape in a well has: Kac–Rice (PHYSICS.md D.9).
//!
//! The landscape is `H(x) = V(x) + ½ mu |x|²`, V a stationary Gaussian field of mean 0. In the well's grip (large mu) only
//! one stationary point is left, the minimum: the topology is trivial.
//!
//! One dimension, any mu, exactly ([`expected_count`]). For a stationary V the slope V'(x) and the curvature V''(x) at one
//! point are independent, so that Kac and Rice's integral over the whole line factorises,
//!
//! `E[N] = ∫ dx p_{V'}(−mu x) E|V'' + mu| = E|V'' + mu| / mu = erf(mu/(σ√2)) + (σ/mu) √(2/π) e^{−mu²/2σ²}`,
//!
//! with `σ² = Var V''`: the number is counted on the whole line, it is not a density, and the variance of V' drops out.
//! Needed: `mu > 0`; sample paths with two continuous derivatives; V' not identically 0. The expectation is over V.
//!
//! Many dimensions ([`total_complexity`], [`minima_complexity`]): `<V(x) V(x')> = N F(|x − x'|²/2N)`. The Hessian at a point
//! is mu plus `√F''(0)` times a GOE matrix with its semicircle on [−2, 2] plus an independent Gaussian number of
//! variance 1/N (Fyodorov, Phys. Rev. Lett. 92, 240601, 2004). The annealed counts then follow from a maximum over that
//! number, as the tests do it. That the counts of single samples have these exponents (quenched = annealed) and that
//! fluctuations of the matrix's spectrum cost order N² rest on the literature (Fyodorov and Williams, J. Stat. Phys.
//! 129, 1081, 2007).

use crate::error::{OracleError, require_non_negative, require_positive};
use crate::numerics::special::exp_minus_square;
use libm::{erf, log};
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// `E[N]` on the line: the expected number of stationary points of `V + ½ stiffness x²`.
///
/// `curvature_deviation` is the standard deviation σ of V''. Tends to 1 for `stiffness ≫ σ` and to
/// `√(2/π) σ / stiffness` for `stiffness ≪ σ`.
///
/// ```
/// use glassbox_oracle::glass::stationary_points::expected_count;
/// assert_eq!(expected_count(1.0, 0.0)?, 1.0);
/// assert!((expected_count(1.0, 1.0)? - 1.166_630_941_175_8).abs() < 1e-12);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
///
/// # Errors
/// [`OracleError::OutOfRange`] unless `stiffness > 0` and `curvature_deviation ≥ 0`; [`OracleError::Overflow`] for a
/// number no double can hold.
pub fn expected_count(stiffness: f64, curvature_deviation: f64) -> Result<f64, OracleError> {
    let stiffness = require_positive("stiffness", stiffness)?;
    let deviation = require_non_negative("curvature_deviation", curvature_deviation)?;
    let x = FRAC_1_SQRT_2 * (stiffness / deviation);
    // (σ/mu) √(2/π) = 1 / (√π x). Both terms are positive.
    let count = erf(x) + 0.5 * FRAC_2_SQRT_PI * exp_minus_square(x) / x;
    let quantity = "the number of stationary points";
    if count.is_finite() {
        Ok(count)
    } else {
        Err(OracleError::Overflow { quantity, argument: "curvature_deviation", value: deviation })
    }
}

/// Expected number of minima on the line: `(E[N] + 1) / 2`, because minima and maxima alternate and both ends rise.
///
/// # Errors
/// As [`expected_count`].
pub fn expected_minima(stiffness: f64, curvature_deviation: f64) -> Result<f64, OracleError> {
    Ok(0.5 * expected_count(stiffness, curvature_deviation)? + 0.5)
}

/// The stiffness `mu_c = √F''(0)` below which the number of stationary points grows exponentially with N.
///
/// # Errors
/// [`OracleError::OutOfRange`] unless `second_derivative` of F at 0 is above 0.
pub fn critical_stiffness(second_derivative: f64) -> Result<f64, OracleError> {
    Ok(require_positive("second_derivative", second_derivative)?.sqrt())
}

/// `Sigma_tot = lim (1/N) ln E[N_stationary] = (r² − 1)/2 − ln r` at `r = mu/mu_c < 1`, else 0.
///
/// # Errors
/// [`OracleError::OutOfRange`] unless `ratio > 0`.
pub fn total_complexity(ratio: f64) -> Result<f64, OracleError> {
    let distance = 1.0 - ratio;
    Ok(minima_complexity(ratio)? + if distance > 0.0 { distance * distance } else { 0.0 })
}

/// `Sigma_min = lim (1/N) ln E[N_minima] = ½ (4r − r² − 3) − ln r` at `r = mu/mu_c < 1`, else 0.
///
/// # Errors
/// As [`total_complexity`].
pub fn minima_complexity(ratio: f64) -> Result<f64, OracleError> {
    let ratio = require_positive("ratio", ratio)?;
    let distance = 1.0 - ratio;
    if distance <= 0.0 {
        return Ok(0.0);
    }
    if distance > 0.5 {
        return Ok(-log(ratio) - distance - 0.5 * distance * distance);
    }
    // −ln(1 − d) − d − d²/2 = Σ_{k ≥ 3} d^k / k; below 2^{−55} of the first beyond k = 58.
    Ok((3..=58).rev().fold(0.0, |sum, k| distance * sum + 1.0 / f64::from(k)) * distance.powi(3))
}

#[cfg(test)]
mod tests;
