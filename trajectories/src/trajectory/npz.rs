//! NumPy archives: `times`, `weights` and, where they are there, `gradients` and `layers`.

use super::coverage::Coverage;
use super::outline::{MOST_LAYERS, MOST_TIMES, Outline, layer_ranges};
use super::piece::{Piece, Pieces, Place, show};
use super::unused::Names;
use super::{Precision, TrajectoryError};
use crate::npz::{Archive, Array};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// An archive whose outline is sound.
#[derive(Debug)]
pub(super) struct Npz {
    path: PathBuf,
    weights: Coverage,
    gradients: Coverage,
}

/// Arrays that are read.
const KNOWN: Names<'_> = Names { kind: "array", known: &["times", "weights", "gradients", "layers"] };

/// Numbers of an array of counts that are read at once.
const COUNTS: usize = 1 << 12;

impl Npz {
    pub(super) fn open(path: &Path) -> Result<(Outline, Self), TrajectoryError> {
        let npz =
            Self { path: path.to_owned(), weights: Coverage::default(), gradients: Coverage::default() };
        let archive = npz.archive()?;
        let has_gradients = archive.has("gradients");
        let unused = KNOWN.unused(path, archive.names())?;
        let times = counts(&mut archive.array("times")?, MOST_TIMES)?;
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
        let outline = Outline { replicas, weights: count, times, has_gradients, layers, precision, unused };
        Ok((outline.validated(path)?, npz))
    }

    /// Shows the pieces of `weights`.
    pub(super) fn read(
        &self,
        outline: &Outline,
        weights: Range<usize>,
        visit: &mut dyn FnMut(&Piece<'_>),
    ) -> Result<(), TrajectoryError> {
        let archive = self.archive()?;
        let column = |name, coverage| Column::new(archive.floats(name)?, outline, weights.clone(), coverage);
        let mut columns = Columns {
            path: &self.path,
            times: &outline.times,
            weights: column("weights", &self.weights)?,
            gradients: outline.has_gradients.then(|| column("gradients", &self.gradients)).transpose()?,
        };
        show(outline, weights.clone(), &mut columns, visit)
    }

    fn archive(&self) -> Result<Archive, TrajectoryError> {
        Ok(Archive::open(&self.path, "times and weights")?)
    }
}

/// A whole one-dimensional array of at most `most` whole numbers from 0 up.
fn counts(array: &mut Array, most: usize) -> Result<Vec<u64>, TrajectoryError> {
    let [length] = *array.header.shape.as_slice() else {
        let reason = format!("has shape {:?}; it must have one dimension", array.header.shape);
        return Err(array.wrong(reason).into());
    };
    if length > most {
        return Err(array.wrong(format!("has {length} numbers; at most {most} are read")).into());
    }
    let header = array.header.clone();
    let mut counts = Vec::new();
    while counts.len() < length {
        let left = length - counts.len();
        let bytes = match array.next_bytes(left.min(COUNTS), left as u64) {
            Ok(bytes) => bytes,
            Err(error) => return Err(array.wrong(format!("ends early or is damaged: {error}")).into()),
        };
        for item in bytes.chunks_exact(header.item_size) {
            match header.count(item) {
                Ok(count) => counts.push(count),
                Err(value) => {
                    let reason =
                        format!("[{}] is {value}; it must be a whole number of at least 0", counts.len());
                    return Err(array.wrong(reason).into());
                }
            }
        }
    }
    array.end_whole()?;
    Ok(counts)
}

fn layers(array: &mut Array) -> Result<Vec<std::ops::Range<usize>>, TrajectoryError> {
    let sizes: Option<Vec<usize>> =
        counts(array, MOST_LAYERS)?.into_iter().map(|size| usize::try_from(size).ok()).collect();
    let ranges = sizes.and_then(|sizes| layer_ranges(&sizes));
    ranges.ok_or_else(|| array.wrong("must have sizes of at least 1 weight each").into())
}

/// The columns of an archive, read side by side.
struct Columns<'a> {
    path: &'a Path,
    times: &'a [u64],
    weights: Column<'a>,
    gradients: Option<Column<'a>>,
}

impl Pieces for Columns<'_> {
    fn next(&mut self, place: &Place) -> Result<(&[f64], Option<&[f64]>), TrajectoryError> {
        let weights = self.weights.next(place, self.times)?;
        let gradients = self.gradients.as_mut().map(|column| column.next(place, self.times)).transpose()?;
        Ok((weights, gradients))
    }

    fn file(&self, _: &Place) -> &Path {
        self.path
    }

    fn end(&mut self) -> Result<(), TrajectoryError> {
        self.weights.end()?;
        self.gradients.as_mut().map_or(Ok(()), Column::end)
    }
}

/// The numbers of an array that are in a range of the weights of each frame.
struct Column<'a> {
    array: Array,
    range: Range<usize>,
    /// Weights of a frame.
    length: usize,
    /// Numbers to come before the next gap: those of the range in one frame, or of all frames if the range is a whole frame.
    run: u64,
    /// Numbers to skip before the next run.
    gap: u64,
    coverage: &'a Coverage,
}

impl<'a> Column<'a> {
    fn new(
        mut array: Array,
        outline: &Outline,
        range: Range<usize>,
        coverage: &'a Coverage,
    ) -> Result<Self, TrajectoryError> {
        let length = outline.weights;
        let frames = (outline.replicas as u64).saturating_mul(outline.times.len() as u64);
        if range.start > 0 {
            array.begin_part();
        }
        let whole = range.len() == length;
        let (run, gap) =
            if whole { (frames.saturating_mul(length as u64), 0) } else { (0, range.start as u64) };
        Ok(Self { array, range, length, run, gap, coverage })
    }

    fn next(&mut self, place: &Place, times: &[u64]) -> Result<&[f64], TrajectoryError> {
        if self.run == 0 {
            let skipped = self.array.skip(self.gap);
            skipped.map_err(|error| self.ends_early(place, times, &error))?;
            self.run = self.range.len() as u64;
            self.gap = (self.length - self.range.len()) as u64;
        }
        let (count, run) = (place.weights.len(), self.run);
        self.run = run.saturating_sub(count as u64);
        // Twice, as the first borrow would last as long as the numbers.
        if let Err(error) = self.array.next_floats(count, run) {
            return Err(self.ends_early(place, times, &error));
        }
        Ok(self.array.floats())
    }

    fn ends_early(&self, place: &Place, times: &[u64], error: &std::io::Error) -> TrajectoryError {
        let (replica, step) = (place.replica, times.get(place.frame).copied().unwrap_or_default());
        let reason = format!("ends early or is damaged in replica {replica}, step {step}: {error}");
        self.array.wrong(reason).into()
    }

    fn end(&mut self) -> Result<(), TrajectoryError> {
        let behind = self.length - self.range.end;
        let skipped = self.array.skip(behind as u64);
        skipped.map_err(|error| self.array.wrong(format!("ends early or is damaged: {error}")))?;
        if let Some(part) = self.array.end()? {
            let agree = |parts: &mut dyn Iterator<Item = u32>| self.array.parts_agree(parts);
            let added = self.coverage.add(self.range.clone(), self.length, part, agree);
            added.map_err(|reason| self.array.wrong(reason))?;
        }
        Ok(())
    }
}
