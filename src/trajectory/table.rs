//! A Parquet table with a row a number: `replica`, `step`, `weight`, `value` and, where it is there, `gradient`.

mod column;
mod order;

use super::outline::Outline;
use super::{Frame, Precision, TrajectoryError};
use column::{Numbers, Typed};
use glassbox_trajectories::guard;
use order::Order;
use parquet::basic::Type as PhysicalType;
use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::fs::File;
use std::path::{Path, PathBuf};

/// A table whose outline is sound.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    columns: Columns,
}

/// Positions of the columns in the file.
#[derive(Clone, Copy, Debug)]
struct Columns {
    replica: usize,
    step: usize,
    weight: usize,
    value: usize,
    gradient: Option<usize>,
}

/// Rows read at once.
const BATCH: usize = 8192;

/// Some rows, column by column.
#[derive(Default)]
struct Rows {
    replica: Vec<i64>,
    step: Vec<i64>,
    weight: Vec<i64>,
    value: Vec<f64>,
    gradient: Vec<f64>,
}

impl Table {
    pub(super) fn open(path: &Path) -> Result<(Outline, Self), TrajectoryError> {
        let reader = reader(path)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let position = |name: &str| {
            schema
                .columns()
                .iter()
                .position(|column| column.path().string() == name && column.max_rep_level() == 0)
        };
        let needed = |name: &str| {
            position(name).ok_or_else(|| {
                let there: Vec<String> =
                    schema.columns().iter().map(|column| column.path().string()).collect();
                let there = there.join(", ");
                TrajectoryError::new(path, format!("has no column '{name}' of plain numbers; it has {there}"))
            })
        };
        let columns = Columns {
            replica: needed("replica")?,
            step: needed("step")?,
            weight: needed("weight")?,
            value: needed("value")?,
            gradient: position("gradient"),
        };
        let single = schema.column(columns.value).physical_type() == PhysicalType::FLOAT;
        let table = Self { path: path.to_owned(), columns };
        let outline = table.outline(if single { Precision::Single } else { Precision::Double })?;
        Ok((outline.validated(path)?, table))
    }

    /// One pass over the indices, which must count weights within steps within replicas, each as the first did.
    fn outline(&self, precision: Precision) -> Result<Outline, TrajectoryError> {
        let mut order = Order::default();
        let mut row = 0_u64;
        let wrong = |row: u64, reason: &str| {
            let rule = "rows must be sorted by replica, step and weight; replicas and weights count from 0, and all \
                        replicas have the same steps and weights";
            TrajectoryError::new(&self.path, format!("row {row}: {reason}; {rule}"))
        };
        self.for_each_batch(false, &mut |rows| {
            for ((replica, step), weight) in rows.replica.iter().zip(&rows.step).zip(&rows.weight) {
                order.take(*replica, *step, *weight).map_err(|reason| wrong(row, reason))?;
                row += 1;
            }
            Ok(())
        })?;
        let (replicas, weights, times) = order.end().map_err(|reason| wrong(row, reason))?;
        let has_gradients = self.columns.gradient.is_some();
        Ok(Outline { replicas, weights, times, has_gradients, layers: None, precision })
    }

    /// Shows all frames.
    pub(super) fn read(
        &self,
        outline: &Outline,
        visit: &mut dyn FnMut(&Frame<'_>),
    ) -> Result<(), TrajectoryError> {
        let (mut weights, mut gradient) = (Vec::new(), Vec::new());
        let (mut replica, mut frame) = (0, 0);
        self.for_each_batch(true, &mut |rows| {
            for (row, value) in rows.value.iter().enumerate() {
                let of_gradient = rows.gradient.get(row);
                for (what, number) in [("value", Some(value)), ("gradient", of_gradient)] {
                    if let Some(number) = number.filter(|number| !number.is_finite()) {
                        let (step, weight) = (outline.times.get(frame).copied().unwrap_or_default(), weights.len());
                        let reason = format!(
                            "{what} is {number} at replica {replica}, step {step}, weight {weight}; it must be finite"
                        );
                        return Err(TrajectoryError::new(&self.path, reason));
                    }
                }
                weights.push(*value);
                gradient.extend(of_gradient);
                if weights.len() == outline.weights {
                    if replica >= outline.replicas {
                        return Err(TrajectoryError::new(&self.path, "has changed while it was read"));
                    }
                    visit(&Frame {
                        replica,
                        frame,
                        step: outline.times[frame],
                        weights: &weights,
                        gradient: outline.has_gradients.then_some(gradient.as_slice()),
                    });
                    weights.clear();
                    gradient.clear();
                    frame += 1;
                    if frame == outline.times.len() {
                        (replica, frame) = (replica + 1, 0);
                    }
                }
            }
            Ok(())
        })
    }

    fn for_each_batch(
        &self,
        with_numbers: bool,
        take: &mut dyn FnMut(&Rows) -> Result<(), TrajectoryError>,
    ) -> Result<(), TrajectoryError> {
        let reader = reader(&self.path)?;
        let mut rows = Rows::default();
        for group in 0..reader.num_row_groups() {
            let group = guarded(&self.path, || reader.get_row_group(group))?;
            let mut indices = [
                self.integers(&*group, self.columns.replica)?,
                self.integers(&*group, self.columns.step)?,
                self.integers(&*group, self.columns.weight)?,
            ];
            let mut numbers = Vec::new();
            if with_numbers {
                for column in std::iter::once(self.columns.value).chain(self.columns.gradient) {
                    numbers.push(self.floats(&*group, column)?);
                }
            }
            let mut left = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
            while left > 0 {
                let batch = usize::try_from(left).map_or(BATCH, |left| left.min(BATCH));
                for (column, into) in
                    indices.iter_mut().zip([&mut rows.replica, &mut rows.step, &mut rows.weight])
                {
                    guarded(&self.path, || column.next(batch, into))?;
                }
                for (column, into) in numbers.iter_mut().zip([&mut rows.value, &mut rows.gradient]) {
                    guarded(&self.path, || column.next(batch, into))?;
                }
                take(&rows)?;
                left -= batch as u64;
            }
        }
        Ok(())
    }

    fn integers(&self, group: &dyn RowGroupReader, column: usize) -> Result<Numbers<i64>, TrajectoryError> {
        match guarded(&self.path, || group.get_column_reader(column))? {
            ColumnReader::Int32ColumnReader(reader) => Ok(Box::new(Typed::new(reader, i64::from))),
            ColumnReader::Int64ColumnReader(reader) => Ok(Box::new(Typed::new(reader, |number| number))),
            _ => Err(self.wrong_type(group, column, "integers")),
        }
    }

    fn floats(&self, group: &dyn RowGroupReader, column: usize) -> Result<Numbers<f64>, TrajectoryError> {
        match guarded(&self.path, || group.get_column_reader(column))? {
            ColumnReader::FloatColumnReader(reader) => Ok(Box::new(Typed::new(reader, f64::from))),
            ColumnReader::DoubleColumnReader(reader) => Ok(Box::new(Typed::new(reader, |number| number))),
            _ => Err(self.wrong_type(group, column, "32- or 64-bit floats")),
        }
    }

    fn wrong_type(&self, group: &dyn RowGroupReader, column: usize, needed: &str) -> TrajectoryError {
        let description = group.metadata().schema_descr().column(column);
        let (name, found) = (description.path().string(), description.physical_type());
        TrajectoryError::new(&self.path, format!("column '{name}' is of {found}; it must be of {needed}"))
    }
}

fn reader(path: &Path) -> Result<SerializedFileReader<File>, TrajectoryError> {
    let file =
        File::open(path).map_err(|error| TrajectoryError::while_doing(path, "cannot be opened", error))?;
    guarded(path, || SerializedFileReader::new(file))
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
