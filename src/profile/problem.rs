//! A problem: a landscape, a bath, a start, and the exact law at the times of observation.

use super::error::ProfileError;
use super::exact_solution::ExactSolution;
use super::record::{Quantity, Reference};
use glassbox_oracle::{Bath, OracleError, Scheme};

/// First and second moment of the exact law, averaged over the weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// `<w>`.
    pub mean: f64,
    /// `<w²>`.
    pub mean_square: f64,
}

/// Where the weights are at time 0: all alike, or independent Gaussians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// Mean of every weight.
    pub mean: f64,
    /// Standard deviation of every weight; 0 for a fixed start.
    pub standard_deviation: f64,
}

impl Start {
    /// All weights at `weight`.
    #[must_use]
    pub const fn fixed(weight: f64) -> Self {
        Self { mean: weight, standard_deviation: 0.0 }
    }
}

/// A ladder of steps: `coarsest`, half of it, a quarter …
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    /// The longest step, in units of time; finite and above 0.
    pub coarsest: f64,
    /// Number of steps in the ladder, 1 to 16.
    pub levels: u32,
}

impl Steps {
    /// The step of a level: level 0 is the coarsest.
    #[must_use]
    pub fn dt(&self, level: u32) -> f64 {
        // Halving is exact.
        (0..level).fold(self.coarsest, |dt, _| 0.5 * dt)
    }
}

type Law = Box<dyn Fn(f64) -> Result<Moments, OracleError> + Send + Sync>;
type Expected = Box<dyn Fn(Option<Scheme>, Quantity, f64) -> Result<Option<f64>, OracleError> + Send + Sync>;

/// A landscape with a bath, a start and the exact law of its Langevin equation: what orders are measured on.
///
/// One function that returns a `Problem` extends every profile, as in [`problems`](super::problems). Only the law is
/// needed; with an [`ExactSolution`] errors are measured far below the statistical noise, without one the same
/// integrator at half the step takes its place.
///
/// ```
/// use glassbox::oracle::{Bath, Clock, OracleError, laws::QuadraticWell};
/// use glassbox::profile::{Moments, Problem, ProblemSet, ProfileError, Start, Steps, Subject, profile};
/// use glassbox::simulations::integrator::EulerMaruyama;
/// use glassbox::simulations::landscape::Quadratic;
///
/// /// 64 weights that leave a ridge, L = −w²/2, with their law at time 0.8.
/// fn ridge() -> Result<Problem<Quadratic>, ProfileError> {
///     let bath = Bath::new(1.0, 1.0, 4.0)?;
///     let law = QuadraticWell::new(bath, -1.0, Clock::Continuous)?.from_fixed(1.0)?;
///     let moments = move |time| -> Result<Moments, OracleError> {
///         let mean = law.weight_mean(time)?;
///         Ok(Moments { mean, mean_square: mean * mean + law.weight_variance(time)? })
///     };
///     let steps = Steps { coarsest: 0.2, levels: 5 };
///     Problem::new("ridge", Quadratic::new(64, -1.0)?, bath, Start::fixed(1.0), steps, &[0.8], moments)
/// }
///
/// let mine = Subject::new("my-step", |bath, dt| EulerMaruyama::new(bath, dt)); // your own integrator here
/// let profile = profile(&mine, &ProblemSet::of(vec![ridge()?]), 1)?;
/// let strong = &profile.ladders[0]; // of the strong error, against half the step
/// let order = strong.order.expect("four differences above the noise");
/// assert!(order.low < 1.05 && order.high > 0.95, "Euler–Maruyama has strong order 1 under additive noise");
/// # Ok::<(), ProfileError>(())
/// ```
pub struct Problem<L> {
    pub(crate) name: String,
    pub(crate) landscape: L,
    pub(crate) bath: Bath,
    pub(crate) start: Start,
    pub(crate) steps: Steps,
    /// Observations, in coarsest steps; ascending.
    pub(crate) observed_at: Vec<u64>,
    pub(crate) moments: Vec<Moments>,
    pub(crate) exact: Option<Box<dyn ExactSolution>>,
    pub(crate) expected: Option<Expected>,
    pub(crate) quantities: Vec<Quantity>,
    pub(crate) replicas: u32,
}

/// Replicas of a problem that says nothing else.
const REPLICAS: u32 = 128;
/// How far a time may lie from a step, relative to the time.
const STEP_TOLERANCE: f64 = 1e-9;

impl<L> Problem<L> {
    /// The problem `name` on `landscape` in `bath`, from `start`, observed at `times` (whole multiples of the coarsest
    /// step, ascending, above 0), where `law` gives the exact moments. Errors are averaged over the times.
    ///
    /// It has 128 replicas, no exact solution, and all three quantities are measured.
    ///
    /// # Errors
    /// [`ProfileError::Problem`] for a number outside its range or a law without finite moments.
    pub fn new(
        name: impl Into<String>,
        landscape: L,
        bath: Bath,
        start: Start,
        steps: Steps,
        times: &[f64],
        law: impl Fn(f64) -> Result<Moments, OracleError> + Send + Sync + 'static,
    ) -> Result<Self, ProfileError> {
        let name = name.into();
        let law: Law = Box::new(law);
        let refuse = |reason: String| ProfileError::Problem { problem: name.clone(), reason };
        if !(steps.coarsest.is_finite() && steps.coarsest > 0.0) {
            return Err(refuse(format!(
                "its coarsest step is {}; it must be finite and above 0",
                steps.coarsest
            )));
        }
        if !(1..=16).contains(&steps.levels) {
            return Err(refuse(format!("it has {} levels; it must have 1 to 16", steps.levels)));
        }
        if !(start.mean.is_finite()
            && start.standard_deviation.is_finite()
            && start.standard_deviation >= 0.0)
        {
            let reason = "its start must be finite, with a standard deviation of at least 0";
            return Err(refuse(reason.to_owned()));
        }
        let mut observed_at = Vec::with_capacity(times.len());
        let mut moments = Vec::with_capacity(times.len());
        for &time in times {
            let count = (time / steps.coarsest).round();
            let on_a_step = (count * steps.coarsest - time).abs() <= STEP_TOLERANCE * time;
            if !(on_a_step && (1.0..1e9).contains(&count)) {
                let needed = format!("a whole number of its coarsest steps, {}", steps.coarsest);
                return Err(refuse(format!("time {time} must be above 0 and {needed}")));
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 1e9")]
            let count = count as u64;
            if observed_at.last().is_some_and(|last| *last >= count) {
                return Err(refuse("its times must ascend".to_owned()));
            }
            observed_at.push(count);
            let at = law(time)?;
            if !(at.mean.is_finite() && at.mean_square.is_finite() && at.mean_square > 0.0) {
                return Err(refuse(format!(
                    "its law at time {time} has moments {at:?}; they must be finite"
                )));
            }
            moments.push(at);
        }
        if observed_at.is_empty() {
            return Err(refuse("it is never observed".to_owned()));
        }
        Ok(Self {
            name,
            landscape,
            bath,
            start,
            steps,
            observed_at,
            moments,
            exact: None,
            expected: None,
            quantities: vec![Quantity::StrongError, Quantity::Mean, Quantity::MeanSquare],
            replicas: REPLICAS,
        })
    }

    /// The same problem with its exact solution on a path.
    #[must_use]
    pub fn with_exact_solution(self, exact: impl ExactSolution + 'static) -> Self {
        Self { exact: Some(Box::new(exact)), ..self }
    }

    /// The same problem with what a scheme's own law makes of a quantity at a step `dt`, in units of the weights (strong
    /// errors as a root mean square, moments as differences from the exact law, averaged over weights and times): the
    /// expected part of the error. None for a scheme whose law is not known.
    #[must_use]
    pub fn with_expected(
        self,
        expected: impl Fn(Option<Scheme>, Quantity, f64) -> Result<Option<f64>, OracleError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self { expected: Some(Box::new(expected)), ..self }
    }

    /// The same problem, of which only `quantities` are measured. (A mean that vanishes has no relative error.)
    #[must_use]
    pub fn measuring(self, quantities: &[Quantity]) -> Self {
        Self { quantities: quantities.to_vec(), ..self }
    }

    /// The same problem with another number of replicas, at least 2: the independent units of every standard error.
    #[must_use]
    pub fn with_replicas(self, replicas: u32) -> Self {
        Self { replicas: replicas.max(2), ..self }
    }

    /// The same problem on another form of its landscape, as a box.
    #[must_use]
    pub fn on<M>(self, landscape: impl FnOnce(L) -> M) -> Problem<M> {
        Problem {
            name: self.name,
            landscape: landscape(self.landscape),
            bath: self.bath,
            start: self.start,
            steps: self.steps,
            observed_at: self.observed_at,
            moments: self.moments,
            exact: self.exact,
            expected: self.expected,
            quantities: self.quantities,
            replicas: self.replicas,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Each ladder that is measured.
    pub(crate) fn ladders(&self) -> Vec<(Quantity, Reference)> {
        let mut ladders = Vec::new();
        for &quantity in &self.quantities {
            match (quantity, self.exact.is_some()) {
                (_, true) => ladders.push((quantity, Reference::ExactSolution)),
                (Quantity::StrongError, false) => ladders.push((quantity, Reference::HalfStep)),
                (_, false) => {
                    ladders.push((quantity, Reference::HalfStep));
                    ladders.push((quantity, Reference::ExactLaw));
                }
            }
        }
        ladders
    }

    /// What a quantity is relative to.
    pub(crate) fn scale(&self, quantity: Quantity) -> Result<f64, ProfileError> {
        let count = self.moments.len() as f64;
        let square = self.moments.iter().map(|at| at.mean_square).sum::<f64>() / count;
        let scale = match quantity {
            Quantity::StrongError => square.sqrt(),
            Quantity::Mean => self.moments.iter().map(|at| at.mean).sum::<f64>() / count,
            Quantity::MeanSquare => square,
        };
        if scale == 0.0 {
            let reason = "its mean is 0, so that a relative error of the mean does not exist".to_owned();
            return Err(ProfileError::Problem { problem: self.name.clone(), reason });
        }
        Ok(scale)
    }
}
