//! The heat bath: what sets the strength of the noise.

use crate::error::{OracleError, require_non_negative, require_positive};

/// Mobility, temperature and data set size of a Langevin run.
///
/// The noise of one step `dt` has variance `2 mu T dt / P_D` in every weight (paper Eq. 3). The data set size
/// enters because the loss is a mean over samples while the stationary density is `exp(−P_D L / T)` (Eq. 13).
///
/// ```
/// use glassbox_oracle::Bath;
/// let bath = Bath::new(1e-3, 0.1, 60_000.0)?;
/// assert_eq!(bath.diffusion(), 1e-3 * 0.1 / 60_000.0);
/// assert_eq!(bath.noise_variance(1.0), 2.0 * bath.diffusion());
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bath {
    mobility: f64,
    temperature: f64,
    dataset_size: f64,
}

impl Bath {
    /// A bath of mobility `mu > 0` (the learning rate), temperature `T ≥ 0` and data set size `P_D > 0`.
    ///
    /// `dataset_size` is a real number so that conventions without it (`P_D = 1`) or with an effective size fit.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a value that is not finite or outside its range.
    pub fn new(mobility: f64, temperature: f64, dataset_size: f64) -> Result<Self, OracleError> {
        Ok(Self {
            mobility: require_positive("mobility", mobility)?,
            temperature: require_non_negative("temperature", temperature)?,
            dataset_size: require_positive("dataset_size", dataset_size)?,
        })
    }

    /// Mobility `mu`: displacement per unit time and unit force.
    #[must_use]
    pub const fn mobility(&self) -> f64 {
        self.mobility
    }

    /// Temperature `T`, in units of the loss summed over the data set.
    #[must_use]
    pub const fn temperature(&self) -> f64 {
        self.temperature
    }

    /// Number of samples `P_D`.
    #[must_use]
    pub const fn dataset_size(&self) -> f64 {
        self.dataset_size
    }

    /// Diffusion constant `D = mu T / P_D` (paper Eqs. 5 and 8), weight squared per unit time.
    #[must_use]
    pub fn diffusion(&self) -> f64 {
        self.mobility * self.temperature / self.dataset_size
    }

    /// Thermal energy a degree of freedom, `T / P_D`, in units of the mean loss.
    #[must_use]
    pub fn thermal_energy(&self) -> f64 {
        self.temperature / self.dataset_size
    }

    /// Variance of the noise added to one weight in a step of `dt`: `2 D dt` (paper Eq. 3, where `dt = 1`).
    #[must_use]
    pub fn noise_variance(&self, dt: f64) -> f64 {
        2.0 * self.diffusion() * dt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_regularised_phase_has_the_printed_diffusion() {
        // PHYSICS.md, claim 31: MSD = 3.33e-8 T per step.
        let bath = Bath::new(1e-3, 1.0, 60_000.0).unwrap();
        approx::assert_relative_eq!(bath.noise_variance(1.0), 1.0 / 3e7, max_relative = 1e-15);
    }

    #[test]
    fn bad_arguments_are_named_with_value_and_range() {
        let message =
            |mobility, temperature, size| Bath::new(mobility, temperature, size).unwrap_err().to_string();
        assert_eq!(message(0.0, 1.0, 1.0), "mobility is 0; it must be finite and above 0");
        assert_eq!(message(1.0, -1.0, 1.0), "temperature is -1; it must be finite and at least 0");
        assert_eq!(message(1.0, 1.0, f64::NAN), "dataset_size is NaN; it must be finite and above 0");
    }
}
