//! Free diffusion and wells: exact solutions on the path, and the exact error of every scheme.

use super::super::error::ProfileError;
use super::super::exact_solution::OrnsteinUhlenbeck;
use super::super::linear_scheme::WellRun;
use super::super::problem::{Moments, Problem, Start, Steps};
use super::super::record::Quantity;
use super::{STEPS, TIME, bath};
use glassbox_oracle::Clock;
use glassbox_oracle::OracleError;
use glassbox_oracle::laws::equilibrium;
use glassbox_simulations::landscape::{AnisotropicQuadratic, Flat, Landscape, Quadratic};

const WEIGHTS: usize = 512;
/// `mobility * stiffness = 1`.
const STIFFNESS: f64 = 2.0;

/// No force: every scheme is exact, so that any error above rounding is a fault of the noise.
///
/// # Errors
/// [`ProfileError`] never, unless its numbers are edited.
pub fn free_diffusion() -> Result<Problem<Flat>, ProfileError> {
    let flat = Flat::new(WEIGHTS)?;
    of_wells("free diffusion", flat, vec![0.0; WEIGHTS], Start::fixed(0.5), STEPS, &[TIME])
}

/// A well left from a fixed start of two thermal widths.
///
/// # Errors
/// As [`free_diffusion`].
pub fn quadratic_well() -> Result<Problem<Quadratic>, ProfileError> {
    let well = Quadratic::new(WEIGHTS, STIFFNESS)?;
    of_wells("quadratic well", well, vec![STIFFNESS; WEIGHTS], Start::fixed(1.0), STEPS, &[TIME])
}

/// A quarter of the weights on a hill, others in wells of three stiffnesses: kappa from −0.2 to 2.
///
/// # Errors
/// As [`free_diffusion`].
pub fn anisotropic_basin() -> Result<Problem<AnisotropicQuadratic>, ProfileError> {
    let stiffnesses: Vec<f64> = [-0.4, 0.4, 2.0, 4.0].iter().flat_map(|k| vec![*k; WEIGHTS / 4]).collect();
    let basin = AnisotropicQuadratic::new(stiffnesses.clone())?;
    of_wells("anisotropic basin", basin, stiffnesses, Start::fixed(1.0), STEPS, &[TIME])
}

/// A well in its stationary state: the bias of the variance at kappa dt = 1.6 … 0.1.
///
/// It starts from the Boltzmann density and is observed at 16 times from eight relaxation times on. What is then left of
/// the start is in the expected part, which is that of these very times.
///
/// # Errors
/// As [`free_diffusion`].
pub fn stationary_well() -> Result<Problem<Quadratic>, ProfileError> {
    let variance = equilibrium::stationary_variance(bath()?, STIFFNESS, Clock::Continuous)?;
    let start = Start { mean: 0.0, standard_deviation: variance.sqrt() };
    let steps = Steps { coarsest: 1.6, levels: 5 };
    let times: Vec<f64> = (6..22).map(|count| f64::from(count) * steps.coarsest).collect();
    let well = Quadratic::new(WEIGHTS, STIFFNESS)?;
    let problem = of_wells("stationary well", well, vec![STIFFNESS; WEIGHTS], start, steps, &times)?;
    Ok(problem.measuring(&[Quantity::MeanSquare]))
}

/// A problem on a landscape of wells with these stiffnesses, neighbours alike.
pub(super) fn of_wells<L: Landscape>(
    name: &str,
    landscape: L,
    stiffnesses: Vec<f64>,
    start: Start,
    steps: Steps,
    times: &[f64],
) -> Result<Problem<L>, ProfileError> {
    let bath = bath()?;
    let mut kinds = stiffnesses.clone();
    kinds.dedup();
    // As many weights of each kind.
    let runs: Vec<WellRun> = kinds
        .into_iter()
        .map(|stiffness| WellRun { bath, stiffness, start, times: times.to_vec() })
        .collect();
    let of_law = runs.clone();
    let law = move |time| -> Result<Moments, OracleError> {
        Ok(Moments {
            mean: average(&of_law, |run| run.mean(None, time))?,
            mean_square: average(&of_law, |run| run.mean_square(None, time))?,
        })
    };
    let problem = Problem::new(name, landscape, bath, start, steps, times, law)?;
    Ok(problem.with_exact_solution(OrnsteinUhlenbeck::new(bath, stiffnesses)).with_expected(
        move |scheme, quantity, dt| {
            let Some(scheme) = scheme else { return Ok(None) };
            let error = average(&runs, |run| run.error(scheme, quantity, dt))?;
            Ok(Some(if quantity == Quantity::StrongError { error.max(0.0).sqrt() } else { error }))
        },
    ))
}

fn average(runs: &[WellRun], of: impl Fn(&WellRun) -> Result<f64, OracleError>) -> Result<f64, OracleError> {
    let mut sum = 0.0;
    for run in runs {
        sum += of(run)?;
    }
    Ok(sum / runs.len() as f64)
}
