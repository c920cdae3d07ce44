//! Minibatch descent in a quadratic well, with the batches of an epoch drawn without replacement.
//!
//! One mode `w` of stiffness k moves as `w' = a w − mu ζ`, `a = 1 − mu k`, where ζ is the deviation of a batch's gradient
//! from the mean over all P samples. With the variance C of one sample's gradient (P − 1 in its denominator) a batch of s
//! samples has `Var ζ = C (1/s − 1/P)`, and two batches of one epoch `Cov = −C/P`: the weighted sum of an epoch vanishes. A
//! displacement is a sum `Σ c_m ζ_m`, so that from `w = 0`
//!
//! `<dw²> = C Σ_epochs [Σ c_m²/s_m − (Σ c_m)²/P]`, `c_m = −mu (a^{n+t−1−m} − a^{n−1−m} [m < n])`,
//!
//! with the size s_m of each batch, the last of an epoch being smaller where the batch size does not divide P.
//!
//! Modes that relax within an epoch see independent batches, `mu C/(b k (2 − mu k))` each (PHYSICS.md C.4). Slower ones see
//! almost nothing of the noise if all batches are alike: it is undone before they have moved. A small last batch undoes it
//! badly. `Bath::of_minibatch_noise` knows neither.

use crate::error::{OracleError, require, require_finite, require_non_negative, require_positive};

/// One mode under minibatch descent.
///
/// ```
/// use glassbox_oracle::laws::MinibatchWell;
/// // A stiff mode: the stationary law of independent batches, mu C / (b k (2 − mu k)) = 1/190, twice.
/// let stiff = MinibatchWell::new(0.1, 1.0, 1.0, 10_000, 10)?;
/// assert!((stiff.mean_squared_displacement(5_000, 500)? * 95.0 - 1.0).abs() < 0.02);
/// // A soft one hardly moves in comparison: after whole epochs the noise has cancelled.
/// let soft = MinibatchWell::new(0.1, 1e-6, 1.0, 10_000, 10)?;
/// assert!(soft.mean_squared_displacement(5_000, 1_000)? < 1e-6);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinibatchWell {
    learning_rate: f64,
    factor: f64,
    gradient_variance: f64,
    samples: u64,
    batch_size: u64,
}

impl MinibatchWell {
    /// A mode of `stiffness` k (any finite number) under steps of `learning_rate > 0`, with single-sample gradients of
    /// variance `gradient_variance ≥ 0` along it, `samples ≥ 1` and batches of `batch_size ≥ 1` of them.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] outside those ranges.
    pub fn new(
        learning_rate: f64,
        stiffness: f64,
        gradient_variance: f64,
        samples: u64,
        batch_size: u64,
    ) -> Result<Self, OracleError> {
        let learning_rate = require_positive("learning_rate", learning_rate)?;
        let stiffness = require_finite("stiffness", stiffness)?;
        let gradient_variance = require_non_negative("gradient_variance", gradient_variance)?;
        require("samples", samples as f64, samples >= 1, "at least 1")?;
        require("batch_size", batch_size as f64, batch_size >= 1, "at least 1")?;
        let factor = 1.0 - learning_rate * stiffness;
        Ok(Self { learning_rate, factor, gradient_variance, samples, batch_size: batch_size.min(samples) })
    }

    /// `<(w(n+t) − w(n))²>` from `w(0) = 0`, n = `waiting_steps`, t = `lag` steps; epochs begin at step 0.
    ///
    /// Takes a time of order n + t.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for more than 2⁵³ steps in all.
    pub fn mean_squared_displacement(&self, waiting_steps: u64, lag: u64) -> Result<f64, OracleError> {
        let end = waiting_steps.saturating_add(lag);
        require("lag", lag as f64, end < 1 << 53, "at most 2^53 steps in all")?;
        let batches = self.samples.div_ceil(self.batch_size);
        let last = self.samples - (batches - 1) * self.batch_size;
        let (mut total, mut squares, mut sum) = (0.0, 0.0, 0.0);
        // From the last step back: powers of a are built by multiplication.
        let (mut late, mut early) = (1.0, 1.0);
        for step in (0..end).rev() {
            let mut coefficient = late;
            late *= self.factor;
            if step < waiting_steps {
                coefficient -= early;
                early *= self.factor;
            }
            let size = if step % batches == batches - 1 { last } else { self.batch_size };
            squares += coefficient * coefficient / size as f64;
            sum += coefficient;
            if step % batches == 0 {
                total += squares - sum * sum / self.samples as f64;
                (squares, sum) = (0.0, 0.0);
            }
        }
        Ok(self.learning_rate * self.learning_rate * self.gradient_variance * total.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Second route: all orders of four and of five samples, two a batch, over two epochs.
    #[test]
    fn every_order_of_a_small_data_set() {
        for gradients in [vec![1.0, -2.0, 4.0, 0.5], vec![1.0, -2.0, 4.0, 0.5, -0.7]] {
            let count = gradients.len();
            let mean = gradients.iter().sum::<f64>() / count as f64;
            let variance =
                gradients.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / (count as f64 - 1.0);
            // The noise of each batch of an epoch, for every order.
            let epochs: Vec<Vec<f64>> = orders(count)
                .into_iter()
                .map(|order| {
                    let noise = |batch: &[usize]| {
                        batch.iter().map(|sample| gradients[*sample]).sum::<f64>() / batch.len() as f64 - mean
                    };
                    order.chunks(2).map(noise).collect()
                })
                .collect();
            let (mu, k) = (0.3, 0.7);
            let well = MinibatchWell::new(mu, k, variance, count as u64, 2).unwrap();
            for (waiting, lag) in [(0, 1), (0, 3), (1, 2), (2, 2), (3, 1), (1, 3)] {
                let mut square = 0.0;
                for first in &epochs {
                    for second in &epochs {
                        let mut place = vec![0.0];
                        for zeta in first.iter().chain(second) {
                            place.push((1.0 - mu * k) * place[place.len() - 1] - mu * zeta);
                        }
                        square += (place[waiting + lag] - place[waiting]).powi(2);
                    }
                }
                square /= (epochs.len() * epochs.len()) as f64;
                let predicted = well.mean_squared_displacement(waiting as u64, lag as u64).unwrap();
                assert!((predicted / square - 1.0).abs() < 1e-12, "{waiting} {lag}: {predicted} {square}");
            }
        }
    }

    fn orders(count: usize) -> Vec<Vec<usize>> {
        if count == 0 {
            return vec![Vec::new()];
        }
        let shorter = orders(count - 1);
        shorter
            .iter()
            .flat_map(|order| {
                (0..count).map(|place| {
                    let mut longer = order.clone();
                    longer.insert(place, count - 1);
                    longer
                })
            })
            .collect()
    }

    #[test]
    fn one_batch_an_epoch_is_no_noise_and_bad_arguments_are_named() {
        let whole = MinibatchWell::new(0.1, 0.5, 3.0, 100, 100).unwrap();
        assert_eq!(whole.mean_squared_displacement(10, 10).unwrap(), 0.0);
        assert!(MinibatchWell::new(0.1, f64::NAN, 3.0, 1, 1).unwrap_err().to_string().contains("stiffness"));
        assert!(MinibatchWell::new(0.1, 1.0, 3.0, 1, 0).unwrap_err().to_string().contains("batch_size"));
    }

    /// Independent batches: many of them, fast relaxation, against the bath of the same noise.
    #[test]
    fn a_stiff_mode_is_that_of_the_bath() {
        use crate::laws::StationaryWell;
        use crate::{Bath, Clock, DisplacementLaw};
        let (mu, k, c, b) = (0.1, 3.0, 2.0, 5_u32);
        let bath = Bath::of_minibatch_noise(mu, 1.0, c, f64::from(b)).unwrap();
        let law = StationaryWell::new(bath, k, Clock::steps(1.0).unwrap()).unwrap();
        let well = MinibatchWell::new(mu, k, c, 5_000_000, u64::from(b)).unwrap();
        for lag in [1, 3, 20] {
            let expected = law.mean_squared_displacement(lag as f64).unwrap();
            let found = well.mean_squared_displacement(400, lag).unwrap();
            // What is missing: 1/J of the squared sum of coefficients, of order 1e-5.
            assert!((found / expected - 1.0).abs() < 1e-4, "{lag}: {found} {expected}");
        }
    }
}
