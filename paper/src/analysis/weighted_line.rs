//! Weighted least squares of a straight line, and the slope of ln tau on ln T (PHYSICS.md B 17 to 19).

use super::bootstrap::{Bootstrap, Interval};
use super::{AnalysisError, require_count, require_each, require_equal_lengths};
use libm::log;

/// `y = intercept + slope · x` by least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Slope.
    pub slope: f64,
    /// Value at x = 0.
    pub intercept: f64,
    /// Standard error of the slope: from the given errors, or from the scatter about the line where none are given.
    /// Both take the points for independent. NaN for two points without errors.
    pub slope_error: f64,
    /// Sum of the squared deviations, each over its squared error (over 1 where none are given).
    pub chi_squared: f64,
    /// Number of points.
    pub points: usize,
}

/// Fits a line through `(x, y)`, each point with the weight `1/error²`.
///
/// # Errors
/// [`AnalysisError`] for fewer than two different `x`, numbers that are not finite, errors that are not above 0, or lists
/// of different lengths.
pub fn weighted_line(x: &[f64], y: &[f64], errors: Option<&[f64]>) -> Result<Line, AnalysisError> {
    require_equal_lengths(("x", x.len()), ("y", y.len()))?;
    require_each("x", x, |_| true, "finite")?;
    require_each("y", y, |_| true, "finite")?;
    require_errors(errors, x.len())?;
    line(x, y, |i| errors.map_or(1.0, |errors| errors[i].powi(-2)), errors.is_some()).ok_or(
        AnalysisError::Undefined { quantity: "the line", reason: "there are fewer than two different x" },
    )
}

/// Accepts no errors, or `length` of them above 0.
pub(super) fn require_errors(errors: Option<&[f64]>, length: usize) -> Result<(), AnalysisError> {
    let Some(errors) = errors else { return Ok(()) };
    require_equal_lengths(("errors", errors.len()), ("points", length))?;
    require_each("errors", errors, |error| error > 0.0, "finite and above 0")
}

/// The line through checked points with these weights (1/error² where `by_errors`); `None` for fewer than two different x
/// of weight above 0.
pub(super) fn line(x: &[f64], y: &[f64], weight: impl Fn(usize) -> f64, by_errors: bool) -> Option<Line> {
    let used: Vec<(f64, f64, f64)> =
        (0..x.len()).map(|i| (x[i], y[i], weight(i))).filter(|(_, _, weight)| *weight > 0.0).collect();
    // The mean of equal numbers may be an ulp off them: compare before the mean is taken.
    let first = used.first()?.0;
    if used.iter().all(|(x, _, _)| *x == first) {
        return None;
    }
    let total: f64 = used.iter().map(|(_, _, weight)| weight).sum();
    let x_mean = used.iter().map(|(x, _, weight)| weight * x).sum::<f64>() / total;
    let y_mean = used.iter().map(|(_, y, weight)| weight * y).sum::<f64>() / total;
    let spread: f64 = used.iter().map(|(x, _, weight)| weight * (x - x_mean).powi(2)).sum();
    let covariance: f64 = used.iter().map(|(x, y, weight)| weight * (x - x_mean) * (y - y_mean)).sum();
    let slope = covariance / spread;
    let chi_squared: f64 =
        used.iter().map(|(x, y, weight)| weight * (y - y_mean - slope * (x - x_mean)).powi(2)).sum();
    let points = used.len();
    let scatter = if by_errors { 1.0 } else { chi_squared / (points as f64 - 2.0) };
    let slope_error = (scatter / spread).sqrt();
    slope.is_finite().then_some(Line {
        slope,
        intercept: y_mean - slope * x_mean,
        slope_error,
        chi_squared,
        points,
    })
}

/// Slope of ln tau on ln T: relaxation times `taus[initial_condition][temperature]` pooled over initial conditions as in the
/// paper's fits, resampled by whole initial conditions.
///
/// A `tau` of `None` (unresolved, not reached) is left out, as in the paper; that biases the slope where one temperature loses
/// only its slow networks, so fit temperatures at which all have one. `None` for fewer than two temperatures with any.
///
/// # Errors
/// [`AnalysisError`] for temperatures or times that are not above 0, fewer than two initial conditions, or lists of
/// different lengths.
pub fn pooled_slope(
    bootstrap: &Bootstrap,
    temperatures: &[f64],
    taus: &[Vec<Option<f64>>],
) -> Result<Option<Interval>, AnalysisError> {
    require_count("initial conditions", taus.len(), 2)?;
    require_each("temperatures", temperatures, |temperature| temperature > 0.0, "finite and above 0")?;
    let mut points = Vec::with_capacity(taus.len());
    for of_one in taus {
        require_equal_lengths(("taus of one", of_one.len()), ("temperatures", temperatures.len()))?;
        let known: Vec<(f64, f64)> = temperatures
            .iter()
            .zip(of_one)
            .filter_map(|(temperature, tau)| tau.map(|tau| (*temperature, tau)))
            .collect();
        let times: Vec<f64> = known.iter().map(|(_, tau)| *tau).collect();
        require_each("taus of one", &times, |tau| tau > 0.0, "finite and above 0")?;
        points
            .push(known.iter().map(|(temperature, tau)| (log(*temperature), log(*tau))).collect::<Vec<_>>());
    }
    Ok(bootstrap.interval(taus.len(), |indices| {
        let (x, y): (Vec<f64>, Vec<f64>) =
            indices.iter().flat_map(|index| points[*index].iter().copied()).unzip();
        Some(line(&x, &y, |_| 1.0, false)?.slope)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use glassbox_oracle::glass::power_law::PowerLaw;
    use glassbox_simulations::noise::{NoiseStream, Purpose};
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        // Normal equations of (0,0), (1,1), (2,1) with weights 1, 1, 4: S = 6, Sx = 9, Sxx = 17, Sy = 5, Sxy = 9.
        let found = weighted_line(&[0.0, 1.0, 2.0], &[0.0, 1.0, 1.0], Some(&[1.0, 1.0, 0.5])).unwrap();
        assert_relative_eq!(found.slope, 9.0 / 21.0, max_relative = 1e-14);
        assert_relative_eq!(found.intercept, 4.0 / 21.0, max_relative = 1e-14);
        assert_relative_eq!(found.slope_error, (6.0_f64 / 21.0).sqrt(), max_relative = 1e-14);
        // (4² + 8² + 4 · 1²) / 21².
        assert_relative_eq!(found.chi_squared, 84.0 / 441.0, max_relative = 1e-14);
        // Unweighted: slope ½, residuals −1/6, 1/3, −1/6; scatter 1/6, Σ(x − x̄)² = 2.
        let plain = weighted_line(&[0.0, 1.0, 2.0], &[0.0, 1.0, 1.0], None).unwrap();
        assert_relative_eq!(plain.slope, 0.5, max_relative = 1e-14);
        assert_relative_eq!(plain.slope_error, (1.0_f64 / 12.0).sqrt(), max_relative = 1e-13);
    }

    #[test]
    fn bad_input_is_named() {
        let message = |x: &[f64], y: &[f64], errors: Option<&[f64]>| {
            weighted_line(x, y, errors).unwrap_err().to_string()
        };
        assert_eq!(message(&[1.0, f64::NAN], &[1.0, 1.0], None), "x[1] is NaN; it must be finite");
        let refused = message(&[1.0, 2.0], &[1.0, 1.0], Some(&[1.0, 0.0]));
        assert_eq!(refused, "errors[1] is 0; it must be finite and above 0");
        for x in [&[][..], &[1.0], &[0.3, 0.3, 0.3]] {
            assert!(message(x, &vec![1.0; x.len()], None).contains("fewer than two different x"));
        }
        message(&[1.0, 2.0], &[1.0], None);
    }

    proptest! {
        /// Equal weights are the oracle's least squares, in logarithms.
        #[test]
        fn agrees_with_the_oracle(values in prop::collection::vec(0.1_f64..10.0, 3..30), error in 0.01_f64..10.0) {
            let times: Vec<f64> = (0..values.len()).map(|i| 1.0 + i as f64).collect();
            let logs = |numbers: &[f64]| numbers.iter().map(|x| log(*x)).collect::<Vec<_>>();
            let errors = vec![error; values.len()];
            let found = weighted_line(&logs(&times), &logs(&values), Some(&errors)).unwrap();
            let oracle = PowerLaw::fit(&times, &values).unwrap();
            prop_assert!((found.slope - oracle.exponent).abs() < 1e-12);
            prop_assert!((found.intercept.exp() / oracle.amplitude - 1.0).abs() < 1e-11);
        }

        /// A straight line is found whatever the weights.
        #[test]
        fn finds_a_line(slope in -5.0_f64..5.0, errors in prop::collection::vec(0.1_f64..3.0, 4)) {
            let x = [0.0, 1.0, 3.0, 4.0];
            let y = x.map(|x| 2.0 + slope * x);
            let found = weighted_line(&x, &y, Some(&errors)).unwrap();
            prop_assert!((found.slope - slope).abs() < 1e-12 && found.chi_squared < 1e-20);
        }
    }

    /// χ² of 10 points about a fitted line has mean 8 and variance 16; over 2000 fits the mean of χ² and the standardised
    /// slope's variance (excess-free Gaussian: variance 2) stay within 6 standard errors with probability 1 − 4e-9.
    #[test]
    fn errors_are_those_of_the_scatter() {
        let stream = NoiseStream::new(5, Purpose::Initialisation, 0);
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        let errors: Vec<f64> = (0..10).map(|i| 0.1 + 0.05 * f64::from(i)).collect();
        let trials = 2000;
        let (mut chi_squared, mut pull) = (0.0, 0.0);
        let mut noise = [0.0; 10];
        for trial in 0..trials {
            stream.gaussians(trial, &mut noise);
            let y: Vec<f64> = (0..10).map(|i| 1.0 - 0.5 * x[i] + errors[i] * noise[i]).collect();
            let found = weighted_line(&x, &y, Some(&errors)).unwrap();
            chi_squared += found.chi_squared / trials as f64;
            pull += ((found.slope + 0.5) / found.slope_error).powi(2) / trials as f64;
        }
        assert!((chi_squared - 8.0).abs() < 6.0 * (16.0 / trials as f64).sqrt());
        assert!((pull - 1.0).abs() < 6.0 * (2.0 / trials as f64).sqrt());
    }

    #[test]
    fn pooled_slopes_by_hand() {
        let bootstrap = Bootstrap::new(200, 0.9, 1).unwrap();
        // tau = c/T for each, with its own c: the slope is −1 in every resample.
        let taus: Vec<Vec<Option<f64>>> =
            [1.0, 2.0, 5.0].iter().map(|c| vec![Some(*c), Some(c / 10.0), Some(c / 100.0)]).collect();
        let slope = pooled_slope(&bootstrap, &[0.01, 0.1, 1.0], &taus).unwrap().unwrap();
        for end in [slope.value, slope.low, slope.high] {
            assert_relative_eq!(end, -1.0, max_relative = 1e-12);
        }
        let single = vec![vec![Some(1.0), None], vec![Some(2.0), None]];
        assert_eq!(pooled_slope(&bootstrap, &[0.1, 1.0], &single).unwrap(), None);
        assert!(pooled_slope(&bootstrap, &[0.1, 1.0], &[vec![Some(-1.0), None], vec![None, None]]).is_err());
        assert!(pooled_slope(&bootstrap, &[0.0, 1.0], &single).is_err());
    }
}
