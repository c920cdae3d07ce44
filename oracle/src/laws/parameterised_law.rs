//! Laws that answer "what if": one parameter changed, all else as it was.

use crate::laws::Parameter;
use crate::laws::{FreeBrownian, QuadraticWell, StationaryWell};
use crate::{DisplacementLaw, OracleError};

/// A law whose parameters can be changed one at a time, to say by how much a deviation changes which of them.
///
/// ```
/// use glassbox_oracle::inference::Parameter;
/// use glassbox_oracle::{Bath, Clock, DisplacementLaw, ParameterisedLaw, laws::FreeBrownian};
/// let law = FreeBrownian::new(Bath::new(0.1, 0.5, 50.0)?, Clock::steps(1.0)?)?;
/// let hotter = law.rescaled(Parameter::Temperature, 1.02)?;
/// let ratio = hotter.mean_squared_displacement(10.0)? / law.mean_squared_displacement(10.0)?;
/// assert!((ratio - 1.02).abs() < 1e-14);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
pub trait ParameterisedLaw: DisplacementLaw {
    /// The law with `parameter` multiplied by `factor > 0`, for a run that starts as before and makes as many steps: a
    /// changed step changes the waiting time with it, and the caller's lags.
    ///
    /// # Errors
    /// [`OracleError`] for a factor that takes a parameter out of its range, or a step on the continuous clock.
    fn rescaled(&self, parameter: Parameter, factor: f64) -> Result<Box<dyn DisplacementLaw>, OracleError>;
}

impl ParameterisedLaw for FreeBrownian {
    fn rescaled(&self, parameter: Parameter, factor: f64) -> Result<Box<dyn DisplacementLaw>, OracleError> {
        let well = self.relaxation()?.rescaled(parameter, factor)?;
        Ok(Box::new(QuadraticWell::of(well)))
    }
}

impl ParameterisedLaw for QuadraticWell {
    fn rescaled(&self, parameter: Parameter, factor: f64) -> Result<Box<dyn DisplacementLaw>, OracleError> {
        Ok(Box::new(self.with_rescaled(parameter, factor)?))
    }
}

impl ParameterisedLaw for StationaryWell {
    /// The weights keep the stationary density that the unchanged parameters gave them.
    fn rescaled(&self, parameter: Parameter, factor: f64) -> Result<Box<dyn DisplacementLaw>, OracleError> {
        let start = self.weight_variance().sqrt();
        let well = QuadraticWell::of(*self.relaxation()).from_gaussian(0.0, start)?;
        Ok(Box::new(well.with_rescaled(parameter, factor)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bath, Clock, Scheme};
    use approx::assert_relative_eq;

    /// Second route: the laws made anew from changed arguments.
    #[test]
    fn a_changed_parameter_is_another_law() {
        let made = |[mobility, temperature, size, stiffness, dt]: [f64; 5]| {
            let bath = Bath::new(mobility, temperature, size).unwrap();
            QuadraticWell::new(bath, stiffness, Clock::steps(dt).unwrap())
                .and_then(|well| well.integrated_by(Scheme::Heun))
                .and_then(|well| well.from_gaussian(0.7, 0.2))
                .and_then(|well| well.after_waiting(3.0 * dt))
                .unwrap()
        };
        let arguments = [0.1, 0.5, 20.0, 2.0, 0.5];
        for (index, parameter) in Parameter::ALL.into_iter().enumerate() {
            let mut changed = arguments;
            changed[index] *= 1.3;
            let (expected, found) = (made(changed), made(arguments).rescaled(parameter, 1.3).unwrap());
            let lag = 4.0 * changed[4];
            let (a, b) = (expected.displacement(lag).unwrap(), found.displacement(lag).unwrap());
            assert_relative_eq!(a.mean(), b.mean(), max_relative = 1e-13);
            assert_relative_eq!(a.variance(), b.variance(), max_relative = 1e-13);
        }
        assert!(made(arguments).rescaled(Parameter::Mobility, -1.0).is_err());
    }

    #[test]
    fn an_unchanged_stationary_well_stays_stationary() {
        let bath = Bath::new(0.1, 0.5, 20.0).unwrap();
        for clock in [Clock::Continuous, Clock::Steps { dt: 0.5 }] {
            let well = StationaryWell::new(bath, 2.0, clock).unwrap();
            let same = well.rescaled(Parameter::Temperature, 1.0).unwrap();
            for lag in [0.5, 5.0] {
                assert_relative_eq!(
                    well.mean_squared_displacement(lag).unwrap(),
                    same.mean_squared_displacement(lag).unwrap(),
                    max_relative = 1e-13
                );
            }
        }
        let continuous = StationaryWell::new(bath, 2.0, Clock::Continuous).unwrap();
        assert!(continuous.rescaled(Parameter::Step, 1.1).is_err());
    }

    /// Leimkuhler–Matthews steps of free diffusion keep their shared noise.
    #[test]
    fn free_diffusion_keeps_its_scheme() {
        let bath = Bath::new(0.1, 0.5, 20.0).unwrap();
        let clock = Clock::Steps { dt: 0.5 };
        for scheme in Scheme::ALL {
            let law = FreeBrownian::new(bath, clock).unwrap().integrated_by(scheme).unwrap();
            let colder = law.rescaled(Parameter::DatasetSize, 4.0).unwrap();
            assert_relative_eq!(
                colder.mean_squared_displacement(5.0).unwrap(),
                0.25 * law.mean_squared_displacement(5.0).unwrap(),
                max_relative = 1e-13
            );
        }
    }
}
