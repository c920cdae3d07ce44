//! Faulty noise.

use super::NoiseFault;
use glassbox_oracle::Bath;
use glassbox_simulations::noise::{NoiseStream, Purpose};

/// Noise of a step in units of its correct standard deviation, with one fault.
#[derive(Clone, Debug)]
pub(super) struct FaultyNoise {
    fault: NoiseFault,
    seed: u64,
    before: Option<Vec<f64>>,
}

impl FaultyNoise {
    /// `seed` is for the faults that mix up replicas.
    pub(super) fn new(fault: NoiseFault, seed: u64) -> Self {
        Self { fault, seed, before: None }
    }

    /// Factor of the variance.
    pub(super) fn variance(&self, bath: Bath, step: u64) -> f64 {
        match self.fault {
            NoiseFault::Variance(factor) => factor,
            NoiseFault::NoDatasetSize => bath.dataset_size(),
            NoiseFault::TemperatureSquared => bath.temperature(),
            NoiseFault::MobilityForRoot => bath.mobility(),
            NoiseFault::EveryOtherStep => 2.0 * (1 - step % 2) as f64,
            NoiseFault::OwnSchedule => 1.0 / (1.0 + step as f64 / 1000.0),
            _ => 1.0,
        }
    }

    /// Fills `out` with the standardised numbers of a step.
    pub(super) fn draw(&mut self, correct: &NoiseStream, step: u64, out: &mut [f64]) {
        match self.fault {
            NoiseFault::SameEveryStep => correct.gaussians(0, out),
            NoiseFault::SameEveryReplica => self.of_replica(0).gaussians(step, out),
            NoiseFault::ShiftedSeeds => {
                self.of_replica(0).gaussians(step + u64::from(correct.replica()), out);
            }
            NoiseFault::DuplicatedPair => self.of_replica(correct.replica().max(1)).gaussians(step, out),
            NoiseFault::Uniform => {
                correct.uniforms(step, out);
                out.iter_mut().for_each(|number| *number = (*number - 0.5) * 12.0_f64.sqrt());
            }
            _ => correct.gaussians(step, out),
        }
        match self.fault {
            NoiseFault::Signs => out.iter_mut().for_each(|number| *number = number.signum()),
            NoiseFault::Quantised(grain) => {
                out.iter_mut().for_each(|number| *number = (*number / grain).round() * grain);
            }
            NoiseFault::Mean(mean) => out.iter_mut().for_each(|number| *number += mean),
            NoiseFault::Truncated(limit) => self.draw_again(correct, limit, step, out),
            NoiseFault::Correlated(correlation) => self.mix(correlation, out),
            NoiseFault::SharedByNeighbours => out.chunks_exact_mut(2).for_each(|pair| pair[1] = pair[0]),
            _ => {}
        }
    }

    fn of_replica(&self, replica: u32) -> NoiseStream {
        NoiseStream::new(self.seed, Purpose::Langevin, replica)
    }

    /// Numbers beyond the limit are replaced by others of a stream that nothing else uses.
    fn draw_again(&self, correct: &NoiseStream, limit: f64, step: u64, out: &mut [f64]) {
        let spare = NoiseStream::new(self.seed, Purpose::Subset, correct.replica());
        let mut other = vec![0.0; out.len()];
        for attempt in 0.. {
            if out.iter().all(|number| number.abs() <= limit) {
                return;
            }
            spare.gaussians((step << 8) + attempt, &mut other);
            for (number, other) in out.iter_mut().zip(&other) {
                if number.abs() > limit {
                    *number = *other;
                }
            }
        }
    }

    /// A moving average of white noise, of variance 1 and the given correlation of neighbouring steps.
    fn mix(&mut self, correlation: f64, out: &mut [f64]) {
        let now = out.to_vec();
        // (1 + b²) c² = 1 and b c² = correlation.
        let b = (1.0 - (1.0 - 4.0 * correlation * correlation).sqrt()) / (2.0 * correlation);
        let c = 1.0 / (1.0 + b * b).sqrt();
        let before = self.before.replace(now);
        match before {
            Some(before) => {
                out.iter_mut().zip(before).for_each(|(number, before)| *number = c * (*number + b * before));
            }
            None => out.iter_mut().for_each(|number| *number *= c * (1.0 + b * b).sqrt()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(fault: NoiseFault, steps: u64) -> Vec<Vec<f64>> {
        let mut noise = FaultyNoise::new(fault, 5);
        let stream = NoiseStream::new(5, Purpose::Langevin, 1);
        (0..steps)
            .map(|step| {
                let mut out = vec![0.0; 40_000];
                noise.draw(&stream, step, &mut out);
                out
            })
            .collect()
    }

    fn variance(numbers: &[f64]) -> f64 {
        numbers.iter().map(|number| number * number).sum::<f64>() / numbers.len() as f64
    }

    /// Six standard errors of a variance of 40,000 numbers, √(2/n) each: below 2e-9 a comparison.
    const ALLOWED: f64 = 6.0 * 0.007_08;

    #[test]
    fn shapes_keep_the_variance() {
        for fault in [
            NoiseFault::Uniform,
            NoiseFault::Signs,
            NoiseFault::Quantised(1.0 / 16.0),
            NoiseFault::Truncated(4.0),
        ] {
            let numbers = &drawn(fault, 1)[0];
            assert!((variance(numbers) - 1.0).abs() < ALLOWED, "{fault:?}");
        }
        let cut = &drawn(NoiseFault::Truncated(3.0), 1)[0];
        assert!(cut.iter().all(|number| number.abs() <= 3.0));
    }

    #[test]
    fn correlated_noise_has_its_correlation() {
        let steps = drawn(NoiseFault::Correlated(0.3), 3);
        let product: f64 = steps[1].iter().zip(&steps[2]).map(|(a, b)| a * b).sum::<f64>() / 40_000.0;
        assert!((product - 0.3).abs() < ALLOWED, "{product}");
        assert!((variance(&steps[2]) - 1.0).abs() < ALLOWED && (variance(&steps[0]) - 1.0).abs() < ALLOWED);
    }
}
