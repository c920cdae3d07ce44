//! Which single parameter, changed, would explain what a trajectory shows.

use super::{Estimate, InferenceError, LinearFit, Parameter, StatedParameters};
use libm::erfc;

/// What a stated parameter would have to be multiplied by, all others being as stated, for the law to fit the data.
///
/// In the user's words: "temperature 1.8 % ± 0.3 % too high" is a factor of 1.018 with a standard error of 0.003.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Explanation {
    /// The parameter.
    pub parameter: Parameter,
    /// Its factor.
    pub factor: Estimate,
    /// Probability of the rest that this change leaves unexplained, if it is the true one: a change of temperature
    /// cannot explain a wrong rate. `None` where nothing else is seen (free diffusion).
    pub remainder_p_value: Option<f64>,
}

impl StatedParameters {
    /// For every stated parameter, the factor that would explain the fit if all others are right.
    ///
    /// # Errors
    /// [`InferenceError::Missing`] for an open parameter, [`InferenceError::Oracle`] for a value outside its range.
    pub fn explanations(&self, fit: &LinearFit) -> Result<Vec<Explanation>, InferenceError> {
        self.validate()?;
        if let Some(parameter) = self.open(fit.model()).first() {
            return Err(InferenceError::Missing { parameter: *parameter });
        }
        let stated = self.stated_numbers();
        let noise = fit.noise_variance().scaled(1.0 / stated[1]);
        let Some(rate) = fit.reduced_rate().filter(|_| stated[0] != 0.0) else {
            let explain = |parameter: &Parameter| {
                let power = parameter.power_in_noise();
                (power != 0).then(|| Explanation {
                    parameter: *parameter,
                    factor: raised(noise, power),
                    remainder_p_value: None,
                })
            };
            return Ok(Parameter::ALL.iter().filter_map(explain).collect());
        };
        let rate = rate.scaled(1.0 / stated[0]);
        let covariance = fit.covariance() / (stated[0] * stated[1]);
        let pair = Pair { rate, noise, covariance };
        Ok(Parameter::ALL.iter().map(|parameter| pair.explanation(*parameter)).collect())
    }
}

/// `ratio` to the power 1 or −1.
pub(super) fn raised(ratio: Estimate, power: i32) -> Estimate {
    if power > 0 {
        return ratio;
    }
    let value = 1.0 / ratio.value;
    Estimate { value, standard_error: ratio.standard_error * value * value, ..ratio }
}

/// The fitted numbers in units of the stated ones.
pub(super) struct Pair {
    pub(super) rate: Estimate,
    pub(super) noise: Estimate,
    pub(super) covariance: f64,
}

impl Pair {
    /// The best multiple of the direction in which a parameter moves the pair, and what is left across it.
    pub(super) fn explanation(&self, parameter: Parameter) -> Explanation {
        let direction = [f64::from(parameter.power_in_rate()), f64::from(parameter.power_in_noise().abs())];
        let deviation = [self.rate.value - 1.0, self.noise.value - 1.0];
        let variance = [self.rate.standard_error.powi(2), self.noise.standard_error.powi(2)];
        let determinant = variance[0] * variance[1] - self.covariance * self.covariance;
        let product = |left: [f64; 2], right: [f64; 2]| {
            (left[0] * right[0] * variance[1] + left[1] * right[1] * variance[0]
                - (left[0] * right[1] + left[1] * right[0]) * self.covariance)
                / determinant
        };
        let weight = product(direction, direction);
        let along = product(direction, deviation) / weight;
        let left = (product(deviation, deviation) - along * along * weight).max(0.0);
        let moved = Estimate { value: 1.0 + along, standard_error: weight.recip().sqrt(), ..self.noise };
        let power = if parameter.power_in_noise() < 0 { -1 } else { 1 };
        Explanation {
            parameter,
            factor: raised(moved, power),
            remainder_p_value: Some(erfc((0.5 * left).sqrt())),
        }
    }
}
