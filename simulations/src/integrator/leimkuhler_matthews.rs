//! The Leimkuhler–Matthews step, whose neighbouring steps share noise.

use super::{Integrator, IntegratorError, State, require_positive};
use crate::landscape::Landscape;
use crate::noise::NoiseStream;
use glassbox_oracle::Bath;

/// `w ← w − mu dt ∇L(w) + σ (ξ_n + ξ_{n+1})/2`, `σ² = 2 mu T dt / P_D` (Leimkuhler and Matthews, Appl. Math. Res. eXpress
/// 2013, 34).
///
/// `ξ_n` is the noise of step n in the stream, so that a run resumed at any step draws the same bits, and `ξ_0` is
/// independent of the start. Its law in a well is that of
/// [`Scheme::LeimkuhlerMatthews`](glassbox_oracle::Scheme::LeimkuhlerMatthews).
#[derive(Clone, Debug, PartialEq)]
pub struct LeimkuhlerMatthews {
    drift: f64,
    half_noise: f64,
    /// `ξ_{n+1}`, which the next step needs again, and where it comes from.
    next_noise: Vec<f64>,
    drawn: Option<(NoiseStream, u64)>,
}

impl LeimkuhlerMatthews {
    /// Steps of `dt > 0` in `bath`.
    ///
    /// # Errors
    /// [`IntegratorError`] unless `dt` is finite and above 0.
    pub fn new(bath: Bath, dt: f64) -> Result<Self, IntegratorError> {
        let dt = require_positive("dt", dt)?;
        Ok(Self {
            drift: bath.mobility() * dt,
            half_noise: 0.5 * bath.noise_variance(dt).sqrt(),
            next_noise: Vec::new(),
            drawn: None,
        })
    }
}

impl<L: Landscape + ?Sized> Integrator<L> for LeimkuhlerMatthews {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        let known = self.drawn == Some((*noise, state.step)) && self.next_noise.len() == state.noise.len();
        if known {
            std::mem::swap(&mut state.noise, &mut self.next_noise);
        } else {
            noise.gaussians(state.step, &mut state.noise);
            self.next_noise.resize(state.noise.len(), 0.0);
        }
        noise.gaussians(state.step + 1, &mut self.next_noise);
        self.drawn = Some((*noise, state.step + 1));
        let noises = state.noise.iter().zip(&self.next_noise);
        for ((weight, gradient), (now, next)) in state.weights.iter_mut().zip(&state.gradient).zip(noises) {
            *weight += self.half_noise * (now + next) - self.drift * gradient;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::Quadratic;
    use crate::noise::Purpose;

    #[test]
    fn a_resumed_run_draws_the_same_bits() {
        let well = Quadratic::new(9, 0.7).unwrap();
        let noise = NoiseStream::new(4, Purpose::Langevin, 2);
        let fresh = || LeimkuhlerMatthews::new(Bath::new(0.3, 1.0, 2.0).unwrap(), 1.0).unwrap();
        let advance = |integrator: &mut LeimkuhlerMatthews, state: &mut State, steps: u64| {
            for _ in 0..steps {
                integrator.step(&well, &noise, state);
                state.step += 1;
            }
        };
        let (mut whole, mut broken) = (State::new(vec![0.5; 9]), State::new(vec![0.5; 9]));
        advance(&mut fresh(), &mut whole, 20);
        advance(&mut fresh(), &mut broken, 7);
        // What a checkpoint holds: weights and step.
        let mut resumed = State { step: broken.step, ..State::new(broken.weights) };
        advance(&mut fresh(), &mut resumed, 13);
        assert_eq!(whole.weights, resumed.weights);
    }

    #[test]
    fn one_integrator_can_serve_several_replicas() {
        let well = Quadratic::new(3, 0.7).unwrap();
        let mut shared = LeimkuhlerMatthews::new(Bath::new(0.3, 1.0, 2.0).unwrap(), 1.0).unwrap();
        let mut own = shared.clone();
        let [mut first, mut second, mut alone] = [(); 3].map(|()| State::new(vec![0.0; 3]));
        let streams = [0, 1].map(|replica| NoiseStream::new(1, Purpose::Langevin, replica));
        for step in 0..4 {
            (first.step, second.step, alone.step) = (step, step, step);
            shared.step(&well, &streams[0], &mut first);
            shared.step(&well, &streams[1], &mut second);
            own.step(&well, &streams[1], &mut alone);
        }
        assert_eq!(second.weights, alone.weights);
        assert_ne!(first.weights, second.weights);
    }
}
