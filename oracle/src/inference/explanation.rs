//! Which single parameter, changed, would explain what a trajectory shows.

use super::fit::{Fit, Number};
use super::likelihood::Constraint;
use super::search::Sign;
use super::{Estimate, InferenceError, LinearFit, Model, Parameter, StatedParameters};

/// What a stated parameter would have to be multiplied by, all others being as stated, for the law to fit the data.
///
/// In the user's words: "temperature 1.8 % ± 0.3 % too high" is a factor of 1.018 with a standard error of 0.003.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Explanation {
    /// The parameter.
    pub parameter: Parameter,
    /// Its factor, most likely with all others as stated.
    pub factor: Estimate,
    /// Probability of the rest that this change leaves unexplained, if it is the true one: a change of temperature
    /// cannot explain a wrong rate. `None` where nothing else is seen (free diffusion).
    pub remainder_p_value: Option<f64>,
}

impl StatedParameters {
    /// For every stated parameter, the factor that would explain the moves if all others are right. A parameter that no factor
    /// makes explain them at all is left out.
    ///
    /// # Errors
    /// [`InferenceError::Missing`] for an open parameter, [`InferenceError::Oracle`] for a value outside its range.
    pub fn explanations(&self, fit: &LinearFit) -> Result<Vec<Explanation>, InferenceError> {
        self.validate()?;
        let model = fit.model();
        if let Some(parameter) = self.open(model).first() {
            return Err(InferenceError::Missing { parameter: *parameter });
        }
        let [rate, noise] = self.stated_numbers();
        let likelihood = &fit.likelihood;
        let joint = match model {
            Model::Free => None,
            _ => Fit::new(likelihood, model, Constraint::None, Sign::Any).ok(),
        };
        let rate = if model == Model::Free { 0.0 } else { rate };
        let explanation = |parameter: Parameter| {
            let (in_rate, in_noise) = (parameter.power_in_rate(), parameter.power_in_noise());
            let constraint = match (in_rate, in_noise) {
                (_, 0) if rate == 0.0 => return None,
                (_, 0) => Constraint::NoiseVariance(noise),
                (0, _) => Constraint::Rate(rate),
                _ if rate == 0.0 => Constraint::Rate(0.0),
                _ => Constraint::Ratio(rate / noise),
            };
            let restricted = Fit::new(likelihood, model, constraint, self.sign_for(constraint)).ok()?;
            let factor = match constraint {
                Constraint::Rate(_) => restricted.estimate(Number::NoiseVariance)?.scaled(noise.recip()),
                _ => restricted.estimate(Number::Rate)?.scaled(rate.recip()),
            };
            Some(Explanation {
                parameter,
                factor: if in_noise < 0 { factor.inverted() } else { factor },
                remainder_p_value: joint.as_ref().map(|joint| joint.p_value(&restricted.best(), constraint)),
            })
        };
        Ok(Parameter::ALL.into_iter().filter_map(explanation).collect())
    }

    /// A factor of the stiffness may have any sign.
    fn sign_for(&self, constraint: Constraint) -> Sign {
        if matches!(constraint, Constraint::NoiseVariance(_)) { Sign::Any } else { self.sign() }
    }
}
