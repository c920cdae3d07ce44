//! What a profile is made of: problems, stability trials and pinned runs on one kind of landscape.

use super::error::ProfileError;
use super::landscapes::{Quartic, SampledWell};
use super::pinned_run::{PinnedRun, arithmetic_of};
use super::problem::Problem;
use super::problems;
use super::record::Arithmetic;
use super::stability::StabilityTrial;
use glassbox_oracle::Bath;
use glassbox_simulations::InstructionSet;
use glassbox_simulations::dataset;
use glassbox_simulations::landscape::{
    HarmonicLandscape, Landscape, NetworkLandscape, Quadratic, SampledLandscape,
};
use glassbox_simulations::network::{Architecture, Initialisation};

/// Any landscape.
pub type AnyLandscape = Box<dyn Landscape>;
/// Any landscape whose stiffnesses are known.
pub type AnyHarmonicLandscape = Box<dyn HarmonicLandscape>;
/// Any landscape that is a mean over samples.
pub type AnySampledLandscape = Box<dyn SampledLandscape>;

/// The problems, stability trials and pinned runs of a profile.
///
/// Add your own to a set, or make a set of nothing else:
///
/// ```
/// use glassbox::profile::{AnyLandscape, ProblemSet, problems};
/// let mut set = ProblemSet::langevin()?;
/// set.problems.push(problems::quadratic_well()?.on(|well| Box::new(well) as AnyLandscape));
/// # Ok::<(), glassbox::profile::ProfileError>(())
/// ```
pub struct ProblemSet<L> {
    /// What orders are measured on.
    pub problems: Vec<Problem<L>>,
    /// Where the stability limit is sought.
    pub stability: Vec<StabilityTrial<L>>,
    /// Runs whose bits are kept.
    pub pinned: Vec<PinnedRun<L>>,
}

const STIFFNESS: f64 = 2.0;

impl<L: Landscape> ProblemSet<L> {
    /// Problems alone.
    #[must_use]
    pub fn of(problems: Vec<Problem<L>>) -> Self {
        Self { problems, stability: Vec::new(), pinned: Vec::new() }
    }
}

impl ProblemSet<AnyLandscape> {
    /// For Langevin integrators that ask for nothing but a gradient.
    ///
    /// # Errors
    /// [`ProfileError`] if the embedded data set is damaged.
    pub fn langevin() -> Result<Self, ProfileError> {
        let bath = Bath::new(0.5, 2.0, 4.0)?;
        let mut pinned = vec![
            pinned_well(bath)?.on(|well| Box::new(well) as AnyLandscape),
            PinnedRun {
                name: "quartic".to_owned(),
                landscape: Box::new(Quartic::new(64, 8.0)?),
                bath,
                dt: 0.1,
                start: spread_out(64),
                steps: 50,
                arithmetic: Arithmetic::Any,
            },
        ];
        pinned.extend(pinned_networks()?.into_iter().map(|run| run.on(|net| Box::new(net) as AnyLandscape)));
        Ok(Self {
            problems: vec![
                problems::free_diffusion()?.on(|flat| Box::new(flat) as AnyLandscape),
                problems::quadratic_well()?.on(|well| Box::new(well) as AnyLandscape),
                problems::anisotropic_basin()?.on(|basin| Box::new(basin) as AnyLandscape),
                problems::hyperbolic_hill()?.on(|hill| Box::new(hill) as AnyLandscape),
                problems::stationary_well()?.on(|well| Box::new(well) as AnyLandscape),
                problems::stationary_quartic()?.on(|well| Box::new(well) as AnyLandscape),
            ],
            stability: vec![stability_well(Box::new(Quadratic::new(2, STIFFNESS)?) as AnyLandscape)?],
            pinned,
        })
    }

    /// For deterministic descent: gradient flow at temperature 0.
    ///
    /// # Errors
    /// As [`langevin`](Self::langevin).
    pub fn descent() -> Result<Self, ProfileError> {
        let cold = Bath::new(0.5, 0.0, 4.0)?;
        let mut pinned = vec![pinned_well(cold)?.on(|well| Box::new(well) as AnyLandscape)];
        pinned.extend(pinned_networks()?.into_iter().map(|run| run.on(|net| Box::new(net) as AnyLandscape)));
        Ok(Self {
            problems: vec![
                problems::quadratic_descent()?.on(|well| Box::new(well) as AnyLandscape),
                problems::quartic_descent()?.on(|well| Box::new(well) as AnyLandscape),
            ],
            stability: vec![stability_well(Box::new(Quadratic::new(2, STIFFNESS)?) as AnyLandscape)?],
            pinned,
        })
    }
}

impl ProblemSet<AnyHarmonicLandscape> {
    /// For integrators that need to know the stiffnesses.
    ///
    /// # Errors
    /// [`ProfileError`] never, unless its numbers are edited.
    pub fn harmonic() -> Result<Self, ProfileError> {
        Ok(Self {
            problems: vec![
                problems::free_diffusion()?.on(|flat| Box::new(flat) as AnyHarmonicLandscape),
                problems::quadratic_well()?.on(|well| Box::new(well) as AnyHarmonicLandscape),
                problems::anisotropic_basin()?.on(|basin| Box::new(basin) as AnyHarmonicLandscape),
                problems::stationary_well()?.on(|well| Box::new(well) as AnyHarmonicLandscape),
            ],
            stability: vec![stability_well(Box::new(Quadratic::new(2, STIFFNESS)?) as AnyHarmonicLandscape)?],
            pinned: vec![
                pinned_well(Bath::new(0.5, 2.0, 4.0)?)?.on(|well| Box::new(well) as AnyHarmonicLandscape),
            ],
        })
    }
}

impl ProblemSet<AnySampledLandscape> {
    /// For descent over batches of [`MINIBATCH`](problems::MINIBATCH) samples.
    ///
    /// # Errors
    /// [`ProfileError`] if the embedded data set is damaged.
    pub fn minibatch() -> Result<Self, ProfileError> {
        let networks = pinned_networks()?.into_iter();
        Ok(Self {
            problems: vec![problems::minibatch_well()?.on(|well| Box::new(well) as AnySampledLandscape)],
            // Without spread of the samples a batch is the whole.
            stability: vec![stability_well(
                Box::new(SampledWell::new(2, STIFFNESS, 64, 0.0)?) as AnySampledLandscape
            )?],
            pinned: networks.map(|run| run.on(|net| Box::new(net) as AnySampledLandscape)).collect(),
        })
    }
}

impl<L> PinnedRun<L> {
    /// The same run on another form of its landscape, as a box.
    #[must_use]
    pub fn on<M>(self, landscape: impl FnOnce(L) -> M) -> PinnedRun<M> {
        PinnedRun {
            name: self.name,
            landscape: landscape(self.landscape),
            bath: self.bath,
            dt: self.dt,
            start: self.start,
            steps: self.steps,
            arithmetic: self.arithmetic,
        }
    }
}

fn stability_well<L: Landscape>(landscape: L) -> Result<StabilityTrial<L>, ProfileError> {
    StabilityTrial::new("quadratic well", landscape, STIFFNESS)
}

fn spread_out(count: u32) -> Vec<f64> {
    (0..count).map(|index| (f64::from(index) - 0.5 * f64::from(count)) / f64::from(count)).collect()
}

fn pinned_well(bath: Bath) -> Result<PinnedRun<Quadratic>, ProfileError> {
    Ok(PinnedRun {
        name: "quadratic well".to_owned(),
        landscape: Quadratic::new(64, STIFFNESS)?,
        bath,
        dt: 0.3,
        start: spread_out(64),
        steps: 50,
        arithmetic: Arithmetic::Any,
    })
}

/// A small network on 300 embedded images, once for each arithmetic that this machine has.
fn pinned_networks() -> Result<Vec<PinnedRun<NetworkLandscape>>, ProfileError> {
    let (samples, regularisation) = (300, 0.01);
    let architecture = Architecture::paper(9)?;
    let data = dataset::mnist()?.subset(samples, 1)?;
    let start = Initialisation::HE.draw(&architecture, 1, 0);
    let mut runs: Vec<PinnedRun<NetworkLandscape>> = Vec::new();
    for instructions in [InstructionSet::fastest(), InstructionSet::PORTABLE] {
        let arithmetic = arithmetic_of(instructions);
        if runs.iter().any(|run| run.arithmetic == arithmetic) {
            continue;
        }
        let landscape = NetworkLandscape::new(architecture.clone(), data.clone(), regularisation)?;
        runs.push(PinnedRun {
            name: "network 10-9x6-1 on 300 images".to_owned(),
            landscape: landscape.with_instructions(instructions),
            bath: Bath::new(0.02, 0.5, samples as f64)?,
            dt: 1.0,
            start: start.clone(),
            steps: 20,
            arithmetic,
        });
    }
    Ok(runs)
}
