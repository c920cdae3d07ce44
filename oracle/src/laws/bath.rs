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

    /// The bath whose Euler–Maruyama steps of `dt` are those of minibatch descent, `w' = w − mu dt (∇L + ζ)`, with
    /// gradient noise ζ of variance `gradient_variance / batch_size`, Gaussian and independent from step to step.
    ///
    /// Its noise of a step, `mu² dt² C / b`, is `2 mu T dt / P_D` for `T / P_D = mu dt C / (2 b)`: a temperature that is
    /// the step's own, with `P_D = 1`. `C` is the variance of one weight's gradient over single samples, for batches
    /// drawn with replacement. (Without it a single batch has `C (1 − b/P_D)`, and the batches of one epoch are
    /// anticorrelated, which no bath is.)
    ///
    /// ```
    /// use glassbox_oracle::{Bath, Clock};
    /// use glassbox_oracle::laws::equilibrium::stationary_variance;
    /// // In a well: <w²> = mu C / (b k (2 − mu k)) at dt = 1 (PHYSICS.md C.4).
    /// let (mu, c, b, k) = (0.1, 3.0, 20.0, 5.0);
    /// let bath = Bath::of_minibatch_noise(mu, 1.0, c, b)?;
    /// let variance = stationary_variance(bath, k, Clock::steps(1.0)?)?;
    /// assert!((variance / (mu * c / (b * k * (2.0 - mu * k))) - 1.0).abs() < 1e-14);
    /// # Ok::<(), glassbox_oracle::OracleError>(())
    /// ```
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `mobility`, `dt` and `batch_size` are above 0 and `gradient_variance` is at
    /// least 0, all finite.
    pub fn of_minibatch_noise(
        mobility: f64,
        dt: f64,
        gradient_variance: f64,
        batch_size: f64,
    ) -> Result<Self, OracleError> {
        Self::new(mobility, 0.0, 1.0)?.with_minibatch_noise(dt, gradient_variance, batch_size)
    }

    /// This bath and minibatch noise at once, which is SGLD with steps of `dt`: `T + P_D mu dt C / (2 b)`, `C` and `b` as
    /// in [`of_minibatch_noise`](Self::of_minibatch_noise).
    ///
    /// # Errors
    /// As [`of_minibatch_noise`](Self::of_minibatch_noise).
    pub fn with_minibatch_noise(
        self,
        dt: f64,
        gradient_variance: f64,
        batch_size: f64,
    ) -> Result<Self, OracleError> {
        let step = self.mobility * require_positive("dt", dt)?;
        let variance = require_non_negative("gradient_variance", gradient_variance)?;
        let of_a_batch = variance / require_positive("batch_size", batch_size)?;
        Self::new(
            self.mobility,
            self.temperature + 0.5 * self.dataset_size * step * of_a_batch,
            self.dataset_size,
        )
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

    /// Second route: the variance of what one step adds, from the update equation.
    #[test]
    fn minibatch_noise_has_the_variance_of_its_step() {
        let (mobility, dt, variance, batch) = (0.02_f64, 0.5_f64, 7.0, 16.0);
        let kick = (mobility * dt).powi(2) * variance / batch;
        let descent = Bath::of_minibatch_noise(mobility, dt, variance, batch).unwrap();
        approx::assert_relative_eq!(descent.noise_variance(dt), kick, max_relative = 1e-15);
        let thermal = Bath::new(mobility, 0.3, 40.0).unwrap();
        let both = thermal.with_minibatch_noise(dt, variance, batch).unwrap();
        approx::assert_relative_eq!(
            both.noise_variance(dt),
            thermal.noise_variance(dt) + kick,
            max_relative = 1e-15
        );
        assert!(Bath::of_minibatch_noise(1.0, 1.0, -1.0, 1.0).is_err());
        assert!(thermal.with_minibatch_noise(1.0, 1.0, f64::NAN).is_err());
        assert!(thermal.with_minibatch_noise(1e300, 1e300, 1.0).is_err());
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
