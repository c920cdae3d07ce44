//! Time of the pieces that cost: `cargo bench`.

#![allow(clippy::unwrap_used, missing_docs, reason = "criterion's macros make undocumented items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glassbox::oracle::laws::QuadraticWell;
use glassbox::oracle::{Bath, Clock, DisplacementLaw};
use glassbox::simulations::dataset;
use glassbox::simulations::landscape::{Landscape, NetworkLandscape};
use glassbox::simulations::network::{Architecture, Initialisation};
use glassbox::simulations::noise::{NoiseStream, Purpose};
use std::hint::black_box;

fn noise(criterion: &mut Criterion) {
    let stream = NoiseStream::new(1, Purpose::Langevin, 0);
    let mut out = vec![0.0; 4096];
    let mut group = criterion.benchmark_group("noise");
    group.throughput(Throughput::Elements(4096));
    group.bench_function("gaussians", |bencher| bencher.iter(|| stream.gaussians(black_box(7), &mut out)));
    group.finish();
}

fn overlap(criterion: &mut Criterion) {
    let bath = Bath::new(1e-3, 1e-4, 60_000.0).unwrap();
    let well = QuadraticWell::new(bath, 0.01, Clock::Steps { dt: 1.0 }).unwrap().from_fixed(1e-4).unwrap();
    criterion
        .bench_function("overlap of a well", |bencher| bencher.iter(|| well.overlap(black_box(1e4), 1.9e-4)));
}

fn gradient(criterion: &mut Criterion) {
    let data = dataset::mnist().unwrap().subset(6000, 1).unwrap();
    let architecture = Architecture::paper(30).unwrap();
    let weights = Initialisation::PYTORCH_LINEAR.draw(&architecture, 1, 0);
    let landscape = NetworkLandscape::new(architecture, data, 0.0).unwrap();
    let mut gradient = vec![0.0; weights.len()];
    let mut group = criterion.benchmark_group("gradient");
    group.sample_size(20);
    group.bench_function("width 30, 6,000 images", |bencher| {
        bencher.iter(|| landscape.loss_and_gradient(black_box(&weights), &mut gradient));
    });
    group.finish();
}

criterion_group!(benches, noise, overlap, gradient);
criterion_main!(benches);
