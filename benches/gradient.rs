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
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::time::Instant;

const WIDTHS: [usize; 5] = [9, 22, 30, 72, 82];
const BATCH: usize = 100;
const ROUNDS: usize = 15;

/// Least time of each piece of work, in seconds: a busy machine only adds. They take turns, so that all of them meet
/// the same quiet moments.
fn least<const WORKS: usize>(mut works: [&mut dyn FnMut(); WORKS]) -> [f64; WORKS] {
    let mut least = [f64::INFINITY; WORKS];
    for _ in 0..ROUNDS {
        for (work, least) in works.iter_mut().zip(&mut least) {
            let start = Instant::now();
            work();
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }
    least
}

fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// A network whose samples are all unsatisfied (small weights): the most work.
fn network(width: usize, data: &Dataset, instructions: InstructionSet) -> (NetworkLandscape, Vec<f64>) {
    let architecture = Architecture::paper(width).unwrap();
    let weights = Initialisation::PYTORCH_LINEAR.draw(&architecture, 1, 0);
    let landscape = NetworkLandscape::new(architecture, data.clone(), 0.0).unwrap();
    (landscape.with_instructions(instructions), weights)
}

/// Times of one network on one machine.
struct Times {
    /// Seconds of one full-batch gradient on one thread and on two.
    full_batch: [f64; 2],
    /// Seconds of one step of minibatch descent, averaged over steps with their share of the shuffles.
    minibatch: f64,
    /// The most floating-point operations a second of one core, a multiply-add being two.
    peak: f64,
}

fn times(width: usize, data: &Dataset, instructions: InstructionSet) -> Times {
    let (landscape, weights) = network(width, data, instructions);
    let pools = [pool(1), pool(2)];
    // About as long as one gradient over 60,000 samples.
    let repeats = 60_000 / data.sample_count();
    let full_batch = |threads: usize| {
        let mut gradient = vec![0.0; weights.len()];
        let (pool, landscape, weights) = (&pools[threads - 1], &landscape, &weights);
        move || {
            pool.install(|| {
                for _ in 0..repeats {
                    landscape.loss_and_gradient(weights, &mut gradient);
                }
            });
        }
    };
    // The learning rate is so small that every sample stays unsatisfied.
    let mut descent = MinibatchDescent::new(1e-12, BATCH, 1).unwrap();
    let noise = NoiseStream::new(1, Purpose::Langevin, 0);
    let mut state = State::new(weights.clone());
    let steps = data.sample_count() / BATCH;
    let mut done = 0;
    let [one, two, minibatch, peak] = least([
        &mut full_batch(1),
        &mut full_batch(2),
        &mut || {
            for _ in 0..steps {
                descent.step(&landscape, &noise, &mut state);
                state.step += 1;
            }
        },
        &mut || done = multiply_adds(instructions, 1_000_000),
    ]);
    Times {
        full_batch: [one / repeats as f64, two / repeats as f64],
        minibatch: minibatch / steps as f64,
        peak: 2.0 * done as f64 / peak,
    }
}

/// Inputs and labels of which a share `unsatisfied` pulls: labels disagree with the network on that share.
fn with_unsatisfied(
    network: (&Architecture, &[f64]),
    data: &Dataset,
    unsatisfied: f64,
) -> (Vec<f32>, Vec<f32>) {
    let samples = Samples { inputs: data.inputs(), labels: data.labels() };
    let outputs = reference::outputs(network.0, samples, network.1).unwrap();
    let mut shares = vec![0.0; outputs.len()];
    NoiseStream::new(1, Purpose::Subset, 0).uniforms(0, &mut shares);
    // Large inputs and weights put nearly all |f| above 1; the few others are left out.
    let (mut inputs, mut labels) = (Vec::new(), Vec::new());
    for ((input, output), share) in data.inputs().chunks(data.input_dimension()).zip(&outputs).zip(&shares) {
        if output.abs() >= 1.0 {
            inputs.extend_from_slice(input);
            labels.push(if (*output > 0.0) == (*share < unsatisfied) { -1.0_f32 } else { 1.0 });
        }
    }
    (inputs, labels)
}

/// Seconds of a gradient with these shares of unsatisfied samples, on one thread.
fn by_unsatisfied<const SHARES: usize>(width: usize, data: &Dataset, shares: [f64; SHARES]) -> [f64; SHARES] {
    let architecture = Architecture::paper(width).unwrap();
    let weights = Initialisation::HE.draw(&architecture, 1, 0);
    let evaluator = GradientEvaluator::new(architecture.clone());
    let pool = pool(1);
    let mut works = shares.map(|share| {
        let (inputs, labels) = with_unsatisfied((&architecture, &weights), data, share);
        let mut gradient = vec![0.0; weights.len()];
        let (pool, evaluator, weights) = (&pool, &evaluator, &weights);
        move || {
            let samples = Samples { inputs: &inputs, labels: &labels };
            pool.install(|| evaluator.loss_and_gradient(samples, None, weights, &mut gradient)).unwrap();
        }
    });
    least(works.each_mut().map(|work| work as &mut dyn FnMut()))
}

/// What noise, update and a recorder that looks at every step add to the gradient of a Langevin step, as a share of it.
fn langevin_overhead(width: usize, data: &Dataset) -> f64 {
    let (landscape, weights) = network(width, data, InstructionSet::fastest());
    let steps = 60_000 / data.sample_count() as u64 * 3;
    let bath = Bath::new(1e-9, 1e-3, data.sample_count() as f64).unwrap();
    let mut gradient = vec![0.0; weights.len()];
    let pool = pool(1);
    let [alone, whole] = least([
        &mut || {
            pool.install(|| {
                for _ in 0..steps {
                    landscape.loss_and_gradient(&weights, &mut gradient);
                }
            });
        },
        &mut || {
            pool.install(|| {
                Ensemble::new(&landscape, 1, 1).run(
                    steps,
                    |_| weights.clone(),
                    |_| EulerMaruyama::new(bath, 1.0).unwrap(),
                    |_| DisplacementRecorder::new(0, (1..=steps).collect()),
                )
            })
            .unwrap();
        },
    ]);
    whole / alone - 1.0
}

fn print_json(data: &[(usize, Dataset)]) {
    let row = |width: usize, samples: usize, threads: usize, seconds: f64| {
        println!(
            "{{\"peer\": \"glassbox\", \"width\": {width}, \"samples\": {samples}, \"threads\": {threads}, \
             \"seconds\": {seconds:e}}}"
        );
    };
    for width in [30, 72] {
        for (samples, data) in data {
            let times = times(width, data, InstructionSet::fastest());
            for threads in [1, 2] {
                row(width, *samples, threads, times.full_batch[threads - 1]);
                // A batch this small is one task: the second thread rests.
                row(width, BATCH, threads, times.minibatch);
            }
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
    println!(
        "Operations are 6 N P a gradient; every time is the least of {ROUNDS}, peaks taken in turn with them."
    );
    println!("A step of descent has {BATCH} samples and its share of the shuffle.");
    for instructions in InstructionSet::available().into_iter().rev() {
        println!("\n{instructions}");
        println!(
            "width  samples   1 thread ms   of peak   2 threads   step of descent   of peak   peak GFlop/s"
        );
        for width in WIDTHS {
            let weights = Architecture::paper(width).unwrap().weight_count();
            for (samples, data) in &data {
                let Times { full_batch: [one, two], minibatch, peak } = times(width, data, instructions);
                let share =
                    |samples: usize, seconds: f64| 600.0 * (weights * samples) as f64 / seconds / peak;
                println!(
                    "{width:5}  {samples:7}   {:11.4}   {:5.1} %   {:8.2}x   {:12.1} us   {:5.1} %   {:12.1}",
                    1e3 * one,
                    share(*samples, one),
                    one / two,
                    1e6 * minibatch,
                    share(BATCH, minibatch),
                    peak / 1e9
                );
            }
        }
    }
    println!("\nSatisfied samples are not carried back, 60,000 images, one thread:");
    println!("width   share unsatisfied:  1     0.5    0.1      0   (time over that of all)");
    for width in [30, 72] {
        let times = by_unsatisfied(width, &data[0].1, [1.0, 0.5, 0.1, 0.0]);
        println!(
            "{width:5}                    1   {:5.2}  {:5.2}  {:5.2}",
            times[1] / times[0],
            times[2] / times[0],
            times[3] / times[0]
        );
    }
    println!("\nA Langevin step (noise, update, recorder at every step) over its gradient, one thread:");
    for width in [30, 72] {
        for (samples, data) in &data {
            println!("width {width}, {samples} samples: {:+.1} %", 100.0 * langevin_overhead(width, data));
        }
    }
}
