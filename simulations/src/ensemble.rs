//! Replicas in parallel, with the same bits for any number of threads.

use crate::integrator::{Integrator, State};
use crate::landscape::Landscape;
use crate::noise::{NoiseStream, Purpose};
use rayon::prelude::*;
use thiserror::Error;

/// Looks at a replica after every step and keeps what it wants.
pub trait Observer {
    /// What is left when the replica has finished.
    type Record;

    /// Called once before the first step (`state.step` is 0, the gradient not yet evaluated) and after every step.
    fn observe(&mut self, state: &State);

    /// Called after the last step.
    fn finish(self) -> Self::Record;
}

/// Independent replicas of one landscape under one seed.
///
/// The noise of replica r is a pure function of (seed, r, step, weight) and every replica is advanced by itself, so
/// results depend on neither the number of threads nor their timing.
pub struct Ensemble<'a, L: ?Sized> {
    landscape: &'a L,
    replicas: u32,
    seed: u64,
    progress: Option<&'a (dyn Fn(u64) + Sync)>,
}

/// Steps between two reports of progress.
const STEPS_A_REPORT: u64 = 16;

impl<'a, L: Landscape + ?Sized> Ensemble<'a, L> {
    /// `replicas` independent replicas on `landscape`, with noise from `seed`.
    #[must_use]
    pub fn new(landscape: &'a L, replicas: u32, seed: u64) -> Self {
        Self { landscape, replicas, seed, progress: None }
    }

    /// Calls `progress` with the number of steps done since its last call, from any thread.
    #[must_use]
    pub fn with_progress(self, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self { progress: Some(progress), ..self }
    }

    /// Runs every replica for `steps` steps: `start` gives its weights, `integrator` its integrator, `observer` its
    /// observer, each as a function of the replica's number.
    ///
    /// A replica whose loss or weights stop being finite ends there and is reported by name.
    ///
    /// # Errors
    /// [`EnsembleError`] for no replicas or for starting weights of a wrong number.
    pub fn run<I: Integrator<L>, O: Observer>(
        &self,
        steps: u64,
        start: impl Fn(u32) -> Vec<f64> + Sync,
        integrator: impl Fn(u32) -> I + Sync,
        observer: impl Fn(u32) -> O + Sync,
    ) -> Result<Replicas<O::Record>, EnsembleError>
    where
        O::Record: Send,
    {
        if self.replicas == 0 {
            return Err(EnsembleError::NoReplicas);
        }
        let outcomes: Result<Vec<_>, _> = (0..self.replicas)
            .into_par_iter()
            .map(|replica| {
                let weights = start(replica);
                let (given, needed) = (weights.len(), self.landscape.dimension());
                if given != needed {
                    return Err(EnsembleError::StartingWeights { replica, given, needed });
                }
                Ok(self.advance(replica, steps, weights, integrator(replica), observer(replica)))
            })
            .collect();
        Ok(Replicas { outcomes: outcomes? })
    }

    fn advance<I: Integrator<L>, O: Observer>(
        &self,
        replica: u32,
        steps: u64,
        weights: Vec<f64>,
        mut integrator: I,
        mut observer: O,
    ) -> Result<O::Record, Diverged> {
        let noise = NoiseStream::new(self.seed, Purpose::Langevin, replica);
        let mut state = State::new(weights);
        observer.observe(&state);
        while state.step < steps {
            integrator.step(self.landscape, &noise, &mut state);
            state.step += 1;
            if !(state.loss.is_finite() && state.weights.iter().all(|weight| weight.is_finite())) {
                return Err(Diverged { replica, step: state.step });
            }
            observer.observe(&state);
            let reported = state.step % STEPS_A_REPORT;
            if let Some(progress) = self.progress
                && (reported == 0 || state.step == steps)
            {
                progress(if reported == 0 { STEPS_A_REPORT } else { reported });
            }
        }
        Ok(observer.finish())
    }
}

/// What became of the replicas, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicas<T> {
    outcomes: Vec<Result<T, Diverged>>,
}

impl<T> Replicas<T> {
    /// Each replica's record, or the step at which it diverged.
    pub fn outcomes(&self) -> &[Result<T, Diverged>] {
        &self.outcomes
    }

    /// All records, if every replica completed: averages over survivors alone would be biased.
    ///
    /// # Errors
    /// The first [`Diverged`] replica.
    pub fn completed(&self) -> Result<Vec<&T>, Diverged> {
        self.outcomes.iter().map(|outcome| outcome.as_ref().map_err(|diverged| *diverged)).collect()
    }
}

/// A replica whose loss or weights are no longer finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("replica {replica} diverged at step {step}")]
pub struct Diverged {
    /// Number of the replica.
    pub replica: u32,
    /// Step after which a value was no longer finite.
    pub step: u64,
}

/// Why an ensemble cannot run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EnsembleError {
    /// No replicas.
    #[error("replicas is 0; it must be at least 1")]
    NoReplicas,
    /// A start that does not fit the landscape.
    #[error("replica {replica} starts with {given} weights; the landscape has {needed}")]
    StartingWeights {
        /// Number of the replica.
        replica: u32,
        /// Weights given.
        given: usize,
        /// Weights of the landscape.
        needed: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::integrator::{EulerMaruyama, GradientDescent};
    use crate::landscape::Quadratic;
    use crate::observables::DisplacementRecorder;
    use glassbox_oracle::Bath;

    #[test]
    fn one_and_two_threads_give_the_same_bits() {
        let landscape = Quadratic::new(33, 0.7).unwrap();
        let bath = Bath::new(0.2, 1.5, 4.0).unwrap();
        let run = |threads| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
                Ensemble::new(&landscape, 9, 3)
                    .run(
                        50,
                        |replica| vec![f64::from(replica); 33],
                        |_| EulerMaruyama::new(bath, 1.0).unwrap(),
                        |_| DisplacementRecorder::new(5, vec![1, 45]),
                    )
                    .unwrap()
            })
        };
        assert_eq!(run(1), run(2));
    }

    #[test]
    fn a_diverged_replica_is_named_and_not_averaged() {
        let landscape = Quadratic::new(2, 1.0).unwrap();
        let replicas = Ensemble::new(&landscape, 3, 0)
            .run(
                20,
                |replica| vec![if replica == 1 { 1e300 } else { 0.0 }; 2],
                |_| GradientDescent::new(1e10).unwrap(),
                |_| DisplacementRecorder::new(0, vec![20]),
            )
            .unwrap();
        assert_eq!(replicas.completed().unwrap_err().to_string(), "replica 1 diverged at step 1");
        assert!(replicas.outcomes()[0].is_ok() && replicas.outcomes()[2].is_ok());
    }

    #[test]
    fn progress_adds_up_to_all_steps() {
        use std::sync::atomic::{AtomicU64, Ordering};
        let landscape = Quadratic::new(1, 1.0).unwrap();
        let done = AtomicU64::new(0);
        let count = |steps| {
            done.fetch_add(steps, Ordering::Relaxed);
        };
        Ensemble::new(&landscape, 3, 0)
            .with_progress(&count)
            .run(
                37,
                |_| vec![0.0],
                |_| GradientDescent::new(0.1).unwrap(),
                |_| DisplacementRecorder::new(0, vec![1]),
            )
            .unwrap();
        assert_eq!(done.into_inner(), 111);
    }

    #[test]
    fn starts_must_fit_the_landscape() {
        let landscape = Quadratic::new(2, 1.0).unwrap();
        let error = Ensemble::new(&landscape, 1, 0)
            .run(
                1,
                |_| vec![0.0; 3],
                |_| GradientDescent::new(0.1).unwrap(),
                |_| DisplacementRecorder::new(0, vec![1]),
            )
            .unwrap_err();
        assert_eq!(error.to_string(), "replica 0 starts with 3 weights; the landscape has 2");
    }
}
