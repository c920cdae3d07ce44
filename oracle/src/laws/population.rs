//! Several populations of weights, each with its own law (PHYSICS.md D.3).

use crate::{Clock, Displacement, DisplacementLaw, OracleError};

/// A mixture of laws: a fraction of the weights follows each.
///
/// ```
/// use glassbox_oracle::{Bath, Clock, DisplacementLaw, laws::{FreeBrownian, Population, StationaryWell}};
/// let bath = Bath::new(1e-3, 1e-4, 60_000.0)?;
/// let free = FreeBrownian::new(bath, Clock::Continuous)?;
/// let bound = StationaryWell::new(bath, 1.0, Clock::Continuous)?;
/// let both = Population::new(vec![(0.2, Box::new(free)), (0.8, Box::new(bound))])?;
/// // At long times only the bound weights still overlap.
/// let limit = both.overlap_limit(1e-3)?;
/// assert!((limit - 0.8).abs() < 1e-6);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
pub struct Population {
    parts: Vec<(f64, Box<dyn DisplacementLaw>)>,
    clock: Clock,
}

impl Population {
    /// A mixture of `(fraction, law)`; fractions add to 1 and all laws have one clock.
    ///
    /// # Errors
    /// [`OracleError`] for fractions that do not add to 1, an empty list, or laws of different clocks.
    pub fn new(parts: Vec<(f64, Box<dyn DisplacementLaw>)>) -> Result<Self, OracleError> {
        let quantity = "a population";
        let Some((_, first)) = parts.first() else {
            return Err(OracleError::Undefined { quantity, reason: "it has no members" });
        };
        let clock = first.clock();
        if parts.iter().any(|(_, law)| law.clock() != clock) {
            return Err(OracleError::Undefined { quantity, reason: "its laws have different clocks" });
        }
        let nowhere = Displacement::gaussian(0.0, 0.0)?;
        Displacement::mixture(parts.iter().map(|(fraction, _)| (*fraction, nowhere.clone())))?;
        Ok(Self { parts, clock })
    }
}

impl DisplacementLaw for Population {
    fn clock(&self) -> Clock {
        self.clock
    }

    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError> {
        let parts: Result<Vec<_>, _> =
            self.parts.iter().map(|(fraction, law)| Ok((*fraction, law.displacement(lag)?))).collect();
        Displacement::mixture(parts?)
    }

    fn displacement_limits(&self) -> Result<[Displacement; 2], OracleError> {
        let mut limits = [Vec::new(), Vec::new()];
        for (fraction, law) in &self.parts {
            for (limit, of_part) in limits.iter_mut().zip(law.displacement_limits()?) {
                limit.push((*fraction, of_part));
            }
        }
        let [even, odd] = limits;
        Ok([Displacement::mixture(even)?, Displacement::mixture(odd)?])
    }
}
