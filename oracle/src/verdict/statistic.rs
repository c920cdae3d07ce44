//! Statistics that are means over weights, so that replicas can be compared by them.

use super::error::VerdictError;
use crate::Displacement;
use crate::error::{require_finite, require_non_negative};

/// A statistic of the displacements of one replica: the mean of a function of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// Mean displacement.
    Mean,
    /// Mean squared displacement.
    MeanSquaredDisplacement,
    /// Mean square about `mean`, which the law gives: the variance.
    Variance {
        /// The law's mean.
        mean: f64,
    },
    /// Fraction displaced by at most `half_width`.
    Overlap {
        /// In units of the weights, at least 0.
        half_width: f64,
    },
}

impl Statistic {
    pub(crate) fn require_valid(self) -> Result<Self, VerdictError> {
        match self {
            Statistic::Variance { mean } => require_finite("mean", mean)?,
            Statistic::Overlap { half_width } => require_non_negative("half_width", half_width)?,
            Statistic::Mean | Statistic::MeanSquaredDisplacement => 0.0,
        };
        Ok(self)
    }

    /// What one displacement contributes.
    #[must_use]
    pub fn term(self, displacement: f64) -> f64 {
        match self {
            Statistic::Mean => displacement,
            Statistic::MeanSquaredDisplacement => displacement * displacement,
            Statistic::Variance { mean } => (displacement - mean) * (displacement - mean),
            Statistic::Overlap { half_width } => f64::from(u8::from(displacement.abs() <= half_width)),
        }
    }

    /// Its value under a law.
    #[must_use]
    pub fn predicted(self, law: &Displacement) -> f64 {
        match self {
            Statistic::Mean => law.mean(),
            Statistic::MeanSquaredDisplacement => law.mean_squared_displacement(),
            Statistic::Variance { mean } => law.variance() + (law.mean() - mean).powi(2),
            Statistic::Overlap { half_width } => law.overlap(half_width),
        }
    }

    /// Variance of what one displacement contributes, under a law.
    #[must_use]
    pub fn variance(self, law: &Displacement) -> f64 {
        let centre = match self {
            Statistic::Mean => return law.variance(),
            Statistic::Overlap { half_width } => {
                return law.overlap(half_width) * law.mobile_fraction(half_width);
            }
            Statistic::MeanSquaredDisplacement => 0.0,
            Statistic::Variance { mean } => mean,
        };
        let mean = self.predicted(law);
        law.components()
            .iter()
            .map(|(fraction, part)| {
                let (v, square) = (part.variance(), (part.mean() - centre).powi(2));
                fraction * (2.0 * v * v + 4.0 * square * v + (v + square - mean).powi(2))
            })
            .sum()
    }

    /// The same statistic of displacements in another unit.
    pub(crate) fn in_units(self, unit: f64) -> Self {
        match self {
            Statistic::Variance { mean } => Statistic::Variance { mean: mean / unit },
            Statistic::Overlap { half_width } => Statistic::Overlap { half_width: half_width / unit },
            Statistic::Mean | Statistic::MeanSquaredDisplacement => self,
        }
    }

    /// The statistic of displacements of 1, where displacements are in this unit.
    pub(crate) fn unit_of_values(self, unit: f64) -> f64 {
        match self {
            Statistic::Overlap { .. } => 1.0,
            Statistic::Mean => unit,
            Statistic::MeanSquaredDisplacement | Statistic::Variance { .. } => unit * unit,
        }
    }

    /// What differences are relative to: the value itself, or for the mean the spread of one displacement.
    pub(crate) fn scale(self, value: f64, variance: f64) -> f64 {
        if self == Statistic::Mean { variance.sqrt() } else { value }
    }

    pub(crate) fn effect_measure(self) -> &'static str {
        if self == Statistic::Mean { "standardised difference" } else { "relative difference" }
    }

    /// The mean over each replica, and the variance of single terms about the mean over all.
    pub(crate) fn of_replicas<R: AsRef<[f64]>>(self, replicas: &[R]) -> (Vec<f64>, f64) {
        let mean = |replica: &R| {
            let values = replica.as_ref();
            values.iter().map(|value| self.term(*value)).sum::<f64>() / values.len() as f64
        };
        let means: Vec<f64> = replicas.iter().map(mean).collect();
        let centre = means.iter().sum::<f64>() / means.len() as f64;
        let all = replicas.iter().flat_map(|replica| replica.as_ref());
        let (count, squares) = all.fold((0.0_f64, 0.0), |(count, squares), value| {
            (count + 1.0, squares + (self.term(*value) - centre).powi(2))
        });
        (means, squares / count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Second route: quadrature of every term against the density.
    #[test]
    fn values_and_variances_are_moments_of_the_law() {
        let part = |mean, variance| Displacement::gaussian(mean, variance).unwrap();
        let law = Displacement::mixture([(0.3, part(1.0, 4.0)), (0.7, part(-0.5, 0.3))]).unwrap();
        let statistics = [
            Statistic::Mean,
            Statistic::MeanSquaredDisplacement,
            Statistic::Variance { mean: law.mean() },
            Statistic::Overlap { half_width: 0.8 },
        ];
        for statistic in statistics {
            let average = |of: &dyn Fn(f64) -> f64| {
                (0..400_000)
                    .map(|i| -20.0 + (f64::from(i) + 0.5) * 1e-4)
                    .map(|x| of(x) * law.density(x))
                    .sum::<f64>()
                    * 1e-4
            };
            let mean = average(&|x| statistic.term(x));
            assert_relative_eq!(mean, statistic.predicted(&law), max_relative = 1e-6);
            let variance = average(&|x| (statistic.term(x) - mean).powi(2));
            assert_relative_eq!(variance, statistic.variance(&law), max_relative = 1e-6);
        }
    }
}
