//! The checksum of an array that several readings share: each reads other weights of every frame, and none of them sees all
//! bytes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// The parts of the checksum that readings of ranges of weights have found.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// By the start of the range: its end, and the part.
    parts: Mutex<BTreeMap<usize, (usize, u32)>>,
}

impl Coverage {
    /// Takes the part that a reading of `range` found, in frames of `length` weights. As soon as each weight is in one range,
    /// `agree` says whether the parts are those of a sound array. The error says what is wrong, in words.
    pub(super) fn add(
        &self,
        range: Range<usize>,
        length: usize,
        part: u32,
        agree: impl FnOnce(&mut dyn Iterator<Item = u32>) -> bool,
    ) -> Result<(), &'static str> {
        // What another thread left is whole: it is changed by single calls.
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        if parts.get(&range.start).is_some_and(|(end, before)| *end == range.end && *before != part) {
            return Err("has changed since it was first read");
        }
        parts.retain(|start, (end, _)| *end <= range.start || *start >= range.end);
        parts.insert(range.start, (range.end, part));
        let mut covered = 0;
        for (start, (end, _)) in parts.iter() {
            if *start != covered {
                return Ok(());
            }
            covered = *end;
        }
        if covered == length && !agree(&mut parts.values().map(|(_, part)| *part)) {
            return Err("is damaged: it has another checksum than the directory says");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_compared_when_every_weight_is_in_one() {
        let sum = |expected: u32| move |parts: &mut dyn Iterator<Item = u32>| parts.sum::<u32>() == expected;
        let coverage = Coverage::default();
        assert!(coverage.add(5..10, 10, 2, sum(3)).is_ok());
        assert!(coverage.add(0..5, 10, 1, sum(3)).is_ok());
        assert_eq!(coverage.add(0..5, 10, 4, sum(3)), Err("has changed since it was first read"));
        // Another division of the weights.
        assert!(coverage.add(0..7, 10, 2, sum(3)).is_ok());
        assert!(coverage.add(7..9, 10, 2, sum(3)).is_ok());
        assert!(coverage.add(9..10, 10, 0, sum(3)).unwrap_err().contains("another checksum"));
    }
}
