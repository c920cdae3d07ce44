//! Descent at temperature 0: deterministic problems, exact to rounding.

use super::super::error::ProfileError;
use super::super::exact_solution::{OrnsteinUhlenbeck, QuarticDescent};
use super::super::landscapes::Quartic;
use super::super::linear_scheme::WellRun;
use super::super::problem::{Moments, Problem, Start};
use super::super::record::Quantity;
use super::{STEPS, TIME};
use glassbox_oracle::{Bath, OracleError, Scheme};
use glassbox_simulations::landscape::Quadratic;

/// All weights and replicas are alike.
const WEIGHTS: usize = 2;
const STIFFNESS: f64 = 2.0;

fn cold() -> Result<Bath, OracleError> {
    Bath::new(0.5, 0.0, 4.0)
}

/// Descent in a quadratic well, `w(t) = w₀ e^{−kappa t}`; the expected part is that of the scheme without noise, by default
/// of the Euler step, which is gradient descent.
///
/// # Errors
/// [`ProfileError`] never, unless its numbers are edited.
pub fn quadratic_descent() -> Result<Problem<Quadratic>, ProfileError> {
    let bath = cold()?;
    let start = Start::fixed(1.0);
    let run = WellRun { bath, stiffness: STIFFNESS, start, times: vec![TIME] };
    let of_law = run.clone();
    let law = move |time| -> Result<Moments, OracleError> {
        Ok(Moments { mean: of_law.mean(None, time)?, mean_square: of_law.mean_square(None, time)? })
    };
    let well = Quadratic::new(WEIGHTS, STIFFNESS)?;
    let problem = Problem::new("quadratic descent", well, bath, start, STEPS, &[TIME], law)?;
    let problem = problem.with_exact_solution(OrnsteinUhlenbeck::new(bath, vec![STIFFNESS; WEIGHTS]));
    let expected = move |scheme: Option<Scheme>, quantity, dt| {
        let Some(scheme) = scheme else { return Ok(None) };
        let error = run.error(scheme, quantity, dt)?;
        Ok(Some(if quantity == Quantity::StrongError { error.max(0.0).sqrt() } else { error }))
    };
    Ok(problem.with_expected(expected).measuring(&[Quantity::StrongError, Quantity::Mean]).with_replicas(2))
}

/// Descent in a quartic well, `w(t) = w₀ / √(1 + 2 mu k w₀² t)`, with `mu k w₀² = 1`.
///
/// # Errors
/// As [`quadratic_descent`].
pub fn quartic_descent() -> Result<Problem<Quartic>, ProfileError> {
    let (bath, coefficient, start) = (cold()?, 2.0, 1.0_f64);
    let rate = bath.mobility() * coefficient;
    let law = move |time: f64| {
        let mean = start / (1.0 + 2.0 * rate * start * start * time).sqrt();
        Ok(Moments { mean, mean_square: mean * mean })
    };
    let well = Quartic::new(WEIGHTS, coefficient)?;
    let problem = Problem::new("quartic descent", well, bath, Start::fixed(start), STEPS, &[TIME], law)?;
    Ok(problem
        .with_exact_solution(QuarticDescent { rate })
        .measuring(&[Quantity::StrongError, Quantity::Mean])
        .with_replicas(2))
}
