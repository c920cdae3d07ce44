//! The two numbers of the law: from what is stated, from the data, or from both.

use super::first_pass::Drift;
use super::step_law::Numbers;
use super::{ExaminationError, ExaminationSettings, ExaminedLaw};
use glassbox_oracle::inference::{
    Agreement, Estimate, Explanation, InferenceError, Inferred, LinearFit, Model, Parameter, StatedFit,
    StatedParameters, Transitions,
};

/// What is known about the law's numbers.
#[derive(Clone, Debug)]
pub(crate) struct Identification {
    /// The numbers that the innovations are made with; `None` where they cannot be had.
    pub(crate) numbers: Option<Numbers>,
    /// Whether the rate, and the noise variance, come from the data.
    pub(crate) rate_is_fitted: bool,
    pub(crate) noise_is_fitted: bool,
    /// What is open, fitted under what is stated.
    pub(crate) stated: Option<StatedFit>,
    /// Both numbers, whatever is stated about them.
    pub(crate) joint: Option<LinearFit>,
    /// The parameters, with what was inferred put in.
    pub(crate) completed: StatedParameters,
    /// What each parameter would have to be, all others being right.
    pub(crate) explanations: Vec<Explanation>,
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
        ExaminedLaw::Well => Model::Well(settings.scheme),
        ExaminedLaw::StationaryWell => Model::StationaryWell(settings.scheme),
        ExaminedLaw::Free | ExaminedLaw::None => Model::Free,
    }
}

/// The numbers of the law where all of its parameters are stated.
pub(crate) fn stated_numbers(settings: &ExaminationSettings, drift: Drift) -> Option<Numbers> {
    let fit = settings.stated.fit(&[], model(settings)).ok().filter(|_| drift != Drift::Unknown)?;
    Some(Numbers { rate: fit.reduced_rate, noise_variance: fit.noise_variance })
}

/// Fits what is open, and compares what is stated with the data.
pub(crate) fn identify(
    settings: &ExaminationSettings,
    drift: Drift,
    transitions: &[Transitions],
) -> Result<Identification, ExaminationError> {
    let stated = settings.stated;
    let model = model(settings);
    let mut found = Identification {
        numbers: None,
        rate_is_fitted: false,
        noise_is_fitted: false,
        stated: None,
        joint: None,
        completed: stated,
        explanations: Vec::new(),
        gap: None,
    };
    if drift == Drift::Unknown {
        return Ok(found);
    }
    // Refuses a stated value outside its range, whatever becomes of the fit.
    match stated.fit(transitions, model) {
        Ok(fit) => found.take(fit),
        Err(error) => found.gap = Some(unknown(error)?),
    }
    match LinearFit::new(transitions, model) {
        Ok(fit) => {
            if found.completed.open(model).is_empty() {
                found.explanations = found.completed.explanations(&fit)?;
            }
            found.joint = Some(fit);
        }
        Err(error) => {
            let unknown = unknown(error)?;
            if !(found.rate_is_fitted || found.noise_is_fitted) {
                found.gap.get_or_insert(unknown);
            }
        }
    }
    Ok(found)
}

/// Of an error of a fit: what stays unknown for it, or the error itself where the statements cannot be right.
fn unknown(error: InferenceError) -> Result<Unknown, ExaminationError> {
    match error {
        InferenceError::TooFew { .. } | InferenceError::NoPull => Ok(Unknown::TooShort(error.to_string())),
        InferenceError::NoNoise => Ok(Unknown::NoNoise(error.to_string())),
        error => Err(error.into()),
    }
}

impl Identification {
    fn take(&mut self, fit: StatedFit) {
        self.numbers = Some(Numbers { rate: fit.reduced_rate, noise_variance: fit.noise_variance });
        self.rate_is_fitted = fit.fitted_rate.is_some();
        self.noise_is_fitted = fit.fitted_noise_variance.is_some();
        self.gap = fit.not_inferred.as_ref().map(|error| Unknown::Parameters(error.to_string()));
        for Inferred { parameter, estimate } in &fit.inferred {
            let value = estimate.value;
            // What is at the end of the doubles is not known.
            if value.is_finite() && (value > 0.0 || *parameter == Parameter::Stiffness) {
                self.completed = self.completed.with(*parameter, value);
            }
        }
        self.stated = Some(fit);
    }

    /// Whether the moves agree with the stated noise variance, or ratio of the two numbers, under which the rate was fitted.
    pub(crate) fn agreement(&self) -> Option<&Agreement> {
        self.stated.as_ref()?.agreement.as_ref().filter(|_| self.rate_is_fitted)
    }

    /// Fitted noise variance over the stated one, and fitted over stated rate, where all parameters are stated.
    pub(crate) fn ratios(&self) -> Option<Ratios> {
        if self.rate_is_fitted || self.noise_is_fitted {
            return None;
        }
        let (fit, numbers) = (self.joint.as_ref()?, self.numbers?);
        let rate = fit.reduced_rate().filter(|_| numbers.rate != 0.0);
        Some(Ratios {
            noise: fit.noise_variance().scaled(numbers.noise_variance.recip()),
            rate: rate.map(|rate| rate.scaled(numbers.rate.recip())),
        })
    }
}

/// Fitted over stated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratios {
    pub(crate) noise: Estimate,
    pub(crate) rate: Option<Estimate>,
}
