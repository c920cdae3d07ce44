//! Non-Gaussian parameter of a Gaussian law.

use super::error::{VerdictError, require_sample};
use super::evidence::{Evidence, Sensitivity, gaussian_p_value};
use crate::Displacement;

/// Practical tolerance: a non-Gaussian parameter of 0.02.
const TOLERANCE: f64 = 0.02;

/// Fewest values for which the transformation was found good at p = 1e-4 (see the test of this file).
pub(crate) const FEWEST: usize = 10_000;

/// Tests the non-Gaussian parameter of the displacements about the law's mean, `<d⁴>/(3 <d²>²) − 1`, against 0.
///
/// For a law without mean this is the paper's alpha2. The p-value uses the transformation of Anscombe and Glynn
/// (Biometrika 70, 227 (1983)), which matches three moments of the kurtosis: approximate, not a bound.
///
/// # Errors
/// [`VerdictError`] for fewer than 10,000 values, a value that is not finite, or a law that is not one Gaussian with
/// spread.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    displacements: &[f64],
    law: &Displacement,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, displacements, FEWEST)?;
    let [(_, gaussian)] = law.components() else {
        return Err(VerdictError::UnsuitableLaw {
            check: name,
            reason: "the law is a mixture, not one Gaussian",
        });
    };
    if gaussian.variance() == 0.0 {
        return Err(VerdictError::UnsuitableLaw { check: name, reason: "the law has no spread" });
    }
    let count = displacements.len() as f64;
    let moment = |power| displacements.iter().map(|d| (d - gaussian.mean()).powi(power)).sum::<f64>() / count;
    let (second, fourth) = (moment(2), moment(4));
    let kurtosis = fourth / (second * second);
    let standard_error = (24.0 / count).sqrt() / 3.0;
    Ok(Evidence {
        name,
        observed: kurtosis / 3.0 - 1.0,
        predicted: 0.0,
        standard_error: Some(standard_error),
        p_value: Some(gaussian_p_value(anscombe_glynn(kurtosis, count))),
        effect_measure: "non-Gaussian parameter",
        effect: kurtosis / 3.0 - 1.0,
        practical_tolerance: TOLERANCE,
        sensitivity: Sensitivity::Gaussian { effect_per_standard_error: standard_error },
        sample_size: displacements.len() as u64,
        effective_sample_size: count,
        seed,
        failure: None,
        doubt: None,
        parameter_deviations: Vec::new(),
    })
}

/// Turns the sample kurtosis of `n` Gaussian numbers into a standard Gaussian one.
fn anscombe_glynn(kurtosis: f64, n: f64) -> f64 {
    let mean = 3.0 * (n - 1.0) / (n + 1.0);
    let variance = 24.0 * n * (n - 2.0) * (n - 3.0) / ((n + 1.0).powi(2) * (n + 3.0) * (n + 5.0));
    let skewness = 6.0 * (n * n - 5.0 * n + 2.0) / ((n + 7.0) * (n + 9.0))
        * (6.0 * (n + 3.0) * (n + 5.0) / (n * (n - 2.0) * (n - 3.0))).sqrt();
    let a = 6.0 + 8.0 / skewness * (2.0 / skewness + (1.0 + 4.0 / (skewness * skewness)).sqrt());
    let x = (kurtosis - mean) / variance.sqrt();
    let ratio = (1.0 - 2.0 / a) / (1.0 + x * (2.0 / (a - 4.0)).sqrt());
    ((1.0 - 2.0 / (9.0 * a)) - ratio.cbrt()) / (2.0 / (9.0 * a)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn transformation_is_the_identity_to_first_order() {
        let n = 1e8_f64;
        let z = 1.3;
        assert_relative_eq!(anscombe_glynn(3.0 + z * (24.0 / n).sqrt(), n), z, max_relative = 2e-3);
    }

    #[test]
    fn two_values_of_equal_weight_have_the_least_kurtosis() {
        let sample: Vec<f64> = (0..10_000).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let law = Displacement::gaussian(0.0, 1.0).unwrap();
        let evidence = check("signs", 0, &sample, &law).unwrap();
        assert_relative_eq!(evidence.observed, -2.0 / 3.0);
        assert!(evidence.p_value.unwrap() < 1e-100);
    }
}
