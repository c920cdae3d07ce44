//! A named parameter of a law.

use super::grid::Range;

/// A named parameter of a law.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Name, in lower case with hyphens; `--NAME` on the command line.
    pub name: &'static str,
    /// What it is, with its unit.
    pub meaning: &'static str,
    /// What it may be, in words.
    pub range: &'static str,
    /// What holds if it is not given.
    pub fallback: Fallback,
    /// Whether it is a time that must fall on a step of a clock with steps.
    pub is_time: bool,
}

/// What holds if a parameter is not given.
#[derive(Clone, Copy, Debug)]
pub enum Fallback {
    /// It must be given.
    Required,
    /// The law does without, and without the columns that need it.
    Absent,
    /// One value.
    Value(f64),
    /// A grid: the natural axis of the law.
    Grid(Range),
}

impl Parameter {
    /// A parameter that falls back on one value.
    pub(crate) const fn with_value(
        name: &'static str,
        meaning: &'static str,
        range: &'static str,
        value: f64,
    ) -> Self {
        Self { name, meaning, range, fallback: Fallback::Value(value), is_time: false }
    }

    /// A parameter that falls back on a grid: the natural axis of a law.
    pub(crate) const fn with_grid(
        name: &'static str,
        meaning: &'static str,
        range: &'static str,
        grid: Range,
    ) -> Self {
        Self { name, meaning, range, fallback: Fallback::Grid(grid), is_time: false }
    }

    /// A parameter that can be left out.
    pub(crate) const fn optional(name: &'static str, meaning: &'static str, range: &'static str) -> Self {
        Self { name, meaning, range, fallback: Fallback::Absent, is_time: false }
    }

    /// The same parameter, a time.
    pub(crate) const fn in_time(self) -> Self {
        Self { is_time: true, ..self }
    }
}
