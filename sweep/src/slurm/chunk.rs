//! Tasks shared out among the elements of a job array.

use std::ops::Range;

/// A task that is not done yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PendingTask {
    /// Its place in the manifest.
    pub index: usize,
    /// Estimated core-seconds.
    pub seconds: f64,
}

/// By how much elements become longer where there are too many of them.
const LONGER: f64 = 1.05;

/// Ranges of the manifest that hold all of `pending` (by ascending index), each filled up to `seconds` of estimated time and at
/// most `limit` (at least 1) of them; where there would be more they become longer.
///
/// A range begins and ends with a pending task, so that none is empty. Tasks that are done may lie within it: they cost a look at
/// the store, whereas ranges without them would make an element of every gap.
#[must_use]
pub fn chunks(pending: &[PendingTask], seconds: f64, limit: usize) -> Vec<Range<usize>> {
    let limit = limit.max(1);
    let total: f64 = pending.iter().map(PendingTask::cost).sum();
    let mut target = seconds;
    let mut filled = filled(pending, target);
    if filled.len() > limit {
        target = target.max(total / limit as f64);
        filled = self::filled(pending, target);
    }
    // Filling is greedy, so that up to twice the number may come out at first: two neighbours together exceed the target.
    while filled.len() > limit {
        target *= LONGER;
        filled = self::filled(pending, target);
    }
    filled
}

impl PendingTask {
    /// What is no time (a manifest altered by hand) counts as none.
    fn cost(&self) -> f64 {
        if self.seconds.is_finite() { self.seconds.max(0.0) } else { 0.0 }
    }
}

fn filled(pending: &[PendingTask], target: f64) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut sum = 0.0;
    for task in pending {
        match ranges.last_mut() {
            Some(range) if sum + task.cost() <= target => {
                range.end = task.index + 1;
                sum += task.cost();
            }
            _ => {
                ranges.push(task.index..task.index + 1);
                sum = task.cost();
            }
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pending(costs: &[(usize, f64)]) -> Vec<PendingTask> {
        costs.iter().map(|&(index, seconds)| PendingTask { index, seconds }).collect()
    }

    #[test]
    fn by_hand() {
        let tasks = pending(&[(0, 10.0), (1, 20.0), (4, 30.0), (5, 31.0), (6, 100.0), (9, 1.0)]);
        assert_eq!(chunks(&tasks, 60.0, 100), [0..5, 5..6, 6..7, 9..10]);
        // Four are too many: 192 s in 3 are 64 s, in 2 they are 96 s and 100.8 s hold the long one with what follows.
        assert_eq!(chunks(&tasks, 60.0, 3).len(), 3);
        assert_eq!(chunks(&tasks, 60.0, 2), [0..6, 6..10]);
        assert_eq!(chunks(&tasks, 60.0, 1), vec![0..10]);
        assert!(chunks(&[], 60.0, 1).is_empty());
    }

    proptest! {
        #[test]
        fn every_pending_task_is_in_exactly_one_range(
            gaps in prop::collection::vec((1_usize..4, prop_oneof![Just(0.0), 0.0..5e3_f64, Just(f64::NAN), Just(f64::INFINITY)]), 0..200),
            seconds in 1e-3..1e4_f64,
            limit in 1_usize..50,
        ) {
            let mut next = 0;
            let tasks: Vec<PendingTask> = gaps.iter().map(|&(gap, seconds)| {
                next += gap;
                PendingTask { index: next, seconds }
            }).collect();
            let ranges = chunks(&tasks, seconds, limit);
            prop_assert!(ranges.len() <= limit);
            prop_assert_eq!(ranges.is_empty(), tasks.is_empty());
            for pair in ranges.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
            }
            for task in &tasks {
                prop_assert_eq!(ranges.iter().filter(|range| range.contains(&task.index)).count(), 1);
            }
            for range in &ranges {
                let ends = [range.start, range.end - 1];
                prop_assert!(ends.iter().all(|end| tasks.iter().any(|task| task.index == *end)));
            }
            prop_assert_eq!(&ranges, &chunks(&tasks, seconds, limit));
            // Within the limit no range of several tasks is longer than was asked.
            if chunks(&tasks, seconds, usize::MAX).len() <= limit {
                for range in &ranges {
                    let own: Vec<f64> = tasks.iter().filter(|task| range.contains(&task.index)).map(PendingTask::cost).collect();
                    prop_assert!(own.len() == 1 || own.iter().sum::<f64>() <= seconds * (1.0 + 1e-12));
                }
            }
        }
    }
}
