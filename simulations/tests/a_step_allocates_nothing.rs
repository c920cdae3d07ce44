//! After the first steps have made room, a step asks for no memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use glassbox_oracle::Bath;
use glassbox_simulations::dataset;
use glassbox_simulations::integrator::{
    EulerMaruyama, ExactWell, Heun, Integrator, LeimkuhlerMatthews, MinibatchDescent, State,
};
use glassbox_simulations::landscape::{NetworkLandscape, Quadratic};
use glassbox_simulations::network::{Architecture, Initialisation};
use glassbox_simulations::noise::{NoiseStream, Purpose};

/// Allocations of 5 steps after 2 others, all in one thread.
fn allocations(samples: usize, integrator: impl Integrator<NetworkLandscape> + Send) -> u64 {
    let architecture = Architecture::paper(9).unwrap();
    let weights = Initialisation::HE.draw(&architecture, 1, 0);
    let data = dataset::mnist().unwrap().subset(samples, 1).unwrap();
    let landscape = NetworkLandscape::new(architecture, data, 0.01).unwrap();
    let noise = NoiseStream::new(1, Purpose::Langevin, 0);
    let mut state = State::new(weights);
    let mut integrator = integrator;
    let mut steps = |count: u64| {
        for _ in 0..count {
            integrator.step(&landscape, &noise, &mut state);
            state.step += 1;
        }
    };
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| {
        steps(2);
        allocation_counter::measure(|| steps(5)).count_total
    })
}

#[test]
fn a_langevin_step_allocates_nothing() {
    let bath = Bath::new(0.01, 1.0, 3000.0).unwrap();
    assert_eq!(allocations(500, EulerMaruyama::new(bath, 1.0).unwrap()), 0);
    // Several tasks.
    assert_eq!(allocations(5000, EulerMaruyama::new(bath, 1.0).unwrap()), 0);
}

#[test]
fn steps_with_buffers_of_their_own_allocate_nothing_either() {
    let bath = Bath::new(0.01, 1.0, 3000.0).unwrap();
    assert_eq!(allocations(500, Heun::new(bath, 1.0).unwrap()), 0);
    assert_eq!(allocations(500, LeimkuhlerMatthews::new(bath, 1.0).unwrap()), 0);
    let (well, noise) = (Quadratic::new(1000, 0.5).unwrap(), NoiseStream::new(1, Purpose::Langevin, 0));
    let (mut state, mut exact) = (State::new(vec![0.0; 1000]), ExactWell::new(bath, 1.0).unwrap());
    assert_eq!(allocation_counter::measure(|| exact.step(&well, &noise, &mut state)).count_total, 0);
}

#[test]
fn a_minibatch_step_allocates_nothing_in_a_new_epoch_either() {
    // 4 batches an epoch: steps 2 to 6 begin the second.
    assert_eq!(allocations(400, MinibatchDescent::new(0.1, 100, 3).unwrap()), 0);
}

#[test]
fn a_coarsened_stream_sums_without_asking_for_memory() {
    let coarse = NoiseStream::new(1, Purpose::Langevin, 0).coarsened(std::num::NonZeroU32::new(8).unwrap());
    let mut out = vec![0.0; 1000];
    assert_eq!(allocation_counter::measure(|| coarse.gaussians(3, &mut out)).count_total, 0);
}
