//! The rate of an event that has a stated probability: alarms of a test on correct data.

use super::error::VerdictError;
use super::evidence::Evidence;
use super::sensitivity::Sensitivity;
use crate::error::require;
use crate::numerics::tail_probability::{binomial_two_sided_p_value, binomial_upper_tail};

/// Practical tolerance: twice as many as stated.
const TOLERANCE: f64 = 1.0;

/// Compares the rate of `events` in independent `runs` with `probability`; with `at_most`, only an excess counts.
///
/// The p-value is that of the binomial distribution: exact, twice the smaller tail.
///
/// ```
/// use glassbox_oracle::verdict::{Budget, Outcome, alarm_rate};
/// // A test at p < 0.01 that failed 112 of 10,000 correct simulations.
/// let evidence = alarm_rate::check("overlap, at p < 0.01", 1, 112, 10_000, 0.01, false)?;
/// assert_ne!(Budget::new(1e-3)?.judge(vec![evidence])[0].outcome, Outcome::Inconsistent);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`VerdictError`] for no runs, more events than runs, or a probability outside (0, 1).
pub fn check(
    name: impl Into<String>,
    seed: u64,
    events: u64,
    runs: u64,
    probability: f64,
    at_most: bool,
) -> Result<Evidence, VerdictError> {
    require("probability", probability, probability > 0.0 && probability < 1.0, "above 0 and below 1")?;
    require("runs", runs as f64, runs > 0, "at least 1")?;
    require("events", events as f64, events <= runs, "at most the number of runs")?;
    let (count, observed) = (runs as f64, events as f64 / runs as f64);
    let standard_error = (probability * (1.0 - probability) / count).sqrt();
    let p_value = if at_most {
        binomial_upper_tail(events, runs, probability)
    } else {
        binomial_two_sided_p_value(events, runs, probability)
    };
    let sensitivity = Sensitivity::Binomial { trials: runs, probability };
    Ok(Evidence {
        observed,
        predicted: probability,
        standard_error: Some(standard_error),
        p_value: Some(p_value),
        effect_measure: "relative difference",
        effect: observed / probability - 1.0,
        practical_tolerance: TOLERANCE,
        sample_size: runs,
        effective_sample_size: count,
        ..Evidence::of_sample(name.into(), seed, 0, sensitivity)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_alarms_are_only_wrong_where_a_rate_is_promised() {
        let p_value =
            |events, at_most| check("x", 0, events, 10_000, 0.01, at_most).unwrap().p_value.unwrap();
        assert!(p_value(20, false) < 1e-15 && p_value(20, true) > 0.999);
        assert!(p_value(200, false) < 1e-15 && p_value(200, true) < 1e-15);
        assert!(p_value(100, false) > 0.9);
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        assert!(check("x", 0, 1, 0, 0.1, false).is_err());
        assert!(check("x", 0, 2, 1, 0.1, false).is_err());
        assert!(check("x", 0, 1, 2, 1.0, false).is_err() && check("x", 0, 1, 2, f64::NAN, false).is_err());
    }
}
