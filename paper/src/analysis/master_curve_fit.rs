//! Is a tail `t^−b` distinguishable from the tail of free diffusion (PHYSICS.md 0.3, C.7)?
//!
//! The mean overlap is read at a few points of `θ = t/tau90`, its tau90 its own, again in each resample: what is compared is
//! the master curve, and the error of tau90 is part of the errors. Three laws of ln Q stand against each other:
//! `erf(x90/√θ)` with nothing free, `erf(x90/√(θ/c))` with a free factor c of time, and `A θ^exponent`.
//!
//! * Every law is interpolated from the same times as the data (linear in ln Q and ln t), so that a coarse grid of times
//!   favours none.
//! * chi-squared is that of generalised least squares with the shrunk covariance of the jackknife over the n initial
//!   conditions. Of an estimated covariance the likelihood is a t distribution, `−2 ln L = n ln(1 + χ²/(n−1))` (Sellentin and
//!   Heavens, MNRAS 456, L132 (2016)), and the p-value Hotelling's, from F(d, n−d) with d points beyond the parameters.
//! * `AICc = −2 ln L + 2k + 2k(k+1)/(K−k−1)` for k parameters and K points (Hurvich and Tsai, Biometrika 76, 297 (1989)).
//! * The exponent is that of unweighted least squares on the points, as a reader of a log-log plot would draw it, with a
//!   bootstrap interval; the free law has its exponent in the same window.
//!
//! The rule. `PowerLaw`: AICc favours the power law by 6 or more (20 to 1) over the better free law, its p-value is at least
//! 0.01, and the interval of the exponent excludes the free exponent. `FreeTail`: AICc favours the better free law by 6 or
//! more, its p-value is at least 0.01, and the interval contains the free exponent. Else `No`; so also where there are not more
//! initial conditions than points and one, which have no covariance.
//!
//! What the rule says of simulated networks of 500 independent weights, six points from θ = 3 to 300, 100 ensembles each
//! (`table_of_statements` in the tests): after θ = 1 the law is the free one, or a power law with this exponent.
//!
//! | initial conditions | law | `No` | `PowerLaw` | `FreeTail` |
//! |---|---|---|---|---|
//! | 8 | free | 9 | 0 | 91 |
//! | 8 | −0.48 | 96 | 0 | 4 |
//! | 8 | −0.40 | 1 | 99 | 0 |
//! | 10 | free | 15 | 0 | 85 |
//! | 10 | −0.48 | 94 | 0 | 6 |
//! | 10 | −0.40 | 0 | 100 | 0 |
//! | 20 | free | 6 | 0 | 94 |
//! | 20 | −0.48 | 98 | 2 | 0 |
//! | 20 | −0.40 | 0 | 100 | 0 |
//! | 50 | free | 6 | 0 | 94 |
//! | 50 | −0.48 | 86 | 14 | 0 |
//! | 50 | −0.40 | 1 | 99 | 0 |
//!
//! So the free tail is recognised by its bend before θ = 10, a true −0.40 (and −0.30, 99 or 100 of 100) is told from it,
//! and a true −0.48 is not told from it by 20 networks.

mod covariance;
mod models;

pub use models::{ModelFit, Models};

use super::bootstrap::{Bootstrap, Interval, mean_of};
use super::relaxation_time::{TAU_90, crossing};
use super::weighted_line::line;
use super::{AnalysisError, require_count, require_curves, require_each};
use covariance::{Covariance, pseudo_values};
use libm::{exp, log};
use models::Laws;

/// Whether the data tell a power law from the free tail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distinguishable {
    /// They do not, or both fail.
    No,
    /// A power law, and not the free tail.
    PowerLaw,
    /// The free tail, and not a power law.
    FreeTail,
}

/// Points of `θ = t/tau90`, spread evenly in ln θ.
#[derive(Clone, Debug, PartialEq)]
pub struct TailWindow {
    log_theta: Vec<f64>,
}

/// Fewest points: AICc of two parameters needs more than three, and a fourth would cost 12.
const FEWEST_POINTS: usize = 5;

impl TailWindow {
    /// `points` (5 or more) from `from` to `to`, both included.
    ///
    /// More points than about half the initial conditions cost more in the covariance than they tell.
    ///
    /// # Errors
    /// [`AnalysisError`] unless `0 < from < to`, or for fewer points.
    pub fn new(from: f64, to: f64, points: usize) -> Result<Self, AnalysisError> {
        require_each("window", &[from, to], |edge| edge > 0.0 && edge >= from, "above 0 and ascending")?;
        require_count("points", points, FEWEST_POINTS)?;
        let step = log(to / from) / (points as f64 - 1.0);
        if step > 0.0 {
            Ok(Self { log_theta: (0..points).map(|i| log(from) + step * i as f64).collect() })
        } else {
            Err(AnalysisError::OutOfRange { argument: "to", value: to, allowed: "above from" })
        }
    }
}

/// What a tail says.
#[derive(Clone, Debug, PartialEq)]
pub struct TailComparison {
    /// tau90 of the mean curve.
    pub tau90: f64,
    /// How many initial conditions there are.
    pub initial_conditions: usize,
    /// Exponent of least squares, below 0 for a decay.
    pub exponent: Interval,
    /// Exponent of `erf(x90/√θ)` from the same points.
    pub free_exponent: f64,
    /// The exponent less the free one.
    pub exponent_difference: Interval,
    /// The three laws; `None` where the covariance has no inverse.
    pub models: Option<Models>,
    /// The statement, by the rule of this module.
    pub verdict: Distinguishable,
}

/// AICc by which one law must lead: an evidence ratio of `e³` = 20.
const LEAD: f64 = 6.0;

/// Smallest p-value of a law that describes the data.
const ACCEPTABLE: f64 = 0.01;

/// Compares the tail of the mean of `curves[initial_condition][time]` with the free law and a power law.
///
/// # Errors
/// [`AnalysisError`] for bad curves; [`AnalysisError::Undefined`] where the mean curve does not fall to 0.9, the window is not
/// covered by the times, or the overlap in it is not above 0, in the whole sample or in one of 20 resamples.
pub fn compare_tail(
    bootstrap: &Bootstrap,
    times: &[f64],
    curves: &[Vec<f64>],
    window: &TailWindow,
) -> Result<TailComparison, AnalysisError> {
    require_curves(times, curves)?;
    let count = curves.len();
    let everyone: Vec<usize> = (0..count).collect();
    let rescaled = |indices: &[usize]| Rescaled::new(times, &mean_of(curves, indices), window);
    let whole = rescaled(&everyone)?;
    let laws = Laws::new(times, &whole, window)?;
    let slope = |y: &[f64]| line(&window.log_theta, y, |_| 1.0, false).map_or(f64::NAN, |line| line.slope);
    let free_exponent = slope(&laws.free(0.0)?);
    let exponent = bootstrap
        .interval(count, |indices| Some(slope(&rescaled(indices).ok()?.log_overlaps)))
        .ok_or(AnalysisError::Undefined {
            quantity: "the exponent of the tail",
            reason: "more than 5% of the resamples do not cover the window; narrow it",
        })?;
    let shifted = |end: f64| end - free_exponent;
    let exponent_difference =
        Interval { value: shifted(exponent.value), low: shifted(exponent.low), high: shifted(exponent.high) };
    let without: Result<Vec<Vec<f64>>, AnalysisError> = everyone
        .iter()
        .map(|left_out| {
            let rest: Vec<usize> = everyone.iter().copied().filter(|index| index != left_out).collect();
            Ok(rescaled(&rest)?.log_overlaps)
        })
        .collect();
    // One initial condition that alone covers the window leaves no covariance.
    let covariance =
        without.ok().and_then(|without| Covariance::of_mean(&pseudo_values(&whole.log_overlaps, &without)));
    let models = match covariance {
        Some(covariance) => laws.fit(&whole.log_overlaps, &covariance, count)?,
        None => None,
    };
    let verdict = models.as_ref().map_or(Distinguishable::No, |models| decide(models, exponent_difference));
    Ok(TailComparison {
        tau90: whole.tau90,
        initial_conditions: count,
        exponent,
        free_exponent,
        exponent_difference,
        models,
        verdict,
    })
}

/// The rule of the module.
fn decide(models: &Models, exponent_difference: Interval) -> Distinguishable {
    let difference = models.aicc_difference();
    let same_exponent = exponent_difference.contains(0.0);
    if difference <= -LEAD && models.power_law.p_value >= ACCEPTABLE && !same_exponent {
        Distinguishable::PowerLaw
    } else if difference >= LEAD && models.better_free().p_value >= ACCEPTABLE && same_exponent {
        Distinguishable::FreeTail
    } else {
        Distinguishable::No
    }
}

/// A curve on the axis of its own tau90.
struct Rescaled {
    tau90: f64,
    /// For each point the time before it, and the share of the way (in ln t) to the time after it.
    places: Vec<(usize, f64)>,
    log_overlaps: Vec<f64>,
}

impl Rescaled {
    fn new(times: &[f64], overlaps: &[f64], window: &TailWindow) -> Result<Self, AnalysisError> {
        let undefined = |reason| AnalysisError::Undefined { quantity: "the rescaled tail", reason };
        let tau90 = crossing(times, overlaps, TAU_90)?
            .time()
            .ok_or(undefined("the overlap does not cross 0.9 within the times"))?;
        let mut places = Vec::with_capacity(window.log_theta.len());
        for log_theta in &window.log_theta {
            let time = exp(*log_theta) * tau90;
            let after = times.partition_point(|saved| *saved <= time);
            // The last point may be the last time, up to rounding.
            let after = if after == times.len() && time <= times[after - 1] * (1.0 + 1e-12) {
                after - 1
            } else {
                after
            };
            if after == 0 || after == times.len() || times[after - 1] <= 0.0 {
                return Err(undefined("the window is not covered by the times"));
            }
            let before = after - 1;
            places.push((before, log(time / times[before]) / log(times[after] / times[before])));
        }
        let mut log_overlaps = Vec::with_capacity(places.len());
        for place in &places {
            log_overlaps.push(interpolated(*place, |i| log(overlaps[i])));
        }
        if log_overlaps.iter().all(|value| value.is_finite()) {
            Ok(Self { tau90, places, log_overlaps })
        } else {
            Err(undefined("the overlap is not above 0 in the window"))
        }
    }
}

fn interpolated((before, share): (usize, f64), value: impl Fn(usize) -> f64) -> f64 {
    (1.0 - share) * value(before) + share * value(before + 1)
}

#[cfg(test)]
mod tests;
