//! One step of a scheme in a well: the numbers `a`, `b` of the chain `y' = a y + b σ ξ` (table at [`Scheme`]).

use crate::Scheme;
use crate::numerics::double_double::DoubleDouble;
use libm::{exp, expm1, log, log1p};

/// An exponent whose exponential is 1 in double precision, with half of its next term to spare.
pub(super) const NEGLIGIBLE: f64 = 1e-17;

/// The chain of one scheme at one `h = mu k dt`, kept as `ln |a|` and the sign of `a`, so that a million steps lose no
/// more digits than one. The exact step has no chain of its own: it is the continuous law on whole steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LinearStep {
    log_retention: f64,
    alternates: bool,
    noise_gain: f64,
}

impl LinearStep {
    /// The chain of `scheme` at `h`; `None` for the exact step.
    pub(super) fn of(scheme: Scheme, h: DoubleDouble) -> Option<Self> {
        let half_step = DoubleDouble::ONE - h * 0.5;
        Some(match scheme {
            Scheme::ExactStep => return None,
            Scheme::EulerMaruyama => Self { noise_gain: 1.0, ..Self::shortened(h) },
            Scheme::LeimkuhlerMatthews => Self { noise_gain: half_step.high(), ..Self::shortened(h) },
            // 1 − a = h (1 − h/2) is at most ½.
            Scheme::Heun => {
                let shortening = h * half_step;
                let log_retention = log1p(-shortening.high()) - shortening.low() / (1.0 - shortening.high());
                Self { log_retention, alternates: false, noise_gain: half_step.high() }
            }
        })
    }

    /// `a = 1 − h`, without noise.
    fn shortened(h: DoubleDouble) -> Self {
        let (high, low) = (h.high(), h.low());
        if high.abs() < 0.5 {
            let log_retention = log1p(-high) - low / (1.0 - high);
            return Self { log_retention, alternates: false, noise_gain: 0.0 };
        }
        // 1 − h and h − 2 are exact near their zeros.
        let factor = (1.0 - high) - low;
        let log_retention =
            if (1.5..2.5).contains(&high) { log1p((high - 2.0) + low) } else { log(factor.abs()) };
        Self { log_retention, alternates: factor < 0.0, noise_gain: 0.0 }
    }

    /// `ln |a|`.
    pub(super) fn log_retention(self) -> f64 {
        self.log_retention
    }

    /// Whether `a < 0`: the weight changes sides at every step.
    pub(super) fn alternates(self) -> bool {
        self.alternates
    }

    /// `ln |aⁿ|`, and whether `aⁿ` is negative.
    pub(super) fn log_power(self, steps: f64) -> (f64, bool) {
        // No step at all, or a step that changes nothing, for any other number.
        let log = if steps == 0.0 || self.log_retention == 0.0 { 0.0 } else { self.log_retention * steps };
        (log, self.alternates && is_odd(steps))
    }

    /// `b²/(a² − 1)` for `|a| > 1`: what the noise of n steps tends to, in units of `a^{2n} σ²`.
    pub(super) fn gathered_beyond(self) -> f64 {
        let inverse = exp(-self.log_retention);
        (self.noise_gain * inverse).powi(2) / -expm1(-2.0 * self.log_retention)
    }

    /// `1/a`.
    pub(super) fn inverse(self) -> f64 {
        let inverse = exp(-self.log_retention);
        if self.alternates { -inverse } else { inverse }
    }

    /// `aⁿ`.
    pub(super) fn power(self, steps: f64) -> f64 {
        let (log, negative) = self.log_power(steps);
        if negative { -exp(log) } else { exp(log) }
    }

    /// `b² (1 − a^{2n}) / (1 − a²)`: the variance that n steps have gathered in y, in units of σ².
    pub(super) fn gathered(self, steps: f64) -> f64 {
        if steps == 0.0 || self.noise_gain == 0.0 {
            return 0.0;
        }
        // A retention that no double tells from 1 may be subnormal, with few digits.
        let kicks = if self.log_retention == 0.0 || (self.log_retention * steps).abs() < NEGLIGIBLE {
            steps
        } else {
            expm1(2.0 * self.log_retention * steps) / expm1(2.0 * self.log_retention)
        };
        self.noise_gain * self.noise_gain * kicks
    }
}

fn is_odd(steps: f64) -> bool {
    steps % 2.0 == 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Second route: the update equations themselves, with the two answers to a unit weight and to a unit noise.
    #[test]
    fn chains_answer_as_their_update_equations_do() {
        for h in [-0.4, -1e-9, 0.0, 1e-12, 0.1, 0.37, 0.5, 0.99, 1.0, 1.2, 1.5, 1.999, 2.0, 2.4] {
            let heun = |w: f64, noise: f64| {
                let predicted = w - h * w + noise;
                w - h * (w + predicted) / 2.0 + noise
            };
            // y' = w' − σ ξ'/2 with w = y + σ ξ/2.
            let leimkuhler_matthews = |y: f64, noise: f64| {
                let w = y + noise / 2.0;
                w - h * w + noise / 2.0
            };
            let euler = |w: f64, noise: f64| w - h * w + noise;
            let chain = |scheme| LinearStep::of(scheme, DoubleDouble::from(h)).unwrap();
            let close = |scheme, answer: &dyn Fn(f64, f64) -> f64| {
                let chain = chain(scheme);
                assert_relative_eq!(
                    chain.power(1.0),
                    answer(1.0, 0.0),
                    max_relative = 1e-13,
                    epsilon = 1e-15
                );
                assert_relative_eq!(
                    chain.gathered(1.0).sqrt(),
                    answer(0.0, 1.0).abs(),
                    max_relative = 1e-13,
                    epsilon = 1e-15
                );
                assert_eq!((chain.power(0.0), chain.gathered(0.0)), (1.0, 0.0));
            };
            close(Scheme::EulerMaruyama, &euler);
            close(Scheme::Heun, &heun);
            close(Scheme::LeimkuhlerMatthews, &leimkuhler_matthews);
        }
        assert_eq!(LinearStep::of(Scheme::ExactStep, DoubleDouble::ONE), None);
    }
}
