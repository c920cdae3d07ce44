//! The central trait: a law gives the distribution of a displacement, everything else follows.

use crate::laws::relaxation;
use crate::{Clock, Displacement, OracleError};

/// The law of the displacement `w(t_w + t) − w(t_w)` as a function of the lag `t`.
///
/// Implement [`displacement`](Self::displacement) and [`clock`](Self::clock); the observables are provided. Lags are
/// in units of time, at least 0, on a step of the clock where the clock has steps; an infinite lag is the long-time
/// limit. Every method returns the error of [`displacement`](Self::displacement) where that has one.
pub trait DisplacementLaw: Send + Sync {
    /// The clock for which the law holds exactly.
    fn clock(&self) -> Clock;

    /// Distribution of the displacement after `lag`.
    ///
    /// # Errors
    /// [`OracleError`] for a lag outside the domain, or where the distribution has no finite representation.
    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError>;

    /// What the displacement tends to along even steps and along odd ones, which differ where the weight changes sides at
    /// every step for ever (`mobility * stiffness * dt ≥ 2`). Elsewhere both are the displacement after an infinite lag.
    ///
    /// # Errors
    /// As [`displacement`](Self::displacement).
    fn displacement_limits(&self) -> Result<[Displacement; 2], OracleError> {
        let limit = self.displacement(f64::INFINITY)?;
        Ok([limit.clone(), limit])
    }

    /// Overlap `Q(lag)`: the fraction displaced by at most `half_width` (paper Eq. 4).
    ///
    /// # Errors
    /// As [`displacement`](Self::displacement).
    fn overlap(&self, lag: f64, half_width: f64) -> Result<f64, OracleError> {
        if lag == f64::INFINITY {
            self.overlap_limit(half_width)
        } else {
            Ok(self.displacement(lag)?.overlap(half_width))
        }
    }

    /// Mean squared displacement (paper Eq. 7).
    ///
    /// # Errors
    /// As [`displacement`](Self::displacement).
    fn mean_squared_displacement(&self, lag: f64) -> Result<f64, OracleError> {
        if lag == f64::INFINITY {
            return self.mean_squared_displacement_limit();
        }
        Ok(self.displacement(lag)?.mean_squared_displacement())
    }

    /// Non-Gaussian parameter (paper Eq. 9); `None` where nothing has moved.
    ///
    /// # Errors
    /// As [`displacement`](Self::displacement).
    fn non_gaussian_parameter(&self, lag: f64) -> Result<Option<f64>, OracleError> {
        if lag == f64::INFINITY {
            return common_limit(
                "the limit of the non-Gaussian parameter",
                self,
                Displacement::non_gaussian_parameter,
            );
        }
        Ok(self.displacement(lag)?.non_gaussian_parameter())
    }

    /// `Q_inf`: the overlap that is left after any time (paper Eq. 22).
    ///
    /// # Errors
    /// As [`displacement`](Self::displacement); [`OracleError::Undefined`] where the overlap alternates for ever.
    fn overlap_limit(&self, half_width: f64) -> Result<f64, OracleError> {
        common_limit("the limit of the overlap", self, |displacement| displacement.overlap(half_width))
    }

    /// `MSD_inf`: the mean squared displacement after any time; infinite for unbounded motion.
    ///
    /// # Errors
    /// As [`overlap_limit`](Self::overlap_limit).
    fn mean_squared_displacement_limit(&self) -> Result<f64, OracleError> {
        common_limit(
            "the limit of the mean squared displacement",
            self,
            Displacement::mean_squared_displacement,
        )
    }

    /// Relaxation time: the first lag at which the overlap has fallen to `level`; `None` where it never does.
    ///
    /// On a step clock it is the first step with an overlap below `level`, the paper's rule. The provided method
    /// searches ([`relaxation::search`]); laws with a closed form override it.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `half_width > 0` and `0 < level < 1`.
    fn relaxation_time(&self, half_width: f64, level: f64) -> Result<Option<f64>, OracleError> {
        relaxation::search(self, half_width, level)
    }
}

/// What an observable tends to: the same along even and odd steps.
pub(crate) fn common_limit<L: DisplacementLaw + ?Sized, T: PartialEq>(
    quantity: &'static str,
    law: &L,
    of: impl Fn(&Displacement) -> T,
) -> Result<T, OracleError> {
    let [even, odd] = law.displacement_limits()?.each_ref().map(of);
    if even == odd { Ok(even) } else { Err(no_limit(quantity)) }
}

pub(crate) fn no_limit(quantity: &'static str) -> OracleError {
    let reason = "mobility * stiffness * dt is 2 or more, and the weight changes sides at every step";
    OracleError::Undefined { quantity, reason }
}
