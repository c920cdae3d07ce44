//! NumPy archives: `times`, `weights` and, where they are there, `gradients` and `layers`.

use super::outline::{Outline, layer_ranges};
use super::{Frame, Precision, TrajectoryError};
use crate::npz::{Archive, Array};
use std::path::{Path, PathBuf};

/// An archive whose outline is sound.
#[derive(Debug)]
pub(super) struct Npz {
    path: PathBuf,
}

/// Times and layer sizes are kept in memory: more than this are no trajectory.
const MOST_NUMBERS: usize = 1 << 24;

impl Npz {
    pub(super) fn open(path: &Path) -> Result<(Outline, Self), TrajectoryError> {
        let npz = Self { path: path.to_owned() };
        let mut archive = npz.archive()?;
        let has_gradients = archive.has("gradients");
        let times = counts(&mut archive.array("times")?)?;
        let weights = archive.floats("weights")?.header;
        let (replicas, frames, count) = match weights.shape.as_slice() {
            [frames, count] => (1, *frames, *count),
            [replicas, frames, count] => (*replicas, *frames, *count),
            shape => {
                let reason =
                    format!("has shape {shape:?}; it must be (replicas, times, weights) or (times, weights)");
                return Err(archive.wrong("weights", reason).into());
            }
        };
        if frames != times.len() {
            let reason = format!("has {frames} frames a replica, but times has {} numbers", times.len());
            return Err(archive.wrong("weights", reason).into());
        }
        if has_gradients {
            let gradients = archive.floats("gradients")?.header;
            if gradients.shape != weights.shape {
                let reason = format!(
                    "has shape {:?}; it must be that of weights, {:?}",
                    gradients.shape, weights.shape
                );
                return Err(archive.wrong("gradients", reason).into());
            }
        }
        let layers = if archive.has("layers") { Some(layers(&mut archive.array("layers")?)?) } else { None };
        let precision = if weights.item_size == 4 { Precision::Single } else { Precision::Double };
        let outline = Outline { replicas, weights: count, times, has_gradients, layers, precision };
        Ok((outline.validated(path)?, npz))
    }

    /// Shows all frames.
    pub(super) fn read(
        &self,
        outline: &Outline,
        visit: &mut dyn FnMut(&Frame<'_>),
    ) -> Result<(), TrajectoryError> {
        let (mut first, mut second) = (self.archive()?, self.archive()?);
        let mut weights = Column::new(first.array("weights")?, outline.weights);
        let mut gradients = if outline.has_gradients {
            Some(Column::new(second.array("gradients")?, outline.weights))
        } else {
            None
        };
        for replica in 0..outline.replicas {
            for (frame, step) in outline.times.iter().enumerate() {
                weights.next_frame(replica, *step)?;
                if let Some(gradients) = &mut gradients {
                    gradients.next_frame(replica, *step)?;
                }
                visit(&Frame {
                    replica,
                    frame,
                    step: *step,
                    weights: &weights.frame,
                    gradient: gradients.as_ref().map(|column| column.frame.as_slice()),
                });
            }
        }
        weights.array.end()?;
        if let Some(mut gradients) = gradients {
            gradients.array.end()?;
        }
        Ok(())
    }

    fn archive(&self) -> Result<Archive, TrajectoryError> {
        Ok(Archive::open(&self.path, "times and weights")?)
    }
}

/// A whole one-dimensional array of whole numbers from 0 up.
fn counts(array: &mut Array<'_>) -> Result<Vec<u64>, TrajectoryError> {
    let [length] = *array.header.shape.as_slice() else {
        let reason = format!("has shape {:?}; it must have one dimension", array.header.shape);
        return Err(array.wrong(reason).into());
    };
    if length > MOST_NUMBERS {
        return Err(array.wrong(format!("has {length} numbers; at most {MOST_NUMBERS} are read")).into());
    }
    let (mut counts, mut bad) = (Vec::new(), None);
    let read = array.read(length, |header, bytes| match header.count(bytes) {
        Ok(count) if bad.is_none() => counts.push(count),
        Err(value) if bad.is_none() => bad = Some(value),
        _ => {}
    });
    read.map_err(|error| array.wrong(format!("ends early: {error}")))?;
    if let Some(value) = bad {
        let reason = format!("[{}] is {value}; it must be a whole number of at least 0", counts.len());
        return Err(array.wrong(reason).into());
    }
    array.end()?;
    Ok(counts)
}

fn layers(array: &mut Array<'_>) -> Result<Vec<std::ops::Range<usize>>, TrajectoryError> {
    let sizes: Option<Vec<usize>> =
        counts(array)?.into_iter().map(|size| usize::try_from(size).ok()).collect();
    let ranges = sizes.and_then(|sizes| layer_ranges(&sizes));
    ranges.ok_or_else(|| array.wrong("must have sizes of at least 1 weight each").into())
}

/// An array being read frame by frame.
struct Column<'a> {
    array: Array<'a>,
    length: usize,
    frame: Vec<f64>,
}

impl<'a> Column<'a> {
    fn new(array: Array<'a>, length: usize) -> Self {
        Self { array, length, frame: Vec::new() }
    }

    fn next_frame(&mut self, replica: usize, step: u64) -> Result<(), TrajectoryError> {
        self.frame.clear();
        let Self { array, length, frame } = self;
        array.read(*length, |header, bytes| frame.push(header.float(bytes))).map_err(|error| {
            array.wrong(format!("ends early or is damaged in replica {replica}, step {step}: {error}"))
        })?;
        match frame.iter().position(|number| !number.is_finite()) {
            None => Ok(()),
            Some(weight) => {
                let value = frame[weight];
                let reason = format!(
                    "is {value} at replica {replica}, step {step}, weight {weight}; it must be finite"
                );
                Err(array.wrong(reason).into())
            }
        }
    }
}
