//! Section 2: the quadratic well, from three kinds of start and at three step sizes, against the exact step law.

use super::displacement_experiment::{DisplacementExperiment, Measured};
use super::findings::{Findings, SuiteError};
use super::progress::Progress;
use super::settings::Settings;
use glassbox_oracle::laws::{QuadraticWell, StationaryWell};
use glassbox_oracle::verdict::{Evidence, second_moment};
use glassbox_oracle::{Bath, Clock, Displacement, DisplacementLaw, OracleError, ParameterisedLaw};
use glassbox_reports::{Axis, Comparison, Curve, Palette};
use glassbox_simulations::integrator::{EulerMaruyama, Integrator};
use glassbox_simulations::landscape::Quadratic;
use glassbox_simulations::noise::{NoiseStream, Purpose};

const WEIGHTS: usize = 2048;
/// 524,288 displacements at the quick level see a bias of 2 % in every check at a share of 2e-9.
const REPLICAS: u32 = 256;
const STEP: f64 = 1.0;
const STIFFNESS: f64 = 1.0;

/// Step sizes in units of the relaxation time, with the waiting time and the lags to look at, in steps. 1.5 overshoots:
/// the weight changes sides at every step.
const CASES: [Case; 3] = [
    Case { rate: 0.001, waiting_steps: 200, lags: &[1, 30, 300, 800] },
    Case { rate: 0.37, waiting_steps: 2, lags: &[1, 2, 5, 20] },
    Case { rate: 1.5, waiting_steps: 3, lags: &[1, 2, 3, 12] },
];

struct Case {
    /// kappa dt = mobility * stiffness * step.
    rate: f64,
    waiting_steps: u64,
    lags: &'static [u64],
}

/// How the weights start.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    /// All at three thermal standard deviations.
    Fixed,
    /// From a Gaussian twice as broad as the thermal one.
    Gaussian,
    /// From the stationary density of the step.
    Stationary,
}

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
pub fn run_with<I: Integrator<Quadratic> + Clone + Sync>(
    settings: &Settings,
    progress: &dyn Progress,
    integrator: impl Fn(Bath) -> Result<I, SuiteError>,
) -> Result<Findings, SuiteError> {
    let mut findings = Findings {
        id: "quadratic-well",
        title: "Quadratic well",
        statement: "In a well of stiffness k the Euler–Maruyama recursion has an exact Gaussian law at every step size \
                    (Appendix F, in discrete time). Tested from a fixed start, from a broad Gaussian and in the \
                    stationary state, after a waiting time, at kappa dt = 0.001, 0.37 and 1.5. Dashed: the law of \
                    continuous time; its distance from the step law is the expected step bias, and only what is left \
                    beyond it would be an error of the integrator."
            .to_owned(),
        evidence: Vec::new(),
        comparisons: Vec::new(),
    };
    for case in &CASES {
        let [mut displacement, mut overlap] = figures(case)?;
        for (colour, start) in [Start::Fixed, Start::Gaussian, Start::Stationary].into_iter().enumerate() {
            let setup = Setup::new(case, start)?;
            let experiment = setup.experiment(settings);
            let integrator = integrator(setup.bath)?;
            let measured = experiment.run(
                |replica| setup.starting_weights(experiment.seed, replica),
                |_| integrator.clone(),
                progress,
            )?;
            let (displacement_curve, overlap_curve) = experiment.prediction(colour)?;
            let continuous = setup.law(Clock::Continuous)?;
            let dashed = |curve| Curve::dashed("", curve, colour);
            displacement = displacement
                .with_law(displacement_curve)
                .with_law(dashed(experiment.curve(&*continuous, Displacement::mean_squared_displacement)?))
                .with_series(experiment.mean_squared_displacement(&measured, colour)?);
            overlap = overlap
                .with_law(overlap_curve)
                .with_law(dashed(experiment.curve(&*continuous, |law| law.overlap(experiment.half_width))?))
                .with_series(experiment.overlap(&measured, colour)?);
            let bias = step_bias(&experiment, &*continuous, &measured)?;
            findings.evidence.extend(measured.evidence);
            findings.evidence.extend(bias);
        }
        findings.comparisons.extend([displacement, overlap]);
    }
    Ok(findings)
}

/// One experiment: a case and a start.
struct Setup {
    name: String,
    case: &'static Case,
    start: Start,
    bath: Bath,
    landscape: Quadratic,
    law: Box<dyn ParameterisedLaw>,
    half_width: f64,
}

impl Setup {
    fn new(case: &'static Case, start: Start) -> Result<Self, SuiteError> {
        let bath = Bath::new(case.rate / (STIFFNESS * STEP), 0.5, 50.0)?;
        let kind = match start {
            Start::Fixed => "fixed start",
            Start::Gaussian => "Gaussian start",
            Start::Stationary => "stationary",
        };
        let law = law(case, start, bath, Clock::steps(STEP)?)?;
        // About half of the weights have left at the last lag, so that no overlap is too small to be seen well.
        let last = case.lags[case.lags.len() - 1] as f64;
        let half_width = 0.9 * law.displacement(last)?.mean_squared_displacement().sqrt();
        Ok(Self {
            name: format!("well, kappa dt = {}, {kind}", case.rate),
            case,
            start,
            bath,
            landscape: Quadratic::new(WEIGHTS, STIFFNESS)?,
            law,
            half_width,
        })
    }

    fn law(&self, clock: Clock) -> Result<Box<dyn ParameterisedLaw>, OracleError> {
        law(self.case, self.start, self.bath, clock)
    }

    fn experiment(&self, settings: &Settings) -> DisplacementExperiment<'_, Quadratic> {
        DisplacementExperiment {
            name: self.name.clone(),
            landscape: &self.landscape,
            law: &*self.law,
            half_width: self.half_width,
            dt: STEP,
            waiting_steps: if self.start == Start::Stationary { 0 } else { self.case.waiting_steps },
            lags: self.case.lags.to_vec(),
            replicas: REPLICAS * settings.replica_factor(),
            seed: settings.seed_of(&self.name),
            tolerance: 0.02 * settings.tolerance_factor(),
        }
    }

    fn starting_weights(&self, seed: u64, replica: u32) -> Vec<f64> {
        let (mean, standard_deviation) = match self.start {
            Start::Stationary => (0.0, (0.5 * self.law_limit()).sqrt()),
            start => start_moments(start, self.bath),
        };
        let mut weights = vec![0.0; WEIGHTS];
        NoiseStream::new(seed, Purpose::Initialisation, replica).gaussians(0, &mut weights);
        for weight in &mut weights {
            *weight = mean + standard_deviation * *weight;
        }
        weights
    }

    /// Twice the stationary variance of a weight; NaN, which no check passes, if there is none.
    fn law_limit(&self) -> f64 {
        self.law.mean_squared_displacement_limit().unwrap_or(f64::NAN)
    }
}

/// Mean and standard deviation of a start that is not stationary, in units of the thermal width.
fn start_moments(start: Start, bath: Bath) -> (f64, f64) {
    let thermal = (bath.thermal_energy() / STIFFNESS).sqrt();
    if start == Start::Fixed { (3.0 * thermal, 0.0) } else { (0.0, 2.0 * thermal) }
}

fn law(
    case: &Case,
    start: Start,
    bath: Bath,
    clock: Clock,
) -> Result<Box<dyn ParameterisedLaw>, OracleError> {
    if start == Start::Stationary {
        return Ok(Box::new(StationaryWell::new(bath, STIFFNESS, clock)?));
    }
    let (mean, standard_deviation) = start_moments(start, bath);
    let waiting_time = case.waiting_steps as f64 * STEP;
    let well = QuadraticWell::new(bath, STIFFNESS, clock)?.from_gaussian(mean, standard_deviation)?;
    Ok(Box::new(well.after_waiting(waiting_time)?))
}

/// The mean squared displacement at the third lag, relative to the continuous law: the step law says by how much it
/// must differ.
fn step_bias(
    experiment: &DisplacementExperiment<'_, Quadratic>,
    continuous: &dyn DisplacementLaw,
    measured: &Measured,
) -> Result<Option<Evidence>, SuiteError> {
    let (Some(lag), Some(displacements)) = (experiment.lags.get(2), measured.displacements.get(2)) else {
        return Ok(None);
    };
    let time = *lag as f64 * experiment.dt;
    let scale = continuous.mean_squared_displacement(time)?;
    let law = experiment.law.displacement(time)?;
    let name = format!("{}, {lag} steps: step bias against continuous time", experiment.name);
    let evidence = second_moment::check(name, experiment.seed, displacements, &law)?;
    Ok(Some(Evidence {
        observed: evidence.observed / scale - 1.0,
        predicted: evidence.predicted / scale - 1.0,
        standard_error: evidence.standard_error.map(|error| error / scale),
        effect_measure: "relative difference beyond the step bias",
        practical_tolerance: experiment.tolerance,
        ..evidence
    }))
}

fn figures(case: &Case) -> Result<[Comparison; 2], SuiteError> {
    let slug = format!("{}", case.rate).replace('.', "-");
    let caption = format!(
        "Solid: the exact law of the step at kappa dt = {}. Dashed: continuous time, shown and not judged by.",
        case.rate
    );
    let figure = |id: String, title: String, vertical| {
        Comparison::new(id, title, caption.clone(), Axis::logarithmic("time since origin (steps)"), vertical)
            .map(|figure| figure.with_palette(Palette::Categories))
    };
    Ok([
        figure(
            format!("well-{slug}-displacement"),
            format!("Well, kappa dt = {}: mean squared displacement", case.rate),
            Axis::logarithmic("mean squared displacement"),
        )?,
        figure(
            format!("well-{slug}-overlap"),
            format!("Well, kappa dt = {}: overlap", case.rate),
            Axis::linear("overlap Q"),
        )?,
    ])
}
