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
pub(crate) use settings::derived_seed;
pub use settings::{Level, Settings};

use glassbox_oracle::errata::ERRATA;
use glassbox_oracle::verdict::Rounds;
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

/// Runs every section and judges the whole, in up to `rounds` rounds; `command` is the command line that repeats the run.
///
/// Every further round repeats the sections that left a doubt ([`Rounds::doubts`]) with four times the replicas, the
/// earlier ones among them. All rounds share one false-alarm budget.
///
/// # Errors
/// [`SuiteError`] where a section cannot run at all; a simulation that goes wrong is a verdict, not an error.
pub fn verify(
    settings: &Settings,
    rounds: u32,
    command: &str,
    progress: &dyn Progress,
) -> Result<Report, SuiteError> {
    let plan = Rounds::new(settings.budget, rounds)?;
    let (findings, round) = in_rounds(&plan, &SECTIONS, settings, progress)?;
    let level = settings.level.to_string();
    let mut run =
        Run::new(env!("CARGO_PKG_VERSION"), command, level, settings.seed, settings.budget.total())?;
    if rounds > 1 {
        run = run.with_fact("Rounds", format!("{round} of at most {rounds}"));
    }
    for erratum in ERRATA {
        let text =
            format!("{} Printed: {} Consequence: {}.", erratum.correct, erratum.printed, erratum.consequence);
        run = run.with_fact(format!("Erratum, {}", erratum.place), text);
    }
    let report =
        Findings::judge_all(findings, &plan.of_a_round()?, Report::new("glassbox verification", run))?;
    report.validate()?;
    Ok(report)
}

/// The findings of the last round of every section, and how many rounds there were.
fn in_rounds(
    plan: &Rounds,
    sections: &[Section],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Vec<Findings>, u32), SuiteError> {
    let budget = plan.of_a_round()?;
    let findings: Result<Vec<Findings>, SuiteError> =
        sections.iter().map(|section| section(settings, progress)).collect();
    let mut findings = findings?;
    let mut round = 1;
    while round < plan.most() {
        let verdicts = Findings::verdicts(&findings, &budget);
        if !plan.doubtful(&verdicts) {
            break;
        }
        round += 1;
        let settings = Settings { round, ..*settings };
        let mut rest = verdicts.as_slice();
        for (section, found) in sections.iter().zip(&mut findings) {
            let (of_section, others) = rest.split_at(found.evidence.len());
            rest = others;
            if of_section.iter().any(|verdict| plan.doubts(verdict, verdicts.len())) {
                *found = section(&settings, progress)?;
            }
        }
    }
    Ok((findings, round))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glassbox_oracle::verdict::{Budget, Outcome, location};

    /// A section of one check with this deviation and standard error.
    fn section(z: f64, standard_error: f64) -> Result<Findings, SuiteError> {
        let evidence = location::statistic("mean", 0, z * standard_error, 0.0, standard_error, 1.0, 1)?;
        let evidence = vec![evidence];
        Ok(Findings {
            id: "test",
            title: "Test",
            statement: String::new(),
            evidence,
            comparisons: Vec::new(),
        })
    }

    fn clear(settings: &Settings, _: &dyn Progress) -> Result<Findings, SuiteError> {
        assert_eq!(settings.round, 1, "a clear section is not repeated");
        section(0.3, 1e-3)
    }

    /// Its standard error shrinks with the root of the replicas.
    fn underpowered(settings: &Settings, _: &dyn Progress) -> Result<Findings, SuiteError> {
        section(0.3, 5e-3 / f64::from(settings.replica_factor()).sqrt())
    }

    /// A bias of 3 standard errors at first, beyond the budget with sixteen times the replicas.
    fn biased(settings: &Settings, _: &dyn Progress) -> Result<Findings, SuiteError> {
        let root = f64::from(settings.replica_factor()).sqrt();
        section(3.0 * root, 1e-3 / root)
    }

    fn rounds(sections: &[Section], most: u32) -> (u32, Vec<Outcome>) {
        let settings = Settings::new(Level::Quick, 1).unwrap();
        let plan = Rounds::new(Budget::new(1e-6).unwrap(), most).unwrap();
        let (findings, round) = in_rounds(&plan, sections, &settings, &Silent).unwrap();
        let verdicts = Findings::verdicts(&findings, &plan.of_a_round().unwrap());
        (round, verdicts.iter().map(|verdict| verdict.outcome).collect())
    }

    #[test]
    fn only_doubtful_sections_are_repeated() {
        use Outcome::{Consistent, Inconclusive, Inconsistent};
        assert_eq!(rounds(&[clear], 3), (1, vec![Consistent]));
        assert_eq!(rounds(&[clear, underpowered], 1), (1, vec![Consistent, Inconclusive]));
        assert_eq!(rounds(&[clear, underpowered], 3), (2, vec![Consistent, Consistent]));
        assert_eq!(rounds(&[biased, clear], 3), (2, vec![Inconsistent, Consistent]));
    }
}
