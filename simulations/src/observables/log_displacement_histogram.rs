//! Histogram of `log10 |dw|` (paper Fig. 7d–f).

/// Counts of displacements in equal bins of `log10 |dw|`, with what falls outside counted apart.
#[derive(Clone, Debug, PartialEq)]
pub struct LogDisplacementHistogram {
    low: f64,
    bin_width: f64,
    counts: Vec<u64>,
    /// Displacements that are exactly 0, which have no logarithm.
    pub zeros: u64,
    /// Displacements below the first or above the last bin.
    pub outside: u64,
}

impl LogDisplacementHistogram {
    /// `bins ≥ 1` equal bins from `low` to `high > low` in `log10 |dw|`; `None` for other arguments.
    #[must_use]
    pub fn new(low: f64, high: f64, bins: usize) -> Option<Self> {
        let bin_width = (high - low) / bins as f64;
        (bins > 0 && bin_width > 0.0 && bin_width.is_finite()).then(|| Self {
            low,
            bin_width,
            counts: vec![0; bins],
            zeros: 0,
            outside: 0,
        })
    }

    /// Adds displacements.
    pub fn extend(&mut self, displacements: &[f64]) {
        for displacement in displacements {
            if *displacement == 0.0 {
                self.zeros += 1;
                continue;
            }
            let position = ((displacement.abs().log10() - self.low) / self.bin_width).floor();
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to lie in the bins"
            )]
            match (0.0..self.counts.len() as f64).contains(&position) {
                true => self.counts[position as usize] += 1,
                false => self.outside += 1,
            }
        }
    }

    /// All displacements added, zeros and outsiders included.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.zeros + self.outside
    }

    /// Count of each bin.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Lower edge, upper edge of bin `index`, in `log10 |dw|`.
    #[must_use]
    pub fn edges(&self, index: usize) -> (f64, f64) {
        let low = self.low + index as f64 * self.bin_width;
        (low, low + self.bin_width)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_displacement_is_counted_once() {
        let mut histogram = LogDisplacementHistogram::new(-3.0, 0.0, 3).unwrap();
        histogram.extend(&[0.0, 5e-3, -5e-2, 0.5, 0.6, 2.0, -1e-9]);
        assert_eq!(histogram.counts(), [1, 1, 2]);
        assert_eq!((histogram.zeros, histogram.outside, histogram.total()), (1, 2, 7));
        assert_eq!(histogram.edges(1), (-2.0, -1.0));
        assert!(LogDisplacementHistogram::new(0.0, 0.0, 3).is_none());
    }
}
