//! Local exponent `d ln y / d ln t` of a curve, by a local straight line in logarithms.
//!
//! At each time the line is fitted to the points within half the window on either side, with the tricube weight of
//! Cleveland (J. Am. Stat. Assoc. 74, 829 (1979)) times the inverse squared error. The slope of a line through a curve
//! belongs to the middle of its points, not to its evaluation time: near an end of the curve the two differ, so each slope is
//! returned with the time it belongs to (the weighted mean of ln t), where it is right to second order.

use super::bootstrap::{Bootstrap, Interval, mean_of};
use super::weighted_line::{line, require_errors};
use super::{AnalysisError, require_curves, require_each, require_equal_lengths, require_times};
use libm::{exp, log};

/// A slope and where it belongs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalExponent {
    /// Weighted geometric mean of the times in the window.
    pub time: f64,
    /// `d ln y / d ln t`.
    pub exponent: f64,
    /// Points that it was fitted to.
    pub points: usize,
}

/// A local exponent with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalExponentInterval {
    /// Where it belongs.
    pub time: f64,
    /// `d ln y / d ln t` of the mean curve.
    pub exponent: Interval,
}

/// Fewest points in a window.
const FEWEST_POINTS: usize = 3;

/// The local exponent at each of the times, in windows of `decades` of time centred on it.
///
/// `None` at time 0, where fewer than three points of the window have a value above 0, or where a point of the window has
/// none (a curve that has reached 0 has no exponent). `errors` are of the values, not of their logarithms.
///
/// ```
/// use glassbox_paper::analysis::local_exponent::local_exponents;
/// let times: Vec<f64> = (1..50).map(f64::from).collect();
/// let values: Vec<f64> = times.iter().map(|time| 3.0 * time.powf(0.5)).collect();
/// let found = local_exponents(&times, &values, None, 0.5)?;
/// assert!((found[20].unwrap().exponent - 0.5).abs() < 1e-12);
/// # Ok::<(), glassbox_paper::analysis::AnalysisError>(())
/// ```
///
/// # Errors
/// [`AnalysisError`] for times that do not ascend, values that are not finite, errors that are not above 0, lists of
/// different lengths, or `decades` not above 0.
pub fn local_exponents(
    times: &[f64],
    values: &[f64],
    errors: Option<&[f64]>,
    decades: f64,
) -> Result<Vec<Option<LocalExponent>>, AnalysisError> {
    require_times(times)?;
    require_equal_lengths(("values", values.len()), ("times", times.len()))?;
    require_each("values", values, |_| true, "finite")?;
    require_errors(errors, times.len())?;
    require_decades(decades)?;
    Ok(exponents_of_checked(times, values, errors, decades))
}

fn require_decades(decades: f64) -> Result<(), AnalysisError> {
    require_each("decades", &[decades], |decades| decades > 0.0, "finite and above 0")
}

fn exponents_of_checked(
    times: &[f64],
    values: &[f64],
    errors: Option<&[f64]>,
    decades: f64,
) -> Vec<Option<LocalExponent>> {
    let half = 0.5 * decades * std::f64::consts::LN_10;
    let x: Vec<f64> = times.iter().map(|time| log(*time)).collect();
    let y: Vec<f64> = values.iter().map(|value| if *value > 0.0 { log(*value) } else { f64::NAN }).collect();
    (0..times.len())
        .map(|centre| {
            if times[centre] == 0.0 {
                return None;
            }
            // Tricube vanishes at the edge of the window; times ascend, so the window is a range.
            let first = x.partition_point(|other| *other <= x[centre] - half);
            let last = x.partition_point(|other| *other < x[centre] + half);
            let window = first..last;
            if window.len() < FEWEST_POINTS || y[window.clone()].iter().any(|y| y.is_nan()) {
                return None;
            }
            let weight = |i: usize| {
                let i = i + first;
                let distance = ((x[i] - x[centre]) / half).abs();
                let tricube = (1.0 - distance.powi(3)).max(0.0).powi(3);
                // The error of a logarithm is the relative error.
                tricube * errors.map_or(1.0, |errors| (values[i] / errors[i]).powi(2))
            };
            let found = line(&x[window.clone()], &y[window.clone()], weight, errors.is_some())?;
            if found.points < FEWEST_POINTS {
                return None;
            }
            let total: f64 = (0..window.len()).map(weight).sum();
            let middle = (0..window.len()).map(|i| weight(i) * x[i + first]).sum::<f64>() / total;
            Some(LocalExponent { time: exp(middle), exponent: found.slope, points: found.points })
        })
        .collect()
}

/// Local exponents of the mean curve over initial conditions, with intervals. Unweighted: the errors of neighbouring times
/// are nearly the same and strongly correlated.
///
/// # Errors
/// As [`local_exponents`]; fewer than two curves.
pub fn of_mean_curve(
    bootstrap: &Bootstrap,
    times: &[f64],
    curves: &[Vec<f64>],
    decades: f64,
) -> Result<Vec<Option<LocalExponentInterval>>, AnalysisError> {
    require_curves(times, curves)?;
    require_decades(decades)?;
    let of = |indices: &[usize]| exponents_of_checked(times, &mean_of(curves, indices), None, decades);
    // Without errors the middle of a window depends on the times only.
    let whole = of(&(0..curves.len()).collect::<Vec<_>>());
    let slopes =
        |indices: &[usize]| of(indices).iter().map(|one| one.map_or(f64::NAN, |one| one.exponent)).collect();
    let intervals = bootstrap.curve(curves.len(), times.len(), slopes);
    Ok(whole
        .iter()
        .zip(intervals)
        .map(|(one, interval)| Some(LocalExponentInterval { time: one.as_ref()?.time, exponent: interval? }))
        .collect())
}

/// The smallest local exponent of the mean curve at times from `from` to `to`, with its interval: near 0 where there is a
/// plateau (PHYSICS.md B 30).
///
/// The smallest of many noisy numbers lies below the smallest of the true ones; the interval is that of the resampled
/// smallest and shares the bias, so a plateau is shown by its upper end, and excluded by its lower one.
/// `None` if no time in the range has an exponent.
///
/// # Errors
/// As [`of_mean_curve`]; `from` or `to` not finite, or `to < from`.
pub fn smallest(
    bootstrap: &Bootstrap,
    times: &[f64],
    curves: &[Vec<f64>],
    decades: f64,
    (from, to): (f64, f64),
) -> Result<Option<Interval>, AnalysisError> {
    require_curves(times, curves)?;
    require_decades(decades)?;
    require_each("range", &[from, to], |edge| edge >= from, "finite and ascending")?;
    Ok(bootstrap.interval(curves.len(), |indices| {
        exponents_of_checked(times, &mean_of(curves, indices), None, decades)
            .iter()
            .flatten()
            .filter(|one| (from..=to).contains(&one.time))
            .map(|one| one.exponent)
            .min_by(f64::total_cmp)
    }))
}

#[cfg(test)]
mod tests;
