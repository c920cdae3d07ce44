//! glassbox's own integrators and their profiles.

use super::error::ProfileError;
use super::problem_set::ProblemSet;
use super::problems::MINIBATCH;
use super::profile;
use super::record::Profile;
use super::subject::Subject;
use glassbox_oracle::{Bath, Scheme};
use glassbox_simulations::integrator::{
    EulerMaruyama, ExactWell, GradientDescent, Heun, LeimkuhlerMatthews, MinibatchDescent,
    SinglePrecisionEulerMaruyama,
};

/// An integrator of `glassbox::simulations` with a committed profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shipped {
    /// [`EulerMaruyama`].
    EulerMaruyama,
    /// [`Heun`].
    Heun,
    /// [`ExactWell`].
    ExactWell,
    /// [`LeimkuhlerMatthews`].
    LeimkuhlerMatthews,
    /// [`SinglePrecisionEulerMaruyama`].
    SinglePrecisionEulerMaruyama,
    /// [`GradientDescent`].
    GradientDescent,
    /// [`MinibatchDescent`].
    MinibatchDescent,
}

/// Seed of the order of the samples in pinned runs.
const PINNED_ORDER: u64 = 1;

impl Shipped {
    /// All of them.
    pub const ALL: [Shipped; 7] = [
        Shipped::EulerMaruyama,
        Shipped::Heun,
        Shipped::ExactWell,
        Shipped::LeimkuhlerMatthews,
        Shipped::SinglePrecisionEulerMaruyama,
        Shipped::GradientDescent,
        Shipped::MinibatchDescent,
    ];

    /// Its name, which is also that of its file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Shipped::EulerMaruyama => "euler-maruyama",
            Shipped::Heun => "heun",
            Shipped::ExactWell => "exact-well",
            Shipped::LeimkuhlerMatthews => "leimkuhler-matthews",
            Shipped::SinglePrecisionEulerMaruyama => "single-precision-euler-maruyama",
            Shipped::GradientDescent => "gradient-descent",
            Shipped::MinibatchDescent => "minibatch-descent",
        }
    }

    /// Makes its profile.
    ///
    /// # Errors
    /// [`ProfileError`] if the embedded data set is damaged.
    pub fn profile(self, seed: u64) -> Result<Profile, ProfileError> {
        let name = self.name();
        match self {
            Shipped::EulerMaruyama => {
                let subject = Subject::new(name, EulerMaruyama::new).of_scheme(Scheme::EulerMaruyama);
                profile(&subject, &ProblemSet::langevin()?, seed)
            }
            Shipped::Heun => profile(
                &Subject::new(name, Heun::new).of_scheme(Scheme::Heun),
                &ProblemSet::langevin()?,
                seed,
            ),
            Shipped::ExactWell => {
                let subject = Subject::new(name, ExactWell::new).of_scheme(Scheme::ExactStep);
                profile(&subject, &ProblemSet::harmonic()?, seed)
            }
            Shipped::LeimkuhlerMatthews => {
                let subject =
                    Subject::new(name, LeimkuhlerMatthews::new).of_scheme(Scheme::LeimkuhlerMatthews);
                profile(&subject, &ProblemSet::langevin()?, seed)
            }
            Shipped::SinglePrecisionEulerMaruyama => {
                let subject =
                    Subject::new(name, SinglePrecisionEulerMaruyama::new).of_scheme(Scheme::EulerMaruyama);
                profile(&subject.in_single_precision(), &ProblemSet::langevin()?, seed)
            }
            Shipped::GradientDescent => {
                // Without noise the Euler step is gradient descent.
                let subject = Subject::new(name, |bath: Bath, dt| GradientDescent::new(bath.mobility() * dt));
                profile(&subject.of_scheme(Scheme::EulerMaruyama), &ProblemSet::descent()?, seed)
            }
            Shipped::MinibatchDescent => {
                let subject = |order| {
                    Subject::new(name, move |bath: Bath, dt: f64| {
                        MinibatchDescent::new(bath.mobility() * dt, MINIBATCH, order)
                    })
                };
                // The order of the samples is its noise: it goes with the seed, but not in pinned runs.
                let mut set = ProblemSet::minibatch()?;
                let pinned = std::mem::take(&mut set.pinned);
                let pinned = ProblemSet { problems: Vec::new(), stability: Vec::new(), pinned };
                let bits = profile(&subject(PINNED_ORDER), &pinned, seed)?.bits;
                Ok(Profile { bits, ..profile(&subject(seed), &set, seed)? })
            }
        }
    }
}
