//! An ageing law that is known exactly: the spherical model with p = 2 at T = 0 (Cugliandolo and Dean 1995;
//! PHYSICS.md D.10).
//!
//! N spins with `Σ s² = N` follow `ds_i/dt = Σ_j J_ij s_j − z(t) s_i`: the gradient flow of `−½ Σ J_ij s_i s_j`, with z
//! keeping the norm. J is symmetric with entries of variance 1/N, so that its eigenvalues μ fill the semicircle on
//! [−2, 2]. In its eigenbasis `s_μ(t) = s_μ(0) e^{μ t} / √Γ(t)`, `Γ(t) = (1/N) Σ s_μ(0)² e^{2μ t}`, whatever z does; from a
//! random start and for `N → ∞`
//!
//! `C(t, t') = (1/N) Σ s_i(t) s_i(t') = G(t + t') / √(G(2t) G(2t'))`, `G(u) = ∫ ρ(μ) e^{μ u} dμ = I1(2u) / u`.
//!
//! The unit of time is 1/J, where `J²/N` is the variance of the couplings. The correlation never becomes a function of
//! t − t' alone: it ages for ever, and at large times depends on t/t'. So it calibrates an estimator of ageing.

use crate::error::{OracleError, require};
use crate::numerics::special::{bessel_i1_scaled, bessel_i1_scaled_over_argument};

/// `C(t, t')` of the spherical p = 2 model quenched to T = 0 at time 0; symmetric, 1 at equal times.
///
/// The exponentials of the Bessel functions cancel exactly, so that nothing overflows.
///
/// ```
/// use glassbox_oracle::glass::ageing::{spherical_correlation, spherical_ageing_limit};
/// // Old systems relax more slowly.
/// assert!(spherical_correlation(10.0, 20.0)? < spherical_correlation(1000.0, 1010.0)?);
/// assert!((spherical_correlation(1e6, 4e6)? - spherical_ageing_limit(1e6, 4e6)?).abs() < 1e-6);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
///
/// # Errors
/// [`OracleError::OutOfRange`] unless both times are from 0 to 1e300.
pub fn spherical_correlation(first: f64, second: f64) -> Result<f64, OracleError> {
    let (first, second) = checked(first, second)?;
    // The arguments of I1 in G(2t), G(2t') and G(t + t').
    let (a, b, between) = (4.0 * first, 4.0 * second, 2.0 * (first + second));
    let spread = (1.0 + a).sqrt() * (1.0 + b).sqrt() / (1.0 + between);
    // Rounding must not lift it above 1.
    Ok((levelled(between) / (levelled(a) * levelled(b)).sqrt() * spread.powf(1.5)).min(1.0))
}

/// The ageing limit of [`spherical_correlation`]: `(4 t t' / (t + t')²)^{3/4}`, reached like 1/t.
///
/// # Errors
/// As [`spherical_correlation`], and [`OracleError::Undefined`] for two times of 0.
pub fn spherical_ageing_limit(first: f64, second: f64) -> Result<f64, OracleError> {
    let (first, second) = checked(first, second)?;
    if first == 0.0 && second == 0.0 {
        return Err(OracleError::Undefined { quantity: "the ageing limit", reason: "both times are 0" });
    }
    Ok((2.0 * first.sqrt() * (second.sqrt() / (first + second))).powf(1.5))
}

/// `(1 + x)^{3/2} e^{−x} I1(x) / x`, which stays between 0.39 and 0.61 from 0 to infinity.
fn levelled(x: f64) -> f64 {
    if x < 1.0 {
        (1.0 + x).powf(1.5) * bessel_i1_scaled_over_argument(x)
    } else {
        (1.0 + x) / x * (1.0 + x).sqrt() * bessel_i1_scaled(x)
    }
}

fn checked(first: f64, second: f64) -> Result<(f64, f64), OracleError> {
    let allowed = "from 0 to 1e300";
    let within = |time: f64| (0.0..=1e300).contains(&time);
    Ok((
        require("first", first, within(first), allowed)?,
        require("second", second, within(second), allowed)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use std::f64::consts::PI;

    /// `μ` with a fraction `p` of the semicircle below it: `p = ½ + (μ √(4 − μ²)/4 + asin(μ/2)) / π`.
    fn quantile(p: f64) -> f64 {
        let (mut low, mut high) = (-2.0, 2.0);
        for _ in 0..60 {
            let middle: f64 = 0.5 * (low + high);
            let below = 0.5 + (0.25 * middle * (4.0 - middle * middle).sqrt() + (0.5 * middle).asin()) / PI;
            if below < p {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Second route: the equations of motion with their Lagrange multiplier, for N modes by Runge–Kutta.
    ///
    /// The modes sit on the quantiles of the semicircle, each with `s² = 1`. A sum over N quantiles of a function that
    /// grows with μ is within `(f(2) − f(−2)) / (2N)` of its integral, so G(u) is within `e^{2u}/(2N)`. The integrator adds
    /// less than `(4 dt)⁵/120` a step: 250 steps, 7e-6.
    #[test]
    fn gradient_flow_of_many_modes() {
        let (modes, dt, wait, steps) = (20_000, 0.02, 50, 250);
        let rates: Vec<f64> = (0..modes).map(|k| quantile((f64::from(k) + 0.5) / f64::from(modes))).collect();
        let slope = |spins: &[f64]| -> Vec<f64> {
            let z = rates.iter().zip(spins).map(|(mu, s)| mu * s * s).sum::<f64>() / f64::from(modes);
            rates.iter().zip(spins).map(|(mu, s)| (mu - z) * s).collect()
        };
        let moved = |spins: &[f64], by: &[f64], h: f64| -> Vec<f64> {
            spins.iter().zip(by).map(|(s, k)| s + h * k).collect()
        };
        let mut spins = vec![1.0; modes as usize];
        let mut early = spins.clone();
        for step in 0..steps {
            if step == wait {
                early.clone_from(&spins);
            }
            let k1 = slope(&spins);
            let k2 = slope(&moved(&spins, &k1, 0.5 * dt));
            let k3 = slope(&moved(&spins, &k2, 0.5 * dt));
            let k4 = slope(&moved(&spins, &k3, dt));
            for i in 0..spins.len() {
                spins[i] += dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
            }
        }
        let (first, second) = (f64::from(wait) * dt, f64::from(steps) * dt);
        let simulated = early.iter().zip(&spins).map(|(a, b)| a * b).sum::<f64>() / f64::from(modes);
        let error_of_g =
            |u: f64| 1.0 / (2.0 * f64::from(modes)) / (2.0 * bessel_i1_scaled_over_argument(2.0 * u));
        let allowed = error_of_g(first + second) + 0.5 * (error_of_g(2.0 * first) + error_of_g(2.0 * second));
        let exact = spherical_correlation(first, second).unwrap();
        println!("C({first}, {second}) = {exact}, simulated {simulated}, allowed {allowed}");
        // Second order in the errors of G: their squares.
        assert_relative_eq!(simulated, exact, max_relative = allowed * (1.0 + 2.0 * allowed) + 7e-6);
        assert!(allowed < 5e-3, "{allowed}");
    }

    #[test]
    fn the_ageing_limit_is_reached_like_one_over_t() {
        // I1(x) ~ e^x/√(2πx) (1 − 3/(8x)): the correction is at most 3/8 (1/2 + 1/2 + 1) / (4t) for the earlier time t.
        for (first, second) in [(1e3, 1e3), (1e3, 5e3), (1e5, 1e9), (1e200, 3e299)] {
            let (exact, limit): (f64, f64) = (
                spherical_correlation(first, second).unwrap(),
                spherical_ageing_limit(first, second).unwrap(),
            );
            assert_relative_eq!(exact, limit, max_relative = 0.1875 / first + 1e-14);
        }
        assert_relative_eq!(
            spherical_ageing_limit(1.0, 3.0).unwrap(),
            0.75_f64.powf(0.75),
            max_relative = 1e-15
        );
    }

    #[test]
    fn a_random_start_is_forgotten_like_its_overlap_with_the_edge() {
        // C(0, t) = G(t)/√G(2t): at t = 1, I1(2) / √(I1(4)/2).
        let expected = 1.590_636_854_637_329 / (9.759_465_153_704_449_f64 / 2.0).sqrt();
        assert_relative_eq!(spherical_correlation(0.0, 1.0).unwrap(), expected, max_relative = 1e-14);
        assert_eq!(spherical_correlation(0.0, 0.0).unwrap(), 1.0);
    }

    #[test]
    fn times_are_checked() {
        for bad in [-1.0, f64::NAN, 1e301] {
            assert!(spherical_correlation(bad, 1.0).is_err() && spherical_ageing_limit(1.0, bad).is_err());
        }
        assert!(spherical_ageing_limit(0.0, 0.0).is_err());
    }

    proptest! {
        /// A correlation of unit vectors: symmetric, 1 on the diagonal, and falling away from it.
        #[test]
        fn correlations_behave(log_time in -3.0..6.0_f64, lag in 0.01..3.0_f64) {
            let first = 10.0_f64.powf(log_time);
            let second = first * (1.0 + lag);
            let c = spherical_correlation(first, second).unwrap();
            prop_assert_eq!(c, spherical_correlation(second, first).unwrap());
            prop_assert!(c > 0.0 && c <= 1.0);
            prop_assert!((spherical_correlation(first, first).unwrap() - 1.0).abs() < 4e-15);
            prop_assert!(spherical_correlation(first, 1.1 * second).unwrap() < c);
        }
    }
}
