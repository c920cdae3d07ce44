//! The search for the most likely reduced rate under what is stated.

use super::likelihood::{Constraint, Information, Likelihood, Point, Score, Terms};
use super::{InferenceError, Model};
use crate::Scheme;

/// Largest error of a minimum, relative to the spacing of the grid: for a result, and for a point of a profile.
const FINE: f64 = 1e-15;
const COARSE: f64 = 1e-5;

/// Rates between which one is sought: a hill on which a weight doubles, and steps that overshoot.
const STEEPEST_HILL: f64 = -1.0;
const OVERSHOOTING: f64 = 2.5;

/// The largest rate of exact steps, which never overshoot.
const LARGEST: f64 = 1e4;

/// A minimum this near to the end of a domain is none.
const EDGE: f64 = 1e-3;

/// A rate as good as 0.
const NOTHING: f64 = 1e-300;

/// Where rates `x` and `2 − x` are nearly as likely, the one below 1 is meant: as likely as a deviance of this much, the
/// 99 % quantile of chi-squared with one degree of freedom.
pub(super) const AS_LIKELY: f64 = 6.634_896_601_021_214;

/// The reduced rates among which one is sought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Domain {
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether rates beyond 1 give the same moves as those below it, of which the ones below are meant.
    pub(super) folded: bool,
}

/// Which rates a statement allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Any,
    Positive,
    Negative,
}

impl Domain {
    /// Hills down to −1, and as far up as moves differ; only one side of 0 where the stiffness is stated, and only where a
    /// stationary state exists if there is one.
    pub(super) fn new(likelihood: &Likelihood, model: Model, constraint: Constraint, sign: Sign) -> Self {
        let ratio = matches!(constraint, Constraint::Ratio(_));
        let noise_is_stated = matches!(constraint, Constraint::NoiseVariance(_)) || ratio;
        let (folded, high) = match likelihood.scheme() {
            // (1 − x)² is that of 2 − x, and so is every even power.
            Scheme::EulerMaruyama | Scheme::LeimkuhlerMatthews if likelihood.only_even() && !ratio => {
                (true, 1.0)
            }
            Scheme::EulerMaruyama | Scheme::LeimkuhlerMatthews => (false, OVERSHOOTING),
            // 1 − x + x²/2 is that of 2 − x, but the noise of a step is not.
            Scheme::Heun if noise_is_stated => (false, OVERSHOOTING),
            Scheme::Heun => (true, 1.0),
            Scheme::ExactStep => (false, if noise_is_stated { LARGEST } else { 40.0 }),
        };
        let nothing = NOTHING;
        let stationary = matches!(model, Model::StationaryWell(_));
        let (low, high) = match sign {
            Sign::Negative => (STEEPEST_HILL, -nothing),
            Sign::Positive => (nothing, high),
            Sign::Any if stationary => (nothing, high),
            Sign::Any => (STEEPEST_HILL, high),
        };
        Self { low, high, folded }
    }
}

/// The search for likely points in a domain.
pub(super) struct Search<'a> {
    likelihood: &'a Likelihood,
    domain: Domain,
}

/// The likelihood at one rate of a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    rate: f64,
    terms: Terms,
    /// `ln |x|`.
    logarithm: f64,
}

impl Place {
    /// The deviance per move, up to what is the same for all places.
    fn deviance(&self, constraint: Constraint) -> f64 {
        let Terms { logarithms, residual } = self.terms;
        match constraint {
            Constraint::None | Constraint::Rate(_) => logarithms + residual.ln(),
            Constraint::NoiseVariance(noise_variance) => logarithms + residual / noise_variance,
            Constraint::Ratio(ratio) if self.rate * ratio > 0.0 => {
                logarithms + self.logarithm + residual * ratio / self.rate
            }
            Constraint::Ratio(_) => f64::INFINITY,
        }
    }
}

/// The likelihood on a grid of rates whose spacing follows the gaps, in every domain.
pub(super) fn grid(likelihood: &Likelihood) -> Vec<Place> {
    let highest = if likelihood.scheme() == Scheme::ExactStep { LARGEST } else { OVERSHOOTING };
    let mut grid = vec![0.0, NOTHING, -NOTHING, STEEPEST_HILL, 1.0, highest];
    // From a ten-thousandth of the slowest rate that one gap resolves up to the ends, an eighth of an octave apart.
    let mut rate = 1e-4 / likelihood.longest_gap();
    while rate < highest {
        // Around 2 a step overshoots so far that a weight is as slow again.
        grid.extend([rate, -rate, 2.0 - rate, 2.0 + rate]);
        rate *= 1.09;
    }
    // Around 1, where the pull changes sign.
    grid.extend((0..=100).map(|i| STEEPEST_HILL + (OVERSHOOTING - STEEPEST_HILL) * f64::from(i) / 100.0));
    grid.retain(|rate| (STEEPEST_HILL..=highest).contains(rate));
    evaluated(likelihood, grid)
}

impl<'a> Search<'a> {
    pub(super) fn new(likelihood: &'a Likelihood, domain: Domain) -> Self {
        Self { likelihood, domain }
    }

    pub(super) fn domain(&self) -> Domain {
        self.domain
    }

    /// The most likely point that `constraint` allows, to the last digits.
    ///
    /// # Errors
    /// [`InferenceError::NoNoise`] where none is likely at all.
    pub(super) fn best(&self, constraint: Constraint) -> Result<Point, InferenceError> {
        let found = self.minimum(constraint, self.domain, FINE).ok_or(InferenceError::NoNoise)?;
        let below = Domain { high: self.domain.high.min(1.0), ..self.domain };
        // The moves depend on (1 − x)², but for the sign of what is kept across odd gaps.
        let mirrored = self.likelihood.scheme() == Scheme::EulerMaruyama
            && matches!(constraint, Constraint::None | Constraint::NoiseVariance(_));
        let chosen = match self.minimum(constraint, below, FINE) {
            // A minimum of its own, not the way to that beyond 1.
            Some(slower)
                if mirrored
                    && found.rate > 1.0
                    && slower.rate < 1.0 - EDGE
                    && slower.deviance - found.deviance < AS_LIKELY =>
            {
                slower
            }
            _ => found,
        };
        Ok(self.polished(chosen, constraint))
    }

    /// The most likely point that `constraint` allows, good enough for its deviance.
    pub(super) fn profile(&self, constraint: Constraint) -> Option<Point> {
        self.minimum(constraint, self.domain, COARSE)
    }

    /// On the grid, then between its neighbours.
    fn minimum(&self, constraint: Constraint, within: Domain, tolerance: f64) -> Option<Point> {
        let constraint =
            if constraint == Constraint::Ratio(0.0) { Constraint::Rate(0.0) } else { constraint };
        let likelihood = self.likelihood;
        let at = |rate: f64| likelihood.at(rate, likelihood.terms(rate)?, constraint);
        if let Constraint::Rate(rate) = constraint {
            return at(rate);
        }
        let added = self.small_rates(constraint);
        let grid = added.as_deref().unwrap_or(likelihood.grid());
        let mut best: Option<(f64, usize)> = None;
        for (index, place) in grid.iter().enumerate() {
            let deviance = place.deviance(constraint);
            let allowed = (within.low..=within.high).contains(&place.rate) && deviance.is_finite();
            // Without a pull that can be seen there is none.
            let better = |(best, known): (f64, usize)| {
                deviance < best || (deviance == best && place.rate.abs() < grid[known].rate.abs())
            };
            if allowed && best.is_none_or(better) {
                best = Some((deviance, index));
            }
        }
        let (_, index) = best?;
        let left = grid[index.saturating_sub(1)].rate.max(within.low);
        let right = grid[(index + 1).min(grid.len() - 1)].rate.min(within.high);
        let start = likelihood.at(grid[index].rate, grid[index].terms, constraint)?;
        Some(refined(left, start, right, tolerance * (right - left), at))
    }

    /// Where a stated ratio of rate and noise puts the rate below the grid, points around it.
    fn small_rates(&self, constraint: Constraint) -> Option<Vec<Place>> {
        let Constraint::Ratio(ratio) = constraint else { return None };
        let known = self.likelihood.grid();
        let smallest = known.iter().min_by(|a, b| a.rate.abs().total_cmp(&b.rate.abs()))?;
        let rate = ratio * smallest.terms.residual;
        let spacing = 1e-4 / self.likelihood.longest_gap();
        if rate.abs() > 100.0 * spacing {
            return None;
        }
        let mut grid: Vec<f64> = known.iter().map(|place| place.rate).collect();
        // From a thousandth of it in steps of half an octave until the grid has taken over.
        let mut magnitude = 1e-3 * rate;
        while magnitude != 0.0 && magnitude.abs() < (10.0 * spacing).max(1e3 * rate.abs()) {
            grid.push(magnitude);
            magnitude *= 1.4;
        }
        Some(evaluated(self.likelihood, grid))
    }

    /// Steps of Fisher scoring: the deviance alone fixes a minimum only to the root of the rounding error.
    fn polished(&self, found: Point, constraint: Constraint) -> Point {
        let mut point = found;
        for _ in 0..3 {
            let Some((score, information)) = self.likelihood.score_and_information(&point) else { break };
            let (change, error) = match constraint {
                Constraint::Rate(_) => break,
                Constraint::None => joint_step(score, information),
                _ => {
                    let tangent = tangent(constraint, point.rate);
                    let curvature = quadratic(information, tangent);
                    let step = (tangent[0] * score[0] + tangent[1] * score[1]) / curvature;
                    (step * tangent[0], curvature.recip().sqrt() * tangent[0].abs())
                }
            };
            let rate = point.rate + change;
            // A correction beyond a standard error is no correction.
            if !(change.abs() < error && (self.domain.low..=self.domain.high).contains(&rate)) {
                break;
            }
            let moved =
                self.likelihood.terms(rate).and_then(|terms| self.likelihood.at(rate, terms, constraint));
            // Equal but for the rounding error of a sum over all moves.
            let rounding = 1e-13 * (self.likelihood.count() + point.deviance.abs());
            match moved.filter(|moved| moved.deviance <= point.deviance + rounding) {
                Some(moved) => point = moved,
                None => break,
            }
        }
        point
    }
}

fn evaluated(likelihood: &Likelihood, mut grid: Vec<f64>) -> Vec<Place> {
    grid.sort_by(f64::total_cmp);
    grid.dedup();
    // A hill so steep that the moves overflow is not the answer.
    let place = |rate: f64| Some(Place { rate, terms: likelihood.terms(rate)?, logarithm: rate.abs().ln() });
    grid.into_iter().filter_map(place).collect()
}

/// The minimum of the deviance between `left` and `right` about a `start` below both, by the parabola through three points, or
/// where that does not converge the golden section (Brent, Algorithms for Minimization without Derivatives, 1973).
fn refined(
    mut left: f64,
    start: Point,
    mut right: f64,
    tolerance: f64,
    at: impl Fn(f64) -> Option<Point>,
) -> Point {
    let golden = 0.5 * (3.0 - 5.0_f64.sqrt());
    let deviance = |point: &Option<Point>| point.map_or(f64::INFINITY, |point| point.deviance);
    // The best point, and the two before it.
    let (mut best, mut second, mut third) =
        (start, (start.rate, start.deviance), (start.rate, start.deviance));
    let (mut change, mut before) = (0.0_f64, 0.0_f64);
    for _ in 0..100 {
        let (x, middle) = (best.rate, 0.5 * (left + right));
        if (x - middle).abs() <= 2.0 * tolerance - 0.5 * (right - left)
            || right - left <= 4.0 * f64::EPSILON * x.abs()
        {
            break;
        }
        let r = (x - second.0) * (best.deviance - third.1);
        let q = (x - third.0) * (best.deviance - second.1);
        let (mut numerator, mut denominator) = ((x - third.0) * q - (x - second.0) * r, 2.0 * (q - r));
        if denominator > 0.0 {
            numerator = -numerator;
        }
        denominator = denominator.abs();
        let inside = numerator > denominator * (left - x) && numerator < denominator * (right - x);
        if inside && before.abs() > tolerance && numerator.abs() < (0.5 * denominator * before).abs() {
            (before, change) = (change, numerator / denominator);
        } else {
            before = if x < middle { right - x } else { left - x };
            change = golden * before;
        }
        let rate = x + if change.abs() >= tolerance { change } else { tolerance.copysign(change) };
        let found = at(rate);
        if let Some(found) = found.filter(|found| found.deviance <= best.deviance) {
            if rate < x {
                right = x;
            } else {
                left = x;
            }
            (third, second) = (second, (x, best.deviance));
            best = found;
        } else {
            if rate < x {
                left = rate;
            } else {
                right = rate;
            }
            let found = (rate, deviance(&found));
            if found.1 <= second.1 || second.0 == x {
                (third, second) = (second, found);
            } else if found.1 <= third.1 || third.0 == x || third.0 == second.0 {
                third = found;
            }
        }
    }
    best
}

/// Change of the rate, and its standard error, where both numbers are open.
fn joint_step(score: Score, information: Information) -> (f64, f64) {
    let [[rate, cross], [_, noise]] = information;
    let determinant = rate * noise - cross * cross;
    ((noise * score[0] - cross * score[1]) / determinant, (noise / determinant).sqrt())
}

/// The direction, in the rate and the logarithm of the noise variance, in which a constraint leaves them free.
pub(super) fn tangent(constraint: Constraint, rate: f64) -> [f64; 2] {
    match constraint {
        Constraint::None | Constraint::Rate(_) => [0.0, 1.0],
        Constraint::NoiseVariance(_) => [1.0, 0.0],
        Constraint::Ratio(_) => [rate, 1.0],
    }
}

/// `tᵀ I t`.
pub(super) fn quadratic(information: Information, direction: [f64; 2]) -> f64 {
    let [[rate, cross], [_, noise]] = information;
    let [x, y] = direction;
    rate * x * x + 2.0 * cross * x * y + noise * y * y
}
