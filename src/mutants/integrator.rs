//! The Euler–Maruyama step with one fault.

use super::drift::spoil;
use super::noise::FaultyNoise;
use super::{DriftFault, Fault, NoiseFault, TimeFault};
use glassbox_oracle::Bath;
use glassbox_simulations::integrator::{Integrator, State};
use glassbox_simulations::landscape::{Flat, HarmonicLandscape, Landscape, NetworkLandscape, Quadratic};
use glassbox_simulations::noise::NoiseStream;

/// A landscape whose regularisation an integrator may apply itself, as optimisers with weight decay do.
pub trait Regularised: Landscape {
    /// Stiffness of the pull to 0 on every weight.
    fn regularisation(&self) -> f64;
}

impl Regularised for Flat {
    fn regularisation(&self) -> f64 {
        0.0
    }
}

impl Regularised for Quadratic {
    /// A well is nothing but regularisation.
    fn regularisation(&self) -> f64 {
        self.stiffness(0)
    }
}

impl Regularised for NetworkLandscape {
    fn regularisation(&self) -> f64 {
        NetworkLandscape::regularisation(self)
    }
}

/// `w ← w − mu ∇L(w) + √(2 mu T / P_D) ξ` with one fault; steps of length 1.
#[derive(Clone, Debug)]
pub struct FaultyIntegrator {
    fault: Fault,
    bath: Bath,
    noise: FaultyNoise,
    last_gradient: Option<Vec<f64>>,
}

impl FaultyIntegrator {
    /// `seed` feeds the faults that mix up replicas.
    #[must_use]
    pub fn new(fault: Fault, bath: Bath, seed: u64) -> Self {
        let of_noise = if let Fault::Noise(fault) = fault { fault } else { NoiseFault::Variance(1.0) };
        Self { fault, bath, noise: FaultyNoise::new(of_noise, seed), last_gradient: None }
    }

    fn once<L: Regularised + ?Sized>(
        &mut self,
        landscape: &L,
        stream: &NoiseStream,
        step: u64,
        state: &mut State,
    ) {
        let amplitude = (self.noise.variance(self.bath, step) * self.bath.noise_variance(1.0)).sqrt();
        self.noise.draw(stream, step, &mut state.noise);
        state.noise.iter_mut().for_each(|number| *number *= amplitude);
        if self.fault == Fault::Drift(DriftFault::AfterNoise) {
            state.weights.iter_mut().zip(&state.noise).for_each(|(weight, noise)| *weight += noise);
            state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
            state.noise.fill(0.0);
        } else {
            state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        }
        let mut drift = state.gradient.clone();
        if let Fault::Drift(fault) = self.fault {
            let regularisation = landscape.regularisation();
            spoil(fault, step, &state.weights, regularisation, &landscape.layers(), &mut drift);
            if fault == DriftFault::Stale {
                drift = self.last_gradient.replace(drift.clone()).unwrap_or(drift);
            }
        }
        let mobility = self.bath.mobility();
        for ((weight, slope), noise) in state.weights.iter_mut().zip(&drift).zip(&state.noise) {
            *weight += noise - mobility * slope;
        }
        if self.fault == Fault::Time(TimeFault::SinglePrecision) {
            #[allow(clippy::cast_possible_truncation, reason = "losing digits is the fault")]
            state.weights.iter_mut().for_each(|weight| *weight = f64::from(*weight as f32));
        }
    }
}

impl<L: Regularised + ?Sized> Integrator<L> for FaultyIntegrator {
    fn step(&mut self, landscape: &L, noise: &NoiseStream, state: &mut State) {
        let step = state.step;
        match self.fault {
            Fault::Time(TimeFault::OneStepFewer) if step == 0 => {
                state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
            }
            Fault::Time(TimeFault::OneStepMore) => {
                if step == 0 {
                    self.once(landscape, noise, step, state);
                }
                self.once(landscape, noise, step + 1, state);
            }
            _ => self.once(landscape, noise, step, state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_simulations::integrator::EulerMaruyama;
    use glassbox_simulations::noise::Purpose;

    /// Without a fault it is glassbox's own integrator to the last bit.
    #[test]
    fn the_correct_one_is_euler_maruyama() {
        let bath = Bath::new(0.1, 0.5, 50.0).unwrap();
        let well = Quadratic::new(5, 2.0).unwrap();
        let noise = NoiseStream::new(1, Purpose::Langevin, 3);
        let (mut one, mut other) = (State::new(vec![0.3; 5]), State::new(vec![0.3; 5]));
        let mut mine = FaultyIntegrator::new(Fault::None, bath, 1);
        let mut theirs = EulerMaruyama::new(bath, 1.0).unwrap();
        for _ in 0..10 {
            mine.step(&well, &noise, &mut one);
            theirs.step(&well, &noise, &mut other);
            one.step += 1;
            other.step += 1;
            let difference =
                one.weights.iter().zip(&other.weights).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(difference < 1e-15, "{difference}");
        }
    }

    #[test]
    fn steps_more_and_fewer_are_that_many() {
        let bath = Bath::new(0.1, 0.0, 1.0).unwrap();
        let well = Quadratic::new(1, 1.0).unwrap();
        let noise = NoiseStream::new(1, Purpose::Langevin, 0);
        for (fault, steps) in [(TimeFault::OneStepMore, 4), (TimeFault::OneStepFewer, 2)] {
            let mut state = State::new(vec![1.0]);
            let mut integrator = FaultyIntegrator::new(Fault::Time(fault), bath, 1);
            for _ in 0..3 {
                integrator.step(&well, &noise, &mut state);
                state.step += 1;
            }
            assert!((state.weights[0] - 0.9_f64.powi(steps)).abs() < 1e-14);
        }
    }
}
