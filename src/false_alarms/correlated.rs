//! Weights that depend on each other inside a replica: half of the noise is common to all of them.

use super::{Claim, Kind, Trial, completed};
use crate::suite::SuiteError;
use glassbox_oracle::inference::{LinearFit, Model, StatedParameters, Transitions};
use glassbox_oracle::laws::QuadraticWell;
use glassbox_oracle::verdict::{Statistic, by_replica};
use glassbox_oracle::{Bath, Clock, DisplacementLaw, Scheme};
use glassbox_simulations::ensemble::{Ensemble, Observer};
use glassbox_simulations::integrator::{Integrator, State};
use glassbox_simulations::landscape::{Landscape, Quadratic};
use glassbox_simulations::noise::NoiseStream;

pub(super) const KIND: Kind = Kind {
    id: "dependent-weights",
    title: "Weights that depend on each other",
    statement: "The same well, but all weights of a replica share half of the variance of their noise: 40 replicas of \
                24 weights are worth far fewer than 960 independent ones. Every weight still follows its law. Tests \
                that take the replica for the independent unit must keep their false-alarm rate.",
    trials,
};

const REPLICAS: u32 = 40;
const WEIGHTS: usize = 24;
const STEPS: u64 = 12;
const STIFFNESS: f64 = 1.0;
const START: f64 = 0.4;

/// Euler–Maruyama steps with noise `(ξ + ξ_common)/√2`.
#[derive(Clone, Copy)]
struct CommonNoise {
    bath: Bath,
}

impl Integrator<Quadratic> for CommonNoise {
    fn step(&mut self, landscape: &Quadratic, noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        let mut drawn = [0.0; WEIGHTS + 1];
        noise.gaussians(state.step, &mut drawn);
        let amplitude = (0.5 * self.bath.noise_variance(1.0)).sqrt();
        for ((weight, slope), own) in state.weights.iter_mut().zip(&state.gradient).zip(drawn) {
            *weight += amplitude * (own + drawn[WEIGHTS]) - self.bath.mobility() * slope;
        }
    }
}

/// Weights after every step.
#[derive(Default)]
pub(super) struct Path(Vec<Vec<f64>>);

impl Observer for Path {
    type Record = Vec<Vec<f64>>;

    fn observe(&mut self, state: &State) {
        self.0.push(state.weights.clone());
    }

    fn finish(self) -> Vec<Vec<f64>> {
        self.0
    }
}

fn trials(seed: u64) -> Result<Vec<Trial>, SuiteError> {
    let bath = Bath::new(0.3, 0.5, 20.0)?;
    let well = Quadratic::new(WEIGHTS, STIFFNESS)?;
    let replicas = Ensemble::new(&well, REPLICAS, seed).run(
        STEPS,
        |_| vec![START; WEIGHTS],
        |_| CommonNoise { bath },
        |_| Path::default(),
    )?;
    let paths = completed(&replicas)?;
    let mut trials = moments(seed, bath, &paths)?;
    trials.extend(fitted(bath, &paths)?);
    Ok(trials)
}

/// Mean squared displacement and overlap, with the replica as the unit.
fn moments(seed: u64, bath: Bath, paths: &[&Vec<Vec<f64>>]) -> Result<Vec<Trial>, SuiteError> {
    let law = QuadraticWell::new(bath, STIFFNESS, Clock::steps(1.0)?)?.from_fixed(START)?;
    let law = law.displacement(STEPS as f64)?;
    let moved = |path: &&Vec<Vec<f64>>| -> Vec<f64> {
        path.last().into_iter().flatten().map(|weight| weight - START).collect()
    };
    let replicas: Vec<Vec<f64>> = paths.iter().map(moved).collect();
    let half_width = law.mean_squared_displacement().sqrt();
    let mut trials = Vec::new();
    for (test, statistic) in [
        ("mean squared displacement by replica", Statistic::MeanSquaredDisplacement),
        ("overlap by replica", Statistic::Overlap { half_width }),
    ] {
        let evidence = by_replica::check("trial", seed, &replicas, statistic, &law)?;
        trials.push(Trial::new(test, Claim::Within(2.0), &evidence));
    }
    Ok(trials)
}

/// Temperature and stiffness fitted to all transitions, in units of their standard errors.
fn fitted(bath: Bath, paths: &[&Vec<Vec<f64>>]) -> Result<Vec<Trial>, SuiteError> {
    let mut transitions = Vec::new();
    for path in paths {
        let mut of_replica = Transitions::new();
        for pair in path.windows(2) {
            of_replica.add(1, &pair[0], &pair[1])?;
        }
        transitions.push(of_replica);
    }
    let fit = LinearFit::new(&transitions, Model::Well(Scheme::EulerMaruyama))?;
    let stated = StatedParameters {
        mobility: Some(bath.mobility()),
        dataset_size: Some(bath.dataset_size()),
        step: Some(1.0),
        ..StatedParameters::default()
    };
    let mut trials = Vec::new();
    for (found, (name, truth)) in stated
        .solve(&fit)?
        .into_iter()
        .zip([("fitted temperature", bath.temperature()), ("fitted stiffness", STIFFNESS)])
    {
        trials.push(Trial { test: name, claim: Claim::Within(2.0), p_value: found.estimate.p_value(truth) });
    }
    Ok(trials)
}
