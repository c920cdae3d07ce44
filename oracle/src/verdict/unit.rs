//! A unit of weight in which squares neither overflow nor vanish.
//!
//! Tests that compare values with each other do not depend on their unit. A power of two changes no digit of any value, so
//! that p-values of values of any size are those of ordinary ones.

use super::error::VerdictError;
use crate::Displacement;
use std::borrow::Cow;

/// Values between this and its inverse are left as they are: their fourth powers, and sums of these, are ordinary numbers.
const ORDINARY: f64 = 1e-40;

/// The values in a unit in which the largest of them is ordinary, and that unit: a power of two, 1 where they are so already.
pub(crate) fn in_units(values: &[f64]) -> (Cow<'_, [f64]>, f64) {
    let unit = unit_of(largest(values));
    (in_this_unit(values, unit), unit)
}

/// The same with one unit for all replicas.
pub(crate) fn in_common_units<R: AsRef<[f64]>>(replicas: &[R]) -> (Vec<Cow<'_, [f64]>>, f64) {
    let unit = unit_of(replicas.iter().map(|one| largest(one.as_ref())).fold(0.0, f64::max));
    (replicas.iter().map(|one| in_this_unit(one.as_ref(), unit)).collect(), unit)
}

/// A law in a unit in which its mean squared displacement is ordinary, and that unit.
pub(crate) fn law_in_units(law: &Displacement) -> Result<(Displacement, f64), VerdictError> {
    let unit = unit_of(law.mean_squared_displacement().sqrt());
    if unit == 1.0 {
        return Ok((law.clone(), unit));
    }
    let parts = law.components().iter().map(|(fraction, part)| {
        Ok((*fraction, Displacement::gaussian(part.mean() / unit, part.variance() / unit / unit)?))
    });
    let parts = parts.collect::<Result<Vec<_>, VerdictError>>()?;
    if let [(_, single)] = parts.as_slice() {
        return Ok((single.clone(), unit));
    }
    Ok((Displacement::mixture(parts)?, unit))
}

/// Refuses values whose variance, which a test would report, is no ordinary number.
pub(crate) fn require_squares(check: &str, values: &[f64]) -> Result<(), VerdictError> {
    let largest = largest(values);
    if largest == 0.0 || (1e-140..=1e140).contains(&largest) {
        Ok(())
    } else {
        Err(squares_overflow(check.to_owned()))
    }
}

pub(crate) fn squares_overflow(check: String) -> VerdictError {
    let reason = "squares of the values over- or underflow a double; give the values in other units";
    VerdictError::UnsuitableSample { check, reason }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

fn unit_of(largest: f64) -> f64 {
    if largest == 0.0 || !largest.is_finite() || (ORDINARY..=1.0 / ORDINARY).contains(&largest) {
        return 1.0;
    }
    // The exponent alone; what is subnormal is divided by the smallest normal power.
    f64::from_bits(largest.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE)
}

/// The values in a given unit.
pub(crate) fn in_this_unit(values: &[f64], unit: f64) -> Cow<'_, [f64]> {
    if unit == 1.0 { Cow::Borrowed(values) } else { values.iter().map(|value| value / unit).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_values_are_not_copied_and_others_lose_no_digit() {
        let (same, unit) = in_units(&[0.1, -1e30]);
        assert!(matches!(same, Cow::Borrowed(_)) && unit == 1.0);
        for largest in [f64::MAX, 1.1e300, 3e-300, f64::MIN_POSITIVE, 5e-324] {
            let values = [largest, -0.3 * largest];
            let (scaled, unit) = in_units(&values);
            assert!((0.0..2.0).contains(&scaled[0]) && scaled[0] > 0.0, "{largest}: {scaled:?}");
            assert_eq!(scaled.iter().map(|one| one * unit).collect::<Vec<f64>>(), values);
        }
        let replicas = [vec![1.0, 2.0], vec![1e200]];
        let (scaled, unit) = in_common_units(&replicas);
        assert_eq!((scaled[1][0] * unit, scaled[0].len()), (1e200, 2));
    }
}
