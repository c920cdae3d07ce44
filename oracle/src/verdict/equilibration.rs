//! Which initial part of a series to discard, and whether the rest is stationary.

use super::effective_sample_size::{self, Correlated};
use super::error::{VerdictError, require_count, require_replicas};
use super::evidence::Evidence;
use super::replica_mean::{self, FEWEST, Moments};
use super::sensitivity::Sensitivity;
use super::unit::in_common_units;
use crate::error::require_positive;

/// Fewest values that may be left of a series.
const SHORTEST: usize = 20;

/// What to discard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Equilibration {
    /// Number of values at the start of every series.
    pub discarded: usize,
    /// What the rest is worth.
    pub rest: Correlated,
}

/// Chooses the start, in the first half, that leaves the smallest `Σ (m_t − m̄)²/n²` of the n remaining values of the mean
/// m over replicas: the marginal standard error rule (White, Simulation 69, 323 (1997)).
///
/// One slice a replica, all of one length. It discards too much rather than too little, and half of the series where they
/// are too short for it. (The start with the largest effective sample size, after Chodera 2016, is blind to a relaxation
/// that decays as fast as fluctuations do, as in a well: it was tried here and discarded nothing. With the integrated time
/// in the rule, noise of that time moved the start by up to 40 % of the series.)
///
/// # Errors
/// [`VerdictError`] for no series, series of fewer than 20 values or of different lengths, a value that is not finite, or
/// series without spread.
pub fn discard<R: AsRef<[f64]>>(series: &[R]) -> Result<Equilibration, VerdictError> {
    let length = require_equal_lengths("equilibration", series, 1, SHORTEST)?;
    let mut average = vec![0.0; length];
    for one in in_common_units(series).0 {
        for (sum, value) in average.iter_mut().zip(one.iter()) {
            *sum += value / series.len() as f64;
        }
    }
    // Mean and sum of squares of what follows, updated from the end (Welford, Technometrics 4, 419 (1962)).
    let (mut best, mut discarded) = (f64::INFINITY, 0);
    let (mut mean, mut squares) = (0.0, 0.0);
    for (start, value) in average.iter().enumerate().rev() {
        let count = (length - start) as f64;
        let deviation = value - mean;
        mean += deviation / count;
        squares += deviation * (value - mean);
        let error = squares / (count * count);
        if start <= length / 2 && error <= best {
            (best, discarded) = (error, start);
        }
    }
    let rest: Vec<&[f64]> = series.iter().map(|one| &one.as_ref()[discarded..]).collect();
    Ok(Equilibration { discarded, rest: effective_sample_size::measure(&rest)? })
}

/// Tests whether the series, one slice a replica, are stationary in the mean after `discarded` values: the mean of the
/// first half of the rest less that of the second half, over the replicas (Geweke's idea, 1992, with replicas in place
/// of a spectral estimate).
///
/// The p-value is that of Student's t, exact for Gaussian differences. The effect is the difference in standard
/// deviations of one value. For stationarity of the variance pass squares. A start chosen by [`discard`] on the same
/// data makes alarms rarer (measured on series of ten relaxation times: 32 of 8,000 at 1 %).
///
/// # Errors
/// [`VerdictError`] for fewer than 8 series, fewer than 20 values left, different lengths, a value that is not finite, or
/// series without spread.
pub fn check<R: AsRef<[f64]>>(
    name: impl Into<String>,
    seed: u64,
    series: &[R],
    discarded: usize,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    let length = require_equal_lengths(&name, series, FEWEST, 1)?;
    require_count(&name, length.saturating_sub(discarded), SHORTEST)?;
    let half = (length - discarded) / 2;
    let (series, unit) = in_common_units(series);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let differences: Vec<f64> = series
        .iter()
        .map(|one| {
            let rest = &one[discarded..];
            mean(&rest[..half]) - mean(&rest[rest.len() - half..])
        })
        .collect();
    let all: Vec<f64> = series.iter().flat_map(|one| &one[discarded..]).copied().collect();
    let variance = Moments::of(&all).variance;
    let evidence = replica_mean::check(name, seed, &differences, 0.0, variance.sqrt())?;
    // The squared standard error of the difference of halves is 4 V/n for n independent values.
    let effective = evidence.standard_error.map_or(0.0, |error| 4.0 * variance / (error * error));
    Ok(Evidence {
        observed: evidence.observed * unit,
        standard_error: evidence.standard_error.map(|error| error * unit),
        effect_measure: "standardised difference",
        sample_size: all.len() as u64,
        effective_sample_size: effective,
        ..evidence
    })
}

/// The smallest difference of the halves, in standard deviations of one value, that [`check`] finds in 99 of 100 runs of
/// this many replicas, each worth `effective_sample_size` independent values.
///
/// # Errors
/// [`VerdictError`] for fewer than 8 replicas, a size that is not above 0, or a probability outside (0, 1).
pub fn detectable(
    replicas: usize,
    effective_sample_size: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    let count = require_count("replicas", replicas, FEWEST)?;
    sensitivity(effective_sample_size)?(count).found(false_alarm_probability)
}

/// Number of replicas, each worth `effective_sample_size` independent values, with which [`check`] finds a difference
/// `effect` in 99 of 100 runs, at this false-alarm probability.
///
/// # Errors
/// [`VerdictError`] unless the effect and the size are above 0 and the probability in (0, 1).
pub fn samples_needed(
    effective_sample_size: f64,
    effect: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    let at = sensitivity(effective_sample_size)?;
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, FEWEST as f64)
}

fn sensitivity(effective_sample_size: f64) -> Result<impl Fn(f64) -> Sensitivity, VerdictError> {
    let size = require_positive("effective_sample_size", effective_sample_size)?;
    Ok(move |count| replica_mean::sensitivity(2.0 / size.sqrt(), 1.0, count))
}

pub(crate) fn require_equal_lengths<R: AsRef<[f64]>>(
    check: &str,
    series: &[R],
    needed: usize,
    each: usize,
) -> Result<usize, VerdictError> {
    require_replicas(check, series, needed, each)?;
    let length = series[0].as_ref().len();
    if series.iter().any(|one| one.as_ref().len() != length) {
        let reason = "the series differ in length";
        return Err(VerdictError::UnsuitableSample { check: check.to_owned(), reason });
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    /// Chains of relaxation time 10 that start at `start` standard deviations.
    fn relaxing(noise: &mut SmallRng, count: usize, length: usize, start: f64) -> Vec<Vec<f64>> {
        let a = (-0.1_f64).exp();
        (0..count)
            .map(|_| {
                let mut x = start + trials::gaussian(noise);
                (0..length)
                    .map(|_| {
                        x = a * x + (1.0 - a * a).sqrt() * trials::gaussian(noise);
                        x
                    })
                    .collect()
            })
            .collect()
    }

    /// From 30 deviations away a chain of time 10 is at 1.5 after 30 steps, ten standard errors of the mean of 40 series,
    /// so that these have to go. Beyond, more is discarded only if what goes has squares twice as large as the average:
    /// 650 values, an effective 65, have that with a chance of 3e-6. The halves of all values differ by 0.3 with a standard
    /// error of 0.2/√40: nine of these, of which five are needed.
    #[test]
    fn the_relaxation_is_discarded() {
        let mut noise = SmallRng::seed_from_u64(46);
        let series = relaxing(&mut noise, 40, 2000, 30.0);
        let chosen = discard(&series).unwrap();
        assert!((30..=700).contains(&chosen.discarded), "{chosen:?}");
        assert!((1300.0..6500.0).contains(&chosen.rest.effective_sample_size), "{chosen:?}");
        assert!(check("all", 46, &series, 0).unwrap().p_value.unwrap() < 1e-5);
        // A correct rest fails here on one seed in 10,000, and the choice makes it rarer.
        assert!(check("rest", 46, &series, chosen.discarded + 50).unwrap().p_value.unwrap() > 1e-4);
    }

    #[test]
    fn three_verbs_agree() {
        let found = detectable(30, 50.0, 1e-6).unwrap();
        assert!((29.0..=30.0).contains(&samples_needed(50.0, found, 1e-6).unwrap()), "{found}");
        assert!(detectable(30, 0.0, 1e-6).is_err());
    }

    #[test]
    fn bad_series_are_refused() {
        let mut series = vec![vec![1.0; 30]; 9];
        series[4].pop();
        assert!(check("x", 0, &series, 0).unwrap_err().to_string().contains("differ in length"));
        assert!(discard(&series).is_err());
        let series = vec![(0..30).map(f64::from).collect::<Vec<_>>(); 9];
        assert!(check("x", 0, &series, 11).unwrap_err().to_string().contains("19 values given"));
        assert!(check("x", 0, &series, usize::MAX).is_err());
    }

    /// 2,000 runs of correlated stationary series at a nominal 1 %; the differences of halves are Gaussian. The assertion
    /// fails on one correct seed in a million.
    #[test]
    fn size() {
        trials::assert_size(2000, 0.01, 47, |noise| {
            let series = relaxing(noise, 12, 100, 0.0);
            check("size", 47, &series, 20).unwrap().p_value.unwrap()
        });
    }

    /// 1,000 runs at a nominal 1 % with the start chosen on the same data, which makes alarms rarer: the choice avoids
    /// differences between the halves. The assertion fails on one correct seed in a million.
    #[test]
    fn size_with_a_chosen_start() {
        trials::assert_size_at_most(1000, 0.01, 47, |noise| {
            let series = relaxing(noise, 12, 100, 3.0);
            let start = discard(&series).unwrap().discarded;
            check("size", 47, &series, start).unwrap().p_value.unwrap()
        });
    }
}
