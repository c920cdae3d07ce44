//! What a section has found, before the run is judged.

use glassbox_oracle::OracleError;
use glassbox_oracle::inference::InferenceError;
use glassbox_oracle::verdict::{Budget, Evidence, Verdict, VerdictError};
use glassbox_reports::{Comparison, Report, ReportError, Section};
use glassbox_simulations::dataset::DatasetError;
use glassbox_simulations::ensemble::EnsembleError;
use glassbox_simulations::integrator::IntegratorError;
use glassbox_simulations::landscape::LandscapeError;
use glassbox_simulations::network::NetworkError;
use thiserror::Error;

/// A section of the report with its evidence not yet judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// Slug of the section.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What is being proven.
    pub statement: String,
    /// The checks.
    pub evidence: Vec<Evidence>,
    /// The figures.
    pub comparisons: Vec<Comparison>,
}

impl Findings {
    /// Judges the evidence of all sections against one budget and adds them to `report`.
    pub(crate) fn judge_all(
        all: Vec<Findings>,
        budget: &Budget,
        mut report: Report,
    ) -> Result<Report, SuiteError> {
        let mut verdicts = Self::verdicts(&all, budget).into_iter();
        for findings in all {
            let mut section = Section::new(findings.id, findings.title, findings.statement)?;
            section.verdicts.extend(verdicts.by_ref().take(findings.evidence.len()));
            section.comparisons = findings.comparisons;
            report = report.with_section(section);
        }
        Ok(report)
    }

    /// The verdicts of all sections, in order, against one budget.
    pub(crate) fn verdicts(all: &[Findings], budget: &Budget) -> Vec<Verdict> {
        budget.judge(all.iter().flat_map(|findings| findings.evidence.clone()).collect())
    }

    /// The verdicts of these findings alone, against a budget of their own.
    #[must_use]
    pub fn judge(&self, budget: &Budget) -> Vec<Verdict> {
        budget.judge(self.evidence.clone())
    }
}

/// Why the suite cannot run.
#[derive(Debug, Error)]
pub enum SuiteError {
    /// A law outside its domain.
    #[error(transparent)]
    Oracle(#[from] OracleError),
    /// A test that cannot be made.
    #[error(transparent)]
    Verdict(#[from] VerdictError),
    /// A report that cannot be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Data that cannot be used.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A network that cannot be evaluated.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A landscape that cannot be made.
    #[error(transparent)]
    Landscape(#[from] LandscapeError),
    /// An integrator that cannot be made.
    #[error(transparent)]
    Integrator(#[from] IntegratorError),
    /// An ensemble that cannot run.
    #[error(transparent)]
    Ensemble(#[from] EnsembleError),
    /// Something that a correct simulation cannot do, such as to diverge where it is stable.
    #[error("{0}")]
    Unexpected(String),
    /// Parameters that cannot be inferred.
    #[error(transparent)]
    Inference(#[from] InferenceError),
}
