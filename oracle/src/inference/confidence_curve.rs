//! The bounds of a number at every level of confidence (Birnbaum, J. Am. Stat. Assoc. 56, 246 (1961)).

/// Levels at which bounds are kept, in standard errors; between them they are interpolated.
const LEVELS: [f64; 22] = [
    0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 3.75, 4.0, 5.0, 6.0, 8.0,
    12.0, 20.0, 40.0,
];

/// Which of the levels is one standard error.
const ONE: usize = 3;

/// Growth of the steps in which a bound is sought.
const GROWTH: f64 = 1.6;

/// Steps at most: they reach 10¹² times the first.
const STEPS: usize = 60;

/// Lower and upper bound at each level; infinite where the data give none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ConfidenceCurve {
    lower: [f64; LEVELS.len()],
    upper: [f64; LEVELS.len()],
}

impl ConfidenceCurve {
    /// Follows `deviation`, the distance from `centre` in standard errors, outwards as far as `limits`, in steps that grow
    /// from `first_step`.
    pub(super) fn traced(
        centre: f64,
        first_step: f64,
        limits: (f64, f64),
        deviation: impl Fn(f64) -> f64,
    ) -> Self {
        Self {
            lower: side(centre, -first_step, limits.0, &deviation),
            upper: side(centre, first_step, limits.1, &deviation),
        }
    }

    /// The bounds at a level.
    pub(super) fn bounds(&self, value: f64, level: f64) -> (f64, f64) {
        (bound(&self.lower, value, level), bound(&self.upper, value, level))
    }

    /// Half the length between the bounds at one standard error; infinite where one is missing.
    pub(super) fn half_length(&self) -> f64 {
        0.5 * (self.upper[ONE] - self.lower[ONE])
    }

    /// The level whose bound is `truth`.
    pub(super) fn level(&self, value: f64, truth: f64) -> f64 {
        let side = if truth < value { &self.lower } else { &self.upper };
        let excludes = |level: f64| (bound(side, value, level) - value).abs() < (truth - value).abs();
        let (mut low, mut high) = (0.0, LEVELS[LEVELS.len() - 1]);
        while excludes(high) && high < 1e9 {
            high *= 2.0;
        }
        for _ in 0..70 {
            let middle = 0.5 * (low + high);
            if excludes(middle) { low = middle } else { high = middle }
        }
        low
    }

    /// The curve of an increasing function of the number.
    pub(super) fn mapped(&self, map: impl Fn(f64) -> f64) -> Self {
        Self { lower: self.lower.map(&map), upper: self.upper.map(&map) }
    }

    /// The curve of a decreasing function of the number.
    pub(super) fn turned(&self, map: impl Fn(f64) -> f64) -> Self {
        Self { lower: self.upper.map(&map), upper: self.lower.map(&map) }
    }
}

/// Linear in the distance per level, which changes little.
fn bound(side: &[f64; LEVELS.len()], value: f64, level: f64) -> f64 {
    let per_level = |index: usize| (side[index] - value) / LEVELS[index];
    let above = LEVELS.iter().position(|known| *known >= level);
    match above {
        None => value + level * per_level(LEVELS.len() - 1),
        Some(0) => value + level * per_level(0),
        Some(index) if side[index].is_infinite() => side[index],
        Some(index) => {
            let (below, above) = (index - 1, index);
            let share = (level - LEVELS[below]) / (LEVELS[above] - LEVELS[below]);
            value + level * (per_level(below) + share * (per_level(above) - per_level(below)))
        }
    }
}

fn side(centre: f64, first_step: f64, limit: f64, deviation: &impl Fn(f64) -> f64) -> [f64; LEVELS.len()] {
    let mut bounds = [f64::INFINITY.copysign(first_step); LEVELS.len()];
    // The last place below the level sought, and the next place on the way, if it is known.
    let (mut inner, mut outer) = ((centre, 0.0), None);
    let (mut step, mut steps) = (first_step, 0);
    for (bound, level) in bounds.iter_mut().zip(LEVELS) {
        let beyond = loop {
            let place = match outer {
                Some((place, found)) if found >= level => break Some((place, found)),
                Some(nearer) => {
                    inner = nearer;
                    None
                }
                None => Some(inner.0 + step),
            };
            let place = place.unwrap_or(inner.0 + step);
            if inner.0 == limit || steps == STEPS {
                break None;
            }
            let place = if (limit - place) * first_step > 0.0 { place } else { limit };
            outer = Some((place, deviation(place)));
            step *= GROWTH;
            steps += 1;
        };
        let Some(beyond) = beyond else { break };
        inner = (crossing(inner, beyond, level, deviation), level);
        *bound = inner.0;
    }
    bounds
}

/// Where the deviation passes `level`: false position with halved weights (Illinois), at worst bisection.
fn crossing(
    mut inner: (f64, f64),
    mut outer: (f64, f64),
    level: f64,
    deviation: &impl Fn(f64) -> f64,
) -> f64 {
    let mut weights = (1.0, 1.0);
    for round in 0..60 {
        let (below, above) = (weights.0 * (level - inner.1), weights.1 * (outer.1 - level));
        let share = if above.is_finite() && round % 8 != 7 { below / (below + above) } else { 0.5 };
        let place = inner.0 + share.clamp(1e-3, 1.0 - 1e-3) * (outer.0 - inner.0);
        let found = deviation(place);
        if (found - level).abs() < 1e-6 * level || place == inner.0 || place == outer.0 {
            return place;
        }
        if found < level {
            inner = (place, found);
            weights = (1.0, 0.5 * weights.1);
        } else {
            outer = (place, found);
            weights = (0.5 * weights.0, 1.0);
        }
    }
    outer.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// The levels of a parabola are its standard errors, whatever the first step.
    #[test]
    fn a_parabola_has_straight_bounds() {
        for first_step in [1e-6, 0.1, 30.0] {
            let curve = ConfidenceCurve::traced(2.0, first_step, (-1e9, 1e9), |x| (x - 2.0).abs() / 0.3);
            for level in [0.1, 1.0, 1.96, 4.4, 11.0, 60.0] {
                let (low, high) = curve.bounds(2.0, level);
                assert_relative_eq!(low, 2.0 - 0.3 * level, max_relative = 1e-5, epsilon = 1e-5);
                assert_relative_eq!(high, 2.0 + 0.3 * level, max_relative = 1e-5);
                assert_relative_eq!(curve.level(2.0, high), level, max_relative = 1e-5);
            }
            assert_relative_eq!(curve.half_length(), 0.3, max_relative = 1e-5);
        }
    }

    /// A likelihood that levels off gives no bound beyond its height.
    #[test]
    fn a_plateau_has_no_bound() {
        let deviation = |x: f64| if x < 1.0 { 5.0 * (1.0 - x) } else { (2.2 * (x - 1.0)).min(2.2) };
        let curve = ConfidenceCurve::traced(1.0, 1e-3, (-10.0, 3.0), deviation);
        let (low, high) = curve.bounds(1.0, 1.5);
        assert_relative_eq!(low, 0.7, max_relative = 1e-5);
        assert_relative_eq!(high, 1.0 + 1.5 / 2.2, max_relative = 1e-5);
        assert_eq!(curve.bounds(1.0, 2.5).1, f64::INFINITY);
        assert_eq!(curve.turned(|x| -x).bounds(-1.0, 2.5).0, f64::NEG_INFINITY);
        assert!(curve.half_length().is_finite());
        assert!((2.0..=2.25).contains(&curve.level(1.0, 100.0)));
    }
}
