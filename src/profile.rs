//! Profiles of integrators: orders with confidence intervals, stationary bias, stability limit, pinned bits.
//!
//! [`profile`] measures an integrator ([`Subject`]) on a [`ProblemSet`] and returns plain numbers, a [`Profile`];
//! [`compare`] holds one against another line by line; [`baseline`] reads and writes them; [`Shipped`] are glassbox's own
//! integrators, whose profiles lie in `baselines/`. `glassbox regress` is these four in a row, and
//! `docs/guide/regress.md` says what each line proves.
//!
//! Runs at all steps of a ladder, and the exact solution, are driven by one path of the noise: increments of fine steps
//! are summed to those of coarse ones ([`NoiseStream::coarsened`](crate::simulations::noise::NoiseStream::coarsened)).
//! Replicas are the independent unit of every standard error, and all sums are taken in their order, so that the same
//! seed gives the same bits with any number of threads.
//!
//! ```
//! use glassbox::oracle::verdict::{Budget, Outcome};
//! use glassbox::oracle::Scheme;
//! use glassbox::profile::{ProblemSet, ProfileError, Subject, compare, problems, profile};
//! use glassbox::simulations::integrator::EulerMaruyama;
//!
//! // Your own integrator in place of EulerMaruyama, on as many problems as you like.
//! let mine = Subject::new("my-step", |bath, dt| EulerMaruyama::new(bath, dt)).of_scheme(Scheme::EulerMaruyama);
//! let well = || Ok::<_, ProfileError>(ProblemSet::of(vec![problems::quadratic_well()?]));
//! let before = profile(&mine, &well()?, 1)?;
//! let strong = before.ladders[0].order.expect("five steps above the floors");
//! assert!(strong.low < 1.02 && strong.high > 0.98); // Euler–Maruyama has strong order 1 under additive noise
//!
//! // A year later: the bath's temperature has been read as 2 % higher.
//! let changed = Subject::new("my-step", |bath: glassbox::oracle::Bath, dt| {
//!     let warmer = glassbox::oracle::Bath::new(bath.mobility(), 1.02 * bath.temperature(), bath.dataset_size());
//!     EulerMaruyama::new(warmer.expect("still a bath"), dt)
//! });
//! let after = profile(&changed.of_scheme(Scheme::EulerMaruyama), &well()?, 1)?;
//! let regression = compare(&[(after, before)], &Budget::new(1e-6)?);
//! assert_eq!(regression.outcome(), Outcome::Inconsistent);
//! println!("{}", regression.lines[0].summary); // the strong error no longer goes to 0 with the step
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod baseline;
mod comparison;
mod error;
mod exact_solution;
mod hash;
mod ladder;
pub mod landscapes;
mod linear_scheme;
mod order;
mod pinned_run;
mod problem;
mod problem_set;
pub mod problems;
mod record;
mod shipped;
mod stability;
mod subject;
mod wording;

pub use comparison::{Line, LineVerdict, Regression, compare};
pub use error::ProfileError;
pub use exact_solution::{ExactSolution, OrnsteinUhlenbeck, QuarticDescent};
pub use pinned_run::PinnedRun;
pub use problem::{Moments, Problem, Start, Steps};
pub use problem_set::{AnyHarmonicLandscape, AnyLandscape, AnySampledLandscape, ProblemSet};
pub use record::{Arithmetic, Bits, Ladder, Order, Point, Profile, Quantity, Reference, Stability, Standing};
pub use shipped::Shipped;
pub use stability::StabilityTrial;
pub use subject::Subject;

use glassbox_oracle::Bath;
use glassbox_simulations::integrator::{Integrator, IntegratorError};
use glassbox_simulations::landscape::Landscape;

/// Measures everything about an integrator that `problems` ask for, with noise from `seed`.
///
/// The same seed gives the same numbers on every machine, but for the pinned runs on a network, which say for which
/// arithmetic they hold.
///
/// # Errors
/// [`ProfileError`] for a name that cannot be a file, parameters that the integrator refuses, or a problem without a law.
pub fn profile<L, I, M>(
    subject: &Subject<M>,
    problems: &ProblemSet<L>,
    seed: u64,
) -> Result<Profile, ProfileError>
where
    L: Landscape,
    I: Integrator<L>,
    M: Fn(Bath, f64) -> Result<I, IntegratorError> + Sync,
{
    subject.require_name()?;
    let mut ladders = Vec::new();
    for problem in &problems.problems {
        ladders.extend(ladder::measure(subject, problem, seed)?);
    }
    let stability = problems.stability.iter().map(|trial| stability::limit(subject, trial));
    let bits = problems.pinned.iter().map(|run| pinned_run::bits(subject, run));
    Ok(Profile {
        integrator: subject.name().to_owned(),
        seed,
        ladders,
        stability: stability.collect::<Result<_, _>>()?,
        bits: bits.collect::<Result<_, _>>()?,
    })
}
