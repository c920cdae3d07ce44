//! A basin with a direction-dependent stiffness: `L = L₀ + ½ (w − w*)ᵀ H (w − w*)` (PHYSICS.md D.2, claims 12 and 34).
//!
//! In the eigenvectors `e_a` of the Hessian H every mode is a well of its own stiffness `k_a`, so a displacement of the
//! weights is Gaussian: along a direction u its mean is `Σ (u·e_a) m_a` and its variance `Σ (u·e_a)² v_a`, with the
//! means and variances of the modes from [`QuadraticWell`] or [`StationaryWell`]. A mode with `1 < mu k dt < 2` turns
//! round at every step.

use super::{FreeBrownian, LinearRelaxation, QuadraticWell, StationaryWell};
use crate::error::{OracleError, require, require_finite, require_non_negative};
use crate::numerics::summation::sum;
use crate::{Bath, Clock, Displacement, DisplacementLaw};
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Weights in a basin of any symmetric Hessian, from a fixed start or in their stationary state.
///
/// As a [`DisplacementLaw`] it is the population of all weights: the distribution of the displacement of a weight drawn
/// at random, whose overlap, mean squared displacement and non-Gaussian parameter are those measured over a network.
///
/// ```
/// use glassbox_oracle::{Bath, Clock, DisplacementLaw, laws::AnisotropicBasin};
/// // Two weights, coupled: stiffness 1 along (1, 1) and 3 along (1, −1).
/// let bath = Bath::new(0.1, 1.0, 1.0)?;
/// let basin = AnisotropicBasin::from_hessian(bath, &[2.0, -1.0, -1.0, 2.0], Clock::Continuous)?.stationary()?;
/// // MSD_inf of a weight: the mean of 2 T / (k P_D) over the modes.
/// assert!((basin.mean_squared_displacement_limit()? - (1.0 + 1.0 / 3.0)).abs() < 1e-12);
/// // Along the soft direction it is 2.
/// let soft = basin.combination(&[0.5_f64.sqrt(), 0.5_f64.sqrt()], f64::INFINITY)?;
/// assert!((soft.variance() - 2.0).abs() < 1e-12);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AnisotropicBasin {
    bath: Bath,
    clock: Clock,
    stiffnesses: Vec<f64>,
    /// Column a is mode a; `None` where each weight is a mode.
    modes: Option<DMatrix<f64>>,
    start: Start,
    waiting_time: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Start {
    /// Coordinates along the modes.
    Fixed(Vec<f64>),
    Stationary,
}

/// An asymmetry of a Hessian, or a deviation of eigenvectors from orthonormality, that no rounding makes.
const ROUNDING: f64 = 1e-9;

impl AnisotropicBasin {
    /// A basin whose modes are the weights themselves, of finite `stiffnesses`; at its minimum at time 0.
    ///
    /// # Errors
    /// [`OracleError`] for no weights, a stiffness that is not finite, or a step outside its range.
    pub fn diagonal(bath: Bath, stiffnesses: &[f64], clock: Clock) -> Result<Self, OracleError> {
        if stiffnesses.is_empty() {
            return Err(OracleError::Undefined { quantity: "a basin", reason: "it has no weights" });
        }
        for stiffness in stiffnesses {
            require_finite("stiffness", *stiffness)?;
        }
        let start = Start::Fixed(vec![0.0; stiffnesses.len()]);
        let (clock, stiffnesses) = (clock.validated()?, stiffnesses.to_vec());
        Ok(Self { bath, clock, stiffnesses, modes: None, start, waiting_time: 0.0 })
    }

    /// A basin of eigenvalues `stiffnesses` and as many orthonormal `eigenvectors`, one after another; at its minimum
    /// at time 0.
    ///
    /// # Errors
    /// As [`diagonal`](Self::diagonal), and for eigenvectors that are not orthonormal within 1e-9.
    pub fn from_eigenpairs(
        bath: Bath,
        stiffnesses: &[f64],
        eigenvectors: &[f64],
        clock: Clock,
    ) -> Result<Self, OracleError> {
        let basin = Self::diagonal(bath, stiffnesses, clock)?;
        let count = stiffnesses.len();
        if Some(eigenvectors.len()) != count.checked_mul(count) {
            let reason = "the eigenvectors are not as many, of as many elements, as there are eigenvalues";
            return Err(OracleError::Undefined { quantity: "a basin", reason });
        }
        let modes = DMatrix::from_column_slice(count, count, eigenvectors);
        for (position, product) in modes.tr_mul(&modes).iter().enumerate() {
            let expected = f64::from(u8::from(position / count == position % count));
            let holds = (product - expected).abs() <= ROUNDING;
            require("product of two eigenvectors", *product, holds, "0, or 1 with itself, within 1e-9")?;
        }
        Ok(Self { modes: Some(modes), ..basin })
    }

    /// A basin of this `hessian` (all rows one after another); at its minimum at time 0.
    ///
    /// Eigenvalues are right to some ulps of the largest one times the root of the number of weights: a zero mode
    /// comes out as such a number of either sign. Eigenpairs that are known exactly belong in
    /// [`from_eigenpairs`](Self::from_eigenpairs).
    ///
    /// # Errors
    /// [`OracleError`] for a Hessian that is not square, not finite, or not symmetric within 1e-9 of its largest
    /// element, and for a step outside its range.
    pub fn from_hessian(bath: Bath, hessian: &[f64], clock: Clock) -> Result<Self, OracleError> {
        let count = hessian.len().isqrt();
        if count * count != hessian.len() || count == 0 {
            let reason = "the number of elements of the Hessian is not the square of a number of weights";
            return Err(OracleError::Undefined { quantity: "a basin", reason });
        }
        let mut largest = 0.0_f64;
        for element in hessian {
            largest = largest.max(require_finite("element of the Hessian", *element)?.abs());
        }
        let matrix = DMatrix::from_column_slice(count, count, hessian);
        let transposed = matrix.transpose();
        for (element, other) in matrix.iter().zip(transposed.iter()) {
            let holds = (element - other).abs() <= ROUNDING * largest;
            require("element of the Hessian", *element, holds, "that of the transposed matrix")?;
        }
        let eigen = SymmetricEigen::new((matrix + transposed) * 0.5);
        let basin = Self::diagonal(bath, eigen.eigenvalues.as_slice(), clock)?;
        Ok(Self { modes: Some(eigen.eigenvectors), ..basin })
    }

    /// The same basin, entered at time 0 at this `offset` `w − w*` of each weight from the minimum.
    ///
    /// # Errors
    /// [`OracleError`] for an offset that is not finite or of another number of weights.
    pub fn from_fixed(self, offset: &[f64]) -> Result<Self, OracleError> {
        let start = Start::Fixed(self.along_modes("offset", offset)?);
        Ok(Self { start, ..self })
    }

    /// The same basin in its stationary state, whatever the waiting time.
    ///
    /// # Errors
    /// [`OracleError::UnboundMode`] names the first mode that has none.
    pub fn stationary(self) -> Result<Self, OracleError> {
        for (mode, stiffness) in self.stiffnesses.iter().enumerate() {
            if StationaryWell::new(self.bath, *stiffness, self.clock).is_err() {
                return Err(OracleError::UnboundMode { mode, stiffness: *stiffness });
            }
        }
        Ok(Self { start: Start::Stationary, ..self })
    }

    /// The same basin, with displacements measured from `waiting_time ≥ 0` on.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] or [`OracleError::NotAWholeStep`].
    pub fn after_waiting(self, waiting_time: f64) -> Result<Self, OracleError> {
        require_non_negative("waiting_time", waiting_time)?;
        self.clock.at("waiting_time", waiting_time)?;
        Ok(Self { waiting_time, ..self })
    }

    /// Number of weights, and of modes.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.stiffnesses.len()
    }

    /// Stiffness of each mode, in the order of the modes.
    #[must_use]
    pub fn stiffnesses(&self) -> &[f64] {
        &self.stiffnesses
    }

    /// The direction of a mode, of length 1.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a mode that is not there.
    pub fn mode(&self, mode: usize) -> Result<Vec<f64>, OracleError> {
        self.number("mode", mode)?;
        Ok(match &self.modes {
            Some(modes) => modes.column(mode).iter().copied().collect(),
            None => (0..self.dimension()).map(|weight| f64::from(u8::from(weight == mode))).collect(),
        })
    }

    /// Displacement along a mode; different modes are independent.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a mode that is not there; else as [`DisplacementLaw::displacement`].
    pub fn mode_displacement(&self, mode: usize, lag: f64) -> Result<Displacement, OracleError> {
        self.number("mode", mode)?;
        self.mode_law(mode)?.displacement(lag)
    }

    fn mode_law(&self, mode: usize) -> Result<Box<dyn DisplacementLaw>, OracleError> {
        let stiffness = self.stiffnesses[mode];
        // Free at any place, and after any time: the well has no limit of stiffness 0 at infinite lags.
        if stiffness == 0.0 {
            return Ok(Box::new(FreeBrownian::new(self.bath, self.clock)?));
        }
        Ok(match &self.start {
            Start::Stationary => Box::new(StationaryWell::new(self.bath, stiffness, self.clock)?),
            Start::Fixed(offsets) => Box::new(
                QuadraticWell::new(self.bath, stiffness, self.clock)?
                    .from_fixed(offsets[mode])?
                    .after_waiting(self.waiting_time)?,
            ),
        })
    }

    /// Displacement of one weight.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a weight that is not there; else as [`DisplacementLaw::displacement`].
    pub fn weight_displacement(&self, weight: usize, lag: f64) -> Result<Displacement, OracleError> {
        self.number("weight", weight)?;
        match &self.modes {
            Some(modes) => {
                combine(&modes.row(weight).iter().copied().collect::<Vec<f64>>(), &self.moments(lag)?)
            }
            None => self.mode_displacement(weight, lag),
        }
    }

    /// Displacement of the combination `Σ direction_i w_i` of weights.
    ///
    /// # Errors
    /// [`OracleError`] for a direction that is not finite or of another number of weights; else as
    /// [`DisplacementLaw::displacement`].
    pub fn combination(&self, direction: &[f64], lag: f64) -> Result<Displacement, OracleError> {
        combine(&self.along_modes("direction", direction)?, &self.moments(lag)?)
    }

    /// `<L> − L₀` of each mode when the waiting time has passed: `½ k <y²>` with the coordinate y along the mode.
    ///
    /// In the stationary state it is `T / (2 P_D)` for every mode, and on a step clock that over `1 − mu k dt / 2`.
    ///
    /// # Errors
    /// [`OracleError::Overflow`] where an unbound mode has left the range of doubles.
    pub fn mode_losses(&self) -> Result<Vec<f64>, OracleError> {
        let waited = self.clock.at("waiting_time", self.waiting_time)?;
        let loss = |mode: usize| {
            let stiffness = self.stiffnesses[mode];
            if stiffness == 0.0 {
                return Ok(0.0);
            }
            let well = LinearRelaxation::new(self.bath, stiffness, self.clock)?;
            let square = match &self.start {
                Start::Stationary => well.stationary_variance()?,
                Start::Fixed(offsets) => {
                    let retained = well.retention(waited);
                    let mean = if offsets[mode] == 0.0 { 0.0 } else { offsets[mode] * retained };
                    mean * mean + well.noise_variance(waited)
                }
            };
            let loss = 0.5 * stiffness * square;
            if loss.is_finite() {
                return Ok(loss);
            }
            let (quantity, value) = ("the loss of a mode", self.waiting_time);
            Err(OracleError::Overflow { quantity, argument: "waiting_time", value })
        };
        (0..self.dimension()).map(loss).collect()
    }

    /// `<L> − L₀` when the waiting time has passed; `N T / (2 P_D)` in the stationary state of continuous time.
    ///
    /// # Errors
    /// As [`mode_losses`](Self::mode_losses).
    pub fn expected_loss(&self) -> Result<f64, OracleError> {
        Ok(sum(self.mode_losses()?))
    }

    /// Mean and variance of the displacement along every mode.
    fn moments(&self, lag: f64) -> Result<Vec<(f64, f64)>, OracleError> {
        let moments = |mode: usize| {
            let displacement = self.mode_displacement(mode, lag)?;
            Ok((displacement.mean(), displacement.variance()))
        };
        (0..self.dimension()).map(moments).collect()
    }

    /// A vector of weights in coordinates along the modes.
    fn along_modes(&self, argument: &'static str, vector: &[f64]) -> Result<Vec<f64>, OracleError> {
        if vector.len() != self.dimension() {
            let (value, allowed) = (vector.len() as f64, "as long as there are weights");
            return Err(OracleError::OutOfRange { argument, value, allowed });
        }
        for value in vector {
            require_finite(argument, *value)?;
        }
        Ok(match &self.modes {
            Some(modes) => modes.tr_mul(&DVector::from_column_slice(vector)).iter().copied().collect(),
            None => vector.to_vec(),
        })
    }

    fn number(&self, argument: &'static str, number: usize) -> Result<(), OracleError> {
        require(argument, number as f64, number < self.dimension(), "below the number of weights").map(|_| ())
    }
}

/// The displacement `Σ coefficient · mode`, from the moments of the independent modes.
fn combine(coefficients: &[f64], moments: &[(f64, f64)]) -> Result<Displacement, OracleError> {
    // A coefficient of 0 must not meet an infinite variance.
    let present = || coefficients.iter().zip(moments).filter(|(coefficient, _)| **coefficient != 0.0);
    let mean = sum(present().map(|(coefficient, (mean, _))| coefficient * mean));
    let variance = sum(present().map(|(coefficient, (_, variance))| coefficient * coefficient * variance));
    if !mean.is_finite() {
        return Err(OracleError::Overflow {
            quantity: "the displacement",
            argument: "its mean",
            value: mean,
        });
    }
    Displacement::gaussian(mean, variance)
}

/// All weights together, in equal shares.
impl DisplacementLaw for AnisotropicBasin {
    fn clock(&self) -> Clock {
        self.clock
    }

    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError> {
        self.mixture_of(&self.moments(lag)?)
    }

    fn displacement_limits(&self) -> Result<[Displacement; 2], OracleError> {
        let mut limits = [Vec::new(), Vec::new()];
        for mode in 0..self.dimension() {
            for (limit, of_mode) in limits.iter_mut().zip(self.mode_law(mode)?.displacement_limits()?) {
                limit.push((of_mode.mean(), of_mode.variance()));
            }
        }
        let [even, odd] = limits;
        Ok([self.mixture_of(&even)?, self.mixture_of(&odd)?])
    }
}

impl AnisotropicBasin {
    /// The displacement of a weight chosen at random, from mean and variance of every mode.
    fn mixture_of(&self, moments: &[(f64, f64)]) -> Result<Displacement, OracleError> {
        let share = 1.0 / self.dimension() as f64;
        let weights: Result<Vec<_>, OracleError> = match &self.modes {
            Some(modes) => modes
                .row_iter()
                .map(|row| Ok((share, combine(&row.iter().copied().collect::<Vec<f64>>(), moments)?)))
                .collect(),
            None => moments
                .iter()
                .map(|moments| Ok((share, combine(&[1.0], std::slice::from_ref(moments))?)))
                .collect(),
        };
        Displacement::mixture(weights?)
    }
}

#[cfg(test)]
mod tests;
