//! What an axis spans.

use crate::comparison::Scale;

/// The span of an axis. Values are kept as they are spaced: as they are, or as their decimal logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub(crate) scale: Scale,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Range {
    /// Spans all of `core`, and of `extension` what lies near it: within one decade, or within the width of the core.
    /// Values that cannot be drawn are left out; with nothing to draw the axis spans one unit or one decade.
    pub(crate) fn around(
        scale: Scale,
        core: impl Iterator<Item = f64>,
        extension: impl Iterator<Item = f64>,
    ) -> Self {
        let mut span = span(core.filter_map(|value| spaced(scale, value)));
        let extension = extension.filter_map(|value| spaced(scale, value));
        span = match span {
            None => self::span(extension),
            Some((low, high)) => {
                let reach = match scale {
                    Scale::Logarithmic => 1.0,
                    Scale::Linear => high - low,
                };
                let near = extension.map(|value| value.clamp(low - reach, high + reach));
                self::span(near.chain([low, high]))
            }
        };
        let (low, high) = span.unwrap_or((0.0, 1.0));
        Self { scale, low, high }.widened()
    }

    /// Spans `-extent` to `extent`.
    pub(crate) fn symmetric(extent: f64) -> Self {
        Self { scale: Scale::Linear, low: -extent, high: extent }
    }

    /// From `low` to `high`; `None` unless both have a place on the axis and rise.
    pub(crate) fn between(scale: Scale, low: f64, high: f64) -> Option<Self> {
        let (low, high) = (spaced(scale, low)?, spaced(scale, high)?);
        let can_be_divided = high - low > 1e-9 * high.abs().max(low.abs()).max(1e-290);
        can_be_divided.then_some(Self { scale, low, high })
    }

    /// Spans all values without a margin; a single value has room on both sides.
    pub(crate) fn exactly(scale: Scale, values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = span(values.filter_map(|value| spaced(scale, value))).unwrap_or((0.0, 1.0));
        let range = Self { scale, low, high };
        if high - low > 1e-9 * high.abs().max(low.abs()).max(1e-290) { range } else { range.widened() }
    }

    /// The value as it is spaced on this axis; `None` if it has no place there.
    pub(crate) fn spaced(&self, value: f64) -> Option<f64> {
        spaced(self.scale, value)
    }

    /// Gives single points room on both sides, and all points a small margin.
    fn widened(self) -> Self {
        let middle = 0.5 * (self.low + self.high);
        let half = 0.5 * (self.high - self.low);
        let least = match self.scale {
            Scale::Logarithmic => 0.1,
            Scale::Linear => (middle.abs() * 1e-6).max(f64::MIN_POSITIVE * 1e20),
        };
        let single = match self.scale {
            Scale::Logarithmic => 0.6,
            Scale::Linear if middle == 0.0 => 1.0,
            Scale::Linear => middle.abs() * 0.2,
        };
        let half = if half == 0.0 { single } else { (half * 1.06).max(least) };
        Self { scale: self.scale, low: middle - half, high: middle + half }
    }

    /// Where a value lies: 0 at the low end, 1 at the high end. `None` if it cannot be drawn on this axis.
    pub(crate) fn fraction(&self, value: f64) -> Option<f64> {
        spaced(self.scale, value).map(|value| (value - self.low) / (self.high - self.low))
    }
}

/// The value as it is spaced on an axis; `None` if it has no place there.
fn spaced(scale: Scale, value: f64) -> Option<f64> {
    match scale {
        Scale::Linear => (value.abs() < 1e300).then_some(value),
        Scale::Logarithmic => (value > 0.0 && value.is_finite()).then(|| value.log10()),
    }
}

fn span(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |span, value| match span {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(scale: Scale, values: &[f64]) -> Range {
        Range::around(scale, values.iter().copied(), std::iter::empty())
    }

    #[test]
    fn hostile_values_leave_a_usable_range() {
        let hostile: [&[f64]; 8] = [
            &[],
            &[f64::NAN],
            &[f64::INFINITY, f64::NEG_INFINITY],
            &[0.0],
            &[-1.0],
            &[1e-320],
            &[1.0, 1.0 + f64::EPSILON],
            &[f64::MAX, -f64::MAX, 5.0],
        ];
        for scale in [Scale::Linear, Scale::Logarithmic] {
            for values in hostile {
                let range = around(scale, values);
                assert!(
                    range.high > range.low && (range.high - range.low).is_finite(),
                    "{values:?} {range:?}"
                );
            }
        }
    }

    #[test]
    fn a_law_that_falls_to_nothing_does_not_squeeze_the_data() {
        let law = [1e-200, 1.0];
        let range = Range::around(Scale::Logarithmic, [0.1, 1.0].into_iter(), law.into_iter());
        assert!(range.low > -2.2 && range.low < -2.0, "{range:?}");
    }

    #[test]
    fn values_without_a_place_have_none() {
        let range = around(Scale::Logarithmic, &[1.0, 10.0]);
        assert_eq!(range.fraction(0.0), None);
        assert_eq!(range.fraction(-1.0), None);
        assert_eq!(range.fraction(f64::NAN), None);
        assert_eq!(range.fraction(10f64.sqrt()), Some(0.5));
    }
}
