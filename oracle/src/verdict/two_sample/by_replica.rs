//! Any mean over weights of two sets of replicas: Welch's t over one value a replica.

use super::mean::welch;
use crate::Displacement;
use crate::error::require_positive;
use crate::verdict::by_replica::Replicas;
use crate::verdict::error::{VerdictError, require_count, require_replicas};
use crate::verdict::evidence::Evidence;
use crate::verdict::replica_mean::{FEWEST, Moments};
use crate::verdict::sensitivity::Sensitivity;
use crate::verdict::statistic::Statistic;
use crate::verdict::unit::{in_common_units, squares_overflow};

/// Compares a `statistic` of two sets of replicas, one slice of displacements a replica; weights may be correlated inside
/// a replica, and the distribution may be any.
///
/// The p-value is that of Welch's t: for values of the replicas that are Gaussian, as sums over many weights are. The
/// effect is the difference relative to the mean of both, or for the mean relative to the spread of one displacement.
///
/// # Errors
/// [`VerdictError`] for fewer than 8 replicas, an empty one, a value that is not finite, or replicas that are all alike.
pub fn check<R: AsRef<[f64]>>(
    name: impl Into<String>,
    seed: u64,
    first: &[R],
    second: &[R],
    statistic: Statistic,
) -> Result<Evidence, VerdictError> {
    let name = name.into();
    let size = require_replicas(&name, first, FEWEST, 1)? + require_replicas(&name, second, FEWEST, 1)?;
    let statistic = statistic.require_valid()?;
    let both: Vec<&[f64]> = first.iter().chain(second).map(AsRef::as_ref).collect();
    let (both, unit) = in_common_units(&both);
    let (statistic, unit_of_values) = (statistic.in_units(unit), statistic.unit_of_values(unit));
    if !unit_of_values.is_normal() {
        return Err(squares_overflow(name));
    }
    let (one, other) = both.split_at(first.len());
    let ((one, a), (other, b)) = (statistic.of_replicas(one), statistic.of_replicas(other));
    let (one, other) = (Moments::of(&one), Moments::of(&other));
    let variance = 0.5 * (a + b);
    let scale =
        require_positive("scale of the statistic", statistic.scale(0.5 * (one.mean + other.mean), variance))?;
    let sizes = (first.len() as f64, second.len() as f64);
    let evidence = welch(name, seed, (one, other), sizes, scale)?;
    // Independent values of either sample, were they equally many: the squared error is 4 V/n.
    let effective = evidence.standard_error.map_or(0.0, |error| 4.0 * variance / (error * error));
    Ok(Evidence {
        observed: evidence.observed * unit_of_values,
        predicted: evidence.predicted * unit_of_values,
        standard_error: evidence.standard_error.map(|error| error * unit_of_values),
        effect_measure: statistic.effect_measure(),
        sample_size: size as u64,
        effective_sample_size: effective,
        ..evidence
    })
}

/// The smallest relative difference that [`check`] finds in 99 of 100 pairs of two such sets of replicas of a `law`.
///
/// # Errors
/// [`VerdictError`] for fewer than 8 replicas, no weights, a design effect that is not above 0, a law that gives the
/// statistic no scale, or a probability outside (0, 1).
pub fn detectable(
    statistic: Statistic,
    law: &Displacement,
    replicas: Replicas,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    let count = require_count("replicas", replicas.count, FEWEST)?;
    sensitivity(statistic, law, replicas)?(count).found(false_alarm_probability)
}

/// Number of replicas in each of two sets with which [`check`] finds a relative difference `effect` in 99 of 100 pairs;
/// the count in `replicas` is not used.
///
/// # Errors
/// As [`detectable`], and unless the effect is above 0.
pub fn samples_needed(
    statistic: Statistic,
    law: &Displacement,
    replicas: Replicas,
    effect: f64,
    false_alarm_probability: f64,
) -> Result<f64, VerdictError> {
    let at = sensitivity(statistic, law, replicas)?;
    Sensitivity::smallest_sample(at, effect, false_alarm_probability, FEWEST as f64)
}

fn sensitivity(
    statistic: Statistic,
    law: &Displacement,
    replicas: Replicas,
) -> Result<impl Fn(f64) -> Sensitivity, VerdictError> {
    let statistic = statistic.require_valid()?;
    let scale = statistic.scale(statistic.predicted(law), law.variance());
    require_positive("scale of the statistic", scale)?;
    let weights = require_count("weights of a replica", replicas.weights, 1)?;
    let design_effect = require_positive("design_effect", replicas.design_effect)?;
    let spread = (statistic.variance(law) * design_effect / weights).sqrt();
    Ok(move |count: f64| Sensitivity::Student {
        effect_per_standard_error: spread * (2.0 / count).sqrt() / scale,
        degrees_of_freedom: 2.0 * (count - 1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::trials;
    use rand::rngs::SmallRng;

    fn replicas(noise: &mut SmallRng, count: usize, amplitude: f64) -> Vec<Vec<f64>> {
        (0..count)
            .map(|_| {
                let common = 0.3 * trials::gaussian(noise);
                (0..100).map(|_| amplitude * (common + trials::gaussian(noise))).collect()
            })
            .collect()
    }

    #[test]
    fn three_verbs_agree() {
        let law = Displacement::gaussian(0.0, 1.0).unwrap();
        let set = Replicas { count: 60, weights: 100, design_effect: 2.0 };
        for statistic in [Statistic::Mean, Statistic::MeanSquaredDisplacement] {
            let found = detectable(statistic, &law, set, 1e-6).unwrap();
            let needed = samples_needed(statistic, &law, set, found, 1e-6).unwrap();
            assert!((59.0..=60.0).contains(&needed), "{needed}");
        }
    }

    /// 1,000 runs of 30 and 40 replicas with correlated weights at a nominal 1 %; skewness (0.7 a replica) nearly cancels
    /// between the two sets and makes it 1.3 % at most. The assertion fails on one correct seed in a million; the wrong
    /// noise, 10 % of a square whose standard error is 3 %, is seen at 1e-3 in all but 1 of 1,000 runs.
    #[test]
    fn size_and_power() {
        trials::assert_size_at_most(1000, 0.013, 52, |noise| {
            let (first, second) = (replicas(noise, 30, 1.0), replicas(noise, 40, 1.0));
            let evidence = check("size", 52, &first, &second, Statistic::MeanSquaredDisplacement).unwrap();
            // Judged at 1 %, asserted at 1.3 %.
            (evidence.p_value.unwrap() * 1.3).min(1.0)
        });
        let found = trials::rejections(1, 1e-3, 53, |noise| {
            let (first, second) = (replicas(noise, 80, 1.1), replicas(noise, 80, 1.0));
            check("power", 53, &first, &second, Statistic::Variance { mean: 0.0 }).unwrap().p_value.unwrap()
        });
        assert_eq!(found, 1);
    }
}
