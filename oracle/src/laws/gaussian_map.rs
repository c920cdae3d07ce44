//! The map `x → A x + N(0, S)` and its powers, in twice the precision of a double.

use crate::error::OracleError;
use crate::numerics::double_double::DoubleDouble;
use libm::sqrt;

type Matrix<const N: usize> = [[DoubleDouble; N]; N];
type Vector<const N: usize> = [DoubleDouble; N];

/// One or many steps of a linear recursion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct GaussianMap<const N: usize> {
    matrix: Matrix<N>,
    noise: Matrix<N>,
}

/// A spectral radius of 1 − 2⁻⁷⁰, beyond what the entries resolve, has vanished after so many doublings.
const DOUBLINGS: u32 = 80;

impl<const N: usize> GaussianMap<N> {
    pub(super) fn new(matrix: [[f64; N]; N], noise: [[f64; N]; N]) -> Result<Self, OracleError> {
        for value in matrix.iter().flatten() {
            crate::error::require_finite("matrix", *value)?;
        }
        require_covariance(&noise)?;
        let exact = |matrix: [[f64; N]; N]| matrix.map(|row| row.map(DoubleDouble::from));
        Ok(Self { matrix: exact(matrix), noise: exact(noise) })
    }

    /// S.
    pub(super) fn noise(&self) -> &Matrix<N> {
        &self.noise
    }

    /// This map, then `next`: `(B A, B S Bᵀ + U)`.
    pub(super) fn then(&self, next: &Self) -> Self {
        Self { matrix: product(&next.matrix, &self.matrix), noise: next.covariance_of(&self.noise) }
    }

    /// `steps` times this map, a whole number; `argument` and `value` are what an overflow is reported with.
    pub(super) fn power(
        &self,
        mut steps: f64,
        argument: &'static str,
        value: f64,
    ) -> Result<Self, OracleError> {
        let zero = [[DoubleDouble::ZERO; N]; N];
        let mut all = Self { matrix: identity(), noise: zero };
        let mut double = *self;
        while steps >= 1.0 {
            if steps % 2.0 == 1.0 {
                all = all.then(&double);
            }
            steps = (0.5 * steps).floor();
            if steps >= 1.0 {
                double = double.then(&double);
            }
        }
        if all.is_finite() {
            Ok(all)
        } else {
            Err(OracleError::Overflow { quantity: "the recursion", argument, value })
        }
    }

    /// The limit of infinitely many steps, which forgets its start: doubling until nothing is left of A.
    pub(super) fn limit(&self) -> Result<Self, OracleError> {
        let mut map = *self;
        for _ in 0..DOUBLINGS {
            let largest =
                map.matrix.iter().flatten().fold(0.0_f64, |largest, entry| largest.max(entry.high().abs()));
            // What doubling would still add is below the square of this, relative to S, in units however different.
            if largest < 1e-150 {
                return Ok(Self { matrix: [[DoubleDouble::ZERO; N]; N], noise: map.noise });
            }
            map = map.then(&map);
            if !map.is_finite() {
                break;
            }
        }
        let reason = "the spectral radius of the matrix is not below 1";
        Err(OracleError::Undefined { quantity: "a stationary state", reason })
    }

    /// Mean of the image of an `x` of this mean.
    pub(super) fn mean_of(&self, mean: &Vector<N>) -> Vector<N> {
        let mut image = [DoubleDouble::ZERO; N];
        for i in 0..N {
            for j in 0..N {
                image[i] = image[i] + self.matrix[i][j] * mean[j];
            }
        }
        image
    }

    /// Covariance of the image of an `x` of this covariance: `A C Aᵀ + S`.
    pub(super) fn covariance_of(&self, covariance: &Matrix<N>) -> Matrix<N> {
        let half = product(&self.matrix, covariance);
        let mut image = self.noise;
        for i in 0..N {
            for j in 0..N {
                for k in 0..N {
                    image[i][j] = image[i][j] + half[i][k] * self.matrix[j][k];
                }
            }
        }
        image
    }

    /// `Aᵀ c`: how `c · x` of the image depends on x.
    pub(super) fn pulled_back(&self, readout: &Vector<N>) -> Vector<N> {
        let mut dependence = [DoubleDouble::ZERO; N];
        for i in 0..N {
            for j in 0..N {
                dependence[j] = dependence[j] + self.matrix[i][j] * readout[i];
            }
        }
        dependence
    }

    fn is_finite(&self) -> bool {
        self.matrix.iter().chain(&self.noise).flatten().all(|entry| entry.high().is_finite())
    }
}

fn identity<const N: usize>() -> Matrix<N> {
    let mut identity = [[DoubleDouble::ZERO; N]; N];
    for (i, row) in identity.iter_mut().enumerate() {
        row[i] = DoubleDouble::ONE;
    }
    identity
}

fn product<const N: usize>(a: &Matrix<N>, b: &Matrix<N>) -> Matrix<N> {
    let mut product = [[DoubleDouble::ZERO; N]; N];
    for i in 0..N {
        for k in 0..N {
            for j in 0..N {
                product[i][j] = product[i][j] + a[i][k] * b[k][j];
            }
        }
    }
    product
}

/// Accepts symmetric matrices of finite entries whose correlations are positive semidefinite up to rounding.
fn require_covariance<const N: usize>(matrix: &[[f64; N]; N]) -> Result<(), OracleError> {
    let allowed = "symmetric and positive semidefinite";
    let require = |value: f64, holds| crate::error::require("covariance", value, holds, allowed);
    for i in 0..N {
        require(matrix[i][i], matrix[i][i] >= 0.0)?;
        for j in 0..N {
            require(matrix[i][j], matrix[i][j] == matrix[j][i])?;
        }
    }
    // Elimination on the correlations, largest pivot first: units of weight and of momentum are not comparable.
    let scale = |i: usize| sqrt(matrix[i][i]);
    let mut correlations = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..N {
            let (of_i, of_j) = (scale(i), scale(j));
            let certain = of_i == 0.0 || of_j == 0.0;
            require(matrix[i][j], !certain || matrix[i][j] == 0.0)?;
            correlations[i][j] = if certain { 0.0 } else { matrix[i][j] / of_i / of_j };
            require(matrix[i][j], correlations[i][j].abs() <= 1.0 + ROUNDING)?;
        }
    }
    let mut left = [true; N];
    for _ in 0..N {
        let mut pivot = None;
        for i in 0..N {
            if left[i] && pivot.is_none_or(|best: usize| correlations[i][i] > correlations[best][best]) {
                pivot = Some(i);
            }
        }
        let Some(pivot) = pivot else { break };
        left[pivot] = false;
        let largest = correlations[pivot][pivot];
        for i in 0..N {
            require(matrix[pivot][i], !left[i] || correlations[i][i] >= -ROUNDING)?;
            // Without a pivot nothing may be left beside it.
            let nothing = largest > ROUNDING || correlations[pivot][i].abs() <= ROUNDING.sqrt();
            require(matrix[pivot][i], !left[i] || nothing)?;
        }
        if largest <= ROUNDING {
            continue;
        }
        for i in 0..N {
            for j in 0..N {
                if left[i] && left[j] {
                    correlations[i][j] -= correlations[i][pivot] * correlations[pivot][j] / largest;
                }
            }
        }
    }
    Ok(())
}

/// What rounding of the entries and the elimination may cost, relative to a correlation of 1, in up to a hundred
/// dimensions.
const ROUNDING: f64 = 1e-13;
