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
/// The table has a column for each parameter that varies, in the order of the law's parameters, the last varying
/// fastest, and the law's columns behind them; parameters that do not vary stand in its facts. A column without any
/// value is left out.
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
        axes.push((parameter, values));
    }
    // On a clock with steps, generated times are moved to the nearest step.
    let step =
        axes.iter().find(|(parameter, _)| parameter.name == "dt").and_then(|(_, values)| match values[..] {
            [dt] if dt > 0.0 => Some(dt),
            _ => None,
        });
    if let Some(dt) = step {
        for (parameter, values) in &mut axes {
            let generated = given.get(parameter.name).is_none_or(Values::is_generated);
            if parameter.is_time && generated && values.len() > 1 {
                grid::move_to_steps(values, dt);
            }
        }
    }
    tabulate(law, &axes)
}

fn tabulate(
    law: &'static Law,
    axes: &[(&'static Parameter, Vec<f64>)],
) -> Result<DataTable, PredictionError> {
    let rows = axes.iter().map(|(_, values)| values.len().max(1)).try_fold(1_usize, usize::checked_mul);
    let rows = rows
        .filter(|rows| *rows <= MOST_ROWS)
        .ok_or(PredictionError::TooLarge { rows: rows.unwrap_or(usize::MAX) })?;
    let varying: Vec<_> = axes.iter().filter(|(_, values)| values.len() > 1).collect();
    let mut inputs = vec![Vec::with_capacity(rows); varying.len()];
    let mut outputs = vec![Vec::with_capacity(rows); law.columns.len()];
    for row in 0..rows {
        let mut arguments = Arguments::default();
        let mut rest = row;
        for (parameter, values) in axes.iter().rev() {
            let Some(count) = std::num::NonZeroUsize::new(values.len()) else { continue };
            arguments.set(parameter.name, values[rest % count]);
            rest /= count;
        }
        for ((parameter, _), input) in varying.iter().zip(&mut inputs) {
            input.push(arguments.optional(parameter.name));
        }
        let values =
            (law.evaluate)(&arguments).map_err(|source| PredictionError::Law { law: law.name, source })?;
        for (output, value) in outputs.iter_mut().zip(values) {
            output.push(value.filter(|value| !value.is_nan()));
        }
    }
    let mut table = DataTable::new(law.name, law.title)
        .with_fact("equation", law.equation)
        .with_fact("source", law.source);
    for (parameter, values) in axes {
        if let [value] = values[..] {
            table = table.with_fact(parameter.name, parameter.write(value));
        }
    }
    for ((parameter, _), input) in varying.iter().zip(inputs) {
        table = table.with_column(parameter.name, parameter.meaning, input)?;
    }
    for (column, output) in law.columns.iter().zip(outputs) {
        if output.iter().any(Option::is_some) {
            table = table.with_column(column.name, column.meaning, output)?;
        }
    }
    Ok(table)
}
