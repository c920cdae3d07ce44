//! Sums whose rounding error does not grow with the number of terms.

/// The sum of `values` by Neumaier's algorithm (Z. angew. Math. Mech. 54, 39 (1974)): an error of two ulps of the sum
/// and n² ε² of the magnitudes. Infinite terms give an infinite or undefined sum as in plain arithmetic.
pub(crate) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() { (total - next) + value } else { (value - next) + total };
        total = next;
    }
    if total.is_finite() { total + lost } else { total }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shares_add_to_one() {
        // Plain summation is off by 7e-12 and more for some of these.
        for count in [3, 1000, 34_522, 100_003, 1_000_003_u32] {
            let share = 1.0 / f64::from(count);
            assert!((sum((0..count).map(|_| share)) - 1.0).abs() < 3e-16);
        }
        assert_eq!(sum([1e16, 1.0, -1e16]), 1.0);
        assert_eq!(sum([1.0, f64::INFINITY]), f64::INFINITY);
        assert!(sum([f64::INFINITY, f64::NEG_INFINITY]).is_nan() && sum([f64::NAN]).is_nan());
    }
}
