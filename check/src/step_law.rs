//! The law of a move between two saved frames: `w' = (1 − b) w + √V z`, z standard Gaussian.

use super::ExaminationError;
use glassbox_oracle::laws::{QuadraticWell, StationaryWell};
use glassbox_oracle::{Bath, Clock, DisplacementLaw, Scheme};
use std::collections::BTreeMap;

/// The two numbers that a trajectory in a well shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Numbers {
    /// `mu k dt`.
    pub(crate) rate: f64,
    /// `2 mu T dt / P_D`.
    pub(crate) noise_variance: f64,
}

/// One gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Gap {
    /// `b`: what the pull takes of a weight.
    pub(crate) loss: f64,
    /// `√V`.
    pub(crate) deviation: f64,
    /// `db/d(rate) / √V`: what an error of the rate adds to an innovation, for a weight of 1.
    pub(crate) rate_response: f64,
}

/// The law of the moves across every gap that occurs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StepLaw {
    numbers: Numbers,
    scheme: Scheme,
    gaps: BTreeMap<u64, Gap>,
}

impl StepLaw {
    /// The law for frames saved at `times`.
    pub(crate) fn new(numbers: Numbers, scheme: Scheme, times: &[u64]) -> Result<Self, ExaminationError> {
        let mut law = Self { numbers, scheme, gaps: BTreeMap::new() };
        for steps in times.windows(2).map(|pair| pair[1] - pair[0]) {
            if !law.gaps.contains_key(&steps) {
                let gap = law.of_gap(steps)?;
                law.gaps.insert(steps, gap);
            }
        }
        Ok(law)
    }

    pub(crate) fn gap(&self, steps: u64) -> Option<Gap> {
        self.gaps.get(&steps).copied()
    }

    /// Loss and variance across any number of steps.
    pub(crate) fn loss_and_variance(&self, steps: u64) -> Result<(f64, f64), ExaminationError> {
        loss_and_variance(self.numbers, self.scheme, steps)
    }

    /// Variance of a weight that has been in the well for ever.
    pub(crate) fn stationary_variance(&self) -> Result<f64, ExaminationError> {
        let bath = Bath::new(1.0, 0.5 * self.numbers.noise_variance, 1.0)?;
        Ok(StationaryWell::of_steps(bath, self.numbers.rate, 1.0, self.scheme)?.weight_variance())
    }

    fn of_gap(&self, steps: u64) -> Result<Gap, ExaminationError> {
        let (loss, variance) = self.loss_and_variance(steps)?;
        // Central difference over a millionth of the scale on which (1 − rate)ⁿ changes.
        let width = 1e-6 * (1.0 / steps as f64).max(self.numbers.rate.abs());
        let at = |rate| loss_and_variance(Numbers { rate, ..self.numbers }, self.scheme, steps);
        let slope = (at(self.numbers.rate + width)?.0 - at(self.numbers.rate - width)?.0) / (2.0 * width);
        let deviation = variance.sqrt();
        if !(deviation > 0.0 && deviation.is_finite()) {
            let message = format!("the law has no finite noise across {steps} steps");
            return Err(ExaminationError::Shape(message));
        }
        Ok(Gap { loss, deviation, rate_response: slope / deviation })
    }
}

fn loss_and_variance(numbers: Numbers, scheme: Scheme, steps: u64) -> Result<(f64, f64), ExaminationError> {
    let bath = Bath::new(1.0, 0.5 * numbers.noise_variance, 1.0)?;
    let well = QuadraticWell::new(bath, numbers.rate, Clock::steps(1.0)?)?.integrated_by(scheme)?;
    let law = well.from_fixed(1.0)?.displacement(steps as f64)?;
    Ok((-law.mean(), law.variance()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second route: the recursion of Euler–Maruyama, and its derivative by hand.
    #[test]
    fn gaps_are_repeated_steps() {
        let numbers = Numbers { rate: 0.3, noise_variance: 0.02 };
        let law = StepLaw::new(numbers, Scheme::EulerMaruyama, &[0, 1, 6]).unwrap();
        let gap = law.gap(5).unwrap();
        let variance: f64 = (0..5).map(|j| 0.02 * 0.7_f64.powi(2 * j)).sum();
        assert!((gap.loss - (1.0 - 0.7_f64.powi(5))).abs() < 1e-14);
        assert!((gap.deviation - variance.sqrt()).abs() < 1e-14);
        assert!((gap.rate_response * variance.sqrt() - 5.0 * 0.7_f64.powi(4)).abs() < 1e-8);
        assert_eq!(law.gap(2), None);
        assert!((law.stationary_variance().unwrap() - 0.02 / (1.0 - 0.49)).abs() < 1e-14);
        let free = StepLaw::new(Numbers { rate: 0.0, ..numbers }, Scheme::EulerMaruyama, &[3, 7]).unwrap();
        assert!((free.gap(4).unwrap().deviation.powi(2) - 0.08).abs() < 1e-15);
        assert!(free.stationary_variance().is_err());
    }
}
