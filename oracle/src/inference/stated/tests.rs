use super::super::{Model, Transitions};
use super::*;
use crate::Scheme;
use approx::assert_relative_eq;
use libm::erfc;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

const TRUE: StatedParameters = StatedParameters {
    mobility: Some(0.2),
    temperature: Some(0.5),
    dataset_size: Some(10.0),
    stiffness: Some(2.0),
    step: Some(0.5),
};

/// One Euler–Maruyama step whose sample moments are exactly those of the true parameters.
fn fit(model: Model) -> LinearFit {
    let (rate, kick) = (0.2 * 2.0 * 0.5, (2.0_f64 * 0.2 * 0.5 * 0.5 / 10.0).sqrt());
    let rate = if model == Model::Free { 0.0 } else { rate };
    let from: Vec<f64> = (0..400).map(|i| if i % 4 < 2 { 0.5 } else { -0.5 }).collect();
    let to: Vec<f64> =
        from.iter().enumerate().map(|(i, w)| w - rate * w + if i % 2 == 0 { kick } else { -kick }).collect();
    let mut transitions = Transitions::new();
    transitions.add(1, &from, &to).unwrap();
    LinearFit::new(&[transitions], model).unwrap()
}

const WELL: Model = Model::Well(Scheme::EulerMaruyama);

fn without(parameters: &[Parameter]) -> StatedParameters {
    let keep = |parameter| TRUE.get(parameter).filter(|_| !parameters.contains(&parameter));
    StatedParameters {
        mobility: keep(Parameter::Mobility),
        temperature: keep(Parameter::Temperature),
        dataset_size: keep(Parameter::DatasetSize),
        stiffness: keep(Parameter::Stiffness),
        step: keep(Parameter::Step),
    }
}

#[test]
fn open_parameters_are_found() {
    let fit = fit(WELL);
    for first in Parameter::ALL {
        for second in Parameter::ALL {
            let stated = without(&[first, second]);
            let open = stated.open(WELL);
            if open.len() == 2 && determinant(first, second) == 0 {
                let message = stated.solve(&fit).unwrap_err().to_string();
                assert!(message.contains("cannot be inferred together"), "{message}");
                continue;
            }
            let found = stated.solve(&fit).unwrap();
            assert_eq!(found.len(), open.len());
            for one in found {
                assert_relative_eq!(
                    one.estimate.value,
                    TRUE.get(one.parameter).unwrap(),
                    max_relative = 1e-9
                );
                assert!(one.estimate.standard_error > 0.0 && one.estimate.standard_error.is_finite());
            }
        }
    }
}

/// Second route for the errors: the deviation of a solved value when the fitted numbers move by one standard error.
#[test]
fn errors_are_those_of_the_numbers_they_come_from() {
    let fit = fit(WELL);
    let rate = fit.reduced_rate().unwrap();
    let noise = fit.noise_variance();
    let found = without(&[Parameter::Temperature, Parameter::Stiffness]).solve(&fit).unwrap();
    assert_relative_eq!(
        found[0].estimate.standard_error / 0.5,
        noise.standard_error / noise.value,
        max_relative = 1e-9
    );
    assert_relative_eq!(
        found[1].estimate.standard_error / 2.0,
        rate.standard_error / rate.value,
        max_relative = 1e-9
    );
    // Mobility from the noise, then stiffness from the rate over the mobility: relative errors add in squares.
    let found = without(&[Parameter::Mobility, Parameter::Stiffness]).solve(&fit).unwrap();
    let both = (noise.standard_error / noise.value).hypot(rate.standard_error / rate.value);
    assert_relative_eq!(found[1].estimate.standard_error / 2.0, both, max_relative = 1e-6);
    // A mobility that both numbers show is known better than from either.
    let one = without(&[Parameter::Mobility]).solve(&fit).unwrap()[0];
    let weight = |estimate: Estimate| (estimate.value / estimate.standard_error).powi(2);
    let combined = (weight(rate) + weight(noise)).recip().sqrt();
    assert_relative_eq!(one.estimate.standard_error / 0.2, combined, max_relative = 1e-6);
}

#[test]
fn a_wrong_temperature_explains_itself_and_nothing_else_does() {
    let fit = fit(WELL);
    let stated = TRUE.with(Parameter::Temperature, 0.5 / 1.5);
    for explanation in stated.explanations(&fit).unwrap() {
        let (factor, left) = (explanation.factor.value, explanation.remainder_p_value.unwrap());
        match explanation.parameter {
            Parameter::Temperature => {
                assert_relative_eq!(factor, 1.5, max_relative = 1e-9);
                assert!(left > 0.99);
            }
            Parameter::DatasetSize => {
                assert_relative_eq!(factor, 1.0 / 1.5, max_relative = 1e-9);
                assert!(left > 0.99);
            }
            _ => assert!(left < 0.01, "{explanation:?}"),
        }
    }
    let stated = TRUE.with(Parameter::Step, 0.25);
    let explained = stated.explanations(&fit).unwrap();
    assert_relative_eq!(explained[4].factor.value, 2.0, max_relative = 1e-9);
    assert!(explained[4].remainder_p_value.unwrap() > 0.99 && explained[3].remainder_p_value.unwrap() < 0.01);
}

#[test]
fn free_diffusion_shows_one_number() {
    let fit = fit(Model::Free);
    let found = without(&[Parameter::DatasetSize, Parameter::Stiffness]).solve(&fit).unwrap();
    assert_eq!(found.len(), 1);
    assert_relative_eq!(found[0].estimate.value, 10.0, max_relative = 1e-9);
    let message = without(&[Parameter::Mobility, Parameter::Stiffness, Parameter::Temperature])
        .solve(&fit)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "mobility, temperature cannot be inferred together: a trajectory shows only mobility * temperature * step \
         / dataset_size"
    );
    assert_eq!(TRUE.explanations(&fit).unwrap().len(), 4);
    let bad = TRUE.with(Parameter::Step, -1.0).solve(&fit).unwrap_err().to_string();
    assert_eq!(bad, "step is -1; it must be finite and above 0");
}

/// Moves of a well with pseudorandom noise, `gap` steps apart, and the same moves one by one.
fn random_moves(rate: f64, noise_variance: f64, gap: u64) -> (Transitions, Vec<(f64, f64)>) {
    let (kept, variance) = recursion(rate, noise_variance, gap);
    let mut random = SmallRng::seed_from_u64(gap);
    let (mut transitions, mut moves) = (Transitions::new(), Vec::new());
    let mut from = vec![0.1; 40];
    for _ in 0..30 {
        let to: Vec<f64> = from
            .iter()
            .map(|w| kept * w + variance.sqrt() * random.sample::<f64, _>(StandardNormal))
            .collect();
        transitions.add(gap, &from, &to).unwrap();
        moves.extend(from.iter().copied().zip(to.iter().copied()));
        from = to;
    }
    (transitions, moves)
}

/// `aⁿ` and the gathered variance, step by step.
fn recursion(rate: f64, noise_variance: f64, gap: u64) -> (f64, f64) {
    let a = 1.0 - rate;
    (0..gap).fold((1.0, 0.0), |(power, sum), _| (power * a, sum * a * a + noise_variance))
}

/// `−2 ln L`, move by move.
fn deviance(moves: &[(f64, f64)], gap: u64, rate: f64, noise_variance: f64) -> f64 {
    let (kept, variance) = recursion(rate, noise_variance, gap);
    moves.iter().map(|(from, to)| variance.ln() + (to - kept * from).powi(2) / variance).sum()
}

/// Second route for every fit under a statement: the likelihood move by move, on a grid of the open parameter. The most likely
/// value, and the ends of its interval, at which the deviance has risen by the square of the Gaussian quantile over
/// `1 − 1.5/N`.
#[test]
fn fits_under_a_statement_are_those_of_a_grid() {
    for gap in [1, 6, 20] {
        let (rate, noise_variance) = (0.2, 0.01);
        let (transitions, moves) = random_moves(rate, noise_variance, gap);
        for open in Parameter::ALL {
            let stated = without(&[open]);
            let fit = stated.fit(std::slice::from_ref(&transitions), WELL).unwrap();
            let found = fit.inferred[0].estimate;
            let at = |value: f64| {
                let numbers = stated.with(open, value).stated_numbers();
                deviance(&moves, gap, numbers[0], numbers[1])
            };
            let (low, high) = found.interval(0.99).unwrap();
            let least = at(found.value);
            for i in 1..400 {
                // Over all rates below 1.
                let value = TRUE.get(open).unwrap() * 5.0 * f64::from(i) / 400.0;
                assert!(at(value) > least - 1e-9 * least.abs(), "{open} {gap}: {value} beside {found:?}");
            }
            let risen = 2.575_829_303_548_9_f64.powi(2) / (1.0 - 1.5 / moves.len() as f64);
            for end in [low, high].into_iter().filter(|end| end.is_finite()) {
                assert_relative_eq!(at(end) - least, risen, max_relative = 0.02);
            }
            assert!(low < found.value && found.value < high, "{open} {gap}: {found:?}");
        }
    }
}

/// Second route for the test of what a statement leaves: the smallest deviance on a grid of both numbers.
#[test]
fn agreement_is_the_deviance_of_a_grid() {
    let gap = 6;
    let (transitions, moves) = random_moves(0.2, 0.01, gap);
    // A step stated with a temperature that is 10 % wrong.
    let stated = without(&[Parameter::Step]).with(Parameter::Temperature, 0.55);
    let fit = stated.fit(&[transitions], WELL).unwrap();
    let mut least = f64::INFINITY;
    for i in 1..400 {
        for j in 1..200 {
            let (rate, noise_variance) = (f64::from(i) * 2.5e-3, 0.004 + f64::from(j) * 1e-4);
            least = least.min(deviance(&moves, gap, rate, noise_variance));
        }
    }
    let risen = deviance(&moves, gap, fit.reduced_rate, fit.noise_variance) - least;
    let expected = erfc((0.5 * risen * (1.0 - 2.5 / moves.len() as f64)).sqrt());
    // The grid misses the minimum by a few thousandths.
    assert_relative_eq!(fit.agreement.unwrap().p_value.ln(), expected.ln(), max_relative = 0.02);
    assert!(fit.agreement.unwrap().p_value < 0.1, "{fit:?}");
}

/// Where frames have forgotten their start, only the side on which the moves bound a number is told.
#[test]
fn frames_without_memory_bound_one_side() {
    let (transitions, _) = random_moves(0.2, 0.01, 40);
    let both = without(&[Parameter::Temperature, Parameter::Stiffness]);
    let fit = both.fit(std::slice::from_ref(&transitions), WELL).unwrap();
    let stiffness = fit.inferred.iter().find(|one| one.parameter == Parameter::Stiffness).unwrap().estimate;
    let (low, high) = stiffness.interval(0.99).unwrap();
    assert!(low > 0.2 && low < 2.0 && high == f64::INFINITY, "{stiffness:?}");
    assert!(fit.is_mirrored);
    // The temperature alone is known as well as from any 1,200 numbers.
    let one = without(&[Parameter::Temperature]).fit(&[transitions], WELL).unwrap();
    assert_relative_eq!(
        one.inferred[0].estimate.standard_error / 0.5,
        (2.0_f64 / 1200.0).sqrt(),
        max_relative = 0.1
    );
    assert_eq!((one.reduced_rate, one.fitted_rate), (0.2, None));
}

/// A stated stiffness of 0 leaves one number, whatever else is open; a hill gives a rate below 0.
#[test]
fn no_pull_and_a_hill_are_fitted_as_such() {
    let (transitions, _) = random_moves(0.0, 0.01, 3);
    let flat = without(&[Parameter::Mobility]).with(Parameter::Stiffness, 0.0);
    let found = flat.fit(std::slice::from_ref(&transitions), WELL).unwrap();
    assert_eq!(found.reduced_rate, 0.0);
    assert!((found.inferred[0].estimate.value / 0.2 - 1.0).abs() < 0.2);
    let two = without(&[Parameter::Mobility, Parameter::Temperature]).with(Parameter::Stiffness, 0.0);
    assert!(matches!(
        two.fit(&[transitions], WELL).unwrap().not_inferred,
        Some(InferenceError::NotIdentifiable { .. })
    ));
    let (transitions, _) = random_moves(-0.05, 0.01, 3);
    let hill = without(&[Parameter::Step]).with(Parameter::Stiffness, -0.5);
    let found = hill.fit(&[transitions], WELL).unwrap();
    assert!(
        found.reduced_rate < 0.0 && (found.inferred[0].estimate.value / 0.5 - 1.0).abs() < 0.2,
        "{found:?}"
    );
}
