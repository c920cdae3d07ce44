//! The quadratic well in its stationary state (PHYSICS.md D.2 and C.4).

use super::LinearRelaxation;
use crate::error::OracleError;
use crate::laws::relaxation;
use crate::{Bath, Clock, Displacement, DisplacementLaw, Scheme};
use libm::log1p;

/// A weight that has been in the well for ever: `dw ~ N(0, 2 V_inf (1 − r(t)))`, less `a^{n−1} σ²/2` in the variance
/// after `n` Leimkuhler–Matthews steps.
///
/// `V_inf = T/(k P_D)`, or `T/(k P_D (1 − kappa dt/2))` under Euler–Maruyama steps (other steps: [`Scheme`]). The mean
/// squared displacement tends to `2 V_inf`, twice what the paper's Appendix H compares it with.
///
/// ```
/// use glassbox_oracle::{Bath, Clock, DisplacementLaw, laws::StationaryWell};
/// let well = StationaryWell::new(Bath::new(1e-3, 0.1, 60_000.0)?, 0.01, Clock::Continuous)?;
/// let limit = well.mean_squared_displacement_limit()?;
/// assert!((limit - 3.33e-4).abs() < 1e-6);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationaryWell {
    well: LinearRelaxation,
    variance: f64,
}

impl StationaryWell {
    /// A stationary well of `stiffness > 0`, with `mobility * stiffness * dt < 2` on a step clock.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for values outside their ranges, [`OracleError::Undefined`] where there is no
    /// stationary state.
    pub fn new(bath: Bath, stiffness: f64, clock: Clock) -> Result<Self, OracleError> {
        let well = LinearRelaxation::new(bath, stiffness, clock)?;
        Ok(Self { well, variance: well.stationary_variance()? })
    }

    /// A stationary well under the steps `dt > 0` of `scheme`, with `mobility * stiffness * dt` below
    /// [`Scheme::stability_limit`].
    ///
    /// ```
    /// use glassbox_oracle::{Bath, Scheme, laws::StationaryWell};
    /// // The exact step is stationary at any length.
    /// let bath = Bath::new(1.0, 0.5, 1.0)?;
    /// assert_eq!(StationaryWell::of_steps(bath, 1.0, 7.0, Scheme::ExactStep)?.weight_variance(), 0.5);
    /// assert!(StationaryWell::of_steps(bath, 1.0, 7.0, Scheme::Heun).is_err());
    /// # Ok::<(), glassbox_oracle::OracleError>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn of_steps(bath: Bath, stiffness: f64, dt: f64, scheme: Scheme) -> Result<Self, OracleError> {
        let well = LinearRelaxation::new(bath, stiffness, Clock::steps(dt)?)?.integrated_by(scheme)?;
        Ok(Self { well, variance: well.stationary_variance()? })
    }

    /// The same well in the stationary state of the steps of `scheme`. (Exact steps beyond Euler–Maruyama's limit:
    /// [`of_steps`](Self::of_steps).)
    ///
    /// # Errors
    /// [`OracleError::Undefined`] on the continuous clock.
    pub fn integrated_by(self, scheme: Scheme) -> Result<Self, OracleError> {
        let well = self.well.integrated_by(scheme)?;
        Ok(Self { well, variance: well.stationary_variance()? })
    }

    pub(crate) fn relaxation(&self) -> &LinearRelaxation {
        &self.well
    }

    /// `V_inf`, the variance of the weight itself.
    #[must_use]
    pub fn weight_variance(&self) -> f64 {
        self.variance
    }

    /// Covariance of `w(t')` with `w(t' + lag)`, whatever `t'`; divided by `V_inf` it is the autocorrelation.
    ///
    /// # Errors
    /// [`OracleError`] for a lag outside the clock.
    pub fn weight_covariance(&self, lag: f64) -> Result<f64, OracleError> {
        Ok(self.well.covariance(self.well.clock().at("lag", lag)?, self.variance, true))
    }

    /// Temperature below which the overlap never falls to `level`: `eps² k P_D / (4 x²)`, `erf(x) = level`, in
    /// continuous time. A step that overshoots has its lowest overlap at lag 1 (Leimkuhler–Matthews: 2), not at
    /// infinite lag; this is the temperature of the lowest.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `half_width > 0` and `0 < level < 1`.
    pub fn divergence_temperature(&self, half_width: f64, level: f64) -> Result<f64, OracleError> {
        let bath = self.well.bath();
        let unit = Bath::new(bath.mobility(), 1.0, bath.dataset_size())?;
        let well = self.well.in_bath(unit);
        let law = Self { well, variance: well.stationary_variance()? };
        let mut largest = law.mean_squared_displacement_limit()?;
        if let Clock::Steps { dt } = well.clock() {
            for lag in [dt, 2.0 * dt] {
                largest = largest.max(law.mean_squared_displacement(lag)?);
            }
        }
        Ok(relaxation::variance_at_level(half_width, level)? / largest)
    }
}

impl DisplacementLaw for StationaryWell {
    fn clock(&self) -> Clock {
        self.well.clock()
    }

    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError> {
        let at = self.well.clock().at("lag", lag)?;
        // 2 V_inf (1 − r) for a chain; without the subtraction where the weight carries noise of its next step.
        if self.well.shares_noise() {
            return Displacement::gaussian(0.0, self.well.displacement_variance(at, self.variance, true));
        }
        // Where the pull has done nothing yet, V_inf (1 − r) may be ∞ · 0.
        let variance = if self.well.is_flat(at) {
            self.well.noise_variance(at)
        } else {
            2.0 * self.variance * self.well.loss(at)
        };
        Displacement::gaussian(0.0, variance)
    }

    /// `−ln(1 − v k P_D / (2 T)) / kappa` with `v = eps² / (2 x²)`, on the continuous clock.
    fn relaxation_time(&self, half_width: f64, level: f64) -> Result<Option<f64>, OracleError> {
        if let Clock::Steps { .. } = self.well.clock() {
            return relaxation::search(self, half_width, level);
        }
        let needed = relaxation::variance_at_level(half_width, level)?;
        let relaxed = needed / (2.0 * self.variance);
        if relaxed < 1e-17 {
            // It has diffused freely.
            return Ok(Some(needed / (2.0 * self.well.bath().diffusion())));
        }
        Ok((relaxed < 1.0).then(|| -log1p(-relaxed) / self.well.rate()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::QuadraticWell;
    use approx::assert_relative_eq;

    /// Second route: a start from the bottom after a waiting time of many relaxation times.
    #[test]
    fn it_is_the_limit_of_waiting() {
        let bath = Bath::new(0.02, 0.5, 30.0).unwrap();
        for clock in [Clock::Continuous, Clock::Steps { dt: 1.0 }] {
            for stiffness in [0.05, 18.5, 49.0, 75.0] {
                let waited =
                    QuadraticWell::new(bath, stiffness, clock).unwrap().after_waiting(40_000.0).unwrap();
                let stationary = StationaryWell::new(bath, stiffness, clock).unwrap();
                for lag in [1.0, 2.0, 3.0, 100.0] {
                    let (a, b) = (waited.displacement(lag).unwrap(), stationary.displacement(lag).unwrap());
                    assert_relative_eq!(a.variance(), b.variance(), max_relative = 1e-12);
                }
            }
        }
    }

    #[test]
    fn closed_form_and_search_agree_and_diverge_together() {
        let law = |temperature| {
            StationaryWell::new(Bath::new(1e-3, temperature, 6e4).unwrap(), 0.01, Clock::Continuous).unwrap()
        };
        let divergence = law(1.0).divergence_temperature(1.9e-4, 0.9).unwrap();
        let warm = law(2.0 * divergence);
        assert_relative_eq!(
            warm.relaxation_time(1.9e-4, 0.9).unwrap().unwrap(),
            relaxation::search(&warm, 1.9e-4, 0.9).unwrap().unwrap(),
            max_relative = 1e-12
        );
        assert_eq!(law(0.99 * divergence).relaxation_time(1.9e-4, 0.9).unwrap(), None);
    }

    #[test]
    fn there_is_no_stationary_state_without_a_stable_well() {
        let bath = Bath::new(1.0, 1.0, 1.0).unwrap();
        assert!(StationaryWell::new(bath, 0.0, Clock::Continuous).is_err());
        assert!(StationaryWell::new(bath, 2.0, Clock::Steps { dt: 1.0 }).is_err());
    }
}
