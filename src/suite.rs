//! The verification suite: what is simulated against which oracle.
//!
//! Every section simulates something, compares it with a law and returns evidence; the whole run is judged at the end
//! against one false-alarm budget. The sections take the integrator as an argument, so that a test can hand them a
//! broken one.

pub mod algebra;
pub mod balance;
mod displacement_experiment;
mod findings;
pub mod free_diffusion;
pub mod integrators;
mod layer_ledger;
pub mod network_limits;
mod progress;
pub mod quadratic_well;
mod regime;
mod settings;

pub use displacement_experiment::{DisplacementExperiment, Measured};
pub use findings::{Findings, SuiteError};
pub use progress::{Progress, Silent};
pub use settings::{Level, Settings};

use glassbox_oracle::errata::ERRATA;
use glassbox_reports::{Report, Run};

type Section = fn(&Settings, &dyn Progress) -> Result<Findings, SuiteError>;

/// The sections, in the order of the report.
const SECTIONS: [Section; 6] = [
    free_diffusion::run,
    quadratic_well::run,
    network_limits::run,
    balance::run,
    algebra::run,
    integrators::run,
];

/// Runs every section and judges the whole; `command` is the command line that repeats the run.
///
/// # Errors
/// [`SuiteError`] where a section cannot run at all; a simulation that goes wrong is a verdict, not an error.
pub fn verify(settings: &Settings, command: &str, progress: &dyn Progress) -> Result<Report, SuiteError> {
    let findings: Result<Vec<Findings>, SuiteError> =
        SECTIONS.iter().map(|section| section(settings, progress)).collect();
    let level = settings.level.to_string();
    let mut run =
        Run::new(env!("CARGO_PKG_VERSION"), command, level, settings.seed, settings.budget.total())?;
    for erratum in ERRATA {
        let text =
            format!("{} Printed: {} Consequence: {}.", erratum.correct, erratum.printed, erratum.consequence);
        run = run.with_fact(format!("Erratum, {}", erratum.place), text);
    }
    let report = Findings::judge_all(findings?, &settings.budget, Report::new("glassbox verification", run))?;
    report.validate()?;
    Ok(report)
}
