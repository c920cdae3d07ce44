//! Sufficient statistics of the moves between saved frames.

use super::InferenceError;
use glassbox_instructions::interleaved_sum;
use std::collections::BTreeMap;

/// Sums over moves from `w` to `w + d` in so many steps. They are all that a fit needs: a trajectory of any length fits
/// in a few numbers per gap.
///
/// Keep one per replica: the differences between replicas measure the error of a fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transitions {
    by_gap: BTreeMap<u64, Sums>,
    stationary: Sums,
}

/// Sums over all weights of moves across one gap, by the regression of the moves on the weights: sums of squares of which
/// none is a difference, so that weights far from the bottom do not swallow the noise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) count: f64,
    /// `Σ w²`.
    pub(super) weight_weight: f64,
    /// `Σ w d / Σ w²`.
    pub(super) slope: f64,
    /// `Σ (d − slope w)²`.
    pub(super) remainder: f64,
}

impl Sums {
    #[inline(always)]
    fn of(from: &[f64], to: &[f64]) -> Self {
        let weight_weight = interleaved_sum(from, to, |weight, _| weight * weight);
        let weight_move = interleaved_sum(from, to, |weight, later| weight * (later - weight));
        let slope = if weight_weight > 0.0 { weight_move / weight_weight } else { 0.0 };
        let remainder = interleaved_sum(from, to, |weight, later| {
            let left = (later - weight) - slope * weight;
            left * left
        });
        Self { count: from.len() as f64, weight_weight, slope, remainder }
    }

    fn add(&mut self, other: &Sums) {
        let weight_weight = self.weight_weight + other.weight_weight;
        if weight_weight > 0.0 {
            // What the common slope leaves beside what each slope left.
            let share = other.weight_weight / weight_weight;
            let difference = other.slope - self.slope;
            self.remainder += self.weight_weight * share * difference * difference;
            self.slope += share * difference;
        }
        self.count += other.count;
        self.weight_weight = weight_weight;
        self.remainder += other.remainder;
    }

    /// `Σ (d + loss w)²`: what the noise has moved, if the pull takes `loss w`.
    pub(super) fn residual(&self, loss: f64) -> f64 {
        let error = self.slope + loss;
        self.remainder + error * error * self.weight_weight
    }

    /// `Σ w (d + loss w)`.
    pub(super) fn weight_residual(&self, loss: f64) -> f64 {
        (self.slope + loss) * self.weight_weight
    }
}

impl Transitions {
    /// No moves yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the moves of all weights, or of a block of them, from one saved frame to the next, `steps ≥ 1` steps later.
    ///
    /// # Errors
    /// [`InferenceError`] for frames of different lengths, no steps, or a weight that is not finite.
    // A caller's loop may be compiled for more instructions than this crate is.
    #[inline(always)]
    pub fn add(&mut self, steps: u64, from: &[f64], to: &[f64]) -> Result<(), InferenceError> {
        if steps == 0 {
            return Err(InferenceError::NoSteps);
        }
        if from.len() != to.len() {
            return Err(InferenceError::Lengths { from: from.len(), to: to.len() });
        }
        finite(from)?;
        finite(to)?;
        self.by_gap.entry(steps).or_default().add(&Sums::of(from, to));
        Ok(())
    }

    /// Adds weights that are claimed to be in the stationary state of the well and are the end of no added move: those of
    /// the first frame of [`Model::StationaryWell`](super::Model::StationaryWell). Other models ignore them.
    ///
    /// ```
    /// use glassbox_oracle::inference::Transitions;
    /// let (first, second) = ([0.1, -0.2], [0.15, -0.1]);
    /// let mut transitions = Transitions::new();
    /// transitions.add_stationary(&first)?;
    /// transitions.add(10, &first, &second)?;
    /// assert_eq!(transitions.count(), 2.0);
    /// # Ok::<(), glassbox_oracle::inference::InferenceError>(())
    /// ```
    ///
    /// # Errors
    /// [`InferenceError::NotFinite`].
    pub fn add_stationary(&mut self, weights: &[f64]) -> Result<(), InferenceError> {
        finite(weights)?;
        let remainder = interleaved_sum(weights, weights, |weight, _| weight * weight);
        let sums = Sums { count: weights.len() as f64, remainder, ..Sums::default() };
        self.stationary.add(&sums);
        Ok(())
    }

    /// Adds all moves of `other`.
    pub fn merge(&mut self, other: &Transitions) {
        for (gap, sums) in &other.by_gap {
            self.by_gap.entry(*gap).or_default().add(sums);
        }
        self.stationary.add(&other.stationary);
    }

    /// Number of moves of single weights.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.by_gap.values().map(|sums| sums.count).sum()
    }

    /// The gaps between frames that occur, in steps, ascending.
    pub fn gaps(&self) -> impl Iterator<Item = u64> {
        self.by_gap.keys().copied()
    }

    /// The sums over one gap; those of none where it does not occur.
    pub(super) fn across(&self, gap: u64) -> Sums {
        self.by_gap.get(&gap).copied().unwrap_or_default()
    }

    /// Stationary weights, as moves across infinitely many steps: from 0, since nothing of the start is left.
    pub(super) fn stationary(&self) -> Sums {
        self.stationary
    }
}

#[inline(always)]
fn finite(weights: &[f64]) -> Result<(), InferenceError> {
    // The largest exponent of all, without a branch for each.
    let largest =
        weights.iter().fold(0.0_f64.to_bits(), |largest, weight| largest.max(weight.abs().to_bits()));
    if f64::from_bits(largest).is_finite() {
        return Ok(());
    }
    match weights.iter().position(|weight| !weight.is_finite()) {
        None => Ok(()),
        Some(index) => Err(InferenceError::NotFinite { index, value: weights[index] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_move_is_refused() {
        let mut transitions = Transitions::new();
        let message = |result: Result<(), InferenceError>| result.unwrap_err().to_string();
        assert!(message(transitions.add(0, &[0.0], &[1.0])).contains("at least 1"));
        assert!(message(transitions.add(1, &[0.0], &[1.0, 2.0])).contains("from 1 weights to 2"));
        assert!(message(transitions.add(1, &[0.0], &[f64::NAN])).contains("weight 0 is NaN"));
        assert!(message(transitions.add_stationary(&[f64::INFINITY])).contains("weight 0 is inf"));
        assert_eq!(transitions, Transitions::new());
    }

    #[test]
    fn merging_is_adding() {
        let (mut together, mut first, mut second) =
            (Transitions::new(), Transitions::new(), Transitions::new());
        together.add(3, &[1.0, 2.0], &[0.5, 1.5]).unwrap();
        together.add(3, &[-1.0], &[4.0]).unwrap();
        first.add(3, &[1.0, 2.0], &[0.5, 1.5]).unwrap();
        second.add(3, &[-1.0], &[4.0]).unwrap();
        first.merge(&second);
        assert_eq!(first, together);
        assert_eq!((first.count(), first.gaps().collect::<Vec<_>>()), (3.0, vec![3]));
    }

    /// Second route: the residual move by move, for blocks of several sizes, near the bottom and far from it.
    #[test]
    fn residuals_are_those_of_single_moves() {
        for far in [0.0, 1.0, 1e9] {
            let from: Vec<f64> = (0..23).map(|i| far + f64::from(i % 7) - 3.0).collect();
            let to: Vec<f64> =
                from.iter().enumerate().map(|(i, w)| 0.75 * w + 1e-3 * (i % 5) as f64).collect();
            let mut sums = Sums::default();
            for block in [0..5, 5..6, 6..23] {
                sums.add(&Sums::of(&from[block.clone()], &to[block]));
            }
            for loss in [0.25, 0.2] {
                let single: f64 = from.iter().zip(&to).map(|(w, later)| (later - w + loss * w).powi(2)).sum();
                // Each residual is off by a few spacings of the weights.
                let spacing = 4.0 * f64::EPSILON * far;
                let rounding =
                    1e-12 * single + 2.0 * spacing * (23.0 * single).sqrt() + 23.0 * spacing.powi(2);
                assert!((sums.residual(loss) - single).abs() < rounding, "{far} {loss}: {single}");
            }
        }
    }
}
