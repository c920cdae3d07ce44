//! SGLD conventions, in glassbox's terms.
//!
//! glassbox's step is `w' = w − mu dt ∇L + √(2 mu T dt / P_D) ξ` with L the *mean* loss over `P_D` samples. Others write
//! the step with a learning rate and an inverse temperature; a minibatch changes the noise of the gradient, not the
//! translation.

use super::ExaminationError;
use glassbox_oracle::Number;
use glassbox_oracle::inference::StatedParameters;
use std::fmt;

/// How a learning rate `η` and an inverse temperature `β` enter the step; `N` is the number of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Convention {
    /// `w' = w − η ∇L + √(2 η / (β N)) ξ`, L the mean loss.
    #[default]
    Mean,
    /// `w' = w − η ∇U + √(2 η / β) ξ`, `U = N L` the summed loss.
    Sum,
    /// `w' = w − (η/2) ∇U + √(η / β) ξ`: Welling and Teh, ICML 2011, where β = 1.
    Half,
}

impl fmt::Display for Convention {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Convention::Mean => "w' = w − η ∇L + √(2η/(βN)) ξ, L the mean loss",
            Convention::Sum => "w' = w − η ∇U + √(2η/β) ξ, U = N L the summed loss",
            Convention::Half => "w' = w − (η/2) ∇U + √(η/β) ξ, U = N L the summed loss",
        })
    }
}

impl Convention {
    /// The parameters in glassbox's terms: `P_D = N`, `T = 1/β`, `dt = 1`, and the mobility `η` (mean), `η N` (sum) or
    /// `η N / 2` (half).
    ///
    /// ```
    /// use glassbox_check::Convention;
    /// let stated = Convention::Half.translate(Some(1e-6), Some(1000.0), Some(1.0))?;
    /// assert_eq!((stated.mobility, stated.temperature), (Some(5e-4), Some(1.0)));
    /// // The variance of a step's noise is the learning rate: 2 mu T dt / P_D = 1e-6.
    /// assert!((2.0 * 5e-4 / 1000.0 - 1e-6_f64).abs() < 1e-20);
    /// # Ok::<(), glassbox_check::ExaminationError>(())
    /// ```
    ///
    /// # Errors
    /// [`ExaminationError::Options`] for a value that is not finite and above 0, or a learning rate on a summed loss
    /// without the number of samples.
    pub fn translate(
        self,
        learning_rate: Option<f64>,
        n_data: Option<f64>,
        inverse_temperature: Option<f64>,
    ) -> Result<StatedParameters, ExaminationError> {
        let given = [
            ("learning-rate", learning_rate),
            ("n-data", n_data),
            ("inverse-temperature", inverse_temperature),
        ];
        for (name, value) in given {
            if let Some(value) = value.filter(|value| !(value.is_finite() && *value > 0.0)) {
                let message = format!("--{name} is {}; it must be finite and above 0", Number::from(value));
                return Err(ExaminationError::Options(message));
            }
        }
        let mobility = match (self, learning_rate, n_data) {
            (_, None, _) => None,
            (Convention::Mean, Some(rate), _) => Some(rate),
            (Convention::Sum, Some(rate), Some(samples)) => Some(rate * samples),
            (Convention::Half, Some(rate), Some(samples)) => Some(0.5 * rate * samples),
            (Convention::Sum | Convention::Half, Some(_), None) => {
                let message = "--learning-rate of a summed loss needs --n-data";
                return Err(ExaminationError::Options(message.to_owned()));
            }
        };
        Ok(StatedParameters {
            mobility,
            temperature: inverse_temperature.map(f64::recip),
            dataset_size: n_data,
            stiffness: None,
            step: learning_rate.map(|_| 1.0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Second route: drift and noise of each update equation, written out.
        #[test]
        fn drift_and_noise_are_those_of_the_update(eta in 1e-6..1.0_f64, n in 1.0..1e6_f64, beta in 1e-3..1e3_f64) {
            for (convention, drift, noise) in [
                (Convention::Mean, eta, 2.0 * eta / (beta * n)),
                (Convention::Sum, eta * n, 2.0 * eta / beta),
                (Convention::Half, 0.5 * eta * n, eta / beta),
            ] {
                let stated = convention.translate(Some(eta), Some(n), Some(beta)).unwrap();
                let (mu, t) = (stated.mobility.unwrap(), stated.temperature.unwrap());
                prop_assert!((mu / drift - 1.0).abs() < 1e-14);
                prop_assert!((2.0 * mu * t / n / noise - 1.0).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn what_is_not_given_stays_open() {
        let stated = Convention::Mean.translate(None, Some(10.0), None).unwrap();
        assert_eq!((stated.mobility, stated.step, stated.dataset_size), (None, None, Some(10.0)));
        assert!(Convention::Half.translate(Some(1.0), None, None).is_err());
        let message = Convention::Mean.translate(None, None, Some(-1.0)).unwrap_err().to_string();
        assert_eq!(message, "--inverse-temperature is -1; it must be finite and above 0");
    }
}
