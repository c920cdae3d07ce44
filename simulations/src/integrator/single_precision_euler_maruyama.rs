//! The paper's Langevin step as its program did it, in single precision.

use super::{EulerMaruyama, Integrator, IntegratorError, State};
use crate::landscape::Landscape;
use crate::noise::NoiseStream;
use glassbox_oracle::Bath;

/// `w ← ⌊w − mu dt ∇L(w)⌉`, then `w ← ⌊w + √(2 mu T dt / P_D) ξ⌉`: weights in single precision, rounded to nearest
/// (even at ties) after the drift and again after the noise.
///
/// [`State::weights`] stay double-precision numbers that single precision can hold; a start that it cannot hold is
/// rounded by the first drift. Each bracket is evaluated in double precision and rounded once; the program also rounds the
/// products, which moves a sum by at most 2⁻²⁴ of the product. Moves below half the spacing of the weights are lost:
/// that is what this integrator is for (`glassbox_oracle::networks::single_precision` has its laws). Use
/// [`EulerMaruyama`](super::EulerMaruyama) to follow the dynamics itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SinglePrecisionEulerMaruyama(EulerMaruyama);

impl SinglePrecisionEulerMaruyama {
    /// Steps of `dt > 0` in `bath`.
    ///
    /// # Errors
    /// [`IntegratorError`] unless `dt` is finite and above 0.
    pub fn new(bath: Bath, dt: f64) -> Result<Self, IntegratorError> {
        EulerMaruyama::new(bath, dt).map(Self)
    }
}

impl<L: Landscape + ?Sized> Integrator<L> for SinglePrecisionEulerMaruyama {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        noise.gaussians(state.step, &mut state.noise);
        for ((weight, gradient), noise) in state.weights.iter_mut().zip(&state.gradient).zip(&state.noise) {
            let drifted = to_single(*weight - self.0.drift * gradient);
            *weight = to_single(drifted + self.0.noise_standard_deviation * noise);
        }
    }
}

/// The nearest single-precision number; infinite beyond the largest, which ends the replica as diverged.
#[allow(clippy::cast_possible_truncation, reason = "rounding is what is wanted")]
fn to_single(value: f64) -> f64 {
    f64::from(value as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landscape::Quadratic;
    use crate::noise::Purpose;

    /// One step of a weight at 1 (spacing 2⁻²³) in a well of stiffness 1, without noise.
    fn drifted(rate: f64) -> f64 {
        let bath = Bath::new(rate, 0.0, 1.0).unwrap();
        let mut state = State::new(vec![1.5]);
        let stream = NoiseStream::new(0, Purpose::Langevin, 0);
        let well = Quadratic::new(1, 1.0 / 1.5).unwrap();
        SinglePrecisionEulerMaruyama::new(bath, 1.0).unwrap().step(&well, &stream, &mut state);
        state.weights[0]
    }

    #[test]
    fn drifts_below_half_a_spacing_are_lost() {
        let spacing = 2.0_f64.powi(-23);
        assert_eq!(drifted(0.499 * spacing), 1.5);
        assert_eq!(drifted(0.501 * spacing), 1.5 - spacing);
        assert_eq!(drifted(10.4 * spacing), 1.5 - 10.0 * spacing);
    }

    #[test]
    fn drift_and_noise_are_rounded_apart() {
        // Drift and noise of 0.4 spacings each: together they would move the weight, one after the other neither does.
        let spacing = 2.0_f64.powi(-23);
        let mut noise = [0.0];
        let stream = NoiseStream::new(0, Purpose::Langevin, 0);
        stream.gaussians(0, &mut noise);
        let deviation = 0.4 * spacing / noise[0].abs();
        let bath = Bath::new(1.0, 0.5 * deviation * deviation, 1.0).unwrap();
        let well = Quadratic::new(1, -0.4 * spacing * noise[0].signum()).unwrap();
        let mut state = State::new(vec![1.0 + spacing]);
        SinglePrecisionEulerMaruyama::new(bath, 1.0).unwrap().step(&well, &stream, &mut state);
        assert_eq!(state.weights[0], 1.0 + spacing);
    }

    #[test]
    fn overflow_is_not_hidden() {
        assert!(to_single(1e39).is_infinite() && to_single(f64::NAN).is_nan());
        assert!(SinglePrecisionEulerMaruyama::new(Bath::new(1.0, 1.0, 1.0).unwrap(), 0.0).is_err());
    }
}
