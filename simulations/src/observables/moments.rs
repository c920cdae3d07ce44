//! Overlap, mean squared displacement and non-Gaussian parameter of a set of displacements.

/// `w − origin`, weight by weight.
#[must_use]
pub fn displacement(origin: &[f64], weights: &[f64]) -> Vec<f64> {
    weights.iter().zip(origin).map(|(weight, origin)| weight - origin).collect()
}

/// Fraction of `displacements` of magnitude at most `half_width` (paper Eq. 4 with Θ(0) = 0); NaN if there are none.
#[must_use]
pub fn overlap(displacements: &[f64], half_width: f64) -> f64 {
    let close = displacements.iter().filter(|displacement| displacement.abs() <= half_width).count();
    close as f64 / displacements.len() as f64
}

/// Mean square of `displacements` (paper Eq. 7); NaN if there are none.
#[must_use]
pub fn mean_squared_displacement(displacements: &[f64]) -> f64 {
    displacements.iter().map(|displacement| displacement * displacement).sum::<f64>()
        / displacements.len() as f64
}

/// `<dw⁴> / (3 <dw²>²) − 1` (paper Eq. 9); NaN if nothing moved.
#[must_use]
pub fn non_gaussian_parameter(displacements: &[f64]) -> f64 {
    let second = mean_squared_displacement(displacements);
    // Relative to the mean square, so that small displacements do not underflow.
    let fourth =
        displacements.iter().map(|displacement| (displacement * displacement / second).powi(2)).sum::<f64>()
            / displacements.len() as f64;
    fourth / 3.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let moved = displacement(&[1.0, 1.0, 1.0, 1.0], &[1.0, 2.0, -1.0, 1.5]);
        assert_eq!(moved, [0.0, 1.0, -2.0, 0.5]);
        assert_eq!(overlap(&moved, 1.0), 0.75);
        assert_eq!(mean_squared_displacement(&moved), 5.25 / 4.0);
        let expected = (17.0625 / 4.0) / (3.0 * (5.25_f64 / 4.0).powi(2)) - 1.0;
        approx::assert_relative_eq!(non_gaussian_parameter(&moved), expected, max_relative = 1e-14);
    }

    #[test]
    fn tiny_displacements_do_not_underflow() {
        approx::assert_relative_eq!(
            non_gaussian_parameter(&[1e-120, 0.0]),
            2.0 / 3.0 - 1.0,
            max_relative = 1e-14
        );
        assert!(non_gaussian_parameter(&[0.0]).is_nan() && overlap(&[], 1.0).is_nan());
    }
}
