//! A curve measured on one run, point by point correlated, against its law.

pub mod band;
pub mod whitened;

use super::error::VerdictError;
use crate::error::{require, require_finite};
use crate::{JointDisplacement, OracleError};

/// A measured curve with what its law says: the predicted points and their joint covariance.
///
/// ```
/// use glassbox_oracle::verdict::curve::{Curve, whitened};
/// use glassbox_oracle::{Bath, Clock, JointDisplacementLaw, laws::FreeBrownian};
/// let law = FreeBrownian::new(Bath::new(1.0, 0.5, 1.0)?, Clock::Continuous)?;
/// let joint = law.joint_displacements(&[1.0, 2.0, 4.0])?;
/// // Measured on 400,000 weights; the law says 1, 2, 4.
/// let curve = Curve::mean_squared_displacement(&[1.001, 2.003, 3.998], &joint, 400_000)?;
/// assert!(whitened::check("mean squared displacement", 1, &curve)?.p_value.unwrap() > 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    observed: Vec<f64>,
    predicted: Vec<f64>,
    /// Row-major.
    covariance: Vec<f64>,
    weights: usize,
}

impl Curve {
    /// A curve of one run of `weights` independent weights: `observed` and `predicted` points, and the `covariance`
    /// (row-major) of the observed ones under the law.
    ///
    /// # Errors
    /// [`VerdictError`] for slices that do not fit, values that are not finite, points without variance, a matrix that
    /// is not symmetric or correlations beyond 1 (by more than rounding).
    pub fn new(
        observed: &[f64],
        predicted: &[f64],
        covariance: &[f64],
        weights: usize,
    ) -> Result<Self, VerdictError> {
        let count = observed.len();
        if count == 0 || predicted.len() != count || Some(covariance.len()) != count.checked_mul(count) {
            let reason = "observed and predicted points and rows and columns of the covariance differ in number, \
                          or there are none";
            return Err(OracleError::Undefined { quantity: "a curve's deviation", reason }.into());
        }
        require("weights", weights as f64, weights > 0, "at least 1")?;
        for (observed, predicted) in observed.iter().zip(predicted) {
            require_finite("observed point", *observed)?;
            require_finite("predicted point", *predicted)?;
        }
        for i in 0..count {
            let variance = covariance[i * count + i];
            require(
                "variance of a point",
                variance,
                variance > 0.0,
                "above 0; leave out points that are certain",
            )?;
        }
        for i in 0..count {
            for j in 0..i {
                let (here, there) = (covariance[i * count + j], covariance[j * count + i]);
                let unit = covariance[i * count + i].sqrt() * covariance[j * count + j].sqrt();
                require("covariance", here, (here - there).abs() <= 1e-12 * unit, "finite and symmetric")?;
                require("covariance", here, here.abs() <= unit * (1.0 + 1e-9), "allowed by the variances")?;
            }
        }
        Ok(Self {
            observed: observed.to_vec(),
            predicted: predicted.to_vec(),
            covariance: covariance.to_vec(),
            weights,
        })
    }

    /// Overlaps `observed` at the lags of a joint law, on `weights` independent weights.
    ///
    /// # Errors
    /// [`VerdictError`] as [`new`](Self::new), and for a half width at which an overlap is 0 or 1.
    pub fn overlap(
        observed: &[f64],
        joint: &JointDisplacement,
        half_width: f64,
        weights: usize,
    ) -> Result<Self, VerdictError> {
        let predicted: Result<Vec<f64>, OracleError> =
            (0..joint.lag_count()).map(|lag| Ok(joint.displacement(lag)?.overlap(half_width))).collect();
        Self::new(observed, &predicted?, &joint.overlap_covariance(half_width, weights)?, weights)
    }

    /// Mean squared displacements `observed` at the lags of a joint law, on `weights` independent weights.
    ///
    /// # Errors
    /// [`VerdictError`] as [`new`](Self::new).
    pub fn mean_squared_displacement(
        observed: &[f64],
        joint: &JointDisplacement,
        weights: usize,
    ) -> Result<Self, VerdictError> {
        let predicted: Result<Vec<f64>, OracleError> = (0..joint.lag_count())
            .map(|lag| Ok(joint.displacement(lag)?.mean_squared_displacement()))
            .collect();
        Self::new(observed, &predicted?, &joint.mean_squared_displacement_covariance(weights)?, weights)
    }

    /// Number of points.
    #[must_use]
    pub fn point_count(&self) -> usize {
        self.observed.len()
    }

    fn standard_error(&self, point: usize) -> f64 {
        self.covariance[point * self.observed.len() + point].sqrt()
    }

    /// (observed − predicted) / standard error of every point.
    #[must_use]
    pub fn residuals(&self) -> Vec<f64> {
        (0..self.observed.len())
            .map(|i| (self.observed[i] - self.predicted[i]) / self.standard_error(i))
            .collect()
    }
}

/// Brownian curves for the tests of this folder.
#[cfg(test)]
mod brownian {
    use super::*;
    use crate::verdict::trials;
    use rand::rngs::SmallRng;

    pub(super) const LAGS: [f64; 5] = [1.0, 2.0, 3.0, 5.0, 9.0];

    pub(super) fn joint() -> JointDisplacement {
        let covariance: Vec<f64> = LAGS.iter().flat_map(|a| LAGS.map(|b| a.min(b))).collect();
        JointDisplacement::new(&[0.0; 5], &covariance).unwrap()
    }

    /// Overlap (half width 1) and mean squared displacement of one run, its noise scaled by `amplitude`.
    pub(super) fn measured(noise: &mut SmallRng, weights: usize, amplitude: f64) -> [Curve; 2] {
        let (mut overlaps, mut squares) = ([0.0; 5], [0.0; 5]);
        for _ in 0..weights {
            let (mut position, mut time) = (0.0, 0.0);
            for (point, lag) in LAGS.iter().enumerate() {
                position += amplitude * (lag - time).sqrt() * trials::gaussian(noise);
                time = *lag;
                overlaps[point] += f64::from(u8::from(position.abs() <= 1.0)) / weights as f64;
                squares[point] += position * position / weights as f64;
            }
        }
        let joint = joint();
        [
            Curve::overlap(&overlaps, &joint, 1.0, weights).unwrap(),
            Curve::mean_squared_displacement(&squares, &joint, weights).unwrap(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_curve_is_refused() {
        let message = |observed: &[f64], covariance: &[f64], weights| {
            Curve::new(observed, &[1.0, 1.0], covariance, weights).unwrap_err().to_string()
        };
        let unit = [1.0, 0.0, 0.0, 1.0];
        assert!(message(&[1.0], &unit, 5).contains("differ in number"));
        assert_eq!(message(&[1.0, f64::NAN], &unit, 5), "observed point is NaN; it must be finite");
        assert_eq!(message(&[1.0, 1.0], &unit, 0), "weights is 0; it must be at least 1");
        assert!(message(&[1.0, 1.0], &[0.0, 0.0, 0.0, 1.0], 5).contains("leave out"));
        assert!(message(&[1.0, 1.0], &[1.0, 0.1, 0.2, 1.0], 5).contains("symmetric"));
        assert!(message(&[1.0, 1.0], &[1.0, 2.0, 2.0, 1.0], 5).contains("allowed by the variances"));
        assert!(message(&[1.0, 1.0], &[1.0, 0.0, f64::NAN, 1.0], 5).contains("symmetric"));
    }
}
