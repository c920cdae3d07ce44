//! Independent weights: Euler–Maruyama steps in a well.

use super::{Claim, Kind, Trial, completed};
use crate::suite::SuiteError;
use glassbox_oracle::laws::QuadraticWell;
use glassbox_oracle::verdict::curve::{Curve, band, whitened};
use glassbox_oracle::verdict::{
    Evidence, Statistic, VerdictError, by_replica, design_effect, kolmogorov_smirnov, kurtosis, mean,
    overlap, second_moment, tails, two_sample, variance,
};
use glassbox_oracle::{Bath, Clock, DisplacementLaw, JointDisplacementLaw, OracleError};
use glassbox_simulations::ensemble::{Ensemble, Replicas};
use glassbox_simulations::integrator::EulerMaruyama;
use glassbox_simulations::landscape::Quadratic;
use glassbox_simulations::observables::{DisplacementRecorder, Displacements};

pub(super) const KIND: Kind = Kind {
    id: "independent-weights",
    title: "Independent weights",
    statement: "Euler–Maruyama steps in a well at kappa dt = 0.3, from a fixed start: 16 replicas of 640 weights, \
                displacements from step 2 on. Two samples are the first and the last 8 replicas.",
    trials,
};

const REPLICAS: u32 = 16;
const WEIGHTS: usize = 640;
const WAITING: u64 = 2;
const LAGS: [u64; 3] = [1, 3, 8];
const STIFFNESS: f64 = 1.0;
const START: f64 = 0.4;
/// Evidence of a run that nobody reads.
const NAME: &str = "trial";

fn bath() -> Result<Bath, OracleError> {
    Bath::new(0.3, 0.5, 20.0)
}

/// The exact law of the simulated displacements.
fn law() -> Result<QuadraticWell, OracleError> {
    QuadraticWell::new(bath()?, STIFFNESS, Clock::steps(1.0)?)?
        .from_fixed(START)?
        .after_waiting(WAITING as f64)
}

fn simulate(seed: u64) -> Result<Replicas<Displacements>, SuiteError> {
    let integrator = EulerMaruyama::new(bath()?, 1.0)?;
    let well = Quadratic::new(WEIGHTS, STIFFNESS)?;
    Ok(Ensemble::new(&well, REPLICAS, seed).run(
        WAITING + LAGS[LAGS.len() - 1],
        |_| vec![START; WEIGHTS],
        |_| integrator,
        |_| DisplacementRecorder::new(WAITING, LAGS.to_vec()),
    )?)
}

fn trials(seed: u64) -> Result<Vec<Trial>, SuiteError> {
    let replicas = simulate(seed)?;
    let records = completed(&replicas)?;
    let mut trials = one_sample(seed, &records)?;
    trials.extend(two_samples(seed, &records)?);
    trials.extend(curves(seed, &records)?);
    Ok(trials)
}

/// Displacements at the middle lag, one slice a replica.
fn by_replica<'a>(records: &[&'a Displacements]) -> Vec<&'a [f64]> {
    records.iter().map(|record| record.displacements[1].as_slice()).collect()
}

fn one_sample(seed: u64, records: &[&Displacements]) -> Result<Vec<Trial>, SuiteError> {
    let law = law()?.displacement(LAGS[1] as f64)?;
    let replicas = by_replica(records);
    let all = replicas.concat();
    let half_width = law.mean_squared_displacement().sqrt();
    let squares = Statistic::MeanSquaredDisplacement;
    let windows = Statistic::Overlap { half_width };
    let rows: [(&str, Claim, Result<Evidence, VerdictError>); 10] = [
        ("mean", Claim::Exact, mean::check(NAME, seed, &all, &law)),
        ("variance", Claim::Exact, variance::check(NAME, seed, &all, &law)),
        ("mean squared displacement", Claim::Exact, second_moment::check(NAME, seed, &all, &law)),
        ("overlap", Claim::Bound, overlap::check(NAME, seed, &all, &law, half_width)),
        ("non-Gaussian parameter", Claim::Exact, kurtosis::check(NAME, seed, &all, &law)),
        ("Kolmogorov–Smirnov", Claim::Bound, kolmogorov_smirnov::check(NAME, seed, &all, &law)),
        ("tails", Claim::Bound, tails::check(NAME, seed, &all, &law)),
        (
            "mean squared displacement by replica",
            Claim::Exact,
            by_replica::check(NAME, seed, &replicas, squares, &law),
        ),
        ("overlap by replica", Claim::Exact, by_replica::check(NAME, seed, &replicas, windows, &law)),
        ("design effect", Claim::Exact, design_effect::check(NAME, seed, &replicas)),
    ];
    rows.into_iter().map(|(test, claim, evidence)| Ok(Trial::new(test, claim, &evidence?))).collect()
}

fn two_samples(seed: u64, records: &[&Displacements]) -> Result<Vec<Trial>, SuiteError> {
    use two_sample as two;
    let replicas = by_replica(records);
    let (left, right) = replicas.split_at(replicas.len() / 2);
    let (first, second) = (left.concat(), right.concat());
    let half_width = law()?.mean_squared_displacement(LAGS[1] as f64)?.sqrt();
    let squares = Statistic::MeanSquaredDisplacement;
    let rows: [(&str, Claim, Result<Evidence, VerdictError>); 5] = [
        ("two means", Claim::Exact, two::mean::check(NAME, seed, &first, &second)),
        ("two variances", Claim::Exact, two::variance::check(NAME, seed, &first, &second)),
        ("two overlaps", Claim::Bound, two::overlap::check(NAME, seed, &first, &second, half_width)),
        (
            "two distributions (Kolmogorov–Smirnov)",
            Claim::Bound,
            two::kolmogorov_smirnov::check(NAME, seed, &first, &second),
        ),
        (
            "two mean squared displacements by replica",
            Claim::Within(2.0),
            two::by_replica::check(NAME, seed, left, right, squares),
        ),
    ];
    rows.into_iter().map(|(test, claim, evidence)| Ok(Trial::new(test, claim, &evidence?))).collect()
}

/// Mean squared displacement and overlap at all lags together, with the covariance of the joint law.
fn curves(seed: u64, records: &[&Displacements]) -> Result<Vec<Trial>, SuiteError> {
    let law = law()?;
    let lags = LAGS.map(|lag| lag as f64);
    let joint = law.joint_displacements(&lags)?;
    let weights = WEIGHTS * REPLICAS as usize;
    let half_width = law.mean_squared_displacement(lags[1])?.sqrt();
    let average = |lag: usize, statistic: Statistic| -> f64 {
        let terms = records.iter().flat_map(|record| &record.displacements[lag]);
        terms.map(|displacement| statistic.term(*displacement)).sum::<f64>() / weights as f64
    };
    let mut trials = Vec::new();
    for (statistic, covariance, names) in [
        (
            Statistic::MeanSquaredDisplacement,
            joint.mean_squared_displacement_covariance(weights)?,
            ["whitened curve of the mean squared displacement", "band of the mean squared displacement"],
        ),
        (
            Statistic::Overlap { half_width },
            joint.overlap_covariance(half_width, weights)?,
            ["whitened curve of the overlap", "band of the overlap"],
        ),
    ] {
        let observed: Vec<f64> = (0..LAGS.len()).map(|lag| average(lag, statistic)).collect();
        let predicted: Result<Vec<f64>, OracleError> =
            lags.iter().map(|lag| Ok(statistic.predicted(&law.displacement(*lag)?))).collect();
        let curve = Curve::new(&observed, &predicted?, &covariance, weights)?;
        // Sums over 10,240 weights are Gaussian up to their skewness, which widens the tails.
        let claim = Claim::Within(2.0);
        trials.push(Trial::new(names[0], claim, &whitened::check(NAME, seed, &curve)?));
        trials.push(Trial::new(names[1], Claim::Bound, &band::check(NAME, seed, &curve)?));
    }
    Ok(trials)
}
