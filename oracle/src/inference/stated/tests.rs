use super::super::{Model, Transitions};
use super::*;
use crate::Scheme;
use approx::assert_relative_eq;

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
