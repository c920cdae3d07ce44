//! A number with its uncertainty.

use crate::error::{OracleError, require};
use crate::special::gaussian_upper_quantile;
use crate::verdict::student_upper_quantile;

/// An estimate and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error, in the same units.
    pub standard_error: f64,
    /// Independent units behind the standard error, less one, where it was measured between replicas; `None` where it
    /// follows from the model, with every weight independent.
    pub degrees_of_freedom: Option<f64>,
}

impl Estimate {
    /// The interval that covers the true value with this probability: Student's where the error was measured,
    /// Gaussian where it follows from the model.
    ///
    /// ```
    /// use glassbox_oracle::inference::Estimate;
    /// let estimate = Estimate { value: 2.0, standard_error: 0.1, degrees_of_freedom: None };
    /// let (low, high) = estimate.interval(0.95)?;
    /// assert!((low - 1.804).abs() < 1e-3 && (high - 2.196).abs() < 1e-3);
    /// # Ok::<(), glassbox_oracle::OracleError>(())
    /// ```
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless the probability lies between 0 and 1.
    pub fn interval(&self, probability: f64) -> Result<(f64, f64), OracleError> {
        let inside = probability > 0.0 && probability < 1.0;
        let tail = 0.5 * (1.0 - require("probability", probability, inside, "above 0 and below 1")?);
        let quantile = match self.degrees_of_freedom {
            None => gaussian_upper_quantile(tail),
            Some(degrees) => student_upper_quantile(tail, degrees),
        };
        let half_width = quantile * self.standard_error;
        Ok((self.value - half_width, self.value + half_width))
    }

    /// The same, with value and standard error times a factor.
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self { value: self.value * factor, standard_error: self.standard_error * factor.abs(), ..self }
    }
}
