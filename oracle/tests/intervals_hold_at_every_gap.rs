//! Intervals of fitted numbers and parameters cover the truth as often as they say, at every gap between frames, for large and
//! small samples, from every start.
//!
//! `cargo test --release -p glassbox-oracle --test intervals_hold_at_every_gap -- --ignored --nocapture` prints the table that
//! docs/guide/check-measured.md describes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_oracle::Scheme;
use glassbox_oracle::inference::{Estimate, LinearFit, Model, Parameter, StatedParameters, Transitions};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

/// `2 mu T dt / P_D`.
const NOISE_VARIANCE: f64 = 0.002;

#[derive(Clone, Copy, Debug)]
enum Start {
    Far,
    Stationary,
}

#[derive(Clone, Copy, Debug)]
struct Configuration {
    scheme: Scheme,
    rate: f64,
    gap: u64,
    replicas: usize,
    weights: usize,
    moves: usize,
    start: Start,
}

impl Configuration {
    /// `aⁿ` and the gathered variance, by the recursion of single steps.
    fn map(&self, steps: u64) -> (f64, f64) {
        let x = self.rate;
        let (a, gain) = match self.scheme {
            Scheme::EulerMaruyama => (1.0 - x, 1.0),
            Scheme::Heun => (1.0 - x + 0.5 * x * x, (1.0 - 0.5 * x).powi(2)),
            _ => ((-x).exp(), (1.0 - (-2.0 * x).exp()) / (2.0 * x)),
        };
        let step = |(power, sum): (f64, f64), _| (power * a, sum * a * a + NOISE_VARIANCE * gain);
        (0..steps).fold((1.0, 0.0), step)
    }

    fn simulate(&self, seed: u64) -> Vec<Transitions> {
        let mut random = SmallRng::seed_from_u64(seed);
        let (kept, variance) = self.map(self.gap);
        let stationary = self.map(100_000).1.sqrt();
        let mut gaussian = || -> f64 { random.sample(StandardNormal) };
        let replica = |_| {
            let start = |gaussian: &mut dyn FnMut() -> f64| match self.start {
                Start::Far => 4.0 * stationary,
                Start::Stationary => stationary * gaussian(),
            };
            let mut from: Vec<f64> = (0..self.weights).map(|_| start(&mut gaussian)).collect();
            let mut transitions = Transitions::new();
            for _ in 0..self.moves {
                let to: Vec<f64> =
                    from.iter().map(|weight| kept * weight + variance.sqrt() * gaussian()).collect();
                transitions.add(self.gap, &from, &to).unwrap();
                from = to;
            }
            transitions
        };
        (0..self.replicas).map(replica).collect()
    }

    fn stated(&self) -> StatedParameters {
        StatedParameters {
            mobility: Some(0.1),
            temperature: Some(0.5),
            dataset_size: Some(50.0),
            stiffness: Some(10.0 * self.rate),
            step: Some(1.0),
        }
    }

    /// Every fitted number and inferred parameter of one run, with its name and its true value.
    fn estimates(&self, seed: u64) -> Vec<(String, f64, Estimate)> {
        let transitions = self.simulate(seed);
        let model = Model::Well(self.scheme);
        let fit = LinearFit::new(&transitions, model).unwrap();
        let mut found = vec![
            ("rate".to_owned(), self.rate, fit.reduced_rate().unwrap()),
            ("noise".to_owned(), NOISE_VARIANCE, fit.noise_variance()),
        ];
        for open in [
            &[Parameter::Temperature][..],
            &[Parameter::Stiffness],
            &[Parameter::Step],
            &[Parameter::Mobility, Parameter::Temperature],
            &[Parameter::Mobility, Parameter::Stiffness],
        ] {
            let mut stated = self.stated();
            for parameter in open {
                match parameter {
                    Parameter::Mobility => stated.mobility = None,
                    Parameter::Temperature => stated.temperature = None,
                    Parameter::DatasetSize => stated.dataset_size = None,
                    Parameter::Stiffness => stated.stiffness = None,
                    Parameter::Step => stated.step = None,
                }
            }
            let names: Vec<String> = open.iter().map(Parameter::to_string).collect();
            for inferred in stated.solve(&fit).unwrap() {
                let name = format!("{} of {}", inferred.parameter, names.join("+"));
                found.push((name, self.stated().get(inferred.parameter).unwrap(), inferred.estimate));
            }
        }
        found
    }
}

/// Of one kind of interval: runs that cover at 95 % and 99 %, and runs in which an end is missing at 99 %.
#[derive(Clone, Debug, Default)]
struct Coverage {
    name: String,
    covered: [u64; 2],
    unbounded: u64,
}

const LEVELS: [f64; 2] = [0.95, 0.99];

fn coverage(configuration: Configuration, runs: u64) -> Vec<Coverage> {
    let mut counts: Vec<Coverage> = Vec::new();
    // Runs of their own for each configuration, so that chance does not repeat itself.
    let first = 1_000_000 * (configuration.gap + 100 * configuration.moves as u64);
    for seed in first..first + runs {
        for (index, (name, truth, estimate)) in configuration.estimates(seed).into_iter().enumerate() {
            if counts.len() == index {
                counts.push(Coverage { name, ..Coverage::default() });
            }
            let count = &mut counts[index];
            let mut ends = (0.0, 0.0);
            for (covered, level) in count.covered.iter_mut().zip(LEVELS) {
                ends = estimate.interval(level).unwrap();
                assert!(!(ends.0.is_nan() || ends.1.is_nan() || estimate.value.is_nan()), "{estimate:?}");
                assert!(!estimate.standard_error.is_nan());
                *covered += u64::from(ends.0 <= truth && truth <= ends.1);
            }
            count.unbounded += u64::from(ends.0.is_infinite() || ends.1.is_infinite());
        }
    }
    counts
}

fn row(configuration: &Configuration, runs: u64, coverage: &Coverage) -> String {
    let Configuration { scheme, rate, gap, replicas, weights, moves, start } = configuration;
    let [at_95, at_99] = coverage.covered.map(|count| 100.0 * count as f64 / runs as f64);
    let name = &coverage.name;
    let unbounded = 100.0 * coverage.unbounded as f64 / runs as f64;
    format!(
        "| {scheme} | {rate} | {gap} | {replicas} x {weights} x {moves} | {start:?} | {name} | {at_95:.1} | {at_99:.1} | {unbounded:.0} |"
    )
}

fn configurations() -> Vec<Configuration> {
    let base = Configuration {
        scheme: Scheme::EulerMaruyama,
        rate: 0.2,
        gap: 1,
        replicas: 16,
        weights: 50,
        moves: 10,
        start: Start::Stationary,
    };
    let mut all = Vec::new();
    for gap in [1, 2, 5, 10, 15, 20, 30] {
        for start in [Start::Stationary, Start::Far] {
            all.push(Configuration { gap, start, ..base });
        }
        for scheme in [Scheme::Heun, Scheme::ExactStep] {
            all.push(Configuration { gap, scheme, ..base });
        }
        for start in [Start::Stationary, Start::Far] {
            all.push(Configuration { gap, start, replicas: 1, weights: 1, moves: 30, ..base });
        }
        all.push(Configuration { gap, replicas: 1, weights: 1, moves: 3000, ..base });
    }
    all
}

/// Runs of each configuration: with 1,000 the standard error of a coverage of 95 % is 0.7 %.
const RUNS: u64 = 1000;

/// `P(X ≥ count)` of a binomial number, by its terms.
fn upper_tail(count: u64, runs: u64, probability: f64) -> f64 {
    let mut term = (1.0 - probability).powf(runs as f64);
    let mut below = 0.0;
    for k in 0..count {
        below += term;
        term *= (runs - k) as f64 / (k + 1) as f64 * probability / (1.0 - probability);
    }
    1.0 - below
}

/// The configurations in which intervals once covered 43 %, and the smallest sample. 40 kinds of interval at two levels: with 1 %
/// (0.5 % at the higher level) allowed for approximation, and 1e-6 each, right code fails on another seed with probability 1e-4.
#[test]
fn intervals_cover_where_frames_have_no_memory() {
    const FEW: u64 = 60;
    let at = |gap, (replicas, weights, moves)| Configuration {
        scheme: Scheme::EulerMaruyama,
        rate: 0.2,
        gap,
        replicas,
        weights,
        moves,
        start: Start::Stationary,
    };
    for configuration in [at(1, (1, 1, 30)), at(15, (16, 50, 10)), at(30, (16, 50, 10)), at(30, (1, 1, 30))] {
        for one in coverage(configuration, FEW) {
            for (covered, miss) in one.covered.into_iter().zip([0.06, 0.015]) {
                let probability = upper_tail(FEW - covered, FEW, miss);
                assert!(probability > 1e-6, "{configuration:?} {one:?}");
            }
        }
    }
}

#[test]
#[ignore = "1,000 fits of 49 configurations: five minutes"]
fn measured() {
    let runs = std::env::var("RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS);
    let only = std::env::var("ONLY").unwrap_or_default();
    for configuration in configurations() {
        for one in coverage(configuration, runs) {
            let row = row(&configuration, runs, &one);
            if row.contains(&only) {
                println!("{row}");
            }
        }
    }
}
