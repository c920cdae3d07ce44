//! The order of the rows of a table, and the outline that they spell.

use super::super::outline::MOST_TIMES;

/// Where the next row may be.
#[derive(Default)]
pub(super) struct Order {
    times: Vec<u64>,
    /// Weights of a frame; known when the first has ended.
    weights: Option<usize>,
    replica: usize,
    frame: usize,
    /// Weights of this frame so far; 0 before the first row.
    count: usize,
}

impl Order {
    /// Takes the next row; the error says why it cannot be there.
    pub(super) fn take(&mut self, replica: i64, step: i64, weight: i64) -> Result<(), &'static str> {
        let (Ok(replica), Ok(step), Ok(weight)) =
            (usize::try_from(replica), u64::try_from(step), usize::try_from(weight))
        else {
            return Err("replica, step or weight is negative");
        };
        if weight > 0 {
            let continues =
                replica == self.replica && self.times.get(self.frame) == Some(&step) && weight == self.count;
            self.count += 1;
            return if continues {
                Ok(())
            } else {
                Err("replica, step or weight does not continue the frame")
            };
        }
        if self.count == 0 {
            if replica != 0 {
                return Err("the first replica is not 0");
            }
            self.times.push(step);
        } else {
            self.end_frame()?;
            self.begin_frame(replica, step)?;
        }
        self.count = 1;
        Ok(())
    }

    fn begin_frame(&mut self, replica: usize, step: u64) -> Result<(), &'static str> {
        if replica == self.replica {
            self.frame += 1;
            if replica == 0 {
                if self.times.len() == MOST_TIMES {
                    return Err("it is the start of more frames than are read (2^24)");
                }
                self.times.push(step);
                return Ok(());
            }
        } else if Some(replica) == self.replica.checked_add(1) {
            self.end_replica()?;
            self.replica = replica;
            self.frame = 0;
        } else {
            return Err("the replica does not continue the count");
        }
        if self.times.get(self.frame) == Some(&step) {
            Ok(())
        } else {
            Err("the step is not the first replica's")
        }
    }

    fn end_frame(&mut self) -> Result<(), &'static str> {
        let whole = *self.weights.get_or_insert(self.count) == self.count;
        if whole { Ok(()) } else { Err("the frame before has other weights than the first") }
    }

    fn end_replica(&self) -> Result<(), &'static str> {
        let whole = self.frame + 1 == self.times.len();
        if whole { Ok(()) } else { Err("the replica before has fewer steps than the first") }
    }

    /// Number of replicas and of weights, and the times, when all rows were taken.
    pub(super) fn end(mut self) -> Result<(usize, usize, Vec<u64>), &'static str> {
        if self.count == 0 {
            return Err("there are no rows");
        }
        self.end_frame()?;
        self.end_replica()?;
        Ok((self.replica + 1, self.count, self.times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(rows: &[(i64, i64, i64)]) -> Result<(usize, usize, Vec<u64>), &'static str> {
        let mut order = Order::default();
        for (replica, step, weight) in rows {
            order.take(*replica, *step, *weight)?;
        }
        order.end()
    }

    const SOUND: [(i64, i64, i64); 8] =
        [(0, 5, 0), (0, 5, 1), (0, 7, 0), (0, 7, 1), (1, 5, 0), (1, 5, 1), (1, 7, 0), (1, 7, 1)];

    #[test]
    fn sorted_rows_spell_an_outline() {
        assert_eq!(ordered(&SOUND), Ok((2, 2, vec![5, 7])));
        assert_eq!(ordered(&SOUND[..4]), Ok((1, 2, vec![5, 7])));
    }

    /// Whatever row is left out, doubled or swapped with the next, the rows are refused.
    #[test]
    fn any_disorder_is_seen() {
        for at in 0..SOUND.len() {
            let mut missing = SOUND.to_vec();
            missing.remove(at);
            assert!(ordered(&missing).is_err(), "without row {at}");
            let mut doubled = SOUND.to_vec();
            doubled.insert(at, SOUND[at]);
            let kept = ordered(&doubled);
            // A doubled single-weight frame would be a duplicate time, which the outline refuses.
            assert!(kept.is_err(), "row {at} twice");
            if at + 1 < SOUND.len() {
                let mut swapped = SOUND.to_vec();
                swapped.swap(at, at + 1);
                assert!(ordered(&swapped).is_err(), "rows {at} and {} swapped", at + 1);
            }
        }
        assert!(ordered(&[]).is_err() && ordered(&[(0, -1, 0)]).is_err() && ordered(&[(1, 0, 0)]).is_err());
        assert!(ordered(&[(0, 0, 0), (2, 0, 0)]).is_err());
    }
}
