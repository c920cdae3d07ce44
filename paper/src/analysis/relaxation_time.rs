//! When an overlap has fallen to a level: interpolated, and by the rule of the paper's scripts (PHYSICS.md A, C.11).
//!
//! The paper takes the first saved frame below the level. That time is late by half a save interval on average, which
//! flattens the high-temperature end of tau90 against T; interpolation in ln t is not.

use super::bootstrap::{Bootstrap, Interval, mean_of};
use super::{
    AnalysisError, require_count, require_curves, require_each, require_equal_lengths, require_times,
};
use libm::{exp, log};

/// Level of tau90.
pub const TAU_90: f64 = 0.9;

/// Level of tau_e, 1/e.
pub const TAU_E: f64 = 1.0 / std::f64::consts::E;

/// Where a curve first falls to a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Crossing {
    /// At this time.
    At(f64),
    /// Not up to the last time.
    NotReached,
    /// Before the first time above 0: the curve is below the level there.
    BeforeFirst,
}

impl Crossing {
    /// The time, if the data contain it.
    #[must_use]
    pub const fn time(self) -> Option<f64> {
        match self {
            Self::At(time) => Some(time),
            Self::NotReached | Self::BeforeFirst => None,
        }
    }

    /// The time, with +∞ for later than the data and 0 for earlier: the order of a bootstrap then stays right.
    #[must_use]
    pub const fn or_limit(self) -> f64 {
        match self {
            Self::At(time) => time,
            Self::NotReached => f64::INFINITY,
            Self::BeforeFirst => 0.0,
        }
    }
}

/// First time at which `overlaps` have fallen to `level`, linear in ln t between two times.
///
/// A frame at time 0 has no place on that axis and is skipped. A later rise above the level is not looked at.
///
/// ```
/// use glassbox_paper::analysis::relaxation_time::{Crossing, TAU_90, crossing};
/// let found = crossing(&[0.0, 1.0, 100.0], &[1.0, 0.95, 0.85], TAU_90)?;
/// assert!(matches!(found, Crossing::At(time) if (time - 10.0).abs() < 1e-12));
/// # Ok::<(), glassbox_paper::analysis::AnalysisError>(())
/// ```
///
/// # Errors
/// [`AnalysisError`] for no time above 0, times that do not ascend, numbers that are not finite, or lists of different
/// lengths.
pub fn crossing(times: &[f64], overlaps: &[f64], level: f64) -> Result<Crossing, AnalysisError> {
    require_curve(times, overlaps, level)?;
    let skipped = usize::from(times.first() == Some(&0.0));
    require_count("times above 0", times.len() - skipped, 1)?;
    Ok(crossing_of_checked(&times[skipped..], &overlaps[skipped..], level))
}

fn crossing_of_checked(times: &[f64], overlaps: &[f64], level: f64) -> Crossing {
    match overlaps.iter().position(|overlap| *overlap <= level) {
        None => Crossing::NotReached,
        Some(0) if overlaps[0] == level => Crossing::At(times[0]),
        Some(0) => Crossing::BeforeFirst,
        Some(after) => {
            let before = after - 1;
            let share = (overlaps[before] - level) / (overlaps[before] - overlaps[after]);
            // At the very frame no rounding.
            let time = if share >= 1.0 {
                times[after]
            } else {
                times[before] * exp(share * log(times[after] / times[before]))
            };
            Crossing::At(time)
        }
    }
}

/// What the paper's scripts take for a relaxation time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FirstFrame {
    /// The time of the first saved frame below the level.
    At(f64),
    /// No frame is below the level.
    NotReached,
    /// It is the first or the second frame: the save interval is too long.
    Unresolved,
    /// It comes before time 4, which the scripts drop.
    TooShort(f64),
}

/// Times below this are dropped by the paper's scripts.
const SHORTEST: f64 = 4.0;

impl FirstFrame {
    /// The time, if the scripts keep it.
    #[must_use]
    pub const fn time(self) -> Option<f64> {
        match self {
            Self::At(time) => Some(time),
            Self::NotReached | Self::Unresolved | Self::TooShort(_) => None,
        }
    }
}

/// Time of the first frame whose overlap is below `level` times the overlap of frame 0; nothing is interpolated.
///
/// # Errors
/// As [`crossing`]; no frames at all.
pub fn first_frame(times: &[f64], overlaps: &[f64], level: f64) -> Result<FirstFrame, AnalysisError> {
    require_curve(times, overlaps, level)?;
    require_count("frames", times.len(), 1)?;
    let threshold = level * overlaps[0];
    Ok(match overlaps.iter().position(|overlap| *overlap < threshold) {
        None => FirstFrame::NotReached,
        Some(0 | 1) => FirstFrame::Unresolved,
        Some(frame) if times[frame] < SHORTEST => FirstFrame::TooShort(times[frame]),
        Some(frame) => FirstFrame::At(times[frame]),
    })
}

/// Relaxation time of the mean curve over initial conditions, with its interval.
///
/// The upper end is +∞ where resamples do not reach the level, the lower end 0 where they start below it. `None` if the
/// mean curve itself has no relaxation time.
///
/// # Errors
/// As [`crossing`]; fewer than two curves.
pub fn of_mean_curve(
    bootstrap: &Bootstrap,
    times: &[f64],
    curves: &[Vec<f64>],
    level: f64,
) -> Result<Option<Interval>, AnalysisError> {
    require_curves(times, curves)?;
    if crossing(times, &mean_of(curves, &(0..curves.len()).collect::<Vec<_>>()), level)?.time().is_none() {
        return Ok(None);
    }
    let time = |indices: &[usize]| Some(crossing(times, &mean_of(curves, indices), level).ok()?.or_limit());
    Ok(bootstrap.interval(curves.len(), time))
}

/// Geometric mean of the relaxation times of the initial conditions, with its interval.
///
/// `None` if one of them has none: leaving it out would bias the mean.
///
/// # Errors
/// As [`crossing`]; fewer than two curves.
pub fn geometric_mean(
    bootstrap: &Bootstrap,
    times: &[f64],
    curves: &[Vec<f64>],
    level: f64,
) -> Result<Option<Interval>, AnalysisError> {
    require_curves(times, curves)?;
    let mut logarithms = Vec::with_capacity(curves.len());
    for curve in curves {
        match crossing(times, curve, level)? {
            Crossing::At(time) => logarithms.push(log(time)),
            Crossing::NotReached | Crossing::BeforeFirst => return Ok(None),
        }
    }
    let mean = |indices: &[usize]| {
        Some(exp(indices.iter().map(|index| logarithms[*index]).sum::<f64>() / indices.len() as f64))
    };
    Ok(bootstrap.interval(curves.len(), mean))
}

fn require_curve(times: &[f64], overlaps: &[f64], level: f64) -> Result<(), AnalysisError> {
    require_times(times)?;
    require_equal_lengths(("overlaps", overlaps.len()), ("times", times.len()))?;
    require_each("overlaps", overlaps, |_| true, "finite")?;
    if level > 0.0 && level < 1.0 {
        Ok(())
    } else {
        Err(AnalysisError::OutOfRange { argument: "level", value: level, allowed: "above 0 and below 1" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    #[test]
    fn by_hand() {
        let times = [1.0, 10.0, 100.0, 1000.0];
        // Half way between 0.8 and 0.6: √(10 · 100).
        let Crossing::At(time) = crossing(&times, &[0.95, 0.8, 0.6, 0.9], 0.7).unwrap() else { panic!() };
        assert_relative_eq!(time, 1000.0_f64.sqrt(), max_relative = 1e-14);
        let at = |overlaps: [f64; 4]| crossing(&times, &overlaps, 0.9).unwrap();
        assert_eq!(at([1.0, 0.95, 0.9, 0.3]), Crossing::At(100.0));
        assert_eq!(at([0.9, 0.95, 0.9, 0.3]), Crossing::At(1.0));
        assert_eq!(at([0.8, 0.95, 0.9, 0.3]), Crossing::BeforeFirst);
        assert_eq!(at([1.0, 0.95, 0.91, 0.901]), Crossing::NotReached);
        assert_eq!((Crossing::NotReached.or_limit(), Crossing::BeforeFirst.or_limit()), (f64::INFINITY, 0.0));
        // With a frame at 0.
        assert_eq!(crossing(&[0.0, 2.0], &[1.0, 0.5], 0.9).unwrap(), Crossing::BeforeFirst);
    }

    #[test]
    fn the_rule_of_the_paper_by_hand() {
        let times = [0.0, 1.0, 2.0, 4.0, 10.0];
        let at = |overlaps: [f64; 5]| first_frame(&times, &overlaps, TAU_90).unwrap();
        assert_eq!(at([1.0, 1.0, 1.0, 0.95, 0.85]), FirstFrame::At(10.0));
        // 0.9 itself is not below; relative to the first frame.
        assert_eq!(at([0.5, 0.5, 0.46, 0.45, 0.44]), FirstFrame::At(10.0));
        assert_eq!(at([1.0, 1.0, 0.95, 0.89, 0.85]), FirstFrame::At(4.0));
        assert_eq!(at([1.0, 1.0, 0.89, 0.89, 0.85]), FirstFrame::TooShort(2.0));
        assert_eq!(at([1.0, 0.89, 1.0, 1.0, 1.0]), FirstFrame::Unresolved);
        assert_eq!(at([1.0; 5]), FirstFrame::NotReached);
    }

    #[test]
    fn bad_input_is_named() {
        let message = |times: &[f64], overlaps: &[f64], level| {
            let refused = crossing(times, overlaps, level).unwrap_err().to_string();
            assert_eq!(refused, first_frame(times, overlaps, level).unwrap_err().to_string());
            refused
        };
        let text = message(&[1.0, 1.0], &[1.0, 0.5], 0.9);
        assert_eq!(text, "times[1] is 1; it must be above the time before");
        assert_eq!(message(&[1.0, 2.0], &[1.0, f64::NAN], 0.9), "overlaps[1] is NaN; it must be finite");
        assert_eq!(message(&[1.0], &[1.0], f64::NAN), "level is NaN; it must be above 0 and below 1");
        message(&[1.0], &[1.0, 0.5], 0.9);
        assert!(crossing(&[], &[], 0.9).is_err() && first_frame(&[], &[], 0.9).is_err());
        assert!(crossing(&[0.0], &[1.0], 0.9).is_err());
    }

    #[test]
    fn the_free_law_on_a_grid() {
        use glassbox_oracle::glass::master_curve::MasterCurve::FreeDiffusion;
        let times: Vec<f64> = (0..400).map(|i| 10.0_f64.powf(-3.0 + f64::from(i) / 50.0)).collect();
        let overlaps: Vec<f64> = times.iter().map(|time| FreeDiffusion.value(*time).unwrap()).collect();
        for level in [TAU_90, TAU_E] {
            let found = crossing(&times, &overlaps, level).unwrap().time().unwrap();
            // A chord of length h = ln(10)/50 errs by at most h²/8 max|Q''| / |Q'| < 5e-4 in ln t here.
            assert_relative_eq!(found, FreeDiffusion.relaxation_time(level).unwrap(), max_relative = 5e-4);
            let frame = first_frame(&times, &overlaps, level / overlaps[0]).unwrap().time();
            if let Some(frame) = frame {
                assert!(frame >= found && frame < found * 10.0_f64.powf(0.02) * (1.0 + 1e-9));
            }
        }
    }

    #[test]
    fn intervals_of_shifted_curves() {
        // Q = 1 − s ln t falls to ½ at exp(1/(2 s)): the geometric mean of two such times is known.
        let times: Vec<f64> = (0..60).map(|i| exp(f64::from(i) * 0.1)).collect();
        let curve = |slope: f64| times.iter().map(|time| 1.0 - slope * log(*time)).collect::<Vec<_>>();
        let curves: Vec<_> = [0.2, 0.25].iter().map(|slope| curve(*slope)).collect();
        let bootstrap = Bootstrap::new(500, 0.95, 1).unwrap();
        let of_mean = of_mean_curve(&bootstrap, &times, &curves, 0.5).unwrap().unwrap();
        assert_relative_eq!(of_mean.value, exp(0.5 / 0.225), max_relative = 1e-12);
        assert_relative_eq!(of_mean.low, exp(2.0), max_relative = 1e-12);
        assert_relative_eq!(of_mean.high, exp(2.5), max_relative = 1e-12);
        let geometric = geometric_mean(&bootstrap, &times, &curves, 0.5).unwrap().unwrap();
        assert_relative_eq!(geometric.value, exp(2.25), max_relative = 1e-12);
        // The flat one never falls that far, their mean does.
        let curves = vec![curve(0.2), curve(0.01)];
        assert_eq!(geometric_mean(&bootstrap, &times, &curves, 0.5).unwrap(), None);
        let open = of_mean_curve(&bootstrap, &times, &curves, 0.5).unwrap().unwrap();
        assert_eq!(open.high, f64::INFINITY);
    }

    proptest! {
        /// Stretching time stretches the crossing.
        #[test]
        fn stretches_with_time(factor in 1e-3_f64..1e3, slope in 0.05_f64..0.3) {
            let times: Vec<f64> = (0..80).map(|i| exp(f64::from(i) * 0.1)).collect();
            let stretched: Vec<f64> = times.iter().map(|time| factor * time).collect();
            let overlaps: Vec<f64> = times.iter().map(|time| exp(-slope * log(*time))).collect();
            let plain = crossing(&times, &overlaps, 0.9).unwrap().time().unwrap();
            let long = crossing(&stretched, &overlaps, 0.9).unwrap().time().unwrap();
            prop_assert!((long / (factor * plain) - 1.0).abs() < 1e-12);
        }
    }
}
