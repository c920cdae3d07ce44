//! A line of a file of tasks.

use glassbox_simulations::protocol::{QuenchTask, Task};
use serde::Deserialize;

/// A task of a plan.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Identifier of the task.
    pub identifier: String,
    /// Identifier of the quench that it starts from.
    pub start: Option<String>,
    /// Estimated core-seconds, without those of the start.
    pub seconds: f64,
    /// Half width of the overlap, for the merged table; a quench has none.
    pub half_width: Option<f64>,
    /// The task.
    pub task: Task,
}

impl Entry {
    /// A task that no plan knows: its cost is not estimated.
    #[must_use]
    pub fn of(task: Task) -> Self {
        Self {
            identifier: task.identifier(),
            start: task.start().map(|start| start.identifier()),
            seconds: 0.0,
            half_width: None,
            task,
        }
    }

    /// What is wrong with an entry that was read: its names must be those of its task, since files are called by them.
    /// `last` is a quench with its identifier: many entries in a row have the same start.
    fn problem(&self, last: &mut Option<(QuenchTask, String)>) -> Option<String> {
        let own = self.task.identifier();
        if self.identifier != own {
            return Some(format!(
                "a task is called {:?}; its identifier is {own}",
                shortened(&self.identifier)
            ));
        }
        let start = self.task.start().map(|start| {
            let known = last.take().filter(|(quench, _)| quench == start.quench());
            let (_, identifier) =
                last.insert(known.unwrap_or_else(|| (start.quench().clone(), start.identifier())));
            &*identifier
        });
        if self.start.as_ref() != start {
            let (found, needed) = (self.start.as_deref().map(shortened), start);
            return Some(format!("{own} starts from {found:?}; its own start is {needed:?}"));
        }
        self.task.problem().map(|problem| format!("{own}: {problem}"))
    }
}

/// The beginning of a text from a file, for a message.
fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(60)]
}

/// Entries that a thread reads one after the other.
pub(super) const ENTRIES_AT_A_TIME: usize = 250;

/// The entries of some lines of a file of tasks, or what is wrong with the first that is no entry.
pub(super) fn entries_of(lines: &[&[u8]]) -> Result<Vec<Entry>, String> {
    let mut last = None;
    let entry = |line: &&[u8]| {
        let entry: Entry = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        entry.problem(&mut last).map_or(Ok(entry), Err)
    };
    lines.iter().map(entry).collect()
}
