//! Assertions for `cargo test`.
//!
//! [`DisplacementChecks`] makes every check of displacements against a law; [`assert_consistent`] fails a test unless all
//! verdicts are consistent, with everything needed to judge them in its message.

use super::outcome::{Outcome, Verdict};

/// Passes if there are verdicts and all of them are consistent.
///
/// An inconclusive verdict fails too: what could not have been seen was not shown.
///
/// ```
/// use glassbox_oracle::Displacement;
/// use glassbox_oracle::verdict::{Budget, assert_consistent, second_moment};
/// # let displacements: Vec<f64> = (0..400_000_u64)
/// #     .map(|i| 1.5 * glassbox_oracle::special::gaussian_upper_quantile((i as f64 + 0.5) / 400_000.0)).collect();
/// let law = Displacement::gaussian(0.0, 2.25)?;
/// let evidence = second_moment::check("mean squared displacement", 42, &displacements, &law)?;
/// assert_consistent(&Budget::new(1e-6)?.judge(vec![evidence]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// With the failed verdicts in full, and how many passed.
#[track_caller]
#[allow(clippy::panic, reason = "an assertion fails by panicking")]
pub fn assert_consistent(verdicts: &[Verdict]) {
    assert!(!verdicts.is_empty(), "no checks were made, so nothing is shown");
    let failed: Vec<&Verdict> =
        verdicts.iter().filter(|verdict| verdict.outcome != Outcome::Consistent).collect();
    if failed.is_empty() {
        return;
    }
    let described: String = failed.iter().map(|verdict| format!("\n{verdict}")).collect();
    panic!("{} of {} checks are not consistent with the law:{described}", failed.len(), verdicts.len());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Displacement;
    use crate::verdict::{Budget, second_moment};

    fn judged(scale: f64, count: u32) -> Vec<Verdict> {
        let sample: Vec<f64> = (0..count).map(|i| if i % 2 == 0 { scale } else { -scale }).collect();
        let law = Displacement::gaussian(0.0, 1.0).unwrap();
        let evidence =
            second_moment::check("ten steps: mean squared displacement", 9, &sample, &law).unwrap();
        Budget::new(1e-6).unwrap().judge(vec![evidence])
    }

    fn message(verdicts: &[Verdict]) -> String {
        let panic = std::panic::catch_unwind(|| assert_consistent(verdicts)).unwrap_err();
        panic.downcast_ref::<String>().cloned().unwrap_or_default()
    }

    #[test]
    fn consistent_passes() {
        assert_consistent(&judged(1.0, 1_000_000));
    }

    #[test]
    fn the_message_has_everything_needed_to_judge() {
        let text = message(&judged(1.05, 100_000));
        for part in [
            "1 of 1 checks are not consistent",
            "inconsistent: ten steps: mean squared displacement",
            "observed 1.1025",
            "predicted 1",
            "standard errors",
            "p-value",
            "1.0e-6",
            "tolerance",
            "100000 values",
            "seed 9",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn nothing_shown_is_no_pass() {
        assert!(std::panic::catch_unwind(|| assert_consistent(&[])).is_err());
        assert!(message(&judged(1.0, 100)).contains("inconclusive"));
    }
}
