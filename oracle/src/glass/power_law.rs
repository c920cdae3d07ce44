//! What a power-law fit returns: least squares of `ln Q` against `ln t` over a window (PHYSICS.md C.7).
//!
//! The fitted exponent of a curve y(x), `x = ln t`, is a mean of its local exponents with a positive weight,
//!
//! `β = ∫ w y' dx / ∫ w dx`, `w(x) = P(X < x) P(X > x) (E[X | X > x] − E[X | X < x])`,
//!
//! where X is distributed like the times of the fit. (Write covariance and variance with two independent copies of X.)
//! With `u = ln(t/from)` and `v = ln(to/t)`: `w ∝ u v` for times uniform in ln t, and
//! `w ∝ (1 − e^{−u}) (1 − e^{−v}) e^{−v} (v/(1 − e^{−v}) − u/(e^u − 1))` for times uniform in t. So a fit over a finite window
//! of a curve that bends towards −½ is always above it.

use crate::error::{OracleError, require, require_non_negative, require_positive};
use crate::laws::law::DisplacementLaw;
use crate::numerics::special::GAUSS_LEGENDRE_8;
use crate::{Clock, Displacement};
use libm::{exp, expm1, log, log1p};

/// How the times of a fit are spread over its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Uniform in ln t.
    Logarithmic,
    /// Uniform in t, as frames saved at a constant interval are.
    Uniform,
}

/// A window of times, filled densely.
///
/// ```
/// use glassbox_oracle::glass::master_curve::MasterCurve;
/// use glassbox_oracle::glass::power_law::{FitWindow, Spacing};
/// let free = MasterCurve::FreeDiffusion;
/// let tau90 = free.relaxation_time(0.9)?;
/// let window = FitWindow::new(3.0 * tau90, 1000.0 * tau90, Spacing::Logarithmic)?;
/// let exponent = window.exponent(|time| free.local_exponent(time))?;
/// assert!((exponent + 0.483).abs() < 5e-4); // the paper's −0.48, from diffusion alone
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitWindow {
    from: f64,
    to: f64,
    spacing: Spacing,
}

/// `value = amplitude · time^exponent`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLaw {
    /// Exponent.
    pub exponent: f64,
    /// Value at time 1.
    pub amplitude: f64,
}

/// Refinements must agree to this.
const AGREEMENT: f64 = 1e-11;

impl FitWindow {
    /// The window from `from` to `to`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `0 < from < to`.
    pub fn new(from: f64, to: f64, spacing: Spacing) -> Result<Self, OracleError> {
        let from = require_positive("from", from)?;
        let to = require("to", to, to > from, "finite and above from")?;
        Ok(Self { from, to, spacing })
    }

    /// The exponent fitted to the curve with this `local_exponent`, `d ln(value) / d ln t` at a time.
    ///
    /// Eight Gauss–Legendre nodes on panels of at most ½ in ln t, halved until two results agree to 1e-11. For the
    /// master curves, analytic for `|Im ln t| < 1.5`, the first panels are exact to 1e-16.
    ///
    /// # Errors
    /// Those of `local_exponent`; [`OracleError::NotConverged`] where halving the panels ten times is not enough.
    pub fn exponent(
        &self,
        local_exponent: impl Fn(f64) -> Result<f64, OracleError>,
    ) -> Result<f64, OracleError> {
        let mut panels = (2.0 * self.length()).ceil().max(1.0);
        let mut coarse = self.weighted_mean(panels, &local_exponent)?;
        for _ in 0..10 {
            panels *= 2.0;
            let fine = self.weighted_mean(panels, &local_exponent)?;
            if (fine - coarse).abs() <= AGREEMENT * fine.abs().max(1.0) {
                return Ok(fine);
            }
            coarse = fine;
        }
        Err(OracleError::NotConverged { quantity: "the fitted exponent", argument: "to", value: self.to })
    }

    /// `count ≥ 2` times spread over the window, both ends included.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for fewer than two.
    pub fn times(&self, count: usize) -> Result<Vec<f64>, OracleError> {
        require("count", count as f64, count >= 2, "at least 2")?;
        let share = |i: usize| i as f64 / (count - 1) as f64;
        let time = |i: usize| match self.spacing {
            Spacing::Logarithmic => self.from * exp(self.length() * share(i)),
            Spacing::Uniform => self.from + (self.to - self.from) * share(i),
        };
        Ok((0..count).map(|i| if i + 1 == count { self.to } else { time(i) }).collect())
    }

    /// `ln(to/from)`.
    fn length(&self) -> f64 {
        let ratio = self.to / self.from;
        if ratio.is_finite() { log(ratio) } else { log(self.to) - log(self.from) }
    }

    fn weighted_mean(
        &self,
        panels: f64,
        local_exponent: &impl Fn(f64) -> Result<f64, OracleError>,
    ) -> Result<f64, OracleError> {
        let length = self.length();
        let half = 0.5 * length / panels;
        let (mut sum, mut norm) = (0.0, 0.0);
        let mut panel = 0.0;
        while panel < panels {
            let centre = (2.0 * panel + 1.0) * half;
            for (node, weight) in GAUSS_LEGENDRE_8 {
                for after in [centre - half * node, centre + half * node] {
                    let share = weight * self.weight(after, length - after, length);
                    sum += share * local_exponent(self.from * exp(after))?;
                    norm += share;
                }
            }
            panel += 1.0;
        }
        // Both sums have the same rounding of the weights: a power law gives its exponent.
        Ok(sum / norm)
    }

    /// `w`, up to a factor, at `after = ln(t/from)` and `before = ln(to/t)`.
    fn weight(&self, after: f64, before: f64, length: f64) -> f64 {
        // In a window this narrow the two spacings differ by less than rounding.
        if self.spacing == Spacing::Logarithmic || length < 1e-8 {
            return after * before;
        }
        let (earlier, later) = (-expm1(-after), -expm1(-before));
        earlier * later * exp(-before) * (before / later - after / expm1(after))
    }
}

impl PowerLaw {
    /// Least squares of `ln value` against `ln time` over these points.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a time or value that is not above 0 and finite; [`OracleError::Undefined`] for
    /// fewer than two different times, or lists of different lengths.
    pub fn fit(times: &[f64], values: &[f64]) -> Result<Self, OracleError> {
        let undefined = |reason| OracleError::Undefined { quantity: "the power law", reason };
        if times.len() != values.len() {
            return Err(undefined("times and values have different lengths"));
        }
        let logs = |argument: &'static str, numbers: &[f64]| {
            numbers.iter().map(|x| require_positive(argument, *x).map(log)).collect::<Result<Vec<_>, _>>()
        };
        let (x, y) = (logs("time", times)?, logs("value", values)?);
        let mean = |numbers: &[f64]| numbers.iter().sum::<f64>() / numbers.len() as f64;
        let (x_mean, y_mean) = (mean(&x), mean(&y));
        let spread: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
        // The mean of equal times may be an ulp off them.
        let differ = x.iter().any(|time| *time != x[0]);
        if spread.is_nan() || spread <= 0.0 || !differ {
            return Err(undefined("there are fewer than two different times"));
        }
        let covariance: f64 = x.iter().zip(&y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
        let exponent = covariance / spread;
        Ok(Self { exponent, amplitude: exp(y_mean - exponent * x_mean) })
    }
}

/// Step of the differences in ln t.
const STEP: f64 = 1.0 / 64.0;

/// Central differences of eighth order.
const DIFFERENCES: [f64; 4] = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];

/// `d ln Q / d ln t` of any law at `lag`.
///
/// Continuous clock: central differences of eighth order with a step of 1/64 in ln t; the error is `2^{−48}/630` times the
/// ninth derivative plus `1e-13`, below 1e-12 for the laws of this crate. Step clock: the secant between the steps
/// before and after.
///
/// # Errors
/// Those of the law; [`OracleError::OutOfRange`] unless `lag > 0` (two steps on a step clock) and `half_width ≥ 0`;
/// [`OracleError::Undefined`] where the overlap is 0.
pub fn overlap_exponent<Law: DisplacementLaw + ?Sized>(
    law: &Law,
    lag: f64,
    half_width: f64,
) -> Result<f64, OracleError> {
    require_non_negative("half_width", half_width)?;
    local_exponent(law, lag, "the local exponent of the overlap", |displacement| {
        let mobile = displacement.mobile_fraction(half_width);
        if mobile < 0.5 { log1p(-mobile) } else { log(displacement.overlap(half_width)) }
    })
}

/// `d ln MSD / d ln t` of any law at `lag`; the error is that of [`overlap_exponent`].
///
/// # Errors
/// As [`overlap_exponent`]; [`OracleError::Undefined`] where nothing moves.
pub fn mean_squared_displacement_exponent<Law: DisplacementLaw + ?Sized>(
    law: &Law,
    lag: f64,
) -> Result<f64, OracleError> {
    local_exponent(law, lag, "the local exponent of the mean squared displacement", |displacement| {
        log(displacement.mean_squared_displacement())
    })
}

fn local_exponent<Law: DisplacementLaw + ?Sized>(
    law: &Law,
    lag: f64,
    quantity: &'static str,
    logarithm: impl Fn(&Displacement) -> f64,
) -> Result<f64, OracleError> {
    let lag = require_positive("lag", lag)?;
    let at = |lag: f64| law.displacement(lag).map(|displacement| logarithm(&displacement));
    let exponent = match law.clock() {
        Clock::Continuous => {
            let mut sum = 0.0;
            for (shift, coefficient) in (1..).zip(DIFFERENCES) {
                let factor = exp(f64::from(shift) * STEP);
                sum += coefficient * (at(lag * factor)? - at(lag / factor)?);
            }
            sum / STEP
        }
        Clock::Steps { dt } => {
            let steps = (lag / dt).round();
            require("lag", lag, steps >= 2.0, "at least two steps")?;
            // Refuses a lag between steps.
            law.displacement(lag)?;
            let rise = at((steps + 1.0) * dt)? - at((steps - 1.0) * dt)?;
            rise / log1p(2.0 / (steps - 1.0))
        }
    };
    let reason = "the observable has no logarithm here";
    if exponent.is_finite() { Ok(exponent) } else { Err(OracleError::Undefined { quantity, reason }) }
}

#[cfg(test)]
mod tests;
