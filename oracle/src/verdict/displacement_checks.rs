//! Every check of independent displacements against the law of one lag.

use super::error::VerdictError;
use super::evidence::Evidence;
use super::{kolmogorov_smirnov, kurtosis, location, overlap, second_moment, tails};
use crate::laws::Parameter;
use crate::{Displacement, OracleError, ParameterisedLaw};

/// The checks of one lag: mean squared displacement, overlap, non-Gaussian parameter, whole distribution, tails, and the
/// mean where the law has one. Deviations are told in the user's parameters where the law can be changed.
///
/// ```
/// use glassbox_oracle::verdict::{Budget, DisplacementChecks, assert_consistent};
/// use glassbox_oracle::{Bath, Clock, laws::FreeBrownian};
///
/// # let simulated: Vec<f64> = (0..600_000_u64)
/// #     .map(|i| 0.2 * glassbox_oracle::special::gaussian_upper_quantile((i as f64 + 0.5) / 600_000.0)).collect();
/// // Displacements after 20 steps of mu = 0.1, T = 0.5, P_D = 50: variance 2 mu T t / P_D = 0.04.
/// let law = FreeBrownian::new(Bath::new(0.1, 0.5, 50.0)?, Clock::steps(1.0)?)?;
/// let checks = DisplacementChecks::of_law("my integrator, 20 steps", &law, 20.0, 42)?.with_half_width(0.15);
/// assert_consistent(&Budget::new(1e-6)?.judge(checks.check(&simulated)?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct DisplacementChecks<'a> {
    name: String,
    seed: u64,
    law: Displacement,
    half_width: Option<f64>,
    practical_tolerance: Option<f64>,
    varied: Option<(&'a dyn ParameterisedLaw, f64)>,
}

impl<'a> DisplacementChecks<'a> {
    /// Against one distribution; `name` is what the verdicts are called, `seed` that of the simulation.
    pub fn new(name: impl Into<String>, law: Displacement, seed: u64) -> Self {
        Self { name: name.into(), seed, law, half_width: None, practical_tolerance: None, varied: None }
    }

    /// Against a law at one lag, in units of time.
    ///
    /// # Errors
    /// [`OracleError`] for a lag outside the law's domain.
    pub fn of_law(
        name: impl Into<String>,
        law: &'a dyn ParameterisedLaw,
        lag: f64,
        seed: u64,
    ) -> Result<Self, OracleError> {
        Ok(Self { varied: Some((law, lag)), ..Self::new(name, law.displacement(lag)?, seed) })
    }

    /// Checks the overlap too, with this half width.
    #[must_use]
    pub fn with_half_width(self, half_width: f64) -> Self {
        Self { half_width: Some(half_width), ..self }
    }

    /// Another practical tolerance than the 2 % of each check.
    #[must_use]
    pub fn with_practical_tolerance(self, practical_tolerance: f64) -> Self {
        Self { practical_tolerance: Some(practical_tolerance), ..self }
    }

    /// Checks displacements that are independent of each other: of different weights or replicas.
    ///
    /// The non-Gaussian parameter is left out for mixtures and for fewer than 10,000 values.
    ///
    /// # Errors
    /// [`VerdictError`] for fewer than 30 values, a value that is not finite, or a law that a check cannot use.
    pub fn check(&self, displacements: &[f64]) -> Result<Vec<Evidence>, VerdictError> {
        let (law, seed) = (&self.law, self.seed);
        let name = |what: &str| format!("{}: {what}", self.name);
        let moves = law.mean() != 0.0;
        let moment = second_moment::check(name("mean squared displacement"), seed, displacements, law)?;
        let mut evidence = vec![self.in_parameters(moment, Displacement::mean_squared_displacement)];
        if let Some(half_width) = self.half_width {
            evidence.push(overlap::check(name("overlap"), seed, displacements, law, half_width)?);
        }
        if law.components().len() == 1 && displacements.len() >= kurtosis::FEWEST {
            let what = if moves { "non-Gaussian parameter about the mean" } else { "non-Gaussian parameter" };
            evidence.push(kurtosis::check(name(what), seed, displacements, law)?);
        }
        let what = name("Kolmogorov–Smirnov distance");
        evidence.push(kolmogorov_smirnov::check(what, seed, displacements, law)?);
        evidence.push(tails::check(name("tails"), seed, displacements, law)?);
        if moves {
            let mean = location::mean(name("mean displacement"), seed, displacements, law)?;
            evidence.push(self.in_parameters(mean, Displacement::mean));
        }
        Ok(match self.practical_tolerance {
            None => evidence,
            Some(tolerance) => {
                evidence.into_iter().map(|one| one.with_practical_tolerance(tolerance)).collect()
            }
        })
    }

    fn in_parameters(&self, evidence: Evidence, observable: fn(&Displacement) -> f64) -> Evidence {
        let Some((law, lag)) = self.varied else { return evidence };
        let evidence = match self.practical_tolerance {
            None => evidence,
            Some(tolerance) => evidence.with_practical_tolerance(tolerance),
        };
        evidence.in_parameters(&Parameter::ALL, |parameter, factor| {
            // As many steps as before take another time.
            let lag = if parameter == Parameter::Step { lag * factor } else { lag };
            Ok(observable(&law.rescaled(parameter, factor)?.displacement(lag)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::{FreeBrownian, QuadraticWell};
    use crate::numerics::special::gaussian_upper_quantile;
    use crate::verdict::{Budget, Outcome};
    use crate::{Bath, Clock, DisplacementLaw};

    /// Ideal displacements: the quantiles of a Gaussian.
    fn ideal(law: &Displacement, factor: f64, count: u32) -> Vec<f64> {
        let deviation = (factor * law.variance()).sqrt();
        (0..count)
            .map(|i| {
                law.mean() + deviation * gaussian_upper_quantile((f64::from(i) + 0.5) / f64::from(count))
            })
            .collect()
    }

    #[test]
    fn a_wrong_temperature_is_named_with_its_size() {
        let bath = Bath::new(0.1, 0.5, 50.0).unwrap();
        let law = FreeBrownian::new(bath, Clock::Steps { dt: 0.5 }).unwrap();
        let checks = DisplacementChecks::of_law("free", &law, 10.0, 3).unwrap().with_half_width(0.1);
        let displacements = ideal(&law.displacement(10.0).unwrap(), 1.05, 200_000);
        let verdicts = Budget::new(1e-6).unwrap().judge(checks.check(&displacements).unwrap());
        assert_eq!(verdicts.len(), 5);
        let moment = &verdicts[0];
        assert_eq!(moment.outcome, Outcome::Inconsistent);
        // 200,000 values: 5 % ± √(2/n), and over 1.05² the other way in the data set size.
        assert!(
            moment.reason.contains("temperature 5.0 % ± 0.3 % too high (2.0 % matters)"),
            "{}",
            moment.reason
        );
        assert!(moment.reason.contains("dataset_size 4.76 % ± 0.29 % too low"), "{}", moment.reason);
        let named: Vec<Parameter> = moment.parameter_deviations.iter().map(|one| one.parameter).collect();
        assert_eq!(
            named,
            [Parameter::Mobility, Parameter::Temperature, Parameter::DatasetSize, Parameter::Step]
        );
    }

    #[test]
    fn a_law_with_a_mean_is_checked_about_it() {
        let bath = Bath::new(0.1, 0.5, 50.0).unwrap();
        let law = QuadraticWell::new(bath, 1.0, Clock::Steps { dt: 1.0 }).unwrap().from_fixed(1.0).unwrap();
        let checks = DisplacementChecks::of_law("well", &law, 3.0, 3).unwrap().with_practical_tolerance(0.05);
        let displacements = ideal(&law.displacement(3.0).unwrap(), 1.0, 100_000);
        let verdicts = Budget::new(1e-6).unwrap().judge(checks.check(&displacements).unwrap());
        let names: Vec<&str> = verdicts.iter().map(|verdict| verdict.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "well: mean squared displacement",
                "well: non-Gaussian parameter about the mean",
                "well: Kolmogorov–Smirnov distance",
                "well: tails",
                "well: mean displacement"
            ]
        );
        assert!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::Consistent), "{verdicts:#?}");
        assert!(verdicts.iter().all(|verdict| (verdict.practical_tolerance - 0.05).abs() < 1e-15));
        // The mean of a well tells of the rate alone.
        let named: Vec<Parameter> =
            verdicts[4].parameter_deviations.iter().map(|one| one.parameter).collect();
        assert_eq!(named, [Parameter::Mobility, Parameter::Stiffness, Parameter::Step]);
    }
}
