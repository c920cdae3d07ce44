//! Curves of one run are correlated from lag to lag, with the covariance that the joint law predicts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::laws::QuadraticWell;
use glassbox::oracle::{Bath, Clock, DisplacementLaw, JointDisplacementLaw};
use glassbox::simulations::ensemble::Ensemble;
use glassbox::simulations::integrator::EulerMaruyama;
use glassbox::simulations::landscape::Quadratic;
use glassbox::simulations::observables::{DisplacementRecorder, mean_squared_displacement, overlap};

const WEIGHTS: usize = 500;
const RUNS: u32 = 4000;
const LAGS: [u64; 4] = [1, 2, 5, 12];
const WAITING: u64 = 3;
const HALF_WIDTH: f64 = 0.25;
const START: f64 = 0.4;

/// Six standard errors. Each of the 2 · (10 + 1) statistics is a sum over 4,000 runs, so Gaussian but for a skewness of
/// at most √(8/4000), which makes the tail of 2e-9 at most e^(0.045 · 6³/6) = 5 times as likely. The variance of a
/// squared deviation is that of Gaussian curves but for an excess kurtosis of order 10/500: 6 is 5.9 at worst, a tail of
/// 4e-9. Together below 22 · 5 · 4e-9 = 5e-7 on any seed.
const LARGEST: f64 = 6.0;

/// The inverse of a small positive matrix times a vector, by elimination.
fn solve(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    let n = vector.len();
    let mut rows: Vec<Vec<f64>> =
        (0..n).map(|i| [&matrix[i * n..(i + 1) * n], &vector[i..=i]].concat()).collect();
    for i in 0..n {
        for j in (0..n).filter(|j| *j != i) {
            let factor = rows[j][i] / rows[i][i];
            for k in 0..=n {
                rows[j][k] -= factor * rows[i][k];
            }
        }
    }
    (0..n).map(|i| rows[i][n] / rows[i][i]).collect()
}

fn assert_fluctuate(curves: &[Vec<f64>], mean: &[f64], covariance: &[f64]) {
    let (n, runs) = (mean.len(), curves.len() as f64);
    let deviations: Vec<Vec<f64>> =
        curves.iter().map(|curve| curve.iter().zip(mean).map(|(x, m)| x - m).collect()).collect();
    for i in 0..n {
        for j in 0..=i {
            let predicted = covariance[i * n + j];
            let observed = deviations.iter().map(|d| d[i] * d[j]).sum::<f64>() / runs;
            let error =
                ((covariance[i * n + i] * covariance[j * n + j] + predicted * predicted) / runs).sqrt();
            let z = (observed - predicted) / error;
            assert!(
                z.abs() <= LARGEST,
                "covariance of lags {i} and {j}: {observed:e}, not {predicted:e}; z = {z}"
            );
        }
    }
    // Whitened, a curve has as many squared deviations as it has points, exactly; their variance is twice that.
    let whitened: f64 =
        deviations.iter().map(|d| d.iter().zip(solve(covariance, d)).map(|(a, b)| a * b).sum::<f64>()).sum();
    let z = (whitened / runs - n as f64) / (2.0 * n as f64 / runs).sqrt();
    assert!(z.abs() <= LARGEST, "whitened curves: {}, not {n}; z = {z}", whitened / runs);
}

#[test]
fn overlaps_and_mean_squared_displacements_covary_as_predicted() {
    let bath = Bath::new(0.1, 0.9, 3.0).unwrap();
    let clock = Clock::Steps { dt: 1.0 };
    let law = QuadraticWell::new(bath, 1.5, clock).unwrap().from_fixed(START).unwrap();
    let law = law.after_waiting(WAITING as f64).unwrap();
    let well = Quadratic::new(WEIGHTS, 1.5).unwrap();
    let replicas = Ensemble::new(&well, RUNS, 2024)
        .run(
            WAITING + LAGS[3],
            |_| vec![START; WEIGHTS],
            |_| EulerMaruyama::new(bath, 1.0).unwrap(),
            |_| DisplacementRecorder::new(WAITING, LAGS.to_vec()),
        )
        .unwrap();
    let runs = replicas.completed().unwrap();
    let lags = LAGS.map(|lag| lag as f64);
    let joint = law.joint_displacements(&lags).unwrap();

    let of = |observable: &dyn Fn(&[f64]) -> f64| -> Vec<Vec<f64>> {
        runs.iter().map(|run| run.displacements.iter().map(|moved| observable(moved)).collect()).collect()
    };
    let overlaps = of(&|moved| overlap(moved, HALF_WIDTH));
    let mean = lags.map(|lag| law.overlap(lag, HALF_WIDTH).unwrap());
    assert!(mean.iter().all(|q| (0.1..0.9).contains(q)), "{mean:?}");
    assert_fluctuate(&overlaps, &mean, &joint.overlap_covariance(HALF_WIDTH, WEIGHTS).unwrap());

    let squares = of(&mean_squared_displacement);
    let mean = lags.map(|lag| law.mean_squared_displacement(lag).unwrap());
    assert_fluctuate(&squares, &mean, &joint.mean_squared_displacement_covariance(WEIGHTS).unwrap());
}
