//! The joint law of the displacements at several lags from one origin, and how measured curves fluctuate.
//!
//! A curve measured on one run is correlated from point to point: the same weights are looked at again. With the
//! covariance of its points a whole curve can be tested at once.
//!
//! For N independent weights with displacements `d_i` at lag `t_i`, jointly Gaussian with means `m_i` and covariances
//! `c_ij`, the estimators of one run covary as
//! - overlap `Q̂ = (number with |d| ≤ eps)/N`: `N Cov(Q̂_i, Q̂_j) = P(|d_i| ≤ eps, |d_j| ≤ eps) − Q_i Q_j`;
//! - mean squared displacement: `N Cov = 2 c_ij² + 4 m_i m_j c_ij` (Isserlis, Biometrika 12, 134 (1918)).

mod linear;
mod quadrature;
mod window_covariance;

use crate::error::{OracleError, require, require_finite, require_non_negative};
use crate::laws::displacement::Gaussian;
use crate::{Displacement, DisplacementLaw};
use libm::{frexp, ldexp};
use window_covariance::{Dependence, Window, window_covariance};

/// A law that gives the displacements at several lags together.
///
/// ```
/// use glassbox_oracle::{Bath, Clock, JointDisplacementLaw, laws::FreeBrownian};
/// let law = FreeBrownian::new(Bath::new(1.0, 0.5, 1.0)?, Clock::Continuous)?;
/// let joint = law.joint_displacements(&[1.0, 4.0])?;
/// // Free diffusion with 2 D = 1: the covariance is the shorter lag, the correlation √(1/4).
/// assert_eq!(joint.covariance(0, 1)?, 1.0);
/// assert_eq!(joint.correlation(0, 1)?, 0.5);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
pub trait JointDisplacementLaw: DisplacementLaw {
    /// Displacements `w(t_w + t_i) − w(t_w)` of one weight at all `lags`, in any order, all from one origin.
    ///
    /// # Errors
    /// [`OracleError`] for a lag that is not finite or outside the law's domain.
    fn joint_displacements(&self, lags: &[f64]) -> Result<JointDisplacement, OracleError>;
}

/// Jointly Gaussian displacements of one weight at several lags.
#[derive(Clone, Debug, PartialEq)]
pub struct JointDisplacement {
    marginals: Vec<Gaussian>,
    /// Row-major.
    covariance: Vec<f64>,
    /// `1 − ρ²` of each pair, row-major: kept apart because it cancels for lags close to each other.
    unexplained: Vec<f64>,
}

/// The covariance of two window indicators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowCovariance {
    /// `P(both inside) − P(first inside) P(second inside)`.
    pub value: f64,
    /// How far the value can be from that of the joint law it was asked for: quadrature and rounding.
    pub error_bound: f64,
}

const CORRELATION_ALLOWED: &str = "at most the root of the product of the two variances";

impl JointDisplacement {
    /// Jointly Gaussian displacements with these `means` and this `covariance` (row-major, symmetric).
    ///
    /// Every pair is checked; that the whole matrix has no negative eigenvalue is up to the caller.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for values that are not finite, a negative variance, a covariance that is not
    /// symmetric or larger than its variances allow; [`OracleError::Undefined`] for slices that do not fit.
    pub fn new(means: &[f64], covariance: &[f64]) -> Result<Self, OracleError> {
        let count = means.len();
        if Some(covariance.len()) != count.checked_mul(count) {
            let reason = "the covariance is not as many rows of as many numbers as there are means";
            return Err(OracleError::Undefined { quantity: "a joint law", reason });
        }
        let mut unexplained = vec![0.0; covariance.len()];
        let mut marginals = Vec::with_capacity(count);
        for (i, mean) in means.iter().enumerate() {
            let variance = require_non_negative("variance", covariance[i * count + i])?;
            marginals.push(Gaussian::new(require_finite("mean", *mean)?, variance));
        }
        for i in 0..count {
            for j in 0..count {
                let here = covariance[i * count + j];
                require("covariance", here, here == covariance[j * count + i], "finite and symmetric")?;
                let share = unexplained_share(covariance[i * count + i], covariance[j * count + j], here);
                require("covariance", here, share >= -4.0 * f64::EPSILON, CORRELATION_ALLOWED)?;
                unexplained[i * count + j] = share.max(0.0);
            }
        }
        Ok(Self { marginals, covariance: covariance.to_vec(), unexplained })
    }

    /// Number of lags.
    #[must_use]
    pub fn lag_count(&self) -> usize {
        self.marginals.len()
    }

    /// Distribution of the displacement at one lag.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a lag that is not there.
    pub fn displacement(&self, lag: usize) -> Result<Displacement, OracleError> {
        self.entry(lag, lag)?;
        Displacement::gaussian(self.marginals[lag].mean(), self.marginals[lag].variance())
    }

    /// Covariance of the displacements at two lags.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a lag that is not there.
    pub fn covariance(&self, first: usize, second: usize) -> Result<f64, OracleError> {
        Ok(self.covariance[self.entry(first, second)?])
    }

    /// Correlation of the displacements at two lags; 0 where one of them is certain.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a lag that is not there.
    pub fn correlation(&self, first: usize, second: usize) -> Result<f64, OracleError> {
        let covariance = self.covariance(first, second)?;
        let deviation = |lag: usize| self.marginals[lag].variance().sqrt();
        if covariance == 0.0 {
            return Ok(0.0);
        }
        Ok((covariance / deviation(first) / deviation(second)).clamp(-1.0, 1.0))
    }

    /// `1 − ρ²` of two lags: the share of either variance that the other displacement does not explain, accurate
    /// where the lags are close to each other. 1 where one of them is certain.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a lag that is not there.
    pub fn unexplained_share(&self, first: usize, second: usize) -> Result<f64, OracleError> {
        Ok(self.unexplained[self.entry(first, second)?])
    }

    /// Covariance of `|d| ≤ half_width` at two lags, with a bound on its error.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a lag that is not there or a half width that is not at least 0.
    pub fn window_covariance(
        &self,
        first: usize,
        second: usize,
        half_width: f64,
    ) -> Result<WindowCovariance, OracleError> {
        let half_width = require_non_negative("half_width", half_width)?;
        let unexplained = self.unexplained_share(first, second)?;
        if first == second {
            let law = self.displacement(first)?;
            let value = law.overlap(half_width) * law.mobile_fraction(half_width);
            return Ok(WindowCovariance { value, error_bound: 8.0 * f64::EPSILON * value });
        }
        let correlation = self.correlation(first, second)?;
        if correlation == 0.0 {
            return Ok(WindowCovariance { value: 0.0, error_bound: 0.0 });
        }
        let window = |lag: usize| {
            let deviation = self.marginals[lag].variance().sqrt();
            Window { centre: -self.marginals[lag].mean() / deviation, half_width: half_width / deviation }
        };
        let integral =
            window_covariance(window(first), window(second), Dependence { correlation, unexplained });
        Ok(WindowCovariance { value: integral.value, error_bound: integral.error_bound })
    }

    /// Covariance matrix (row-major) of the overlaps at all lags that one run of `weights` independent weights
    /// measures. Times the number of weights it is the chi4 of independent weights on the diagonal.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a half width that is not at least 0 or no weights.
    pub fn overlap_covariance(&self, half_width: f64, weights: usize) -> Result<Vec<f64>, OracleError> {
        self.matrix(weights, |i, j| Ok(self.window_covariance(i, j, half_width)?.value))
    }

    /// Covariance matrix (row-major) of the mean squared displacements at all lags that one run of `weights`
    /// independent weights measures.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for no weights.
    pub fn mean_squared_displacement_covariance(&self, weights: usize) -> Result<Vec<f64>, OracleError> {
        self.matrix(weights, |i, j| {
            let covariance = self.covariance(i, j)?;
            let means = self.marginals[i].mean() * self.marginals[j].mean();
            Ok(covariance * 2.0 * (covariance + 2.0 * means))
        })
    }

    fn matrix(
        &self,
        weights: usize,
        element: impl Fn(usize, usize) -> Result<f64, OracleError>,
    ) -> Result<Vec<f64>, OracleError> {
        let weights = require("weights", weights as f64, weights > 0, "at least 1")?;
        let count = self.lag_count();
        let mut matrix = vec![0.0; count * count];
        for i in 0..count {
            for j in 0..=i {
                let value = element(j, i)? / weights;
                matrix[i * count + j] = value;
                matrix[j * count + i] = value;
            }
        }
        Ok(matrix)
    }

    fn entry(&self, first: usize, second: usize) -> Result<usize, OracleError> {
        let count = self.lag_count();
        for lag in [first, second] {
            require("lag number", lag as f64, lag < count, "below the number of lags")?;
        }
        Ok(first * count + second)
    }
}

/// `1 − c² / (v₁ v₂)` to a few ulps of itself: the products with their rounding errors, scaled so that none underflows.
fn unexplained_share(first: f64, second: f64, covariance: f64) -> f64 {
    if covariance == 0.0 {
        return 1.0;
    }
    if first == 0.0 || second == 0.0 {
        return f64::NEG_INFINITY;
    }
    let ((first, e1), (second, e2), (covariance, e)) = (frexp(first), frexp(second), frexp(covariance));
    let scaled = ldexp(covariance, (2 * e - e1 - e2).clamp(-2000, 2000));
    let (all, explained) = (first * second, covariance * scaled);
    let lost = first.mul_add(second, -all) - covariance.mul_add(scaled, -explained);
    ((all - explained) + lost) / all
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn what_is_no_covariance_is_refused() {
        let message =
            |covariance: &[f64]| JointDisplacement::new(&[0.0, 1.0], covariance).unwrap_err().to_string();
        assert_eq!(message(&[-1.0, 0.0, 0.0, 1.0]), "variance is -1; it must be finite and at least 0");
        assert_eq!(message(&[1.0, 0.1, 0.2, 1.0]), "covariance is 0.1; it must be finite and symmetric");
        let too_large = format!("covariance is 1.1; it must be {CORRELATION_ALLOWED}");
        assert_eq!(message(&[1.0, 1.1, 1.1, 1.0]), too_large);
        assert!(message(&[1.0, 0.0]).contains("as many rows"));
        assert!(message(&[0.0, 1.0, 1.0, 1.0]).contains("at most the root"));
        assert!(JointDisplacement::new(&[f64::NAN], &[1.0]).is_err());
        assert!(JointDisplacement::new(&[0.0], &[f64::NAN]).is_err());
        let joint = JointDisplacement::new(&[0.0], &[1.0]).unwrap();
        assert_eq!(
            joint.covariance(0, 1).unwrap_err().to_string(),
            "lag number is 1; it must be below the number of lags"
        );
        assert!(joint.overlap_covariance(-1.0, 5).is_err() && joint.overlap_covariance(1.0, 0).is_err());
    }

    #[test]
    fn the_unexplained_share_does_not_cancel() {
        // v₁ = 1, v₂ = 1 + x, c = 1: 1 − ρ² = x/(1 + x).
        for x in [2.0_f64.powi(-40), 2.0_f64.powi(-10), 1.0, 1e6] {
            assert_relative_eq!(unexplained_share(1.0, 1.0 + x, 1.0), x / (1.0 + x), max_relative = 1e-15);
        }
        let tiny = 2.0_f64.powi(-700);
        assert_eq!(unexplained_share(tiny, tiny, tiny), 0.0);
        assert_relative_eq!(unexplained_share(tiny, tiny, 0.5 * tiny), 0.75);
    }

    /// By hand: `Cov(d₁², d₂²) = 2c² + 4 m₁ m₂ c`, and on the diagonal `Var(d²) = 2v² + 4 m² v`.
    #[test]
    fn squares_covary_by_isserlis() {
        let joint = JointDisplacement::new(&[0.5, -2.0], &[3.0, 0.25, 0.25, 1.0]).unwrap();
        let matrix = joint.mean_squared_displacement_covariance(10).unwrap();
        assert_relative_eq!(matrix[0], 0.1 * (18.0 + 3.0), max_relative = 1e-15);
        assert_relative_eq!(matrix[3], 0.1 * (2.0 + 16.0), max_relative = 1e-15);
        assert_relative_eq!(matrix[1], 0.1 * (0.125 - 1.0), max_relative = 1e-15);
        assert_eq!(matrix[1], matrix[2]);
    }

    #[test]
    fn a_certain_displacement_covaries_with_nothing() {
        let joint = JointDisplacement::new(&[0.5, 0.0], &[0.0, 0.0, 0.0, 1.0]).unwrap();
        assert_eq!((joint.correlation(0, 1).unwrap(), joint.unexplained_share(0, 1).unwrap()), (0.0, 1.0));
        assert_eq!(joint.overlap_covariance(1.0, 1).unwrap()[..3], [0.0; 3]);
    }
}
