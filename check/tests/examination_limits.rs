//! Trajectories and stated parameters at the ends of the doubles, and runs in which nothing moves: a verdict every time, with
//! its reason, and no number that is none.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_check::{
    Examination, ExaminationError, ExaminationSettings, ExaminedLaw, FramesInMemory, examine,
};
use glassbox_oracle::inference::{Parameter, StatedParameters};
use glassbox_oracle::verdict::{Budget, Outcome};
use glassbox_simulations::noise::{NoiseStream, Purpose};

const WEIGHTS: usize = 40;
const LAWS: [ExaminedLaw; 4] =
    [ExaminedLaw::Free, ExaminedLaw::Well, ExaminedLaw::StationaryWell, ExaminedLaw::None];

/// mu k dt = 0.2 and 2 mu T dt/P_D = 0.002.
fn parameters() -> StatedParameters {
    StatedParameters {
        mobility: Some(0.1),
        temperature: Some(0.5),
        dataset_size: Some(50.0),
        stiffness: Some(2.0),
        step: Some(1.0),
    }
}

/// A well or free diffusion with this noise, every weight multiplied by `unit` as it is saved.
fn run(rate: f64, noise_variance: f64, start: f64, unit: f64) -> Vec<f64> {
    let mut values = Vec::new();
    for replica in 0..10 {
        let mut weights = vec![start; WEIGHTS];
        values.extend(weights.iter().map(|weight| weight * unit));
        for step in 0..60 {
            let mut noise = vec![0.0; WEIGHTS];
            NoiseStream::new(5, Purpose::Langevin, replica).gaussians(step, &mut noise);
            for (weight, z) in weights.iter_mut().zip(noise) {
                *weight += noise_variance.sqrt() * z - rate * *weight;
            }
            values.extend(weights.iter().map(|weight| weight * unit));
        }
    }
    values
}

fn stated_for(law: ExaminedLaw, stated: StatedParameters) -> StatedParameters {
    let stiffness =
        stated.stiffness.filter(|_| matches!(law, ExaminedLaw::Well | ExaminedLaw::StationaryWell));
    StatedParameters { stiffness, ..stated }
}

fn examined(
    values: Vec<f64>,
    law: ExaminedLaw,
    stated: StatedParameters,
    layers: bool,
) -> Result<Examination, ExaminationError> {
    let frames = values.len() / WEIGHTS / 10;
    let frames = FramesInMemory::new((0..frames as u64).collect(), WEIGHTS, values)?;
    let mut settings = ExaminationSettings::new(law, stated_for(law, stated), Budget::new(1e-6)?);
    if layers {
        settings.layers = Some(vec![0..10, 10..40]);
    }
    examine(&frames, &settings, "test")
}

/// The outcome, and all texts; none of them may show a number that is none.
fn outcome(examination: &Examination) -> (Outcome, String) {
    let report = &examination.report;
    let mut text = serde_json::to_string(report).unwrap();
    text += &examination.remarks.join("\n");
    for verdict in report.verdicts() {
        text += &verdict.to_string();
    }
    for word in ["NaN", "inf ", "inf,", "inf%", "undefined"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    (report.outcome(), text)
}

#[test]
fn a_frozen_run_is_inconsistent_whatever_is_stated() {
    for place in [0.0, 0.3, f64::from(0.3_f32), -1e-300, 1e300] {
        for law in LAWS {
            for stated in [StatedParameters::default(), parameters()] {
                for frames in [2, 61] {
                    let values = vec![place; 10 * frames * WEIGHTS];
                    let (outcome, text) = outcome(&examined(values, law, stated, false).unwrap());
                    assert_eq!(outcome, Outcome::Inconsistent, "{law}, {place}");
                    assert!(text.contains("no weight moves between step 0 and step"), "{text}");
                    assert!(!text.contains("single precision"), "{text}");
                }
            }
        }
    }
    // One replica of one weight.
    let frames = FramesInMemory::new(vec![0, 10, 30], 1, vec![2.0; 3]).unwrap();
    let settings =
        ExaminationSettings::new(ExaminedLaw::None, StatedParameters::default(), Budget::new(1e-6).unwrap());
    let (outcome, text) = outcome(&examine(&frames, &settings, "test").unwrap());
    assert_eq!(outcome, Outcome::Inconsistent);
    assert!(text.contains("between step 0 and step 30"), "{text}");
}

/// From 1e-300 to 1e307: a right run in other units is right, as far as its squares are numbers, and no size of weights is
/// anything but a verdict. The false-alarm budget of each of the 24 right runs is 1e-6.
#[test]
fn weights_of_any_size_have_a_verdict() {
    for exponent in [-300, -170, -140, -60, -20, 10, 60, 100, 120, 140, 149, 153, 154, 200, 300, 307] {
        let unit = 10.0_f64.powi(exponent);
        for law in LAWS {
            let rate = if law == ExaminedLaw::Free { 0.0 } else { 0.2 };
            // No scale but the unit's, so that an open temperature fits any.
            for stated in [
                StatedParameters::default(),
                parameters(),
                StatedParameters { temperature: None, ..parameters() },
            ] {
                let values = run(rate, 0.002, 0.3, unit);
                let examination = examined(values, law, stated, exponent % 20 == 0).unwrap();
                let (outcome, text) = outcome(&examination);
                if exponent >= 153 {
                    assert_eq!(outcome, Outcome::Inconsistent, "{law}, 1e{exponent}: {text}");
                    assert!(text.contains("their squares overflow a double: the run diverged"), "{text}");
                } else if exponent <= -170 {
                    assert_eq!(outcome, Outcome::Inconclusive, "{law}, 1e{exponent}: {text}");
                    assert!(text.contains("underflow"), "{text}");
                } else if stated.temperature.is_some() && law != ExaminedLaw::None {
                    assert_eq!(outcome, Outcome::Inconsistent, "{law}, 1e{exponent}: {text}");
                }
                // The same run, its temperature in the same units.
                let temperature = 0.5 * unit * unit;
                if law != ExaminedLaw::None && law != ExaminedLaw::StationaryWell && exponent.abs() < 141 {
                    let values = run(rate, 0.002, 0.3, unit);
                    let stated = StatedParameters { temperature: Some(temperature), ..parameters() };
                    let right = examined(values, law, stated, false).unwrap();
                    assert_ne!(right.report.outcome(), Outcome::Inconsistent, "{law}, 1e{exponent}");
                }
            }
        }
    }
}

/// Every parameter at every size: a verdict, or bad usage in words. (A panic fails the test.)
#[test]
fn stated_parameters_of_any_size_have_a_verdict() {
    for law in LAWS {
        let rate = if law == ExaminedLaw::Free { 0.0 } else { 0.2 };
        let values = run(rate, 0.002, 0.3, 1.0);
        for parameter in Parameter::ALL {
            for value in [5e-324, 1e-320, 1e-300, 1e-160, 1e-30, 1e30, 1e160, 1e300, 1e305, 1e308] {
                for others in [parameters(), StatedParameters::default()] {
                    let stated = others.with(parameter, value);
                    let examination = match examined(values.clone(), law, stated, value == 1e30) {
                        Ok(examination) => examination,
                        Err(error) => {
                            let message = error.to_string();
                            assert!(!message.contains("NaN"), "{law}, {parameter} {value:e}: {message}");
                            assert!(message.len() < 400, "{message}");
                            // Nothing was stated to be wrong but one number: it cannot be inferred from.
                            assert_eq!(
                                others,
                                StatedParameters::default(),
                                "{law}, {parameter} {value:e}: {message}"
                            );
                            continue;
                        }
                    };
                    let (outcome, text) = outcome(&examination);
                    let acts = law != ExaminedLaw::None
                        && !(parameter == Parameter::Stiffness && law == ExaminedLaw::Free);
                    if others == parameters() && acts {
                        assert_eq!(outcome, Outcome::Inconsistent, "{law}, {parameter} {value:e}: {text}");
                    }
                }
            }
        }
    }
}

/// A right run in double precision whose noise is about as large as the spacing of the weights: every step is rounded to the
/// grid. Too coarse to judge, which is not wrong.
#[test]
fn noise_at_the_rounding_of_double_precision_is_no_fault() {
    for temperature in [1e-30, 1e-29, 1e-28] {
        let noise = 2.0 * 0.1 * temperature / 50.0;
        for law in [ExaminedLaw::Free, ExaminedLaw::None] {
            let values = run(0.0, noise, 0.3, 1.0);
            let stated = StatedParameters { temperature: Some(temperature), ..parameters() };
            let (outcome, text) = outcome(&examined(values, law, stated, false).unwrap());
            assert_ne!(outcome, Outcome::Inconsistent, "{law}, T = {temperature:e}: {text}");
            assert!(law == ExaminedLaw::None || text.contains("double precision"), "{text}");
        }
    }
    // Ordinary noise is judged.
    let (outcome, _) =
        outcome(&examined(run(0.0, 0.002, 0.3, 1.0), ExaminedLaw::Free, parameters(), false).unwrap());
    assert_ne!(outcome, Outcome::Inconsistent);
}

#[test]
fn layers_have_every_weight() {
    let frames = FramesInMemory::new((0..61).collect(), WEIGHTS, run(0.0, 0.002, 0.3, 1.0)).unwrap();
    let mut settings =
        ExaminationSettings::new(ExaminedLaw::Free, StatedParameters::default(), Budget::new(1e-6).unwrap());
    settings.layers = Some(vec![0..10, 10..30]);
    let message = examine(&frames, &settings, "test").unwrap_err().to_string();
    assert!(message.contains("30 weights") && message.contains("has 40"), "{message}");
    let of_the_file = frames.with_layers(vec![0..10, 10..30]);
    settings.layers = None;
    assert!(examine(&of_the_file, &settings, "test").is_err());
}
