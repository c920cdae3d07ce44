//! Stationary series: values that depend on those before.

use super::correlated::Path;
use super::{Claim, Kind, Trial, completed};
use crate::suite::SuiteError;
use glassbox_oracle::laws::StationaryWell;
use glassbox_oracle::verdict::{
    autocorrelation, effective_sample_size, equilibration, location, series_autocorrelation,
};
use glassbox_oracle::{Bath, Clock};
use glassbox_simulations::ensemble::Ensemble;
use glassbox_simulations::integrator::EulerMaruyama;
use glassbox_simulations::landscape::Quadratic;
use glassbox_simulations::noise::{NoiseStream, Purpose};

pub(super) const KIND: Kind = Kind {
    id: "stationary-series",
    title: "Stationary series",
    statement: "64 series of 400 Euler–Maruyama steps in a well at kappa dt = 0.3, from the stationary density of the \
                step. A value is worth about a sixth of an independent one.",
    trials,
};

const SERIES: u32 = 64;
const STEPS: u64 = 400;
const LAG: usize = 3;
const STIFFNESS: f64 = 1.0;

fn trials(seed: u64) -> Result<Vec<Trial>, SuiteError> {
    let bath = Bath::new(0.3, 0.5, 20.0)?;
    let law = StationaryWell::new(bath, STIFFNESS, Clock::steps(1.0)?)?;
    let series = simulate(seed, bath, law.weight_variance().sqrt())?;
    let correlation = law.weight_covariance(LAG as f64)? / law.weight_variance();
    let (now, later): (Vec<f64>, Vec<f64>) = series.iter().map(|one| (one[0], one[LAG])).unzip();
    let worth = effective_sample_size::measure(&series)?;
    let standard_error = (worth.variance / worth.effective_sample_size).sqrt();
    let name = "trial";
    let mean = location::statistic(name, seed, worth.mean, 0.0, standard_error, 1.0, worth.sample_size)?;
    Ok(vec![
        Trial::new(
            "autocorrelation of pairs",
            Claim::Exact,
            &autocorrelation::check(name, seed, &now, &later, 0.0, correlation)?,
        ),
        Trial::new(
            "autocorrelation of series",
            Claim::Within(2.0),
            &series_autocorrelation::check(name, seed, &series, LAG, 0.0, correlation)?,
        ),
        Trial::new("mean by effective sample size", Claim::Within(2.0), &mean),
        Trial::new(
            "first half against second",
            Claim::Within(2.0),
            &equilibration::check(name, seed, &series, 0)?,
        ),
    ])
}

/// One series a replica, each of a single weight.
fn simulate(seed: u64, bath: Bath, start: f64) -> Result<Vec<Vec<f64>>, SuiteError> {
    let well = Quadratic::new(1, STIFFNESS)?;
    let integrator = EulerMaruyama::new(bath, 1.0)?;
    let replicas = Ensemble::new(&well, SERIES, seed).run(
        STEPS,
        |replica| {
            let mut weight = [0.0];
            NoiseStream::new(seed, Purpose::Initialisation, replica).gaussians(0, &mut weight);
            vec![start * weight[0]]
        },
        |_| integrator,
        |_| Path::default(),
    )?;
    Ok(completed(&replicas)?.into_iter().map(|path| path.concat()).collect())
}
