//! Bimodality: the dip of a sample, its test, and the valley of a histogram (paper Fig. 7d–f, PHYSICS.md C.13).
//!
//! The dip (Hartigan and Hartigan, Ann. Stat. 13, 70 (1985)) is the largest distance of the empirical distribution from the
//! nearest unimodal one. Unimodal is convex up to the mode and concave after it, so the nearest one is made of a greatest
//! convex minorant, a least concave majorant, and a straight line between them.
//!
//! Two modes of log10 |dw| are not two modes of dw. The null of a histogram of log10 |dw| is one Gaussian:
//! [`glassbox_oracle::Displacement::log10_magnitude_density`], which has one mode.

use super::{AnalysisError, require_count, require_each};
use glassbox_simulations::noise::{NoiseStream, Purpose};

/// The dip of `samples`, between 0 (all equal) and 1/4; at least `1/(2n)` for n samples that differ.
///
/// Sorting dominates: O(n log n).
///
/// ```
/// use glassbox_paper::analysis::bimodality::dip;
/// assert_eq!(dip(&[1.0, 2.0, 3.0, 4.0])?, 0.125);
/// assert_eq!(dip(&[0.0, 0.0, 9.0, 9.0])?, 0.25);
/// # Ok::<(), glassbox_paper::analysis::AnalysisError>(())
/// ```
///
/// # Errors
/// [`AnalysisError`] for no samples, or one that is not finite.
pub fn dip(samples: &[f64]) -> Result<f64, AnalysisError> {
    require_count("samples", samples.len(), 1)?;
    require_each("samples", samples, |_| true, "finite")?;
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    Ok(Distribution::of_sorted(&sorted).dip())
}

/// The dip with its p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DipTest {
    /// The dip of the samples that were used.
    pub dip: f64,
    /// Share of uniform samples with a dip at least as large, this sample counted as one of them. The uniform law is the
    /// unimodal one of largest dip for many samples, so other unimodal laws give small p-values less often than stated.
    pub p_value: f64,
    /// How many samples were used.
    pub samples: usize,
}

/// Tests `samples` against unimodal laws, by `simulations` uniform samples of the same size.
///
/// Of more than `largest` samples that many are drawn without repetition, all from `seed`. Samples that depend on each other
/// (weights of one network) make small p-values more often than stated.
///
/// # Errors
/// [`AnalysisError`] for fewer than 4 samples (3 always have the dip 1/6), one that is not finite, `largest` below 4, or
/// fewer than 19 simulations (which could not show 5%).
pub fn dip_test(
    samples: &[f64],
    largest: usize,
    simulations: usize,
    seed: u64,
) -> Result<DipTest, AnalysisError> {
    require_count("samples", samples.len(), 4)?;
    require_count("samples to use", largest, 4)?;
    require_count("simulations", simulations, 19)?;
    // What is left out must be finite too: half a broken sample is broken.
    require_each("samples", samples, |_| true, "finite")?;
    let used = subsample(samples, largest, seed)?;
    let found = dip(&used)?;
    let mut uniform = vec![0.0; used.len()];
    let mut as_large = 0;
    for simulation in 0..simulations {
        NoiseStream::new(seed, Purpose::Resampling, 1).uniforms(simulation as u64, &mut uniform);
        uniform.sort_unstable_by(f64::total_cmp);
        // A dip that is equal but for rounding is as large.
        as_large += usize::from(Distribution::of_sorted(&uniform).dip() >= found * (1.0 - 1e-12));
    }
    let p_value = (1.0 + as_large as f64) / (1.0 + simulations as f64);
    Ok(DipTest { dip: found, p_value, samples: used.len() })
}

fn subsample(samples: &[f64], largest: usize, seed: u64) -> Result<Vec<f64>, AnalysisError> {
    if samples.len() <= largest {
        return Ok(samples.to_vec());
    }
    let length = u32::try_from(samples.len()).map_err(|_| AnalysisError::OutOfRange {
        argument: "number of samples",
        value: samples.len() as f64,
        allowed: "below 2^32",
    })?;
    let order = NoiseStream::new(seed, Purpose::Resampling, 2).permutation(0, length);
    Ok(order[..largest].iter().map(|index| samples[*index as usize]).collect())
}

/// The deepest valley of a histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Valley {
    /// 1 less the count at the bottom over the lower of the two peaks: 0 for none, 1 for an empty bin between.
    pub depth: f64,
    /// Bin of the peak to the left.
    pub left: usize,
    /// Bin of the bottom.
    pub bottom: usize,
    /// Bin of the peak to the right.
    pub right: usize,
    /// The difference to the lower peak over its Poisson error. The deepest of many valleys: noise alone makes 2 to 3.
    pub z: f64,
}

/// The valley with the largest difference between its bottom and the lower of the highest bins on either side; `None` if no bin
/// lies between two higher ones.
#[must_use]
pub fn valley(counts: &[u64]) -> Option<Valley> {
    let highest =
        |bins: std::ops::Range<usize>| bins.max_by_key(|bin| (counts[*bin], std::cmp::Reverse(*bin)));
    (1..counts.len().saturating_sub(1))
        .filter_map(|bottom| {
            let (left, right) = (highest(0..bottom)?, highest(bottom + 1..counts.len())?);
            let peak = counts[left].min(counts[right]);
            (peak > counts[bottom]).then(|| (peak - counts[bottom], left, bottom, right))
        })
        // Of equal ones the first.
        .max_by_key(|(difference, _, bottom, _)| (*difference, std::cmp::Reverse(*bottom)))
        .map(|(difference, left, bottom, right)| {
            let peak = counts[left].min(counts[right]) as f64;
            let error = (peak + counts[bottom] as f64).sqrt();
            Valley { depth: difference as f64 / peak, left, bottom, right, z: difference as f64 / error }
        })
}

/// An empirical distribution: at each different value, how many samples lie below it, and how many do not lie above.
struct Distribution {
    values: Vec<f64>,
    before: Vec<f64>,
    after: Vec<f64>,
}

impl Distribution {
    fn of_sorted(sorted: &[f64]) -> Self {
        let (mut values, mut before, mut after) = (Vec::new(), Vec::new(), Vec::new());
        let mut counted = 0;
        for equal in sorted.chunk_by(|a, b| a == b) {
            values.push(equal[0]);
            before.push(counted as f64);
            counted += equal.len();
            after.push(counted as f64);
        }
        Self { values, before, after }
    }

    /// The algorithm of the paper: the interval of the mode shrinks to where minorant and majorant are furthest apart, until
    /// that is no further than what was already met outside of it. The dip is half of that distance.
    ///
    /// A step at an end of the interval is no distance: a unimodal law may have an atom at its mode. While the interval has
    /// a length, minorant and majorant are apart by the steps at its ends at least, so none is forgotten.
    fn dip(&self) -> f64 {
        let (mut low, mut high) = (0, self.values.len() - 1);
        let mut met = 0.0_f64;
        while low < high {
            let (minorant, majorant) = (
                hull(&self.values, &self.before, low, high, 1.0),
                hull(&self.values, &self.after, low, high, -1.0),
            );
            let (apart, new_low, new_high) = self.furthest(&minorant, &majorant);
            if apart <= met {
                break;
            }
            for (i, height) in self.along(&self.before, &minorant) {
                if i < new_low {
                    met = met.max(self.after[i] - height);
                }
            }
            for (i, height) in self.along(&self.after, &majorant) {
                if i > new_high {
                    met = met.max(height - self.before[i]);
                }
            }
            if (new_low, new_high) == (low, high) {
                met = met.max(apart);
                break;
            }
            (low, high) = (new_low, new_high);
        }
        0.5 * met / self.after[self.after.len() - 1]
    }

    /// Largest distance of the two, and the interval of the mode that it leaves: from a corner of one to the next of the
    /// other.
    fn furthest(&self, minorant: &[usize], majorant: &[usize]) -> (f64, usize, usize) {
        let mut furthest = (f64::NEG_INFINITY, 0, 0);
        let mut keep = |apart: f64, low: usize, high: usize| {
            if apart > furthest.0 {
                furthest = (apart, low, high);
            }
        };
        for (corner, height) in self.at_corners(&self.after, majorant, minorant) {
            let next = majorant[majorant.partition_point(|other| *other < corner)];
            keep(height - self.before[corner], corner, next);
        }
        for (corner, height) in self.at_corners(&self.before, minorant, majorant) {
            let last = minorant[minorant.partition_point(|other| *other <= corner) - 1];
            keep(self.after[corner] - height, last, corner);
        }
        furthest
    }

    /// The height of a hull at the corners of another.
    fn at_corners(&self, heights: &[f64], hull: &[usize], corners: &[usize]) -> Vec<(usize, f64)> {
        let mut edge = 0;
        corners
            .iter()
            .map(|corner| {
                while hull[edge + 1] < *corner {
                    edge += 1;
                }
                (*corner, self.line(heights, hull[edge], hull[edge + 1], *corner))
            })
            .collect()
    }

    /// The height of a hull at every value from its first corner to its last.
    fn along<'a>(&'a self, heights: &'a [f64], hull: &'a [usize]) -> impl Iterator<Item = (usize, f64)> + 'a {
        hull.windows(2).flat_map(move |edge| {
            (edge[0]..=edge[1]).map(move |i| (i, self.line(heights, edge[0], edge[1], i)))
        })
    }

    fn line(&self, heights: &[f64], from: usize, to: usize, at: usize) -> f64 {
        if at == to {
            return heights[to];
        }
        let share = (self.values[at] - self.values[from]) / (self.values[to] - self.values[from]);
        heights[from] + share * (heights[to] - heights[from])
    }
}

/// Corners of the convex hull of the points `low..=high` from below (`side` 1) or from above (−1).
fn hull(values: &[f64], heights: &[f64], low: usize, high: usize, side: f64) -> Vec<usize> {
    let mut corners: Vec<usize> = Vec::new();
    for point in low..=high {
        while let [.., before, last] = corners[..] {
            let turn = (values[last] - values[before]) * (heights[point] - heights[last])
                - (values[point] - values[last]) * (heights[last] - heights[before]);
            if side * turn > 0.0 {
                break;
            }
            corners.pop();
        }
        corners.push(point);
    }
    corners
}

#[cfg(test)]
mod tests;
