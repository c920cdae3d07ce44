//! The null models: what a single weight does that feels no data, with the run's own parameters.
//!
//! Laws of continuous time: at steps of mu lambda = 1e-4 those of the steps differ by 5e-5, and their relaxation times are
//! whole numbers, which makes stairs of short ones.

use glassbox_oracle::laws::{FreeBrownian, QuadraticWell};
use glassbox_oracle::{Bath, Clock, DisplacementLaw, OracleError};
use glassbox_sweep::experiment::Phase;

/// A law of one phase at one temperature, from one waiting time.
pub struct Null {
    law: Box<dyn DisplacementLaw>,
}

impl Null {
    /// Free diffusion.
    ///
    /// # Errors
    /// [`OracleError`] for a bad bath.
    pub fn free(phase: &Phase, reference_temperature: f64) -> Result<Self, OracleError> {
        Ok(Self { law: Box::new(FreeBrownian::new(bath(phase, reference_temperature)?, Clock::Continuous)?) })
    }

    /// The well of the regularisation, from its bottom at time 0: what an idle weight does. Free diffusion at lambda = 0.
    ///
    /// # Errors
    /// [`OracleError`] for a bad bath.
    pub fn idle(phase: &Phase, reference_temperature: f64, waiting_time: u64) -> Result<Self, OracleError> {
        Self::from_spread(phase, reference_temperature, waiting_time, 0.0)
    }

    /// The same for weights that start with this standard deviation about the bottom.
    ///
    /// # Errors
    /// [`OracleError`] for a bad bath or spread.
    pub fn from_spread(
        phase: &Phase,
        reference_temperature: f64,
        waiting_time: u64,
        standard_deviation: f64,
    ) -> Result<Self, OracleError> {
        let bath = bath(phase, reference_temperature)?;
        let well = QuadraticWell::new(bath, phase.regularisation, Clock::Continuous)?;
        let well = well.from_gaussian(0.0, standard_deviation)?.after_waiting(waiting_time as f64)?;
        Ok(Self { law: Box::new(well) })
    }

    /// The law.
    #[must_use]
    pub fn law(&self) -> &dyn DisplacementLaw {
        self.law.as_ref()
    }

    /// The overlap after each lag (steps).
    ///
    /// # Errors
    /// [`OracleError`] for a bad lag or window.
    pub fn overlap(&self, lags: &[f64], half_width: f64) -> Result<Vec<f64>, OracleError> {
        lags.iter().map(|lag| self.law.overlap(*lag, half_width)).collect()
    }

    /// The mean squared displacement after each lag (steps).
    ///
    /// # Errors
    /// [`OracleError`] for a bad lag.
    pub fn mean_squared_displacement(&self, lags: &[f64]) -> Result<Vec<f64>, OracleError> {
        lags.iter().map(|lag| self.law.mean_squared_displacement(*lag)).collect()
    }

    /// Time after which the overlap falls to `level`, in steps; `None` if it never does.
    ///
    /// # Errors
    /// [`OracleError`] for a bad level or window.
    pub fn relaxation_time(&self, half_width: f64, level: f64) -> Result<Option<f64>, OracleError> {
        self.law.relaxation_time(half_width, level)
    }
}

fn bath(phase: &Phase, reference_temperature: f64) -> Result<Bath, OracleError> {
    // T and P_D both belong to the reference data set; their ratio is the run's.
    Bath::new(phase.mobility, reference_temperature, phase.reference_samples)
}
