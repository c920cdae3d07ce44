//! Your own landscape and your own integrator against an exact law.
//!
//! A hand-written step in a hand-written well, tested like glassbox's own: `cargo run --release --example own_model`.

#![allow(clippy::print_stdout, reason = "an example speaks to its reader")]

use glassbox::oracle::laws::StationaryWell;
use glassbox::oracle::verdict::{Budget, Outcome, second_moment};
use glassbox::oracle::{Bath, Clock, DisplacementLaw};
use glassbox::simulations::ensemble::Ensemble;
use glassbox::simulations::integrator::{Integrator, State};
use glassbox::simulations::landscape::Landscape;
use glassbox::simulations::noise::NoiseStream;
use glassbox::simulations::observables::DisplacementRecorder;

/// `L = 2 w²` for each of 1,000 weights.
struct MyWell;

impl Landscape for MyWell {
    fn dimension(&self) -> usize {
        1000
    }

    fn loss_and_gradient(&self, weights: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.iter_mut().zip(weights).for_each(|(slope, weight)| *slope = 4.0 * weight);
        weights.iter().map(|weight| 2.0 * weight * weight).sum()
    }
}

/// An Euler–Maruyama step, with the noise amplitude of a user who may have got it wrong.
struct MyStep {
    bath: Bath,
    amplitude: f64,
}

impl Integrator<MyWell> for MyStep {
    fn step(&mut self, landscape: &MyWell, noise: &NoiseStream, state: &mut State) {
        state.loss = landscape.loss_and_gradient(&state.weights, &mut state.gradient);
        noise.gaussians(state.step, &mut state.noise);
        for ((weight, slope), noise) in state.weights.iter_mut().zip(&state.gradient).zip(&state.noise) {
            *weight += self.amplitude * noise - self.bath.mobility() * slope;
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bath = Bath::new(0.05, 1.0, 20.0)?;
    let law = StationaryWell::new(bath, 4.0, Clock::steps(1.0)?)?;
    for (label, factor) in [("right", 1.0), ("3 % too much noise", 1.03_f64)] {
        let amplitude = (factor * bath.noise_variance(1.0)).sqrt();
        // 100 steps forget the start (kappa dt = 0.2); the displacement of the next 5 is compared.
        let replicas = Ensemble::new(&MyWell, 400, 1).run(
            105,
            |_| vec![0.0; 1000],
            |_| MyStep { bath, amplitude },
            |_| DisplacementRecorder::new(100, vec![5]),
        )?;
        let records = replicas.completed()?;
        let displacements: Vec<f64> =
            records.iter().flat_map(|record| record.displacements[0].iter().copied()).collect();
        let evidence = second_moment::check(label, 1, &displacements, &law.displacement(5.0)?)?;
        let verdict = &Budget::new(1e-6)?.judge(vec![evidence])[0];
        println!("{label}: {} ({})", verdict.outcome, verdict.reason);
        assert_eq!(verdict.outcome == Outcome::Consistent, factor == 1.0);
    }
    Ok(())
}
