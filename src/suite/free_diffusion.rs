//! Section 1: no force. The displacement is Gaussian with variance 2 D t at any step.

use super::displacement_experiment::DisplacementExperiment;
use super::findings::{Findings, SuiteError};
use super::progress::Progress;
use super::settings::Settings;
use glassbox_oracle::laws::FreeBrownian;
use glassbox_oracle::{Bath, Clock, Displacement, DisplacementLaw};
use glassbox_reports::{Axis, Comparison, Curve, Observed, Series};
use glassbox_simulations::integrator::{EulerMaruyama, Integrator};
use glassbox_simulations::landscape::Flat;
use glassbox_simulations::observables::LogDisplacementHistogram;

/// Weights a replica.
const WEIGHTS: usize = 2048;
/// 524,288 displacements at the quick level see a bias of 2 % in every check at a share of 2e-9.
const REPLICAS: u32 = 256;
/// Lags in steps: short, middle and long against the relaxation time of the half width below.
const LAGS: [u64; 4] = [1, 10, 100, 1000];
const STEP: f64 = 1.0;
/// All weights start here. A step's noise, 2e-5, is a fourteenth of what single precision resolves beside it, and
/// twenty million times what double precision does: weights kept in 32 bits stand still, as cold weights of a network do.
const START: f64 = 4096.0;

/// The section with glassbox's own integrator.
///
/// # Errors
/// [`SuiteError`] where the experiment cannot be made.
pub fn run(settings: &Settings, progress: &dyn Progress) -> Result<Findings, SuiteError> {
    let integrator = EulerMaruyama::new(bath()?, STEP)?;
    run_with(settings, progress, |_| integrator)
}

/// The bath of the section: the paper's mobility and data set size, at T = 0.01.
///
/// # Errors
/// None in practice.
pub fn bath() -> Result<Bath, SuiteError> {
    Ok(Bath::new(1e-3, 0.01, 60_000.0)?)
}

/// The section with any integrator, to see whether the checks catch a broken one.
///
/// # Errors
/// [`SuiteError`] where the experiment cannot be made.
pub fn run_with<I: Integrator<Flat>>(
    settings: &Settings,
    progress: &dyn Progress,
    integrator: impl Fn(u32) -> I + Sync,
) -> Result<Findings, SuiteError> {
    let landscape = Flat::new(WEIGHTS)?;
    let law = FreeBrownian::new(bath()?, Clock::steps(STEP)?)?;
    // Half the weights have left after 300 steps.
    let half_width = 0.6745 * law.displacement(300.0)?.variance().sqrt();
    let experiment = DisplacementExperiment {
        name: "free diffusion".to_owned(),
        landscape: &landscape,
        law: &law,
        half_width,
        dt: STEP,
        waiting_steps: 0,
        lags: LAGS.to_vec(),
        replicas: REPLICAS * settings.replica_factor(),
        seed: settings.seed_of("free diffusion"),
        tolerance: 0.02 * settings.tolerance_factor(),
    };
    let measured = experiment.run(|_| vec![START; WEIGHTS], integrator, progress)?;
    let (displacement, overlap) = experiment.prediction(0)?;
    let mut comparisons = vec![
        Comparison::new(
            "free-diffusion-displacement",
            "Free diffusion: mean squared displacement",
            "Slope 1 at all times: 2 D t.",
            Axis::logarithmic("time since origin (steps)"),
            Axis::logarithmic("mean squared displacement"),
        )?
        .with_law(displacement)
        .with_series(experiment.mean_squared_displacement(&measured, 0)?),
        Comparison::new(
            "free-diffusion-overlap",
            "Free diffusion: overlap",
            "erf(eps/√(4Dt)), without the prefactor 2/√π that Eq. 6 prints. Its tail t^(−1/2) needs no glass.",
            Axis::logarithmic("time since origin (steps)"),
            Axis::linear("overlap Q"),
        )?
        .with_law(overlap)
        .with_series(experiment.overlap(&measured, 0)?),
    ];
    if let Some(last) = measured.displacements.last() {
        comparisons.push(histogram(last, &law.displacement(LAGS[LAGS.len() - 1] as f64)?)?);
    }
    Ok(Findings {
        id: "free-diffusion",
        title: "Free diffusion",
        statement: "Without force every displacement is Gaussian with variance 2Dt, D = mu T/P_D, at any step \
                    (Eqs. 3, 5–9). Tested at short, middle and long times: second moment, overlap, non-Gaussian \
                    parameter, whole distribution, and independence of the replicas."
            .to_owned(),
        evidence: measured.evidence,
        comparisons,
    })
}

/// Density of log10 |dw| at the last lag beside the Gaussian law (the null of Fig. 7d–f).
fn histogram(displacements: &[f64], law: &Displacement) -> Result<Comparison, SuiteError> {
    let centre = 0.5 * law.variance().log10();
    let (low, high, bins) = (centre - 3.0, centre + 1.0, 40);
    let mut points = Vec::new();
    if let Some(mut histogram) = LogDisplacementHistogram::new(low, high, bins) {
        histogram.extend(displacements);
        let total = histogram.total() as f64;
        for (index, count) in histogram.counts().iter().enumerate() {
            let (left, right) = histogram.edges(index);
            let probability = law.overlap(10.0_f64.powf(right)) - law.overlap(10.0_f64.powf(left));
            let width = right - left;
            points.push(Observed {
                at: 0.5 * (left + right),
                observed: *count as f64 / total / width,
                standard_error: (probability * (1.0 - probability) / total).sqrt() / width,
                predicted: probability / width,
            });
        }
    }
    let curve = (0..=200).map(|i| {
        let at = low + (high - low) * f64::from(i) / 200.0;
        (at, law.log10_magnitude_density(at))
    });
    Ok(Comparison::new(
        "free-diffusion-histogram",
        "Free diffusion: distribution of displacements",
        "Density of log10|dw| after 1000 steps. A Gaussian alone has this long left shoulder of slope 1; it is no sign \
         of a second population.",
        Axis::linear("log10 of displacement"),
        Axis::linear("probability density"),
    )?
    .with_law(Curve::prediction("Gaussian law", curve.collect(), 0))
    .with_series(Series::new("simulation", points, 0)))
}
