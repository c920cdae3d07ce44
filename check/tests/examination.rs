//! Trajectories with one fault each, examined in memory: right ones pass, each fault is found and named.
//!
//! Every examination has a false-alarm budget of 1e-6: a right trajectory of another seed fails with that probability.
//! The faults are so large that each is missed with a probability below 1e-6.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_check::{Examination, ExaminationSettings, ExaminedLaw, FramesInMemory, examine};
use glassbox_oracle::inference::StatedParameters;
use glassbox_oracle::verdict::{Budget, Outcome};
use glassbox_simulations::noise::{NoiseStream, Purpose};

const REPLICAS: u32 = 16;
const WEIGHTS: usize = 150;
const STEPS: u64 = 200;

fn parameters() -> StatedParameters {
    StatedParameters {
        mobility: Some(0.1),
        temperature: Some(0.5),
        dataset_size: Some(50.0),
        stiffness: Some(2.0),
        step: Some(1.0),
    }
}

/// A simulation whose parts can be changed one by one.
struct Simulation {
    rate: f64,
    noise_variance: f64,
    start: f64,
    times: Vec<u64>,
    /// The noise of (replica, step).
    noise: Box<dyn Fn(u32, u64) -> Vec<f64>>,
    /// What happens to a weight after a step.
    rounding: fn(f64) -> f64,
    /// How the noise acts.
    amplitude: fn(u64) -> f64,
}

fn gaussians(replica: u32, step: u64) -> Vec<f64> {
    let mut values = vec![0.0; WEIGHTS];
    NoiseStream::new(11, Purpose::Langevin, replica).gaussians(step, &mut values);
    values
}

impl Simulation {
    /// mu k dt = 0.2 and 2 mu T dt/P_D = 0.002, as stated.
    fn right() -> Self {
        Self {
            rate: 0.2,
            noise_variance: 0.002,
            start: 0.3,
            times: (0..=STEPS).collect(),
            noise: Box::new(gaussians),
            rounding: |weight| weight,
            amplitude: |_| 1.0,
        }
    }

    fn free() -> Self {
        Self { rate: 0.0, ..Self::right() }
    }

    fn run(&self) -> FramesInMemory {
        let mut values = Vec::new();
        let last = self.times[self.times.len() - 1];
        for replica in 0..REPLICAS {
            let mut weights = vec![(self.rounding)(self.start); WEIGHTS];
            for step in 0..=last {
                if self.times.contains(&step) {
                    values.extend_from_slice(&weights);
                }
                let amplitude = self.noise_variance.sqrt() * (self.amplitude)(step);
                for (weight, noise) in weights.iter_mut().zip((self.noise)(replica, step)) {
                    *weight = (self.rounding)(*weight - self.rate * *weight + amplitude * noise);
                }
            }
        }
        FramesInMemory::new(self.times.clone(), WEIGHTS, values).unwrap()
    }
}

fn settings(law: ExaminedLaw, stated: StatedParameters) -> ExaminationSettings {
    let stated = match law {
        ExaminedLaw::Free | ExaminedLaw::None => StatedParameters { stiffness: None, ..stated },
        _ => stated,
    };
    ExaminationSettings::new(law, stated, Budget::new(1e-6).unwrap())
}

fn examined(frames: &FramesInMemory, law: ExaminedLaw, stated: StatedParameters) -> Examination {
    examine(frames, &settings(law, stated), "test").unwrap()
}

fn assert_outcome(examination: &Examination, outcome: Outcome) {
    let verdicts: Vec<String> = examination
        .report
        .verdicts()
        .filter(|verdict| verdict.outcome != Outcome::Consistent)
        .map(|verdict| format!("{}: {}", verdict.name, verdict.reason))
        .collect();
    assert_eq!(examination.report.outcome(), outcome, "{verdicts:#?}\n{:#?}", examination.remarks);
}

/// Whether a check whose name contains `name` is inconsistent, and its reason.
fn failed(examination: &Examination, name: &str) -> String {
    let found = examination
        .report
        .verdicts()
        .find(|verdict| verdict.name.contains(name) && verdict.outcome == Outcome::Inconsistent);
    let all: Vec<_> = examination.report.verdicts().map(|one| (&one.name, one.outcome)).collect();
    found.unwrap_or_else(|| panic!("no failed check {name} in {all:#?}")).reason.clone()
}

fn remarked(examination: &Examination, words: &str) {
    assert!(examination.remarks.iter().any(|line| line.contains(words)), "{:#?}", examination.remarks);
}

#[test]
fn right_trajectories_are_consistent() {
    let well = Simulation::right().run();
    assert_outcome(&examined(&well, ExaminedLaw::Well, parameters()), Outcome::Consistent);
    let free = Simulation::free().run();
    assert_outcome(&examined(&free, ExaminedLaw::Free, parameters()), Outcome::Consistent);
    // Saved at any steps, with parameters left open.
    let times = (0..400).filter(|n| n % 7 < 4).collect();
    let gaps = Simulation { times, ..Simulation::right() }.run();
    assert_outcome(&examined(&gaps, ExaminedLaw::Well, parameters()), Outcome::Consistent);
    for open in [
        StatedParameters { temperature: None, ..parameters() },
        StatedParameters { stiffness: None, ..parameters() },
        StatedParameters { step: None, ..parameters() },
        StatedParameters { step: None, temperature: None, ..parameters() },
        StatedParameters::default(),
    ] {
        assert_outcome(&examined(&gaps, ExaminedLaw::Well, open), Outcome::Consistent);
    }
}

#[test]
fn open_parameters_are_inferred_with_intervals_or_refused() {
    let well = Simulation::right().run();
    let open = StatedParameters { temperature: None, stiffness: None, ..parameters() };
    let examination = examined(&well, ExaminedLaw::Well, open);
    remarked(&examination, "inferred: temperature = 0.");
    remarked(&examination, "inferred: stiffness = ");
    let unknown = StatedParameters { temperature: None, dataset_size: None, ..parameters() };
    remarked(
        &examined(&well, ExaminedLaw::Well, unknown),
        "not inferred: temperature, dataset_size cannot be inferred together",
    );
    // What was fitted is not tested by the same number.
    let names: Vec<_> = examination.report.verdicts().map(|verdict| verdict.name.clone()).collect();
    assert!(!names.iter().any(|name| name.contains("second moment (strength")), "{names:#?}");
}

#[test]
fn wrong_noise_is_named_in_the_users_parameters() {
    let wrong = |noise_variance: f64| {
        let examination = examined(
            &Simulation { noise_variance, ..Simulation::right() }.run(),
            ExaminedLaw::Well,
            parameters(),
        );
        assert_outcome(&examination, Outcome::Inconsistent);
        (failed(&examination, "second moment (strength of the noise)"), examination)
    };
    let (reason, examination) = wrong(0.002 * 1.05);
    assert!(reason.contains("temperature") && reason.contains("% too high"), "{reason}");
    remarked(&examination, "inferred, if all others are as stated: temperature = 0.52");
    assert!(
        !examination.remarks.iter().any(|line| line.starts_with("diagnosis")),
        "{:#?}",
        examination.remarks
    );
    remarked(&wrong(0.001).1, "the factor 2 of 2 mu T dt / P_D is missing");
    remarked(&wrong(0.1).1, "not divided by the data set size");
}

#[test]
fn a_wrong_pull_and_a_wrong_law_are_found() {
    let slower = Simulation { rate: 0.1, ..Simulation::right() }.run();
    let examination = examined(&slower, ExaminedLaw::Well, parameters());
    failed(&examination, "reduced rate");
    remarked(&examination, "the drift is halved");
    // A well judged as free diffusion, with the noise fitted.
    let well = Simulation::right().run();
    let fitted = StatedParameters { temperature: None, ..parameters() };
    assert_outcome(&examined(&well, ExaminedLaw::Free, fitted), Outcome::Inconsistent);
    // One parameter in two numbers: with the step open, a doubled noise contradicts the pull.
    let hot = Simulation { noise_variance: 0.004, ..Simulation::right() }.run();
    let open = StatedParameters { step: None, ..parameters() };
    failed(&examined(&hot, ExaminedLaw::Well, open), "the pull over the noise");
}

#[test]
fn a_start_that_is_not_stationary_is_found() {
    let examination = examined(&Simulation::right().run(), ExaminedLaw::StationaryWell, parameters());
    failed(&examination, "first frame: mean square");
}

/// Each fault of the noise is found with the law. Without any, exact copies are; noise that is shared in part, or shifted in
/// time after a common start, cannot be told from a common drift there and is left open, with its place.
#[test]
fn shared_noise_is_found_and_named() {
    type Noise = Box<dyn Fn(u32, u64) -> Vec<f64>>;
    let cases: [(Noise, &str, &str, Outcome); 4] = [
        (
            Box::new(|replica, step| gaussians(if replica == 9 { 2 } else { replica }, step)),
            "bit by bit",
            "frame 1 of replica 9 is a copy of frame 1 of replica 2",
            Outcome::Inconsistent,
        ),
        (
            Box::new(
                |replica, step| if replica == 5 { gaussians(4, step + 4) } else { gaussians(replica, step) },
            ),
            "largest correlation",
            "of the noise of replica 5 with that of replica 4, shifted by 4 saved moves",
            Outcome::Inconclusive,
        ),
        (
            Box::new(|replica, step| {
                let mut noise = gaussians(if replica == 7 { 6 } else { replica }, step);
                noise.rotate_left(if replica == 7 { 2 } else { 0 });
                noise
            }),
            "largest correlation",
            "of the noise of replica 6 with that of replica 7, shifted by -2 weights",
            Outcome::Inconsistent,
        ),
        (
            Box::new(|replica, step| {
                let common = gaussians(99, step);
                let own = gaussians(replica, step);
                own.iter().zip(common).map(|(own, common)| 0.6 * own + 0.8 * common).collect()
            }),
            "largest correlation",
            "of the noise of replica",
            Outcome::Inconclusive,
        ),
    ];
    for (noise, check, words, without_law) in cases {
        let frames = Simulation { noise, start: 0.3, ..Simulation::right() }.run();
        let reason = failed(&examined(&frames, ExaminedLaw::Well, parameters()), check);
        assert!(reason.contains(words), "{reason}");
        let lawless = examined(&frames, ExaminedLaw::None, parameters());
        let verdict = lawless.report.verdicts().find(|verdict| verdict.name.contains(check)).unwrap();
        assert_eq!(verdict.outcome, without_law, "{verdict}");
        assert!(verdict.reason.contains(words), "{verdict}");
    }
}

#[test]
fn weakly_shared_noise_is_found_in_sums() {
    // A correlation of 5 % between all replicas: the variance of their sum is 1 + 15 · 0.05.
    let noise = |replica: u32, step: u64| -> Vec<f64> {
        let (own, common) = (gaussians(replica, step), gaussians(99, step));
        own.iter().zip(common).map(|(own, common)| 0.95_f64.sqrt() * own + 0.05_f64.sqrt() * common).collect()
    };
    let frames = Simulation { noise: Box::new(noise), ..Simulation::right() }.run();
    failed(&examined(&frames, ExaminedLaw::Well, parameters()), "sums over replicas");
    // The same between all weights of a replica.
    let noise = |replica: u32, step: u64| -> Vec<f64> {
        let own = gaussians(replica, step);
        own.iter().map(|noise| 0.95_f64.sqrt() * noise + 0.05_f64.sqrt() * own[0]).collect()
    };
    let frames = Simulation { noise: Box::new(noise), ..Simulation::right() }.run();
    failed(&examined(&frames, ExaminedLaw::Well, parameters()), "sums over weights");
    // And between all steps.
    let noise = |replica: u32, step: u64| -> Vec<f64> {
        let (own, same) = (gaussians(replica, step), gaussians(replica, 9999));
        own.iter().zip(same).map(|(own, same)| 0.95_f64.sqrt() * own + 0.05_f64.sqrt() * same).collect()
    };
    let frames = Simulation { noise: Box::new(noise), ..Simulation::right() }.run();
    let examination = examined(&frames, ExaminedLaw::Well, parameters());
    failed(&examination, "sums over times");
    failed(&examination, "autocorrelation over 1 saved moves");
}

#[test]
fn noise_of_a_wrong_shape_or_strength_in_time_is_found_with_the_noise_fitted() {
    let fitted = StatedParameters { temperature: None, ..parameters() };
    // Uniform noise of the same variance.
    let noise = |replica: u32, step: u64| -> Vec<f64> {
        let mut values = vec![0.0; WEIGHTS];
        NoiseStream::new(12, Purpose::Langevin, replica).uniforms(step, &mut values);
        values.iter().map(|uniform| 12.0_f64.sqrt() * (uniform - 0.5)).collect()
    };
    let uniform = Simulation { noise: Box::new(noise), ..Simulation::right() }.run();
    failed(&examined(&uniform, ExaminedLaw::Well, fitted), "non-Gaussian parameter");
    // A schedule: 10 % less amplitude in the second half.
    let amplitude = |step: u64| if step < STEPS / 2 { 1.0 } else { 0.9 };
    let schedule = Simulation { amplitude, ..Simulation::right() }.run();
    failed(
        &examined(&schedule, ExaminedLaw::Well, fitted),
        "second half of the moves over that of the first",
    );
}

#[allow(clippy::cast_possible_truncation, reason = "that is the fault")]
fn single(weight: f64) -> f64 {
    f64::from(weight as f32)
}

#[test]
fn single_precision_freezes_and_is_named() {
    // Weights at 1, whose spacing is 6e-8 to 1.2e-7, with noise of 1e-8.
    let stated = StatedParameters { temperature: Some(2.5e-14), ..parameters() };
    let cold = Simulation { noise_variance: 1e-16, start: 1.0, ..Simulation::free() };
    assert_outcome(&examined(&cold.run(), ExaminedLaw::Free, stated), Outcome::Consistent);
    let frozen = Simulation { rounding: single, ..cold };
    let examination = examined(&frozen.run(), ExaminedLaw::Free, stated);
    assert_outcome(&examination, Outcome::Inconsistent);
    let reason = failed(&examination, "exactly 0");
    assert!(reason.contains("frozen by single precision"), "{reason}");
}

/// A right run, saved in single precision: with much noise it passes, with little it is too coarse to judge.
#[test]
fn right_runs_saved_in_single_precision_are_never_inconsistent() {
    let save = |frames: &Simulation| {
        // Rounded when saved, not when run.
        let mut values = Vec::new();
        for replica in 0..REPLICAS {
            let mut weights = vec![frames.start; WEIGHTS];
            for step in 0..=STEPS {
                values.extend(weights.iter().map(|weight| single(*weight)));
                for (weight, noise) in weights.iter_mut().zip(gaussians(replica, step)) {
                    *weight += frames.noise_variance.sqrt() * noise;
                }
            }
        }
        FramesInMemory::new(frames.times.clone(), WEIGHTS, values).unwrap()
    };
    let warm = save(&Simulation::free());
    assert_outcome(&examined(&warm, ExaminedLaw::Free, parameters()), Outcome::Consistent);
    let stated = StatedParameters { temperature: Some(2.5e-14), ..parameters() };
    let cold = save(&Simulation { noise_variance: 1e-16, start: 1.0, ..Simulation::free() });
    let examination = examined(&cold, ExaminedLaw::Free, stated);
    assert_outcome(&examination, Outcome::Inconclusive);
}

#[test]
fn a_short_trajectory_is_inconclusive_and_says_how_much_is_missing() {
    let short = Simulation { times: vec![0, 1, 2], ..Simulation::right() }.run();
    let examination = examined(&short, ExaminedLaw::Well, parameters());
    assert_outcome(&examination, Outcome::Inconclusive);
    assert!(
        examination.report.verdicts().any(|one| one.reason.contains("times as much data would do")),
        "{:#?}",
        examination.report.verdicts().collect::<Vec<_>>()
    );
}

/// Gradients in the file stand for the law: the noise of any landscape can be tested.
#[test]
fn gradients_stand_for_the_law() {
    // L = Σ cos(w), mu dt = 0.1.
    let run = |noise_variance: f64| {
        let (mut values, mut gradients) = (Vec::new(), Vec::new());
        for replica in 0..REPLICAS {
            let mut weights = vec![0.5; WEIGHTS];
            for step in 0..=STEPS {
                let gradient: Vec<f64> = weights.iter().map(|weight: &f64| -weight.sin()).collect();
                values.extend_from_slice(&weights);
                gradients.extend_from_slice(&gradient);
                for ((weight, slope), noise) in weights.iter_mut().zip(gradient).zip(gaussians(replica, step))
                {
                    *weight += -0.1 * slope + noise_variance.sqrt() * noise;
                }
            }
        }
        FramesInMemory::new((0..=STEPS).collect(), WEIGHTS, values)
            .unwrap()
            .with_gradients(gradients)
            .unwrap()
    };
    let right = run(0.002);
    assert_outcome(&examined(&right, ExaminedLaw::None, parameters()), Outcome::Consistent);
    let examination = examined(&run(0.002 * 0.9), ExaminedLaw::None, parameters());
    failed(&examination, "second moment (strength of the noise)");
    let open = StatedParameters { temperature: None, ..parameters() };
    remarked(&examined(&right, ExaminedLaw::None, open), "inferred: temperature = 0.");
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let frames = Simulation { times: vec![0, 1], ..Simulation::right() }.run();
    let message = |change: &dyn Fn(&mut ExaminationSettings)| {
        let mut settings = settings(ExaminedLaw::Well, parameters());
        change(&mut settings);
        examine(&frames, &settings, "test").unwrap_err().to_string()
    };
    assert!(
        message(&|one| one.scheme = glassbox_oracle::Scheme::LeimkuhlerMatthews).contains("no Markov chain")
    );
    assert!(message(&|one| one.stated.temperature = Some(-1.0)).contains("--temperature is -1"));
    assert!(message(&|one| one.law = ExaminedLaw::Free).contains("has no stiffness"));
    assert!(message(&|one| one.tolerance = f64::NAN).contains("--tolerance is NaN"));
    assert!(message(&|one| one.layers = Some(vec![0..9, 5..10])).contains("layer 2"));
    let single = FramesInMemory::new(vec![3], 2, vec![1.0, 2.0]).unwrap();
    let error = examine(&single, &settings(ExaminedLaw::Well, parameters()), "test").unwrap_err();
    assert!(error.to_string().contains("single frame"), "{error}");
}

/// A network of two layers and one output, `f = v · relu(U x)` on fixed data with the quadratic hinge loss, whose gradient
/// in the second layer is multiplied by a factor (1: right).
fn network(factor: f64, temperature: f64, steps: u64) -> FramesInMemory {
    const INPUTS: usize = 6;
    const HIDDEN: usize = 12;
    const SAMPLES: usize = 20;
    let mut data = vec![0.0; SAMPLES * INPUTS];
    NoiseStream::new(3, Purpose::Subset, 0).gaussians(0, &mut data);
    let gradient = |w: &[f64]| -> Vec<f64> {
        let mut gradient: Vec<f64> = w.iter().map(|weight| REGULARISATION * weight).collect();
        for (sample, x) in data.chunks(INPUTS).enumerate() {
            let label = if sample % 2 == 0 { 1.0 } else { -1.0 };
            let hidden: Vec<f64> =
                (0..HIDDEN).map(|h| x.iter().zip(&w[h * INPUTS..]).map(|(x, u)| x * u).sum()).collect();
            let v = &w[HIDDEN * INPUTS..];
            let output: f64 = hidden.iter().zip(v).map(|(a, v)| a.max(0.0) * v).sum();
            let pull = -label * (1.0 - label * output).max(0.0) / SAMPLES as f64;
            for h in 0..HIDDEN {
                gradient[HIDDEN * INPUTS + h] += factor * pull * hidden[h].max(0.0);
                if hidden[h] > 0.0 {
                    for (i, x) in x.iter().enumerate() {
                        gradient[h * INPUTS + i] += pull * v[h] * x;
                    }
                }
            }
        }
        gradient
    };
    // mu dt = 0.05 and P_D = 20.
    let amplitude = (2.0 * 0.05 * temperature / 20.0).sqrt();
    let size = HIDDEN * INPUTS + HIDDEN;
    let (mut values, mut gradients) = (Vec::new(), Vec::new());
    for replica in 0..REPLICAS {
        let mut weights = vec![0.0; size];
        NoiseStream::new(5, Purpose::Initialisation, replica).gaussians(0, &mut weights);
        weights.iter_mut().for_each(|weight| *weight *= 0.5);
        for step in 0..=steps {
            let slopes = gradient(&weights);
            if step >= steps / 4 || temperature < 0.1 {
                values.extend_from_slice(&weights);
                gradients.extend_from_slice(&slopes);
            }
            let mut noise = vec![0.0; size];
            NoiseStream::new(7, Purpose::Langevin, replica).gaussians(step, &mut noise);
            for ((weight, slope), noise) in weights.iter_mut().zip(&slopes).zip(&noise) {
                *weight += amplitude * noise - 0.05 * slope;
            }
        }
    }
    let times = (if temperature < 0.1 { 0 } else { steps / 4 }..=steps).collect();
    let frames = FramesInMemory::new(times, size, values).unwrap();
    frames.with_gradients(gradients).unwrap().with_layers(vec![0..HIDDEN * INPUTS, HIDDEN * INPUTS..size])
}

const REGULARISATION: f64 = 0.3;

fn network_settings(temperature: f64) -> ExaminationSettings {
    let stated = StatedParameters {
        mobility: Some(0.05),
        temperature: Some(temperature),
        dataset_size: Some(20.0),
        stiffness: None,
        step: Some(1.0),
    };
    ExaminationSettings { regularisation: REGULARISATION, ..settings(ExaminedLaw::None, stated) }
}

#[test]
fn balance_of_layers_tells_a_wrong_gradient() {
    let right = network(1.0, 1e-6, 100);
    let examination = examine(&right, &network_settings(1e-6), "test").unwrap();
    let of = |name: &str| examination.report.verdicts().find(|one| one.name.contains(name)).unwrap();
    assert_eq!(
        of("difference of their pulls").outcome,
        Outcome::Consistent,
        "{:?}",
        of("difference of their pulls")
    );
    assert_eq!(of("ledger of layers 1 and 2").outcome, Outcome::Consistent, "{:?}", of("ledger"));
    let wrong = network(0.9, 1e-6, 100);
    let examination = examine(&wrong, &network_settings(1e-6), "test").unwrap();
    failed(&examination, "difference of their pulls");
    failed(&examination, "ledger of layers 1 and 2");
    // Regularisation that the program does not have.
    let stated = ExaminationSettings { regularisation: 0.0, ..network_settings(1e-6) };
    failed(&examine(&right, &stated, "test").unwrap(), "difference of their pulls");
}

#[test]
fn the_virial_tells_the_temperature_of_a_network() {
    let hot = network(1.0, 1.0, 4000);
    let settings = |temperature| ExaminationSettings { stationary: true, ..network_settings(temperature) };
    let examination = examine(&hot, &settings(1.0), "test").unwrap();
    let virials: Vec<_> = examination.report.verdicts().filter(|one| one.name.contains("virial")).collect();
    assert_eq!(virials.len(), 2);
    // The 12 weights of the second layer fluctuate too much for a verdict.
    assert_eq!(virials[0].outcome, Outcome::Consistent, "{virials:#?}");
    assert_ne!(virials[1].outcome, Outcome::Inconsistent, "{virials:#?}");
    failed(&examine(&hot, &settings(1.5), "test").unwrap(), "virial of layer 1");
}
