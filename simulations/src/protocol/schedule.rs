//! When frames are saved.

use serde::{Deserialize, Serialize};

/// Lags after a waiting time at which frames are saved, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// The paper's: every step below 100, every 10th below 1,000, every 100th after (PHYSICS.md, section A).
    Paper,
    /// Lags that grow by a constant ratio, each integer at most once.
    Logarithmic {
        /// Frames in a decade, at least 1.
        per_decade: u32,
    },
}

impl Schedule {
    /// The lags from 0 to `last`, ascending; `last` itself is always among them.
    ///
    /// ```
    /// use glassbox_simulations::protocol::Schedule;
    /// assert_eq!(Schedule::Paper.lags(120).len(), 100 + 3);
    /// assert_eq!(Schedule::Logarithmic { per_decade: 3 }.lags(10), [0, 1, 2, 5, 10]);
    /// ```
    #[must_use]
    pub fn lags(self, last: u64) -> Vec<u64> {
        let mut lags: Vec<u64> = match self {
            Self::Paper => {
                let stride = |lag: u64| {
                    if lag < 100 {
                        1
                    } else if lag < 1_000 {
                        10
                    } else {
                        100
                    }
                };
                std::iter::successors(Some(0), |lag| Some(lag + stride(*lag)))
                    .take_while(|lag| *lag < last)
                    .collect()
            }
            Self::Logarithmic { per_decade } => {
                let lag = |index: u32| 10.0_f64.powf(f64::from(index) / f64::from(per_decade.max(1))).round();
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at least 1, and below the u64 `last`"
                )]
                let later = (0..).map(lag).take_while(|lag| *lag < last as f64).map(|lag| lag as u64);
                std::iter::once(0).chain(later).collect()
            }
        };
        lags.dedup();
        lags.retain(|lag| *lag < last);
        lags.push(last);
        lags
    }

    /// At least as many as there are [lags](Self::lags) up to `last`, without going through them.
    pub(crate) fn most_lags(self, last: u64) -> u64 {
        let most = match self {
            Self::Paper => 192 + last / 100,
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative, and below 2^32 · 20"
            )]
            Self::Logarithmic { per_decade } => {
                3 + (f64::from(per_decade.max(1)) * (last.max(1) as f64).log10()).ceil() as u64
            }
        };
        most.min(last.saturating_add(1))
    }
}

/// The absolute times of a block of lags from each waiting time, up to `end`: ascending, each once.
///
/// Waiting times beyond `end` are left out.
#[must_use]
pub fn save_times(schedule: Schedule, waiting_times: &[u64], end: u64) -> Vec<u64> {
    let mut times: Vec<u64> = waiting_times
        .iter()
        .filter(|waiting| **waiting <= end)
        .flat_map(|waiting| schedule.lags(end - waiting).into_iter().map(move |lag| waiting + lag))
        .collect();
    times.sort_unstable();
    times.dedup();
    times
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_papers_grid_has_its_three_strides() {
        let lags = Schedule::Paper.lags(2_000);
        assert_eq!(lags[98..102], [98, 99, 100, 110]);
        assert_eq!(lags[188..193], [980, 990, 1_000, 1_100, 1_200]);
        assert_eq!(lags.last(), Some(&2_000));
    }

    proptest! {
        #[test]
        fn lags_ascend_from_0_to_the_last(last in 1_u64..1_000_000, per_decade in 1_u32..50) {
            for schedule in [Schedule::Paper, Schedule::Logarithmic { per_decade }] {
                let lags = schedule.lags(last);
                prop_assert_eq!((lags[0], lags[lags.len() - 1]), (0, last));
                prop_assert!(lags.is_sorted_by(|one, next| one < next));
                let most = schedule.most_lags(last);
                prop_assert!(lags.len() as u64 <= most, "{} lags, at most {most}", lags.len());
            }
        }

        #[test]
        fn every_block_is_whole(waiting in prop::collection::vec(0_u64..500, 1..5)) {
            let times = save_times(Schedule::Paper, &waiting, 400);
            prop_assert!(times.is_sorted_by(|one, next| one < next));
            for start in waiting.into_iter().filter(|start| *start <= 400) {
                for lag in Schedule::Paper.lags(400 - start) {
                    prop_assert!(times.binary_search(&(start + lag)).is_ok());
                }
            }
        }
    }
}
