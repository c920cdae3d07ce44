//! The gradient against the peak of the machine, measured in the same run: `cargo bench --bench gradient`.
//!
//! With `-- --json` one line a measurement, for `benches/peers/run`.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a bench prints its tables")]

use glassbox::oracle::Bath;
use glassbox::simulations::InstructionSet;
use glassbox::simulations::dataset::{self, Dataset};
use glassbox::simulations::ensemble::Ensemble;
use glassbox::simulations::integrator::{EulerMaruyama, Integrator, MinibatchDescent, State};
use glassbox::simulations::landscape::{Landscape, NetworkLandscape};
use glassbox::simulations::network::reference::{self, Samples};
use glassbox::simulations::network::{Architecture, GradientEvaluator, Initialisation, multiply_adds};
use glassbox::simulations::noise::{NoiseStream, Purpose};
use glassbox::simulations::observables::DisplacementRecorder;
use std::time::Instant;

const WIDTHS: [usize; 5] = [9, 22, 30, 72, 82];
const BATCH: usize = 100;

/// Least time of several runs, in seconds: a busy machine only adds.
fn least(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..runs {
        let start = Instant::now();
        work();
        least = least.min(start.elapsed().as_secs_f64());
    }
    least
}

/// The most floating-point operations a second of one core, a multiply-add being two.
fn peak(instructions: InstructionSet) -> f64 {
    let mut done = 0;
    let seconds = least(5, || done = multiply_adds(instructions, 2_000_000));
    2.0 * done as f64 / seconds
}

fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

/// A network whose samples are all unsatisfied (small weights): the most work.
fn network(width: usize, data: &Dataset, instructions: InstructionSet) -> (NetworkLandscape, Vec<f64>) {
    let architecture = Architecture::paper(width).unwrap();
    let weights = Initialisation::PYTORCH_LINEAR.draw(&architecture, 1, 0);
    let landscape = NetworkLandscape::new(architecture, data.clone(), 0.0).unwrap();
    (landscape.with_instructions(instructions), weights)
}

/// Seconds of one full-batch gradient.
fn full_batch(width: usize, data: &Dataset, threads: usize, instructions: InstructionSet) -> f64 {
    let (landscape, weights) = network(width, data, instructions);
    let mut gradient = vec![0.0; weights.len()];
    let repeats = (60_000 / data.sample_count() * 30 / width).max(1);
    in_threads(threads, || {
        least(9, || {
            for _ in 0..repeats {
                landscape.loss_and_gradient(&weights, &mut gradient);
            }
        }) / repeats as f64
    })
}

/// Seconds of one step of minibatch descent, averaged over an epoch with its shuffle. The learning rate is so small
/// that every sample stays unsatisfied.
fn minibatch_step(width: usize, data: &Dataset, instructions: InstructionSet) -> f64 {
    let (landscape, weights) = network(width, data, instructions);
    let mut descent = MinibatchDescent::new(1e-12, BATCH, 1).unwrap();
    let noise = NoiseStream::new(1, Purpose::Langevin, 0);
    let mut state = State::new(weights);
    let steps = data.sample_count() / BATCH;
    least(9, || {
        for _ in 0..steps {
            descent.step(&landscape, &noise, &mut state);
            state.step += 1;
        }
    }) / steps as f64
}

/// Seconds of a gradient of which `unsatisfied` of the samples pull: labels disagree with the network on that share.
fn with_unsatisfied(width: usize, data: &Dataset, unsatisfied: f64) -> f64 {
    let architecture = Architecture::paper(width).unwrap();
    let weights = Initialisation::HE.draw(&architecture, 1, 0);
    let samples = Samples { inputs: data.inputs(), labels: data.labels() };
    let outputs = reference::outputs(&architecture, samples, &weights).unwrap();
    let mut shares = vec![0.0; outputs.len()];
    NoiseStream::new(1, Purpose::Subset, 0).uniforms(0, &mut shares);
    // Large inputs and weights put nearly all |f| far above 1; the others are given a large positive one's place.
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    for ((input, output), share) in data.inputs().chunks(10).zip(&outputs).zip(&shares) {
        if output.abs() >= 1.0 {
            inputs.extend_from_slice(input);
            labels.push(if (*output > 0.0) == (*share < unsatisfied) { -1.0_f32 } else { 1.0 });
        }
    }
    let evaluator = GradientEvaluator::new(architecture);
    let mut gradient = vec![0.0; weights.len()];
    let samples = Samples { inputs: &inputs, labels: &labels };
    let seconds = in_threads(1, || {
        least(9, || {
            evaluator.loss_and_gradient(samples, None, &weights, &mut gradient).unwrap();
        })
    });
    seconds * outputs.len() as f64 / labels.len() as f64
}

/// Seconds of a gradient alone and of a whole Langevin step with noise, update and a recorder that looks every time.
fn langevin_step(width: usize, data: &Dataset) -> (f64, f64) {
    let (landscape, weights) = network(width, data, InstructionSet::fastest());
    let steps = 60_000 / data.sample_count() as u64 * 3;
    let bath = Bath::new(1e-9, 1e-3, data.sample_count() as f64).unwrap();
    let mut gradient = vec![0.0; weights.len()];
    in_threads(1, || {
        let (mut alone, mut whole) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..9 {
            alone = alone.min(least(1, || {
                for _ in 0..steps {
                    landscape.loss_and_gradient(&weights, &mut gradient);
                }
            }));
            whole = whole.min(least(1, || {
                Ensemble::new(&landscape, 1, 1)
                    .run(
                        steps,
                        |_| weights.clone(),
                        |_| EulerMaruyama::new(bath, 1.0).unwrap(),
                        |_| DisplacementRecorder::new(0, (1..=steps).collect()),
                    )
                    .unwrap();
            }));
        }
        (alone / steps as f64, whole / steps as f64)
    })
}

fn print_json(data: &[(usize, Dataset)]) {
    for width in [30, 72] {
        for threads in [1, 2] {
            let row = |samples: usize, seconds: f64| {
                println!(
                    "{{\"peer\": \"glassbox\", \"width\": {width}, \"samples\": {samples}, \
                     \"threads\": {threads}, \"seconds\": {seconds:e}}}"
                );
            };
            for (samples, data) in data {
                row(*samples, full_batch(width, data, threads, InstructionSet::fastest()));
            }
            row(BATCH, minibatch_step(width, &data[0].1, InstructionSet::fastest()));
        }
    }
}

fn main() {
    let mnist = dataset::mnist().unwrap();
    let subset = mnist.subset(6000, 1).unwrap();
    let data = [(60_000, mnist), (6000, subset)];
    if std::env::args().any(|argument| argument == "--json") {
        return print_json(&data);
    }
    println!("Operations are 6 N P a gradient; every time is the least of several.\n");
    for instructions in InstructionSet::available().into_iter().rev() {
        println!("{instructions}: peak of one core {:.1} GFlop/s", peak(instructions) / 1e9);
        println!("width  samples   1 thread ms   GFlop/s   of peak   2 threads ms   ratio");
        for width in WIDTHS {
            let weights = Architecture::paper(width).unwrap().weight_count();
            let speed = |samples: usize, seconds: f64| 6.0 * (weights * samples) as f64 / seconds;
            for (samples, data) in &data {
                let before = peak(instructions);
                let one = full_batch(width, data, 1, instructions);
                let two = full_batch(width, data, 2, instructions);
                let peak = peak(instructions).max(before);
                println!(
                    "{width:5}  {samples:7}   {:11.4}   {:7.1}   {:5.1} %   {:12.4}   {:5.2}",
                    1e3 * one,
                    speed(*samples, one) / 1e9,
                    100.0 * speed(*samples, one) / peak,
                    1e3 * two,
                    one / two
                );
            }
            let step = minibatch_step(width, &data[0].1, instructions);
            println!(
                "{width:5}  {BATCH:7}   {:11.4}   {:7.1}   {:5.1} %   (a step of descent, shuffle included)",
                1e3 * step,
                speed(BATCH, step) / 1e9,
                100.0 * speed(BATCH, step) / peak(instructions)
            );
        }
        println!();
    }
    println!("Satisfied samples are not carried back, 60,000 images, one thread:");
    println!("width   unsatisfied 1       0.5       0.1         0   (time over that of all)");
    for width in [30, 72] {
        let times = [1.0, 0.5, 0.1, 0.0].map(|share| with_unsatisfied(width, &data[0].1, share));
        println!(
            "{width:5}   {:10.2} ms   {:7.2}   {:7.2}   {:7.2}",
            1e3 * times[0],
            times[1] / times[0],
            times[2] / times[0],
            times[3] / times[0]
        );
    }
    println!("\nA Langevin step (noise, update, recorder at every step) over its gradient, one thread:");
    for width in [30, 72] {
        for (samples, data) in &data {
            let (alone, whole) = langevin_step(width, data);
            println!("width {width}, {samples} samples: {:+.1} %", 100.0 * (whole / alone - 1.0));
        }
    }
}
