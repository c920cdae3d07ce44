//! Exact identities of bias-free ReLU networks under Langevin dynamics (PHYSICS.md D.5).
//!
//! The output is homogeneous of degree 1 in the weights of each layer, so `W_l · ∂L_data/∂W_l` is one number for all
//! layers and the difference `C = |W_l|² − |W_m|²` feels the data only through `mu² |g|²`. It therefore obeys a closed
//! linear equation, for any data, at any temperature and regularisation.

mod stationary;

pub use stationary::{MeasuredPoint, StationaryCertificate};

use crate::error::{OracleError, require_finite};
use crate::laws::LinearRelaxation;
use crate::{Bath, Clock};

/// The law of `E|W_l|² − E|W_m|²` for two layers of `N_l` and `N_m` weights under L2 regularisation `lambda`.
///
/// Continuous: `dE[C]/dt = −2 mu lambda E[C] + 2 D (N_l − N_m)`. Step clock: the same with the step's own retention,
/// to which the run adds `mu² dt² Σ a^{2(n−1−j)} (|g_l|² − |g_m|²)_j`, measured ([`Ledger`]), not predicted.
///
/// ```
/// use glassbox_oracle::{Bath, Clock};
/// use glassbox_oracle::networks::balance::NormDifference;
/// // Width 72, lambda = 0, T = 0.1: layers 1 and 2 drift apart by −4.5 in 3e5 steps.
/// let bath = Bath::new(1e-3, 0.1, 60_000.0)?;
/// let law = NormDifference::new(bath, 0.0, Clock::Continuous, 720, 5184)?;
/// assert!((law.expected(0.0, 3e5)? + 4.464).abs() < 1e-3);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormDifference {
    decay: LinearRelaxation,
    excess_weights: f64,
}

impl NormDifference {
    /// The law for layers of `first` and `second` weights.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a regularisation that is not finite or a bad step.
    pub fn new(
        bath: Bath,
        regularisation: f64,
        clock: Clock,
        first: usize,
        second: usize,
    ) -> Result<Self, OracleError> {
        let decay = LinearRelaxation::new(bath, regularisation, clock)?;
        Ok(Self { decay, excess_weights: first as f64 - second as f64 })
    }

    /// `E[C]` after `time`, from `initial`.
    ///
    /// # Errors
    /// [`OracleError`] for an initial value that is not finite, or a time outside the clock.
    pub fn expected(&self, initial: f64, time: f64) -> Result<f64, OracleError> {
        let initial = require_finite("initial", initial)?;
        let at = self.decay.clock().at("time", time)?;
        // What is exactly 0 stays 0, whatever it is multiplied with.
        let product = |factor: f64, grown: f64| if factor == 0.0 { 0.0 } else { factor * grown };
        let retention = self.decay.retention(at);
        let expected = product(initial, retention * retention)
            + product(self.excess_weights, self.decay.noise_variance(at));
        // At infinite time the limit may be infinite; elsewhere that is an overflow.
        if expected.is_nan() || expected.is_infinite() && time.is_finite() {
            let quantity = "the difference of squared norms";
            return Err(OracleError::Overflow { quantity, argument: "time", value: time });
        }
        Ok(expected)
    }

    /// The stationary value `(N_l − N_m) T/(lambda P_D)`, with the step's correction on a step clock.
    ///
    /// # Errors
    /// [`OracleError::Undefined`] without a stationary state (`lambda ≤ 0`: the difference drifts for ever).
    pub fn stationary(&self) -> Result<f64, OracleError> {
        Ok(self.excess_weights * self.decay.stationary_variance()?)
    }

    /// Rate of drift due to the noise, `2 D (N_l − N_m)`.
    #[must_use]
    pub fn drift(&self) -> f64 {
        2.0 * self.decay.bath().diffusion() * self.excess_weights
    }
}

/// One layer at one step: what the ledger needs to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerState {
    /// Number of weights `N_l`.
    pub weight_count: usize,
    /// `|W_l|²`.
    pub squared_norm: f64,
    /// `|g_l|²`, g the gradient of the *data* loss.
    pub squared_data_gradient: f64,
    /// `W_l · g_l`, g the gradient of the *data* loss.
    pub weight_dot_data_gradient: f64,
}

/// The step-by-step ledger of `C = |W_l|² − |W_m|²`: what the next step is expected to give, and with which variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ledger {
    bath: Bath,
    regularisation: f64,
    dt: f64,
}

/// Conditional expectation and variance of a quantity after the next step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NextStep {
    /// Conditional mean.
    pub mean: f64,
    /// Conditional variance.
    pub variance: f64,
}

impl Ledger {
    /// The ledger of Euler–Maruyama steps of `dt`.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for values that are not finite, or `dt ≤ 0`.
    pub fn new(bath: Bath, regularisation: f64, dt: f64) -> Result<Self, OracleError> {
        Clock::steps(dt)?;
        Ok(Self { bath, regularisation: require_finite("regularisation", regularisation)?, dt })
    }

    /// `E[C'] = a² C + mu² dt² (|g_l|² − |g_m|²) + sigma² (N_l − N_m)`, `a = 1 − mu lambda dt`.
    ///
    /// The cross terms `−2 mu a (W_l·g_l − W_m·g_m)` vanish by homogeneity and are left out: that is the statement.
    /// The variance is `Σ 4 sigma² |u|² + 2 sigma⁴ N` over both layers, u the weights after the drift.
    #[must_use]
    pub fn next_difference(&self, first: &LayerState, second: &LayerState) -> NextStep {
        let step = self.bath.mobility() * self.dt;
        let retention = 1.0 - step * self.regularisation;
        let noise = self.bath.noise_variance(self.dt);
        let mean = retention * retention * (first.squared_norm - second.squared_norm)
            + step * step * (first.squared_data_gradient - second.squared_data_gradient)
            + noise * (first.weight_count as f64 - second.weight_count as f64);
        NextStep { mean, variance: self.norm_variance(first) + self.norm_variance(second) }
    }

    /// Conditional mean and variance of `|W_l|²` itself after the next step.
    #[must_use]
    pub fn next_squared_norm(&self, layer: &LayerState) -> NextStep {
        let noise = self.bath.noise_variance(self.dt);
        let mean = self.drifted_squared_norm(layer) + noise * layer.weight_count as f64;
        NextStep { mean, variance: self.norm_variance(layer) }
    }

    fn norm_variance(&self, layer: &LayerState) -> f64 {
        let noise = self.bath.noise_variance(self.dt);
        4.0 * noise * self.drifted_squared_norm(layer) + 2.0 * noise * noise * layer.weight_count as f64
    }

    fn drifted_squared_norm(&self, layer: &LayerState) -> f64 {
        let step = self.bath.mobility() * self.dt;
        let retention = 1.0 - step * self.regularisation;
        retention * retention * layer.squared_norm - 2.0 * step * retention * layer.weight_dot_data_gradient
            + step * step * layer.squared_data_gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_papers_layers_drift_as_computed_by_hand() {
        // PHYSICS.md D.5: width 72, lambda = 0: −1.488e-4 T per step between layers 1 and 2.
        let bath = Bath::new(1e-3, 1.0, 6e4).unwrap();
        let law = NormDifference::new(bath, 0.0, Clock::Continuous, 720, 5184).unwrap();
        assert_relative_eq!(law.drift(), -1.488e-4, max_relative = 1e-12);
        assert!(law.stationary().is_err());
        // Width 30, T = 0.1, lambda = 0.01: C_inf = −0.10.
        let bath = Bath::new(1e-3, 0.1, 6e4).unwrap();
        let law = NormDifference::new(bath, 0.01, Clock::Continuous, 300, 900).unwrap();
        assert_relative_eq!(law.stationary().unwrap(), -0.1, max_relative = 1e-12);
    }

    #[test]
    fn what_cannot_change_is_kept_and_what_overflows_is_an_error() {
        let bath = Bath::new(1e-3, 1.0, 6e4).unwrap();
        let equal = NormDifference::new(bath, 0.0, Clock::Continuous, 900, 900).unwrap();
        assert_eq!(equal.expected(0.3, f64::INFINITY).unwrap(), 0.3);
        let drifting = NormDifference::new(bath, 0.0, Clock::Continuous, 300, 900).unwrap();
        assert_eq!(drifting.expected(0.3, f64::INFINITY).unwrap(), f64::NEG_INFINITY);
        let hill = NormDifference::new(bath, -0.01, Clock::Continuous, 300, 900).unwrap();
        assert!(hill.expected(0.0, 1e8).is_err());
        let unstable = NormDifference::new(bath, 1e6, Clock::Steps { dt: 3.0 }, 300, 900).unwrap();
        assert!(unstable.expected(1.0, 63_096.0).is_err());
    }

    #[test]
    fn the_ledger_without_gradient_iterates_to_the_step_law() {
        let bath = Bath::new(0.05, 2.0, 30.0).unwrap();
        let ledger = Ledger::new(bath, 0.3, 1.0).unwrap();
        let law = NormDifference::new(bath, 0.3, Clock::Steps { dt: 1.0 }, 12, 40).unwrap();
        let state = |weight_count, squared_norm| LayerState {
            weight_count,
            squared_norm,
            squared_data_gradient: 0.0,
            weight_dot_data_gradient: 0.0,
        };
        let mut difference = 1.7;
        for n in 0..200 {
            assert_relative_eq!(difference, law.expected(1.7, f64::from(n)).unwrap(), max_relative = 1e-11);
            difference = ledger.next_difference(&state(12, difference), &state(40, 0.0)).mean;
        }
    }

    #[test]
    fn continuous_and_step_laws_meet_as_the_step_shrinks() {
        let bath = Bath::new(0.05, 2.0, 30.0).unwrap();
        let at = |clock| NormDifference::new(bath, 0.3, clock, 12, 40).unwrap().expected(1.7, 32.0).unwrap();
        let gap = |dt: f64| (at(Clock::Steps { dt }) - at(Clock::Continuous)).abs();
        assert_relative_eq!(gap(1.0 / 64.0) / gap(1.0 / 128.0), 2.0, max_relative = 1e-2);
    }
}
