//! Variance of the displacements about their mean: the noise, apart from the drift.

use super::error::{VerdictError, require_count, require_sample, require_spread};
use super::evidence::Evidence;
use super::second_moment;
use super::sensitivity::Sensitivity;
use super::unit::law_in_units;
use crate::Displacement;
use crate::numerics::tail_probability::Ratio;

/// Fewest values, as for the mean squared displacement.
const FEWEST: usize = 30;

/// Compares the variance of independent `displacements` with the law's.
///
/// For one Gaussian the variance is about the sample's mean, so that a wrong drift does not enter, and the p-value is
/// that of χ² (exact). For a mixture it is about the law's mean, whose sum of squares has a known cumulant generating
/// function ([`second_moment`]): a wrong drift then counts by its square.
///
/// # Errors
/// [`VerdictError`] for fewer than 30 values, a value that is not finite, or a law without spread.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    displacements: &[f64],
    law: &Displacement,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, displacements, FEWEST)?;
    require_spread(&name, law)?;
    let count = displacements.len() as f64;
    let (scaled, unit) = law_in_units(law)?;
    let predicted = scaled.variance();
    let single = law.components().len() == 1;
    let displacements: Vec<f64> = displacements.iter().map(|displacement| displacement / unit).collect();
    let centre = if single { displacements.iter().sum::<f64>() / count } else { scaled.mean() };
    let degrees_of_freedom = if single { count - 1.0 } else { count };
    let squares: f64 = displacements.iter().map(|displacement| (displacement - centre).powi(2)).sum();
    let observed = squares / degrees_of_freedom;
    let p_value = if single {
        Ratio { first: degrees_of_freedom, second: f64::INFINITY }.two_sided_p_value(observed / predicted)
    } else {
        second_moment::two_sided_p_value(&centred(&scaled)?, observed, count)
    };
    let standard_error = predicted * relative_variance(&scaled)?.sqrt() / degrees_of_freedom.sqrt();
    Ok(Evidence {
        observed: observed * unit * unit,
        predicted: law.variance(),
        standard_error: Some(standard_error * unit * unit),
        p_value: Some(p_value),
        effect_measure: "relative difference",
        effect: observed / predicted - 1.0,
        ..Evidence::of_sample(name, seed, displacements.len(), sensitivity(&scaled, count)?)
    })
}

/// The smallest relative difference of the variance that [`check`] finds in 99 of 100 samples of this size.
///
/// # Errors
/// [`VerdictError`] for a sample or a law that [`check`] refuses, or a probability outside (0, 1).
pub fn detectable(
    law: &Displacement,
    sample_size: usize,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    require_spread("variance", law)?;
    sensitivity(law, require_count("variance", sample_size, FEWEST)?)?.found(false_alarm_probability)
}

/// Number of independent displacements with which [`check`] finds a relative difference `effect` of the variance in 99
/// of 100 runs, at this false-alarm probability.
///
/// # Errors
/// [`VerdictError`] unless the effect is above 0 and the probability in (0, 1), or for a law without spread.
pub fn samples_needed(
    law: &Displacement,
    effect: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    require_spread("variance", law)?;
    let relative = relative_variance(law)?;
    let at = |count| with_relative_variance(relative, count);
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, FEWEST as f64)
}

fn sensitivity(law: &Displacement, count: f64) -> Result<Sensitivity, VerdictError> {
    Ok(with_relative_variance(relative_variance(law)?, count))
}

/// As for the mean squared displacement, by as many Gaussian values as give the same spread.
fn with_relative_variance(relative: f64, count: f64) -> Sensitivity {
    Sensitivity::VarianceRatio { first: 2.0 * (count - 1.0) / relative, second: f64::INFINITY }
}

/// The variance of one squared deviation, relative to the square of its mean: 2 for one Gaussian.
fn relative_variance(law: &Displacement) -> Result<f64, VerdictError> {
    let law = centred(&law_in_units(law)?.0)?;
    let fourth: f64 = law
        .components()
        .iter()
        .map(|(fraction, part)| {
            let (v, square) = (part.variance(), part.mean() * part.mean());
            fraction * (3.0 * v * v + 6.0 * v * square + square * square)
        })
        .sum();
    Ok(fourth / law.variance().powi(2) - 1.0)
}

/// The law about its mean.
pub(crate) fn centred(law: &Displacement) -> Result<Displacement, VerdictError> {
    let mean = law.mean();
    let parts = law.components().iter().map(|(fraction, part)| {
        Ok((*fraction, Displacement::gaussian(part.mean() - mean, part.variance())?))
    });
    Ok(Displacement::mixture(parts.collect::<Result<Vec<_>, VerdictError>>()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    fn mixture() -> Displacement {
        let part = |mean, variance| Displacement::gaussian(mean, variance).unwrap();
        Displacement::mixture([(0.3, part(1.0, 4.0)), (0.7, part(-0.5, 0.3))]).unwrap()
    }

    #[test]
    fn a_known_sample_has_its_chi_squared() {
        let sample: Vec<f64> = (0..40).map(|i| 5.0 + f64::from(i % 4)).collect();
        let evidence = check("x", 0, &sample, &Displacement::gaussian(0.0, 2.0).unwrap()).unwrap();
        assert_relative_eq!(evidence.observed, 50.0 / 39.0, max_relative = 1e-14);
        let expected = 2.0 * crate::numerics::tail_probability::chi_squared_lower_tail(25.0, 39.0);
        assert_relative_eq!(evidence.p_value.unwrap(), expected, max_relative = 1e-10);
    }

    #[test]
    fn three_verbs_agree() {
        for law in [Displacement::gaussian(2.0, 3.0).unwrap(), mixture()] {
            let needed = samples_needed(&law, 0.03, 1e-6).unwrap();
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "about 1e5")]
            let found = detectable(&law, needed as usize, 1e-6).unwrap();
            assert!(found <= 0.03 && found > 0.0299, "{found}");
        }
        // Second route: sampling error of the fourth moment, (μ₄/μ₂² − 1)/n.
        assert_relative_eq!(relative_variance(&Displacement::gaussian(2.0, 3.0).unwrap()).unwrap(), 2.0);
    }

    proptest! {
        /// A shift changes nothing, a change of units nothing but the units.
        #[test]
        fn units_and_origin_do_not_matter(shift in -50.0..50.0_f64, ln_unit in -20.0..20.0_f64) {
            let unit = ln_unit.exp();
            let sample: Vec<f64> = (0..50).map(|i| f64::from(i * i % 17)).collect();
            let moved: Vec<f64> = sample.iter().map(|x| unit * (x + shift)).collect();
            let p_value = |sample: &[f64], law| check("x", 0, sample, &law).unwrap().p_value.unwrap();
            let (here, there) = (Displacement::gaussian(1.0, 20.0), Displacement::gaussian(0.0, 20.0 * unit * unit));
            let (a, b) = (p_value(&sample, here.unwrap()), p_value(&moved, there.unwrap()));
            prop_assert!((a / b - 1.0).abs() < 1e-6, "{} {}", a, b);
        }
    }

    /// 2,000 runs at a nominal 1 %. Either assertion fails on one correct seed in a million.
    #[test]
    fn size() {
        for law in [Displacement::gaussian(2.0, 3.0).unwrap(), mixture()] {
            trials::assert_size(2000, 0.01, 21, |noise| {
                let sample = trials::sample(noise, &law, 100);
                check("size", 21, &sample, &law).unwrap().p_value.unwrap()
            });
        }
    }
}
