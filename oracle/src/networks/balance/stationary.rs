//! The certificate of a stationary point at temperature 0 (PHYSICS.md D.5c).
//!
//! With `D₊ = max(0, 1 − y f)`, homogeneity gives `W_l · ∂L/∂W_l = lambda |W_l|² − <D₊ y f>` for every layer, and
//! `<D₊ y f> = <D₊> − 2 L_data` because `D₊ y f = D₊ (1 − D₊)`. At a stationary point the left side is 0: all layers
//! have one norm, and `L = L_data + (lambda/2) Σ |W_l|² = (H/2) <D₊> − (H − 1) L_data`.

use crate::error::{OracleError, require_non_negative, require_positive};

/// What is measured at a point that may be stationary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredPoint<'a> {
    /// Regularisation lambda.
    pub regularisation: f64,
    /// `<D₊>`, the mean of `max(0, 1 − y f)` over the samples.
    pub mean_shortfall: f64,
    /// `L_data = ½ <D₊²>`, without regularisation.
    pub data_loss: f64,
    /// `|W_l|²` of each layer.
    pub squared_layer_norms: &'a [f64],
    /// Relative error of each of these numbers: roundings along their sums times the unit of the arithmetic.
    pub relative_error: f64,
}

/// How far a network is from a stationary point, judged by the scaling of its layers.
///
/// Necessary, not sufficient: the residuals are the components of the gradient along the layers themselves, so a
/// residual proves that the point is not stationary, and zeros leave all other directions open. Valid for bias-free
/// networks with homogeneous activations, and the quadratic hinge loss.
///
/// ```
/// use glassbox_oracle::networks::balance::{MeasuredPoint, StationaryCertificate};
/// use glassbox_oracle::networks::trivialisation::OneSampleNetwork;
/// let minimum = OneSampleNetwork::new(3, 1.0)?.minimum(0.2)?.unwrap();
/// let mut norms = [minimum.squared_layer_norm; 3];
/// let certify = |norms: &[f64; 3]| StationaryCertificate::new(MeasuredPoint {
///     regularisation: 0.2,
///     mean_shortfall: minimum.shortfall,
///     data_loss: 0.5 * minimum.shortfall * minimum.shortfall,
///     squared_layer_norms: norms,
///     relative_error: 1e-15,
/// });
/// assert!(certify(&norms)?.holds());
/// norms[1] *= 1.0001;
/// assert!(!certify(&norms)?.holds());
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StationaryCertificate {
    /// `W_l · ∂L/∂W_l = lambda |W_l|² − <D₊ y f>` of each layer: the change of the loss when the layer is scaled.
    pub layer_residuals: Vec<f64>,
    /// Largest magnitude that rounding alone can give to each layer's residual.
    pub layer_rounding_bounds: Vec<f64>,
    /// Total loss less `(H/2) <D₊> − (H − 1) L_data`.
    pub loss_residual: f64,
    /// Largest magnitude that rounding alone can give to the loss residual.
    pub loss_rounding_bound: f64,
    /// `|∇L|` is at least this: `√(Σ r_l² / |W_l|²)` over the layers' residuals; 0 at `W = 0`.
    pub least_gradient_norm: f64,
    /// The largest residual of a layer relative to `lambda |W_l|² + |<D₊ y f>|`; 0 at `W = 0`.
    pub relative_distance: f64,
}

impl StationaryCertificate {
    /// The certificate of a measured point.
    ///
    /// # Errors
    /// [`OracleError`] for no layers, or a number that is negative or not finite (lambda must be above 0).
    pub fn new(point: MeasuredPoint<'_>) -> Result<Self, OracleError> {
        let lambda = require_positive("regularisation", point.regularisation)?;
        let shortfall = require_non_negative("mean_shortfall", point.mean_shortfall)?;
        let data_loss = require_non_negative("data_loss", point.data_loss)?;
        let relative_error = require_non_negative("relative_error", point.relative_error)?;
        let norms = point.squared_layer_norms;
        if norms.is_empty() {
            let quantity = "a stationary certificate";
            return Err(OracleError::Undefined { quantity, reason: "there are no layers" });
        }
        for norm in norms {
            require_non_negative("squared_layer_norm", *norm)?;
        }
        // The measured numbers, and the few operations here.
        let unit = relative_error + 2.0 * f64::EPSILON;
        let pull = shortfall - 2.0 * data_loss;
        let pull_bound = unit * (shortfall + 2.0 * data_loss);
        let layers = norms.len() as f64;
        let layer_residuals: Vec<f64> = norms.iter().map(|norm| lambda * norm - pull).collect();
        let layer_rounding_bounds = norms.iter().map(|norm| unit * lambda * norm + pull_bound).collect();
        let (mut least_square, mut relative_distance) = (0.0, 0.0_f64);
        for (residual, norm) in layer_residuals.iter().zip(norms) {
            let scale = lambda * norm + pull.abs();
            if scale > 0.0 {
                relative_distance = relative_distance.max(residual.abs() / scale);
            }
            if *norm > 0.0 {
                least_square += residual / norm * residual;
            }
        }
        let regularisation_loss = 0.5 * lambda * norms.iter().sum::<f64>();
        let loss = data_loss + regularisation_loss;
        let terms = data_loss + regularisation_loss + 0.5 * layers * shortfall + (layers - 1.0) * data_loss;
        Ok(Self {
            layer_residuals,
            layer_rounding_bounds,
            loss_residual: loss - (0.5 * layers * shortfall - (layers - 1.0) * data_loss),
            // The sum over layers rounds once a layer.
            loss_rounding_bound: (unit + layers * f64::EPSILON) * terms,
            least_gradient_norm: least_square.sqrt(),
            relative_distance,
        })
    }

    /// Whether rounding explains every residual.
    #[must_use]
    pub fn holds(&self) -> bool {
        let layers = self.layer_residuals.iter().zip(&self.layer_rounding_bounds);
        layers.into_iter().all(|(residual, bound)| residual.abs() <= *bound)
            && self.loss_residual.abs() <= self.loss_rounding_bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// f = w₂ relu(w₁ x) with w₁ = 0.5, w₂ = 0.4 at x = 2, y = 1 and x = −1, y = 1 (dead): D₊ = 0.6 and 1.
    fn by_hand(norms: &[f64]) -> MeasuredPoint<'_> {
        MeasuredPoint {
            regularisation: 0.3,
            mean_shortfall: 0.8,
            data_loss: 0.34,
            squared_layer_norms: norms,
            relative_error: 0.0,
        }
    }

    #[test]
    fn residuals_are_the_components_of_the_gradient() {
        // ∂L/∂w₁ = −½ 0.6·0.4·2 + 0.3·0.5 = −0.09, times w₁: −0.045; ∂L/∂w₂ = −½ 0.6·1 + 0.12 = −0.18, times w₂: −0.072.
        let certificate = StationaryCertificate::new(by_hand(&[0.25, 0.16])).unwrap();
        assert_relative_eq!(certificate.layer_residuals[0], -0.045, max_relative = 1e-14);
        assert_relative_eq!(certificate.layer_residuals[1], -0.072, max_relative = 1e-14);
        // Two weights: nothing but the layers themselves, so the bound is the gradient's norm.
        assert_relative_eq!(certificate.least_gradient_norm, 0.09_f64.hypot(0.18), max_relative = 1e-14);
        // L is off by half the sum of the residuals.
        assert_relative_eq!(certificate.loss_residual, -0.0585, max_relative = 1e-14);
        assert!(!certificate.holds());
        assert_relative_eq!(certificate.relative_distance, 0.072 / (0.048 + 0.12), max_relative = 1e-14);
    }

    #[test]
    fn the_dead_network_is_stationary() {
        let dead = MeasuredPoint { mean_shortfall: 1.0, data_loss: 0.5, ..by_hand(&[0.0, 0.0]) };
        let certificate = StationaryCertificate::new(dead).unwrap();
        assert!(certificate.holds());
        assert_eq!((certificate.least_gradient_norm, certificate.relative_distance), (0.0, 0.0));
    }

    #[test]
    fn bad_measurements_are_named() {
        assert!(StationaryCertificate::new(by_hand(&[])).is_err());
        let error = StationaryCertificate::new(by_hand(&[0.1, f64::NAN])).unwrap_err().to_string();
        assert_eq!(error, "squared_layer_norm is NaN; it must be finite and at least 0");
    }
}
