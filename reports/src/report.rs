//! The content of a report: what was run, what was to be proven, what was found.

use std::collections::BTreeSet;

use glassbox_oracle::verdict::{Outcome, Verdict};
use serde::{Serialize, Serializer};

use crate::comparison::Comparison;
use crate::counts::Counts;
use crate::error::{ReportError, check_id};
use crate::figures::SUMMARY_ID;

/// Everything that one run has to say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Heading of the report.
    pub title: String,
    /// How the results were made.
    pub run: Run,
    /// The statements under test, in the order in which they should be read.
    pub sections: Vec<Section>,
}

/// How the results were made: enough to make them again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// Version of the program.
    pub version: String,
    /// The command line that repeats the run.
    pub command: String,
    /// How thorough the run was: "quick", "full" …
    pub level: String,
    /// Seed of all noise.
    pub seed: u64,
    /// Probability that a correct simulation fails any check of this run.
    pub false_alarm_budget: f64,
    /// Further facts as (label, value); machine-independent, so that equal runs give equal reports.
    #[serde(serialize_with = "labelled_facts")]
    pub facts: Vec<(String, String)>,
}

/// One statement, and the evidence for or against it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Slug, unique within the report; the HTML anchor.
    pub id: String,
    /// Heading.
    pub title: String,
    /// What is being proven, in plain sentences.
    pub statement: String,
    /// The checks made.
    pub verdicts: Vec<Verdict>,
    /// The figures.
    pub comparisons: Vec<Comparison>,
}

impl Run {
    /// A run without further facts.
    ///
    /// # Errors
    /// If `false_alarm_budget` does not lie strictly between 0 and 1.
    pub fn new(
        version: impl Into<String>,
        command: impl Into<String>,
        level: impl Into<String>,
        seed: u64,
        false_alarm_budget: f64,
    ) -> Result<Self, ReportError> {
        if !(false_alarm_budget > 0.0 && false_alarm_budget < 1.0) {
            return Err(ReportError::InvalidBudget(false_alarm_budget));
        }
        let (version, command, level) = (version.into(), command.into(), level.into());
        Ok(Self { version, command, level, seed, false_alarm_budget, facts: Vec::new() })
    }

    /// Adds one fact.
    #[must_use]
    pub fn with_fact(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.facts.push((label.into(), value.into()));
        self
    }
}

impl Section {
    /// A section without evidence yet.
    ///
    /// # Errors
    /// If `id` is not a slug.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        statement: impl Into<String>,
    ) -> Result<Self, ReportError> {
        let id = id.into();
        check_id("section", &id)?;
        let (title, statement) = (title.into(), statement.into());
        Ok(Self { id, title, statement, verdicts: Vec::new(), comparisons: Vec::new() })
    }

    /// Adds one verdict.
    #[must_use]
    pub fn with_verdict(mut self, verdict: Verdict) -> Self {
        self.verdicts.push(verdict);
        self
    }

    /// Adds one figure.
    #[must_use]
    pub fn with_comparison(mut self, comparison: Comparison) -> Self {
        self.comparisons.push(comparison);
        self
    }

    /// How many verdicts of each value the section holds.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.verdicts)
    }
}

impl Report {
    /// A report without sections yet.
    pub fn new(title: impl Into<String>, run: Run) -> Self {
        Self { title: title.into(), run, sections: Vec::new() }
    }

    /// Adds one section.
    #[must_use]
    pub fn with_section(mut self, section: Section) -> Self {
        self.sections.push(section);
        self
    }

    /// All verdicts, in the order of the sections.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.sections.iter().flat_map(|section| &section.verdicts)
    }

    /// How many verdicts there are of each value.
    pub fn counts(&self) -> Counts {
        Counts::of(self.verdicts())
    }

    /// The worst of all verdicts. A report without any verdict has shown nothing: it is inconclusive.
    pub fn outcome(&self) -> Outcome {
        self.counts().worst().unwrap_or(Outcome::Inconclusive)
    }

    /// Checks that the budget is a probability, that every id is a slug and that none is used twice.
    ///
    /// # Errors
    /// For the first rule broken.
    pub fn validate(&self) -> Result<(), ReportError> {
        let budget = self.run.false_alarm_budget;
        if !(budget > 0.0 && budget < 1.0) {
            return Err(ReportError::InvalidBudget(budget));
        }
        check_ids("section", self.sections.iter().map(|section| section.id.as_str()), BTreeSet::new())?;
        let comparisons = self.sections.iter().flat_map(|section| &section.comparisons);
        let ids = comparisons.map(|comparison| comparison.id.as_str());
        check_ids("comparison", ids, BTreeSet::from([SUMMARY_ID]))
    }
}

fn check_ids<'a>(
    what: &'static str,
    ids: impl Iterator<Item = &'a str>,
    mut taken: BTreeSet<&'a str>,
) -> Result<(), ReportError> {
    for id in ids {
        check_id(what, id)?;
        if !taken.insert(id) {
            return Err(ReportError::RepeatedId { what, id: id.to_owned() });
        }
    }
    Ok(())
}

fn labelled_facts<S: Serializer>(facts: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Fact<'a> {
        label: &'a str,
        value: &'a str,
    }
    serializer.collect_seq(facts.iter().map(|(label, value)| Fact { label, value }))
}
