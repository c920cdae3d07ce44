//! How often right trajectories fail each check of `glassbox check`.

use glassbox_check::{ExaminationSettings, ExaminedLaw, FramesInMemory, examine};
use glassbox_oracle::inference::StatedParameters;
use glassbox_oracle::verdict::Budget;
use glassbox_simulations::noise::{NoiseStream, Purpose};
use rayon::prelude::*;
use std::collections::BTreeMap;

const RUNS: u64 = 2000;
const REPLICAS: u32 = 8;
const WEIGHTS: usize = 50;
const STEPS: u64 = 60;
const LEVEL: f64 = 0.01;

fn trajectory(seed: u64, rate: f64) -> FramesInMemory {
    let mut values = Vec::new();
    for replica in 0..REPLICAS {
        let mut weights = vec![0.0; WEIGHTS];
        NoiseStream::new(seed, Purpose::Initialisation, replica).gaussians(0, &mut weights);
        // Stationary at rate 0.2 and noise variance 0.002.
        weights.iter_mut().for_each(|weight| *weight *= (0.002_f64 / 0.36).sqrt());
        for step in 0..=STEPS {
            values.extend_from_slice(&weights);
            let mut noise = vec![0.0; WEIGHTS];
            NoiseStream::new(seed, Purpose::Langevin, replica).gaussians(step, &mut noise);
            for (weight, noise) in weights.iter_mut().zip(&noise) {
                *weight += 0.002_f64.sqrt() * noise - rate * *weight;
            }
        }
    }
    let frames = FramesInMemory::new((0..=STEPS).collect(), WEIGHTS, values).unwrap();
    frames.with_layers(vec![0..20, 20..50])
}

/// `P(X ≥ successes)` for a binomial of RUNS trials, by its terms.
fn upper_tail(successes: u64, probability: f64) -> f64 {
    let mut term = (1.0 - probability).powf(RUNS as f64);
    let mut below = 0.0;
    for k in 0..successes {
        below += term;
        term *= (RUNS - k) as f64 / (k + 1) as f64 * probability / (1.0 - probability);
    }
    1.0 - below
}

/// No check of any setting rejects more than its nominal 1 %, by a binomial test at 1e-5 a check: about 60 checks, so that
/// right code fails this test with a probability below 1e-3 on another seed.
#[test]
#[ignore = "2,000 examinations of six kinds: three minutes on two cores"]
fn no_check_rejects_more_than_its_share() {
    let stated = StatedParameters {
        mobility: Some(0.1),
        temperature: Some(0.5),
        dataset_size: Some(50.0),
        stiffness: Some(2.0),
        step: Some(1.0),
    };
    let fitted = StatedParameters { temperature: None, stiffness: None, ..stated };
    let agreeing = StatedParameters { step: None, ..stated };
    let free = StatedParameters { stiffness: None, ..stated };
    for (name, law, parameters, rate) in [
        ("well, stated", ExaminedLaw::StationaryWell, stated, 0.2),
        ("well, temperature and stiffness fitted", ExaminedLaw::Well, fitted, 0.2),
        ("well, step fitted", ExaminedLaw::Well, agreeing, 0.2),
        ("free, nothing stated", ExaminedLaw::Free, StatedParameters::default(), 0.0),
        ("free, stated", ExaminedLaw::Free, free, 0.0),
        ("no law", ExaminedLaw::None, StatedParameters::default(), 0.2),
    ] {
        let mut settings = ExaminationSettings::new(law, parameters, Budget::new(1e-6).unwrap());
        // Wells are no network, whose layers would be balanced.
        settings.layers = (law == ExaminedLaw::None).then(Vec::new);
        let all: Vec<Vec<(String, f64)>> = (0..RUNS)
            .into_par_iter()
            .map(|seed| {
                let examination = examine(&trajectory(1000 + seed, rate), &settings, "size").unwrap();
                let p_values =
                    examination.report.verdicts().filter_map(|one| Some((one.name.clone(), one.p_value?)));
                p_values.collect()
            })
            .collect();
        let mut rejected: BTreeMap<&str, u64> = BTreeMap::new();
        for (check, p_value) in all.iter().flatten() {
            *rejected.entry(check).or_default() += u64::from(*p_value < LEVEL);
        }
        println!("{name}:");
        for (check, count) in rejected {
            let probability = upper_tail(count, LEVEL);
            println!("  {:.4} of {LEVEL} ({probability:.1e}): {check}", count as f64 / RUNS as f64);
            assert!(probability > 1e-5, "{name}, {check}: {count} of {RUNS} at {LEVEL}");
        }
    }
}
