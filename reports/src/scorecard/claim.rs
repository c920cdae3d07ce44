//! A claim of the paper: what it states, what was measured, what the null model gives.

use serde::{Deserialize, Serialize};

use super::judgement::{Judgement, judge};
use super::stated::StatedValue;
use super::verdict::ClaimVerdict;

/// A claim of the paper and the verdict on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Number: "28", or "open 3" for a question that the paper leaves open.
    pub number: String,
    /// Where it is made: "Fig. 4b".
    pub source: String,
    /// What is claimed, in a sentence.
    pub statement: String,
    /// What the paper says.
    pub paper: PaperStatement,
    /// What was measured, if anything.
    pub measured: Option<Measured>,
    /// What the null model gives, if there is one.
    pub null: Option<NullValue>,
    /// The verdict.
    pub verdict: ClaimVerdict,
    /// Why, in a sentence.
    pub reason: String,
    /// Id of the plate that shows it: "3a-f".
    pub figure: Option<String>,
}

/// What the paper says: words, and a number if it gives one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaperStatement {
    /// The words, the number among them.
    pub text: String,
    /// The number.
    pub value: Option<StatedValue>,
}

/// A measurement with its confidence interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Best estimate; not a number in JSON is `null`.
    #[serde(deserialize_with = "super::document::number_or_null")]
    pub value: f64,
    /// Low end of the interval.
    #[serde(deserialize_with = "super::document::number_or_null")]
    pub low: f64,
    /// High end of the interval.
    #[serde(deserialize_with = "super::document::number_or_null")]
    pub high: f64,
    /// Probability that such an interval holds the true value: 0.95.
    #[serde(deserialize_with = "super::document::number_or_null")]
    pub confidence: f64,
    /// Unit in words: "steps"; empty for a pure number.
    pub unit: String,
}

/// What the null model gives, from the same parameters and by the same analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NullValue {
    /// Name: "free diffusion", "harmonic well".
    pub name: String,
    /// Its value, in the unit of the measurement.
    #[serde(deserialize_with = "super::document::number_or_null")]
    pub value: f64,
}

impl Claim {
    /// A claim that nothing was measured for: not resolved.
    pub fn new(
        number: impl Into<String>,
        source: impl Into<String>,
        statement: impl Into<String>,
        paper: impl Into<String>,
    ) -> Self {
        let (number, source, statement) = (number.into(), source.into(), statement.into());
        let Judgement { verdict, reason } = judge(None, None, None);
        let paper = PaperStatement { text: paper.into(), value: None };
        Self { number, source, statement, paper, measured: None, null: None, verdict, reason, figure: None }
    }

    /// Sets the number that the paper gives.
    #[must_use]
    pub fn with_paper_value(mut self, value: StatedValue) -> Self {
        self.paper.value = Some(value);
        self
    }

    /// Sets the measurement.
    #[must_use]
    pub fn with_measured(mut self, measured: Measured) -> Self {
        self.measured = Some(measured);
        self
    }

    /// Sets what the null model gives.
    #[must_use]
    pub fn with_null(mut self, name: impl Into<String>, value: f64) -> Self {
        self.null = Some(NullValue { name: name.into(), value });
        self
    }

    /// Names the plate that shows it.
    #[must_use]
    pub fn with_figure(mut self, plate: impl Into<String>) -> Self {
        self.figure = Some(plate.into());
        self
    }

    /// Sets verdict and reason by the rule for numbers, [`judge`].
    #[must_use]
    pub fn judged(self) -> Self {
        let judgement = judge(self.paper.value.as_ref(), self.measured.as_ref(), self.null.as_ref());
        self.judged_as(judgement)
    }

    /// Sets verdict and reason, for example by [`judge_statement`](super::judge_statement).
    #[must_use]
    pub fn judged_as(mut self, judgement: Judgement) -> Self {
        (self.verdict, self.reason) = (judgement.verdict, judgement.reason);
        self
    }

    /// Key by which claims are sorted: numbers first, each kind by its number, then by text.
    pub(super) fn order(&self) -> (bool, u64, &str) {
        let is_digit = |character: char| character.is_ascii_digit();
        let start = self.number.find(is_digit).unwrap_or(self.number.len());
        let digits = &self.number[start..];
        let end = digits.find(|character| !is_digit(character)).unwrap_or(digits.len());
        (start > 0, digits[..end].parse().unwrap_or(u64::MAX), &self.number)
    }
}
