//! Section 3: a real network on real MNIST, in the two limits where a closed form holds.

use super::displacement_experiment::DisplacementExperiment;
use super::findings::{Findings, SuiteError};
use super::progress::Progress;
use super::regime::Regime;
use super::settings::Settings;
use glassbox_oracle::laws::{FreeBrownian, QuadraticWell};
use glassbox_oracle::{Bath, Clock, Displacement, DisplacementLaw, ParameterisedLaw};
use glassbox_reports::{Axis, Comparison, Curve};
use glassbox_simulations::dataset;
use glassbox_simulations::ensemble::{Ensemble, Observer};
use glassbox_simulations::integrator::{EulerMaruyama, GradientDescent, Integrator, State};
use glassbox_simulations::landscape::NetworkLandscape;
use glassbox_simulations::network::{Architecture, Initialisation};

/// Hidden width: 4,830 weights.
const WIDTH: usize = 30;
/// 526,470 displacements at the quick level.
const REPLICAS: u32 = 109;
const STEP: f64 = 1.0;

/// The section with glassbox's own integrator.
///
/// # Errors
/// [`SuiteError`] where an experiment cannot be made.
pub fn run(settings: &Settings, progress: &dyn Progress) -> Result<Findings, SuiteError> {
    run_with(settings, progress, |bath| Ok(EulerMaruyama::new(bath, STEP)?))
}

/// The section with any integrator, made for each bath and cloned for each replica.
///
/// # Errors
/// [`SuiteError`] where an experiment cannot be made.
pub fn run_with<I: Integrator<NetworkLandscape> + Clone + Sync>(
    settings: &Settings,
    progress: &dyn Progress,
    integrator: impl Fn(Bath) -> Result<I, SuiteError>,
) -> Result<Findings, SuiteError> {
    let mut findings = Findings {
        id: "network-limits",
        title: "Real network on MNIST: exact limits",
        statement: format!(
            "A bias-free ReLU network 10–6×{WIDTH}–1 on MNIST (first 10 principal components, parity labels) follows \
             closed forms in two limits. Noise-dominated: at high temperature and short times every weight diffuses \
             freely. Collapsed: under strong regularisation the network dies (L_data = 1/2), and each weight is an \
             independent well with k = lambda, with its exact step law. That the limit is reached is measured: forces \
             outside the law must make less than a tenth of the smallest deviation that matters."
        ),
        evidence: Vec::new(),
        comparisons: Vec::new(),
    };
    for limit in [noise_dominated(settings)?, collapsed(settings)?] {
        let experiment = limit.experiment(settings);
        let regime = limit.regime(settings);
        let share = regime.excess_share(&limit.start)?;
        let integrator = integrator(limit.bath)?;
        let measured = experiment.run(|_| limit.start.clone(), |_| integrator.clone(), progress)?;
        let free = FreeBrownian::new(limit.bath, Clock::steps(STEP)?)?;
        let (displacement, overlap) = experiment.prediction(0)?;
        let caption = format!("{} Forces outside the law make {share:.0e} of the motion.", limit.caption);
        let axis = || Axis::logarithmic("time since origin (steps)");
        let mut figures = [
            Comparison::new(
                format!("{}-displacement", limit.slug),
                format!("{}: mean squared displacement", limit.title),
                caption.clone(),
                axis(),
                Axis::logarithmic("mean squared displacement"),
            )?
            .with_law(displacement)
            .with_series(experiment.mean_squared_displacement(&measured, 0)?),
            Comparison::new(
                format!("{}-overlap", limit.slug),
                format!("{}: overlap", limit.title),
                caption,
                axis(),
                Axis::linear("overlap Q"),
            )?
            .with_law(overlap)
            .with_series(experiment.overlap(&measured, 0)?),
        ];
        if limit.stiffness != 0.0 {
            let [displacement, overlap] = figures;
            let free_displacement = experiment.curve(&free, Displacement::mean_squared_displacement)?;
            let free_overlap = experiment.curve(&free, |law| law.overlap(limit.half_width))?;
            figures = [
                displacement.with_law(Curve::dashed("free diffusion", free_displacement, 1)),
                overlap.with_law(Curve::dashed("free diffusion", free_overlap, 1)),
            ];
        }
        findings.evidence.extend(regime.doubt(measured.evidence, share));
        findings.comparisons.extend(figures);
    }
    Ok(findings)
}

/// For each limit, how much forces outside the law contribute at this seed, over what is allowed: above 1 its checks are
/// inconclusive. It takes a tenth of the section's time.
///
/// # Errors
/// [`SuiteError`] where an experiment cannot be made.
pub fn excess_over_allowed(settings: &Settings) -> Result<Vec<(&'static str, f64)>, SuiteError> {
    let limits = [noise_dominated(settings)?, collapsed(settings)?];
    limits
        .iter()
        .map(|limit| {
            let share = limit.regime(settings).excess_share(&limit.start)?;
            Ok((
                limit.title,
                share / Regime::<NetworkLandscape>::allowed(limit.experiment(settings).tolerance),
            ))
        })
        .collect()
}

/// A limit in which the weights are independent.
struct Limit {
    slug: &'static str,
    title: &'static str,
    caption: &'static str,
    landscape: NetworkLandscape,
    bath: Bath,
    stiffness: f64,
    law: Box<dyn ParameterisedLaw>,
    half_width: f64,
    start: Vec<f64>,
    waiting_steps: u64,
    lags: &'static [u64],
}

impl Limit {
    fn regime(&self, settings: &Settings) -> Regime<'_, NetworkLandscape> {
        Regime {
            landscape: &self.landscape,
            bath: self.bath,
            stiffness: self.stiffness,
            steps: self.waiting_steps + self.lags[self.lags.len() - 1],
            seed: settings.seed_of("regime"),
        }
    }

    fn experiment(&self, settings: &Settings) -> DisplacementExperiment<'_, NetworkLandscape> {
        DisplacementExperiment {
            name: self.title.to_lowercase(),
            landscape: &self.landscape,
            law: &*self.law,
            half_width: self.half_width,
            dt: STEP,
            waiting_steps: self.waiting_steps,
            lags: self.lags.to_vec(),
            replicas: REPLICAS * settings.replica_factor(),
            seed: settings.seed_of(self.title),
            tolerance: 0.02 * settings.tolerance_factor(),
        }
    }
}

/// About half the weights have left at the middle lag.
fn half_width(law: &dyn DisplacementLaw, lag: u64) -> Result<f64, SuiteError> {
    Ok(0.7 * law.displacement(lag as f64 * STEP)?.variance().sqrt())
}

/// T = 75 on 1,500 images: a step of noise is 0.01, a step of drift some 1e-5.
fn noise_dominated(settings: &Settings) -> Result<Limit, SuiteError> {
    let seed = settings.seed_of("noise-dominated network");
    let data = dataset::mnist()?.subset(1500, seed)?;
    let architecture = Architecture::paper(WIDTH)?;
    let bath = Bath::new(1e-3, 75.0, data.sample_count() as f64)?;
    let start = Initialisation::PYTORCH_LINEAR.draw(&architecture, seed, 0);
    let law = FreeBrownian::new(bath, Clock::steps(STEP)?)?;
    Ok(Limit {
        slug: "noise-dominated-network",
        title: "Noise-dominated network",
        caption: "T = 75 on 1,500 images, uniform initialisation of gain 1.",
        landscape: NetworkLandscape::new(architecture, data, 0.0)?,
        bath,
        stiffness: 0.0,
        half_width: half_width(&law, 3)?,
        law: Box::new(law),
        start,
        waiting_steps: 0,
        lags: &[1, 3, 10],
    })
}

/// lambda = 0.5, far above the transition: descent takes the network to W = 0, where thermal motion keeps it.
fn collapsed(settings: &Settings) -> Result<Limit, SuiteError> {
    const REGULARISATION: f64 = 0.5;
    const WAITING_STEPS: u64 = 10;
    let seed = settings.seed_of("collapsed network");
    let data = dataset::mnist()?.subset(300, seed)?;
    let architecture = Architecture::paper(WIDTH)?;
    let bath = Bath::new(0.1, 0.015, data.sample_count() as f64)?;
    let landscape = NetworkLandscape::new(architecture, data, REGULARISATION)?;
    let start = collapse(&landscape, bath.mobility(), seed)?;
    let law = QuadraticWell::new(bath, REGULARISATION, Clock::steps(STEP)?)?;
    let law = law.after_waiting(WAITING_STEPS as f64 * STEP)?;
    Ok(Limit {
        slug: "collapsed-network",
        title: "Collapsed network",
        caption: "lambda = 0.5, kappa dt = 0.05, T = 0.015 on 300 images; collapsed by descent from gain 1, then \
                  observed after 10 steps at temperature.",
        landscape,
        bath,
        stiffness: REGULARISATION,
        half_width: half_width(&law, 10)?,
        law: Box::new(law),
        start,
        waiting_steps: WAITING_STEPS,
        lags: &[1, 10, 40],
    })
}

/// Descends from the uniform initialisation until every weight is below 1e-9 of where it began.
fn collapse(landscape: &NetworkLandscape, learning_rate: f64, seed: u64) -> Result<Vec<f64>, SuiteError> {
    let weights = Initialisation::PYTORCH_LINEAR.draw(landscape.architecture(), seed, 0);
    let descent = GradientDescent::new(learning_rate)?;
    let steps = (1e9_f64.ln() / (learning_rate * landscape.regularisation())).ceil();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred steps")]
    let replicas = Ensemble::new(landscape, 1, seed).run(
        steps as u64,
        |_| weights.clone(),
        |_| descent,
        |_| LastWeights(Vec::new()),
    )?;
    // A descent that diverged leaves the start of a network that did not collapse; the regime check says so.
    let last =
        replicas.completed().ok().and_then(|records| records.first().map(|weights| (*weights).clone()));
    Ok(last.unwrap_or(weights))
}

struct LastWeights(Vec<f64>);

impl Observer for LastWeights {
    type Record = Vec<f64>;

    fn observe(&mut self, state: &State) {
        self.0.clone_from(&state.weights);
    }

    fn finish(self) -> Vec<f64> {
        self.0
    }
}
