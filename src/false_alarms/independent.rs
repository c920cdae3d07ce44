//! Independent weights: Euler–Maruyama steps in a well.

use super::{Claim, Kind, Trial, completed};
use crate::suite::SuiteError;
use glassbox_oracle::laws::QuadraticWell;
use glassbox_oracle::verdict::{kolmogorov_smirnov, kurtosis, location, overlap, second_moment};
use glassbox_oracle::{Bath, Clock, DisplacementLaw, OracleError};
use glassbox_simulations::ensemble::{Ensemble, Replicas};
use glassbox_simulations::integrator::EulerMaruyama;
use glassbox_simulations::landscape::Quadratic;
use glassbox_simulations::observables::{DisplacementRecorder, Displacements};

pub(super) const KIND: Kind = Kind {
    id: "independent-weights",
    title: "Independent weights",
    statement: "Euler–Maruyama steps in a well at kappa dt = 0.3, from a fixed start: 16 replicas of 640 weights, \
                displacements from step 2 on.",
    trials,
};

const REPLICAS: u32 = 16;
const WEIGHTS: usize = 640;
const WAITING: u64 = 2;
const LAGS: [u64; 3] = [1, 3, 8];
const STIFFNESS: f64 = 1.0;
const START: f64 = 0.4;

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
    let law = law()?.displacement(LAGS[1] as f64)?;
    let displacements: Vec<f64> =
        records.iter().flat_map(|record| record.displacements[1].iter().copied()).collect();
    let half_width = law.mean_squared_displacement().sqrt();
    let name = "test";
    Ok(vec![
        Trial::new(
            "mean squared displacement",
            Claim::Exact,
            &second_moment::check(name, seed, &displacements, &law)?,
        ),
        Trial::new("overlap", Claim::Bound, &overlap::check(name, seed, &displacements, &law, half_width)?),
        Trial::new("mean", Claim::Exact, &location::mean(name, seed, &displacements, &law)?),
        Trial::new(
            "non-Gaussian parameter",
            Claim::Exact,
            &kurtosis::check(name, seed, &displacements, &law)?,
        ),
        Trial::new(
            "Kolmogorov–Smirnov",
            Claim::Bound,
            &kolmogorov_smirnov::check(name, seed, &displacements, &law)?,
        ),
    ])
}
