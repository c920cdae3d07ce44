//! Noise, observables and oracles: `cargo bench --bench core`.

#![allow(clippy::unwrap_used, missing_docs, reason = "criterion's macros make undocumented items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glassbox::oracle::laws::{FreeBrownian, QuadraticWell};
use glassbox::oracle::{Bath, Clock, DisplacementLaw};
use glassbox::simulations::InstructionSet;
use glassbox::simulations::ensemble::Ensemble;
use glassbox::simulations::integrator::EulerMaruyama;
use glassbox::simulations::landscape::Flat;
use glassbox::simulations::noise::{NoiseStream, Purpose};
use glassbox::simulations::observables::{
    DisplacementRecorder, mean_squared_displacement, non_gaussian_parameter, overlap,
};
use std::hint::black_box;

fn noise(criterion: &mut Criterion) {
    let stream = NoiseStream::new(1, Purpose::Langevin, 0);
    let mut out = vec![0.0; 4096];
    let mut group = criterion.benchmark_group("4096 Gaussian numbers");
    group.throughput(Throughput::Elements(4096));
    for instructions in InstructionSet::available() {
        group.bench_function(instructions.to_string(), |bencher| {
            bencher.iter(|| stream.gaussians_with(instructions, black_box(7), &mut out));
        });
    }
    group.finish();
}

fn free_diffusion(criterion: &mut Criterion) {
    const WEIGHTS: usize = 4096;
    const STEPS: u64 = 100;
    let landscape = Flat::new(WEIGHTS).unwrap();
    let bath = Bath::new(0.1, 1.0, 1.0).unwrap();
    let mut group = criterion.benchmark_group("free diffusion");
    group.throughput(Throughput::Elements(WEIGHTS as u64 * STEPS));
    group.bench_function("4096 weights, 100 steps", |bencher| {
        bencher.iter(|| {
            Ensemble::new(&landscape, 1, 1)
                .run(
                    STEPS,
                    |_| vec![0.0; WEIGHTS],
                    |_| EulerMaruyama::new(bath, 1.0).unwrap(),
                    |_| DisplacementRecorder::new(0, vec![STEPS]),
                )
                .unwrap()
        });
    });
    group.finish();
}

fn observables(criterion: &mut Criterion) {
    let mut displacements = vec![0.0; 4830];
    NoiseStream::new(1, Purpose::Langevin, 0).gaussians(0, &mut displacements);
    let mut group = criterion.benchmark_group("observables of 4830 weights");
    group.throughput(Throughput::Elements(4830));
    group.bench_function("overlap", |bencher| bencher.iter(|| overlap(black_box(&displacements), 0.5)));
    group.bench_function("mean squared displacement", |bencher| {
        bencher.iter(|| mean_squared_displacement(black_box(&displacements)));
    });
    group.bench_function("non-Gaussian parameter", |bencher| {
        bencher.iter(|| non_gaussian_parameter(black_box(&displacements)));
    });
    group.finish();
}

fn oracles(criterion: &mut Criterion) {
    let bath = Bath::new(1e-3, 1e-4, 60_000.0).unwrap();
    let well = QuadraticWell::new(bath, 0.01, Clock::Steps { dt: 1.0 }).unwrap().from_fixed(1e-4).unwrap();
    let free = FreeBrownian::new(bath, Clock::Continuous).unwrap();
    criterion.bench_function("overlap of free diffusion", |bencher| {
        bencher.iter(|| free.overlap(black_box(1e4), 1.9e-4));
    });
    criterion.bench_function("overlap of a well", |bencher| {
        bencher.iter(|| well.overlap(black_box(1e4), 1.9e-4));
    });
}

criterion_group!(benches, noise, free_diffusion, observables, oracles);
criterion_main!(benches);
