//! A number with its uncertainty.

use crate::error::{OracleError, require};
use crate::special::{gaussian_two_sided_tail, gaussian_upper_quantile};
use crate::verdict::{student_p_value, student_upper_quantile};

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

    /// Probability of an estimate at least this far from `truth`, if that is the true value: an interval of probability
    /// `1 − p` just reaches it.
    #[must_use]
    pub fn p_value(&self, truth: f64) -> f64 {
        let difference = (self.value - truth) / self.standard_error;
        match self.degrees_of_freedom {
            None => gaussian_two_sided_tail(difference),
            Some(degrees) => student_p_value(difference, degrees),
        }
    }

    /// The same, with value and standard error times a factor.
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self { value: self.value * factor, standard_error: self.standard_error * factor.abs(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn intervals_end_where_the_p_value_says() {
        for degrees_of_freedom in [None, Some(9.0)] {
            let estimate = Estimate { value: 3.0, standard_error: 0.2, degrees_of_freedom };
            for probability in [0.5, 0.99, 1.0 - 1e-7] {
                let (low, high) = estimate.interval(probability).unwrap();
                assert_relative_eq!(estimate.p_value(low), 1.0 - probability, max_relative = 1e-6);
                assert_relative_eq!(estimate.p_value(high), 1.0 - probability, max_relative = 1e-6);
            }
        }
        assert!(
            Estimate { value: 1.0, standard_error: 1.0, degrees_of_freedom: None }.interval(1.0).is_err()
        );
    }
}
