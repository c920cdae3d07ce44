//! Power-law fits over all windows of a range, beside the same fits to free diffusion (PHYSICS.md C.7).
//!
//! A least-squares exponent is a mean of local exponents over its window, so a bending curve has as many exponents as
//! windows. A scan shows all of them; the free law `erf(x90/√(t/tau90))`, fitted at the same times with the same weights, shows
//! what of their spread is bending that diffusion has too. The law of a densely filled window is
//! [`glassbox_oracle::glass::power_law::FitWindow`].

use super::weighted_line::{line, require_errors};
use super::{AnalysisError, require_count, require_each, require_equal_lengths, require_times};
use glassbox_oracle::glass::master_curve::MasterCurve;
use libm::{exp, log, log10};

/// `value = amplitude · time^exponent` over a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLawFit {
    /// First time of the fit.
    pub from: f64,
    /// Last time of the fit.
    pub to: f64,
    /// Times fitted.
    pub points: usize,
    /// The exponent.
    pub exponent: f64,
    /// Its standard error if the points were independent. Points of one curve are not: use a bootstrap for an interval.
    pub exponent_error: f64,
    /// Value at time 1.
    pub amplitude: f64,
    /// Sum of squared deviations over squared errors, in ln value; `None` without errors.
    pub chi_squared: Option<f64>,
}

impl PowerLawFit {
    /// Width of the window in decades of time.
    #[must_use]
    pub fn decades(&self) -> f64 {
        log10(self.to / self.from)
    }

    /// chi-squared over the points less 2; `None` without errors.
    #[must_use]
    pub fn reduced_chi_squared(&self) -> Option<f64> {
        self.chi_squared.map(|chi_squared| chi_squared / (self.points as f64 - 2.0))
    }
}

/// Least squares of ln value against ln time, with the weights `(value/error)²` where errors are given.
///
/// # Errors
/// [`AnalysisError`] for fewer than 3 points, times or values that are not above 0, times that do not ascend, errors that are
/// not above 0, or lists of different lengths.
pub fn fit(times: &[f64], values: &[f64], errors: Option<&[f64]>) -> Result<PowerLawFit, AnalysisError> {
    require_count("points", times.len(), FEWEST_POINTS)?;
    Logarithms::new(times, values, errors)?
        .fit(0, times.len() - 1)
        .ok_or(AnalysisError::Undefined { quantity: "the power law", reason: "its logarithms are too large" })
}

/// Fewest points of a fit: two are always on a line.
const FEWEST_POINTS: usize = 3;

/// All windows inside a range that are at least some decades wide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowScan {
    from: f64,
    to: f64,
    least_decades: f64,
}

/// Most times that windows begin or end at: about 3000 windows.
const MOST_EDGES: usize = 80;

impl WindowScan {
    /// Windows inside `[from, to]` of `least_decades` or more.
    ///
    /// # Errors
    /// [`AnalysisError::OutOfRange`] unless `0 < from < to` and the range holds one window.
    pub fn new(from: f64, to: f64, least_decades: f64) -> Result<Self, AnalysisError> {
        let require = |argument, value: f64, holds, allowed| {
            let error = AnalysisError::OutOfRange { argument, value, allowed };
            if value.is_finite() && holds { Ok(()) } else { Err(error) }
        };
        require("from", from, from > 0.0, "finite and above 0")?;
        require("to", to, to > from, "finite and above from")?;
        let fits = least_decades > 0.0 && least_decades <= log10(to / from);
        require("least_decades", least_decades, fits, "above 0 and no wider than the range")?;
        Ok(Self { from, to, least_decades })
    }

    /// Fits every window, from each time of the range to each later one.
    ///
    /// Of more than 80 times in the range, 80 spread evenly in ln t begin and end windows; all times inside are fitted.
    ///
    /// # Errors
    /// As [`fit`], for the times of the range; [`AnalysisError::Undefined`] where no window holds three.
    pub fn run(&self, times: &[f64], values: &[f64], errors: Option<&[f64]>) -> Result<Scan, AnalysisError> {
        let (times, values, errors) = self.cut(times, values, errors)?;
        self.scan(times, &Logarithms::new(times, values, errors)?)
    }

    /// The free law `erf(x90/√(t/tau90))` at the same times, with the same relative errors, in the same windows.
    ///
    /// # Errors
    /// As [`run`](Self::run); `tau90` not above 0, or times so long after it that the law underflows.
    pub fn free(
        &self,
        times: &[f64],
        values: &[f64],
        errors: Option<&[f64]>,
        tau90: f64,
    ) -> Result<Scan, AnalysisError> {
        let (times, values, errors) = self.cut(times, values, errors)?;
        let mut logarithms = Logarithms::new(times, values, errors)?;
        for (y, time) in logarithms.y.iter_mut().zip(times) {
            *y = log(free_overlap(*time, tau90)?);
        }
        self.scan(times, &logarithms)
    }

    /// What lies in the range.
    #[allow(clippy::type_complexity, reason = "three slices, as they came")]
    fn cut<'a>(
        &self,
        times: &'a [f64],
        values: &'a [f64],
        errors: Option<&'a [f64]>,
    ) -> Result<(&'a [f64], &'a [f64], Option<&'a [f64]>), AnalysisError> {
        require_times(times)?;
        require_equal_lengths(("values", values.len()), ("times", times.len()))?;
        require_each("values", values, |_| true, "finite")?;
        if let Some(errors) = errors {
            require_equal_lengths(("errors", errors.len()), ("times", times.len()))?;
        }
        // A time that was computed may miss an edge by rounding.
        let slack = 1e-12;
        let first = times.partition_point(|time| *time < self.from * (1.0 - slack));
        let last = times.partition_point(|time| *time <= self.to * (1.0 + slack));
        Ok((&times[first..last], &values[first..last], errors.map(|errors| &errors[first..last])))
    }

    fn scan(&self, times: &[f64], logarithms: &Logarithms) -> Result<Scan, AnalysisError> {
        let edges = edges(&logarithms.x);
        let wide = |first: usize, last: usize| {
            log10(times[last] / times[first]) >= self.least_decades * (1.0 - 1e-9)
        };
        let mut fits = Vec::new();
        for (place, first) in edges.iter().enumerate() {
            for last in &edges[place + 1..] {
                if wide(*first, *last) && last - first + 1 >= FEWEST_POINTS {
                    fits.extend(logarithms.fit(*first, *last));
                }
            }
        }
        if fits.is_empty() {
            return Err(AnalysisError::Undefined {
                quantity: "a scan of windows",
                reason: "no window of the range holds three times",
            });
        }
        Ok(Scan { fits })
    }
}

/// `erf(x90 / √(t/tau90))`.
pub(super) fn free_overlap(time: f64, tau90: f64) -> Result<f64, AnalysisError> {
    let law = MasterCurve::FreeDiffusion;
    require_each("tau90", &[tau90], |tau90| tau90 > 0.0, "finite and above 0")?;
    Ok(law.value(time / tau90 * law.relaxation_time(super::relaxation_time::TAU_90)?)?)
}

/// Indices of at most 80 points, spread evenly in x, the first and the last included.
fn edges(x: &[f64]) -> Vec<usize> {
    if x.len() <= MOST_EDGES {
        return (0..x.len()).collect();
    }
    let (first, last) = (x[0], x[x.len() - 1]);
    let mut edges: Vec<usize> = (0..MOST_EDGES)
        .map(|i| first + (last - first) * i as f64 / (MOST_EDGES as f64 - 1.0))
        .map(|position| x.partition_point(|x| *x < position).min(x.len() - 1))
        .collect();
    edges.dedup();
    edges
}

/// A curve in logarithms with its weights.
struct Logarithms {
    x: Vec<f64>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
}

impl Logarithms {
    fn new(times: &[f64], values: &[f64], errors: Option<&[f64]>) -> Result<Self, AnalysisError> {
        require_times(times)?;
        require_equal_lengths(("values", values.len()), ("times", times.len()))?;
        let allowed = "finite and above 0";
        require_each("times", times, |time| time > 0.0, allowed)?;
        require_each("values", values, |value| value > 0.0, allowed)?;
        require_errors(errors, times.len())?;
        let logs = |numbers: &[f64]| numbers.iter().map(|number| log(*number)).collect();
        // The error of a logarithm is the relative error.
        let weights = errors
            .map(|errors| values.iter().zip(errors).map(|(value, error)| (value / error).powi(2)).collect());
        Ok(Self { x: logs(times), y: logs(values), weights })
    }

    fn fit(&self, first: usize, last: usize) -> Option<PowerLawFit> {
        let weight = |i: usize| self.weights.as_ref().map_or(1.0, |weights| weights[first + i]);
        let window = first..=last;
        let line = line(&self.x[window.clone()], &self.y[window], weight, self.weights.is_some())?;
        Some(PowerLawFit {
            from: exp(self.x[first]),
            to: exp(self.x[last]),
            points: line.points,
            exponent: line.slope,
            exponent_error: line.slope_error,
            amplitude: exp(line.intercept),
            chi_squared: self.weights.as_ref().map(|_| line.chi_squared),
        })
    }
}

/// The fits of all windows, by their first and then their last time. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Scan {
    /// One fit for each window.
    pub fits: Vec<PowerLawFit>,
}

impl Scan {
    /// The lowest exponent of any window.
    #[must_use]
    pub fn lowest(&self) -> f64 {
        self.fits.iter().map(|fit| fit.exponent).fold(f64::INFINITY, f64::min)
    }

    /// The highest exponent of any window.
    #[must_use]
    pub fn highest(&self) -> f64 {
        self.fits.iter().map(|fit| fit.exponent).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The median exponent over windows (the lower of two); NaN only where `fits` was emptied.
    #[must_use]
    pub fn median(&self) -> f64 {
        let mut exponents: Vec<f64> = self.fits.iter().map(|fit| fit.exponent).collect();
        exponents.sort_by(f64::total_cmp);
        exponents.get(exponents.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
    }

    /// The widest window whose reduced chi-squared is at most `largest`; of equally wide ones the best.
    ///
    /// Errors of one curve's points are correlated, which lowers chi-squared about a fit: an acceptable window may still
    /// bend. `None` without errors or if no window is acceptable.
    #[must_use]
    pub fn widest_acceptable(&self, largest: f64) -> Option<&PowerLawFit> {
        let reduced = |fit: &PowerLawFit| fit.reduced_chi_squared().unwrap_or(f64::INFINITY);
        self.fits
            .iter()
            .filter(|fit| reduced(fit) <= largest)
            .max_by(|a, b| a.decades().total_cmp(&b.decades()).then(reduced(b).total_cmp(&reduced(a))))
    }
}

#[cfg(test)]
mod tests;
