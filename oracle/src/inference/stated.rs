//! From the two numbers of a fit to the parameters that a user sets.

use super::explanation::{Pair, raised};
use super::{Estimate, InferenceError, LinearFit, Model, Parameter};
use crate::error::{OracleError, require};

/// The parameters as far as they are known; `None` is open.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct StatedParameters {
    /// `mu > 0`.
    pub mobility: Option<f64>,
    /// `T > 0`.
    pub temperature: Option<f64>,
    /// `P_D > 0`.
    pub dataset_size: Option<f64>,
    /// `k`, any finite number.
    pub stiffness: Option<f64>,
    /// `dt > 0`.
    pub step: Option<f64>,
}

/// A parameter that was open, as the data show it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Inferred {
    /// Which.
    pub parameter: Parameter,
    /// Its value, in its own units.
    pub estimate: Estimate,
}

/// Powers of rate and noise in a parameter solved for.
type Powers = [i32; 2];

impl StatedParameters {
    /// The value of a parameter.
    #[must_use]
    pub const fn get(&self, parameter: Parameter) -> Option<f64> {
        match parameter {
            Parameter::Mobility => self.mobility,
            Parameter::Temperature => self.temperature,
            Parameter::DatasetSize => self.dataset_size,
            Parameter::Stiffness => self.stiffness,
            Parameter::Step => self.step,
        }
    }

    /// The same, with one value put in or changed.
    #[must_use]
    pub const fn with(mut self, parameter: Parameter, value: f64) -> Self {
        let value = Some(value);
        match parameter {
            Parameter::Mobility => self.mobility = value,
            Parameter::Temperature => self.temperature = value,
            Parameter::DatasetSize => self.dataset_size = value,
            Parameter::Stiffness => self.stiffness = value,
            Parameter::Step => self.step = value,
        }
        self
    }

    /// The parameters that a model has and that are open.
    #[must_use]
    pub fn open(&self, model: Model) -> Vec<Parameter> {
        let of_model = |parameter: &Parameter| model != Model::Free || *parameter != Parameter::Stiffness;
        Parameter::ALL.into_iter().filter(of_model).filter(|one| self.get(*one).is_none()).collect()
    }

    /// The open parameters, from a fit: none, one, or two that the data can tell apart.
    ///
    /// One open parameter in a well follows from both numbers together (the best combination of the two); what they
    /// disagree about is in [`explanations`](Self::explanations) of the completed parameters.
    ///
    /// # Errors
    /// [`InferenceError::NotIdentifiable`] for parameters that the data cannot tell apart, [`InferenceError::Oracle`]
    /// for a stated value outside its range.
    pub fn solve(&self, fit: &LinearFit) -> Result<Vec<Inferred>, InferenceError> {
        self.validate()?;
        let open = self.open(fit.model());
        match (open.as_slice(), fit.reduced_rate()) {
            ([], _) => Ok(Vec::new()),
            ([one], None) => Ok(vec![self.by_noise_alone(*one, fit)]),
            ([one], Some(_)) => match (one.power_in_rate(), one.power_in_noise()) {
                (_, 0) => Ok(vec![self.by_rate_alone(*one, fit)]),
                (0, _) => Ok(vec![self.by_noise_alone(*one, fit)]),
                _ => Ok(vec![self.by_both(*one, fit)]),
            },
            ([first, second], Some(_)) if determinant(*first, *second) != 0 => {
                Ok(self.two(*first, *second, fit))
            }
            (_, rate) => {
                let names: Vec<String> = open.iter().map(Parameter::to_string).collect();
                let seen = if rate.is_some() {
                    "mobility * stiffness * step and mobility * temperature * step / dataset_size"
                } else {
                    "mobility * temperature * step / dataset_size"
                };
                Err(InferenceError::NotIdentifiable { unknown: names.join(", "), seen })
            }
        }
    }

    pub(super) fn validate(&self) -> Result<(), OracleError> {
        for parameter in Parameter::ALL {
            if let Some(value) = self.get(parameter) {
                let (name, holds, allowed) = match parameter {
                    Parameter::Mobility => ("mobility", value > 0.0, "finite and above 0"),
                    Parameter::Temperature => ("temperature", value > 0.0, "finite and above 0"),
                    Parameter::DatasetSize => ("dataset_size", value > 0.0, "finite and above 0"),
                    Parameter::Stiffness => ("stiffness", true, "finite"),
                    Parameter::Step => ("step", value > 0.0, "finite and above 0"),
                };
                require(name, value, holds, allowed)?;
            }
        }
        Ok(())
    }

    /// Reduced rate and noise variance of the stated parameters, open ones counting as 1.
    pub(super) fn stated_numbers(&self) -> [f64; 2] {
        let product = |power: fn(Parameter) -> i32| -> f64 {
            Parameter::ALL.iter().map(|one| self.get(*one).unwrap_or(1.0).powi(power(*one))).product()
        };
        [product(Parameter::power_in_rate), 2.0 * product(Parameter::power_in_noise)]
    }

    fn by_noise_alone(&self, parameter: Parameter, fit: &LinearFit) -> Inferred {
        let ratio = fit.noise_variance().scaled(1.0 / self.stated_numbers()[1]);
        Inferred { parameter, estimate: raised(ratio, parameter.power_in_noise()) }
    }

    fn by_rate_alone(&self, parameter: Parameter, fit: &LinearFit) -> Inferred {
        let rate = fit.reduced_rate().unwrap_or(fit.noise_variance());
        Inferred { parameter, estimate: rate.scaled(1.0 / self.stated_numbers()[0]) }
    }

    /// One parameter that both numbers show: mobility or step.
    fn by_both(&self, parameter: Parameter, fit: &LinearFit) -> Inferred {
        // Numbers per unit of the open parameter; in units of the noise's answer the combination is dimensionless.
        let from_noise = self.by_noise_alone(parameter, fit);
        let completed = self.with(parameter, from_noise.estimate.value);
        let stated = completed.stated_numbers();
        let (Some(rate), true) = (fit.reduced_rate(), stated[0] != 0.0) else { return from_noise };
        let pair = Pair {
            rate: rate.scaled(1.0 / stated[0]),
            noise: fit.noise_variance().scaled(1.0 / stated[1]),
            covariance: fit.covariance() / (stated[0] * stated[1]),
        };
        let factor = pair.explanation(parameter).factor;
        Inferred { parameter, estimate: factor.scaled(from_noise.estimate.value) }
    }

    /// Two open parameters from the two numbers: each is a product of powers of them.
    fn two(&self, first: Parameter, second: Parameter, fit: &LinearFit) -> Vec<Inferred> {
        let stated = self.stated_numbers();
        let rate = fit.reduced_rate().unwrap_or(fit.noise_variance()).value / stated[0];
        let noise = fit.noise_variance().value / stated[1];
        let covariance = fit.covariance_matrix();
        let solved = |parameter: Parameter, [in_rate, in_noise]: Powers| {
            let value = rate.powi(in_rate) * noise.powi(in_noise);
            let by_rate = f64::from(in_rate) * rate.powi(in_rate - 1) * noise.powi(in_noise) / stated[0];
            let by_noise = f64::from(in_noise) * rate.powi(in_rate) * noise.powi(in_noise - 1) / stated[1];
            let variance = by_rate * by_rate * covariance[0][0]
                + 2.0 * by_rate * by_noise * covariance[0][1]
                + by_noise * by_noise * covariance[1][1];
            Inferred { parameter, estimate: fit.estimate(value, variance.max(0.0).sqrt()) }
        };
        // Cramer's rule for the exponents; the determinant is 1 or −1.
        let determinant = determinant(first, second);
        let of_first = [second.power_in_noise() * determinant, -second.power_in_rate() * determinant];
        let of_second = [-first.power_in_noise() * determinant, first.power_in_rate() * determinant];
        vec![solved(first, of_first), solved(second, of_second)]
    }
}

fn determinant(first: Parameter, second: Parameter) -> i32 {
    first.power_in_rate() * second.power_in_noise() - second.power_in_rate() * first.power_in_noise()
}

#[cfg(test)]
mod tests;
