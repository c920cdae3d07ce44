//! Sufficient statistics of the moves between saved frames.

use super::InferenceError;
use std::collections::BTreeMap;

/// Sums over moves from `w` to `w + d` in so many steps. They are all that a fit needs: a trajectory of any length fits
/// in a few numbers a gap.
///
/// Keep one a replica: the differences between replicas measure the error of a fit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transitions {
    by_gap: BTreeMap<u64, Sums>,
}

/// Sums over all weights of moves across one gap.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) count: f64,
    pub(super) weight_weight: f64,
    pub(super) weight_move: f64,
    pub(super) move_move: f64,
}

impl Sums {
    fn add(&mut self, other: &Sums) {
        self.count += other.count;
        self.weight_weight += other.weight_weight;
        self.weight_move += other.weight_move;
        self.move_move += other.move_move;
    }

    /// `Σ (d + loss w)²`: what the noise has moved, if the pull takes `loss w`.
    pub(super) fn residual(&self, loss: f64) -> f64 {
        (self.move_move + loss * (2.0 * self.weight_move + loss * self.weight_weight)).max(0.0)
    }
}

impl Transitions {
    /// No moves yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the moves of all weights from one saved frame to the next, `steps ≥ 1` steps later.
    ///
    /// # Errors
    /// [`InferenceError`] for frames of different lengths, no steps, or a weight that is not finite.
    pub fn add(&mut self, steps: u64, from: &[f64], to: &[f64]) -> Result<(), InferenceError> {
        if steps == 0 {
            return Err(InferenceError::NoSteps);
        }
        if from.len() != to.len() {
            return Err(InferenceError::Lengths { from: from.len(), to: to.len() });
        }
        for weights in [from, to] {
            if let Some(index) = weights.iter().position(|weight| !weight.is_finite()) {
                return Err(InferenceError::NotFinite { index, value: weights[index] });
            }
        }
        let mut sums = Sums { count: from.len() as f64, ..Sums::default() };
        for (weight, later) in from.iter().zip(to) {
            let moved = later - weight;
            sums.weight_weight += weight * weight;
            sums.weight_move += weight * moved;
            sums.move_move += moved * moved;
        }
        self.by_gap.entry(steps).or_default().add(&sums);
        Ok(())
    }

    /// Adds all moves of `other`.
    pub fn merge(&mut self, other: &Transitions) {
        for (gap, sums) in &other.by_gap {
            self.by_gap.entry(*gap).or_default().add(sums);
        }
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

    pub(super) fn sums(&self) -> impl Iterator<Item = (u64, &Sums)> {
        self.by_gap.iter().map(|(gap, sums)| (*gap, sums))
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
}
