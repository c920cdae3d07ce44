//! For which time a law holds: continuous, or the steps of an integrator.

use crate::error::{OracleError, require_positive};

/// The clock of a law. Times are always in units of time, never in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clock {
    /// The stochastic differential equation itself.
    Continuous,
    /// The recursion of an integrator with this step, exactly: a law of this clock has no discretisation error. It is
    /// Euler–Maruyama unless the law was told another [`Scheme`](crate::Scheme).
    Steps {
        /// Step, in units of time (the paper's step is 1).
        dt: f64,
    },
}

/// How far a time may lie from a step, relative to the time: what repeated rounding of `n * dt` costs.
const STEP_TOLERANCE: f64 = 1e-9;

impl Clock {
    /// The clock of steps of `dt > 0`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `dt` is finite and above 0.
    pub fn steps(dt: f64) -> Result<Self, OracleError> {
        Ok(Clock::Steps { dt: require_positive("dt", dt)? })
    }

    /// Refuses what [`Clock::steps`] would have refused: the variant is public.
    pub(crate) fn validated(self) -> Result<Self, OracleError> {
        match self {
            Clock::Continuous => Ok(self),
            Clock::Steps { dt } => Self::steps(dt),
        }
    }

    /// `time`, checked: at least 0, not NaN, and on a step of the clock; infinite times are limits and allowed.
    pub(crate) fn at(self, argument: &'static str, time: f64) -> Result<Instant, OracleError> {
        if time.is_nan() || time < 0.0 {
            return Err(OracleError::OutOfRange { argument, value: time, allowed: "at least 0" });
        }
        let Clock::Steps { dt } = self else { return Ok(Instant { time, steps: f64::NAN }) };
        let steps = (time / dt).round();
        if time.is_finite() && (steps * dt - time).abs() > STEP_TOLERANCE * time {
            return Err(OracleError::NotAWholeStep { argument, value: time, dt });
        }
        Ok(Instant { time, steps })
    }
}

/// A checked time; `steps` is a whole number on a step clock and unused on the continuous one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant {
    pub(crate) time: f64,
    pub(crate) steps: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_clock_refuses_times_between_steps() {
        let clock = Clock::steps(0.1).unwrap();
        assert_eq!(clock.at("lag", 0.3).unwrap().steps, 3.0);
        assert_eq!(clock.at("lag", f64::INFINITY).unwrap().steps, f64::INFINITY);
        let error = clock.at("lag", 0.25).unwrap_err();
        assert_eq!(error.to_string(), "lag is 0.25; it must be a whole number of steps of 0.1");
        assert!(clock.at("lag", -0.1).is_err() && clock.at("lag", f64::NAN).is_err());
    }
}
