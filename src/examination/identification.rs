//! The two numbers of the law: from what is stated, from the data, or from both.

use super::first_pass::Drift;
use super::step_law::Numbers;
use super::{ExaminationError, ExaminationSettings, ExaminedLaw};
use glassbox_oracle::inference::{
    Explanation, InferenceError, Inferred, LinearFit, Model, Parameter, StatedParameters, Transitions,
};

/// What is known about the law's numbers.
#[derive(Clone, Debug)]
pub(crate) struct Identification {
    /// The numbers that the innovations are made with; `None` where they cannot be had.
    pub(crate) numbers: Option<Numbers>,
    /// Whether the rate, and the noise variance, come from the data.
    pub(crate) rate_is_fitted: bool,
    pub(crate) noise_is_fitted: bool,
    pub(crate) fit: Option<LinearFit>,
    /// The parameters, with what was inferred put in.
    pub(crate) completed: StatedParameters,
    pub(crate) inferred: Vec<Inferred>,
    /// What each parameter would have to be, all others being right.
    pub(crate) explanations: Vec<Explanation>,
    /// Where one open parameter stands in both numbers: what they disagree about, and the fit that shows it. Its errors
    /// follow from the model, with every move independent: errors measured between few replicas have no far tails.
    pub(crate) agreement: Option<(Explanation, LinearFit)>,
    /// Why parameters, or the numbers, are not known.
    pub(crate) gap: Option<Unknown>,
}

/// Why something is not known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unknown {
    /// The numbers are fitted, but not the parameters behind them.
    Parameters(String),
    /// There are too few moves for a fit.
    TooShort(String),
    /// The weights move without noise.
    NoNoise(String),
}

/// `mu dt`, where it is stated.
pub(crate) fn mobility_step(stated: &StatedParameters) -> Option<f64> {
    Some(stated.mobility? * stated.step?)
}

fn model(settings: &ExaminationSettings) -> Model {
    match settings.law {
        ExaminedLaw::Well | ExaminedLaw::StationaryWell => Model::Well(settings.scheme),
        ExaminedLaw::Free | ExaminedLaw::None => Model::Free,
    }
}

/// The numbers of the law where all of its parameters are stated.
pub(crate) fn stated_numbers(settings: &ExaminationSettings, drift: Drift) -> Option<Numbers> {
    let model = model(settings);
    (drift != Drift::Unknown && settings.stated.open(model).is_empty())
        .then(|| numbers_of(&settings.stated, model))
}

/// Fits what is open, and compares what is stated with the data.
pub(crate) fn identify(
    settings: &ExaminationSettings,
    drift: Drift,
    transitions: &[Transitions],
) -> Result<Identification, ExaminationError> {
    let stated = settings.stated;
    let model = model(settings);
    let open = stated.open(model);
    let mut found = Identification {
        numbers: None,
        rate_is_fitted: open.iter().any(|one| model != Model::Free && one.power_in_rate() != 0),
        noise_is_fitted: open.iter().any(|one| one.power_in_noise() != 0),
        fit: None,
        completed: stated,
        inferred: Vec::new(),
        explanations: Vec::new(),
        agreement: None,
        gap: None,
    };
    if drift == Drift::Unknown {
        return Ok(found);
    }
    // Refuses a stated value outside its range, whatever becomes of the fit.
    let fit = match LinearFit::new(transitions, model) {
        Ok(fit) => {
            found.inferred = match stated.solve(&fit) {
                Ok(inferred) => inferred,
                Err(error @ InferenceError::NotIdentifiable { .. }) => {
                    found.gap = Some(Unknown::Parameters(error.to_string()));
                    Vec::new()
                }
                Err(error) => return Err(error.into()),
            };
            Some(fit)
        }
        Err(error @ (InferenceError::TooFew { .. } | InferenceError::NoPull)) => {
            found.gap = Some(Unknown::TooShort(error.to_string()));
            None
        }
        Err(error @ InferenceError::NoNoise) => {
            found.gap = Some(Unknown::NoNoise(error.to_string()));
            None
        }
        Err(error) => return Err(error.into()),
    };
    found.fit = fit;
    for inferred in &found.inferred {
        found.completed = found.completed.with(inferred.parameter, inferred.estimate.value);
    }
    let complete = found.completed.open(model).is_empty();
    if complete && let Some(fit) = fit {
        found.explanations = found.completed.explanations(&fit)?;
        found.agreement = agreement(&found, model, transitions)?;
    }
    found.numbers = if complete {
        Some(numbers_of(&found.completed, model))
    } else {
        fit.map(|fit| Numbers {
            rate: fit.reduced_rate().map_or(0.0, |rate| rate.value),
            noise_variance: fit.noise_variance().value,
        })
    };
    Ok(found)
}

/// The numbers of complete parameters.
fn numbers_of(stated: &StatedParameters, model: Model) -> Numbers {
    let product = |power: fn(Parameter) -> i32| -> f64 {
        Parameter::ALL.iter().map(|one| stated.get(*one).unwrap_or(1.0).powi(power(*one))).product()
    };
    let rate = if model == Model::Free { 0.0 } else { product(Parameter::power_in_rate) };
    Numbers { rate, noise_variance: 2.0 * product(Parameter::power_in_noise) }
}

impl Identification {
    /// Fitted noise variance over the stated one, and fitted over stated rate, where all parameters are stated.
    pub(crate) fn ratios(&self) -> Option<Ratios> {
        if self.rate_is_fitted || self.noise_is_fitted {
            return None;
        }
        let (fit, numbers) = (self.fit?, self.numbers?);
        let scaled = |mut estimate: glassbox_oracle::inference::Estimate, by: f64| {
            estimate.value /= by;
            estimate.standard_error /= by.abs();
            estimate
        };
        Some(Ratios {
            noise: scaled(fit.noise_variance(), numbers.noise_variance),
            rate: fit.reduced_rate().filter(|_| numbers.rate != 0.0).map(|rate| scaled(rate, numbers.rate)),
        })
    }
}

/// Whether pull and noise agree about the one open parameter that both show.
fn agreement(
    found: &Identification,
    model: Model,
    transitions: &[Transitions],
) -> Result<Option<(Explanation, LinearFit)>, ExaminationError> {
    let [only] = found.inferred.as_slice() else { return Ok(None) };
    let parameter = only.parameter;
    if model == Model::Free || parameter.power_in_rate() == 0 || parameter.power_in_noise() == 0 {
        return Ok(None);
    }
    let mut all = Transitions::new();
    transitions.iter().for_each(|one| all.merge(one));
    let fit = LinearFit::new(&[all], model)?;
    let explanations = found.completed.explanations(&fit)?;
    Ok(explanations.into_iter().find(|one| one.parameter == parameter).map(|one| (one, fit)))
}

/// Fitted over stated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratios {
    pub(crate) noise: glassbox_oracle::inference::Estimate,
    pub(crate) rate: Option<glassbox_oracle::inference::Estimate>,
}
