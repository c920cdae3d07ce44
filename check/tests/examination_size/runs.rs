//! Whole runs: verdicts of right trajectories with any parameters open, saved at any gap.

use crate::right_runs::{RightRun, Start};
use glassbox_check::{Examination, ExaminationSettings, examine};
use glassbox_oracle::inference::{Model, Parameter, Transitions};
use glassbox_oracle::verdict::{Budget, Outcome};
use glassbox_oracle::{Scheme, verdict::Verdict};
use rayon::prelude::*;
use std::fmt::Write;

/// The false-alarm budget of `glassbox check`.
const BUDGET: f64 = 1e-6;

const RUNS: u64 = 300;

/// Where the bound on the standard deviation is below this share of the parameter, the likelihood is close to a parabola over
/// many standard deviations, and the estimate can reach the bound.
const BOUND_APPLIES: f64 = 0.03;

fn sets() -> Vec<Vec<Parameter>> {
    (0_u32..32)
        .map(|bits| (0..5).filter(|i| (bits >> i) & 1 == 1).map(|i| Parameter::ALL[i]).collect())
        .collect()
}

fn named(open: &[Parameter]) -> String {
    let names: Vec<String> = open.iter().map(Parameter::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn examined(run: &RightRun, open: &[Parameter], seed: u64) -> Examination {
    let settings = ExaminationSettings::new(run.law(), run.stated(open), Budget::new(BUDGET).unwrap());
    examine(&run.simulate(seed), &settings, "size").unwrap()
}

/// No number of a verdict, and no word of a line, is anything but a number or a word.
fn assert_words_and_numbers(examination: &Examination, what: &str) {
    let finite = |one: &Verdict| {
        [one.observed, one.predicted, one.effect, one.practical_tolerance, one.effective_sample_size]
            .into_iter()
            .chain([one.p_value, one.standard_error, one.difference_in_standard_errors].into_iter().flatten())
            .all(f64::is_finite)
    };
    for verdict in examination.report.verdicts() {
        assert!(finite(verdict) && !verdict.smallest_visible_effect.is_nan(), "{what}: {verdict}");
    }
    let mut text = examination.remarks.join("\n");
    for verdict in examination.report.verdicts() {
        write!(text, "\n{verdict}").unwrap();
    }
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        assert!(!matches!(word, "NaN" | "inf" | "undefined"), "{what}: {text}");
    }
}

/// What was counted over the runs of one kind with one set of open parameters.
#[derive(Default)]
struct Counts {
    inconsistent: u64,
    inconclusive: u64,
    smallest: f64,
}

fn count(run: &RightRun, open: &[Parameter], seeds: std::ops::Range<u64>) -> Counts {
    let found: Vec<(Outcome, f64)> = seeds
        .into_par_iter()
        .map(|seed| {
            let examination = examined(run, open, seed);
            assert_words_and_numbers(&examination, &format!("{run:?}, {} open, seed {seed}", named(open)));
            let smallest = examination.report.verdicts().filter_map(|one| one.p_value).fold(1.0, f64::min);
            (examination.report.outcome(), smallest)
        })
        .collect();
    let counted = |outcome| found.iter().filter(|(one, _)| *one == outcome).count() as u64;
    Counts {
        inconsistent: counted(Outcome::Inconsistent),
        inconclusive: counted(Outcome::Inconclusive),
        smallest: found.iter().map(|(_, p)| *p).fold(1.0, f64::min),
    }
}

/// `mu k dt` and the steps between frames, for frames from 0.1 to 100 relaxation times apart.
const GAPS: [(f64, u64); 8] =
    [(0.1, 1), (0.1, 5), (0.2, 5), (0.2, 10), (0.2, 15), (0.2, 20), (0.2, 30), (0.2, 500)];

const STARTS: [Start; 4] = [Start::Far, Start::Zero, Start::Stationary, Start::StationaryLaw];

/// Replicas, weights and frames: 30 moves of one weight, and replicas enough to measure errors between them.
const SIZES: [(u32, usize, u64); 2] = [(1, 1, 31), (8, 20, 6)];

/// 64,000 moves.
const LARGE: (u32, usize, u64) = (32, 100, 21);

fn kind((rate, gap): (f64, u64), (replicas, weights, frames): (u32, usize, u64), start: Start) -> RightRun {
    RightRun { rate, gap, replicas, weights, frames, start }
}

/// The gaps and open parameters at which right runs were rejected, up to all of them: 288 examinations, each of which a right
/// program fails with probability 1e-6, so that this test fails on another seed with probability 3e-4.
#[test]
fn frames_without_memory_reject_no_right_run() {
    let sets = [Parameter::Stiffness, Parameter::Temperature, Parameter::Mobility, Parameter::Step];
    for gap in [15, 20, 30] {
        for start in [Start::Stationary, Start::StationaryLaw] {
            for size in [(16, 50, 11), (1, 1, 31)] {
                let run = kind((0.2, gap), size, start);
                for open in sets {
                    let counts = count(&run, &[open], 1..7);
                    assert_eq!(counts.inconsistent, 0, "{run:?} with {open} open");
                }
            }
        }
    }
}

/// Noise is made in single precision. Where nothing is left of the frame before, one move of 64,000 is exactly 0 by chance.
#[test]
fn fresh_noise_may_be_the_same_twice() {
    let run = kind((0.2, 500), LARGE, Start::Zero);
    let examination = examined(&run, &[], 10_000_059);
    let still = examination.report.verdicts().find(|one| one.name.contains("exactly 0")).unwrap();
    assert_eq!((still.observed, still.outcome), (1.0 / 64_000.0, Outcome::Consistent));
    assert_ne!(examination.report.outcome(), Outcome::Inconsistent);
}

/// The number of runs of each kind: 300, or as many as `RUNS` says.
fn runs_of_each_kind() -> u64 {
    std::env::var("RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

/// Every set of open parameters, gaps from 0.1 to 100 relaxation times, all starts, small and large samples. Each of the 0.6
/// million runs fails with a probability of 1e-6 at most: three do with a probability below 3 %, four with 4e-3.
#[test]
#[ignore = "300 runs of 2,176 kinds: an hour and a half on two cores"]
fn no_right_run_is_rejected_beyond_the_budget() {
    let runs = runs_of_each_kind();
    println!(
        "| open | frames apart (relaxation times) | runs | inconsistent | inconclusive | smallest p-value |"
    );
    println!("|---|---|---|---|---|---|");
    let mut inconsistent = 0;
    for open in sets() {
        for gap in GAPS {
            let mut all = Counts { smallest: 1.0, ..Counts::default() };
            let mut total = 0;
            // One set of each kind of statement in large samples: sets that state the same numbers have the same verdicts.
            let large = [&[][..], &[Parameter::Temperature], &[Parameter::Stiffness], &[Parameter::Step]];
            let sizes = SIZES.into_iter().chain(large.contains(&open.as_slice()).then_some(LARGE));
            for (index, (size, start)) in sizes.flat_map(|size| STARTS.map(|start| (size, start))).enumerate()
            {
                let first = 1_000_000 * (index as u64 + 1);
                let counts = count(&kind(gap, size, start), &open, first..first + runs);
                all.inconsistent += counts.inconsistent;
                all.inconclusive += counts.inconclusive;
                all.smallest = all.smallest.min(counts.smallest);
                total += runs;
            }
            inconsistent += all.inconsistent;
            let times = gap.0 * gap.1 as f64;
            let Counts { inconsistent, inconclusive, smallest, .. } = all;
            println!(
                "| {} | {times} | {total} | {inconsistent} | {inconclusive} | {smallest:.1e} |",
                named(&open)
            );
        }
    }
    assert!(inconsistent < 4, "{inconsistent} right runs were inconsistent");
}

/// The standard deviation of every estimate of one open parameter over the information bound, where the bound is below 3 % of
/// the parameter. That of n runs has a relative standard error of `1/√(2 n)`: allowed are 5 % and five of them.
#[test]
#[ignore = "300 fits of 60 kinds: two minutes"]
fn estimates_are_as_precise_as_the_information_allows() {
    let runs = runs_of_each_kind();
    println!("| open | frames apart (relaxation times) | start | standard deviation | over the bound |");
    println!("|---|---|---|---|---|");
    for gap in GAPS {
        for start in STARTS {
            let run = kind(gap, (16, 50, 11), start);
            for open in
                [Parameter::Temperature, Parameter::DatasetSize, Parameter::Stiffness, Parameter::Step]
            {
                let bound = run.bound(f64::from(open.power_in_rate()), f64::from(open.power_in_noise()));
                if bound > BOUND_APPLIES {
                    continue;
                }
                let truth = run.stated(&[]).get(open).unwrap();
                // Runs of their own for each kind, so that chance does not repeat itself.
                let first =
                    1_000_000_000 * (1 + open as u64) + 10_000_000 * run.gap + 1_000_000 * start as u64;
                let estimates: Vec<f64> = (first..first + runs)
                    .into_par_iter()
                    .map(|seed| estimate(&run, open, seed) / truth)
                    .collect();
                let mean = estimates.iter().sum::<f64>() / runs as f64;
                let square: f64 = estimates.iter().map(|one| (one - mean).powi(2)).sum();
                let deviation = (square / (runs as f64 - 1.0)).sqrt();
                let ratio = deviation / bound;
                println!("| {open} | {} | {start:?} | {deviation:.2e} | {ratio:.3} |", gap.0 * gap.1 as f64);
                assert!(ratio < 1.05 + 5.0 / (2.0 * runs as f64).sqrt(), "{open} {run:?}: {ratio}");
            }
        }
    }
}

fn estimate(run: &RightRun, open: Parameter, seed: u64) -> f64 {
    use glassbox_check::Source;
    let frames = run.simulate(seed);
    let mut transitions = vec![Transitions::new(); run.replicas as usize];
    let mut before: Option<(usize, Vec<f64>)> = None;
    frames
        .read(0..frames.weights(), &mut |frame| {
            let transitions = &mut transitions[frame.replica];
            match &before {
                Some((replica, from)) if *replica == frame.replica => {
                    transitions.add(run.gap, from, frame.weights).unwrap();
                }
                _ => transitions.add_stationary(frame.weights).unwrap(),
            }
            before = Some((frame.replica, frame.weights.to_vec()));
        })
        .unwrap();
    let model = match run.start {
        Start::StationaryLaw => Model::StationaryWell(Scheme::EulerMaruyama),
        _ => Model::Well(Scheme::EulerMaruyama),
    };
    run.stated(&[open]).fit(&transitions, model).unwrap().inferred[0].estimate.value
}
