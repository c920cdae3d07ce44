//! Values multiplied by any factor have the p-value that they had before, or the test says why it cannot have it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_oracle::Displacement;
use glassbox_oracle::verdict::{
    Evidence, Outcome, Statistic, VerdictError, autocorrelation, by_replica, design_effect,
    effective_sample_size, equilibration, kolmogorov_smirnov, kurtosis, location, mean, overlap,
    replica_correlation, replica_mean, second_moment, series_autocorrelation, tails, two_sample, variance,
};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, StandardNormal};

type Check = fn(&[Vec<f64>], f64) -> Result<Evidence, VerdictError>;

/// The law of the values; an error where no double holds its variance.
fn law(unit: f64) -> Result<Displacement, VerdictError> {
    Ok(Displacement::gaussian(0.1 * unit, 1.1 * unit * unit)?)
}

fn mixture(unit: f64) -> Result<Displacement, VerdictError> {
    let part = |mean: f64, variance: f64| Displacement::gaussian(mean * unit, variance * unit * unit);
    Ok(Displacement::mixture([(0.3, part(0.5, 2.0)?), (0.7, part(-0.2, 0.6)?)])?)
}

fn means(replicas: &[Vec<f64>]) -> Vec<f64> {
    replicas.iter().map(|one| one.iter().map(|value| value / 50.0).sum()).collect()
}

/// Every test of values that have a unit, on twelve replicas of fifty values.
const CHECKS: [(&str, Check); 22] = [
    ("replica mean", |r, unit| replica_mean::check("x", 0, &means(r), 0.3 * unit, unit)),
    ("replica correlation", |r, _| replica_correlation::check("x", 0, r)),
    ("autocorrelation", |r, unit| autocorrelation::check("x", 0, &r[0], &r[1], 0.1 * unit, 0.2)),
    ("series autocorrelation", |r, unit| series_autocorrelation::check("x", 0, r, 2, 0.1 * unit, 0.1)),
    ("equilibration", |r, _| equilibration::check("x", 0, r, 5)),
    ("design effect", |r, _| design_effect::check("x", 0, r)),
    ("two means", |r, _| two_sample::mean::check("x", 0, &r[0], &r[1])),
    ("two variances", |r, _| two_sample::variance::check("x", 0, &r[0], &r[1])),
    ("two distributions", |r, _| two_sample::kolmogorov_smirnov::check("x", 0, &r[0], &r[1])),
    ("two overlaps", |r, unit| two_sample::overlap::check("x", 0, &r[0], &r[1], unit)),
    ("two means by replica", |r, _| two_sample::by_replica::check("x", 0, &r[..8], &r[4..], Statistic::Mean)),
    ("two mean squares by replica", |r, _| {
        let pairs: Vec<&[f64]> = r.iter().flat_map(|one| one.chunks(25)).collect();
        two_sample::by_replica::check("x", 0, &pairs[..12], &pairs[12..], Statistic::MeanSquaredDisplacement)
    }),
    ("mean by replica", |r, unit| by_replica::check("x", 0, r, Statistic::Mean, &law(unit)?)),
    ("mean square by replica", |r, unit| {
        by_replica::check("x", 0, r, Statistic::MeanSquaredDisplacement, &law(unit)?)
    }),
    ("variance by replica", |r, unit| {
        by_replica::check("x", 0, r, Statistic::Variance { mean: 0.1 * unit }, &law(unit)?)
    }),
    ("mean", |r, unit| mean::check("x", 0, &r.concat(), &law(unit)?)),
    ("mean of a mixture", |r, unit| mean::check("x", 0, &r.concat(), &mixture(unit)?)),
    ("second moment", |r, unit| second_moment::check("x", 0, &r.concat(), &law(unit)?)),
    ("variance", |r, unit| variance::check("x", 0, &r.concat(), &law(unit)?)),
    ("variance of a mixture", |r, unit| variance::check("x", 0, &r.concat(), &mixture(unit)?)),
    ("overlap", |r, unit| overlap::check("x", 0, &r.concat(), &law(unit)?, unit)),
    ("location", |r, unit| location::statistic("x", 0, means(r)[0], 0.2 * unit, 0.3 * unit, unit, 50)),
];

const LONG: [(&str, Check); 3] = [
    ("kurtosis", |r, unit| kurtosis::check("x", 0, &r.concat(), &law(unit)?)),
    ("tails", |r, unit| tails::check("x", 0, &r.concat(), &law(unit)?)),
    ("Kolmogorov–Smirnov", |r, unit| kolmogorov_smirnov::check("x", 0, &r.concat(), &law(unit)?)),
];

fn sample(replicas: usize, values: usize) -> Vec<Vec<f64>> {
    let mut noise = SmallRng::seed_from_u64(7);
    let mut value = || StandardNormal.sample(&mut noise);
    (0..replicas).map(|_| (0..values).map(|_| value()).collect()).collect()
}

fn compare(checks: &[(&str, Check)], replicas: &[Vec<f64>]) {
    for (name, check) in checks {
        let expected = check(replicas, 1.0).unwrap().p_value.unwrap();
        let mut refused = 0;
        for exponent in [-1000, -700, -520, -400, -100, 1, 90, 300, 490, 512, 600, 800, 1000, 1020] {
            let unit = 2.0_f64.powi(exponent);
            let scaled: Vec<Vec<f64>> =
                replicas.iter().map(|one| one.iter().map(|value| value * unit).collect()).collect();
            match check(&scaled, unit) {
                Ok(evidence) => {
                    let p_value = evidence.p_value.unwrap();
                    // Half a unit in the last place of a statistic, in tails of a few standard deviations.
                    assert!(
                        (p_value / expected - 1.0).abs() < 1e-9,
                        "{name}, 2^{exponent}: {p_value} not {expected}"
                    );
                    assert!(evidence.observed.is_finite(), "{name}, 2^{exponent}: {}", evidence.observed);
                }
                Err(error) => {
                    // Only quadratic numbers may be too large or too small for a double.
                    assert!(exponent.abs() > 400, "{name}, 2^{exponent}: {error}");
                    let reason = error.to_string();
                    assert!(
                        ["flow", "finite", "spread", "certain", "overlap"]
                            .iter()
                            .any(|word| reason.contains(word)),
                        "{name}, 2^{exponent}: {reason}"
                    );
                    refused += 1;
                }
            }
        }
        assert!(refused <= 9, "{name} refuses {refused} units");
    }
}

#[test]
fn a_unit_changes_no_p_value() {
    compare(&CHECKS, &sample(12, 50));
    compare(&LONG, &sample(250, 50));
}

/// The audit's cases: values beyond the root of the largest double, and copies of the largest.
#[test]
fn what_is_too_large_is_no_pass() {
    let values: Vec<f64> = (0..10).map(|i| 1e200 * (1.0 + 0.01 * f64::from(i % 5))).collect();
    let verdict = replica_mean::check("x", 0, &values, 0.0, 1e200).unwrap().judge(1e-6);
    assert_eq!(verdict.outcome, Outcome::Inconsistent, "{verdict}");
    let copies = vec![vec![1e308, -1e308, 1e308, 1e308, -1e308, 1e308, 1e308, 1e308, -1e308, 1e308]; 2];
    let verdict = replica_correlation::check("x", 0, &copies).unwrap().judge(1e-6);
    assert_eq!(verdict.outcome, Outcome::Inconsistent, "{verdict}");
    // Against a law of ordinary size nothing can be computed, and nothing passes.
    let far = vec![1e200; 40];
    for check in [second_moment::check, variance::check, mean::check] {
        let varied: Vec<f64> = far.iter().enumerate().map(|(i, one)| one * (1.0 + i as f64)).collect();
        let verdict = check("x".to_owned(), 0, &varied, &law(1.0).unwrap()).unwrap().judge(1e-6);
        assert_eq!(verdict.outcome, Outcome::Inconsistent, "{verdict}");
    }
    let measured = effective_sample_size::measure(&sample(4, 100)).unwrap();
    let scaled: Vec<Vec<f64>> = sample(4, 100)
        .iter()
        .map(|one| one.iter().map(|value| value * 2.0_f64.powi(900)).collect())
        .collect();
    let large = effective_sample_size::measure(&scaled).unwrap();
    assert!((large.integrated_time / measured.integrated_time - 1.0).abs() < 1e-9);
    assert!((large.standard_error / measured.standard_error / 2.0_f64.powi(900) - 1.0).abs() < 1e-9);
}
