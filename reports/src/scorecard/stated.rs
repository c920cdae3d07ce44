//! A number as it is printed, and how precisely.

use serde::{Deserialize, Serialize};

/// A number of the paper with its stated precision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatedValue {
    /// The number.
    #[serde(deserialize_with = "super::document::number_or_null")]
    pub value: f64,
    /// Half of the last printed digit, or the stated error; at least 0.
    #[serde(deserialize_with = "super::document::number_or_null")]
    pub precision: f64,
}

/// A text that is no number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("stated value {0:?}: must be a decimal number such as \"-0.48\", \"3e5\" or \"0.18\"")]
pub struct NotANumber(pub String);

impl StatedValue {
    /// A number with a precision of its own; a negative precision is taken without its sign.
    pub fn new(value: f64, precision: f64) -> Self {
        Self { value, precision: precision.abs() }
    }

    /// A number precise to half of its last printed digit.
    ///
    /// ```
    /// use glassbox_reports::scorecard::StatedValue;
    /// let exponent = StatedValue::from_digits("-0.48")?;
    /// assert_eq!((exponent.value, exponent.precision), (-0.48, 0.005));
    /// assert_eq!(StatedValue::from_digits("3e5")?.precision, 5e4);
    /// # Ok::<(), glassbox_reports::scorecard::NotANumber>(())
    /// ```
    ///
    /// # Errors
    /// [`NotANumber`] unless the text is a finite decimal number.
    pub fn from_digits(text: &str) -> Result<Self, NotANumber> {
        let refused = || NotANumber(text.to_owned());
        let plain = text.trim().replace('−', "-");
        let value: f64 = plain.parse().map_err(|_| refused())?;
        if !value.is_finite() {
            return Err(refused());
        }
        let (mantissa, exponent) = plain.split_once(['e', 'E']).unwrap_or((&plain, "0"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let exponent: i64 = exponent.parse().map_err(|_| refused())?;
        let last = exponent - i64::try_from(decimals).unwrap_or(i64::MAX);
        let precision: f64 = format!("5e{}", last.saturating_sub(1)).parse().map_err(|_| refused())?;
        Ok(Self { value, precision })
    }
}

#[cfg(test)]
mod tests {
    use super::StatedValue;

    #[test]
    fn the_last_digit_tells_the_precision() {
        for (text, value, precision) in [
            ("0.18", 0.18, 0.005),
            ("−1", -1.0, 0.5),
            ("4830", 4830.0, 0.5),
            ("1.0e-4", 1e-4, 5e-6),
            ("1.", 1.0, 0.5),
        ] {
            let stated = StatedValue::from_digits(text).unwrap();
            assert_eq!((stated.value, stated.precision), (value, precision), "{text}");
        }
        for text in ["", "about 1", "inf", "NaN", "1e999", "e5", "1,5"] {
            assert!(StatedValue::from_digits(text).is_err(), "{text}");
        }
    }
}
