//! A number with its uncertainty.

use super::confidence_curve::ConfidenceCurve;
use crate::error::{OracleError, require};
use crate::numerics::special::{gaussian_two_sided_tail, gaussian_upper_quantile};
use crate::numerics::tail_probability::{student_p_value, student_upper_quantile};

/// An estimate and its uncertainty: a standard error, and for fitted numbers the profile of their likelihood.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Estimate {
    /// The estimate; of a fitted number, its most likely value.
    pub value: f64,
    /// Its standard error, in the same units: from the curvature of the likelihood, or where that does not describe it half
    /// the length of the interval at one standard error. Infinite where the data do not bound the number.
    pub standard_error: f64,
    /// Independent units behind the standard error, less one, where it was measured between replicas; `None` where it
    /// follows from the model, with every weight independent.
    pub degrees_of_freedom: Option<f64>,
    /// Bounds by the profile of the likelihood.
    #[cfg_attr(feature = "serde", serde(skip))]
    curve: Option<ConfidenceCurve>,
}

impl Estimate {
    /// A number whose error is Gaussian, or Student's with these degrees of freedom.
    #[must_use]
    pub const fn new(value: f64, standard_error: f64, degrees_of_freedom: Option<f64>) -> Self {
        Self { value, standard_error, degrees_of_freedom, curve: None }
    }

    /// A fitted number; the curvature of the likelihood gives `by_curvature`.
    pub(super) fn profiled(
        value: f64,
        by_curvature: f64,
        degrees_of_freedom: Option<f64>,
        curve: ConfidenceCurve,
    ) -> Self {
        let half = curve.half_length();
        // A parabola describes the likelihood where both ways to a standard error agree.
        let agree = (0.8..1.25).contains(&(half / by_curvature));
        let standard_error = if agree { by_curvature } else { half };
        Self { value, standard_error, degrees_of_freedom, curve: Some(curve) }
    }

    /// The interval that covers the true value with this probability: by the profile of the likelihood for a fitted number,
    /// else symmetric. Its length is Student's where the error was measured, Gaussian where it follows from the model. An end
    /// is infinite where the data give no bound.
    ///
    /// ```
    /// use glassbox_oracle::inference::Estimate;
    /// let estimate = Estimate::new(2.0, 0.1, None);
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
        Ok(match &self.curve {
            Some(curve) => curve.bounds(self.value, quantile),
            None => (self.value - half_width, self.value + half_width),
        })
    }

    /// Probability of an estimate at least this far from `truth`, if that is the true value: an interval of probability
    /// `1 − p` just reaches it.
    #[must_use]
    pub fn p_value(&self, truth: f64) -> f64 {
        let difference = match &self.curve {
            Some(curve) => curve.level(self.value, truth),
            None => (self.value - truth) / self.standard_error,
        };
        match self.degrees_of_freedom {
            None => gaussian_two_sided_tail(difference),
            Some(degrees) => student_p_value(difference, degrees),
        }
    }

    /// The same number in other units: times a `factor` other than 0.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        let curve = |curve: ConfidenceCurve| {
            if factor < 0.0 { curve.turned(|one| one * factor) } else { curve.mapped(|one| one * factor) }
        };
        Self {
            value: self.value * factor,
            standard_error: self.standard_error * factor.abs(),
            curve: self.curve.map(curve),
            ..self
        }
    }

    /// One over the number, which is above 0.
    pub(super) fn inverted(self) -> Self {
        let invert = |bound: f64| match bound {
            // No bound on one side is none on the other.
            f64::INFINITY => f64::NEG_INFINITY,
            bound if bound <= 0.0 => f64::INFINITY,
            bound => bound.recip(),
        };
        let value = self.value.recip();
        Self {
            value,
            standard_error: self.standard_error * value * value,
            curve: self.curve.map(|curve| curve.turned(invert)),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn estimates() -> [Estimate; 4] {
        let skewed = ConfidenceCurve::traced(3.0, 0.1, (0.0, 1e3), |x| (x / 3.0_f64).ln().abs() / 0.1);
        let profiled = |degrees| Estimate::profiled(3.0, 0.3, degrees, skewed);
        [
            Estimate::new(3.0, 0.2, None),
            Estimate::new(3.0, 0.2, Some(9.0)),
            profiled(None),
            profiled(Some(9.0)),
        ]
    }

    #[test]
    fn intervals_end_where_the_p_value_says() {
        for estimate in estimates() {
            for probability in [0.5, 0.99, 1.0 - 1e-7] {
                let (low, high) = estimate.interval(probability).unwrap();
                assert_relative_eq!(estimate.p_value(low), 1.0 - probability, max_relative = 1e-4);
                assert_relative_eq!(estimate.p_value(high), 1.0 - probability, max_relative = 1e-4);
            }
        }
        assert!(Estimate::new(1.0, 1.0, None).interval(1.0).is_err());
    }

    /// The interval of a function of a number has the function's values of its ends.
    #[test]
    fn intervals_follow_their_number() {
        for estimate in estimates() {
            let (low, high) = estimate.interval(0.95).unwrap();
            let turned = estimate.scaled(-2.0).interval(0.95).unwrap();
            assert_relative_eq!(turned.0, -2.0 * high, max_relative = 1e-12);
            assert_relative_eq!(turned.1, -2.0 * low, max_relative = 1e-12);
        }
        let profiled = estimates()[2];
        let (low, high) = profiled.interval(0.95).unwrap();
        assert_relative_eq!(low, 3.0 * (-0.1 * 1.959_964_f64).exp(), max_relative = 1e-4);
        let inverted = profiled.inverted().interval(0.95).unwrap();
        // Interpolated between levels in another unit.
        assert_relative_eq!(inverted.0, high.recip(), max_relative = 1e-3);
        assert_relative_eq!(inverted.1, low.recip(), max_relative = 1e-3);
    }
}
