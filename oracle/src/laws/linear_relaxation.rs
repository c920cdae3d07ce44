//! What all laws of the well share: a linear pull and Gaussian noise (paper Appendix F; PHYSICS.md D.2).
//!
//! After a time `t` a weight is `r(t) w(0)` plus a Gaussian of variance `V(t)`, with `kappa = mu k`, `σ² = 2 D dt` and
//! - continuous, or exact steps: `r = e^{−kappa t}`, `V = (D / kappa)(1 − e^{−2 kappa t})`;
//! - `n` Euler–Maruyama or Heun steps: `r = aⁿ`, `V = b² σ² (1 − a^{2n}) / (1 − a²)` (`a`, `b`: table at [`Scheme`]);
//! - `n` Leimkuhler–Matthews steps: `r = aⁿ`, `V = σ² [a^{2(n−1)}/4 + b² (1 − a^{2(n−1)}) / (1 − a²) + 1/4]`: the first
//!   and the last noise count half.
//!
//! All are evaluated through `ln |r|` with `expm1`, so that `k → 0`, `t → 0` and `kappa dt → 1` lose no digits.

use super::linear_step::{LinearStep, NEGLIGIBLE};
use crate::error::{OracleError, require_finite};
use crate::laws::Parameter;
use crate::laws::clock::Instant;
use crate::numerics::double_double::DoubleDouble;
use crate::{Bath, Clock, Scheme};
use libm::{exp, expm1, hypot};

/// The map from `w(0)` to `w(t)` in a well of stiffness `k` (negative: a hill; 0: free).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LinearRelaxation {
    bath: Bath,
    stiffness: f64,
    clock: Clock,
    scheme: Scheme,
}

/// Where a weight goes in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays bounded, or diffuses where nothing pulls.
    Held,
    /// It changes sides at every step and keeps its distance.
    Alternating,
    /// Its distance grows without bound.
    Thrown { alternates: bool },
}

/// How a law goes through time.
enum Pace {
    /// As the differential equation does, for this time.
    Flow(f64),
    /// By so many steps of a chain.
    Steps(LinearStep, f64),
}

impl LinearRelaxation {
    /// On a step clock, of Euler–Maruyama steps.
    pub(crate) fn new(bath: Bath, stiffness: f64, clock: Clock) -> Result<Self, OracleError> {
        let stiffness = require_finite("stiffness", stiffness)?;
        Ok(Self { bath, stiffness, clock: clock.validated()?, scheme: Scheme::EulerMaruyama })
    }

    /// The same with the steps of `scheme`.
    pub(crate) fn integrated_by(self, scheme: Scheme) -> Result<Self, OracleError> {
        require_steps(self.clock)?;
        Ok(Self { scheme, ..self })
    }

    /// The same with one parameter multiplied by `factor`.
    pub(crate) fn rescaled(self, parameter: Parameter, factor: f64) -> Result<Self, OracleError> {
        let of = |one| if one == parameter { factor } else { 1.0 };
        let bath = Bath::new(
            self.bath.mobility() * of(Parameter::Mobility),
            self.bath.temperature() * of(Parameter::Temperature),
            self.bath.dataset_size() * of(Parameter::DatasetSize),
        )?;
        let clock = match self.clock {
            Clock::Steps { dt } => Clock::steps(dt * of(Parameter::Step))?,
            Clock::Continuous if parameter == Parameter::Step => {
                let reason = "continuous time has no step";
                return Err(OracleError::Undefined { quantity: "a law of another step", reason });
            }
            Clock::Continuous => Clock::Continuous,
        };
        let stiffness = require_finite("stiffness", self.stiffness * of(Parameter::Stiffness))?;
        Ok(Self { bath, stiffness, clock, ..self })
    }

    pub(crate) fn bath(&self) -> Bath {
        self.bath
    }

    /// The same in another bath.
    pub(crate) fn in_bath(self, bath: Bath) -> Self {
        Self { bath, ..self }
    }

    pub(crate) fn stiffness(&self) -> f64 {
        self.stiffness
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// `kappa = mu k`, per unit time.
    pub(crate) fn rate(&self) -> f64 {
        self.bath.mobility() * self.stiffness
    }

    /// Where a weight at 1 goes after infinitely many steps or times.
    pub(crate) fn fate(&self) -> Fate {
        let (log_retention, alternates) = match self.step() {
            Some(step) => (step.log_retention(), step.alternates()),
            None => (-self.stiffness, false),
        };
        if log_retention < 0.0 || log_retention == 0.0 && !alternates {
            Fate::Held
        } else if log_retention == 0.0 {
            Fate::Alternating
        } else {
            Fate::Thrown { alternates }
        }
    }

    /// Whether the noise of many steps adds up without bound where the weight alternates.
    pub(crate) fn gathers_noise(&self) -> bool {
        self.step().is_some_and(|step| self.noise_of_a_step() * step.gathered(f64::INFINITY) > 0.0)
    }

    /// Standard deviations, for a weight that is thrown away: of `w(t)` from a certain start in units of `|r(t)|`, and of
    /// `w(t_w + t) − w(t_w)` in units of `|1 − r(t)|` for a weight of `deviation` at `t_w`, both as `|r| → ∞`.
    pub(crate) fn thrown_deviation(&self) -> f64 {
        let Some(step) = self.step() else {
            return (self.bath.thermal_energy() / self.stiffness.abs()).sqrt();
        };
        let mut gathered = step.gathered_beyond();
        if self.shares_noise() {
            gathered = step.inverse().powi(2) * (0.25 + gathered);
        }
        (self.noise_of_a_step() * gathered).sqrt()
    }

    /// Of `w(t_w + t) − w(t_w)`, in units of `|1 − r(t)|` as `|r| → ∞`, for a weight of standard deviation `deviation` at
    /// `t_w`; `waited` says whether `t_w > 0`.
    pub(crate) fn thrown_displacement_deviation(&self, deviation: f64, waited: bool) -> f64 {
        let noise = self.noise_of_a_step();
        match self.step() {
            Some(step) if self.shares_noise() && waited && noise > 0.0 => {
                let first = 0.5 * (step.inverse() + 1.0);
                let gathered = first * first + step.inverse().powi(2) * step.gathered_beyond() - 0.25;
                (deviation * deviation + noise * gathered).sqrt()
            }
            _ => hypot(deviation, self.thrown_deviation()),
        }
    }

    /// Whether the weight changes sides at every step: its displacement is then not largest at long times.
    pub(crate) fn overshoots(&self) -> bool {
        self.step().is_some_and(LinearStep::alternates)
    }

    /// `r(t)`.
    pub(crate) fn retention(&self, at: Instant) -> f64 {
        let (log_magnitude, negative) = self.log_retention(at);
        if negative { -exp(log_magnitude) } else { exp(log_magnitude) }
    }

    /// `1 − r(t)`, accurate where r is close to 1.
    pub(crate) fn loss(&self, at: Instant) -> f64 {
        let (log_magnitude, negative) = self.log_retention(at);
        if negative { 1.0 + exp(log_magnitude) } else { -expm1(log_magnitude) }
    }

    /// `V(t)`: what the noise alone adds to the variance.
    pub(crate) fn noise_variance(&self, at: Instant) -> f64 {
        let diffusion = self.bath.diffusion();
        if diffusion == 0.0 || at.time == 0.0 {
            return 0.0;
        }
        match self.pace(at) {
            Pace::Flow(time) => {
                let exponent = 2.0 * self.exponent(time);
                // Without stiffness the exponent of an infinite time is NaN.
                if self.stiffness == 0.0 || exponent.abs() < NEGLIGIBLE {
                    2.0 * diffusion * time
                } else if exponent.abs() < 1.0 {
                    2.0 * diffusion * time * (-expm1(-exponent) / exponent)
                } else {
                    self.diffusion_over_rate() * -expm1(-exponent)
                }
            }
            Pace::Steps(step, steps) if self.shares_noise() => {
                let first = 0.5 * step.power(steps - 1.0);
                self.noise_of_a_step() * (first * first + step.gathered(steps - 1.0) + 0.25)
            }
            Pace::Steps(step, steps) => self.noise_of_a_step() * step.gathered(steps),
        }
    }

    /// The variance of a weight that has been in the well for ever (last column of the table at [`Scheme`]).
    pub(crate) fn stationary_variance(&self) -> Result<f64, OracleError> {
        let quantity = "a stationary state";
        if self.stiffness <= 0.0 {
            return Err(OracleError::Undefined { quantity, reason: "the stiffness is not above 0" });
        }
        let thermal = self.bath.thermal_energy() / self.stiffness;
        let Some(step) = self.step() else { return Ok(thermal) };
        // Where mobility * stiffness * dt is too small for a double, all schemes agree.
        let unresolved = self.reduced_step().high() == 0.0;
        if step.log_retention() >= 0.0 && !unresolved {
            return Err(OracleError::Undefined {
                quantity,
                reason: "mobility * stiffness * dt is 2 or more",
            });
        }
        if unresolved || self.shares_noise() {
            return Ok(thermal);
        }
        Ok(self.noise_of_a_step() * step.gathered(f64::INFINITY))
    }

    /// Variance of `w(t_w + t) − w(t_w)` for a weight of `variance` at `t_w`; `waited` says whether `t_w > 0`.
    ///
    /// `V(t) + (1 − r(t))² variance`, unless the weight already carries half of the noise of its next step: with
    /// `y = w − σ ξ/2` of variance `Y = variance − σ²/4`, it is
    /// `(1 − r(t))² Y + σ² [((a^{n−1} + aⁿ − 1)/2)² + b² (1 − a^{2(n−1)}) / (1 − a²) + 1/4]`.
    pub(crate) fn displacement_variance(&self, lag: Instant, variance: f64, waited: bool) -> f64 {
        let loss = self.loss(lag);
        // On a hill `loss` may be infinite; what is exactly 0 stays 0.
        let relaxed = |variance: f64| if variance == 0.0 { 0.0 } else { loss * loss * variance };
        let noise = self.noise_of_a_step();
        match self.pace(lag) {
            Pace::Steps(step, steps) if self.shares_noise() && waited && steps > 0.0 && noise > 0.0 => {
                let before = steps - 1.0;
                let first = 0.5 * (step.power(before) + step.power(steps) - 1.0);
                relaxed(variance - 0.25 * noise) + noise * (first * first + step.gathered(before) + 0.25)
            }
            _ => self.noise_variance(lag) + relaxed(variance),
        }
    }

    /// Covariance of `w(t_w)`, of `variance`, with `w(t_w + t)`: `r(t) variance`, plus `a^{n−1} σ²/4` for a weight that
    /// already carries half of the noise of its next step.
    pub(crate) fn covariance(&self, lag: Instant, variance: f64, waited: bool) -> f64 {
        let retained = if variance == 0.0 { 0.0 } else { self.retention(lag) * variance };
        match self.pace(lag) {
            Pace::Steps(step, steps) if self.shares_noise() && waited && steps > 0.0 => {
                let noise = 0.25 * self.noise_of_a_step();
                retained + if noise == 0.0 { 0.0 } else { step.power(steps - 1.0) * noise }
            }
            _ => retained,
        }
    }

    /// `ln |r(t)|`, and whether `r(t)` is negative.
    fn log_retention(&self, at: Instant) -> (f64, bool) {
        match self.pace(at) {
            Pace::Flow(time) => {
                (if self.stiffness == 0.0 || time == 0.0 { 0.0 } else { -self.exponent(time) }, false)
            }
            Pace::Steps(step, steps) => step.log_power(steps),
        }
    }

    /// `kappa t`.
    fn exponent(&self, time: f64) -> f64 {
        if self.rate().is_normal() {
            self.rate() * time
        } else {
            ordered_product(self.bath.mobility(), self.stiffness, time)
        }
    }

    /// `D / kappa`.
    fn diffusion_over_rate(&self) -> f64 {
        if self.rate().is_normal() {
            self.bath.diffusion() / self.rate()
        } else {
            self.bath.thermal_energy() / self.stiffness
        }
    }

    /// Whether nothing of a weight is lost up to a time, to double precision: the well is flat for so long.
    pub(crate) fn is_flat(&self, at: Instant) -> bool {
        self.log_retention(at).0.abs() < NEGLIGIBLE
    }

    fn pace(&self, at: Instant) -> Pace {
        match (self.clock, self.step()) {
            (_, Some(step)) => Pace::Steps(step, at.steps),
            (Clock::Steps { dt }, None) => Pace::Flow(at.steps * dt),
            (Clock::Continuous, None) => Pace::Flow(at.time),
        }
    }

    /// The chain of one step; `None` in continuous time, which exact steps are.
    fn step(&self) -> Option<LinearStep> {
        match self.clock {
            Clock::Continuous => None,
            Clock::Steps { .. } => LinearStep::of(self.scheme, self.reduced_step()),
        }
    }

    /// `h = mu k dt` in twice the precision: its rounding error would be multiplied by the number of steps.
    fn reduced_step(&self) -> DoubleDouble {
        let dt = if let Clock::Steps { dt } = self.clock { dt } else { 0.0 };
        let (mobility, stiffness) = (self.bath.mobility(), self.stiffness);
        if (mobility * stiffness).is_normal() {
            return DoubleDouble::product(mobility, stiffness) * dt;
        }
        DoubleDouble::from(ordered_product(mobility, stiffness, dt))
    }

    /// `σ²`; 0 in continuous time.
    fn noise_of_a_step(&self) -> f64 {
        if let Clock::Steps { dt } = self.clock { self.bath.noise_variance(dt) } else { 0.0 }
    }

    /// Whether a weight after its first step carries half of the noise of its next one.
    pub(crate) fn shares_noise(&self) -> bool {
        self.scheme == Scheme::LeimkuhlerMatthews
    }
}

/// The product of three numbers, the largest with the smallest first: it over- or underflows only where the product does.
fn ordered_product(a: f64, b: f64, c: f64) -> f64 {
    let mut factors = [a, b, c];
    factors.sort_by(|one, other| one.abs().total_cmp(&other.abs()));
    factors[0] * factors[2] * factors[1]
}

/// Only a step clock has an integrator.
pub(super) fn require_steps(clock: Clock) -> Result<f64, OracleError> {
    let reason = "its clock is continuous; make it with Clock::steps";
    match clock {
        Clock::Steps { dt } => Ok(dt),
        Clock::Continuous => Err(OracleError::Undefined { quantity: "the step of the law", reason }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Second route: the recursion itself, in plain arithmetic.
    #[test]
    fn steps_follow_the_recursion() {
        let bath = Bath::new(0.01, 3.0, 7.0).unwrap();
        for rate in [-0.2, 0.0, 1e-9, 0.001, 0.37, 0.9, 1.0, 1.5, 1.999, 2.0, 2.3] {
            let dt = 0.5;
            let relaxation = LinearRelaxation::new(bath, rate / (0.01 * dt), Clock::Steps { dt }).unwrap();
            let (mut retention, mut variance) = (1.0, 0.0);
            for n in 0..60 {
                let at = relaxation.clock().at("lag", f64::from(n) * dt).unwrap();
                assert_relative_eq!(
                    relaxation.retention(at),
                    retention,
                    max_relative = 1e-12,
                    epsilon = 1e-16
                );
                assert_relative_eq!(
                    relaxation.loss(at),
                    1.0 - retention,
                    max_relative = 1e-12,
                    epsilon = 1e-13
                );
                assert_relative_eq!(relaxation.noise_variance(at), variance, max_relative = 1e-12);
                retention *= 1.0 - rate;
                variance = (1.0 - rate) * (1.0 - rate) * variance + bath.noise_variance(dt);
            }
        }
    }

    /// Second route of the continuous law: d V/dt = 2 D − 2 kappa V, d r/dt = −kappa r, by Runge–Kutta.
    #[test]
    fn continuous_time_follows_the_moment_equations() {
        let bath = Bath::new(0.5, 0.3, 2.0).unwrap();
        for stiffness in [-1.0, 0.0, 1e-7, 0.7, 6.0] {
            let relaxation = LinearRelaxation::new(bath, stiffness, Clock::Continuous).unwrap();
            let kappa = relaxation.rate();
            let (mut retention, mut variance) = (1.0, 0.0);
            let h = 1e-3;
            let slope = |v: f64| 2.0 * bath.diffusion() - 2.0 * kappa * v;
            for _ in 0..2000 {
                let (k1, k2) = (slope(variance), slope(variance + 0.5 * h * slope(variance)));
                let k3 = slope(variance + 0.5 * h * k2);
                let k4 = slope(variance + h * k3);
                variance += h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
                let x = -kappa * h;
                retention *= 1.0 + x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0)));
            }
            let at = relaxation.clock().at("lag", 2.0).unwrap();
            assert_relative_eq!(relaxation.retention(at), retention, max_relative = 1e-10);
            assert_relative_eq!(relaxation.noise_variance(at), variance, max_relative = 1e-10);
        }
    }
}
