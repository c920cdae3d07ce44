//! The laws of the oracle as tables: any law on a grid of its parameters, for `glassbox predict`.
//!
//! A [`Law`] is a function from named parameters to named columns. [`evaluate`] lays the values of its parameters out on
//! a grid and returns a [`DataTable`].

mod figure;
mod grid;
mod law;
pub mod laws;
mod parameter;

pub use figure::figure;
pub use grid::{GridError, Range, Spacing, Values};
pub use law::{Arguments, Column, Law, LawError};
pub use parameter::{Fallback, Parameter};

use glassbox_reports::DataTable;
use std::collections::BTreeMap;
use thiserror::Error;

/// The most rows of a table: a grid beyond this is a slip of the hand.
pub const MOST_ROWS: usize = 10_000_000;

/// Why a law could not be tabulated.
#[derive(Debug, Error)]
pub enum PredictionError {
    /// The law refuses a point of the grid.
    #[error("{law}: {source}")]
    Law {
        /// Name of the law.
        law: &'static str,
        /// What it says.
        source: LawError,
    },
    /// Too many points.
    #[error("the grid has {rows} points; at most {MOST_ROWS} are allowed")]
    TooLarge {
        /// Points of the grid.
        rows: usize,
    },
    /// A figure without a curve.
    #[error("{column} cannot be drawn: {reason}")]
    NothingToDraw {
        /// Name of the column.
        column: String,
        /// Why not.
        reason: &'static str,
    },
    /// The table cannot be made.
    #[error(transparent)]
    Table(#[from] glassbox_reports::ReportError),
}

/// Tabulates `law` over `given` values; parameters that are not given take their defaults.
///
/// The table has a column for each parameter that was given several values and for the natural axis of the law, in the
/// order of the law's parameters, the last varying fastest, and the law's columns behind them; the other parameters stand
/// in its facts.
///
/// # Errors
/// [`PredictionError`] for a parameter outside its range, or a grid of too many points.
pub fn evaluate(law: &'static Law, given: &BTreeMap<&str, Values>) -> Result<DataTable, PredictionError> {
    let mut axes = Vec::new();
    for parameter in law.parameters {
        let values = match (given.get(parameter.name), &parameter.fallback) {
            (Some(values), _) => values.numbers(),
            (None, Fallback::Value(value)) => vec![*value],
            (None, Fallback::Grid(grid)) => grid.numbers(),
        };
        let is_column = values.len() > 1 || matches!(parameter.fallback, Fallback::Grid(_));
        axes.push(Axis { parameter, values, is_column });
    }
    // On a clock with steps, generated times are moved to the nearest step.
    let step = axes.iter().find(|axis| axis.parameter.name == "dt").and_then(|axis| match axis.values[..] {
        [dt] if dt > 0.0 => Some(dt),
        _ => None,
    });
    if let Some(dt) = step {
        for Axis { parameter, values, .. } in &mut axes {
            let generated = given.get(parameter.name).is_none_or(Values::is_generated);
            if parameter.is_time && generated {
                grid::move_to_steps(values, dt);
            }
        }
    }
    tabulate(law, &axes)
}

/// The values of a parameter on the grid.
struct Axis {
    parameter: &'static Parameter,
    values: Vec<f64>,
    is_column: bool,
}

fn tabulate(law: &'static Law, axes: &[Axis]) -> Result<DataTable, PredictionError> {
    let rows = axes.iter().map(|axis| axis.values.len().max(1)).try_fold(1_usize, usize::checked_mul);
    let rows = rows
        .filter(|rows| *rows <= MOST_ROWS)
        .ok_or(PredictionError::TooLarge { rows: rows.unwrap_or(usize::MAX) })?;
    let shown: Vec<&Axis> = axes.iter().filter(|axis| axis.is_column).collect();
    let mut inputs = vec![Vec::with_capacity(rows); shown.len()];
    let mut outputs = vec![Vec::with_capacity(rows); law.columns.len()];
    for row in 0..rows {
        let mut arguments = Arguments::default();
        let mut rest = row;
        for Axis { parameter, values, .. } in axes.iter().rev() {
            let Some(count) = std::num::NonZeroUsize::new(values.len()) else { continue };
            arguments.set(parameter.name, values[rest % count]);
            rest /= count;
        }
        for (axis, input) in shown.iter().zip(&mut inputs) {
            input.push(arguments.optional(axis.parameter.name));
        }
        let refused = |source| PredictionError::Law { law: law.name, source };
        let values = (law.evaluate)(&arguments).map_err(refused)?;
        for ((output, value), column) in outputs.iter_mut().zip(values).zip(law.columns) {
            if value.is_some_and(f64::is_nan) {
                return Err(refused(LawError::NotANumber { column: column.name }));
            }
            output.push(value);
        }
    }
    let mut table = DataTable::new(law.name, law.title)
        .with_fact("equation", law.equation)
        .with_fact("source", law.source);
    for Axis { parameter, values, is_column } in axes {
        if let (false, Some(value)) = (is_column, values.first()) {
            table = table.with_fact(parameter.name, parameter.write(*value));
        }
    }
    for (axis, input) in shown.iter().zip(inputs) {
        table = table.with_column(axis.parameter.name, axis.parameter.meaning, input)?;
    }
    for (column, output) in law.columns.iter().zip(outputs) {
        table = table.with_column(column.name, column.meaning, output)?;
    }
    Ok(table)
}
