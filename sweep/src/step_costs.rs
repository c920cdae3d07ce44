//! What a step costs on this machine.

use super::samples::{Samples, SamplesError};
use glassbox_simulations::landscape::{NetworkLandscape, SampledLandscape};
use glassbox_simulations::network::{Architecture, Initialisation};
use glassbox_simulations::protocol::Task;
use std::collections::HashMap;
use std::time::Instant;

/// Time spent on one measurement, in seconds.
const MEASURED: f64 = 0.05;

/// Seconds a sample on one core, for each width, measured once.
#[derive(Debug, Default)]
pub struct StepCosts {
    seconds_a_sample: HashMap<usize, f64>,
}

impl StepCosts {
    /// Seconds that `task` takes on one core, without its start.
    ///
    /// # Errors
    /// [`SamplesError`] where the task's data cannot be had.
    pub fn seconds(&mut self, task: &Task, samples: &Samples) -> Result<f64, SamplesError> {
        let problem = &task.quench().problem;
        let weights = (11 * problem.width + 5 * problem.width * problem.width) as f64;
        let rate = match self.seconds_a_sample.get(&problem.width) {
            Some(rate) => *rate,
            None => {
                let rate = measure(task, samples)?;
                self.seconds_a_sample.insert(problem.width, rate);
                rate
            }
        };
        Ok(task.cost() / (6.0 * weights) * rate)
    }
}

/// The gradient of up to 2,000 samples, again and again, on one thread; 0 for networks that cannot be made, which the run
/// itself reports.
fn measure(task: &Task, samples: &Samples) -> Result<f64, SamplesError> {
    let quench = task.quench();
    let dataset = samples.of(&quench.problem)?;
    let Ok(architecture) = Architecture::paper(quench.problem.width) else { return Ok(0.0) };
    let weights = Initialisation::HE.draw(&architecture, 1, 0);
    let Ok(landscape) = NetworkLandscape::new(architecture, dataset.as_ref().clone(), 0.0) else {
        return Ok(0.0);
    };
    let some: Vec<u32> = (0..landscape.sample_count().min(2_000)).collect();
    let mut gradient = vec![0.0; weights.len()];
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else { return Ok(0.0) };
    Ok(pool.install(|| {
        let (started, mut calls) = (Instant::now(), 0.0);
        while started.elapsed().as_secs_f64() < MEASURED {
            landscape.minibatch_loss_and_gradient(&weights, &some, &mut gradient);
            calls += 1.0;
        }
        started.elapsed().as_secs_f64() / calls / some.len() as f64
    }))
}
