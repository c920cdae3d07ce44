//! Runs at every step of a ladder on one path of the noise, and what they differ by.

use super::error::ProfileError;
use super::hash::fnv_1a;
use super::order::{Sample, fit};
use super::problem::{Moments, Problem, Start};
use super::record::{Ladder, Point, Quantity, Reference, Standing};
use super::subject::Subject;
use glassbox_oracle::Bath;
use glassbox_simulations::integrator::{Integrator, IntegratorError, State};
use glassbox_simulations::landscape::Landscape;
use glassbox_simulations::noise::{NoiseStream, Purpose};
use rayon::prelude::*;
use std::num::NonZeroU32;

/// Weights at each observation; none from a run that diverged.
type Snapshots = Option<Vec<Vec<f64>>>;
/// One value a ladder and level, the finest level first; none where a run diverged or there is nothing to compare.
type Values = Vec<Vec<Option<f64>>>;

/// Measures every ladder of `problem`.
pub(crate) fn measure<L, I, M>(
    subject: &Subject<M>,
    problem: &Problem<L>,
    seed: u64,
) -> Result<Vec<Ladder>, ProfileError>
where
    L: Landscape,
    I: Integrator<L>,
    M: Fn(Bath, f64) -> Result<I, IntegratorError> + Sync,
{
    let seed = seed_of(seed, &problem.name);
    let replicas: Result<Vec<Values>, ProfileError> = (0..problem.replicas)
        .into_par_iter()
        .map(|replica| run_replica(subject, problem, seed, replica))
        .collect();
    let replicas = replicas?;
    let ladders = problem.ladders().into_iter().enumerate();
    ladders.map(|(index, ladder)| summarise(subject, problem, &replicas, index, ladder)).collect()
}

/// Every problem has noise of its own.
fn seed_of(seed: u64, name: &str) -> u64 {
    fnv_1a(name.bytes().chain(seed.to_le_bytes()))
}

fn run_replica<L, I, M>(
    subject: &Subject<M>,
    problem: &Problem<L>,
    seed: u64,
    replica: u32,
) -> Result<Values, ProfileError>
where
    L: Landscape,
    I: Integrator<L>,
    M: Fn(Bath, f64) -> Result<I, IntegratorError>,
{
    let ladders = problem.ladders();
    let path = NoiseStream::new(seed, Purpose::Langevin, replica);
    let weights = draw(problem.start, problem.landscape.dimension(), seed, replica);
    let on_the_path = ladders.iter().any(|ladder| ladder.0 == Quantity::StrongError);
    let solution = if on_the_path { follow(problem, seed, replica, &weights) } else { None };
    let mut values = vec![Vec::new(); ladders.len()];
    let mut finer: Snapshots = None;
    for level in (0..problem.steps.levels).rev() {
        let block = NonZeroU32::MIN.saturating_mul(
            NonZeroU32::new(1 << (problem.steps.levels - 1 - level)).unwrap_or(NonZeroU32::MIN),
        );
        let noise = path.coarsened(block);
        let run = simulate(subject, problem, level, &noise, &weights)?;
        let law = sample(problem, level, &noise, &weights);
        for (values, (quantity, reference)) in values.iter_mut().zip(&ladders) {
            let reference = match (reference, quantity) {
                (Reference::ExactSolution, Quantity::StrongError) => solution.as_ref(),
                (Reference::ExactSolution, _) => law.as_ref(),
                (Reference::HalfStep, _) => finer.as_ref(),
                (Reference::ExactLaw, _) => None,
            };
            values.push(match (&run, reference, quantity) {
                (Some(run), Some(reference), _) => Some(difference(*quantity, run, reference)),
                (Some(run), None, Quantity::Mean | Quantity::MeanSquare)
                    if ladders.contains(&(*quantity, Reference::ExactLaw)) && law.is_none() =>
                {
                    Some(from_the_law(*quantity, run, &problem.moments))
                }
                _ => None,
            });
        }
        finer = run;
    }
    Ok(values)
}

fn draw(start: Start, dimension: usize, seed: u64, replica: u32) -> Vec<f64> {
    let mut weights = vec![0.0; dimension];
    if start.standard_deviation > 0.0 {
        NoiseStream::new(seed, Purpose::Initialisation, replica).gaussians(0, &mut weights);
    }
    weights.iter().map(|z| start.mean + start.standard_deviation * z).collect()
}

/// The integrator's own run at a level.
fn simulate<L, I, M>(
    subject: &Subject<M>,
    problem: &Problem<L>,
    level: u32,
    noise: &NoiseStream,
    weights: &[f64],
) -> Result<Snapshots, ProfileError>
where
    L: Landscape,
    I: Integrator<L>,
    M: Fn(Bath, f64) -> Result<I, IntegratorError>,
{
    let mut integrator = (subject.make)(problem.bath, problem.steps.dt(level))?;
    let mut state = State::new(weights.to_vec());
    let mut snapshots = Vec::with_capacity(problem.observed_at.len());
    for observation in &problem.observed_at {
        while state.step < observation << level {
            integrator.step(&problem.landscape, noise, &mut state);
            state.step += 1;
        }
        if !(state.loss.is_finite() && state.weights.iter().all(|weight| weight.is_finite())) {
            return Ok(None);
        }
        snapshots.push(state.weights.clone());
    }
    Ok(Some(snapshots))
}

/// The exact solution on the path, in its finest steps.
fn follow<L: Landscape>(problem: &Problem<L>, seed: u64, replica: u32, start: &[f64]) -> Snapshots {
    let exact = problem.exact.as_ref()?;
    let path = NoiseStream::new(seed, Purpose::Langevin, replica);
    let rest = NoiseStream::new(seed, Purpose::WithinStep, replica);
    let finest = problem.steps.levels - 1;
    let dt = problem.steps.dt(finest);
    let (mut weights, mut increments) = (start.to_vec(), vec![0.0; start.len()]);
    let (mut within, mut snapshots, mut step) = (increments.clone(), Vec::new(), 0);
    for observation in &problem.observed_at {
        while step < observation << finest {
            path.gaussians(step, &mut increments);
            rest.gaussians(step, &mut within);
            exact.follow(dt, &mut weights, &increments, &within);
            step += 1;
        }
        snapshots.push(weights.clone());
    }
    Some(snapshots)
}

/// The exact law, driven by the noise numbers of a level.
fn sample<L: Landscape>(problem: &Problem<L>, level: u32, noise: &NoiseStream, start: &[f64]) -> Snapshots {
    let exact = problem.exact.as_ref()?;
    let dt = problem.steps.dt(level);
    let (mut weights, mut increments) = (start.to_vec(), vec![0.0; start.len()]);
    let (mut snapshots, mut step) = (Vec::new(), 0);
    for observation in &problem.observed_at {
        while step < observation << level {
            noise.gaussians(step, &mut increments);
            exact.sample(dt, &mut weights, &increments);
            step += 1;
        }
        snapshots.push(weights.clone());
    }
    Some(snapshots)
}

/// Averaged over weights and times; strong errors stay squared.
fn difference(quantity: Quantity, run: &[Vec<f64>], reference: &[Vec<f64>]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for (run, reference) in run.iter().zip(reference) {
        let pairs = run.iter().zip(reference);
        sum += match quantity {
            Quantity::StrongError => pairs.map(|(a, b)| (a - b) * (a - b)).sum::<f64>(),
            Quantity::Mean => pairs.map(|(a, b)| a - b).sum(),
            // a² − b² without cancellation.
            Quantity::MeanSquare => pairs.map(|(a, b)| (a - b) * (a + b)).sum(),
        };
        count += run.len() as f64;
    }
    sum / count
}

fn from_the_law(quantity: Quantity, run: &[Vec<f64>], moments: &[Moments]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for (weights, at) in run.iter().zip(moments) {
        sum += if quantity == Quantity::Mean {
            weights.iter().map(|weight| weight - at.mean).sum::<f64>()
        } else {
            weights.iter().map(|weight| weight * weight - at.mean_square).sum()
        };
        count += weights.len() as f64;
    }
    sum / count
}

fn summarise<L: Landscape, M>(
    subject: &Subject<M>,
    problem: &Problem<L>,
    replicas: &[Values],
    index: usize,
    (quantity, reference): (Quantity, Reference),
) -> Result<Ladder, ProfileError> {
    let scale = problem.scale(quantity)?;
    let rounding_floor = rounding_floor(subject.unit_roundoff(), problem, quantity)?;
    let square = quantity == Quantity::StrongError;
    let (mut points, mut samples, mut expected_of_samples) = (Vec::new(), Vec::new(), Vec::new());
    // The finest step has no half.
    let last = problem.steps.levels - u32::from(reference == Reference::HalfStep);
    for level in 0..last {
        let dt = problem.steps.dt(level);
        let expected = expected(subject, problem, quantity, reference, level)?.map(|value| value / scale);
        let position = (problem.steps.levels - 1 - level) as usize;
        let values: Option<Vec<f64>> = replicas.iter().map(|replica| replica[index][position]).collect();
        let Some(values) = values.filter(|values| values.iter().all(|value| value.is_finite())) else {
            let standing = Standing::Diverged;
            points.push(Point { dt, value: None, standard_error: None, expected, standing });
            continue;
        };
        let unit = if square { scale * scale } else { scale };
        let sample = Sample { dt, values: values.iter().map(|value| value / unit).collect(), square };
        let (standing, (value, standard_error)) = (sample.standing(rounding_floor), sample.error());
        points.push(Point {
            dt,
            value: Some(value),
            standard_error: Some(standard_error),
            expected,
            standing,
        });
        if standing == Standing::Measured {
            samples.push(sample);
            expected_of_samples.push(expected);
        }
    }
    let (order, no_order) = match fit(&samples, &expected_of_samples) {
        Ok(order) => (Some(order), None),
        Err(reason) => (None, Some(reason)),
    };
    Ok(Ladder {
        problem: problem.name.clone(),
        quantity,
        reference,
        replicas: problem.replicas,
        rounding_floor,
        points,
        order,
        no_order,
    })
}

/// The expected error, in units of the weights; of a difference to half the step it is that of two errors. (Strong errors
/// of such a difference are not known: the two runs share their path.)
fn expected<L, M>(
    subject: &Subject<M>,
    problem: &Problem<L>,
    quantity: Quantity,
    reference: Reference,
    level: u32,
) -> Result<Option<f64>, ProfileError> {
    let Some(law) = &problem.expected else { return Ok(None) };
    let at = |level| law(subject.scheme(), quantity, problem.steps.dt(level));
    Ok(match (reference, quantity) {
        (Reference::HalfStep, Quantity::StrongError) => None,
        (Reference::HalfStep, _) => at(level)?.zip(at(level + 1)?).map(|(whole, half)| whole - half),
        _ => at(level)?,
    })
}

/// What rounding can make of a relative error: four roundings for each of the finest steps, in run and reference, of
/// weights of the size of the exact law; twice that for squares. Contraction makes it less, a hill at most `e` times more.
fn rounding_floor<L>(
    unit_roundoff: f64,
    problem: &Problem<L>,
    quantity: Quantity,
) -> Result<f64, ProfileError> {
    let longest = problem.observed_at.last().copied().unwrap_or_default();
    let steps = (longest << (problem.steps.levels - 1)) as f64;
    let size = problem.scale(Quantity::StrongError)? / problem.scale(quantity)?.abs();
    let power = if quantity == Quantity::MeanSquare {
        2.0 * size * problem.scale(Quantity::StrongError)?
    } else {
        size
    };
    Ok(8.0 * unit_roundoff * steps * power.max(1.0))
}
