//! How well curves of several temperatures collapse when each is rescaled by its own tau90 (paper Fig. 4a).
//!
//! Each curve is the mean over initial conditions; tau90 is that of the mean curve. On a grid of `θ = t/tau90`, spread evenly
//! in ln θ over the range that all curves cover, the spread is the root mean square over θ of the standard deviation over
//! temperatures. What the errors alone explain is the same spread of the deviations that resampling the initial conditions
//! makes, each resample rescaled by its own tau90, all temperatures resampled together: so pairing over temperatures, the
//! error of tau90, and the point θ = 1, where all curves agree by construction, are all in it. A ratio of 1 is a collapse
//! within errors.

use super::bootstrap::{Bootstrap, mean_of};
use super::relaxation_time::{TAU_90, crossing};
use super::{AnalysisError, require_count, require_curves, require_each, require_equal_lengths};
use libm::{exp, log};

/// What is compared between curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Q.
    Linear,
    /// ln Q: relative differences, the tail as much as the start.
    Logarithmic,
}

/// The quality of a collapse.
#[derive(Clone, Debug, PartialEq)]
pub struct Collapse {
    /// First `t/tau90` compared.
    pub from: f64,
    /// Last `t/tau90` compared.
    pub to: f64,
    /// Root mean square spread between temperatures.
    pub spread: f64,
    /// The spread that the errors of the curves alone make.
    pub expected: f64,
    /// `spread/expected`: 1 for a collapse within errors; infinite where there are no errors but a spread, and 0
    /// where there is no spread.
    pub ratio: f64,
    /// Share of resamples whose deviations spread at least as much: a small one says that errors do not explain the spread.
    pub p_value: f64,
    /// Root mean square deviation of all curves from the master curve.
    pub from_master: f64,
    /// tau90 of each temperature.
    pub tau90: Vec<f64>,
}

/// Least share of resamples in which all temperatures have a tau90.
const FEWEST_DEFINED: f64 = 0.95;

/// Points of the grid of θ.
const POINTS: usize = 100;

/// The collapse of `temperatures[temperature][initial_condition][time]`, with the same initial conditions at each
/// temperature, over the common range of `t/tau90` cut to `range`, and its distance from `master(t/tau90)`.
///
/// # Errors
/// [`AnalysisError`] for fewer than two temperatures or initial conditions, different numbers of them, bad curves, or a
/// range that does not ascend; [`AnalysisError::Undefined`] where a mean curve does not cross 0.9, the curves have no range in
/// common, the master curve is not finite, or (logarithms) something in the range is not above 0.
pub fn collapse(
    bootstrap: &Bootstrap,
    times: &[f64],
    temperatures: &[Vec<Vec<f64>>],
    range: Option<(f64, f64)>,
    spread: Spread,
    master: impl Fn(f64) -> f64,
) -> Result<Collapse, AnalysisError> {
    require_count("temperatures", temperatures.len(), 2)?;
    let count = temperatures[0].len();
    for curves in temperatures {
        require_curves(times, curves)?;
        require_equal_lengths(
            ("initial conditions of a temperature", curves.len()),
            ("those of the first", count),
        )?;
    }
    if let Some((from, to)) = range {
        require_each("range", &[from, to], |edge| edge > 0.0 && edge >= from, "above 0 and ascending")?;
    }
    let undefined = |reason| AnalysisError::Undefined { quantity: "a collapse", reason };
    let everyone: Vec<usize> = (0..count).collect();
    let means = |indices: &[usize]| -> Vec<Vec<f64>> {
        temperatures.iter().map(|curves| mean_of(curves, indices)).collect()
    };
    let whole_means = means(&everyone);
    let mut tau90 = Vec::with_capacity(temperatures.len());
    for mean in &whole_means {
        let time = crossing(times, mean, TAU_90)?.time();
        tau90.push(time.ok_or(undefined("the mean overlap of a temperature does not cross 0.9"))?);
    }
    let log_theta = grid(times, &tau90, range).ok_or(undefined("the curves have no range in common"))?;
    let read = |mean: &[f64], tau90: f64| -> Vec<Option<f64>> {
        log_theta.iter().map(|log_theta| value_at(times, mean, exp(*log_theta) * tau90, spread)).collect()
    };
    let whole: Option<Vec<Vec<f64>>> = whole_means
        .iter()
        .zip(&tau90)
        .map(|(mean, tau90)| read(mean, *tau90).into_iter().collect())
        .collect();
    let whole = whole.ok_or(undefined("an overlap in the range is not above 0"))?;
    let seen = mean_square_spread(&whole.iter().map(|curve| some(curve)).collect::<Vec<_>>())
        .ok_or(undefined("the curves have no range in common"))?;
    let correction = count as f64 / (count as f64 - 1.0);
    let by_errors: Vec<f64> = bootstrap
        .resamples(count)
        .filter_map(|indices| {
            let mut deviations = Vec::with_capacity(temperatures.len());
            for (mean, whole) in means(&indices).iter().zip(&whole) {
                let time = crossing(times, mean, TAU_90).ok()?.time()?;
                let values = read(mean, time);
                deviations
                    .push(values.iter().zip(whole).map(|(value, whole)| Some((*value)? - whole)).collect());
            }
            Some(correction * mean_square_spread(&deviations)?)
        })
        .collect();
    let resamples = by_errors.len() as f64;
    if resamples < FEWEST_DEFINED * bootstrap.resamples(count).count() as f64 {
        return Err(undefined("more than 5% of the resamples do not cross 0.9 at all temperatures"));
    }
    let expected = (by_errors.iter().sum::<f64>() / resamples).sqrt();
    let p_value = by_errors.iter().filter(|one| **one >= seen).count() as f64 / resamples;
    let mut squares = 0.0;
    for (point, log_theta) in log_theta.iter().enumerate() {
        let law = transformed(master(exp(*log_theta)), spread)
            .ok_or(undefined("the master curve is not finite, or not above 0, in the range"))?;
        squares += whole.iter().map(|curve| (curve[point] - law).powi(2)).sum::<f64>();
    }
    let spread = seen.sqrt();
    Ok(Collapse {
        from: exp(log_theta[0]),
        to: exp(log_theta[POINTS - 1]),
        spread,
        expected,
        // Two curves that agree exactly, without errors, collapse perfectly.
        ratio: if spread == 0.0 { 0.0 } else { spread / expected },
        p_value,
        from_master: (squares / (POINTS * temperatures.len()) as f64).sqrt(),
        tau90,
    })
}

fn some(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

/// ln θ from the latest first to the earliest last time above 0, both over tau90, cut to `range`.
fn grid(times: &[f64], tau90: &[f64], range: Option<(f64, f64)>) -> Option<Vec<f64>> {
    let first = *times.iter().find(|time| **time > 0.0)?;
    let last = *times.last()?;
    let (range_from, range_to) = range.unwrap_or((0.0, f64::INFINITY));
    let from = tau90.iter().map(|tau90| first / tau90).fold(range_from, f64::max);
    let to = tau90.iter().map(|tau90| last / tau90).fold(range_to, f64::min);
    let step = log(to / from) / (POINTS as f64 - 1.0);
    (from > 0.0 && step > 0.0).then(|| (0..POINTS).map(|i| log(from) + step * i as f64).collect())
}

fn transformed(overlap: f64, spread: Spread) -> Option<f64> {
    let value = match spread {
        Spread::Linear => overlap,
        Spread::Logarithmic if overlap > 0.0 => log(overlap),
        Spread::Logarithmic => f64::NAN,
    };
    value.is_finite().then_some(value)
}

/// The curve at `time`, linear in ln t; `None` outside its times or where it has no logarithm.
fn value_at(times: &[f64], overlaps: &[f64], time: f64, spread: Spread) -> Option<f64> {
    let slack = 1e-12;
    let after = times.partition_point(|saved| *saved <= time);
    let last = times.len() - 1;
    if after > last {
        return (time <= times[last] * (1.0 + slack)).then(|| transformed(overlaps[last], spread)).flatten();
    }
    if after == 0 || times[after - 1] <= 0.0 {
        return (time >= times[after] * (1.0 - slack))
            .then(|| transformed(overlaps[after], spread))
            .flatten();
    }
    let share = log(time / times[after - 1]) / log(times[after] / times[after - 1]);
    let (before, after) = (transformed(overlaps[after - 1], spread)?, transformed(overlaps[after], spread)?);
    Some((1.0 - share) * before + share * after)
}

/// Mean over points of the unbiased variance over curves; points that a curve does not have are left out, and `None` if there
/// are fewer than half of the points.
fn mean_square_spread(curves: &[Vec<Option<f64>>]) -> Option<f64> {
    let (mut sum, mut used) = (0.0, 0_usize);
    for point in 0..curves[0].len() {
        let Some(values) = curves.iter().map(|curve| curve[point]).collect::<Option<Vec<f64>>>() else {
            continue;
        };
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        sum += values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
        used += 1;
    }
    (2 * used >= curves[0].len()).then(|| sum / used as f64)
}

#[cfg(test)]
mod tests;
