//! What the program prints. Results are in files: where nobody reads standard output or standard error, or their disk is full, the
//! program goes on and its exit status is the same.

#![allow(clippy::disallowed_methods, reason = "the one place that prints")]

use glassbox_trajectories::printable;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::panic::PanicHookInfo;

/// Standard output or standard error, to a person.
///
/// `write!` and `writeln!` write one line each, in which names and texts from outside can neither steer the terminal nor begin
/// another line: what does not print is [written out](printable).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Terminal {
    Output,
    Error,
}

impl Terminal {
    /// One line; what `write!` and `writeln!` call.
    pub(crate) fn write_fmt(self, line: fmt::Arguments<'_>) {
        let text = line.to_string();
        let (line, end) = text.strip_suffix('\n').map_or((text.as_str(), ""), |line| (line, "\n"));
        self.write(&format!("{}{end}", printable(line)));
    }

    /// Lines that the program itself has broken.
    pub(crate) fn lines(self, text: &str) {
        for line in text.lines() {
            writeln!(self, "{line}");
        }
    }

    /// Lines with the program's own colours, in which everything from outside prints already.
    pub(crate) fn coloured(self, text: &str) {
        self.write(text);
    }

    /// Whether colours are wanted.
    pub(crate) fn has_colours(self) -> bool {
        self.is_terminal() && std::env::var_os("NO_COLOR").is_none()
    }

    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Output => io::stdout().is_terminal(),
            Self::Error => io::stderr().is_terminal(),
        }
    }

    fn write(self, text: &str) {
        // Closed, full or gone: there is nowhere left to say so.
        let _ = match self {
            Self::Output => io::stdout().lock().write_all(text.as_bytes()),
            Self::Error => io::stderr().lock().write_all(text.as_bytes()),
        };
    }
}

/// Prints a result that is in no file: here a failure is an error. A reader that has seen enough and closed its end is not.
pub(crate) fn print_result(text: &str) -> io::Result<()> {
    glassbox_trajectories::output::write_standard_output(text.as_bytes())
}

/// Tells of a panic, which is a fault of the program, in one line; the exit status is Rust's 101.
pub(crate) fn report_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let reason = panic.payload_as_str().unwrap_or("no reason is known");
    writeln!(
        Terminal::Error,
        "glassbox: internal error: panicked at {place}: {reason}. This is a fault of glassbox {}: please report it with the \
         command and, if you can, its input",
        env!("CARGO_PKG_VERSION")
    );
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        Terminal::Error.lines(&trace.to_string());
    }
}
