//! Minibatch stochastic gradient descent, the quench of the paper.

use super::{GradientDescent, Integrator, IntegratorError, State};
use crate::landscape::SampledLandscape;
use crate::noise::{NoiseStream, Purpose};

/// `w ← w − mu ∇L_batch(w)` over batches of a freshly shuffled data set, without replacement within an epoch.
///
/// The last batch of an epoch is smaller where the batch size does not divide the data set.
#[derive(Clone, Debug, PartialEq)]
pub struct MinibatchDescent {
    descent: GradientDescent,
    batch_size: usize,
    seed: u64,
    /// Replica, number of samples and epoch that `order` belongs to.
    epoch: Option<(u32, u32, u64)>,
    /// The samples in the order of the epoch.
    order: Vec<u32>,
}

impl MinibatchDescent {
    /// Descent with `learning_rate > 0` over batches of `batch_size ≥ 1`; `seed` decides the order of the samples,
    /// together with the replica.
    ///
    /// # Errors
    /// [`IntegratorError`] for a learning rate or batch size outside its range.
    pub fn new(learning_rate: f64, batch_size: usize, seed: u64) -> Result<Self, IntegratorError> {
        if batch_size == 0 {
            return Err(IntegratorError { argument: "batch_size", value: 0.0, allowed: "at least 1" });
        }
        Ok(Self {
            descent: GradientDescent::new(learning_rate)?,
            batch_size,
            seed,
            epoch: None,
            order: Vec::new(),
        })
    }
}

impl<L: SampledLandscape + ?Sized> Integrator<L> for MinibatchDescent {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        let count = landscape.sample_count();
        let batches = u64::from(count).div_ceil(self.batch_size as u64).max(1);
        let (epoch, batch) = (state.step / batches, state.step % batches);
        let current = Some((noise.replica(), count, epoch));
        if self.epoch != current {
            self.epoch = current;
            self.order.clear();
            self.order.extend(0..count);
            NoiseStream::new(self.seed, Purpose::Minibatch, noise.replica()).shuffle(epoch, &mut self.order);
        }
        let order = &self.order;
        #[allow(
            clippy::cast_possible_truncation,
            reason = "batch * batch_size is below the u32 sample count"
        )]
        let first = (batch as usize) * self.batch_size;
        let samples = &order[first.min(order.len())..(first + self.batch_size).min(order.len())];
        state.loss = landscape.minibatch_loss_and_gradient(&state.weights, samples, &mut state.gradient);
        self.descent.descend(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::Landscape;
    use std::sync::Mutex;

    /// Remembers which samples were asked for.
    struct Witness(Mutex<Vec<Vec<u32>>>);

    impl Landscape for Witness {
        fn dimension(&self) -> usize {
            1
        }
        fn loss_and_gradient(&self, _weights: &[f64], _gradient: &mut [f64]) -> f64 {
            0.0
        }
    }

    impl SampledLandscape for Witness {
        fn sample_count(&self) -> u32 {
            7
        }
        fn minibatch_loss_and_gradient(
            &self,
            _weights: &[f64],
            samples: &[u32],
            _gradient: &mut [f64],
        ) -> f64 {
            self.0.lock().unwrap().push(samples.to_vec());
            0.0
        }
    }

    #[test]
    fn every_epoch_visits_every_sample_once_in_a_new_order() {
        let witness = Witness(Mutex::new(Vec::new()));
        let mut descent = MinibatchDescent::new(0.1, 3, 5).unwrap();
        let noise = NoiseStream::new(1, Purpose::Langevin, 0);
        let mut state = State::new(vec![0.0]);
        for step in 0..6 {
            state.step = step;
            descent.step(&witness, &noise, &mut state);
        }
        let batches = witness.0.into_inner().unwrap();
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1, 3, 3, 1]);
        let epochs: Vec<Vec<u32>> = batches.chunks(3).map(|epoch| epoch.concat()).collect();
        assert_ne!(epochs[0], epochs[1]);
        for mut epoch in epochs {
            epoch.sort_unstable();
            assert_eq!(epoch, (0..7).collect::<Vec<_>>());
        }
    }
}
