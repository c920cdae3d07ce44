//! A quadratic well that is a mean over samples.

use glassbox_simulations::landscape::{Landscape, LandscapeError, SampledLandscape};
use glassbox_simulations::noise::{NoiseStream, Purpose};

/// `L = (k / 2P) Σ_p Σ_i (w_i − x_{p,i})²`, with centres `x` of mean 0 and a given variance over the samples, exactly: the
/// full gradient is that of a quadratic well, and a batch adds `−k` times the mean of its centres.
#[derive(Clone, Debug, PartialEq)]
pub struct SampledWell {
    stiffness: f64,
    /// Sample after sample.
    centres: Vec<f64>,
    dimension: usize,
    variance: f64,
}

/// The centres are part of the problem: no seed of a run changes them.
const SEED_OF_CENTRES: u64 = 1;

impl SampledWell {
    /// `dimension ≥ 1` weights, `samples ≥ 2` and fewer than 2³², centres of `variance ≥ 0` over the samples.
    ///
    /// # Errors
    /// [`LandscapeError`] for a number outside its range.
    pub fn new(
        dimension: usize,
        stiffness: f64,
        samples: u32,
        variance: f64,
    ) -> Result<Self, LandscapeError> {
        if dimension == 0 || samples < 2 {
            return Err(LandscapeError::Empty);
        }
        for (argument, value) in [("stiffness", stiffness), ("√variance", variance.sqrt())] {
            if !value.is_finite() {
                return Err(LandscapeError::NotFinite { argument: argument.to_owned(), value });
            }
        }
        let mut rows: Vec<Vec<f64>> = (0..samples)
            .map(|sample| {
                let mut row = vec![0.0; dimension];
                let stream = NoiseStream::new(SEED_OF_CENTRES, Purpose::Initialisation, sample);
                stream.gaussians(0, &mut row);
                row
            })
            .collect();
        let count = f64::from(samples);
        for weight in 0..dimension {
            let mean = rows.iter().map(|row| row[weight]).sum::<f64>() / count;
            rows.iter_mut().for_each(|row| row[weight] -= mean);
            let square = rows.iter().map(|row| row[weight] * row[weight]).sum::<f64>() / count;
            let scale = (variance / square).sqrt();
            rows.iter_mut().for_each(|row| row[weight] *= scale);
        }
        Ok(Self { stiffness, centres: rows.concat(), dimension, variance })
    }
}

impl Landscape for SampledWell {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        let mut square = 0.0;
        for (slope, weight) in gradient.iter_mut().zip(weights) {
            *slope = self.stiffness * weight;
            square += weight * weight + self.variance;
        }
        0.5 * self.stiffness * square
    }
}

impl SampledLandscape for SampledWell {
    fn sample_count(&self) -> u32 {
        u32::try_from(self.centres.len() / self.dimension).unwrap_or(u32::MAX)
    }

    fn minibatch_loss_and_gradient(&self, weights: &[f64], samples: &[u32], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        let mut square = 0.0;
        for sample in samples {
            let centres = self.centres.chunks_exact(self.dimension).nth(*sample as usize).unwrap_or_default();
            for ((slope, weight), centre) in gradient.iter_mut().zip(weights).zip(centres) {
                let distance = weight - centre;
                *slope += distance;
                square += distance * distance;
            }
        }
        let share = self.stiffness / samples.len() as f64;
        gradient.iter_mut().for_each(|slope| *slope *= share);
        0.5 * share * square
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_samples_are_the_full_landscape() {
        let well = SampledWell::new(3, 2.0, 8, 0.5).unwrap();
        let weights = [1.0, -0.3, 0.0];
        let (mut full, mut all) = ([0.0; 3], [0.0; 3]);
        let loss = well.loss_and_gradient(&weights, &mut full);
        let samples: Vec<u32> = (0..well.sample_count()).collect();
        let batch = well.minibatch_loss_and_gradient(&weights, &samples, &mut all);
        // Rounding of sums of 24 terms below 10.
        assert!((loss - batch).abs() < 1e-13);
        assert!(full.iter().zip(all).all(|(a, b)| (a - b).abs() < 1e-13));
        let mut one = [0.0; 3];
        well.minibatch_loss_and_gradient(&weights, &[5], &mut one);
        assert!((one[0] - full[0]).abs() > 1e-3);
        assert!(SampledWell::new(1, 1.0, 8, -1.0).is_err() && SampledWell::new(1, 1.0, 1, 1.0).is_err());
    }
}
