//! A bar on a terminal, plain lines elsewhere.

use super::terminal::Terminal;
use crate::suite::Progress;
use glassbox_trajectories::printable;
use indicatif::{ProgressBar as Bar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error, hidden where that is no terminal, and whether it is one.
pub(crate) fn styled_bar(length: Option<u64>) -> (Bar, bool) {
    let terminal = Terminal::Error.is_terminal();
    let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = Bar::with_draw_target(length, target);
    let template = "{elapsed_precise} [{bar:30}] {percent:>3} %  {msg}";
    bar.set_style(
        ProgressStyle::with_template(template)
            .map_or_else(|_| ProgressStyle::default_bar(), |style| style.progress_chars("=> ")),
    );
    (bar, terminal)
}

/// Progress of the suite on standard error.
pub(crate) struct ProgressBar {
    bar: Bar,
    terminal: bool,
}

impl ProgressBar {
    pub(crate) fn new() -> Self {
        let (bar, terminal) = styled_bar(None);
        Self { bar, terminal }
    }

    /// Takes the bar off the terminal.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for ProgressBar {
    fn begin(&self, experiment: &str, steps: u64) {
        self.bar.set_length(steps.max(1));
        self.bar.set_position(0);
        self.bar.set_message(printable(experiment).into_owned());
        if !self.terminal {
            writeln!(Terminal::Error, "{experiment}");
        }
    }

    fn advance(&self, steps: u64) {
        self.bar.inc(steps);
    }
}
