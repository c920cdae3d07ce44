//! Any linear integrator: `x' = A x + ξ`, `ξ ~ N(0, S)`, of which `w = c · x` is the weight (PHYSICS.md D.2 in several
//! dimensions).
//!
//! `n` steps are one such map, `x_n = Aⁿ x_0 + N(0, S_n)`, and two maps in a row are one again:
//! `(A, S)` then `(B, U)` is `(B A, B S Bᵀ + U)`. So a million steps take twenty squarings, and the stationary covariance is
//! the limit of doubling. All in twice the precision of a double, so that neither the squarings nor `Aⁿ − 1` at small steps
//! cost digits.

use super::gaussian_map::GaussianMap;
use crate::error::{OracleError, require_finite, require_non_negative};
use crate::numerics::double_double::DoubleDouble;
use crate::{Clock, Displacement, DisplacementLaw};

/// The law of `w = c · x` for the recursion `x' = A x + ξ` with independent `ξ ~ N(0, S)` a step, in `N` dimensions.
///
/// Nothing but linearity is asked of the integrator: momentum, noise that neighbouring steps share and several stages a
/// step fit. It is exact for the `A` and `S` given; whether these are those of the integrator is the caller's affair.
///
/// ```
/// use glassbox_oracle::{DisplacementLaw, laws::LinearRecursion};
/// // SGD with momentum in a well: v' = beta v − eta (k w + zeta), w' = w + v', gradient noise of variance C; x = (w, v).
/// let (eta, beta, k, c) = (0.1, 0.9, 2.0, 0.5);
/// let kick = eta * eta * c;
/// let sgd = LinearRecursion::new(
///     [[1.0 - eta * k, beta], [-eta * k, beta]],
///     [[kick, kick], [kick, kick]],
///     [1.0, 0.0],
///     1.0,
/// )?;
/// let variance = sgd.from_stationary()?.weight_variance(0.0)?;
/// let closed = eta * c * (1.0 + beta) / (k * (1.0 - beta) * (2.0 * (1.0 + beta) - eta * k));
/// assert!((variance / closed - 1.0).abs() < 1e-13);
/// // Every observable follows, from any start: here at rest at the bottom, after 10 steps.
/// let overlap = sgd.after_waiting(10.0)?.overlap(5.0, 0.1)?;
/// assert!(overlap > 0.0 && overlap < 1.0);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearRecursion<const N: usize> {
    step: GaussianMap<N>,
    readout: [f64; N],
    dt: f64,
    start_mean: [DoubleDouble; N],
    start_covariance: [[DoubleDouble; N]; N],
    waiting_time: f64,
}

impl<const N: usize> LinearRecursion<N> {
    /// The recursion with this `matrix` A, covariance `noise` S of the noise of a step, and `readout` c, in steps of
    /// `dt > 0`; it starts at `x = 0` and has not waited.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a number that is not finite, a `noise` that is not symmetric and positive
    /// semidefinite (to rounding), or a bad step.
    pub fn new(
        matrix: [[f64; N]; N],
        noise: [[f64; N]; N],
        readout: [f64; N],
        dt: f64,
    ) -> Result<Self, OracleError> {
        Clock::steps(dt)?;
        for entry in readout {
            require_finite("readout", entry)?;
        }
        let step = GaussianMap::new(matrix, noise)?;
        let start_covariance = [[DoubleDouble::ZERO; N]; N];
        Ok(Self {
            step,
            readout,
            dt,
            start_mean: [DoubleDouble::ZERO; N],
            start_covariance,
            waiting_time: 0.0,
        })
    }

    /// The recursion whose step goes on with another stage, `x ← B x + N(0, U)`: splitting methods are written stage by
    /// stage, and the stages are multiplied in twice the precision.
    ///
    /// ```
    /// use glassbox_oracle::laws::LinearRecursion;
    /// // BAOAB for dq = p dt, dp = −k q dt − gamma p dt + √(2 gamma T) dW; x = (q, p).
    /// let (dt, k, temperature, gamma) = (0.5, 2.0, 0.7, 1.0_f64);
    /// let (kick, drift) = ([[1.0, 0.0], [-0.5 * dt * k, 1.0]], [[1.0, 0.5 * dt], [0.0, 1.0]]);
    /// let kept = (-gamma * dt).exp();
    /// let (friction, noise) = ([[1.0, 0.0], [0.0, kept]], [[0.0, 0.0], [0.0, temperature * (1.0 - kept * kept)]]);
    /// let none = [[0.0; 2]; 2];
    /// let baoab = LinearRecursion::new(kick, none, [1.0, 0.0], dt)?
    ///     .followed_by(drift, none)?
    ///     .followed_by(friction, noise)?
    ///     .followed_by(drift, none)?
    ///     .followed_by(kick, none)?;
    /// // Its positions have the Boltzmann variance T/k at any stable step.
    /// let variance = baoab.from_stationary()?.weight_variance(0.0)?;
    /// assert!((variance / (temperature / k) - 1.0).abs() < 1e-13);
    /// # Ok::<(), glassbox_oracle::OracleError>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn followed_by(self, matrix: [[f64; N]; N], noise: [[f64; N]; N]) -> Result<Self, OracleError> {
        Ok(Self { step: self.step.then(&GaussianMap::new(matrix, noise)?), ..self })
    }

    /// The same recursion from a Gaussian start of `mean` and `covariance` at time 0.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a number that is not finite, or a `covariance` that is not symmetric and
    /// positive semidefinite.
    pub fn from_gaussian(self, mean: [f64; N], covariance: [[f64; N]; N]) -> Result<Self, OracleError> {
        for entry in mean {
            require_finite("start mean", entry)?;
        }
        let start_covariance = *GaussianMap::new([[0.0; N]; N], covariance)?.noise();
        Ok(Self { start_mean: mean.map(DoubleDouble::from), start_covariance, ..self })
    }

    /// The same recursion in its stationary state.
    ///
    /// # Errors
    /// As [`stationary_covariance`](Self::stationary_covariance).
    pub fn from_stationary(self) -> Result<Self, OracleError> {
        let start_covariance = *self.step.limit()?.noise();
        Ok(Self { start_mean: [DoubleDouble::ZERO; N], start_covariance, ..self })
    }

    /// The same recursion, with displacements measured from `waiting_time ≥ 0` on.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] or [`OracleError::NotAWholeStep`].
    pub fn after_waiting(self, waiting_time: f64) -> Result<Self, OracleError> {
        require_non_negative("waiting_time", waiting_time)?;
        self.clock().at("waiting_time", waiting_time)?;
        Ok(Self { waiting_time, ..self })
    }

    /// Covariance of `x` after infinitely many steps.
    ///
    /// # Errors
    /// [`OracleError::Undefined`] where the spectral radius of A is not below 1.
    pub fn stationary_covariance(&self) -> Result<[[f64; N]; N], OracleError> {
        Ok(self.step.limit()?.noise().map(|row| row.map(DoubleDouble::high)))
    }

    /// Mean of `x` at `time`, counted from the start.
    ///
    /// # Errors
    /// [`OracleError`] for a time that is no step, beyond any double, or infinite without a stationary state.
    pub fn mean(&self, time: f64) -> Result<[f64; N], OracleError> {
        Ok(self.at("time", time)?.mean_of(&self.start_mean).map(DoubleDouble::high))
    }

    /// Covariance of `x` at `time`, counted from the start.
    ///
    /// # Errors
    /// As [`mean`](Self::mean).
    pub fn covariance(&self, time: f64) -> Result<[[f64; N]; N], OracleError> {
        let covariance = self.at("time", time)?.covariance_of(&self.start_covariance);
        Ok(covariance.map(|row| row.map(DoubleDouble::high)))
    }

    /// Mean of the weight `w(time)`.
    ///
    /// # Errors
    /// As [`mean`](Self::mean).
    pub fn weight_mean(&self, time: f64) -> Result<f64, OracleError> {
        Ok(dot(&self.readout(), &self.at("time", time)?.mean_of(&self.start_mean)).high())
    }

    /// Variance of the weight `w(time)`.
    ///
    /// # Errors
    /// As [`mean`](Self::mean).
    pub fn weight_variance(&self, time: f64) -> Result<f64, OracleError> {
        self.weight_covariance(time, 0.0)
    }

    /// Covariance of `w(time)` with `w(time + lag)`.
    ///
    /// # Errors
    /// As [`mean`](Self::mean).
    pub fn weight_covariance(&self, time: f64, lag: f64) -> Result<f64, OracleError> {
        let covariance = self.at("time", time)?.covariance_of(&self.start_covariance);
        let later = self.at("lag", lag)?.pulled_back(&self.readout());
        held(quadratic_form(&later, &covariance, &self.readout()).high(), lag)
    }

    fn readout(&self) -> [DoubleDouble; N] {
        self.readout.map(DoubleDouble::from)
    }

    /// The map of all steps up to a time.
    fn at(&self, argument: &'static str, time: f64) -> Result<GaussianMap<N>, OracleError> {
        let steps = self.clock().at(argument, time)?.steps;
        if steps == f64::INFINITY { self.step.limit() } else { self.step.power(steps, argument, time) }
    }
}

impl<const N: usize> DisplacementLaw for LinearRecursion<N> {
    fn clock(&self) -> Clock {
        Clock::Steps { dt: self.dt }
    }

    /// With `d = (Aⁿ − 1)ᵀ c`: mean `d · <x>`, variance `d · Cov(x) d + c · S_n c`, `<x>` and `Cov(x)` at the waiting time.
    ///
    /// An infinite lag is an error where the recursion has no stationary state, even if `w` itself has a limit.
    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError> {
        let (waited, later) = (self.at("waiting_time", self.waiting_time)?, self.at("lag", lag)?);
        let readout = self.readout();
        let mut change = later.pulled_back(&readout);
        for (entry, readout) in change.iter_mut().zip(readout) {
            *entry = *entry - readout;
        }
        let mean = dot(&change, &waited.mean_of(&self.start_mean));
        let covariance = waited.covariance_of(&self.start_covariance);
        let variance =
            quadratic_form(&change, &covariance, &change) + quadratic_form(&readout, later.noise(), &readout);
        // A covariance that is semidefinite to rounding may give a variance of minus a rounding error.
        Displacement::gaussian(held(mean.high(), lag)?, held(variance.high(), lag)?.max(0.0))
    }
}

fn dot<const N: usize>(a: &[DoubleDouble; N], b: &[DoubleDouble; N]) -> DoubleDouble {
    a.iter().zip(b).fold(DoubleDouble::ZERO, |sum, (a, b)| sum + *a * *b)
}

/// `a · M b`.
fn quadratic_form<const N: usize>(
    a: &[DoubleDouble; N],
    matrix: &[[DoubleDouble; N]; N],
    b: &[DoubleDouble; N],
) -> DoubleDouble {
    matrix.iter().zip(a).fold(DoubleDouble::ZERO, |sum, (row, a)| sum + *a * dot(row, b))
}

fn held(value: f64, lag: f64) -> Result<f64, OracleError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(OracleError::Overflow { quantity: "the displacement", argument: "lag", value: lag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const NONE: [[f64; 2]; 2] = [[0.0; 2]; 2];

    #[test]
    fn a_rotation_has_no_stationary_state_and_a_shrinking_one_has() {
        let rotation = |length: f64| {
            let (sine, cosine) = (0.6 * length, 0.8 * length);
            LinearRecursion::new([[cosine, -sine], [sine, cosine]], [[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0], 1.0)
        };
        // Shrinking by a half: each step's noise counts (1/4)ⁿ, in all 1/(1 − 1/4).
        let stationary = rotation(0.5).unwrap().stationary_covariance().unwrap();
        assert_relative_eq!(stationary[0][0], 4.0 / 3.0, max_relative = 1e-15);
        assert!(stationary[0][1].abs() < 1e-15);
        for length in [1.0 + 1e-12, 2.0, 1e200] {
            let error = rotation(length).unwrap().stationary_covariance().unwrap_err();
            assert_eq!(
                error.to_string(),
                "a stationary state does not exist: the spectral radius of the matrix is not below 1"
            );
        }
        let conservative = LinearRecursion::new([[0.0, -1.0], [1.0, 0.0]], NONE, [1.0, 0.0], 1.0).unwrap();
        assert!(conservative.from_stationary().is_err());
    }

    /// Second route: single steps, in plain arithmetic.
    #[test]
    fn powers_are_repeated_steps() {
        let (a, s) = ([[0.9, 0.3], [-0.2, 0.8]], [[0.5, 0.1], [0.1, 0.3]]);
        let (start, spread) = ([1.0, -2.0], [[0.2, 0.05], [0.05, 0.4]]);
        let law = LinearRecursion::new(a, s, [1.0, 0.5], 0.5).unwrap().from_gaussian(start, spread).unwrap();
        let (mut mean, mut covariance) = (start, spread);
        for n in 1..50 {
            let product = |x: &[[f64; 2]; 2], y: &[[f64; 2]; 2]| {
                [0, 1].map(|i| [0, 1].map(|j| x[i][0] * y[0][j] + x[i][1] * y[1][j]))
            };
            mean = [0, 1].map(|i| a[i][0] * mean[0] + a[i][1] * mean[1]);
            let transposed = [[a[0][0], a[1][0]], [a[0][1], a[1][1]]];
            let spread = product(&product(&a, &covariance), &transposed);
            covariance = [0, 1].map(|i| [0, 1].map(|j| spread[i][j] + s[i][j]));
            let time = 0.5 * f64::from(n);
            let (got_mean, got) = (law.mean(time).unwrap(), law.covariance(time).unwrap());
            for i in 0..2 {
                assert_relative_eq!(got_mean[i], mean[i], max_relative = 1e-12, epsilon = 1e-14);
                for j in 0..2 {
                    assert_relative_eq!(got[i][j], covariance[i][j], max_relative = 1e-12, epsilon = 1e-14);
                }
            }
            let weight = covariance[0][0] + covariance[0][1] + 0.25 * covariance[1][1];
            assert_relative_eq!(law.weight_variance(time).unwrap(), weight, max_relative = 1e-12);
        }
    }

    /// In a stationary state dw has variance 2 (Var w − Cov(w, w')): the two-time covariance by another way.
    #[test]
    fn displacements_and_two_time_covariances_agree() {
        let law = LinearRecursion::new([[0.9, 0.3], [-0.2, 0.8]], [[0.5, 0.1], [0.1, 0.3]], [1.0, -0.4], 1.0);
        let law = law.unwrap().from_stationary().unwrap();
        let variance = law.weight_variance(7.0).unwrap();
        for lag in [1.0, 2.0, 5.0, 40.0, f64::INFINITY] {
            let expected = 2.0 * (variance - law.weight_covariance(7.0, lag).unwrap());
            assert_relative_eq!(law.mean_squared_displacement(lag).unwrap(), expected, max_relative = 1e-12);
        }
    }

    #[test]
    fn a_million_small_steps_keep_their_digits() {
        // Diffusion with a drag of 2⁻⁴⁰ a step: V_n = (1 − a^{2n}) / (1 − a²).
        let drag = 2.0_f64.powi(-40);
        let law = LinearRecursion::new([[1.0 - drag]], [[1.0]], [1.0], 1.0).unwrap();
        let log = libm::log1p(-drag);
        for steps in [1.0, 1e6, 1e12, 1e15] {
            let expected = libm::expm1(2.0 * steps * log) / libm::expm1(2.0 * log);
            assert_relative_eq!(
                law.mean_squared_displacement(steps).unwrap(),
                expected,
                max_relative = 1e-14
            );
        }
    }

    #[test]
    fn arguments_are_checked() {
        let make = |matrix, noise| LinearRecursion::<2>::new(matrix, noise, [1.0, 0.0], 1.0);
        assert!(make([[f64::NAN, 0.0], [0.0, 0.0]], NONE).is_err());
        let message = |noise| make(NONE, noise).unwrap_err().to_string();
        assert_eq!(
            message([[1.0, 0.5], [0.4, 1.0]]),
            "covariance is 0.5; it must be symmetric and positive semidefinite"
        );
        assert_eq!(
            message([[1.0, 2.0], [2.0, 1.0]]),
            "covariance is 2; it must be symmetric and positive semidefinite"
        );
        assert!(make(NONE, [[-1.0, 0.0], [0.0, 1.0]]).is_err());
        assert!(make(NONE, [[0.0, 1e-9], [1e-9, 1.0]]).is_err());
        // Rank one, in very different units.
        assert!(make(NONE, [[1e-20, 1e-10], [1e-10, 1.0]]).is_ok());
        let hill = LinearRecursion::new([[2.0]], [[1.0]], [1.0], 1.0).unwrap();
        assert_eq!(
            hill.displacement(1e4).unwrap_err().to_string(),
            "the recursion at lag = 10000 is too large for a double"
        );
        assert!(hill.displacement(f64::INFINITY).is_err() && hill.displacement(0.5).is_err());
    }
}
