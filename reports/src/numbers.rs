//! Numbers for people: four significant digits, real exponents.

/// Number for a page or a figure: "0.1234", "1.2×10⁻⁵", "−3", "∞".
pub fn typeset(value: f64, digits: usize) -> String {
    let text = match split(value, digits) {
        Split::Plain(text) => text,
        Split::Scientific(mantissa, exponent) => format!("{mantissa}×10{}", superscript(exponent)),
        Split::Infinite(negative) => if negative { "-∞" } else { "∞" }.to_owned(),
        Split::Undefined => "undefined".to_owned(),
    };
    text.replace('-', "−")
}

/// Number for a terminal: "0.1234", "1.2e-5", "-3", "inf".
pub fn plain(value: f64, digits: usize) -> String {
    match split(value, digits) {
        Split::Plain(text) => text,
        Split::Scientific(mantissa, exponent) => format!("{mantissa}e{exponent}"),
        Split::Infinite(negative) => if negative { "-inf" } else { "inf" }.to_owned(),
        Split::Undefined => "undefined".to_owned(),
    }
}

/// Exponent in raised digits: −12 becomes "⁻¹²".
pub fn superscript(exponent: i32) -> String {
    let raise = |character| match character {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    };
    exponent.to_string().chars().map(raise).collect()
}

/// Count with its thousands apart: "1 234 567" (narrow no-break spaces) on a page.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

enum Split {
    Plain(String),
    Scientific(String, i32),
    Infinite(bool),
    Undefined,
}

fn split(value: f64, digits: usize) -> Split {
    if value.is_nan() {
        return Split::Undefined;
    }
    if value.is_infinite() {
        return Split::Infinite(value < 0.0);
    }
    if value == 0.0 {
        return Split::Plain("0".to_owned());
    }
    let decimals = digits.saturating_sub(1);
    let scientific = format!("{value:.decimals$e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-3..5).contains(&exponent) {
        let shown = usize::try_from(i32::try_from(decimals).unwrap_or(0) - exponent).unwrap_or(0);
        return Split::Plain(without_trailing_zeros(&format!("{value:.shown$}")).to_owned());
    }
    Split::Scientific(without_trailing_zeros(mantissa).to_owned(), exponent)
}

fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::{count, plain, superscript, typeset};

    #[test]
    fn four_significant_digits_and_real_exponents() {
        let shown: Vec<_> =
            [0.0, 1.0, -0.5, 0.123_456, 12_345.6, 123_456.0, 1.2e-5, -3e-12, 9.9999e-4, 0.001]
                .map(|value| format!("{} {}", typeset(value, 4), plain(value, 4)))
                .to_vec();
        insta::assert_debug_snapshot!(shown, @r#"
        [
            "0 0",
            "1 1",
            "−0.5 -0.5",
            "0.1235 0.1235",
            "12346 12346",
            "1.235×10⁵ 1.235e5",
            "1.2×10⁻⁵ 1.2e-5",
            "−3×10⁻¹² -3e-12",
            "0.001 0.001",
            "0.001 0.001",
        ]
        "#);
        assert_eq!(plain(99_999.99, 4), "1e5");
    }

    #[test]
    fn numbers_that_are_none_are_named() {
        assert_eq!(typeset(f64::NAN, 4), "undefined");
        assert_eq!(typeset(f64::NEG_INFINITY, 4), "−∞");
        assert_eq!(plain(f64::INFINITY, 4), "inf");
    }

    #[test]
    fn exponents_are_raised_and_thousands_are_apart() {
        assert_eq!(superscript(-120), "⁻¹²⁰");
        assert_eq!(count(1234), "1234");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
