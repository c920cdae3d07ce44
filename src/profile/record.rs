//! What a profile holds: plain numbers, as they are written and read.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Everything that was measured about one integrator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name of the integrator: lower-case letters, digits and single hyphens.
    pub integrator: String,
    /// Seed of all noise.
    pub seed: u64,
    /// Errors at a ladder of steps, and their orders.
    pub ladders: Vec<Ladder>,
    /// Steps at which deterministic runs begin to grow.
    pub stability: Vec<Stability>,
    /// Bits of pinned runs.
    pub bits: Vec<Bits>,
}

/// What is measured of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Root-mean-square distance of the weights from the reference on the same path of the noise, over the root mean
    /// square of the exact law.
    StrongError,
    /// Mean of the weights less that of the reference, over the mean of the exact law.
    Mean,
    /// Mean square of the weights less that of the reference, over the mean square of the exact law.
    MeanSquare,
}

/// What an error is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// The exact solution: on the same path for strong errors; with the same noise numbers, as a control variate that has
    /// exactly the law, for moments.
    ExactSolution,
    /// The moments of the exact law, without any coupling: all statistical noise is left.
    ExactLaw,
    /// The same integrator with half the step on the same path. Its order is that of the error, but a wrong limit does
    /// not show.
    HalfStep,
}

/// One quantity at a ladder of steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ladder {
    /// Name of the problem.
    pub problem: String,
    /// What is measured.
    pub quantity: Quantity,
    /// Against what.
    pub reference: Reference,
    /// Independent replicas behind every standard error.
    pub replicas: u32,
    /// What rounding of the weights can make of a value.
    pub rounding_floor: f64,
    /// One point a step, the longest first.
    pub points: Vec<Point>,
    /// Slope of log error against log step, where it is measurable.
    pub order: Option<Order>,
    /// Why there is no order.
    pub no_order: Option<String>,
}

/// The error at one step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Step, in units of time.
    pub dt: f64,
    /// Measured value, relative to the exact law; none where a replica diverged.
    pub value: Option<f64>,
    /// Standard error of `value` over the replicas.
    pub standard_error: Option<f64>,
    /// The exact value for the scheme that the integrator implements, where it is known.
    pub expected: Option<f64>,
    /// Whether the point may enter an order.
    pub standing: Standing,
}

impl Point {
    /// What neither the exact step law nor anything else explains: measured less expected.
    #[must_use]
    pub fn unexplained(&self) -> Option<f64> {
        Some(self.value? - self.expected?)
    }
}

/// Whether a point may enter an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Above both floors.
    Measured,
    /// Within five standard errors of 0.
    BelowNoise,
    /// No larger than what rounding can make.
    BelowRounding,
    /// A replica's weights or loss were no longer finite.
    Diverged,
}

impl fmt::Display for Standing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Standing::Measured => "measured",
            Standing::BelowNoise => "below the noise",
            Standing::BelowRounding => "below rounding",
            Standing::Diverged => "diverged",
        })
    }
}

/// A measured order of convergence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Slope of log error against log step over the measured points.
    pub value: f64,
    /// Its standard error over the replicas.
    pub standard_error: f64,
    /// Lower end of its 99 % confidence interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The slope of the expected values over the same points, where all are known.
    pub expected: Option<f64>,
}

/// Where a deterministic run begins to grow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stability {
    /// Name of the landscape.
    pub landscape: String,
    /// Largest stable `mobility * stiffness * dt`, the middle of the last bracket; none where nothing grew.
    pub limit: Option<f64>,
    /// Width of the last bracket.
    pub width: f64,
    /// The largest `mobility * stiffness * dt` that was tried.
    pub searched_to: f64,
}

/// For which arithmetic the bits of a run hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arithmetic {
    /// Every machine: only operations that IEEE 754 rounds in one way.
    Any,
    /// Kernels with fused multiply-add: AVX2, AVX-512, aarch64.
    Fused,
    /// Kernels without it: the portable code of x86-64.
    Separate,
}

impl fmt::Display for Arithmetic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Arithmetic::Any => "any machine",
            Arithmetic::Fused => "fused multiply-add",
            Arithmetic::Separate => "no fused multiply-add",
        })
    }
}

/// What a pinned run ended with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bits {
    /// Name of the run.
    pub run: String,
    /// For which arithmetic it holds.
    pub arithmetic: Arithmetic,
    /// FNV-1a, 64 bits, of all final weights and the last loss, in hexadecimal; or at which step the run diverged.
    pub hash: String,
    /// The first final weights, so that a person sees how large a change is.
    pub leading: Vec<f64>,
}
