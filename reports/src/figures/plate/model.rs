//! A figure of the paper as data: a plate of panels.

use super::colour_bar::ColourBar;
use super::error::FigureError;
use super::mark::Mark;
use crate::axes::Range;
use crate::comparison::Scale;
use crate::error::check_id;
use crate::provenance::Provenance;
use crate::scorecard::ClaimVerdict;

/// A figure of the paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Plate {
    /// Slug and name of the files: "3a-f", "a5".
    pub id: String,
    /// Heading.
    pub title: String,
    /// What to see in it, in plain sentences; the description for those who cannot see it.
    pub caption: String,
    /// How it was made; the line at its foot.
    pub provenance: Provenance,
    /// Panels in a row, at least 1.
    pub columns: usize,
    /// The panels, row by row.
    pub panels: Vec<PlatePanel>,
    /// What ordered colours mean in all panels that have no bar of their own.
    pub colour_bar: Option<ColourBar>,
}

/// A panel of a plate.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatePanel {
    /// Letter in front of the title: "a".
    pub letter: String,
    /// Heading.
    pub title: String,
    /// Horizontal axis.
    pub horizontal: PlateAxis,
    /// Vertical axis.
    pub vertical: PlateAxis,
    /// What is drawn, first to last.
    pub marks: Vec<Mark>,
    /// Verdict on the claim that the panel is about, as a badge under the heading.
    pub verdict: Option<ClaimVerdict>,
    /// A few words beside the badge.
    pub note: Option<String>,
    /// What ordered colours mean in this panel alone.
    pub colour_bar: Option<ColourBar>,
}

/// An axis of a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct PlateAxis {
    /// Quantity and unit in words: "time (steps)".
    pub label: String,
    /// How values are spaced.
    pub scale: Scale,
    /// Exact ends; data outside is cut off. Spans the data where not given.
    pub range: Option<(f64, f64)>,
}

impl Plate {
    /// A plate without panels, three to a row.
    ///
    /// # Errors
    /// [`FigureError::Id`] if `id` is not a slug.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        caption: impl Into<String>,
        provenance: Provenance,
    ) -> Result<Self, FigureError> {
        let id = id.into();
        if check_id("plate", &id).is_err() {
            return Err(FigureError::Id(id));
        }
        let (title, caption) = (title.into(), caption.into());
        Ok(Self { id, title, caption, provenance, columns: 3, panels: Vec::new(), colour_bar: None })
    }

    /// Sets how many panels stand in a row; 0 is taken as 1.
    #[must_use]
    pub fn with_columns(mut self, columns: usize) -> Self {
        self.columns = columns.max(1);
        self
    }

    /// Adds a panel.
    #[must_use]
    pub fn with_panel(mut self, panel: PlatePanel) -> Self {
        self.panels.push(panel);
        self
    }

    /// Says what ordered colours mean.
    #[must_use]
    pub fn with_colour_bar(mut self, bar: ColourBar) -> Self {
        self.colour_bar = Some(bar);
        self
    }

    /// Checks ids, lengths and fixed ranges.
    ///
    /// # Errors
    /// The first [`FigureError`] found.
    pub fn validate(&self) -> Result<(), FigureError> {
        if check_id("plate", &self.id).is_err() {
            return Err(FigureError::Id(self.id.clone()));
        }
        if self.panels.is_empty() {
            return Err(FigureError::Empty(self.id.clone()));
        }
        for panel in &self.panels {
            for mark in &panel.marks {
                if let Some(reason) = mark.misfit() {
                    let (panel, mark) = (panel.letter.clone(), mark.label.clone());
                    return Err(FigureError::Shape { panel, mark, reason });
                }
            }
            for axis in [&panel.horizontal, &panel.vertical] {
                axis.fixed(&panel.letter)?;
            }
        }
        Ok(())
    }
}

impl PlatePanel {
    /// A panel without marks.
    pub fn new(
        letter: impl Into<String>,
        title: impl Into<String>,
        horizontal: PlateAxis,
        vertical: PlateAxis,
    ) -> Self {
        let (letter, title, marks) = (letter.into(), title.into(), Vec::new());
        Self { letter, title, horizontal, vertical, marks, verdict: None, note: None, colour_bar: None }
    }

    /// Adds a mark on top of those before it.
    #[must_use]
    pub fn with_mark(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self
    }

    /// Adds marks, each on top of those before it.
    #[must_use]
    pub fn with_marks(mut self, marks: impl IntoIterator<Item = Mark>) -> Self {
        self.marks.extend(marks);
        self
    }

    /// Sets the badge.
    #[must_use]
    pub fn with_verdict(mut self, verdict: ClaimVerdict) -> Self {
        self.verdict = Some(verdict);
        self
    }

    /// Sets the words beside the badge.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Says what ordered colours mean in this panel alone.
    #[must_use]
    pub fn with_colour_bar(mut self, bar: ColourBar) -> Self {
        self.colour_bar = Some(bar);
        self
    }
}

impl PlateAxis {
    /// An axis on which equal differences are equally far apart.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Linear, range: None }
    }

    /// An axis on which equal ratios are equally far apart.
    pub fn logarithmic(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Logarithmic, range: None }
    }

    /// Fixes the ends.
    #[must_use]
    pub fn within(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// The fixed range, if one is given.
    pub(super) fn fixed(&self, letter: &str) -> Result<Option<Range>, FigureError> {
        let what = || format!("panel {letter:?}, axis {:?}", self.label);
        self.range.map(|range| fixed_range(&what(), self.scale, range)).transpose()
    }
}

/// A range with these ends, or the error that names `what`.
pub(super) fn fixed_range(what: &str, scale: Scale, (low, high): (f64, f64)) -> Result<Range, FigureError> {
    Range::between(scale, low, high).ok_or_else(|| FigureError::Range {
        what: what.to_owned(),
        low: low.to_string(),
        high: high.to_string(),
    })
}
