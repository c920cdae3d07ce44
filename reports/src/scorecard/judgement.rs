//! The rule from numbers to a verdict, written once.
//!
//! Let P be the paper's value ± its precision, M the measured interval and n the null model's value.
//!
//! | M and P overlap | n in P | n in M | M narrow | verdict |
//! |---|---|---|---|---|
//! | no | | | | differs |
//! | yes | no | no | | agrees: M holds the paper's value and excludes the null |
//! | yes | no | yes | | not resolved: M holds both |
//! | yes | yes | | yes | explained by the null: the null gives the paper's value, and so does the run to P's precision |
//! | yes | yes | | no | not resolved |
//! | yes | there is no null | | yes | agrees |
//! | yes | there is no null | | no | not resolved |
//!
//! M is narrow if half its width is at most the paper's precision or a tenth of the paper's value, whichever is
//! larger ([`NARROW`]): an interval that would hold almost any value agrees with nothing. Where M tells the paper from
//! the null, its width needs no other test. Without a paper's value, without a measurement, or with one that is not
//! finite, nothing is resolved.

use super::claim::{Measured, NullValue};
use super::stated::StatedValue;
use super::verdict::ClaimVerdict;
use crate::numbers::typeset;

/// Half the width of an interval, as a share of the paper's value, up to which it can agree with the paper alone.
pub const NARROW: f64 = 0.1;

/// A verdict and the sentence that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: ClaimVerdict,
    /// Why, in a sentence.
    pub reason: String,
}

impl Judgement {
    /// A verdict with its reason.
    pub fn new(verdict: ClaimVerdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into() }
    }
}

/// Verdict on a number by the rule of this module.
pub fn judge(
    paper: Option<&StatedValue>,
    measured: Option<&Measured>,
    null: Option<&NullValue>,
) -> Judgement {
    use ClaimVerdict::{Agrees, Differs, ExplainedByNull, NotResolved};
    let Some(measured) = measured else { return Judgement::new(NotResolved, "Nothing was measured.") };
    let is_interval = measured.low.is_finite() && measured.high.is_finite() && measured.low <= measured.high;
    if !is_interval {
        return Judgement::new(NotResolved, "The measurement has no finite confidence interval.");
    }
    let paper = paper.filter(|paper| paper.value.is_finite() && paper.precision.is_finite());
    let Some(paper) = paper else {
        return Judgement::new(NotResolved, "The paper states no number to compare with.");
    };
    let interval = format!("{} to {}", typeset(measured.low, 4), typeset(measured.high, 4));
    let stated = typeset(paper.value, 4);
    let (least, most) = (paper.value - paper.precision, paper.value + paper.precision);
    let null = null.filter(|null| null.value.is_finite());
    let in_measured = |null: &NullValue| (measured.low..=measured.high).contains(&null.value);
    if measured.high < least || measured.low > most {
        let also = match null {
            Some(null) if in_measured(null) => format!(", and holds that of {}", null.name),
            _ => String::new(),
        };
        return Judgement::new(
            Differs,
            format!("The interval {interval} excludes the paper’s {stated}{also}."),
        );
    }
    let narrow = 0.5 * (measured.high - measured.low) <= paper.precision.max(NARROW * paper.value.abs());
    let too_wide =
        || Judgement::new(NotResolved, format!("The interval {interval} is too wide to test {stated}."));
    let Some(null) = null else {
        let reason = format!("The interval {interval} holds the paper’s {stated}; there is no null model.");
        return if narrow { Judgement::new(Agrees, reason) } else { too_wide() };
    };
    let (name, value) = (&null.name, typeset(null.value, 4));
    let null_in_paper = (least..=most).contains(&null.value);
    match (null_in_paper, in_measured(null)) {
        (true, _) if !narrow => too_wide(),
        (true, true) => Judgement::new(
            ExplainedByNull,
            format!("The interval {interval} holds the paper’s {stated}, and {name} alone gives {value}."),
        ),
        // To tell them apart the paper would have to state more digits.
        (true, false) => Judgement::new(
            ExplainedByNull,
            format!(
                "The interval {interval} reaches the paper’s {stated} ± {}, and so does {name} with {value}, though not \
                 the interval.",
                typeset(paper.precision, 2)
            ),
        ),
        (false, true) => Judgement::new(
            NotResolved,
            format!("The interval {interval} holds both the paper’s {stated} and {value} of {name}."),
        ),
        (false, false) => Judgement::new(
            Agrees,
            format!("The interval {interval} reaches the paper’s {stated} and excludes {value} of {name}."),
        ),
    }
}

/// Verdict on a statement without a number, from whether it holds in the simulation and in the null model; `None` where
/// that could not be told, or where there is no null model.
pub fn judge_statement(in_simulation: Option<bool>, in_null: Option<bool>) -> Judgement {
    use ClaimVerdict::{Agrees, Differs, ExplainedByNull, NotResolved};
    let (verdict, reason) = match (in_simulation, in_null) {
        (None, _) => (NotResolved, "The run cannot tell whether the statement holds."),
        (Some(false), _) => (Differs, "The statement does not hold in the simulation."),
        (Some(true), Some(true)) => {
            (ExplainedByNull, "The statement holds, and holds in the null model too.")
        }
        (Some(true), Some(false)) => (Agrees, "The statement holds, and does not hold in the null model."),
        (Some(true), None) => (Agrees, "The statement holds; there is no null model for it."),
    };
    Judgement::new(verdict, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(paper: (f64, f64), (low, high): (f64, f64), null: Option<f64>) -> ClaimVerdict {
        let measured =
            Measured { value: 0.5 * (low + high), low, high, confidence: 0.95, unit: String::new() };
        let null = null.map(|value| NullValue { name: "free diffusion".to_owned(), value });
        judge(Some(&StatedValue::new(paper.0, paper.1)), Some(&measured), null.as_ref()).verdict
    }

    #[test]
    fn every_row_of_the_rule() {
        use ClaimVerdict::{Agrees, Differs, ExplainedByNull, NotResolved};
        let paper = (0.48, 0.005);
        for (interval, null, expected) in [
            ((0.6, 0.7), None, Differs),
            ((0.49, 0.52), Some(0.5), Differs),
            ((0.47, 0.49), Some(0.5), Agrees),
            ((0.47, 0.51), Some(0.5), NotResolved),
            ((0.47, 0.49), Some(0.482), ExplainedByNull),
            ((0.483, 0.49), Some(0.481), ExplainedByNull),
            ((0.1, 0.9), Some(0.48), NotResolved),
            ((0.46, 0.5), None, Agrees),
            ((0.1, 0.9), None, NotResolved),
            ((f64::NAN, 0.5), Some(0.5), NotResolved),
            ((0.4, f64::INFINITY), None, NotResolved),
            ((0.5, 0.4), None, NotResolved),
            ((0.47, 0.49), Some(f64::NAN), Agrees),
        ] {
            assert_eq!(verdict(paper, interval, null), expected, "{interval:?} {null:?}");
        }
        assert_eq!(verdict((f64::NAN, 0.0), (0.0, 1.0), None), NotResolved);
    }

    #[test]
    fn statements_that_hold_in_the_null_are_explained_by_it() {
        assert_eq!(judge_statement(Some(true), Some(true)).verdict, ClaimVerdict::ExplainedByNull);
        assert_eq!(judge_statement(Some(true), None).verdict, ClaimVerdict::Agrees);
        assert_eq!(judge_statement(Some(false), Some(true)).verdict, ClaimVerdict::Differs);
        assert_eq!(judge_statement(None, Some(true)).verdict, ClaimVerdict::NotResolved);
    }
}
