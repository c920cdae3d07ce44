//! The quadratic well from a known start (paper Appendix F, Eqs. 15–21; PHYSICS.md D.2).

use super::{Fate, LinearRelaxation};
use crate::error::{OracleError, require_finite, require_non_negative};
use crate::laws::Parameter;
use crate::laws::clock::Instant;
use crate::laws::law::no_limit;
use crate::laws::relaxation;
use crate::{Bath, Clock, Displacement, DisplacementLaw, Scheme};
use libm::{hypot, log1p};

/// A weight in `L = k w²/2` that starts at a fixed value or from a Gaussian ensemble, observed after a waiting time.
///
/// With `r`, `V` of the well (see the source of this crate's `linear_relaxation`) and start `N(m₀, s₀²)`:
/// `dw ~ N(−m₀ r(t_w)(1 − r(t)), V(t) + (1 − r(t))² (s₀² r(t_w)² + V(t_w)))`. A negative stiffness is a hill. On a step
/// clock the steps are Euler–Maruyama's, or those of the scheme given to [`integrated_by`](Self::integrated_by). (Under
/// Leimkuhler–Matthews steps the weight after a waiting time carries half of the noise of its next step, which the
/// variance of `dw` takes into account.)
///
/// ```
/// use glassbox_oracle::{Bath, Clock, DisplacementLaw, laws::QuadraticWell};
/// // Fig. A5 of the paper: w₀ = 1, eps = 0.1, 2T = 1, mu = 1; the steeper well decorrelates first.
/// let bath = Bath::new(1.0, 0.5, 1.0)?;
/// let tau90 = |k| QuadraticWell::new(bath, k, Clock::Continuous)?.from_fixed(1.0)?.relaxation_time(0.1, 0.9);
/// assert!((tau90(100.0)?.unwrap() - 6.97e-4).abs() < 1e-6);
/// assert!((tau90(0.01)?.unwrap() - 3.696e-3).abs() < 1e-6);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuadraticWell {
    well: LinearRelaxation,
    start_mean: f64,
    start_standard_deviation: f64,
    waiting_time: f64,
}

impl QuadraticWell {
    /// A well of `stiffness` k (any finite value) with the weight at its bottom at time 0 and no waiting time.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a stiffness or a step outside its range.
    pub fn new(bath: Bath, stiffness: f64, clock: Clock) -> Result<Self, OracleError> {
        Ok(Self::of(LinearRelaxation::new(bath, stiffness, clock)?))
    }

    /// The same well with the steps of `scheme`; every observable holds exactly for them, at any step.
    ///
    /// ```
    /// use glassbox_oracle::{Bath, Clock, DisplacementLaw, Scheme, laws::QuadraticWell};
    /// // kappa dt = 0.5. From the bottom, one Heun step has variance (1 − 0.25)² · 2 D dt.
    /// let bath = Bath::new(0.5, 1.0, 1.0)?;
    /// let heun = QuadraticWell::new(bath, 1.0, Clock::steps(1.0)?)?.integrated_by(Scheme::Heun)?;
    /// assert!((heun.mean_squared_displacement(1.0)? - 0.5625).abs() < 1e-15);
    /// # Ok::<(), glassbox_oracle::OracleError>(())
    /// ```
    ///
    /// # Errors
    /// [`OracleError::Undefined`] on the continuous clock.
    pub fn integrated_by(self, scheme: Scheme) -> Result<Self, OracleError> {
        Ok(Self { well: self.well.integrated_by(scheme)?, ..self })
    }

    /// The same well, entered at `weight` at time 0.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `weight` is finite.
    pub fn from_fixed(self, weight: f64) -> Result<Self, OracleError> {
        self.from_gaussian(weight, 0.0)
    }

    /// The same well, entered from a Gaussian ensemble of `mean` and `standard_deviation ≥ 0` at time 0.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for values outside their ranges.
    pub fn from_gaussian(self, mean: f64, standard_deviation: f64) -> Result<Self, OracleError> {
        Ok(Self {
            start_mean: require_finite("start_mean", mean)?,
            start_standard_deviation: require_non_negative("start_standard_deviation", standard_deviation)?,
            ..self
        })
    }

    /// The same well, with displacements measured from `waiting_time ≥ 0` on.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] or [`OracleError::NotAWholeStep`].
    pub fn after_waiting(self, waiting_time: f64) -> Result<Self, OracleError> {
        require_non_negative("waiting_time", waiting_time)?;
        self.well.clock().at("waiting_time", waiting_time)?;
        Ok(Self { waiting_time, ..self })
    }

    /// Mean of the weight `w(time)`, with times counted from the start: `m₀ r(time)`.
    ///
    /// # Errors
    /// [`OracleError`] for a time outside the clock, or where a hill throws the weight beyond any double.
    pub fn weight_mean(&self, time: f64) -> Result<f64, OracleError> {
        if time == f64::INFINITY && self.start_mean != 0.0 && self.well.fate() != Fate::Held {
            return Err(no_limit("the limit of the mean of the weight"));
        }
        let mean = self.mean_at(self.well.clock().at("time", time)?);
        require_held(mean, "the mean of the weight", time)
    }

    /// Variance of the weight `w(time)`: `s₀² r(time)² + V(time)`.
    ///
    /// # Errors
    /// As [`weight_mean`](Self::weight_mean).
    pub fn weight_variance(&self, time: f64) -> Result<f64, OracleError> {
        let variance = self.variance_at(self.well.clock().at("time", time)?);
        require_held(variance, "the variance of the weight", time)
    }

    /// Covariance of `w(time)` with `w(time + lag)`; divided by the variance of `w(time)` it is the autocorrelation.
    ///
    /// # Errors
    /// As [`weight_mean`](Self::weight_mean).
    pub fn weight_covariance(&self, time: f64, lag: f64) -> Result<f64, OracleError> {
        let (origin, later) = (self.well.clock().at("time", time)?, self.well.clock().at("lag", lag)?);
        if lag == f64::INFINITY && self.well.fate() != Fate::Held {
            return Err(no_limit("the limit of the covariance of the weight"));
        }
        let covariance = self.well.covariance(later, self.variance_at(origin), time > 0.0);
        require_held(covariance, "the covariance of the weight", lag)
    }

    /// Of a well, with the weight at its bottom at time 0 and no waiting time.
    pub(crate) fn of(well: LinearRelaxation) -> Self {
        Self { well, start_mean: 0.0, start_standard_deviation: 0.0, waiting_time: 0.0 }
    }

    /// The same start and number of steps, with one parameter multiplied by `factor`.
    pub(crate) fn with_rescaled(self, parameter: Parameter, factor: f64) -> Result<Self, OracleError> {
        let well = self.well.rescaled(parameter, factor)?;
        let waiting_time =
            if parameter == Parameter::Step { self.waiting_time * factor } else { self.waiting_time };
        Ok(Self { well, waiting_time, ..self })
    }

    pub(crate) fn relaxation(&self) -> &LinearRelaxation {
        &self.well
    }

    /// Variance of the weight when the waiting time has passed.
    pub(crate) fn variance_at_origin(&self) -> Result<f64, OracleError> {
        Ok(self.variance_at(self.well.clock().at("waiting_time", self.waiting_time)?))
    }

    // A retention that overflows must not meet a start at 0 or without spread.
    fn mean_at(&self, at: Instant) -> f64 {
        if self.start_mean == 0.0 { 0.0 } else { self.start_mean * self.well.retention(at) }
    }

    fn variance_at(&self, at: Instant) -> f64 {
        let spread = if self.start_standard_deviation == 0.0 {
            0.0
        } else {
            self.start_standard_deviation * self.well.retention(at)
        };
        spread * spread + self.well.noise_variance(at)
    }

    /// Temperature below which the overlap never falls to `level`: `None` where it falls at every temperature (a
    /// broad start) or, for `stiffness ≤ 0`, where there is no such temperature.
    ///
    /// From the bottom of the well it is `eps² k P_D / (2 x²)`, `erf(x) = level` (PHYSICS.md D.2).
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for the arguments; [`OracleError::Undefined`] for a start with a mean, where the
    /// overlap is no function of one variance, for an unstable step, and for one that overshoots (`kappa dt > 1` where
    /// `a = 1 − kappa dt`), where the overlap is lowest at a finite lag.
    pub fn divergence_temperature(&self, half_width: f64, level: f64) -> Result<Option<f64>, OracleError> {
        let needed = relaxation::variance_at_level(half_width, level)?;
        if self.start_mean != 0.0 {
            let reason = "the start has a mean; search relaxation_time over temperatures instead";
            return Err(OracleError::Undefined { quantity: "a closed-form divergence temperature", reason });
        }
        if self.well.stiffness() <= 0.0 {
            return Ok(None);
        }
        if self.well.overshoots() {
            let reason = "the step overshoots; search relaxation_time over temperatures instead";
            return Err(OracleError::Undefined { quantity: "a closed-form divergence temperature", reason });
        }
        // MSD_inf = V_inf + V(t_w) + s₀² r², where V_inf and V are proportional to the temperature.
        let bath = self.well.bath();
        let unit = self.well.in_bath(Bath::new(bath.mobility(), 1.0, bath.dataset_size())?);
        let waited = self.well.clock().at("waiting_time", self.waiting_time)?;
        let per_temperature = unit.stationary_variance()? + unit.noise_variance(waited);
        let spread = self.start_standard_deviation * self.well.retention(waited);
        let temperature = (needed - spread * spread) / per_temperature;
        Ok((temperature > 0.0).then_some(temperature))
    }

    /// Continuous clock, start without mean. The variance is `2 D y + B y²` in the effective time
    /// `y = (1 − e^{−kappa t})/kappa`, `B = kappa r(t_w)² (kappa s₀² − D)`: a quadratic equation.
    fn relaxation_time_in_closed_form(&self, needed: f64) -> Result<Option<f64>, OracleError> {
        let (rate, diffusion) = (self.well.rate(), self.well.bath().diffusion());
        let retained = self.well.retention(self.well.clock().at("waiting_time", self.waiting_time)?);
        let curvature = rate * (rate * self.start_standard_deviation.powi(2) - diffusion) * needed;
        // On a hill the square of what is retained overflows first.
        let root = if curvature >= 0.0 {
            hypot(diffusion, curvature.sqrt() * retained)
        } else {
            (diffusion * diffusion + curvature * retained * retained).sqrt()
        };
        if root.is_nan() {
            return Ok(None);
        }
        let effective = needed / (diffusion + root);
        if !effective.is_finite() || rate * effective >= 1.0 {
            return Ok(None);
        }
        Ok(Some(if rate == 0.0 { effective } else { -log1p(-rate * effective) / rate }))
    }
}

impl QuadraticWell {
    /// The displacement after a finite lag, or an infinite one of a weight that is held.
    fn displacement_after(&self, lag: f64) -> Result<Displacement, OracleError> {
        let at = self.well.clock().at("lag", lag)?;
        let waited = self.well.clock().at("waiting_time", self.waiting_time)?;
        let (loss, start) = (self.well.loss(at), self.mean_at(waited));
        // On a hill `loss` may be infinite; what is exactly 0 stays 0.
        let mean = if start == 0.0 { 0.0 } else { -start * loss };
        let variance = self.well.displacement_variance(at, self.variance_at(waited), waited.time > 0.0);
        if !mean.is_finite() || variance.is_nan() {
            return Err(OracleError::Overflow { quantity: "the displacement", argument: "lag", value: lag });
        }
        if variance == f64::INFINITY && matches!(self.well.fate(), Fate::Thrown { .. }) {
            let Thrown { start, deviation, scale } = self.thrown(waited);
            let share = share_of_the_mean(start, deviation);
            return Ok(Displacement::beyond_a_double(mean, loss.abs() * scale * deviation, share));
        }
        Displacement::gaussian(mean, variance)
    }

    /// Mean at the waiting time, and standard deviation of the displacement in units of `|1 − r(t)|`, as `|r(t)| → ∞`; both
    /// in units of `scale`, for which the weight may have been thrown far while it waited.
    fn thrown(&self, waited: Instant) -> Thrown {
        let (mean, variance) = (self.mean_at(waited), self.variance_at(waited));
        if mean.is_finite() && variance.is_finite() {
            let deviation = self.well.thrown_displacement_deviation(variance.sqrt(), waited.time > 0.0);
            return Thrown { start: mean, deviation, scale: 1.0 };
        }
        // What the lag adds is nothing beside it.
        let deviation = hypot(self.start_standard_deviation, self.well.thrown_deviation());
        Thrown { start: self.start_mean, deviation, scale: self.well.retention(waited).abs() }
    }
}

/// What is left of a law in units of a retention that overflows.
struct Thrown {
    start: f64,
    deviation: f64,
    scale: f64,
}

fn share_of_the_mean(mean: f64, deviation: f64) -> f64 {
    if mean == 0.0 { 0.0 } else { 1.0 / (1.0 + (deviation / mean).powi(2)) }
}

impl DisplacementLaw for QuadraticWell {
    fn clock(&self) -> Clock {
        self.well.clock()
    }

    /// After an infinite lag on a hill, the limit of growing distance: nothing overlaps.
    fn displacement(&self, lag: f64) -> Result<Displacement, OracleError> {
        if lag != f64::INFINITY {
            return self.displacement_after(lag);
        }
        let [even, odd] = self.displacement_limits()?;
        if even == odd { Ok(even) } else { Err(no_limit("the limit of the displacement")) }
    }

    fn displacement_limits(&self) -> Result<[Displacement; 2], OracleError> {
        let waited = self.well.clock().at("waiting_time", self.waiting_time)?;
        match (self.well.fate(), self.well.clock()) {
            (Fate::Thrown { alternates }, _) => {
                let Thrown { start, deviation, .. } = self.thrown(waited);
                // What is exactly 0 stays 0.
                let grown = |value: f64| if value == 0.0 { 0.0 } else { f64::INFINITY * value };
                let share = share_of_the_mean(start, deviation);
                let limit = |mean| Displacement::beyond_a_double(mean, grown(deviation), share);
                // `−(1 − r) m` with r → ∞, and along odd steps of an alternating weight r → −∞.
                let (even, odd) = (grown(start), if alternates { -grown(start) } else { grown(start) });
                Ok([limit(even), limit(odd)])
            }
            (Fate::Alternating, Clock::Steps { dt }) => {
                // From its first step on, nothing changes but the side, unless noise adds up.
                let limits = [self.displacement_after(2.0 * dt)?, self.displacement_after(3.0 * dt)?];
                if !self.well.gathers_noise() {
                    return Ok(limits);
                }
                let [even, odd] = limits.map(|one| Displacement::gaussian(one.mean(), f64::INFINITY));
                Ok([even?, odd?])
            }
            _ => {
                let limit = self.displacement_after(f64::INFINITY)?;
                Ok([limit.clone(), limit])
            }
        }
    }

    fn relaxation_time(&self, half_width: f64, level: f64) -> Result<Option<f64>, OracleError> {
        let needed = relaxation::variance_at_level(half_width, level)?;
        match self.well.clock() {
            Clock::Continuous if self.start_mean == 0.0 => self.relaxation_time_in_closed_form(needed),
            _ => relaxation::search(self, half_width, level),
        }
    }
}

fn require_held(value: f64, quantity: &'static str, time: f64) -> Result<f64, OracleError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(OracleError::Overflow { quantity, argument: "time", value: time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn papers_well(temperature: f64) -> QuadraticWell {
        QuadraticWell::new(Bath::new(1e-3, temperature, 6e4).unwrap(), 0.01, Clock::Continuous).unwrap()
    }

    #[test]
    fn relaxation_diverges_at_the_printed_temperature() {
        // PHYSICS.md D.2: 8.0e-6 for eps = 1.9e-4.
        let temperature = papers_well(1.0).divergence_temperature(1.9e-4, 0.9).unwrap().unwrap();
        assert_relative_eq!(temperature, 8.0e-6, max_relative = 1e-2);
        assert!(papers_well(temperature * 1.000_001).relaxation_time(1.9e-4, 0.9).unwrap().is_some());
        assert_eq!(papers_well(temperature * 0.999_999).relaxation_time(1.9e-4, 0.9).unwrap(), None);
    }

    #[test]
    fn a_broad_start_at_zero_temperature_relaxes_in_the_printed_time() {
        // PHYSICS.md D.2: −(1/kappa) ln(1 − e^{kappa t_w} / (1.644853627 chi)), 203 steps for chi = 300.
        let sigma = 0.057;
        let time = |waiting| {
            let well = papers_well(0.0).from_gaussian(0.0, sigma).unwrap().after_waiting(waiting).unwrap();
            well.relaxation_time(sigma / 300.0, 0.9).unwrap().unwrap()
        };
        assert_relative_eq!(time(0.0), 203.0, max_relative = 2e-3);
        // C.8: the null model of ageing.
        for (waiting, steps) in [(2e4, 248.0), (5e4, 335.0), (8e4, 452.0), (1e5, 552.0), (1.5e5, 912.0)] {
            assert_relative_eq!(time(waiting), steps, max_relative = 2e-3);
        }
    }

    #[test]
    fn closed_forms_agree_with_the_search() {
        for (stiffness, spread, waiting) in [
            (0.01, 0.0, 0.0),
            (0.01, 3e-4, 0.0),
            (0.01, 0.05, 2e4),
            (-0.01, 1e-4, 1e4),
            (0.0, 0.1, 5.0),
            (1e-9, 0.0, 1e3),
        ] {
            let bath = Bath::new(1e-3, 1e-4, 6e4).unwrap();
            let well = QuadraticWell::new(bath, stiffness, Clock::Continuous).unwrap();
            let well = well.from_gaussian(0.0, spread).unwrap().after_waiting(waiting).unwrap();
            for level in [0.99, 0.9, 0.5, 0.3] {
                let closed = well.relaxation_time(1.9e-4, level).unwrap();
                let searched = relaxation::search(&well, 1.9e-4, level).unwrap();
                match (closed, searched) {
                    (Some(closed), Some(searched)) => {
                        assert_relative_eq!(closed, searched, max_relative = 1e-12);
                    }
                    (closed, searched) => assert_eq!(closed, searched),
                }
            }
        }
    }

    #[test]
    fn long_times_have_the_limits_of_appendix_h_corrected() {
        // C.4: MSD_inf = w0² + T/(k P_D) from a fixed start.
        let well = papers_well(0.1).from_fixed(0.057).unwrap();
        let expected = 0.057_f64.powi(2) + 0.1 / (0.01 * 6e4);
        assert_relative_eq!(well.mean_squared_displacement_limit().unwrap(), expected, max_relative = 1e-14);
    }

    #[test]
    fn a_hill_overflows_with_an_error_and_spreads_without_one() {
        let hill = QuadraticWell::new(Bath::new(1.0, 1.0, 1.0).unwrap(), -1.0, Clock::Continuous).unwrap();
        assert_eq!(hill.overlap_limit(1.0).unwrap(), 0.0);
        let thrown = hill.from_fixed(1.0).unwrap().displacement(1e4).unwrap_err();
        assert_eq!(thrown.to_string(), "the displacement at lag = 10000 is too large for a double");
    }

    #[test]
    fn a_well_without_stiffness_holds_nothing_for_ever() {
        let bath = Bath::new(1.0, 1.0, 1.0).unwrap();
        for clock in [Clock::Continuous, Clock::Steps { dt: 0.5 }] {
            let flat = QuadraticWell::new(bath, 0.0, clock).unwrap();
            assert_eq!(flat.overlap_limit(1.0).unwrap(), 0.0);
            assert_eq!(flat.mean_squared_displacement_limit().unwrap(), f64::INFINITY);
        }
    }

    #[test]
    fn period_two_oscillation_shows_in_the_mean() {
        let bath = Bath::new(1.0, 0.0, 1.0).unwrap();
        let well = QuadraticWell::new(bath, 1.5, Clock::Steps { dt: 1.0 }).unwrap().from_fixed(1.0).unwrap();
        let mean = |n: f64| well.displacement(n).unwrap().mean();
        assert_relative_eq!(mean(1.0), -1.5);
        assert_relative_eq!(mean(2.0), -0.75);
        assert_relative_eq!(mean(3.0), -1.125);
    }
}
