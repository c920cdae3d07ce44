//! What several figures share: families of curves over temperature, relaxation times over temperature.

use crate::Null;
use crate::analysis::relaxation_time::{Crossing, TAU_90, crossing, first_frame};
use crate::analysis::{self, Interval};
use crate::results::{Curves, ResultError, Results, Run};
use glassbox_reports::figures::plate::{Mark, Measurement, PlateAxis, Tone};
use glassbox_reports::scorecard::Measured;
use glassbox_simulations::protocol::Convention;

/// The time axis of all figures.
pub(super) fn time_axis() -> PlateAxis {
    PlateAxis::logarithmic("lag t (paper steps)")
}

/// A logarithmic axis that holds all of `values`, with room at both ends.
pub(super) fn spanning(label: &str, values: impl Iterator<Item = f64> + Clone) -> PlateAxis {
    let positive = values.filter(|value| *value > 0.0 && value.is_finite());
    let (low, high) = (positive.clone().fold(f64::INFINITY, f64::min), positive.fold(0.0, f64::max));
    let axis = PlateAxis::logarithmic(label);
    if low < high { axis.within(low / 1.5, high * 1.5) } else { axis }
}

/// The overlap axis.
pub(super) fn overlap_axis() -> PlateAxis {
    PlateAxis::linear("overlap Q").within(0.0, 1.02)
}

/// The temperature axis.
pub(super) fn temperature_axis() -> PlateAxis {
    PlateAxis::logarithmic("temperature T")
}

/// Mean curve with its interval.
pub(super) fn mean_marks(
    results: &Results<'_>,
    curves: &Curves,
    label: &str,
    tone: Tone,
) -> Result<[Mark; 2], ResultError> {
    let mean = results.bootstrap.mean_curve(&curves.curves)?;
    let band = curves.times.iter().zip(&mean).map(|(time, q)| (*time, q.low, q.high)).collect();
    let line = curves.times.iter().zip(&mean).map(|(time, q)| (*time, q.value)).collect();
    Ok([Mark::band(label, band, tone), Mark::line(label, line, tone)])
}

/// A number with its interval as the scorecard takes it.
pub(super) fn measured(results: &Results<'_>, interval: Interval, unit: &str) -> Measured {
    Measured {
        value: interval.value,
        low: interval.low,
        high: interval.high,
        confidence: results.bootstrap.confidence(),
        unit: unit.to_owned(),
    }
}

/// A point with its interval.
pub(super) fn point(x: f64, interval: Interval) -> Measurement {
    Measurement::new(x, interval.value, interval.low, interval.high)
}

/// Each network's time to fall to `level`, in steps of the paper and by the convention's rule; `None` where it has none.
pub(super) fn relaxation_times(
    results: &Results<'_>,
    curves: &Curves,
    level: f64,
) -> Result<Vec<Option<f64>>, ResultError> {
    let mut times = Vec::with_capacity(curves.curves.len());
    for curve in &curves.curves {
        times.push(match results.convention {
            Convention::Strict => match crossing(&curves.times, curve, level)? {
                Crossing::At(time) => Some(time),
                Crossing::NotReached | Crossing::BeforeFirst => None,
            },
            Convention::PaperCompatible => {
                let (frames, overlaps) = with_origin(&curves.times, curve);
                first_frame(&frames, &overlaps, level)?.time()
            }
        });
    }
    Ok(times)
}

/// Before any time has passed all weights overlap.
fn with_origin(times: &[f64], curve: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let from = |first: f64, rest: &[f64]| std::iter::once(first).chain(rest.iter().copied()).collect();
    (from(0.0, times), from(1.0, curve))
}

/// Whether an interval lies in `low..=high`; `None` where it lies partly in it.
pub(super) fn lies_within(interval: &Interval, low: f64, high: f64) -> Option<bool> {
    if interval.low >= low && interval.high <= high {
        Some(true)
    } else if interval.high < low || interval.low > high {
        Some(false)
    } else {
        None
    }
}

/// Geometric mean over networks, with its interval; `None` where one network has no value.
pub(super) fn geometric_mean(results: &Results<'_>, values: &[Option<f64>]) -> Option<Interval> {
    let logarithms: Vec<f64> = values.iter().map(|value| value.map(libm::log)).collect::<Option<_>>()?;
    results.bootstrap.interval(logarithms.len(), |chosen| {
        Some(libm::exp(chosen.iter().map(|index| logarithms[*index]).sum::<f64>() / chosen.len() as f64))
    })
}

/// Relaxation times at one waiting time and level: `times[temperature][network]`, in steps of the paper.
pub(super) struct Relaxation {
    pub(super) temperatures: Vec<f64>,
    pub(super) times: Vec<Vec<Option<f64>>>,
}

impl Relaxation {
    /// Measured with windows `scale` times the usual ones.
    pub(super) fn measure(
        results: &Results<'_>,
        run: &Run,
        waiting_time: u64,
        scale: f64,
        level: f64,
    ) -> Result<Self, ResultError> {
        let times = (0..run.temperatures.len())
            .map(|index| relaxation_times(results, &run.overlap(index, waiting_time, scale), level))
            .collect::<Result<_, _>>()?;
        Ok(Self { temperatures: run.temperatures.clone(), times })
    }

    /// Points of the figure: temperatures above 0 at which every network has a time.
    pub(super) fn points(&self, results: &Results<'_>) -> Vec<Measurement> {
        self.rows()
            .filter(|(temperature, _)| *temperature > 0.0)
            .filter_map(|(temperature, times)| Some(point(temperature, geometric_mean(results, times)?)))
            .collect()
    }

    /// The mean at one temperature.
    pub(super) fn at(&self, results: &Results<'_>, temperature: f64) -> Option<Interval> {
        self.rows().find(|(one, _)| *one == temperature).and_then(|(_, times)| geometric_mean(results, times))
    }

    fn rows(&self) -> impl Iterator<Item = (f64, &Vec<Option<f64>>)> {
        self.temperatures.iter().copied().zip(&self.times)
    }

    /// The exponent of tau on T between two temperatures (both included), pooled over networks; `None` with fewer than two.
    pub(super) fn slope(
        &self,
        results: &Results<'_>,
        from: f64,
        to: f64,
    ) -> Result<Option<Interval>, ResultError> {
        let kept: Vec<(f64, &Vec<Option<f64>>)> = self
            .rows()
            .filter(|(temperature, times)| {
                *temperature > 0.0 && (from..=to).contains(temperature) && times.iter().all(Option::is_some)
            })
            .collect();
        if kept.len() < 2 {
            return Ok(None);
        }
        let temperatures: Vec<f64> = kept.iter().map(|(temperature, _)| *temperature).collect();
        let networks = kept[0].1.len();
        let taus: Vec<Vec<Option<f64>>> =
            (0..networks).map(|network| kept.iter().map(|(_, times)| times[network]).collect()).collect();
        Ok(analysis::weighted_line::pooled_slope(&results.bootstrap, &temperatures, &taus)?)
    }

    /// The temperatures of [`slope`](Self::slope).
    pub(super) fn fitted(&self, from: f64, to: f64) -> Vec<f64> {
        self.rows()
            .filter(|(temperature, times)| {
                *temperature > 0.0 && (from..=to).contains(temperature) && times.iter().all(Option::is_some)
            })
            .map(|(temperature, _)| temperature)
            .collect()
    }
}

/// The null's relaxation time at each temperature above 0, in steps of the paper; those that exist.
pub(super) fn null_relaxation_times(
    run: &Run,
    waiting_time: u64,
    half_width: f64,
    level: f64,
    temperatures: &[f64],
) -> Result<Vec<(f64, f64)>, ResultError> {
    let mut points = Vec::new();
    for temperature in temperatures.iter().filter(|temperature| **temperature > 0.0) {
        let null = Null::idle(&run.phase, *temperature, waiting_time)?;
        if let Some(time) = null.relaxation_time(half_width, level)? {
            points.push((*temperature, time * run.paper_steps()));
        }
    }
    Ok(points)
}

/// The same for weights that start with the networks' own spread about the bottom of the well; nothing without regularisation,
/// where a weight that feels no data does not care where it starts.
pub(super) fn broad_null_relaxation_times(
    run: &Run,
    waiting_time: u64,
    half_width: f64,
    temperatures: &[f64],
) -> Result<Vec<Option<f64>>, ResultError> {
    if run.phase.regularisation == 0.0 {
        return Ok(vec![None; temperatures.len()]);
    }
    let spread = run.starting_spread();
    temperatures
        .iter()
        .map(|temperature| {
            let null = Null::from_spread(&run.phase, *temperature, waiting_time, spread)?;
            Ok(null.relaxation_time(half_width, TAU_90)?.map(|time| time * run.paper_steps()))
        })
        .collect()
}

/// Where free diffusion would meet a plateau of this relaxation time (paper steps): T*, the kink.
pub(super) fn kink_temperature(run: &Run, half_width: f64, plateau: f64) -> f64 {
    // tau = FREE_TIME eps² P_D / (mu T).
    let phase = &run.phase;
    FREE_TIME * half_width * half_width * phase.reference_samples / phase.mobility * run.paper_steps()
        / plateau
}

/// `tau90 = eps² / (4 x90² D)` (PHYSICS.md D.1).
const FREE_TIME: f64 = 0.184_805_754_734;

/// Temperatures that are this much above T* are on the noise branch, as much below on the plateau.
pub(super) const AWAY_FROM_KINK: f64 = 5.0;

/// The lowest temperature of the noise branch: 5 T*, or 0 where networks do not relax at T = 0.
pub(super) fn noise_branch(
    results: &Results<'_>,
    run: &Run,
    relaxation: &Relaxation,
    half_width: f64,
) -> f64 {
    relaxation
        .at(results, 0.0)
        .map_or(0.0, |plateau| AWAY_FROM_KINK * kink_temperature(run, half_width, plateau.value))
}

/// Least-squares slope of ln y on ln x; `None` for fewer than two points.
pub(super) fn log_slope(points: &[(f64, f64)]) -> Option<f64> {
    let x: Vec<f64> = points.iter().map(|point| libm::log(point.0)).collect();
    let y: Vec<f64> = points.iter().map(|point| libm::log(point.1)).collect();
    if points.len() < 2 {
        return None;
    }
    let (mean_x, mean_y) = (x.iter().sum::<f64>() / x.len() as f64, y.iter().sum::<f64>() / y.len() as f64);
    let covariance: f64 = x.iter().zip(&y).map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = x.iter().map(|x| (x - mean_x) * (x - mean_x)).sum();
    Some(covariance / variance)
}

/// `count` temperatures over the decades from `low` to `high`, for a null's smooth curve.
pub(super) fn decades(low: f64, high: f64, count: u32) -> Vec<f64> {
    let (from, to) = (libm::log10(low), libm::log10(high));
    (0..count)
        .map(|index| 10.0_f64.powf(from + (to - from) * f64::from(index) / f64::from(count - 1)))
        .collect()
}

/// A temperature as it stands in titles: 10⁻⁶, or 3e-6 where it is no power of ten.
pub(super) fn power_of_ten(value: f64) -> String {
    let exponent = libm::log10(value).round();
    if libm::fabs(value / 10.0_f64.powf(exponent) - 1.0) > 1e-9 {
        return format!("{value:e}");
    }
    let raised = |letter: char| match letter {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
    };
    format!("10{}", format!("{exponent}").chars().map(raised).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperatures_in_titles() {
        assert_eq!(
            ["10⁻⁶", "10⁰", "10⁻¹²", "3e-4"].map(str::to_owned),
            [1e-6, 1.0, 1e-12, 3e-4].map(power_of_ten)
        );
    }

    #[test]
    fn slopes_and_grids_by_hand() {
        assert_eq!(log_slope(&[(1.0, 2.0)]), None);
        assert!((log_slope(&[(1.0, 8.0), (2.0, 2.0), (4.0, 0.5)]).unwrap() + 2.0).abs() < 1e-12);
        let grid = decades(1e-3, 1e-1, 3);
        assert!((grid[1] - 1e-2).abs() < 1e-15 && grid.len() == 3);
    }
}
