//! Fractions of networks: exact binomial intervals, and where a fraction passes one half.

use crate::analysis::Interval;
use glassbox_oracle::tail_probability::binomial_interval;

/// `hits` of `all` with the Clopper–Pearson interval, which covers the true fraction at least as often as it says.
/// Everything is possible where `all` is 0.
pub(super) fn fraction(hits: usize, all: usize, confidence: f64) -> Interval {
    let (low, high) = binomial_interval(hits as u64, all as u64, confidence);
    Interval { value: if all == 0 { f64::NAN } else { hits as f64 / all as f64 }, low, high }
}

/// Where a fraction that should grow with `x` passes one half: between two neighbours by interpolation.
///
/// Fractions of few networks go up and down; they are first replaced by the nearest that do not fall (pooling of adjacent
/// violators). −∞ if the first is above one half already, +∞ if none gets there. `x` ascends.
pub(super) fn half_crossing(x: &[f64], fractions: &[f64]) -> f64 {
    let rising = not_falling(fractions);
    match rising.iter().position(|fraction| *fraction >= 0.5) {
        None => f64::INFINITY,
        Some(0) => f64::NEG_INFINITY,
        Some(index) => {
            let (before, after) = (rising[index - 1], rising[index]);
            x[index - 1] + (0.5 - before) / (after - before) * (x[index] - x[index - 1])
        }
    }
}

/// The neighbours in `x` between which `crossing` lies: no measurement on this grid is finer.
pub(super) fn bracket(x: &[f64], crossing: f64) -> (f64, f64) {
    let below = x.iter().copied().filter(|one| *one < crossing).fold(f64::NEG_INFINITY, f64::max);
    let above = x.iter().copied().filter(|one| *one >= crossing).fold(f64::INFINITY, f64::min);
    (below, above)
}

/// An interval widened to the grid's resolution.
pub(super) fn on_grid(x: &[f64], value: f64, interval: Option<Interval>) -> Interval {
    let (below, above) = bracket(x, value);
    let (low, high) = interval.map_or((f64::NEG_INFINITY, f64::INFINITY), |one| (one.low, one.high));
    Interval { value, low: low.min(below), high: high.max(above) }
}

fn not_falling(values: &[f64]) -> Vec<f64> {
    // Blocks of (mean, length), merged while they fall.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    for value in values {
        blocks.push((*value, 1));
        while let [.., (before, count), (after, more)] = blocks[..]
            && before > after
        {
            let length = count + more;
            let mean = (before * count as f64 + after * more as f64) / length as f64;
            blocks.truncate(blocks.len() - 2);
            blocks.push((mean, length));
        }
    }
    blocks.into_iter().flat_map(|(mean, length)| std::iter::repeat_n(mean, length)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn intervals_as_tabulated() {
        // 0 of 3: 1 − 0.025^(1/3); 3 of 10: Clopper & Pearson (1934), 0.0667 to 0.6525.
        let none = fraction(0, 3, 0.95);
        assert_relative_eq!(none.high, 1.0 - 0.025_f64.cbrt(), max_relative = 1e-6);
        assert_eq!((none.value, none.low), (0.0, 0.0));
        let some = fraction(3, 10, 0.95);
        assert!((some.low - 0.0667).abs() < 1e-4 && (some.high - 0.6525).abs() < 1e-4);
        assert_eq!((fraction(4, 4, 0.95).high, fraction(0, 0, 0.95).low), (1.0, 0.0));
    }

    #[test]
    fn crossings_by_hand() {
        let x = [0.0, 1.0, 2.0, 3.0];
        assert_eq!(half_crossing(&x, &[0.0, 0.0, 1.0, 1.0]), 1.5);
        // 0.6, 0.2 pool to 0.4: crossed halfway to 0.6.
        assert_eq!(half_crossing(&x, &[0.0, 0.6, 0.2, 0.6]), 2.5);
        assert_eq!(half_crossing(&x, &[0.0, 0.0, 0.0, 0.4]), f64::INFINITY);
        assert_eq!(half_crossing(&x, &[0.9, 0.9, 1.0, 1.0]), f64::NEG_INFINITY);
    }

    #[test]
    fn nothing_is_finer_than_the_grid() {
        let x = [1.0, 2.0, 4.0];
        let sharp = Some(Interval { value: 2.5, low: 2.4, high: 2.6 });
        let wide = on_grid(&x, 2.5, sharp);
        assert_eq!((wide.low, wide.high), (2.0, 4.0));
        let beyond = on_grid(&x, f64::INFINITY, None);
        assert_eq!((beyond.low, beyond.high), (f64::NEG_INFINITY, f64::INFINITY));
    }
}
