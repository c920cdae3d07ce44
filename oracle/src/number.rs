//! Numbers in messages.

use std::fmt;

/// A number as messages show it: its shortest digits, with an exponent from 1e16 up and below 1e-5, where digits alone
/// would be hundreds of characters long.
///
/// ```
/// use glassbox_oracle::Number;
/// assert_eq!(Number::from(0.25).to_string(), "0.25");
/// assert_eq!(Number::from(-1e300).to_string(), "-1e300");
/// assert_eq!(Number::from(5e-324).to_string(), "5e-324");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(f64);

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl From<&f64> for Number {
    fn from(value: &f64) -> Self {
        Self(*value)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.abs();
        if magnitude == 0.0 || !magnitude.is_finite() || (1e-5..1e16).contains(&magnitude) {
            fmt::Display::fmt(&self.0, formatter)
        } else {
            fmt::LowerExp::fmt(&self.0, formatter)
        }
    }
}
