//! What a user states about a trajectory.

use super::convention::Convention;
use glassbox_oracle::Scheme;
use glassbox_oracle::inference::StatedParameters;
use glassbox_oracle::verdict::Budget;
use std::fmt;
use std::ops::{Range, RangeInclusive};

/// The law that the weights should follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExaminedLaw {
    /// No force on any weight.
    Free,
    /// Every weight in a well `L = k w²/2`, entered anywhere.
    Well,
    /// The same, and the first frame already stationary.
    StationaryWell,
    /// None for single weights: a network, or any other landscape.
    None,
}

impl fmt::Display for ExaminedLaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            ExaminedLaw::Free => "free diffusion",
            ExaminedLaw::Well => "quadratic well",
            ExaminedLaw::StationaryWell => "stationary quadratic well",
            ExaminedLaw::None => "none",
        })
    }
}

/// Everything that a user states.
#[derive(Clone, Debug, PartialEq)]
pub struct ExaminationSettings {
    /// The law.
    pub law: ExaminedLaw,
    /// The integrator whose steps they are.
    pub scheme: Scheme,
    /// The parameters as far as they are known, in glassbox's terms.
    pub stated: StatedParameters,
    /// Where they were given in another convention: which, for the report.
    pub convention: Option<Convention>,
    /// Half width of the overlap; without it one is chosen from the data.
    pub half_width: Option<f64>,
    /// The weights of each layer; overrides those of the file.
    pub layers: Option<Vec<Range<usize>>>,
    /// L2 regularisation `lambda` contained in the loss, for the balance of layers.
    pub regularisation: f64,
    /// Whether the whole trajectory is claimed to be in its stationary state (the virial needs it).
    pub stationary: bool,
    /// The relative deviation that matters.
    pub tolerance: f64,
    /// Probability that a correct trajectory fails any check.
    pub budget: Budget,
}

impl ExaminationSettings {
    /// The default practical tolerance: 2 %.
    pub const DEFAULT_TOLERANCE: f64 = 0.02;

    /// What a practical tolerance may be: a relative deviation that sums in double precision can show, and at most all of a number.
    pub const TOLERANCES: RangeInclusive<f64> = 1e-12..=1.0;

    /// A law of Euler–Maruyama steps with these parameters, and the defaults of the command line.
    #[must_use]
    pub fn new(law: ExaminedLaw, stated: StatedParameters, budget: Budget) -> Self {
        Self {
            law,
            scheme: Scheme::EulerMaruyama,
            stated,
            convention: None,
            half_width: None,
            layers: None,
            regularisation: 0.0,
            stationary: law == ExaminedLaw::StationaryWell,
            tolerance: Self::DEFAULT_TOLERANCE,
            budget,
        }
    }
}
