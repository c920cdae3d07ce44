//! Free diffusion: no force (paper Eqs. 5 and 6; PHYSICS.md D.1).

use super::linear_relaxation::{LinearRelaxation, require_steps};
use crate::error::OracleError;
use crate::laws::relaxation;
use crate::{Bath, Clock, Displacement, DisplacementLaw, Scheme};

/// `dw(t) ~ N(0, 2 D t)`: a weight without gradient. Exact on either clock, at any step, for every scheme that gives each
/// step its own noise. Leimkuhler–Matthews steps share theirs: the first and the last count half in amplitude, so that
/// `dw(t) ~ N(0, 2 D (t − dt/2))` from the first step on, whatever the waiting time.
///
/// ```
/// use glassbox_oracle::{Bath, Clock, DisplacementLaw, laws::FreeBrownian};
/// let law = FreeBrownian::new(Bath::new(1e-3, 1e-4, 60_000.0)?, Clock::Continuous)?;
/// // tau90 = eps² / (4 x90² D) with x90 = erfinv(0.9)
/// let tau90 = law.relaxation_time(1.9e-4, 0.9)?.unwrap();
/// assert!((tau90 - 4002.9).abs() < 0.1);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreeBrownian {
    bath: Bath,
    clock: Clock,
    scheme: Scheme,
}

impl FreeBrownian {
    /// Free diffusion in `bath`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a step that is not finite and above 0.
    pub fn new(bath: Bath, clock: Clock) -> Result<Self, OracleError> {
        Ok(Self { bath, clock: clock.validated()?, scheme: Scheme::EulerMaruyama })
    }

    /// The same with the steps of `scheme`.
    ///
    /// # Errors
    /// [`OracleError::Undefined`] on the continuous clock.
    pub fn integrated_by(self, scheme: Scheme) -> Result<Self, OracleError> {
        require_steps(self.clock)?;
        Ok(Self { scheme, ..self })
    }

    /// Free diffusion as a well without stiffness.
    pub(crate) fn relaxation(&self) -> Result<LinearRelaxation, OracleError> {
        let free = LinearRelaxation::new(self.bath, 0.0, self.clock)?;
        if self.clock == Clock::Continuous { Ok(free) } else { free.integrated_by(self.scheme) }
    }
}

impl DisplacementLaw for FreeBrownian {
    fn clock(&self) -> Clock {
        self.clock
    }

    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError> {
        let at = self.clock.at("lag", lag)?;
        let time = match self.clock {
            Clock::Steps { dt } if self.scheme == Scheme::LeimkuhlerMatthews && at.steps > 0.0 => {
                (at.steps - 0.5) * dt
            }
            _ => at.time,
        };
        let diffusion = self.bath.diffusion();
        Displacement::gaussian(0.0, if diffusion == 0.0 { 0.0 } else { 2.0 * diffusion * time })
    }

    /// `eps² / (4 x² D)` with `erf(x) = level` on the continuous clock, where the temperature is above 0.
    fn relaxation_time(&self, half_width: f64, level: f64) -> Result<Option<f64>, OracleError> {
        if let Clock::Steps { .. } = self.clock {
            return relaxation::search(self, half_width, level);
        }
        let variance = relaxation::variance_at_level(half_width, level)?;
        let diffusion = self.bath.diffusion();
        let time = variance / (2.0 * diffusion);
        if diffusion > 0.0 && time.is_infinite() {
            let (quantity, argument) = ("the relaxation time", "half_width");
            return Err(OracleError::Overflow { quantity, argument, value: half_width });
        }
        Ok((diffusion > 0.0).then_some(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn relaxation_times_have_the_printed_constants() {
        // PHYSICS.md D.1, with eps² / D = 1.
        let law = FreeBrownian::new(Bath::new(1.0, 1.0, 1.0).unwrap(), Clock::Continuous).unwrap();
        let time = |level: f64| law.relaxation_time(1.0, level).unwrap().unwrap();
        assert_relative_eq!(time(0.9), 0.184_805_754_734, max_relative = 1e-11);
        assert_relative_eq!(time((-1.0_f64).exp()), 2.181_538_107_578, max_relative = 1e-11);
        assert_relative_eq!(
            time(0.9),
            relaxation::search(&law, 1.0, 0.9).unwrap().unwrap(),
            max_relative = 1e-13
        );
    }

    /// Second route: the well of stiffness 0, before and after a waiting time.
    #[test]
    fn a_flat_well_is_free_under_every_scheme() {
        use crate::laws::QuadraticWell;
        let (bath, clock) = (Bath::new(0.3, 2.0, 5.0).unwrap(), Clock::Steps { dt: 0.25 });
        for scheme in Scheme::ALL {
            let free = FreeBrownian::new(bath, clock).unwrap().integrated_by(scheme).unwrap();
            for waiting_time in [0.0, 0.25, 5.0] {
                let flat = QuadraticWell::new(bath, 0.0, clock).unwrap().integrated_by(scheme).unwrap();
                let flat = flat.after_waiting(waiting_time).unwrap();
                for lag in [0.0, 0.25, 0.5, 100.0] {
                    let (a, b) = (free.displacement(lag).unwrap(), flat.displacement(lag).unwrap());
                    assert_relative_eq!(a.variance(), b.variance(), max_relative = 1e-15);
                }
            }
        }
        assert!(FreeBrownian::new(bath, Clock::Continuous).unwrap().integrated_by(Scheme::Heun).is_err());
    }

    #[test]
    fn nothing_moves_without_temperature() {
        let law = FreeBrownian::new(Bath::new(1.0, 0.0, 1.0).unwrap(), Clock::Continuous).unwrap();
        assert_eq!(law.overlap_limit(0.1).unwrap(), 1.0);
        assert_eq!(law.relaxation_time(0.1, 0.9).unwrap(), None);
    }
}
