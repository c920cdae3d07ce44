//! Progress of tasks, by operations: a bar on a terminal, lines elsewhere.

use super::progress_bar::styled_bar;
use super::terminal::Terminal;
use glassbox_trajectories::printable;
use indicatif::ProgressBar;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Progress of the whole run, by operations.
pub(super) struct Meter {
    bar: ProgressBar,
    terminal: bool,
    total: Mutex<f64>,
    /// Operations done.
    done: Mutex<f64>,
    started: Instant,
    title: Mutex<String>,
    last_line: Mutex<Instant>,
}

/// Time between two lines where there is no terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(30);

impl Meter {
    pub(super) fn new(total: f64) -> Self {
        let (bar, terminal) = styled_bar(Some(1000));
        let started = Instant::now();
        let (done, title, last_line) = (Mutex::default(), Mutex::default(), Mutex::new(started));
        let total = Mutex::new(total);
        Self { bar, terminal, total, done, started, title, last_line }
    }

    /// Operations in all, where they become known later.
    pub(super) fn set_total(&self, total: f64) {
        *self.total.lock().unwrap_or_else(PoisonError::into_inner) = total;
    }

    pub(super) fn begin(&self, title: &str) {
        let title = printable(title).into_owned();
        title.clone_into(&mut self.title.lock().unwrap_or_else(PoisonError::into_inner));
        self.bar.set_message(title.clone());
        if !self.terminal {
            writeln!(Terminal::Error, "{title}");
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of 1, in thousandths"
    )]
    pub(super) fn add(&self, cost: f64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done += cost;
        let total = *self.total.lock().unwrap_or_else(PoisonError::into_inner);
        let share = if total > 0.0 { (*done / total).min(1.0) } else { 1.0 };
        drop(done);
        self.bar.set_position((share * 1000.0) as u64);
        let mut last = self.last_line.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() > if self.terminal { Duration::from_millis(500) } else { LINE_INTERVAL } {
            *last = Instant::now();
            let remaining = self.started.elapsed().as_secs_f64() * (1.0 - share) / share.max(1e-9);
            let title = self.title.lock().unwrap_or_else(PoisonError::into_inner);
            let message = format!("{title}; about {} left in all", duration(remaining));
            if self.terminal {
                self.bar.set_message(message);
            } else {
                writeln!(Terminal::Error, "{:.0} %  {message}", 100.0 * share);
            }
        }
    }

    pub(super) fn note(&self, text: &str) {
        if self.terminal {
            self.bar.println(printable(text));
        } else {
            writeln!(Terminal::Error, "{text}");
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

pub(super) fn duration(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else if seconds < 5400.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}
