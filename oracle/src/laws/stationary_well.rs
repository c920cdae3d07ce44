//! The quadratic well in its stationary state (PHYSICS.md D.2 and C.4).

use super::LinearRelaxation;
use crate::error::OracleError;
use crate::{Bath, Clock, Displacement, DisplacementLaw, relaxation};
use libm::log1p;

/// A weight that has been in the well for ever: `dw ~ N(0, 2 V_inf (1 − r(t)))`.
///
/// `V_inf = T/(k P_D)`, or `T/(k P_D (1 − kappa dt/2))` on a step clock. The mean squared displacement tends to
/// `2 V_inf`, twice what the paper's Appendix H compares it with.
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

    pub(crate) fn relaxation(&self) -> &LinearRelaxation {
        &self.well
    }

    /// `V_inf`, the variance of the weight itself.
    #[must_use]
    pub fn weight_variance(&self) -> f64 {
        self.variance
    }

    /// Temperature below which the overlap never falls to `level`: `eps² k P_D / (4 x²)`, `erf(x) = level`, times
    /// `1 − kappa dt/2` on a step clock.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `half_width > 0` and `0 < level < 1`.
    pub fn divergence_temperature(&self, half_width: f64, level: f64) -> Result<f64, OracleError> {
        let bath = self.well.bath();
        let unit = Bath::new(bath.mobility(), 1.0, bath.dataset_size())?;
        let per_temperature = Self::new(unit, self.well.stiffness(), self.well.clock())?.variance;
        Ok(relaxation::variance_at_level(half_width, level)? / (2.0 * per_temperature))
    }
}

impl DisplacementLaw for StationaryWell {
    fn clock(&self) -> Clock {
        self.well.clock()
    }

    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError> {
        let at = self.well.clock().at("lag", lag)?;
        Displacement::gaussian(0.0, 2.0 * self.variance * self.well.loss(at))
    }

    /// `−ln(1 − v k P_D / (2 T)) / kappa` with `v = eps² / (2 x²)`, on the continuous clock.
    fn relaxation_time(&self, half_width: f64, level: f64) -> Result<Option<f64>, OracleError> {
        if let Clock::Steps { .. } = self.well.clock() {
            return relaxation::search(self, half_width, level);
        }
        let relaxed = relaxation::variance_at_level(half_width, level)? / (2.0 * self.variance);
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
