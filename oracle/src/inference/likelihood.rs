//! The Gaussian likelihood of moves in a well, as a function of the reduced rate and the noise variance of a step.
//!
//! Across a gap of n steps `d + b_n w` is Gaussian with variance `σ² g_n`, `b_n = 1 − aⁿ` and `g_n` functions of the
//! reduced rate `x` alone. With `Q_n = Σ (d + b_n w)²` over `N_n` moves,
//! `−2 ln L = Σ N_n (ln σ² + ln g_n) + Q_n / (σ² g_n)`; for a given x the best noise variance is `Σ (Q_n / g_n) / Σ N_n`.
//! A stationary weight is a move from 0 across infinitely many steps.

use super::search::{Place, grid};
use super::transitions::{Sums, Transitions};
use super::{InferenceError, Model};
use crate::laws::Instant;
use crate::laws::LinearRelaxation;
use crate::{Bath, Clock, OracleError, Scheme};
use std::fmt;

/// `b_n` and `g_n` at one reduced rate, or their derivatives.
#[derive(Clone, Copy)]
struct Pull {
    loss: f64,
    gain: f64,
}

/// The two numbers, and how likely they make the moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) rate: f64,
    pub(super) noise_variance: f64,
    /// `−2 ln L`, up to a constant.
    pub(super) deviance: f64,
}

/// What is stated about the two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Constraint {
    /// Nothing.
    None,
    /// The reduced rate.
    Rate(f64),
    /// The noise variance of a step.
    NoiseVariance(f64),
    /// The reduced rate over the noise variance; 0 where there is no pull.
    Ratio(f64),
}

/// Derivatives of the logarithm of the likelihood by `x` and `ln σ²`.
pub(super) type Score = [f64; 2];
/// Their expected covariance.
pub(super) type Information = [[f64; 2]; 2];

/// The moves of all replicas under the steps of one scheme.
#[derive(Clone, PartialEq)]
pub(super) struct Likelihood {
    scheme: Scheme,
    /// Gaps in steps; infinite for stationary weights.
    gaps: Vec<f64>,
    only_even: bool,
    pooled: Vec<Sums>,
    replicas: Vec<Vec<Sums>>,
    count: f64,
    grid: Vec<Place>,
}

/// `ln g` and `Q / g`, means over the moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Terms {
    pub(super) logarithms: f64,
    pub(super) residual: f64,
}

impl fmt::Debug for Likelihood {
    /// Without the grid, which follows from the rest.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Likelihood");
        shown.field("scheme", &self.scheme).field("gaps", &self.gaps).field("pooled", &self.pooled);
        shown.finish_non_exhaustive()
    }
}

impl Likelihood {
    pub(super) fn new(
        replicas: &[Transitions],
        model: Model,
        scheme: Scheme,
    ) -> Result<Self, InferenceError> {
        let mut all = Transitions::new();
        replicas.iter().for_each(|one| all.merge(one));
        let finite: Vec<u64> = all.gaps().collect();
        let with_start = matches!(model, Model::StationaryWell(_)) && all.stationary().count > 0.0;
        let of = |one: &Transitions| -> Vec<Sums> {
            let sums = finite.iter().map(|gap| one.across(*gap));
            sums.chain(with_start.then(|| one.stationary())).collect()
        };
        let pooled = of(&all);
        if pooled.iter().any(|sums| !(sums.weight_weight + sums.remainder + sums.slope.powi(2)).is_finite()) {
            return Err(InferenceError::TooLarge);
        }
        let mut likelihood = Self {
            scheme,
            gaps: finite.iter().map(|gap| *gap as f64).chain(with_start.then_some(f64::INFINITY)).collect(),
            only_even: finite.iter().all(|gap| gap % 2 == 0),
            count: pooled.iter().map(|sums| sums.count).sum(),
            pooled,
            replicas: replicas.iter().map(of).collect(),
            grid: Vec::new(),
        };
        likelihood.grid = grid(&likelihood);
        Ok(likelihood)
    }

    /// The likelihood at many rates.
    pub(super) fn grid(&self) -> &[Place] {
        &self.grid
    }

    /// Whether every gap is an even number of steps.
    pub(super) fn only_even(&self) -> bool {
        self.only_even
    }

    /// The longest gap, in steps.
    pub(super) fn longest_gap(&self) -> f64 {
        self.gaps.iter().copied().filter(|gap| gap.is_finite()).fold(1.0, f64::max)
    }

    /// The scheme.
    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Numbers of which the likelihood is made: moves and stationary weights.
    pub(super) fn count(&self) -> f64 {
        self.count
    }

    /// Number of replicas.
    pub(super) fn replicas(&self) -> usize {
        self.replicas.len()
    }

    /// Whether weights that are not at the bottom, or gaps beyond one step, show a rate at all.
    pub(super) fn shows_a_rate(&self, noise_is_stated: bool) -> bool {
        let pulled = self.pooled.iter().any(|sums| sums.weight_weight > 0.0);
        pulled || self.gaps.len() > 1 || (noise_is_stated && self.gaps.iter().any(|gap| *gap != 1.0))
    }

    /// Noise variance below which rounding of the weights to double precision explains the moves: a weight is off by
    /// up to half a spacing at either end.
    pub(super) fn rounding_variance(&self) -> f64 {
        let square: f64 = self.pooled.iter().map(|sums| sums.weight_weight).sum();
        (2.0 * f64::EPSILON).powi(2) * square / self.count
    }

    /// Whether anything moves at all.
    pub(super) fn moves(&self) -> bool {
        self.gaps.iter().zip(&self.pooled).any(|(gap, sums)| gap.is_finite() && sums.residual(0.0) > 0.0)
    }

    fn pull(&self, reduced_rate: f64, steps: f64) -> Result<Pull, OracleError> {
        // Noise variance 2 mu T dt / P_D = 1.
        let bath = Bath::new(1.0, 0.5, 1.0)?;
        let well =
            LinearRelaxation::new(bath, reduced_rate, Clock::steps(1.0)?)?.integrated_by(self.scheme)?;
        let at = Instant { time: steps, steps };
        let loss = if steps.is_finite() { well.loss(at) } else { 1.0 };
        Ok(Pull { loss, gain: well.noise_variance(at) })
    }

    /// `None` where no finite likelihood exists: a hill whose moves overflow, or a stationary state of none.
    pub(super) fn terms(&self, reduced_rate: f64) -> Option<Terms> {
        let (mut logarithms, mut residual) = (0.0, 0.0);
        for (gap, sums) in self.gaps.iter().zip(&self.pooled) {
            let pull = self.pull(reduced_rate, *gap).ok()?;
            logarithms += sums.count * pull.gain.ln();
            residual += sums.residual(pull.loss) / pull.gain;
        }
        let terms = Terms { logarithms: logarithms / self.count, residual: residual / self.count };
        (terms.logarithms.is_finite() && terms.residual.is_finite()).then_some(terms)
    }

    /// The point with this rate that `constraint` allows: with the most likely noise variance where it leaves that open.
    pub(super) fn at(&self, rate: f64, terms: Terms, constraint: Constraint) -> Option<Point> {
        let noise_variance = match constraint {
            Constraint::None | Constraint::Rate(_) => terms.residual,
            Constraint::NoiseVariance(noise_variance) => noise_variance,
            Constraint::Ratio(0.0) => terms.residual,
            Constraint::Ratio(ratio) => rate / ratio,
        };
        self.deviance_at(rate, noise_variance, terms)
    }

    /// The point with these two numbers.
    pub(super) fn point(&self, rate: f64, noise_variance: f64) -> Option<Point> {
        self.deviance_at(rate, noise_variance, self.terms(rate)?)
    }

    fn deviance_at(&self, rate: f64, noise_variance: f64, terms: Terms) -> Option<Point> {
        let deviance =
            self.count * (noise_variance.ln() + terms.logarithms + terms.residual / noise_variance);
        (noise_variance > 0.0 && deviance.is_finite()).then_some(Point { rate, noise_variance, deviance })
    }

    /// Score of all moves and their expected information at a point.
    pub(super) fn score_and_information(&self, at: &Point) -> Option<(Score, Information)> {
        let (mut score, mut information) = ([0.0; 2], [[0.0; 2]; 2]);
        for (gap, sums) in self.gaps.iter().zip(&self.pooled) {
            let (pull, slope) = self.pull_and_slope(at.rate, *gap).ok()?;
            let of_gap = score_of(sums, at.noise_variance, pull, slope);
            let variance = at.noise_variance * pull.gain;
            let logarithmic = slope.gain / pull.gain;
            score[0] += of_gap[0];
            score[1] += of_gap[1];
            information[0][0] += sums.weight_weight * slope.loss * slope.loss / variance
                + 0.5 * sums.count * logarithmic * logarithmic;
            information[0][1] += 0.5 * sums.count * logarithmic;
            information[1][1] += 0.5 * sums.count;
        }
        information[1][0] = information[0][1];
        let finite = score.iter().chain(information.iter().flatten()).all(|one| one.is_finite());
        finite.then_some((score, information))
    }

    /// Score of each replica at a point.
    pub(super) fn replica_scores(&self, at: &Point) -> Option<Vec<Score>> {
        let pulls: Result<Vec<(Pull, Pull)>, OracleError> =
            self.gaps.iter().map(|gap| self.pull_and_slope(at.rate, *gap)).collect();
        let pulls = pulls.ok()?;
        let of = |sums: &Vec<Sums>| {
            sums.iter().zip(&pulls).fold([0.0; 2], |score, (sums, (pull, slope))| {
                let of_gap = score_of(sums, at.noise_variance, *pull, *slope);
                [score[0] + of_gap[0], score[1] + of_gap[1]]
            })
        };
        let scores: Vec<Score> = self.replicas.iter().map(of).collect();
        scores.iter().flatten().all(|one| one.is_finite()).then_some(scores)
    }

    /// By central differences over a ten-thousandth of the scale on which the pull changes: an error of about 1e-8.
    fn pull_and_slope(&self, reduced_rate: f64, steps: f64) -> Result<(Pull, Pull), OracleError> {
        let scale = match self.scheme {
            _ if steps.is_finite() => steps.recip(),
            // The stationary variance has a pole where the well ends, and where steps overshoot twice as far.
            Scheme::ExactStep => reduced_rate.abs(),
            _ => reduced_rate.abs().min((2.0 - reduced_rate).abs()),
        };
        let width = 1e-4 * scale;
        let (low, high) = (self.pull(reduced_rate - width, steps)?, self.pull(reduced_rate + width, steps)?);
        let slope = |low: f64, high: f64| (high - low) / (2.0 * width);
        let slope = Pull { loss: slope(low.loss, high.loss), gain: slope(low.gain, high.gain) };
        Ok((self.pull(reduced_rate, steps)?, slope))
    }
}

/// Score of moves across one gap.
fn score_of(sums: &Sums, noise_variance: f64, pull: Pull, slope: Pull) -> Score {
    let variance = noise_variance * pull.gain;
    let excess = sums.residual(pull.loss) / variance - sums.count;
    let turned = 2.0 * sums.weight_residual(pull.loss) * slope.loss / variance;
    [0.5 * (excess * slope.gain / pull.gain - turned), 0.5 * excess]
}
