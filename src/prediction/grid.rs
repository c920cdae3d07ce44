//! The values that a parameter takes: one, a list, or a range.

use glassbox_oracle::Number;
use std::str::FromStr;
use thiserror::Error;

/// The values that a parameter takes.
///
/// ```
/// use glassbox::prediction::Values;
/// let numbers = |text: &str| text.parse::<Values>().unwrap().numbers();
/// assert_eq!(numbers("0.01"), [0.01]);
/// assert_eq!(numbers("1,2,5"), [1.0, 2.0, 5.0]);
/// assert_eq!(numbers("1:100:3"), [1.0, 10.0, 100.0]);
/// assert_eq!(numbers("0:1:3:linear"), [0.0, 0.5, 1.0]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// These, in this order.
    List(Vec<f64>),
    /// From one number to another.
    Range(Range),
}

/// Numbers from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// First number.
    pub from: f64,
    /// Last number.
    pub to: f64,
    /// How many, at least 2.
    pub points: usize,
    /// How they are spaced.
    pub spacing: Spacing,
}

/// How the numbers of a range are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Equal ratios: both ends above 0.
    Logarithmic,
    /// Equal differences.
    Linear,
}

/// A text that is no value, list or range.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum GridError {
    /// Something that is no number.
    #[error("{0:?} is not a number")]
    NotANumber(String),
    /// Not a number of points.
    #[error("{0:?} is not a number of points; it must be a whole number from 2 to 10000000")]
    Points(String),
    /// A logarithmic range that reaches 0.
    #[error("a logarithmic range goes from {} to {}; both must be finite and above 0 (or add :linear)", Number::from(.from), Number::from(.to))]
    NotLogarithmic {
        /// First number.
        from: f64,
        /// Last number.
        to: f64,
    },
    /// An infinite linear range.
    #[error("a range goes from {} to {}; both must be finite", Number::from(.from), Number::from(.to))]
    NotFinite {
        /// First number.
        from: f64,
        /// Last number.
        to: f64,
    },
    /// Something else.
    #[error("{0:?} is no value; give VALUE, A,B,C or FROM:TO:POINTS with :linear or :log behind it")]
    Form(String),
}

impl Values {
    /// The numbers.
    #[must_use]
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Values::List(numbers) => numbers.clone(),
            Values::Range(range) => range.numbers(),
        }
    }

    /// Whether the numbers were generated, and none of them was named but the ends.
    pub(super) fn is_generated(&self) -> bool {
        matches!(self, Values::Range(_))
    }
}

impl Range {
    /// A range with equal ratios.
    pub(crate) const fn logarithmic(from: f64, to: f64, points: usize) -> Self {
        Self { from, to, points, spacing: Spacing::Logarithmic }
    }

    /// A range with equal differences.
    pub(crate) const fn linear(from: f64, to: f64, points: usize) -> Self {
        Self { from, to, points, spacing: Spacing::Linear }
    }

    /// The numbers, the ends exactly as given.
    #[must_use]
    pub fn numbers(&self) -> Vec<f64> {
        let last = self.points.saturating_sub(1);
        let at = |index: usize| match index {
            0 => self.from,
            _ if index == last => self.to,
            _ => {
                let fraction = index as f64 / last as f64;
                match self.spacing {
                    Spacing::Linear => self.from + fraction * (self.to - self.from),
                    Spacing::Logarithmic => {
                        // Powers of ten, so that decades are exact.
                        libm::exp10(
                            (1.0 - fraction) * libm::log10(self.from) + fraction * libm::log10(self.to),
                        )
                    }
                }
            }
        };
        (0..self.points).map(at).collect()
    }
}

impl FromStr for Values {
    type Err = GridError;

    fn from_str(text: &str) -> Result<Self, GridError> {
        if !text.contains(':') {
            return text.split(',').map(number).collect::<Result<_, _>>().map(Values::List);
        }
        let parts: Vec<&str> = text.split(':').collect();
        let (ends, spacing) = match parts[..] {
            [from, to, points] | [from, to, points, "log"] => ([from, to, points], Spacing::Logarithmic),
            [from, to, points, "linear"] => ([from, to, points], Spacing::Linear),
            _ => return Err(GridError::Form(text.to_owned())),
        };
        let (from, to) = (number(ends[0])?, number(ends[1])?);
        let points = ends[2].trim().parse().ok().filter(|points| (2..=super::MOST_ROWS).contains(points));
        let points = points.ok_or_else(|| GridError::Points(ends[2].to_owned()))?;
        let finite = from.is_finite() && to.is_finite();
        match spacing {
            Spacing::Logarithmic if !(finite && from > 0.0 && to > 0.0) => {
                Err(GridError::NotLogarithmic { from, to })
            }
            _ if !finite => Err(GridError::NotFinite { from, to }),
            _ => Ok(Values::Range(Range { from, to, points, spacing })),
        }
    }
}

fn number(text: &str) -> Result<f64, GridError> {
    let number: Option<f64> = text.trim().parse().ok();
    number.filter(|number| !number.is_nan()).ok_or_else(|| GridError::NotANumber(text.to_owned()))
}

/// Moves times to the nearest step, those above 0 to the first at least, and leaves each step once.
pub(super) fn move_to_steps(times: &mut Vec<f64>, dt: f64) {
    for time in times.iter_mut().filter(|time| time.is_finite()) {
        let least = if *time > 0.0 { 1.0 } else { 0.0 };
        *time = (*time / dt).round().max(least) * dt;
    }
    times.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_values_are_named() {
        let message = |text: &str| text.parse::<Values>().unwrap_err().to_string();
        assert_eq!(message("1,x"), "\"x\" is not a number");
        assert_eq!(message("nan"), "\"nan\" is not a number");
        assert_eq!(message(""), "\"\" is not a number");
        assert!(message("0:1:5").starts_with("a logarithmic range goes from 0 to 1; both must be"));
        assert!(message("1:inf:5:linear").starts_with("a range goes from 1 to inf"));
        assert!(message("1:2:1").starts_with("\"1\" is not a number of points"));
        assert!(message("1:2").contains("FROM:TO:POINTS"));
        assert!(message("1:2:3:cubic").contains("FROM:TO:POINTS"));
    }

    #[test]
    fn a_logarithmic_range_has_its_decades() {
        let numbers = Range::logarithmic(1e-4, 1e4, 9).numbers();
        for (number, exponent) in numbers.iter().zip(-4..) {
            approx_eq(*number, 10_f64.powi(exponent));
        }
        assert_eq!((numbers[0], numbers[8]), (1e-4, 1e4));
    }

    fn approx_eq(got: f64, expected: f64) {
        // exp10 ∘ log10 of a number below 1e4: a few ulps times its logarithm.
        assert!((got / expected - 1.0).abs() < 1e-14, "{got} is not {expected}");
    }

    #[test]
    fn times_move_to_steps() {
        let mut times = vec![0.0, 0.1, 0.4, 1.0, 1.2, 7.6, f64::INFINITY];
        move_to_steps(&mut times, 0.5);
        assert_eq!(times, [0.0, 0.5, 1.0, 7.5, f64::INFINITY]);
    }
}
