//! Where ticks go and what they say.

use super::range::Range;
use crate::comparison::Scale;
use crate::numbers::{superscript, typeset};

/// A tick: where it is between 0 (low end) and 1 (high end), and its label unless it is a minor one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) fraction: f64,
    pub(crate) label: Option<String>,
}

/// Ticks of an axis with at most about `most` labels.
pub(crate) fn ticks(range: &Range, most: usize) -> Vec<Tick> {
    let most = most.max(2) as f64;
    match range.scale {
        Scale::Linear => labelled(range, &steps(range.low, range.high, most)),
        Scale::Logarithmic => logarithmic(range, most),
    }
}

fn logarithmic(range: &Range, most: f64) -> Vec<Tick> {
    let (first, last) = (range.low.ceil(), range.high.floor());
    if last - first < 1.0 {
        return within_a_decade(range, most);
    }
    let stride = ((last - first + 1.0) / most).ceil();
    let mut ticks = Vec::new();
    for exponent in whole_numbers(range.low.floor(), last) {
        let labelled = exponent.rem_euclid(stride) == 0.0;
        if exponent >= range.low {
            let label = labelled.then(|| power_of_ten(exponent));
            ticks.push(Tick { fraction: position(range, exponent), label });
        }
        if last - first <= 6.0 {
            let minors = (2..10).map(|digit| exponent + f64::from(digit).log10());
            let inside = minors.filter(|place| (range.low..=range.high).contains(place));
            ticks.extend(inside.map(|place| Tick { fraction: position(range, place), label: None }));
        }
    }
    ticks
}

/// Less than two decades: 1, 2 and 5 carry labels, or round numbers where that gives fewer than two.
fn within_a_decade(range: &Range, most: f64) -> Vec<Tick> {
    let places = whole_numbers(range.low.floor(), range.high.floor())
        .flat_map(|exponent| [1.0, 2.0, 5.0].map(|digit: f64| (exponent, digit)))
        .map(|(exponent, digit)| (exponent + digit.log10(), digit, exponent));
    let ticks: Vec<Tick> = places
        .filter(|(place, ..)| (range.low..=range.high).contains(place))
        .map(|(place, digit, exponent)| Tick {
            fraction: position(range, place),
            label: Some(typeset(digit * 10f64.powf(exponent), 4)),
        })
        .collect();
    if ticks.len() >= 3 {
        return ticks;
    }
    labelled(range, &steps(10f64.powf(range.low), 10f64.powf(range.high), most))
}

/// Round numbers between two values, and the step between them.
struct Steps {
    step: f64,
    values: Vec<f64>,
}

fn steps(low: f64, high: f64, most: f64) -> Steps {
    let rough = (high - low) / most;
    let magnitude = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 5.0, 10.0].map(|digit| digit * magnitude).into_iter().find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * magnitude);
    let values =
        whole_numbers((low / step).ceil(), (high / step).floor()).map(|index| index * step).collect();
    Steps { step, values }
}

fn labelled(range: &Range, steps: &Steps) -> Vec<Tick> {
    let largest = steps.values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let tick = |value: &f64| {
        let label = Some(step_label(*value, steps.step, largest));
        range.fraction(*value).map(|fraction| Tick { fraction, label })
    };
    steps.values.iter().filter_map(tick).collect()
}

/// As many decimals as the step needs, so that all labels of an axis look alike.
fn step_label(value: f64, step: f64, largest: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let finest = (step.log10() + 1e-9).floor();
    let exponent = if (1e-3..1e5).contains(&largest) { 0.0 } else { (largest.log10() + 1e-9).floor() };
    let decimals = whole(exponent - finest);
    let mantissa = format!("{:.decimals$}", value / 10f64.powf(exponent));
    let power = if exponent == 0.0 { String::new() } else { format!("×{}", power_of_ten(exponent)) };
    format!("{mantissa}{power}").replace('-', "−")
}

fn position(range: &Range, place: f64) -> f64 {
    (place - range.low) / (range.high - range.low)
}

#[allow(clippy::cast_possible_truncation, reason = "decimal exponents of doubles lie between -324 and 308")]
fn power_of_ten(exponent: f64) -> String {
    format!("10{}", superscript(exponent as i32))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=12")]
fn whole(decimals: f64) -> usize {
    decimals.clamp(0.0, 12.0) as usize
}

/// All whole numbers from `first` to `last`, never more than a thousand.
fn whole_numbers(first: f64, last: f64) -> impl Iterator<Item = f64> {
    (0..1000).map(move |index| first + f64::from(index)).take_while(move |value| *value <= last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, low: f64, high: f64) -> String {
        let ticks = ticks(&Range { scale, low, high }, 6);
        assert!(ticks.iter().all(|tick| (-1e-9..=1.0 + 1e-9).contains(&tick.fraction)), "{ticks:?}");
        ticks.into_iter().filter_map(|tick| tick.label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn linear_ticks_are_round_and_alike() {
        insta::assert_snapshot!(labels(Scale::Linear, -0.03, 1.03), @"0 0.2 0.4 0.6 0.8 1.0");
        insta::assert_snapshot!(labels(Scale::Linear, -4.0, 4.0), @"−4 −2 0 2 4");
        insta::assert_snapshot!(labels(Scale::Linear, 0.0, 3.2e-5), @"0 1×10⁻⁵ 2×10⁻⁵ 3×10⁻⁵");
        insta::assert_snapshot!(labels(Scale::Linear, 0.0, 2.5e7), @"0 0.5×10⁷ 1.0×10⁷ 1.5×10⁷ 2.0×10⁷ 2.5×10⁷");
        insta::assert_snapshot!(labels(Scale::Linear, 0.999_97, 1.000_02), @"0.99998 0.99999 1.00000 1.00001 1.00002");
    }

    #[test]
    fn logarithmic_ticks_are_decades_with_real_exponents() {
        insta::assert_snapshot!(labels(Scale::Logarithmic, -3.2, 1.1), @"10⁻³ 10⁻² 10⁻¹ 10⁰ 10¹");
        insta::assert_snapshot!(labels(Scale::Logarithmic, -30.0, 5.0), @"10⁻³⁰ 10⁻²⁴ 10⁻¹⁸ 10⁻¹² 10⁻⁶ 10⁰");
        insta::assert_snapshot!(labels(Scale::Logarithmic, -0.9, 0.4), @"0.2 0.5 1 2");
        insta::assert_snapshot!(labels(Scale::Logarithmic, -0.1, 0.1), @"0.8 0.9 1.0 1.1 1.2");
        insta::assert_snapshot!(labels(Scale::Logarithmic, -320.0, -319.0), @"10⁻³²⁰ 10⁻³¹⁹");
    }

    #[test]
    fn minor_ticks_fill_the_decades_that_are_cut() {
        let ticks = ticks(&Range { scale: Scale::Logarithmic, low: -0.5, high: 2.0 }, 6);
        assert_eq!(ticks.iter().filter(|tick| tick.label.is_none()).count(), 6 + 8 + 8);
    }
}
