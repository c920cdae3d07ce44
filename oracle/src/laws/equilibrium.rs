//! Equilibrium of the Boltzmann density `exp(−P_D L / T)` and its exact finite-step counterpart (PHYSICS.md D.4).

use crate::laws::LinearRelaxation;
use crate::{Bath, Clock, OracleError, Scheme};

/// Stationary variance of one weight in a well: `T/(k P_D)`; on a step clock `T/(k P_D (1 − kappa dt/2))`, exactly.
///
/// This is `<w²>` (paper Eqs. 25–26). The two-time mean squared displacement tends to twice as much.
///
/// # Errors
/// [`OracleError`] unless `stiffness > 0` and, on a step clock, `mobility * stiffness * dt < 2`.
pub fn stationary_variance(bath: Bath, stiffness: f64, clock: Clock) -> Result<f64, OracleError> {
    LinearRelaxation::new(bath, stiffness, clock)?.stationary_variance()
}

/// Stationary variance of one weight in a well under the steps `dt` of `scheme`, exactly (last column of the table at
/// [`Scheme`]).
///
/// ```
/// use glassbox_oracle::{Bath, Scheme};
/// use glassbox_oracle::laws::equilibrium::stationary_variance_of_steps;
/// // kappa dt = 1: Euler–Maruyama is twice too wide, Heun a third too narrow, Leimkuhler–Matthews exact.
/// let variance = |scheme| stationary_variance_of_steps(Bath::new(1.0, 1.0, 1.0)?, 1.0, 1.0, scheme);
/// assert_eq!(variance(Scheme::EulerMaruyama)?, 2.0);
/// assert!((variance(Scheme::Heun)? - 2.0 / 3.0).abs() < 1e-15);
/// assert_eq!(variance(Scheme::LeimkuhlerMatthews)?, 1.0);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
///
/// # Errors
/// [`OracleError`] unless `stiffness > 0` and `mobility * stiffness * dt` is below [`Scheme::stability_limit`].
pub fn stationary_variance_of_steps(
    bath: Bath,
    stiffness: f64,
    dt: f64,
    scheme: Scheme,
) -> Result<f64, OracleError> {
    LinearRelaxation::new(bath, stiffness, Clock::Steps { dt })?.integrated_by(scheme)?.stationary_variance()
}

/// `Q_inf` from a fixed start `weight` (paper Eq. 22): the overlap once the start is forgotten.
///
/// # Errors
/// As [`stationary_variance`].
pub fn overlap_limit(bath: Bath, stiffness: f64, weight: f64, half_width: f64) -> Result<f64, OracleError> {
    let variance = stationary_variance(bath, stiffness, Clock::Continuous)?;
    Ok(crate::Displacement::gaussian(-weight, variance)?.overlap(half_width))
}

/// The virial of `weight_count` weights in a stationary state: `<w·g> − (mu dt/2) <g²> = N T / P_D`, where g is the
/// gradient of the whole loss. Exact for any landscape and any step, a layer or a weight alone.
#[must_use]
pub fn virial(bath: Bath, weight_count: usize) -> f64 {
    weight_count as f64 * bath.thermal_energy()
}

/// The left-hand side of the virial at one instant: `w·g − (mu dt/2) g²`.
///
/// # Errors
/// [`OracleError::Undefined`] for slices of different lengths.
pub fn discrete_virial(bath: Bath, dt: f64, weights: &[f64], gradient: &[f64]) -> Result<f64, OracleError> {
    if weights.len() != gradient.len() {
        let reason = "weights and gradient have different lengths";
        return Err(OracleError::Undefined { quantity: "the virial", reason });
    }
    let half_step = 0.5 * bath.mobility() * dt;
    Ok(weights.iter().zip(gradient).map(|(w, g)| w * g - half_step * g * g).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_virial_of_the_step_law_is_exact_at_any_step() {
        // In a well g = k w, so <w g> − (mu/2) <g²> = k V (1 − kappa dt/2) = T/P_D with V of the step clock.
        let bath = Bath::new(0.1, 2.0, 30.0).unwrap();
        for stiffness in [0.01, 3.7, 15.0, 19.9] {
            let variance = stationary_variance(bath, stiffness, Clock::Steps { dt: 1.0 }).unwrap();
            let left = stiffness * variance - 0.05 * stiffness * stiffness * variance;
            assert_relative_eq!(left, virial(bath, 1), max_relative = 1e-12);
        }
    }

    #[test]
    fn overlap_limit_peaks_where_the_paper_has_a_power_law() {
        // PHYSICS.md C.5: for |w0| > eps the limit has its maximum at T = k P_D w0².
        let at = |temperature: f64| {
            overlap_limit(Bath::new(1e-3, temperature, 6e4).unwrap(), 0.01, 3e-3, 1.9e-4).unwrap()
        };
        let peak = 0.01 * 6e4 * 3e-3 * 3e-3;
        assert!(at(peak) > at(0.9 * peak) && at(peak) > at(1.1 * peak));
    }

    #[test]
    fn virial_of_given_vectors() {
        let bath = Bath::new(0.5, 1.0, 1.0).unwrap();
        assert_relative_eq!(discrete_virial(bath, 2.0, &[1.0, 2.0], &[3.0, -1.0]).unwrap(), 1.0 - 5.0);
        assert!(discrete_virial(bath, 2.0, &[1.0], &[]).is_err());
    }
}
