//! Which marks are named in the legend and which at their right ends.

use super::colour_bar::Tone;
use super::mark::{Mark, Shape};
use super::model::Plate;

/// More entries than these are not read; the rest is named directly.
const MOST: usize = 4;

/// One entry of the legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) label: String,
    pub(super) tone: Tone,
    pub(super) line: bool,
    pub(super) points: bool,
    pub(super) band: bool,
}

/// The entries of a plate: at most four.
pub(super) fn entries(plate: &Plate) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for mark in plate.panels.iter().flat_map(|panel| &panel.marks) {
        if mark.direct || mark.label.trim().is_empty() || !can_have_entry(mark) {
            continue;
        }
        let known = entries.iter().position(|entry| entry.label == mark.label && entry.tone == mark.tone);
        if known.is_none() && entries.len() == MOST {
            continue;
        }
        let index = known.unwrap_or_else(|| {
            let (label, tone) = (mark.label.clone(), mark.tone);
            entries.push(Entry { label, tone, line: false, points: false, band: false });
            entries.len() - 1
        });
        let entry = &mut entries[index];
        match &mark.shape {
            Shape::Band(_) => entry.band = true,
            Shape::Points { joined, .. } => {
                entry.points = true;
                entry.line |= joined;
            }
            _ => entry.line = true,
        }
    }
    entries
}

/// Whether a mark is named at its right end: where asked for, and where the legend is full.
pub(super) fn is_direct(mark: &Mark, entries: &[Entry]) -> bool {
    let has_end =
        matches!(mark.shape, Shape::Line(_) | Shape::Band(_) | Shape::Points { .. } | Shape::Steps { .. });
    let has_entry = || entries.iter().any(|entry| entry.label == mark.label && entry.tone == mark.tone);
    has_end && !mark.label.trim().is_empty() && (mark.direct || (can_have_entry(mark) && !has_entry()))
}

/// Ordered marks are explained by the colour bar; reference lines, guides and heat maps are named in their places.
fn can_have_entry(mark: &Mark) -> bool {
    let is_ordered = matches!(mark.tone, Tone::Ordered(_));
    !is_ordered && !matches!(mark.shape, Shape::Level(_) | Shape::Slope { .. } | Shape::HeatMap(_))
}
