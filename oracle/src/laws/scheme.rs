//! Which integrator makes the steps of a step clock.

use std::fmt;

/// A rule that advances `dw = −mu ∇L dt + √(2 D) dW` by a step `dt`, with `σ² = 2 D dt` and one standard Gaussian `ξ_n` a
/// step and weight (PHYSICS.md D.2 for the first, the sources named below for the others).
///
/// In a well `L = k w²/2` every rule is linear in `h = mu k dt`: a chain `y_{n+1} = a y_n + b σ ξ_n` that shows as
/// `w_n = y_n + c σ ξ_n`.
///
/// | scheme | `a` | `b` | `c` | stationary for | `<w²> k P_D / T` |
/// |---|---|---|---|---|---|
/// | Euler–Maruyama | `1 − h` | 1 | 0 | `0 < h < 2` | `1 / (1 − h/2)` |
/// | Heun | `1 − h + h²/2` | `1 − h/2` | 0 | `0 < h < 2` | `(1 − h/2) / (1 − h/2 + h²/4)` |
/// | exact step | `e^{−h}` | `√((1 − e^{−2h}) / 2h)` | 0 | `0 < h` | 1 |
/// | Leimkuhler–Matthews | `1 − h` | `1 − h/2` | `1/2` | `0 < h < 2` | 1 |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Scheme {
    /// `w' = w − mu dt ∇L(w) + σ ξ_n`: the paper's step (Eqs. 2–3), and SGLD.
    #[default]
    EulerMaruyama,
    /// `w* = w − mu dt ∇L(w) + σ ξ_n`, then `w' = w − mu dt (∇L(w) + ∇L(w*))/2 + σ ξ_n` with the same noise: the
    /// stochastic Heun step (Kloeden and Platen, Numerical Solution of Stochastic Differential Equations, §15.1).
    Heun,
    /// `w' = e^{−h} w + √((D/kappa)(1 − e^{−2h})) ξ_n`, `kappa = mu k`: the Ornstein–Uhlenbeck process itself, looked at
    /// on the steps. It needs to know the stiffness.
    ExactStep,
    /// `w' = w − mu dt ∇L(w) + σ (ξ_n + ξ_{n+1})/2`: noise shared by neighbouring steps, which makes the stationary
    /// variance of a well exact (Leimkuhler and Matthews, Appl. Math. Res. eXpress 2013, 34).
    ///
    /// At time 0 the weight `w_0` is given and `ξ_0` is fresh, independent of it. From the first step on the weight
    /// carries half of the noise of the step to come, so that displacements measured from time 0 and from a later
    /// time have different laws.
    LeimkuhlerMatthews,
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Scheme; 4] =
        [Scheme::EulerMaruyama, Scheme::Heun, Scheme::ExactStep, Scheme::LeimkuhlerMatthews];

    /// The `mobility * stiffness * dt` below which a well has a stationary state; infinite for the exact step.
    #[must_use]
    pub const fn stability_limit(self) -> f64 {
        match self {
            Scheme::EulerMaruyama | Scheme::Heun | Scheme::LeimkuhlerMatthews => 2.0,
            Scheme::ExactStep => f64::INFINITY,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Scheme::EulerMaruyama => "Euler–Maruyama",
            Scheme::Heun => "Heun",
            Scheme::ExactStep => "exact step",
            Scheme::LeimkuhlerMatthews => "Leimkuhler–Matthews",
        })
    }
}
