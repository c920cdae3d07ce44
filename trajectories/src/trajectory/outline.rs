//! Shape and times of a trajectory, checked before any weight is read.

use super::{Precision, TrajectoryError};
use std::ops::Range;
use std::path::Path;

/// What is known of a trajectory before its numbers are read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outline {
    pub(super) replicas: usize,
    pub(super) weights: usize,
    pub(super) times: Vec<u64>,
    pub(super) has_gradients: bool,
    pub(super) layers: Option<Vec<Range<usize>>>,
    pub(super) precision: Precision,
    /// What in the file is not used, in words.
    pub(super) unused: Vec<String>,
}

/// Most weights of a frame (2 GiB in double precision): whoever examines moves keeps numbers for each.
const MOST_WEIGHTS: usize = 1 << 28;

/// Most replicas.
const MOST_REPLICAS: usize = 1 << 20;

/// Most saved times, which are kept in memory (128 MiB).
pub(super) const MOST_TIMES: usize = 1 << 24;

/// Most layers.
pub(super) const MOST_LAYERS: usize = 1 << 16;

impl Outline {
    /// The same, if it is one of a trajectory.
    pub(super) fn validated(self, file: &Path) -> Result<Self, TrajectoryError> {
        let refused = |reason: String| Err(TrajectoryError::new(file, reason));
        if self.replicas == 0 || self.weights == 0 {
            let (replicas, weights) = (self.replicas, self.weights);
            return refused(format!("{replicas} replicas of {weights} weights; both must be at least 1"));
        }
        let layers = self.layers.as_ref().map_or(0, Vec::len);
        for (count, what, most) in [
            (self.weights, "weights per frame", MOST_WEIGHTS),
            (self.replicas, "replicas", MOST_REPLICAS),
            (self.times.len(), "saved times", MOST_TIMES),
            (layers, "layers", MOST_LAYERS),
        ] {
            if count > most {
                return refused(format!("{count} {what}; at most {most} are read"));
            }
        }
        if self.times.len() < 2 {
            return refused(format!("{} saved times; a trajectory needs at least 2", self.times.len()));
        }
        for (index, pair) in self.times.windows(2).enumerate() {
            if pair[0] >= pair[1] {
                let kind = if pair[0] == pair[1] { "duplicate" } else { "descending" };
                let (now, next, at) = (pair[0], pair[1], index + 1);
                return refused(format!(
                    "times[{at}] is {next} after {now}: {kind}; times must be strictly ascending"
                ));
            }
        }
        if let Some(layers) = &self.layers {
            let total = layers.last().map_or(0, |layer| layer.end);
            if total != self.weights {
                return refused(format!("the layers have {total} weights, a frame has {}", self.weights));
            }
        }
        Ok(self)
    }
}

/// Ranges of layers of these sizes, one after the other; `None` for an empty layer or a sum beyond any memory.
pub(super) fn layer_ranges(sizes: &[usize]) -> Option<Vec<Range<usize>>> {
    let mut start = 0_usize;
    sizes
        .iter()
        .map(|size| {
            let end = start.checked_add(*size).filter(|end| *end > start)?;
            let range = start..end;
            start = end;
            Some(range)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(times: &[u64], layers: Option<Vec<Range<usize>>>) -> Result<Outline, String> {
        let outline = Outline {
            replicas: 2,
            weights: 5,
            times: times.to_vec(),
            has_gradients: false,
            layers,
            precision: Precision::Double,
            unused: Vec::new(),
        };
        outline.validated(Path::new("run.npz")).map_err(|error| error.to_string())
    }

    #[test]
    fn times_ascend_strictly() {
        assert!(outline(&[0, 1, 10], None).is_ok());
        assert_eq!(
            outline(&[0, 5, 5], None).unwrap_err(),
            "run.npz: times[2] is 5 after 5: duplicate; times must be strictly ascending"
        );
        assert!(outline(&[3, 1], None).unwrap_err().contains("descending"));
        assert!(outline(&[3], None).unwrap_err().contains("at least 2"));
    }

    #[test]
    fn layers_cover_the_weights() {
        assert_eq!(layer_ranges(&[2, 3]), Some(vec![0..2, 2..5]));
        assert!(outline(&[0, 1], layer_ranges(&[2, 3])).is_ok());
        assert!(outline(&[0, 1], layer_ranges(&[2, 2])).unwrap_err().contains("the layers have 4"));
        assert_eq!((layer_ranges(&[2, 0]), layer_ranges(&[2, usize::MAX])), (None, None));
    }
}
