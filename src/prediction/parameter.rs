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
    /// Names of its values 0, 1, 2, … where it is a choice; else empty.
    pub choices: &'static [&'static str],
    /// Whether it is a time that must fall on a step of a clock with steps.
    pub is_time: bool,
}

/// What holds if a parameter is not given.
#[derive(Clone, Copy, Debug)]
pub enum Fallback {
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
        Self { name, meaning, range, fallback: Fallback::Value(value), choices: &[], is_time: false }
    }

    /// A parameter that falls back on a grid: the natural axis of a law.
    pub(crate) const fn with_grid(
        name: &'static str,
        meaning: &'static str,
        range: &'static str,
        grid: Range,
    ) -> Self {
        Self { name, meaning, range, fallback: Fallback::Grid(grid), choices: &[], is_time: false }
    }

    /// A choice, which falls back on the first of its names.
    pub(crate) const fn with_choices(
        name: &'static str,
        meaning: &'static str,
        choices: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            meaning,
            range: "one of the names",
            fallback: Fallback::Value(0.0),
            choices,
            is_time: false,
        }
    }

    /// A value in words: the name of a choice, or every digit of a number.
    #[must_use]
    pub fn write(&self, value: f64) -> String {
        let chosen = self.choices.iter().zip(0..).find(|(_, index)| f64::from(*index) == value);
        chosen.map_or_else(|| format!("{value:?}"), |(name, _)| (*name).to_owned())
    }

    /// The same parameter, a time.
    pub(crate) const fn in_time(self) -> Self {
        Self { is_time: true, ..self }
    }
}
