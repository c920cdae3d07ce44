//! A Parquet table with one row per number: `replica`, `step`, `weight`, `value` and, where it is there, `gradient`.

mod column;
mod file;
mod order;

use super::outline::Outline;
use super::piece::{Piece, Pieces, Place, show};
use super::unused::Names;
use super::{Precision, TrajectoryError};
use crate::{guard, input};
use column::Rows;
use file::TableFile;
use order::Order;
use parquet::basic::Type as PhysicalType;
use parquet::errors::ParquetError;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A table whose outline is sound.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    value: usize,
    gradient: Option<usize>,
}

/// Columns that are read.
const KNOWN: Names<'_> = Names { kind: "column", known: &["replica", "step", "weight", "value", "gradient"] };

/// Rows of the indices that are read at once.
const BATCH: usize = 8192;

impl Table {
    pub(super) fn open(path: &Path) -> Result<(Outline, Self), TrajectoryError> {
        let file = opened(path)?;
        let integers = [PhysicalType::INT32, PhysicalType::INT64];
        let floats = [PhysicalType::FLOAT, PhysicalType::DOUBLE];
        let needed = |name, types, in_words| match position(path, &file, name, types, in_words)? {
            Some(position) => Ok(position),
            None => {
                let schema = file.metadata().file_metadata().schema_descr();
                let there: Vec<String> = schema
                    .columns()
                    .iter()
                    .map(|column| column.path().string().escape_debug().to_string())
                    .collect();
                let there = there.join(", ");
                let reason = format!("has no column '{name}' of plain numbers; it has {there}");
                Err(TrajectoryError::new(path, reason))
            }
        };
        let mut indices = [0; 3];
        for (index, name) in indices.iter_mut().zip(["replica", "step", "weight"]) {
            *index = needed(name, integers, "integers")?;
        }
        let in_words = "32- or 64-bit floats";
        let value = needed("value", floats, in_words)?;
        let gradient = position(path, &file, "gradient", floats, in_words)?;
        let schema = file.metadata().file_metadata().schema_descr();
        let single = schema.column(value).physical_type() == PhysicalType::FLOAT;
        let fields = schema.root_schema().get_fields();
        let unused = KNOWN.unused(path, fields.iter().map(|field| field.name()))?;
        let (replicas, weights, times) = order(path, &file, indices)?;
        let outline = Outline {
            replicas,
            weights,
            times,
            has_gradients: gradient.is_some(),
            layers: None,
            precision: if single { Precision::Single } else { Precision::Double },
            unused,
        };
        Ok((outline.validated(path)?, Self { path: path.to_owned(), value, gradient }))
    }

    /// Shows the pieces of `weights`.
    pub(super) fn read(
        &self,
        outline: &Outline,
        weights: Range<usize>,
        visit: &mut dyn FnMut(&Piece<'_>),
    ) -> Result<(), TrajectoryError> {
        let file = opened(&self.path)?;
        let columns = std::iter::once(self.value).chain(self.gradient);
        let mut columns = Columns {
            path: &self.path,
            columns: columns.map(|column| (Rows::floats(&file, column), Vec::new())).collect(),
            before: weights.start,
            between: outline.weights - weights.len(),
            behind: outline.weights - weights.end,
            range: weights.clone(),
        };
        show(outline, weights, &mut columns, visit)
    }
}

/// The position of the column of this name, if there is one.
fn position(
    path: &Path,
    file: &TableFile,
    name: &str,
    types: [PhysicalType; 2],
    in_words: &str,
) -> Result<Option<usize>, TrajectoryError> {
    let schema = file.metadata().file_metadata().schema_descr();
    let of_name = schema
        .columns()
        .iter()
        .enumerate()
        .filter(|(_, column)| column.path().parts().first().is_some_and(|first| first == name));
    let of_name: Vec<_> = of_name.collect();
    let wrong = |reason: String| TrajectoryError::new(path, format!("column '{name}' {reason}"));
    match of_name.as_slice() {
        [] => Ok(None),
        [(position, column)] => {
            if column.path().parts().len() > 1 || column.max_rep_level() > 0 {
                return Err(wrong(format!("has several numbers per row; it must have one, of {in_words}")));
            }
            let found = column.physical_type();
            if !types.contains(&found) {
                return Err(wrong(format!("is of {found}; it must be of {in_words}")));
            }
            Ok(Some(*position))
        }
        _ => Err(wrong("is there more than once, or has several numbers per row".to_owned())),
    }
}

/// One pass over the indices, which must count weights within steps within replicas, each as the first did. Returns the
/// number of replicas and of weights, and the times.
fn order(
    path: &Path,
    file: &TableFile,
    indices: [usize; 3],
) -> Result<(usize, usize, Vec<u64>), TrajectoryError> {
    let mut order = Order::default();
    let mut row = 0_u64;
    let wrong = |row: u64, reason: &str| {
        let rule = "rows must be sorted by replica, step and weight; replicas and weights count from 0, and all \
                    replicas have the same steps and weights";
        TrajectoryError::new(path, format!("row {row}: {reason}; {rule}"))
    };
    let mut columns = indices.map(|column| (Rows::integers(file, column), Vec::new()));
    let mut left = (0..file.groups()).map(|group| file.rows(group)).sum::<u64>();
    while left > 0 {
        let batch = usize::try_from(left).map_or(BATCH, |left| left.min(BATCH));
        for (column, into) in &mut columns {
            guarded(path, || column.next(batch, into))?;
        }
        let [(_, replicas), (_, steps), (_, weights)] = &columns;
        for ((replica, step), weight) in replicas.iter().zip(steps).zip(weights) {
            order.take(*replica, *step, *weight).map_err(|reason| wrong(row, reason))?;
            row += 1;
        }
        left -= batch as u64;
    }
    for (column, _) in &mut columns {
        guarded(path, || column.end())?;
    }
    order.end().map_err(|reason| wrong(row, reason))
}

/// The numbers of the table, read side by side.
struct Columns<'a> {
    path: &'a Path,
    /// The values, and the gradients where they are there, each with the numbers that were read last.
    columns: Vec<(Rows<'a, f64>, Vec<f64>)>,
    /// The weights that are read of each frame.
    range: Range<usize>,
    /// Rows to skip before the next frame.
    before: usize,
    between: usize,
    behind: usize,
}

impl Columns<'_> {
    fn each(
        &mut self,
        mut act: impl FnMut(&mut Rows<'_, f64>, &mut Vec<f64>) -> Result<(), ParquetError>,
    ) -> Result<(), TrajectoryError> {
        for (rows, numbers) in &mut self.columns {
            guarded(self.path, || act(rows, numbers))?;
        }
        Ok(())
    }
}

impl Pieces for Columns<'_> {
    fn next(&mut self, place: &Place) -> Result<(&[f64], Option<&[f64]>), TrajectoryError> {
        if place.weights.start == self.range.start {
            let before = std::mem::replace(&mut self.before, self.between) as u64;
            self.each(|rows, _| rows.skip(before))?;
        }
        self.each(|rows, numbers| rows.next(place.weights.len(), numbers))?;
        let mut columns = self.columns.iter().map(|(_, numbers)| numbers.as_slice());
        Ok((columns.next().unwrap_or_default(), columns.next()))
    }

    fn file(&self, _: &Place) -> &Path {
        self.path
    }

    fn end(&mut self) -> Result<(), TrajectoryError> {
        let behind = self.behind as u64;
        self.each(|rows, _| {
            rows.skip(behind)?;
            rows.end()
        })
    }
}

fn opened(path: &Path) -> Result<TableFile, TrajectoryError> {
    let file = input::open(path)
        .map_err(|error| TrajectoryError::while_doing(path, "cannot be opened", error.source))?;
    guarded(path, || TableFile::open(file))
}

/// What the Parquet crate answers. It panics on some damaged pages (a dictionary that is missing, for one): that is an
/// error of the file as well. Only the crate's own code runs in here; what it has half done is dropped with the error.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, TrajectoryError> {
    let what = "cannot be read as Parquet (uncompressed or Snappy)";
    match guard::guarded(work) {
        Ok(answer) => answer.map_err(|error| TrajectoryError::while_doing(path, what, error)),
        Err(_) => Err(TrajectoryError::while_doing(path, what, "its pages are damaged")),
    }
}
