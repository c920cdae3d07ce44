//! Every integrator follows the exact law of its own scheme, and is told from every other scheme wherever the laws differ
//! enough to be seen: in wells from soft to the limit of stability, without a force and on a hill.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox::oracle::laws::QuadraticWell;
use glassbox::oracle::special::gaussian_upper_quantile;
use glassbox::oracle::verdict::{Budget, Evidence, Outcome, kolmogorov_smirnov, location, second_moment};
use glassbox::oracle::{Bath, Clock, Displacement, DisplacementLaw, Scheme};
use glassbox::simulations::ensemble::Ensemble;
use glassbox::simulations::integrator::{EulerMaruyama, ExactWell, Heun, Integrator, LeimkuhlerMatthews};
use glassbox::simulations::landscape::Quadratic;
use glassbox::simulations::noise::{NoiseStream, Purpose};
use glassbox::simulations::observables::DisplacementRecorder;

const WEIGHTS: usize = 1024;
const REPLICAS: u32 = 128;
/// All the displacements of one lag, independent.
const COUNT: f64 = 131_072.0;
const SEED: u64 = 20_261_124;
const STEP: f64 = 0.5;
const MOBILITY: f64 = 0.4;
const LAGS: [u64; 3] = [1, 2, 7];

/// kappa dt: a hill, free, soft, and steps up to the limit of stability at 2.
const RATES: [f64; 6] = [-0.05, 0.0, 0.01, 0.37, 1.2, 1.95];

/// From a fixed weight, measured at once, and from a Gaussian after 3 steps.
const STARTS: [Start; 2] = [
    Start { mean: 0.3, standard_deviation: 0.0, waiting_steps: 0 },
    Start { mean: -0.1, standard_deviation: 0.2, waiting_steps: 3 },
];

#[derive(Clone, Copy, Debug)]
struct Start {
    mean: f64,
    standard_deviation: f64,
    waiting_steps: u64,
}

/// T/P_D = 0.01: the fixed start of 0.3 is three thermal standard deviations at stiffness 1.
fn bath() -> Bath {
    Bath::new(MOBILITY, 2.0, 200.0).unwrap()
}

fn law(scheme: Scheme, rate: f64, start: Start) -> QuadraticWell {
    let well = QuadraticWell::new(bath(), rate / (MOBILITY * STEP), Clock::steps(STEP).unwrap()).unwrap();
    let well = well.integrated_by(scheme).unwrap();
    let well = well.from_gaussian(start.mean, start.standard_deviation).unwrap();
    well.after_waiting(start.waiting_steps as f64 * STEP).unwrap()
}

/// Displacements of all weights of all replicas, for each lag.
fn simulate(scheme: Scheme, rate: f64, start: Start, seed: u64) -> Vec<Vec<f64>> {
    match scheme {
        Scheme::EulerMaruyama => advance(&EulerMaruyama::new(bath(), STEP).unwrap(), rate, start, seed),
        Scheme::Heun => advance(&Heun::new(bath(), STEP).unwrap(), rate, start, seed),
        Scheme::ExactStep => advance(&ExactWell::new(bath(), STEP).unwrap(), rate, start, seed),
        Scheme::LeimkuhlerMatthews => {
            advance(&LeimkuhlerMatthews::new(bath(), STEP).unwrap(), rate, start, seed)
        }
    }
}

fn advance<I: Integrator<Quadratic> + Clone + Sync>(
    integrator: &I,
    rate: f64,
    start: Start,
    seed: u64,
) -> Vec<Vec<f64>> {
    let well = Quadratic::new(WEIGHTS, rate / (MOBILITY * STEP)).unwrap();
    let starting_weights = |replica| {
        let mut weights = vec![0.0; WEIGHTS];
        NoiseStream::new(seed, Purpose::Initialisation, replica).gaussians(0, &mut weights);
        weights.into_iter().map(|z| start.mean + start.standard_deviation * z).collect()
    };
    let replicas = Ensemble::new(&well, REPLICAS, seed).run(
        start.waiting_steps + LAGS[2],
        starting_weights,
        |_| integrator.clone(),
        |_| DisplacementRecorder::new(start.waiting_steps, LAGS.to_vec()),
    );
    let replicas = replicas.unwrap();
    let records = replicas.completed().unwrap();
    (0..LAGS.len())
        .map(|lag| records.iter().flat_map(|record| record.displacements[lag].iter().copied()).collect())
        .collect()
}

/// Mean square, mean and distribution of the displacements at every lag, beside `law`.
fn evidence(name: &str, displacements: &[Vec<f64>], law: &dyn DisplacementLaw) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for (lag, moved) in LAGS.iter().zip(displacements) {
        let law = law.displacement(*lag as f64 * STEP).unwrap();
        let name = |what| format!("{name}, {lag} steps: {what}");
        evidence.push(second_moment::check(name("mean squared displacement"), SEED, moved, &law).unwrap());
        evidence.push(location::mean(name("mean"), SEED, moved, &law).unwrap());
        evidence.push(kolmogorov_smirnov::check(name("distribution"), SEED, moved, &law).unwrap());
    }
    evidence
}

/// Whether a run under `truth` must be told from `law`: the mean squares or the means lie so far apart that, seven standard
/// errors of bad luck deducted (1e-12), the test at `share` still rejects.
fn is_told_from(truth: &Displacement, law: &Displacement, share: f64) -> bool {
    let critical = gaussian_upper_quantile(0.5 * share);
    let of_square = |law: &Displacement| {
        let (m, v) = (law.mean(), law.variance());
        ((2.0 * v * v + 4.0 * m * m * v) / COUNT).sqrt()
    };
    let of_mean = |law: &Displacement| (law.variance() / COUNT).sqrt();
    let apart = |difference: f64, error: &dyn Fn(&Displacement) -> f64| {
        difference.abs() > critical * error(law) + 7.0 * error(truth)
    };
    apart(truth.mean_squared_displacement() - law.mean_squared_displacement(), &of_square)
        || apart(truth.mean() - law.mean(), &of_mean)
}

#[test]
fn every_integrator_follows_its_own_law_and_no_other() {
    // One false alarm in a million runs of this test, on any seed, over all checks of all cases.
    let budget = Budget::new(1e-6).unwrap();
    let checks = Scheme::ALL.len() * RATES.len() * STARTS.len() * LAGS.len() * 3;
    let share = budget.share(checks);
    let mut own = Vec::new();
    let (mut pairs, mut told) = (0, 0);
    for (case, rate) in RATES.into_iter().enumerate() {
        for (kind, start) in STARTS.into_iter().enumerate() {
            for (number, scheme) in Scheme::ALL.into_iter().enumerate() {
                let seed = SEED + (case * 100 + kind * 10 + number) as u64;
                let displacements = simulate(scheme, rate, start, seed);
                let truth = law(scheme, rate, start);
                own.extend(evidence(&format!("{scheme}, {rate}, {start:?}"), &displacements, &truth));
                for other in Scheme::ALL.into_iter().filter(|other| *other != scheme) {
                    let wrong = law(other, rate, start);
                    let must_be_told = LAGS.iter().any(|lag| {
                        let at = |law: &QuadraticWell| law.displacement(*lag as f64 * STEP).unwrap();
                        is_told_from(&at(&truth), &at(&wrong), share)
                    });
                    pairs += 1;
                    told += usize::from(must_be_told);
                    if must_be_told {
                        let verdicts =
                            evidence("", &displacements, &wrong).into_iter().map(|one| one.judge(share));
                        let rejected =
                            verdicts.into_iter().any(|verdict| verdict.outcome == Outcome::Inconsistent);
                        assert!(rejected, "{scheme} passes for {other} at kappa dt = {rate} from {start:?}");
                    }
                    // From 0.37 on no two laws are so close that they could be mistaken.
                    assert!(must_be_told || rate < 0.37, "{scheme} and {other} at kappa dt = {rate}");
                }
            }
        }
    }
    assert_eq!(own.len(), checks);
    for verdict in budget.judge(own) {
        assert!(verdict.outcome != Outcome::Inconsistent, "{verdict:#?}");
    }
    println!("{checks} checks passed; {told} of {pairs} wrong laws had to be rejected, and were");
}
