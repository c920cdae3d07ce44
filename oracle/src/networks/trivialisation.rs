//! The exactly solvable transition of a network on one sample (PHYSICS.md D.6, C.10).
//!
//! `H` weight layers, no biases, ReLU (or linear) hidden neurons, one sample of input norm `|x|`, loss
//! `L = ½ max(0, 1 − m)² + (lambda/2) Σ |W_l|²`, where `m = y f` is the output along the label. At a stationary point
//! every layer is an outer product of neighbouring activations and all norms agree, `|W_l|² = c`, so
//! `m = c^{H/2} |x|` and
//! ```text
//! lambda(m) = |x|^{2/H} (1 − m) m^{1 − 2/H},      L(m) = ½ (1 − m) (1 + (H − 1) m).
//! ```
//! Together with `W = 0` (if `H ≥ 2`) these are *all* stationary points, for any widths (with ReLU'(0) = 0).
//!
//! - `H ≥ 3`: `lambda(m)` has a maximum, the spinodal, at `m_s = (H − 2)/(2(H − 1))`. Below it there are a minimum
//!   `m > m_s` and a saddle `m < m_s`; above it only `W = 0`, which is a strict minimum for every `lambda > 0`. At
//!   coexistence, `m_c = 2 m_s`, minimum and `W = 0` have the same loss ½. The transition is discontinuous.
//! - `H = 2`: `m = 1 − lambda/|x|` reaches 0 at `lambda = |x|`, where `W = 0` turns from saddle to minimum: continuous.
//! - `H = 1`: ridge regression, `m = |x|²/(|x|² + lambda)`; no transition, and `W = 0` is not stationary.
//!
//! Why they are minima: `|f| ≤ |x| Π |W_l|` and the inequality of the means give
//! `L(W) ≥ ℓ(m) = ½ max(0, 1 − m)² + (lambda H/2)(m/|x|)^{2/H}` for every `W` with output `m`, with equality at the
//! stationary points. So a minimum of ℓ is one of L, and every path from `W = 0` to the other minimum passes the loss
//! of the saddle.
//!
//! **Bound for any data.** With any samples, labels and widths, let `X` be the mean input norm. Then
//! `lambda c = <D₊ y f> ≤ <h(c^{H/2} |x|)> ≤ h(c^{H/2} X)`, `D₊ = max(0, 1 − y f)`, with the concave, non-decreasing
//! `h(b) = b (1 − b)` up to ½ and ¼ beyond; the largest `h(b)/c` is `lambda(m_s)`. So no stationary point but `W = 0`
//! exists above the spinodal of one sample of norm `X`, and by the same steps `L(W) ≥` [`OneSampleNetwork::lowest_loss`]
//! there. One sample attains both; the cruder `lambda ≤ ¼ (4X)^{2/H}` of C.10 does not.

mod fold;

use crate::error::{OracleError, require, require_non_negative, require_positive};
use fold::Fold;
use libm::pow;

/// What the loss does about a stationary point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// A local minimum (not isolated: hidden neurons can be rotated into one another, except at `W = 0`).
    Minimum,
    /// Neither minimum nor maximum: the balanced scaling of all layers goes down, unbalanced scaling goes up.
    Saddle,
    /// The spinodal, where minimum and saddle meet; or `W = 0` where its curvature vanishes.
    Marginal,
}

/// A stationary point of the loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationaryPoint {
    /// Regularisation lambda at which it is stationary.
    pub regularisation: f64,
    /// Output along the label, `m = y f`, in [0, 1).
    pub output: f64,
    /// `D₊ = 1 − m`, to full accuracy where m is close to 1.
    pub shortfall: f64,
    /// `|W_l|²`, the same in every layer.
    pub squared_layer_norm: f64,
    /// Total loss `L`.
    pub loss: f64,
    /// Second derivative of the loss along the scaling of all layers together (unit vector in the space of the
    /// weights): `lambda (2(H − 1) m − (H − 2)) / (1 − m)`. Gradient descent relaxes at `mu` times this; it vanishes at
    /// the spinodal.
    pub curvature: f64,
    /// Minimum or saddle.
    pub stability: Stability,
}

/// A bias-free ReLU network of `H` weight layers on one sample.
///
/// ```
/// use glassbox_oracle::networks::trivialisation::OneSampleNetwork;
/// let network = OneSampleNetwork::new(7, 1.0)?;
/// let spinodal = network.spinodal().unwrap();
/// assert!((spinodal.regularisation - 0.3121313).abs() < 1e-7);
/// assert!((spinodal.loss - 1.0208).abs() < 1e-4); // well above ½, the loss of W = 0
/// assert!((network.coexistence().unwrap().regularisation - 0.1463156).abs() < 1e-7);
/// assert!(network.minimum(0.3)?.is_some() && network.minimum(0.32)?.is_none());
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneSampleNetwork {
    layers: u32,
    input_norm: f64,
}

impl OneSampleNetwork {
    /// A network of `layers ≥ 1` weight layers on one sample of `input_norm` between 1e-100 and 1e100.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] outside those ranges.
    pub fn new(layers: u32, input_norm: f64) -> Result<Self, OracleError> {
        require("layers", f64::from(layers), layers >= 1, "at least 1")?;
        let allowed = "between 1e-100 and 1e100";
        let input_norm = require("input_norm", input_norm, (1e-100..=1e100).contains(&input_norm), allowed)?;
        Ok(Self { layers, input_norm })
    }

    /// The end of the branch of minima, where it meets the saddles; `None` for fewer than 3 layers.
    ///
    /// For a data set of mean input norm `|x|` no stationary point but `W = 0` exists above its regularisation.
    #[must_use]
    pub fn spinodal(&self) -> Option<StationaryPoint> {
        let fold = self.fold()?;
        Some(self.on_fold(self.spinodal_regularisation(fold), fold.tip()))
    }

    /// Where the minimum has the loss ½ of `W = 0`; `None` for fewer than 3 layers.
    ///
    /// For a data set of mean input norm `|x|` `W = 0` is the only global minimum above its regularisation.
    #[must_use]
    pub fn coexistence(&self) -> Option<StationaryPoint> {
        self.fold()?;
        let h = f64::from(self.layers);
        let (output, shortfall) = ((h - 2.0) / (h - 1.0), 1.0 / (h - 1.0));
        let regularisation = self.norm_power() * shortfall * pow(output, (h - 2.0) / h);
        let curvature = regularisation * (h - 1.0) * (h - 2.0);
        let squared_layer_norm = pow(output / self.input_norm, 2.0 / h);
        let (loss, stability) = (0.5, Stability::Minimum);
        Some(StationaryPoint {
            regularisation,
            output,
            shortfall,
            squared_layer_norm,
            loss,
            curvature,
            stability,
        })
    }

    /// `lambda(m)`: the regularisation at which the network is stationary with `output` m.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `0 < m ≤ 1`.
    pub fn regularisation(&self, output: f64) -> Result<f64, OracleError> {
        require("output", output, output > 0.0 && output <= 1.0, "above 0 and at most 1")?;
        let h = f64::from(self.layers);
        Ok(self.norm_power() * (1.0 - output) * pow(output, (h - 2.0) / h))
    }

    /// The non-trivial minimum at `regularisation` lambda; `None` beyond the end of its branch.
    ///
    /// For 3 layers and more its condition number is `1/√(1 − lambda/lambda_s)` near the spinodal, and every digit
    /// that it leaves is right; [`below_spinodal`](Self::below_spinodal) has none to lose.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless lambda is finite and above 0.
    pub fn minimum(&self, regularisation: f64) -> Result<Option<StationaryPoint>, OracleError> {
        let regularisation = require_positive("regularisation", regularisation)?;
        let Some(fold) = self.fold() else { return Ok(self.without_fold(regularisation)) };
        let end = self.spinodal_regularisation(fold);
        Ok(fold.upper(regularisation, end).map(|position| self.on_fold(regularisation, position)))
    }

    /// The saddle between `W = 0` and the minimum; `None` above the spinodal and for fewer than 3 layers.
    ///
    /// Its loss is the barrier: no path from `W = 0` to the other minimum stays below it. And under gradient flow every
    /// start with `|W|²` below H times its squared layer norm collapses to `W = 0`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless lambda is finite and above 0.
    pub fn saddle(&self, regularisation: f64) -> Result<Option<StationaryPoint>, OracleError> {
        let regularisation = require_positive("regularisation", regularisation)?;
        let Some(fold) = self.fold() else { return Ok(None) };
        let end = self.spinodal_regularisation(fold);
        Ok(fold.lower(regularisation, end).map(|position| self.on_fold(regularisation, position)))
    }

    /// Minimum and saddle at `lambda = lambda_s (1 − gap)`, `0 ≤ gap < 1`, well conditioned however small the gap;
    /// `None` for fewer than 3 layers.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a gap outside that range.
    pub fn below_spinodal(
        &self,
        gap: f64,
    ) -> Result<Option<(StationaryPoint, StationaryPoint)>, OracleError> {
        require("gap", gap, (0.0..1.0).contains(&gap), "at least 0 and below 1")?;
        let Some(fold) = self.fold() else { return Ok(None) };
        let regularisation = self.spinodal_regularisation(fold) * (1.0 - gap);
        let (upper, lower) = fold.both(gap);
        Ok(Some((self.on_fold(regularisation, upper), self.on_fold(regularisation, lower))))
    }

    /// `W = 0`: a strict minimum for `H ≥ 3` and every `lambda > 0`, since `L − ½ ≥ (lambda/2)|W|² − |x| (|W|²/H)^{H/2}`;
    /// for `H = 2` a saddle below `lambda = |x|`; `None` for `H = 1`, where it is not stationary.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless lambda is finite and at least 0.
    pub fn trivial(&self, regularisation: f64) -> Result<Option<StationaryPoint>, OracleError> {
        let regularisation = require_non_negative("regularisation", regularisation)?;
        let curvature = match self.layers {
            1 => return Ok(None),
            2 => regularisation - self.input_norm,
            _ => regularisation,
        };
        let stability = match self.layers {
            2 if regularisation < self.input_norm => Stability::Saddle,
            // At lambda = |x| the fourth order (|x||W|²)²/8 decides.
            2 => Stability::Minimum,
            _ if regularisation > 0.0 => Stability::Minimum,
            _ => Stability::Marginal,
        };
        let (output, shortfall, squared_layer_norm, loss) = (0.0, 1.0, 0.0, 0.5);
        Ok(Some(StationaryPoint {
            regularisation,
            output,
            shortfall,
            squared_layer_norm,
            loss,
            curvature,
            stability,
        }))
    }

    /// The lowest loss that any weights have at `regularisation` lambda.
    ///
    /// A lower bound for every data set of mean input norm `|x|`, and its value for one sample.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless lambda is finite and above 0.
    pub fn lowest_loss(&self, regularisation: f64) -> Result<f64, OracleError> {
        Ok(self.minimum(regularisation)?.map_or(0.5, |point| point.loss.min(0.5)))
    }

    fn fold(&self) -> Option<Fold> {
        (self.layers >= 3).then(|| Fold::new(self.layers))
    }

    /// `|x|^{2/H}`.
    fn norm_power(&self) -> f64 {
        pow(self.input_norm, 2.0 / f64::from(self.layers))
    }

    fn spinodal_regularisation(&self, fold: Fold) -> f64 {
        let tip = fold.tip();
        self.norm_power() * tip.shortfall * pow(tip.output, fold.exponent())
    }

    fn on_fold(&self, regularisation: f64, at: fold::Position) -> StationaryPoint {
        let h = f64::from(self.layers);
        let squared_layer_norm = if at.beyond_tip < 0.0 {
            // m may underflow on the saddle: lambda = (1 − m) c^{H/2 − 1} |x|.
            pow(regularisation / (at.shortfall * self.input_norm), 2.0 / (h - 2.0))
        } else {
            pow(at.output / self.input_norm, 2.0 / h)
        };
        let stability = match at.beyond_tip {
            u if u > 0.0 => Stability::Minimum,
            u if u < 0.0 => Stability::Saddle,
            _ => Stability::Marginal,
        };
        StationaryPoint {
            regularisation,
            output: at.output,
            shortfall: at.shortfall,
            squared_layer_norm,
            loss: branch_loss(h, at.output, at.shortfall),
            curvature: regularisation * (h - 2.0) * at.beyond_tip / at.shortfall,
            stability,
        }
    }

    /// One and two layers.
    fn without_fold(&self, regularisation: f64) -> Option<StationaryPoint> {
        let x = self.input_norm;
        let (output, shortfall, squared_layer_norm) = if self.layers == 1 {
            let total = x + regularisation / x;
            let output = x / total;
            (output, regularisation / x / total, (output / x) * (output / x))
        } else if regularisation < x {
            let output = (x - regularisation) / x;
            (output, regularisation / x, output / x)
        } else {
            return None;
        };
        let h = f64::from(self.layers);
        Some(StationaryPoint {
            regularisation,
            output,
            shortfall,
            squared_layer_norm,
            loss: branch_loss(h, output, shortfall),
            // lambda (m + (1 − m))/(1 − m) = |x|² + lambda, and 2 lambda m / (1 − m) = 2 (|x| − lambda).
            curvature: if self.layers == 1 { x * x + regularisation } else { 2.0 * (x - regularisation) },
            stability: Stability::Minimum,
        })
    }
}

/// `½ (1 − m) (1 + (H − 1) m)`, and for small m as what it is above ½: rounding must not take a saddle below `W = 0`.
fn branch_loss(layers: f64, output: f64, shortfall: f64) -> f64 {
    if output < shortfall {
        0.5 + 0.5 * output * ((layers - 2.0) - (layers - 1.0) * output)
    } else {
        0.5 * shortfall * (1.0 + (layers - 1.0) * output)
    }
}

#[cfg(test)]
mod tests;
