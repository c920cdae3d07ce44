//! Every statistical test accepts a correct well, by the law of its steps, and the right ones see a wrong noise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::laws::{QuadraticWell, StationaryWell};
use glassbox::oracle::verdict::curve::{Curve, band, whitened};
use glassbox::oracle::verdict::{
    Budget, Evidence, Outcome, Statistic, autocorrelation, by_replica, design_effect, kolmogorov_smirnov,
    kurtosis, mean, overlap, second_moment, series_autocorrelation, tails, two_sample, variance,
};
use glassbox::oracle::{Bath, Clock, DisplacementLaw, JointDisplacementLaw};
use glassbox::simulations::ensemble::Ensemble;
use glassbox::simulations::integrator::EulerMaruyama;
use glassbox::simulations::landscape::Quadratic;
use glassbox::simulations::observables::DisplacementRecorder;

const WEIGHTS: usize = 500;
const REPLICAS: u32 = 64;
const STIFFNESS: f64 = 2.0;
/// From here on the well has forgotten its start to 0.8^200 = 4e-20.
const STATIONARY: u64 = 200;
const LAGS: [u64; 5] = [1, 3, 10, STATIONARY, STATIONARY + 3];
const HALF_WIDTH: f64 = 0.15;

fn bath(temperature: f64) -> Bath {
    Bath::new(0.1, temperature, 10.0).unwrap()
}

/// Displacements from the bottom of the well, `[replica][lag][weight]`.
fn simulated(seed: u64, temperature: f64) -> Vec<Vec<Vec<f64>>> {
    let well = Quadratic::new(WEIGHTS, STIFFNESS).unwrap();
    let replicas = Ensemble::new(&well, REPLICAS, seed)
        .run(
            STATIONARY + 3,
            |_| vec![0.0; WEIGHTS],
            |_| EulerMaruyama::new(bath(temperature), 1.0).unwrap(),
            |_| DisplacementRecorder::new(0, LAGS.to_vec()),
        )
        .unwrap();
    replicas.completed().unwrap().iter().map(|one| one.displacements.clone()).collect()
}

fn evidence(seed: u64, temperature: f64) -> Vec<Evidence> {
    let (run, other) = (simulated(seed, temperature), simulated(seed + 1, 0.5));
    let lags = LAGS.map(|lag| lag as f64);
    let start = QuadraticWell::new(bath(0.5), STIFFNESS, Clock::steps(1.0).unwrap()).unwrap();
    let law = start.from_fixed(0.0).unwrap();
    let stationary = StationaryWell::new(bath(0.5), STIFFNESS, Clock::steps(1.0).unwrap()).unwrap();
    let r = |steps: usize| stationary.weight_covariance(steps as f64).unwrap() / stationary.weight_variance();
    let (late, single) = (3, law.displacement(lags[3]).unwrap());
    let at = |run: &[Vec<Vec<f64>>], lag: usize| -> Vec<Vec<f64>> {
        run.iter().map(|one| one[lag].clone()).collect()
    };
    let (grouped, all) = (at(&run, late), at(&run, late).concat());
    let mut found = vec![
        mean::check("mean", seed, &all, &single).unwrap(),
        second_moment::check("mean squared displacement", seed, &all, &single).unwrap(),
        variance::check("variance", seed, &all, &single).unwrap(),
        overlap::check("overlap", seed, &all, &single, HALF_WIDTH).unwrap(),
        kurtosis::check("non-Gaussian parameter", seed, &all, &single).unwrap(),
        kolmogorov_smirnov::check("distribution", seed, &all, &single).unwrap(),
        tails::check("tails", seed, &all, &single).unwrap(),
        design_effect::check("independent weights", seed, &grouped).unwrap(),
        autocorrelation::check("autocorrelation", seed, &all, &at(&run, 4).concat(), 0.0, r(3)).unwrap(),
    ];
    let pairs: Vec<Vec<f64>> = run
        .iter()
        .flat_map(|one| one[late].iter().zip(&one[4]).map(|(first, second)| vec![*first, *second]))
        .collect();
    found.push(series_autocorrelation::check("series", seed, &pairs, 1, 0.0, r(3)).unwrap());
    let statistics = [
        ("mean", Statistic::Mean),
        ("mean squared displacement", Statistic::MeanSquaredDisplacement),
        ("variance", Statistic::Variance { mean: 0.0 }),
        ("overlap", Statistic::Overlap { half_width: HALF_WIDTH }),
    ];
    let second = at(&other, late);
    for (name, statistic) in statistics {
        let name = |kind: &str| format!("{name} {kind}");
        found.push(by_replica::check(name("by replica"), seed, &grouped, statistic, &single).unwrap());
        let two = two_sample::by_replica::check(name("of two"), seed, &grouped, &second, statistic);
        found.push(two.unwrap());
    }
    let second = second.concat();
    found.push(two_sample::mean::check("two means", seed, &all, &second).unwrap());
    found.push(two_sample::variance::check("two variances", seed, &all, &second).unwrap());
    found.push(two_sample::overlap::check("two overlaps", seed, &all, &second, HALF_WIDTH).unwrap());
    let two = two_sample::kolmogorov_smirnov::check("two distributions", seed, &all, &second);
    found.push(two.unwrap());
    let joint = law.joint_displacements(&lags).unwrap();
    let weights = all.len();
    let average = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
        (0..LAGS.len())
            .map(|lag| at(&run, lag).concat().iter().map(|d| of(*d)).sum::<f64>() / weights as f64)
            .collect()
    };
    let squares = Curve::mean_squared_displacement(&average(&|d| d * d), &joint, weights).unwrap();
    let inside = |d: f64| f64::from(u8::from(d.abs() <= HALF_WIDTH));
    let overlaps = Curve::overlap(&average(&inside), &joint, HALF_WIDTH, weights).unwrap();
    for (name, curve) in [("mean squared displacements", squares), ("overlaps", overlaps)] {
        found.push(whitened::check(format!("curve of {name}"), seed, &curve).unwrap());
        found.push(band::check(format!("band of {name}"), seed, &curve).unwrap());
    }
    found
}

/// The budget of 1e-6 is the chance that any test fails on another seed, but for a factor below 2 (see the guide).
#[test]
fn a_correct_well_passes_all() {
    let verdicts = Budget::new(1e-6).unwrap().judge(evidence(2026, 0.5));
    for verdict in &verdicts {
        assert!(verdict.outcome != Outcome::Inconsistent, "{}: {}", verdict.name, verdict.reason);
    }
}

/// A temperature 10 % too high is a variance 10 % too large. With 32,000 weights its standard error is 0.8 %, and 1.1 %
/// for two samples; the overlap falls by 8.5 of its own. So every test is at least 8 standard errors off, of which 4.8
/// are needed at 1e-5 by Student's t over replicas: a chance below 1e-3 that any misses on another seed.
#[test]
fn a_wrong_temperature_is_seen_by_the_tests_of_the_noise() {
    let found = evidence(2028, 0.55);
    let p_value = |name: &str| found.iter().find(|one| one.name == name).unwrap().p_value.unwrap();
    let noise = [
        "mean squared displacement",
        "variance",
        "overlap",
        "mean squared displacement by replica",
        "mean squared displacement of two",
        "two variances",
        "curve of mean squared displacements",
        "band of mean squared displacements",
        "curve of overlaps",
    ];
    for name in noise {
        assert!(p_value(name) < 1e-5, "{name}: {}", p_value(name));
    }
    // The temperature drops out of the autocorrelation, and the mean and the shape do not know it: each of these fails on
    // a correct test once in 10,000 seeds.
    for name in ["autocorrelation", "series", "non-Gaussian parameter", "independent weights"] {
        assert!(p_value(name) > 1e-4, "{name}: {}", p_value(name));
    }
}
