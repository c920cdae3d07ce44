//! The most likely numbers under what is stated, and how far other numbers are from them.
//!
//! Let `W` be the deviance of hypothetical numbers, the others at their most likely, less the smallest deviance. Under the
//! hypothesis `√W` is distributed as the magnitude of one Gaussian number, to first order. Two corrections:
//!
//! - With few replicas the error follows from the model. A regression coefficient of N Gaussian moves, with p numbers fitted,
//!   has `W = N ln(1 + t²/(N − p))`, t Student's with N − p degrees of freedom. Hill's leading term turns t into the Gaussian
//!   number `√((N − p − ½) W / N)` (Commun. ACM 13, 617 (1970)), in the far tail too. For a variance, whose
//!   `W = N (r − 1 − ln r)` has lighter tails, the same is an upper bound to order 1/N².
//! - With 8 replicas or more, `W` is divided by the *design effect* of the direction in which the hypothesis restricts the
//!   numbers: the variance of that direction's efficient score between the replicas over the variance that independent moves
//!   would have, both at the hypothesis. Its root is Student's with R − 1 degrees of freedom (Kent, Biometrika 69, 19 (1982);
//!   for one number the scaled deviance has the right limit, however the moves of a replica depend on each other).

use super::confidence_curve::ConfidenceCurve;
use super::likelihood::{Constraint, Information, Likelihood, Point, Score};
use super::search::{Domain, Search, Sign, quadratic, tangent};
use super::{Estimate, InferenceError, Model};
use crate::numerics::special::gaussian_two_sided_tail;
use crate::numerics::tail_probability::student_p_value;
use std::cell::OnceCell;

/// Fewest replicas between which an error can be measured.
const FEWEST_REPLICAS: usize = 8;

/// Bounds are sought as far as `e⁵⁰` times an estimate: beyond, there are none.
const FAR: f64 = 50.0;

/// First step of the search for a bound, relative to the estimate, where its error is larger.
const FIRST_STEP: f64 = 0.05;

/// Information of a direction below this share of its two parts is rounding error.
const ROUNDING: f64 = 1e-10;

/// The error of a fit: from the model, or measured between replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errors {
    ByModel,
    BetweenReplicas,
}

/// A number that the fit has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Rate,
    NoiseVariance,
    /// Rate over noise variance.
    Ratio,
}

pub(super) struct Fit<'a> {
    search: Search<'a>,
    likelihood: &'a Likelihood,
    constraint: Constraint,
    sign: Sign,
    errors: Errors,
    best: Point,
    // Each is asked for more than once, and takes a search for every bound.
    noise_variance: OnceCell<Estimate>,
    ratio: OnceCell<Estimate>,
}

impl<'a> Fit<'a> {
    pub(super) fn new(
        likelihood: &'a Likelihood,
        model: Model,
        constraint: Constraint,
        sign: Sign,
    ) -> Result<Self, InferenceError> {
        let search = Search::new(likelihood, Domain::new(likelihood, model, constraint, sign));
        let best = search.best(constraint)?;
        if best.noise_variance <= likelihood.rounding_variance() {
            return Err(InferenceError::NoNoise);
        }
        let many = likelihood.replicas() >= FEWEST_REPLICAS;
        let errors = if many { Errors::BetweenReplicas } else { Errors::ByModel };
        let (noise_variance, ratio) = (OnceCell::new(), OnceCell::new());
        Ok(Self { search, likelihood, constraint, sign, errors, best, noise_variance, ratio })
    }

    /// The same fit with errors from the model, which have far tails.
    pub(super) fn by_model(self) -> Self {
        Self { errors: Errors::ByModel, ..self }
    }

    pub(super) fn best(&self) -> Point {
        self.best
    }

    /// Replicas less one, where errors are measured between them.
    pub(super) fn degrees_of_freedom(&self) -> Option<f64> {
        (self.errors == Errors::BetweenReplicas).then(|| self.likelihood.replicas() as f64 - 1.0)
    }

    /// Variance of the fitted noise variance between replicas over that of independent moves.
    pub(super) fn design_effect(&self) -> Option<f64> {
        let direction = match self.constraint {
            Constraint::None => self.remaining(&self.best, [1.0, 0.0]),
            _ => Some(tangent(self.constraint, self.best.rate)),
        };
        let measured = self.measured_over_expected(&self.best, direction?);
        measured.or_else(|| self.measured_over_expected(&self.best, [0.0, 1.0]))
    }

    /// Whether the rate `2 − x` is as likely as the rate `x` of the fit, or gives the very same moves.
    pub(super) fn is_mirrored(&self) -> bool {
        let Point { rate, deviance, .. } = self.best;
        let domain = self.search.domain();
        if matches!(self.constraint, Constraint::Rate(_)) || rate <= 0.0 {
            return false;
        }
        let mirrored = self.likelihood.terms(2.0 - rate);
        let mirrored = mirrored.and_then(|terms| self.likelihood.at(2.0 - rate, terms, self.constraint));
        let alike = mirrored.is_some_and(|point| point.deviance - deviance < super::search::AS_LIKELY);
        domain.folded || (alike && domain.high > 1.0 && domain.high < 3.0)
    }

    /// The estimate of a number that the fit leaves open; `None` of one that it does not.
    pub(super) fn estimate(&self, number: Number) -> Option<Estimate> {
        match (self.constraint, number) {
            (Constraint::None | Constraint::NoiseVariance(_) | Constraint::Ratio(_), Number::Rate) => {
                Some(self.rate())
            }
            (Constraint::Ratio(ratio), Number::NoiseVariance) => Some(self.rate().scaled(ratio.recip())),
            (Constraint::None | Constraint::Rate(_), Number::NoiseVariance) => {
                Some(*self.noise_variance.get_or_init(|| self.noise_variance()))
            }
            (Constraint::None, Number::Ratio) => Some(*self.ratio.get_or_init(|| self.ratio())),
            _ => None,
        }
    }

    /// Probability of a deviance of `point` at least this large, if it is the truth: the most likely point under a further
    /// constraint.
    pub(super) fn p_value(&self, point: &Point, constraint: Constraint) -> f64 {
        let direction = self.remaining(point, tangent(constraint, point.rate));
        let deviation = self.deviation(Some(*point), |_| direction);
        match self.degrees_of_freedom() {
            None => gaussian_two_sided_tail(deviation),
            Some(degrees) => student_p_value(deviation, degrees),
        }
    }

    fn rate(&self) -> Estimate {
        let Point { rate, .. } = self.best;
        let error = self.error([1.0, 0.0]);
        let domain = self.search.domain();
        let deviation = |rate: f64| {
            let terms = self.likelihood.terms(rate);
            let point = terms.and_then(|terms| self.likelihood.at(rate, terms, self.constraint));
            self.deviation(point, |point| match self.constraint {
                Constraint::None => self.remaining(point, [0.0, 1.0]),
                _ => Some(tangent(self.constraint, rate)),
            })
        };
        let scale = match self.constraint {
            Constraint::Ratio(_) => rate.abs(),
            _ => rate.abs().max(self.likelihood.longest_gap().recip()),
        };
        self.profiled(rate, error, scale, (domain.low, domain.high), deviation)
    }

    fn noise_variance(&self) -> Estimate {
        let Point { rate, noise_variance, .. } = self.best;
        let error = self.error([0.0, 1.0]);
        let deviation = |logarithm: f64| {
            let hypothetical = noise_variance * logarithm.exp();
            let point = match self.constraint {
                Constraint::None => self.search.profile(Constraint::NoiseVariance(hypothetical)),
                _ => self.likelihood.point(rate, hypothetical),
            };
            self.deviation(point, |point| match self.constraint {
                Constraint::None => self.remaining(point, [1.0, 0.0]),
                _ => Some([0.0, 1.0]),
            })
        };
        self.logarithmic(noise_variance, error, deviation)
    }

    fn ratio(&self) -> Estimate {
        let Point { rate, noise_variance, .. } = self.best;
        let ratio = rate / noise_variance;
        let deviation = |hypothetical: f64| {
            let constraint = Constraint::Ratio(hypothetical);
            let point = self.search.profile(constraint);
            self.deviation(point, |point| self.remaining(point, tangent(constraint, point.rate)))
        };
        if self.sign != Sign::Any {
            let error = self.error([rate.recip(), -1.0]);
            return self.logarithmic(ratio, error, |logarithm| deviation(ratio * logarithm.exp()));
        }
        let error = self.error([noise_variance.recip(), -ratio]);
        let scale = ratio.abs().max(self.likelihood.longest_gap().recip() / noise_variance);
        self.profiled(ratio, error, scale, (-1e9 * scale, 1e9 * scale), deviation)
    }

    /// An estimate whose bounds are sought in its logarithm, from 0.
    fn logarithmic(&self, value: f64, error: f64, deviation: impl Fn(f64) -> f64) -> Estimate {
        let step = first_step(error, 1.0);
        let curve = ConfidenceCurve::traced(0.0, step, (-FAR, FAR), deviation);
        let unlogarithmed = |bound: f64| match bound {
            f64::NEG_INFINITY => bound,
            bound => value.abs() * bound.exp(),
        };
        let degrees = self.degrees_of_freedom();
        let estimate =
            Estimate::profiled(value.abs(), value.abs() * error, degrees, curve.mapped(unlogarithmed));
        estimate.scaled(1.0_f64.copysign(value))
    }

    fn profiled(
        &self,
        value: f64,
        error: f64,
        scale: f64,
        limits: (f64, f64),
        deviation: impl Fn(f64) -> f64,
    ) -> Estimate {
        let curve = ConfidenceCurve::traced(value, first_step(error, scale), limits, deviation);
        Estimate::profiled(value, error, self.degrees_of_freedom(), curve)
    }

    /// How far the best point is from a hypothetical one, in standard errors; `direction` is that in which the hypothesis
    /// restricts the numbers.
    fn deviation(&self, point: Option<Point>, direction: impl Fn(&Point) -> Option<[f64; 2]>) -> f64 {
        let Some(point) = point else { return f64::INFINITY };
        let deviance = (point.deviance - self.best.deviance).max(0.0);
        let fitted = if self.constraint == Constraint::None { 2.0 } else { 1.0 };
        let squared = match self.errors {
            Errors::ByModel => deviance * (1.0 - (fitted + 0.5) / self.likelihood.count()),
            Errors::BetweenReplicas => {
                let effect = direction(&point).and_then(|one| self.measured_over_expected(&point, one));
                deviance / effect.unwrap_or(1.0)
            }
        };
        squared.max(0.0).sqrt()
    }

    /// The direction whose score is independent of that along `tangent`.
    fn remaining(&self, point: &Point, tangent: [f64; 2]) -> Option<[f64; 2]> {
        let (_, [[rate, cross], [_, noise]]) = self.likelihood.score_and_information(point)?;
        let [x, y] = tangent;
        Some([-(cross * x + noise * y), rate * x + cross * y])
    }

    /// Variance of the score along a direction between replicas, over its expectation for independent moves.
    fn measured_over_expected(&self, point: &Point, direction: [f64; 2]) -> Option<f64> {
        if self.errors == Errors::ByModel {
            return None;
        }
        let (_, information) = self.likelihood.score_and_information(point)?;
        let expected = quadratic(information, direction);
        let parts = information[0][0] * direction[0].powi(2) + information[1][1] * direction[1].powi(2);
        if !(expected > ROUNDING * parts && expected.is_finite()) {
            return None;
        }
        let scores = self.likelihood.replica_scores(point)?;
        Some(spread(&scores, direction) / expected)
    }

    /// Standard error, by the curvature at the best point, of a number with this gradient in the rate and the logarithm of the
    /// noise variance; NaN where there is no curvature.
    fn error(&self, gradient: [f64; 2]) -> f64 {
        let Some((_, information)) = self.likelihood.score_and_information(&self.best) else {
            return f64::NAN;
        };
        // The step that a score of 1 in each direction causes.
        let step = match self.constraint {
            Constraint::None => inverse_times(information, gradient),
            constraint => {
                let tangent = tangent(constraint, self.best.rate);
                let along = gradient[0] * tangent[0] + gradient[1] * tangent[1];
                tangent.map(|one| one * along / quadratic(information, tangent))
            }
        };
        let variance = match self.errors {
            Errors::ByModel => quadratic(information, step),
            Errors::BetweenReplicas => match self.likelihood.replica_scores(&self.best) {
                Some(scores) => spread(&scores, step),
                None => return f64::NAN,
            },
        };
        variance.sqrt()
    }
}

fn first_step(error: f64, scale: f64) -> f64 {
    let largest = FIRST_STEP * scale;
    if error > 0.0 { (0.25 * error).min(largest) } else { largest }
}

/// `I⁻¹ g`.
fn inverse_times([[rate, cross], [_, noise]]: Information, [x, y]: [f64; 2]) -> [f64; 2] {
    let determinant = rate * noise - cross * cross;
    [(noise * x - cross * y) / determinant, (rate * y - cross * x) / determinant]
}

/// Variance of the sum of the scores along a direction, measured between replicas.
fn spread(scores: &[Score], direction: [f64; 2]) -> f64 {
    let count = scores.len() as f64;
    let along = |score: &Score| score[0] * direction[0] + score[1] * direction[1];
    let mean = scores.iter().map(along).sum::<f64>() / count;
    scores.iter().map(|score| (along(score) - mean).powi(2)).sum::<f64>() * count / (count - 1.0)
}
