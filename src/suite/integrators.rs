//! Section 6: every integrator in a quadratic well, each against the exact law of its own scheme.

use super::displacement_experiment::{DisplacementExperiment, Measured};
use super::findings::{Findings, SuiteError};
use super::progress::Progress;
use super::settings::Settings;
use glassbox_oracle::laws::QuadraticWell;
use glassbox_oracle::{Bath, Clock, DisplacementLaw, OracleError, Scheme};
use glassbox_reports::{Axis, Comparison, Palette};
use glassbox_simulations::integrator::{EulerMaruyama, ExactWell, Heun, Integrator, LeimkuhlerMatthews};
use glassbox_simulations::landscape::Quadratic;
use glassbox_simulations::noise::{NoiseStream, Purpose};

const WEIGHTS: usize = 2048;
/// 524,288 displacements at the quick level see a bias of 2 % in every check at a share of 2e-9.
const REPLICAS: u32 = 256;
const STEP: f64 = 1.0;
const STIFFNESS: f64 = 1.0;

/// kappa dt: a usual step, and one beyond 1, where no two schemes are alike.
const RATES: [f64; 2] = [0.37, 1.2];
const LAGS: [u64; 4] = [1, 2, 3, 10];

/// How the weights start, in units of the thermal width of continuous time, and what they wait.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Start {
    name: &'static str,
    mean: f64,
    standard_deviation: f64,
    waiting_steps: u64,
}

const STARTS: [Start; 2] = [
    Start { name: "fixed start", mean: 3.0, standard_deviation: 0.0, waiting_steps: 0 },
    Start { name: "Gaussian start", mean: 0.0, standard_deviation: 2.0, waiting_steps: 2 },
];

/// The section with glassbox's own integrators.
///
/// # Errors
/// [`SuiteError`] where an experiment cannot be made.
pub fn run(settings: &Settings, progress: &dyn Progress) -> Result<Findings, SuiteError> {
    let mut findings = Findings {
        id: "integrators",
        title: "Integrators",
        statement: "Euler–Maruyama, Heun, the exact step and Leimkuhler–Matthews each have an exact Gaussian law in a \
                    well at every step size, and no two are the same. Each is tested against its own, from a fixed \
                    start at once and from a broad Gaussian after two steps, at kappa dt = 0.37 and 1.2."
            .to_owned(),
        evidence: Vec::new(),
        comparisons: Vec::new(),
    };
    for rate in RATES {
        for start in STARTS {
            let mut figure = figure(rate, start)?;
            for (colour, scheme) in Scheme::ALL.into_iter().enumerate() {
                let (experiment_law, landscape) =
                    (law(scheme, rate, start)?, Quadratic::new(WEIGHTS, STIFFNESS)?);
                let experiment = experiment(settings, scheme, rate, start, &experiment_law, &landscape)?;
                let measured = simulate(&experiment, scheme, rate, start, progress)?;
                figure = figure
                    .with_law(experiment.prediction(colour)?.0)
                    .with_series(experiment.mean_squared_displacement(&measured, colour)?);
                findings.evidence.extend(measured.evidence);
            }
            findings.comparisons.push(figure);
        }
    }
    Ok(findings)
}

fn bath(rate: f64) -> Result<Bath, OracleError> {
    Bath::new(rate / (STIFFNESS * STEP), 0.5, 50.0)
}

/// Mean and standard deviation of the start, in units of weight.
fn start_moments(rate: f64, start: Start) -> Result<(f64, f64), OracleError> {
    let thermal = (bath(rate)?.thermal_energy() / STIFFNESS).sqrt();
    Ok((start.mean * thermal, start.standard_deviation * thermal))
}

fn law(scheme: Scheme, rate: f64, start: Start) -> Result<QuadraticWell, OracleError> {
    let (mean, standard_deviation) = start_moments(rate, start)?;
    QuadraticWell::new(bath(rate)?, STIFFNESS, Clock::steps(STEP)?)?
        .integrated_by(scheme)?
        .from_gaussian(mean, standard_deviation)?
        .after_waiting(start.waiting_steps as f64 * STEP)
}

fn experiment<'a>(
    settings: &Settings,
    scheme: Scheme,
    rate: f64,
    start: Start,
    law: &'a QuadraticWell,
    landscape: &'a Quadratic,
) -> Result<DisplacementExperiment<'a, Quadratic>, SuiteError> {
    let name = format!("{scheme}, kappa dt = {rate}, {}", start.name);
    // At most half of the weights have left at any lag (the displacement is not always largest at the last), so that no
    // overlap is too small to be seen well.
    let mut largest = 0.0_f64;
    for lag in LAGS {
        largest = largest.max(law.mean_squared_displacement(lag as f64 * STEP)?);
    }
    let half_width = 0.9 * largest.sqrt();
    Ok(DisplacementExperiment {
        seed: settings.seed_of(&name),
        name,
        landscape,
        law,
        half_width,
        dt: STEP,
        waiting_steps: start.waiting_steps,
        lags: LAGS.to_vec(),
        replicas: REPLICAS * settings.replica_factor(),
        tolerance: 0.02 * settings.tolerance_factor(),
    })
}

fn simulate(
    experiment: &DisplacementExperiment<'_, Quadratic>,
    scheme: Scheme,
    rate: f64,
    start: Start,
    progress: &dyn Progress,
) -> Result<Measured, SuiteError> {
    let bath = bath(rate)?;
    let moments = start_moments(rate, start)?;
    match scheme {
        Scheme::EulerMaruyama => advance(experiment, &EulerMaruyama::new(bath, STEP)?, moments, progress),
        Scheme::Heun => advance(experiment, &Heun::new(bath, STEP)?, moments, progress),
        Scheme::ExactStep => advance(experiment, &ExactWell::new(bath, STEP)?, moments, progress),
        Scheme::LeimkuhlerMatthews => {
            advance(experiment, &LeimkuhlerMatthews::new(bath, STEP)?, moments, progress)
        }
    }
}

fn advance<I: Integrator<Quadratic> + Clone + Sync>(
    experiment: &DisplacementExperiment<'_, Quadratic>,
    integrator: &I,
    (mean, standard_deviation): (f64, f64),
    progress: &dyn Progress,
) -> Result<Measured, SuiteError> {
    let start = |replica| {
        let mut weights = vec![0.0; WEIGHTS];
        NoiseStream::new(experiment.seed, Purpose::Initialisation, replica).gaussians(0, &mut weights);
        weights.into_iter().map(|z| mean + standard_deviation * z).collect()
    };
    experiment.run(start, |_| integrator.clone(), progress)
}

fn figure(rate: f64, start: Start) -> Result<Comparison, SuiteError> {
    let slug = format!("{rate}-{}", start.name).replace(['.', ' '], "-").to_lowercase();
    Ok(Comparison::new(
        format!("integrators-{slug}"),
        format!("Integrators, kappa dt = {rate}, {}: mean squared displacement", start.name),
        "Lines: the exact law of each scheme at this step. They meet only as the step goes to 0.",
        Axis::logarithmic("time since origin (steps)"),
        Axis::logarithmic("mean squared displacement"),
    )?
    .with_palette(Palette::Categories))
}
