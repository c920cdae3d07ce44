//! The distribution of a displacement, and every observable that follows from it.

use crate::error::{OracleError, require_finite, require_non_negative};
use crate::numerics::special::{erf_window, erf_window_complement, exp_minus_square};
use crate::numerics::summation::sum;
use libm::erfc;
use std::f64::consts::{LN_10, PI, SQRT_2};

/// One Gaussian: mean and variance of a displacement.
///
/// Variance 0 is a displacement that is certain; an infinite variance is the limit of unbounded spreading, or one that no
/// double holds. An infinite mean is the limit of a weight that a hill throws away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    mean: f64,
    variance: f64,
    beyond: Option<Beyond>,
}

/// What is known of a Gaussian whose variance no double holds, or whose mean has no bound.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Beyond {
    standard_deviation: f64,
    /// mean² / (mean² + variance).
    ballistic_share: f64,
}

/// The distribution of a displacement: a Gaussian, or a mixture of Gaussians.
///
/// ```
/// use glassbox_oracle::Displacement;
/// // Nine weights in a hundred move, the others do not: the non-Gaussian parameter is 1/0.09 − 1.
/// let mobile = Displacement::gaussian(0.0, 4.0)?;
/// let rest = Displacement::gaussian(0.0, 0.0)?;
/// let all = Displacement::mixture([(0.09, mobile), (0.91, rest)])?;
/// assert!((all.non_gaussian_parameter().unwrap() - (1.0 / 0.09 - 1.0)).abs() < 1e-12);
/// # Ok::<(), glassbox_oracle::OracleError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Displacement(Shape);

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// The usual case, kept off the heap.
    Single([(f64, Gaussian); 1]),
    Mixture(Vec<(f64, Gaussian)>),
}

impl Gaussian {
    pub(crate) const fn new(mean: f64, variance: f64) -> Self {
        Self { mean, variance, beyond: None }
    }

    /// Mean.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Variance about the mean.
    #[must_use]
    pub const fn variance(&self) -> f64 {
        self.variance
    }

    fn second_moment(&self) -> f64 {
        self.mean * self.mean + self.variance
    }

    /// mean² / (mean² + variance), 0 where both vanish.
    fn ballistic_share(&self) -> f64 {
        match self.beyond {
            Some(beyond) => beyond.ballistic_share,
            None if self.mean == 0.0 => 0.0,
            None => 1.0 / (1.0 + self.variance / self.mean / self.mean),
        }
    }

    fn in_window(&self, half_width: f64, certain: fn(bool) -> f64, spread: fn(f64, f64) -> f64) -> f64 {
        if self.variance == 0.0 || self.mean.is_infinite() {
            return certain(self.mean.abs() <= half_width);
        }
        let scale = self.scale();
        spread(self.mean / scale, half_width / scale)
    }

    /// √(2 v), the unit in which error functions count.
    fn scale(&self) -> f64 {
        match self.beyond {
            Some(beyond) => SQRT_2 * beyond.standard_deviation,
            // Twice the variance may overflow.
            None if self.variance > 1e307 => SQRT_2 * self.variance.sqrt(),
            None => (2.0 * self.variance).sqrt(),
        }
    }

    fn survival(&self, position: f64) -> f64 {
        if self.variance == 0.0 || self.mean.is_infinite() {
            return if position < self.mean { 1.0 } else { 0.0 };
        }
        0.5 * erfc((position - self.mean) / self.scale())
    }

    fn cumulative(&self, position: f64) -> f64 {
        if self.variance == 0.0 || self.mean.is_infinite() {
            return if position < self.mean { 0.0 } else { 1.0 };
        }
        0.5 * erfc((self.mean - position) / self.scale())
    }

    fn density(&self, position: f64) -> f64 {
        if self.variance == 0.0 || self.mean.is_infinite() {
            return if position == self.mean { f64::INFINITY } else { 0.0 };
        }
        exp_minus_square((position - self.mean) / self.scale()) / (PI.sqrt() * self.scale())
    }
}

impl Displacement {
    /// A Gaussian displacement with this mean and variance (weight, weight squared).
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] unless `mean` is finite and `variance` is at least 0 (infinity allowed).
    pub fn gaussian(mean: f64, variance: f64) -> Result<Self, OracleError> {
        let mean = require_finite("mean", mean)?;
        if variance.is_nan() || variance < 0.0 {
            return Err(OracleError::OutOfRange {
                argument: "variance",
                value: variance,
                allowed: "at least 0",
            });
        }
        Ok(Self(Shape::Single([(1.0, Gaussian::new(mean, variance))])))
    }

    /// A Gaussian whose variance is beyond any double, or whose mean is infinite: the limit of a weight that is thrown
    /// away. The share is that of the mean in the mean squared displacement.
    pub(crate) fn beyond_a_double(mean: f64, standard_deviation: f64, ballistic_share: f64) -> Self {
        let beyond = Some(Beyond { standard_deviation, ballistic_share });
        let variance = standard_deviation * standard_deviation;
        Self(Shape::Single([(1.0, Gaussian { mean, variance, beyond })]))
    }

    /// A mixture of displacements with these fractions (PHYSICS.md D.3), which must add to 1 within 1e-12.
    ///
    /// # Errors
    /// [`OracleError::OutOfRange`] for a negative fraction or a sum that is not 1.
    pub fn mixture(parts: impl IntoIterator<Item = (f64, Displacement)>) -> Result<Self, OracleError> {
        let mut components = Vec::new();
        for (fraction, part) in parts {
            require_non_negative("fraction", fraction)?;
            components
                .extend(part.components().iter().map(|&(share, gaussian)| (fraction * share, gaussian)));
        }
        let sum = sum(components.iter().map(|(fraction, _)| *fraction));
        if (sum - 1.0).abs() > 1e-12 {
            return Err(OracleError::OutOfRange {
                argument: "sum of the fractions",
                value: sum,
                allowed: "1",
            });
        }
        Ok(Self(Shape::Mixture(components)))
    }

    /// The Gaussians that make up the distribution, each with its fraction.
    #[must_use]
    pub fn components(&self) -> &[(f64, Gaussian)] {
        match &self.0 {
            Shape::Single(component) => component,
            Shape::Mixture(components) => components,
        }
    }

    fn average(&self, of: impl Fn(&Gaussian) -> f64) -> f64 {
        // A fraction of 0 must not meet an infinite moment.
        let present = self.components().iter().filter(|(fraction, _)| *fraction > 0.0);
        sum(present.map(|(fraction, gaussian)| fraction * of(gaussian)))
    }

    /// Mean displacement.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.average(Gaussian::mean)
    }

    /// Variance about the mean.
    #[must_use]
    pub fn variance(&self) -> f64 {
        if let [(_, single)] = self.components() {
            return single.variance;
        }
        let mean = self.mean();
        self.average(|part| part.variance + (part.mean - mean) * (part.mean - mean))
    }

    /// Mean squared displacement `<dw²>` (paper Eq. 7), weight squared.
    #[must_use]
    pub fn mean_squared_displacement(&self) -> f64 {
        self.average(Gaussian::second_moment)
    }

    /// Overlap `Q = P(|dw| ≤ half_width)` (paper Eq. 4 with Θ(0) = 0, so that a displacement of exactly
    /// `half_width` counts as overlapping). `half_width ≥ 0`; NaN gives NaN.
    #[must_use]
    pub fn overlap(&self, half_width: f64) -> f64 {
        self.average(|part| part.in_window(half_width, |inside| f64::from(u8::from(inside)), erf_window))
    }

    /// `1 − Q`, the fraction that moved farther than `half_width`, without cancellation where Q is nearly 1.
    #[must_use]
    pub fn mobile_fraction(&self, half_width: f64) -> f64 {
        self.average(|part| {
            part.in_window(half_width, |inside| f64::from(u8::from(!inside)), erf_window_complement)
        })
    }

    /// Non-Gaussian parameter `<dw⁴> / (3 <dw²>²) − 1` (paper Eq. 9); `None` for a displacement that is always 0,
    /// and for a mixture with infinite variances, whose ratios are not known.
    ///
    /// Evaluated as `Var_p(q)/q̄² − (2/3) Σ p m⁴/q̄²` with `q = m² + v`, which does not cancel for one Gaussian.
    #[must_use]
    pub fn non_gaussian_parameter(&self) -> Option<f64> {
        if let [(_, gaussian)] = self.components() {
            let share = gaussian.ballistic_share();
            // Plus 0: a displacement without mean has 0, not −0.
            return (gaussian.second_moment() > 0.0).then_some(0.0 - 2.0 / 3.0 * share * share);
        }
        let mean_square = self.mean_squared_displacement();
        let spread = self.average(|part| (part.second_moment() / mean_square - 1.0).powi(2));
        let ballistic = self.average(|part| (part.mean * part.mean / mean_square).powi(2));
        (mean_square > 0.0 && mean_square.is_finite()).then_some(spread - 2.0 / 3.0 * ballistic)
    }

    /// `P(dw ≤ position)`, relatively accurate in the lower tail.
    #[must_use]
    pub fn cumulative(&self, position: f64) -> f64 {
        self.average(|part| part.cumulative(position))
    }

    /// `P(dw > position)`, relatively accurate in the upper tail.
    #[must_use]
    pub fn survival(&self, position: f64) -> f64 {
        self.average(|part| part.survival(position))
    }

    /// Probability density of `dw` at `position`; infinite at a certain displacement.
    #[must_use]
    pub fn density(&self, position: f64) -> f64 {
        self.average(|part| part.density(position))
    }

    /// Probability density of `|dw|` at `magnitude ≥ 0`; 0 for negative magnitudes.
    #[must_use]
    pub fn magnitude_density(&self, magnitude: f64) -> f64 {
        if magnitude < 0.0 { 0.0 } else { self.density(magnitude) + self.density(-magnitude) }
    }

    /// Probability density of `log10 |dw|` at `log10_magnitude` (paper Fig. 7d–f).
    #[must_use]
    pub fn log10_magnitude_density(&self, log10_magnitude: f64) -> f64 {
        let magnitude = 10.0_f64.powf(log10_magnitude);
        LN_10 * magnitude * self.magnitude_density(magnitude)
    }

    /// `dQ / d ln v` at `half_width`: how the overlap answers to a relative change of all variances.
    #[must_use]
    pub fn overlap_response(&self, half_width: f64) -> f64 {
        self.average(|part| {
            if part.variance == 0.0 || part.mean.is_infinite() {
                return 0.0;
            }
            let scale = part.scale();
            let edge = |x: f64| x / scale * exp_minus_square(x / scale);
            -(edge(half_width - part.mean) + edge(half_width + part.mean)) / (2.0 * PI.sqrt())
        })
    }
}

/// Sampling, behind the feature `sampling`.
#[cfg(feature = "sampling")]
impl rand::distr::Distribution<f64> for Displacement {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        use rand::RngExt;
        let mut remaining: f64 = if self.components().len() > 1 { rng.random() } else { 0.0 };
        let standard: f64 = rng.sample(rand_distr::StandardNormal);
        let mut chosen = 0.0;
        for (fraction, gaussian) in self.components() {
            chosen = gaussian.mean + gaussian.variance.sqrt() * standard;
            remaining -= fraction;
            if remaining < 0.0 {
                break;
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn a_certain_displacement_counts_as_overlapping_at_the_edge() {
        let certain = Displacement::gaussian(2.0, 0.0).unwrap();
        assert_eq!((certain.overlap(2.0), certain.overlap(1.999)), (1.0, 0.0));
        assert_eq!((certain.mobile_fraction(2.0), certain.mobile_fraction(1.0)), (0.0, 1.0));
        assert_eq!((certain.cumulative(2.0), certain.survival(2.0)), (1.0, 0.0));
        assert_relative_eq!(certain.non_gaussian_parameter().unwrap(), -2.0 / 3.0);
        assert_eq!(Displacement::gaussian(0.0, 0.0).unwrap().non_gaussian_parameter(), None);
    }

    #[test]
    fn unbounded_spreading_leaves_no_overlap() {
        let spread = Displacement::gaussian(1.0, f64::INFINITY).unwrap();
        assert_eq!((spread.overlap(5.0), spread.mobile_fraction(5.0)), (0.0, 1.0));
        assert_eq!(spread.mean_squared_displacement(), f64::INFINITY);
        assert_eq!(spread.non_gaussian_parameter(), Some(0.0));
    }

    #[test]
    fn two_populations_follow_the_closed_form() {
        // PHYSICS.md D.3: alpha2 = p(1−p)(v1−v2)² / (p v1 + (1−p) v2)².
        let (p, v1, v2) = (0.3, 5.0, 0.2);
        let part = |variance| Displacement::gaussian(0.0, variance).unwrap();
        let mixture = Displacement::mixture([(p, part(v1)), (1.0 - p, part(v2))]).unwrap();
        let expected = p * (1.0 - p) * (v1 - v2).powi(2) / (p * v1 + (1.0 - p) * v2).powi(2);
        assert_relative_eq!(mixture.non_gaussian_parameter().unwrap(), expected, max_relative = 1e-14);
    }

    #[test]
    fn fractions_must_add_to_one() {
        let part = Displacement::gaussian(0.0, 1.0).unwrap();
        let error = Displacement::mixture([(0.5, part.clone()), (0.4, part)]).unwrap_err();
        assert_eq!(error.to_string(), "sum of the fractions is 0.9; it must be 1");
    }

    #[test]
    fn densities_integrate_to_what_the_cumulative_says() {
        let law = Displacement::gaussian(0.7, 1.3).unwrap();
        let sum = |from: f64, to: f64, density: &dyn Fn(f64) -> f64| {
            let steps = 4000;
            let width = (to - from) / f64::from(steps);
            (0..steps).map(|i| density(from + (f64::from(i) + 0.5) * width) * width).sum::<f64>()
        };
        assert_relative_eq!(
            sum(0.0, 2.0, &|x| law.magnitude_density(x)),
            law.overlap(2.0),
            max_relative = 1e-6
        );
        let log = sum(-9.0, 2.0_f64.log10(), &|x| law.log10_magnitude_density(x));
        assert_relative_eq!(log, law.overlap(2.0), max_relative = 1e-5);
        assert_relative_eq!(sum(-8.0, 1.0, &|x| law.density(x)), law.cumulative(1.0), max_relative = 1e-6);
    }

    #[test]
    fn overlap_response_is_the_derivative_of_the_overlap() {
        for (mean, half_width) in [(0.0, 1.0), (0.5, 0.4), (2.0, 0.5)] {
            let at = |variance: f64| Displacement::gaussian(mean, variance).unwrap();
            let (v, h) = (1.7, 1e-5_f64);
            let difference =
                (at(v * h.exp()).overlap(half_width) - at(v * (-h).exp()).overlap(half_width)) / (2.0 * h);
            assert_relative_eq!(at(v).overlap_response(half_width), difference, max_relative = 1e-8);
        }
    }
}
