//! What is open, fitted under what is stated.

use super::fit::{Fit, Number};
use super::likelihood::{Constraint, Likelihood};
use super::linear_fit::likelihood;
use super::search::Sign;
use super::{Estimate, InferenceError, Inferred, Model, Parameter, StatedParameters, Transitions};
use crate::error::require;
use crate::laws::LinearRelaxation;
use crate::{Bath, Clock};

/// The two numbers of a trajectory, as far as they are open fitted under what is stated about them, and the open parameters.
///
/// With a number stated the likelihood is maximised *with* it: the noise variance at the stated rate, the rate at the stated
/// noise variance, or both along the curve of one parameter (mobility, step) that stands in both. Only where the stated
/// parameters say nothing about the two numbers are they fitted jointly.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StatedFit {
    /// `mu k dt`: stated, or its most likely value.
    pub reduced_rate: f64,
    /// `2 mu T dt / P_D`, in squared units of weight: stated, or its most likely value.
    pub noise_variance: f64,
    /// The estimate of `mu k dt`, where it is not stated.
    pub fitted_rate: Option<Estimate>,
    /// The estimate of `2 mu T dt / P_D`, where it is not stated.
    pub fitted_noise_variance: Option<Estimate>,
    /// The open parameters, where the numbers give them.
    pub inferred: Vec<Inferred>,
    /// Why the open parameters were not inferred.
    pub not_inferred: Option<InferenceError>,
    /// Where one number, or the ratio of the two, is stated: whether the moves agree with it.
    pub agreement: Option<Agreement>,
    /// Whether the moves cannot tell a rate from 2 less that rate, a step that overshoots; the smaller one is meant.
    pub is_mirrored: bool,
}

/// What the moves say about the one thing that is stated about the two numbers: about the noise variance where the stiffness is
/// open, about the rate where temperature or data set size is, about their ratio where mobility or step is.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Agreement {
    /// The number in the moves, of the joint fit, over the stated one; its error follows from the model.
    pub ratio: Estimate,
    /// Probability of moves that speak at least as much against the stated number, if it is the true one: of the deviance of
    /// the fit under it, beside that of the joint fit.
    pub p_value: f64,
}

impl StatedParameters {
    /// Fits what is open to the moves of all replicas, under what is stated.
    ///
    /// ```
    /// use glassbox_oracle::Scheme;
    /// use glassbox_oracle::inference::{Model, Parameter, StatedParameters, Transitions};
    ///
    /// // 1,000 weights whose variance is 0.25, and which have forgotten where they were 40 steps before.
    /// let (from, to): (Vec<f64>, Vec<f64>) =
    ///     (0..1000).map(|i| (if i % 2 == 0 { 0.5 } else { -0.5 }, if i % 4 < 2 { 0.5 } else { -0.5 })).unzip();
    /// let mut transitions = Transitions::new();
    /// transitions.add(40, &from, &to)?;
    /// let stated = StatedParameters {
    ///     mobility: Some(0.2), stiffness: Some(1.0), dataset_size: Some(1.0), step: Some(1.0), ..Default::default()
    /// };
    /// // At the stated rate 0.2 a variance of 0.25 is that of temperature 0.25 (1 − 0.2/2).
    /// let model = Model::Well(Scheme::EulerMaruyama);
    /// let fit = stated.fit(&[transitions.clone()], model)?;
    /// assert!((fit.inferred[0].estimate.value - 0.225).abs() < 1e-3);
    /// // With the stiffness open too, the moves bound it on one side only.
    /// let both = StatedParameters { stiffness: None, ..stated }.fit(&[transitions], model)?;
    /// let stiffness = both.inferred.iter().find(|one| one.parameter == Parameter::Stiffness).unwrap();
    /// let (low, high) = stiffness.estimate.interval(0.99)?;
    /// assert!(low > 0.2 && high == f64::INFINITY);
    /// # Ok::<(), glassbox_oracle::inference::InferenceError>(())
    /// ```
    ///
    /// # Errors
    /// [`InferenceError`] for a stated value outside its range, fewer than 30 moves, moves without noise, no pull to be seen
    /// where a rate is to be fitted, or Leimkuhler–Matthews steps.
    pub fn fit(&self, replicas: &[Transitions], model: Model) -> Result<StatedFit, InferenceError> {
        self.validate()?;
        if self.constraint(model).is_none() {
            return Ok(self.as_stated(model));
        }
        self.fitted(&likelihood(replicas, model)?, model)
    }

    fn as_stated(&self, model: Model) -> StatedFit {
        let [rate, noise_variance] = self.stated_numbers();
        StatedFit {
            reduced_rate: if model == Model::Free { 0.0 } else { rate },
            noise_variance,
            fitted_rate: None,
            fitted_noise_variance: None,
            inferred: Vec::new(),
            not_inferred: None,
            agreement: None,
            is_mirrored: false,
        }
    }

    pub(super) fn fitted(&self, likelihood: &Likelihood, model: Model) -> Result<StatedFit, InferenceError> {
        let Some(constraint) = self.constraint(model) else { return Ok(self.as_stated(model)) };
        self.can_be_fitted(constraint, likelihood, model)?;
        let fit = Fit::new(likelihood, model, constraint, self.sign())?;
        let best = fit.best();
        let inferred = self.parameters(&fit, constraint, model);
        let not_inferred = inferred.is_none().then(|| self.not_identifiable(model));
        Ok(StatedFit {
            reduced_rate: best.rate,
            noise_variance: best.noise_variance,
            fitted_rate: fit.estimate(Number::Rate),
            fitted_noise_variance: fit.estimate(Number::NoiseVariance),
            inferred: inferred.unwrap_or_default(),
            not_inferred,
            agreement: agreement(&fit, constraint, likelihood, model),
            is_mirrored: fit.is_mirrored(),
        })
    }

    fn can_be_fitted(
        &self,
        constraint: Constraint,
        likelihood: &Likelihood,
        model: Model,
    ) -> Result<(), InferenceError> {
        match constraint {
            Constraint::None if !likelihood.shows_a_rate(false) => return Err(InferenceError::NoPull),
            Constraint::NoiseVariance(noise_variance) => {
                let (name, positive) = ("2 mu T dt / P_D", noise_variance > 0.0);
                require(name, noise_variance, positive, "finite and above 0")?;
                if !likelihood.shows_a_rate(true) {
                    return Err(InferenceError::NoPull);
                }
            }
            Constraint::Ratio(ratio) => {
                let (name, positive) = ("k P_D / (2 T)", ratio != 0.0);
                require(name, ratio, positive, "finite and not 0")?;
            }
            _ => {}
        }
        if let (Model::StationaryWell(scheme), Some(stiffness)) = (model, self.stiffness) {
            // Of the stated rate, or of some rate on the stated side of 0.
            let rate = if let Constraint::Rate(rate) = constraint { rate } else { stiffness.signum() };
            let bath = Bath::new(1.0, 0.5, 1.0)?;
            LinearRelaxation::new(bath, rate, Clock::steps(1.0)?)?
                .integrated_by(scheme)?
                .stationary_variance()?;
        }
        Ok(())
    }

    fn not_identifiable(&self, model: Model) -> InferenceError {
        let names: Vec<String> = self.open(model).iter().map(Parameter::to_string).collect();
        let pulls = model != Model::Free && self.stiffness != Some(0.0);
        let seen = if pulls {
            "mobility * stiffness * step and mobility * temperature * step / dataset_size"
        } else {
            "mobility * temperature * step / dataset_size"
        };
        InferenceError::NotIdentifiable { unknown: names.join(", "), seen }
    }
}

/// The test of the one direction that the fit under a statement leaves, with errors from the model: those measured between few
/// replicas have no far tails. The joint fit is on either side of 0.
///
/// The deviance between the fit under a statement and the joint fit is chi-squared with one degree of freedom to first order if
/// the statement is right, also where frames have forgotten where they started: in the coordinates (correlation of a weight
/// with its start, variance) the likelihood is regular there, only their translation into rate and noise variance is not.
fn agreement(
    fit: &Fit<'_>,
    constraint: Constraint,
    likelihood: &Likelihood,
    model: Model,
) -> Option<Agreement> {
    if model == Model::Free || !likelihood.shows_a_rate(false) {
        return None;
    }
    let (number, stated) = match constraint {
        Constraint::None | Constraint::Rate(0.0) => return None,
        Constraint::Rate(rate) => (Number::Rate, rate),
        Constraint::NoiseVariance(noise_variance) => (Number::NoiseVariance, noise_variance),
        Constraint::Ratio(ratio) => (Number::Ratio, ratio),
    };
    let joint = Fit::new(likelihood, model, Constraint::None, Sign::Any).ok()?.by_model();
    let ratio = joint.estimate(number)?.scaled(stated.recip());
    Some(Agreement { ratio, p_value: joint.p_value(&fit.best(), constraint) })
}
