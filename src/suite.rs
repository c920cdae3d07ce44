//! The verification suite: what is simulated against which oracle.
//!
//! Every section simulates something, compares it with a law and returns evidence; the whole run is judged at the end
//! against one false-alarm budget. The sections take the integrator as an argument, so that a test can hand them a
//! broken one.

pub mod displacement_experiment;
mod findings;
pub mod free_diffusion;
mod progress;
pub mod quadratic_well;
mod settings;

pub use displacement_experiment::DisplacementExperiment;
pub use findings::{Findings, SuiteError};
pub use progress::{Progress, Silent};
pub use settings::{Level, Settings};

use glassbox_reports::{Report, Run};

/// Runs every section and judges the whole.
///
/// # Errors
/// [`SuiteError`] where a section cannot run at all; a simulation that goes wrong is a verdict, not an error.
pub fn verify(settings: &Settings, command: &str, progress: &dyn Progress) -> Result<Report, SuiteError> {
    let sections: [Section; 2] = [
        free_diffusion::run,
        quadratic_well::run,
    ];
    let findings: Result<Vec<Findings>, SuiteError> =
        sections.iter().map(|section| section(settings, progress)).collect();
    let run = Run::new(
        env!("CARGO_PKG_VERSION"),
        command,
        settings.level.to_string(),
        settings.seed,
        settings.budget.total(),
    )?;
    let report = Findings::judge_all(findings?, &settings.budget, Report::new("glassbox verification", run))?;
    report.validate()?;
    Ok(report)
}

type Section = fn(&Settings, &dyn Progress) -> Result<Findings, SuiteError>;
