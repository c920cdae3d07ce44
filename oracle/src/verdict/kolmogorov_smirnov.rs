//! Kolmogorov–Smirnov: the largest distance between measured and predicted cumulative distribution.

use super::error::{VerdictError, require_sample};
use super::evidence::{Evidence, Sensitivity};
use crate::Displacement;

/// Practical tolerance: a distance of 2 % in probability.
const TOLERANCE: f64 = 0.02;

/// Compares the distribution of independent `displacements` with the law's.
///
/// The p-value is the bound `2 exp(−2 n D²)` of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (Ann. Probab.
/// 18, 1269 (1990)): valid for every n, and tight in the tail that a budget asks for.
///
/// # Errors
/// [`VerdictError`] for an empty sample, a value that is not finite, or a law with certain displacements.
pub fn check(
    name: impl Into<String>,
    seed: u64,
    displacements: &[f64],
    law: &Displacement,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    require_sample(&name, displacements, 1)?;
    if law.components().iter().any(|(fraction, part)| *fraction > 0.0 && part.variance() == 0.0) {
        return Err(VerdictError::UnsuitableLaw { check: name, reason: "the law has certain displacements" });
    }
    let distance = distance(displacements, law);
    let count = displacements.len() as f64;
    Ok(Evidence {
        name,
        observed: distance,
        predicted: 0.0,
        standard_error: None,
        p_value: Some((2.0 * (-2.0 * count * distance * distance).exp()).min(1.0)),
        effect_measure: "distance in probability",
        effect: distance,
        practical_tolerance: TOLERANCE,
        sensitivity: Sensitivity::Supremum { sample_size: count },
        sample_size: displacements.len() as u64,
        effective_sample_size: count,
        seed,
        failure: None,
        doubt: None,
        parameter_deviations: Vec::new(),
    })
}

/// `sup |F_n − F|` over both sides of every step of the measured distribution.
#[must_use]
pub fn distance(displacements: &[f64], law: &Displacement) -> f64 {
    let mut sorted = displacements.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len() as f64;
    sorted
        .iter()
        .enumerate()
        .map(|(rank, position)| {
            let predicted = law.cumulative(*position);
            (predicted - rank as f64 / count).max((rank + 1) as f64 / count - predicted)
        })
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn distance_of_a_single_value() {
        let law = Displacement::gaussian(0.0, 1.0).unwrap();
        assert_relative_eq!(distance(&[0.0], &law), 0.5);
        assert_relative_eq!(distance(&[1e9], &law), 1.0);
    }

    #[test]
    fn ideal_quantiles_are_half_a_step_away() {
        let law = Displacement::gaussian(1.0, 4.0).unwrap();
        let quantile =
            |i: u32| 1.0 - 2.0 * crate::special::gaussian_upper_quantile((f64::from(i) + 0.5) / 1000.0);
        let sample: Vec<f64> = (0..1000).map(quantile).collect();
        assert_relative_eq!(distance(&sample, &law), 0.5e-3, max_relative = 1e-9);
    }
}
