//! From the two numbers of a fit to the parameters that a user sets.

use super::fit::{Fit, Number};
use super::likelihood::Constraint;
use super::search::Sign;
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
    /// The parameter that was inferred.
    pub parameter: Parameter,
    /// Its value, in its own units.
    pub estimate: Estimate,
}

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

    /// The open parameters, from the moves behind a fit: none, one, or two that the data can tell apart.
    ///
    /// They are fitted again under what is stated: where the stated parameters give one of the two numbers, or their ratio, the
    /// likelihood is maximised with it. What the moves say against the stated parameters is in
    /// [`explanations`](Self::explanations) of the completed ones, and in [`StatedFit::agreement`](super::StatedFit::agreement).
    ///
    /// # Errors
    /// [`InferenceError::NotIdentifiable`] for parameters that the data cannot tell apart, [`InferenceError::Oracle`]
    /// for a stated value outside its range, [`InferenceError::NoPull`] and [`InferenceError::NoNoise`].
    pub fn solve(&self, fit: &LinearFit) -> Result<Vec<Inferred>, InferenceError> {
        self.validate()?;
        let fitted = self.fitted(&fit.likelihood, fit.model())?;
        fitted.not_inferred.map_or(Ok(fitted.inferred), Err)
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

    /// What the stated parameters say about the two numbers; `None` where they say all.
    pub(super) fn constraint(&self, model: Model) -> Option<Constraint> {
        let open = self.open(model);
        let (rate, noise) = (Parameter::power_in_rate, Parameter::power_in_noise);
        let [stated_rate, stated_noise] = self.stated_numbers();
        let pulls = model != Model::Free && self.stiffness != Some(0.0);
        if !pulls {
            return open.iter().any(|one| noise(*one) != 0).then_some(Constraint::Rate(0.0));
        }
        let has = |of: fn(bool, bool) -> bool| open.iter().any(|one| of(rate(*one) != 0, noise(*one) != 0));
        let (in_rate, in_noise) = (has(|rate, noise| rate && !noise), has(|rate, noise| noise && !rate));
        match (in_rate, in_noise, has(|rate, noise| rate && noise)) {
            (false, false, false) => None,
            (true, false, false) => Some(Constraint::NoiseVariance(stated_noise)),
            (false, true, false) => Some(Constraint::Rate(stated_rate)),
            // Rate and noise rise together.
            (false, false, true) => Some(Constraint::Ratio(stated_rate / stated_noise)),
            _ => Some(Constraint::None),
        }
    }

    /// The side of 0 on which the rate lies by what is stated.
    pub(super) fn sign(&self) -> Sign {
        match self.stiffness {
            Some(stiffness) if stiffness > 0.0 => Sign::Positive,
            Some(stiffness) if stiffness < 0.0 => Sign::Negative,
            _ => Sign::Any,
        }
    }

    /// The estimates of the open parameters from a fit under this constraint; `None` where the numbers do not give them.
    pub(super) fn parameters(
        &self,
        fit: &Fit<'_>,
        constraint: Constraint,
        model: Model,
    ) -> Option<Vec<Inferred>> {
        let open = self.open(model);
        let [rate, noise] = self.stated_numbers();
        let inferred = |parameter: Parameter, [in_rate, in_noise]: [i32; 2]| {
            let estimate = match (in_rate, in_noise) {
                (_, 0) => fit.estimate(Number::Rate)?.scaled(rate.recip()),
                (0, 1) => fit.estimate(Number::NoiseVariance)?.scaled(noise.recip()),
                (0, _) => fit.estimate(Number::NoiseVariance)?.scaled(noise.recip()).inverted(),
                (1, _) => fit.estimate(Number::Ratio)?.scaled(noise / rate),
                _ => fit.estimate(Number::Ratio)?.scaled(noise / rate).inverted(),
            };
            Some(Inferred { parameter, estimate })
        };
        match (constraint, open.as_slice()) {
            (Constraint::Rate(_), [only]) => Some(vec![inferred(*only, [0, only.power_in_noise()])?]),
            (Constraint::NoiseVariance(_) | Constraint::Ratio(_), [only]) => {
                Some(vec![inferred(*only, [1, 0])?])
            }
            (Constraint::None, [first, second]) => {
                // Cramer's rule for the exponents; the determinant is 1 or −1.
                let determinant = determinant(*first, *second);
                let of_first = [second.power_in_noise() * determinant, -second.power_in_rate() * determinant];
                let of_second = [-first.power_in_noise() * determinant, first.power_in_rate() * determinant];
                (determinant != 0)
                    .then(|| Some(vec![inferred(*first, of_first)?, inferred(*second, of_second)?]))?
            }
            _ => None,
        }
    }
}

fn determinant(first: Parameter, second: Parameter) -> i32 {
    first.power_in_rate() * second.power_in_noise() - second.power_in_rate() * first.power_in_noise()
}

#[cfg(test)]
mod tests;
