//! The exact step of the Ornstein–Uhlenbeck process, for landscapes whose stiffness is known.

use super::{Integrator, IntegratorError, State, require_positive};
use crate::landscape::HarmonicLandscape;
use crate::noise::NoiseStream;
use glassbox_oracle::Bath;
use libm::{exp, expm1};

/// `w ← e^{−h} w + √(2 D dt (1 − e^{−2h}) / 2h) ξ`, `h = mu k dt`, `D = mu T / P_D`: the solution of
/// `dw = −mu k w dt + √(2 D) dW` after `dt`, at any `dt` and for hills (`k < 0`) and flat directions, too.
///
/// Its law in a well is that of [`Scheme::ExactStep`](glassbox_oracle::Scheme::ExactStep).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExactWell {
    drift: f64,
    noise_variance: f64,
}

impl ExactWell {
    /// Steps of `dt > 0` in `bath`.
    ///
    /// # Errors
    /// [`IntegratorError`] unless `dt` is finite and above 0.
    pub fn new(bath: Bath, dt: f64) -> Result<Self, IntegratorError> {
        let dt = require_positive("dt", dt)?;
        Ok(Self { drift: bath.mobility() * dt, noise_variance: bath.noise_variance(dt) })
    }

    /// What is left of a weight after the step, and the standard deviation of its noise.
    fn answer(&self, stiffness: f64) -> (f64, f64) {
        let h = self.drift * stiffness;
        let spread = if h == 0.0 { 1.0 } else { -expm1(-2.0 * h) / (2.0 * h) };
        (exp(-h), (self.noise_variance * spread).sqrt())
    }
}

impl<L: HarmonicLandscape + ?Sized> Integrator<L> for ExactWell {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        noise.gaussians(state.step, &mut state.noise);
        // Neighbouring weights often share their stiffness, and exponentials cost more than all the rest.
        let mut known = f64::NAN;
        let (mut retention, mut standard_deviation) = (f64::NAN, f64::NAN);
        for (index, (weight, noise)) in state.weights.iter_mut().zip(&state.noise).enumerate() {
            let stiffness = landscape.stiffness(index);
            if stiffness != known {
                known = stiffness;
                (retention, standard_deviation) = self.answer(stiffness);
            }
            *weight = retention * *weight + standard_deviation * noise;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::{AnisotropicQuadratic, Flat};
    use crate::noise::Purpose;
    use approx::assert_relative_eq;

    /// Second route: many short Euler steps of the moment equations.
    #[test]
    fn one_step_is_many_short_ones() {
        let exact = ExactWell::new(Bath::new(0.5, 2.0, 3.0).unwrap(), 0.8).unwrap();
        for stiffness in [-1.5, 0.0, 1e-9, 0.7, 6.0] {
            let parts = 200_000;
            let (h, noise) = (0.4 * stiffness / f64::from(parts), exact.noise_variance / f64::from(parts));
            let (mut mean, mut variance) = (1.0, 0.0);
            for _ in 0..parts {
                mean *= 1.0 - h + 0.5 * h * h;
                // Half of the noise before the pull and half after: second order, too.
                variance = (variance + 0.5 * noise) * (1.0 - 2.0 * h + 2.0 * h * h) + 0.5 * noise;
            }
            let (retention, standard_deviation) = exact.answer(stiffness);
            // Errors of second order, (h parts)³ / parts² and less than 1e-9, and rounding of 200,000 steps.
            assert_relative_eq!(retention, mean, max_relative = 1e-9);
            assert_relative_eq!(standard_deviation * standard_deviation, variance, max_relative = 1e-9);
        }
    }

    #[test]
    fn every_weight_feels_its_own_stiffness() {
        let bath = Bath::new(1.0, 0.0, 1.0).unwrap();
        let noise = NoiseStream::new(1, Purpose::Langevin, 0);
        let mut exact = ExactWell::new(bath, 1.0).unwrap();
        let mut state = State::new(vec![1.0; 3]);
        let basin = AnisotropicQuadratic::new(vec![2.0, 2.0, -1.0]).unwrap();
        exact.step(&basin, &noise, &mut state);
        assert_eq!(state.weights, [exp(-2.0), exp(-2.0), exp(1.0)]);
        let mut free = State::new(vec![0.25]);
        exact.step(&Flat::new(1).unwrap(), &noise, &mut free);
        assert_eq!(free.weights, [0.25]);
    }
}
