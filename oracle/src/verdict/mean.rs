//! Mean displacement.

use super::error::{VerdictError, require_count, require_sample, require_spread};
use super::evidence::Evidence;
use super::sensitivity::Sensitivity;
use super::unit::in_units;
use crate::Displacement;
use crate::numerics::tail_probability::gaussian_p_value;
use crate::numerics::tail_probability::{Tilted, saddle_point_p_value};

/// Compares the mean of independent `displacements` with the law's.
///
/// The p-value is exact for one Gaussian; for a mixture it comes from the saddle point of
/// `n ln Σ p exp(m s + v s²/2)`, with a relative error of order 1/n however far the tail.
///
/// # Errors
/// [`VerdictError`] for an empty sample, a value that is not finite, or a law without spread.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    displacements: &[f64],
    law: &Displacement,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, displacements, 1)?;
    let spread = require_spread(&name, law)?;
    let count = displacements.len() as f64;
    let (in_units, unit) = in_units(displacements);
    let (observed, predicted) = (in_units.iter().sum::<f64>() / count * unit, law.mean());
    let standard_error = spread / count.sqrt();
    Ok(Evidence {
        observed,
        predicted,
        standard_error: Some(standard_error),
        p_value: Some(p_value(law, observed, count)),
        effect_measure: "standardised difference",
        effect: (observed - predicted) / spread,
        ..Evidence::of_sample(name, seed, displacements.len(), sensitivity(count))
    })
}

/// The smallest difference of the mean, in standard deviations of the law, that [`check`] finds in 99 of 100 samples of
/// this size. It is the same for all laws.
///
/// # Errors
/// [`VerdictError`] for an empty sample or a probability outside (0, 1).
pub fn detectable(sample_size: usize, false_alarm_probability: f64) -> Result<f64, VerdictError> {
    sensitivity(require_count("mean", sample_size, 1)?).found(false_alarm_probability)
}

/// Number of independent displacements with which [`check`] finds a difference of the mean of `effect` standard
/// deviations of the law in 99 of 100 runs, at this false-alarm probability.
///
/// # Errors
/// [`VerdictError`] unless the effect is above 0 and the probability in (0, 1).
pub fn samples_needed(effect: f64, false_alarm_probability: f64) -> Result<f64, VerdictError> {
    Sensitivity::smallest_sample(sensitivity, effect, false_alarm_probability, 1.0)
}

fn sensitivity(count: f64) -> Sensitivity {
    Sensitivity::Gaussian { effect_per_standard_error: 1.0 / count.sqrt() }
}

fn p_value(law: &Displacement, observed: f64, count: f64) -> f64 {
    let (mean, spread) = (law.mean(), law.variance().sqrt());
    let standardised = (observed - mean) / spread;
    let present: Vec<_> = law.components().iter().filter(|(fraction, _)| *fraction > 0.0).collect();
    if present.len() == 1 {
        return gaussian_p_value(standardised * count.sqrt());
    }
    let tilted = |s: f64| {
        let parts = present.iter().map(|(fraction, part)| {
            let (m, v) = ((part.mean() - mean) / spread, part.variance() / spread / spread);
            Tilted { value: fraction.ln() + (m + 0.5 * v * s) * s, mean: m + v * s, variance: v }
        });
        Tilted::mixture(&parts.collect::<Vec<_>>())
    };
    let mut reach = 1.0;
    while tilted(reach).mean < standardised || tilted(-reach).mean > standardised {
        reach *= 2.0;
        // Farther than the law can reach: only certain displacements bound the mean.
        if reach > 1e150 {
            return 0.0;
        }
    }
    saddle_point_p_value(tilted, (-reach, reach), standardised, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use approx::assert_relative_eq;

    fn law() -> Displacement {
        let part = |mean, variance| Displacement::gaussian(mean, variance).unwrap();
        Displacement::mixture([(0.1, part(3.0, 4.0)), (0.9, part(-0.5, 0.3))]).unwrap()
    }

    /// Second route for a mixture: the exact sum over how many of the n displacements come from either part.
    #[test]
    fn far_tails_of_a_mixture() {
        let (law, n) = (law(), 40.0_f64);
        let exact = |observed: f64| {
            let mut weight = 0.9_f64.powf(n);
            let mut sum = 0.0;
            for k in 0..=40 {
                let k = f64::from(k);
                let (mean, variance) = (3.0 * k - 0.5 * (n - k), 4.0 * k + 0.3 * (n - k));
                sum += weight * 0.5 * libm::erfc((n * observed - mean) / (2.0 * variance).sqrt());
                weight *= (n - k) / (k + 1.0) / 9.0;
            }
            2.0 * sum
        };
        for z in [2.0, 4.0, 6.0, 8.0] {
            let observed = law.mean() + z * (law.variance() / n).sqrt();
            assert_relative_eq!(p_value(&law, observed, n), exact(observed), max_relative = 0.01);
        }
        // The Gaussian limit would be wrong there by far.
        assert!(exact(law.mean() + 6.0 * (law.variance() / n).sqrt()) > 1e3 * gaussian_p_value(6.0));
    }

    #[test]
    fn three_verbs() {
        let needed = samples_needed(0.02, 2e-8).unwrap();
        assert_relative_eq!(needed, ((5.612 + 2.326) / 0.02_f64).powi(2), max_relative = 1e-3);
        assert_relative_eq!(detectable(157_531, 2e-8).unwrap(), 0.02, max_relative = 1e-3);
        assert!(detectable(0, 0.1).is_err() && detectable(5, 0.0).is_err());
        let frozen = Displacement::gaussian(1.0, 0.0).unwrap();
        assert!(check("frozen", 0, &[1.0], &frozen).is_err());
    }

    /// 2,000 runs at a nominal 1 %. The assertion fails on one correct seed in a million.
    #[test]
    fn size() {
        let law = law();
        trials::assert_size(2000, 0.01, 20, |noise| {
            let sample = trials::sample(noise, &law, 100);
            check("size", 20, &sample, &law).unwrap().p_value.unwrap()
        });
    }
}
