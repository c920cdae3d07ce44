//! Statistical verdicts with stated error rates.
//!
//! A *test* compares a simulation with a law and returns [`Evidence`]: observed, predicted, p-value, effect. A
//! [`Budget`] gives every piece of evidence its share of one false-alarm probability and makes a [`Verdict`] of it.
//! Every p-value is exact or an upper bound unless its test says otherwise, because budgets ask for tails of 1e-8.
//!
//! Every test has three verbs: `check`, `detectable` (the smallest effect found in 99 of 100 samples of a size) and
//! `samples_needed` (the sample for an effect). Tests of one slice take every value as independent; [`by_replica`] takes
//! one slice a replica and measures what correlated weights are worth. `docs/guide/` says which test to use when.
//!
//! ```
//! use glassbox_oracle::verdict::{Budget, Outcome, second_moment};
//! use glassbox_oracle::Displacement;
//!
//! # let displacements: Vec<f64> = (0..400_000_u64)
//! #     .map(|i| 1.5 * glassbox_oracle::special::gaussian_upper_quantile((i as f64 + 0.5) / 400_000.0)).collect();
//! // 400,000 measured displacements, expected to have variance 2.25.
//! let law = Displacement::gaussian(0.0, 2.25)?;
//! let evidence = second_moment::check("mean squared displacement", 42, &displacements, &law)?;
//! let verdicts = Budget::new(1e-6)?.judge(vec![evidence]);
//! assert_eq!(verdicts[0].outcome, Outcome::Consistent);
//! assert!(verdicts[0].smallest_visible_effect < 0.02); // a 2 % bias would have been seen
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod alarm_rate;
mod assertion;
pub mod autocorrelation;
mod autocovariance;
mod budget;
pub mod by_replica;
pub mod curve;
pub mod design_effect;
mod displacement_checks;
pub mod effective_sample_size;
pub mod equilibration;
mod error;
mod evidence;
pub mod identity;
pub mod kolmogorov_smirnov;
pub mod kurtosis;
pub mod location;
pub mod mean;
mod outcome;
pub mod overlap;
mod parameter_deviation;
pub mod replica_correlation;
pub mod replica_mean;
pub mod second_moment;
mod sensitivity;
mod sequential;
pub mod series_autocorrelation;
mod statistic;
pub mod tails;
#[cfg(test)]
mod trials;
pub mod two_sample;
mod unit;
pub mod variance;

pub use assertion::assert_consistent;
pub use budget::Budget;
pub use displacement_checks::DisplacementChecks;
pub use error::VerdictError;
pub use evidence::Evidence;
pub use outcome::{Outcome, Verdict};
pub use parameter_deviation::ParameterDeviation;
pub use sensitivity::{POWER, Sensitivity};
pub use sequential::{Judged, Rounds};
pub use statistic::Statistic;
