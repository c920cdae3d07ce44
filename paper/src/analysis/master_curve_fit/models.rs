//! The three laws of a tail, and their fits.

use super::covariance::Covariance;
use super::{Rescaled, TailWindow, interpolated};
use crate::analysis::AnalysisError;
use crate::analysis::power_law_fit::free_overlap;
use crate::analysis::relaxation_time::{Crossing, TAU_90, crossing};
use glassbox_oracle::tail_probability::fisher_upper_tail;
use libm::{exp, log, log1p};
use nalgebra::DVector;

/// A law fitted to the tail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelFit {
    /// Number of free parameters.
    pub parameters: usize,
    /// The factor of time of the free law, or the exponent of the power law; `None` where nothing is free.
    pub parameter: Option<f64>,
    /// chi-squared of generalised least squares.
    pub chi_squared: f64,
    /// Akaike's criterion, corrected for few points; only differences mean something.
    pub aicc: f64,
    /// Probability of a larger chi-squared if the law is right, by Hotelling's T².
    pub p_value: f64,
}

/// The three laws, fitted to the same points with the same covariance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Models {
    /// `erf(x90/√θ)`.
    pub free: ModelFit,
    /// `erf(x90/√(θ/c))`, c free.
    pub free_time: ModelFit,
    /// `A θ^exponent`, both free.
    pub power_law: ModelFit,
}

impl Models {
    /// The free law of lower AICc.
    #[must_use]
    pub fn better_free(&self) -> &ModelFit {
        if self.free_time.aicc < self.free.aicc { &self.free_time } else { &self.free }
    }

    /// AICc of the power law less that of the better free law: above 0 where the free law is favoured.
    #[must_use]
    pub fn aicc_difference(&self) -> f64 {
        self.power_law.aicc - self.better_free().aicc
    }
}

/// Factors of time between `e⁻³` and `e³` are searched.
const WIDEST_LOG_FACTOR: f64 = 3.0;

/// Steps of the search that brackets the best factor.
const STEPS: usize = 60;

/// The laws at the points of a window, interpolated as the data are.
pub(super) struct Laws<'a> {
    times: &'a [f64],
    places: &'a [(usize, f64)],
    log_theta: &'a [f64],
    /// tau90 of the free law that crosses 0.9 where the data do, if it is interpolated between the same times.
    tau90: f64,
}

impl<'a> Laws<'a> {
    pub(super) fn new(
        times: &'a [f64],
        data: &'a Rescaled,
        window: &'a TailWindow,
    ) -> Result<Self, AnalysisError> {
        let mut tau90 = data.tau90;
        // The shift by interpolation is of second order in the spacing, so each round gains as much again.
        for _ in 0..4 {
            let overlaps =
                times.iter().map(|time| free_overlap(*time, tau90)).collect::<Result<Vec<_>, _>>()?;
            if let Crossing::At(interpolated) = crossing(times, &overlaps, TAU_90)? {
                tau90 *= data.tau90 / interpolated;
            }
        }
        Ok(Self { times, places: &data.places, log_theta: &window.log_theta, tau90 })
    }

    /// ln of the free law whose time is stretched by `e^log_factor`.
    pub(super) fn free(&self, log_factor: f64) -> Result<Vec<f64>, AnalysisError> {
        let tau90 = self.tau90 * exp(log_factor);
        self.places
            .iter()
            .map(|(before, share)| {
                let ends =
                    [free_overlap(self.times[*before], tau90)?, free_overlap(self.times[before + 1], tau90)?];
                Ok(interpolated((0, *share), |i| log(ends[i])))
            })
            .collect()
    }

    /// All three fitted; `None` where a number is not finite.
    pub(super) fn fit(
        &self,
        log_overlaps: &[f64],
        covariance: &Covariance,
        initial_conditions: usize,
    ) -> Result<Option<Models>, AnalysisError> {
        let points = log_overlaps.len();
        let chi_squared_of_free = |log_factor: f64| {
            let law = self.free(log_factor)?;
            let rest: Vec<f64> = log_overlaps.iter().zip(&law).map(|(data, law)| data - law).collect();
            Ok::<f64, AnalysisError>(
                covariance.whitened(&rest).map_or(f64::NAN, |whitened| whitened.norm_squared()),
            )
        };
        let free = chi_squared_of_free(0.0)?;
        let log_factor = least(chi_squared_of_free)?;
        let free_time = chi_squared_of_free(log_factor)?;
        let ones = vec![1.0; points];
        let columns = (
            covariance.whitened(&ones),
            covariance.whitened(self.log_theta),
            covariance.whitened(log_overlaps),
        );
        let (Some(constant), Some(rising), Some(data)) = columns else { return Ok(None) };
        let (exponent, power_law) = regression(&constant, &rising, &data);
        let model = |parameters, parameter, chi_squared| {
            ModelFit::new(parameters, parameter, chi_squared, points, initial_conditions)
        };
        let models = (
            model(0, None, free),
            model(1, Some(exp(log_factor)), free_time),
            model(2, Some(exponent), power_law),
        );
        let (Some(free), Some(free_time), Some(power_law)) = models else { return Ok(None) };
        Ok(Some(Models { free, free_time, power_law }))
    }
}

impl ModelFit {
    fn new(
        parameters: usize,
        parameter: Option<f64>,
        chi_squared: f64,
        points: usize,
        initial_conditions: usize,
    ) -> Option<Self> {
        if !chi_squared.is_finite() || !parameter.is_none_or(f64::is_finite) {
            return None;
        }
        let (n, k) = (initial_conditions as f64, parameters as f64);
        let beyond = points as f64 - k;
        let aicc = n * log1p(chi_squared / (n - 1.0)) + 2.0 * k + 2.0 * k * (k + 1.0) / (beyond - 1.0);
        let ratio = chi_squared * (n - beyond) / ((n - 1.0) * beyond);
        let p_value = Some(fisher_upper_tail(ratio, beyond, n - beyond)).filter(|p| !p.is_nan())?;
        Some(Self { parameters, parameter, chi_squared, aicc, p_value })
    }
}

/// Slope and chi-squared of the whitened `data` on a whitened constant and a whitened `rising`.
fn regression(constant: &DVector<f64>, rising: &DVector<f64>, data: &DVector<f64>) -> (f64, f64) {
    let (a, b, c) = (constant.norm_squared(), constant.dot(rising), rising.norm_squared());
    let (u, v) = (constant.dot(data), rising.dot(data));
    let determinant = a * c - b * b;
    let (amplitude, exponent) = ((c * u - b * v) / determinant, (a * v - b * u) / determinant);
    (exponent, (data - amplitude * constant - exponent * rising).norm_squared())
}

/// The logarithm of the factor of least chi-squared: the best of a grid, refined by golden section about it.
fn least(chi_squared: impl Fn(f64) -> Result<f64, AnalysisError>) -> Result<f64, AnalysisError> {
    let step = 2.0 * WIDEST_LOG_FACTOR / STEPS as f64;
    let mut best = (0.0, chi_squared(0.0)?);
    for i in 0..=STEPS {
        let log_factor = step * i as f64 - WIDEST_LOG_FACTOR;
        let value = chi_squared(log_factor)?;
        if value < best.1 {
            best = (log_factor, value);
        }
    }
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (best.0 - step, best.0 + step);
    for _ in 0..40 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if chi_squared(left)? < chi_squared(right)? {
            high = right;
        } else {
            low = left;
        }
    }
    Ok(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn regression_by_hand() {
        // The line through (0, 1), (1, 3), (2, 3): slope 1, intercept 4/3, residuals −1/3, 2/3, −1/3.
        let column = |values: [f64; 3]| DVector::from_column_slice(&values);
        let (slope, chi_squared) =
            regression(&column([1.0; 3]), &column([0.0, 1.0, 2.0]), &column([1.0, 3.0, 3.0]));
        assert_relative_eq!(slope, 1.0, max_relative = 1e-14);
        assert_relative_eq!(chi_squared, 6.0 / 9.0, max_relative = 1e-13);
    }

    #[test]
    fn the_least_is_found() {
        let found = least(|x| Ok((x - 1.234).powi(2))).unwrap();
        assert!((found - 1.234).abs() < 1e-7, "{found}");
    }

    #[test]
    fn criteria_by_hand() {
        // n = 12, K = 6, k = 2, χ² = 11: 12 ln 2 + 4 + 12/3; F = 11 · 8/(11 · 4) = 2 with (4, 8) degrees of freedom,
        // whose tail is (with x = 8/(8 + 4F) = ½) 6 x⁴ (…) = x⁴ (5 − 4x) = 3/16.
        let model = ModelFit::new(2, Some(-0.5), 11.0, 6, 12).unwrap();
        assert_relative_eq!(model.aicc, 12.0 * 2.0_f64.ln() + 8.0, max_relative = 1e-14);
        assert_relative_eq!(model.p_value, 3.0 / 16.0, max_relative = 1e-10);
        assert!(ModelFit::new(0, None, f64::NAN, 6, 12).is_none());
    }
}
