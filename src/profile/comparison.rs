//! One profile against another, line by line.
//!
//! Lines whose numbers are all equal are the same and cost nothing. Otherwise deterministic numbers must agree to their
//! stated rounding, and statistical ones are two samples: their difference over the root of the sum of squares of both
//! standard errors is Student's t, with the degrees of freedom of the profile that has fewer replicas. (At equal seeds both
//! share their noise, which makes the difference smaller than that: the comparison then errs on the quiet side.) A run has
//! one false-alarm budget, shared equally by all points and orders of all lines, equal or not.

use super::record::{Bits, Ladder, Point, Profile, Quantity, Stability};
use super::wording::{
    bits_name, bits_text, ladder_name, ladder_summary, order_text, point_text, stability_name,
    stability_text, value_text,
};
use glassbox_oracle::tail_probability::student_p_value;
use glassbox_oracle::verdict::{Budget, Outcome, Sensitivity};
use serde::Serialize;
use std::fmt;

/// What became of a line. Ordered from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineVerdict {
    /// Every number is equal.
    Same,
    /// The numbers differ, but not by more than rounding or noise, and a change that matters would have been seen.
    Agrees,
    /// Bits of an arithmetic that this machine, or the machine of the baseline, does not have.
    NotCompared,
    /// The numbers differ by no more than noise, but a change that matters could hide in it.
    Undecided,
    /// The integrator is no longer what it was.
    Changed,
}

impl fmt::Display for LineVerdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            LineVerdict::Same => "same",
            LineVerdict::Agrees => "agrees",
            LineVerdict::NotCompared => "not compared",
            LineVerdict::Undecided => "undecided",
            LineVerdict::Changed => "changed",
        })
    }
}

/// A line of a profile, compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Name of the integrator.
    pub integrator: String,
    /// What was measured.
    pub name: String,
    /// The verdict.
    pub verdict: LineVerdict,
    /// The line's numbers now, and what they were where they changed.
    pub summary: String,
    /// Every point: measured, expected and unexplained, and its own change.
    pub points: Vec<String>,
}

/// All lines of a run of `regress`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Regression {
    /// Probability that unchanged integrators have any line changed.
    pub false_alarm_budget: f64,
    /// Statistical comparisons that share it.
    pub comparisons: usize,
    /// The share of each.
    pub share: f64,
    /// The lines, integrator after integrator.
    pub lines: Vec<Line>,
}

impl Regression {
    /// Inconsistent where a line changed, else inconclusive where one is undecided, else consistent.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.lines.iter().map(|line| line.verdict).max() {
            Some(LineVerdict::Changed) => Outcome::Inconsistent,
            Some(LineVerdict::Undecided) => Outcome::Inconclusive,
            _ => Outcome::Consistent,
        }
    }

    /// Number of lines with this verdict.
    #[must_use]
    pub fn count(&self, verdict: LineVerdict) -> usize {
        self.lines.iter().filter(|line| line.verdict == verdict).count()
    }
}

/// Compares profiles with earlier ones: pairs of (now, before) of one integrator each.
#[must_use]
pub fn compare(pairs: &[(Profile, Profile)], budget: &Budget) -> Regression {
    let comparisons =
        pairs.iter().flat_map(|(now, _)| &now.ladders).map(|ladder| ladder.points.len() + 1).sum();
    let share = budget.share(comparisons);
    let lines = pairs.iter().flat_map(|(now, before)| profile_lines(now, before, share)).collect();
    Regression { false_alarm_budget: budget.total(), comparisons, share, lines }
}

fn profile_lines(now: &Profile, before: &Profile, share: f64) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = |name: String, (verdict, summary): (LineVerdict, String), points: Vec<String>| {
        lines.push(Line { integrator: now.integrator.clone(), name, verdict, summary, points });
    };
    for ladder in &now.ladders {
        let name = ladder_name(ladder);
        let earlier = before.ladders.iter().find(|earlier| ladder_name(earlier) == name);
        let (verdict, summary, points) = compare_ladders(ladder, earlier, share);
        line(name, (verdict, summary), points);
    }
    for stability in &now.stability {
        let name = stability_name(stability);
        let earlier = before.stability.iter().find(|earlier| stability_name(earlier) == name);
        line(name, compare_stability(stability, earlier), Vec::new());
    }
    for bits in &now.bits {
        let name = bits_name(bits);
        line(name, compare_bits(bits, &before.bits), Vec::new());
    }
    // What was there before and is not now.
    let names = |profile: &Profile| -> Vec<String> {
        let (ladders, stability) =
            (profile.ladders.iter().map(ladder_name), profile.stability.iter().map(stability_name));
        ladders.chain(stability).collect()
    };
    let known = names(now);
    for name in names(before).into_iter().filter(|name| !known.contains(name)) {
        line(name, (LineVerdict::Changed, "in the baseline, but no longer measured".to_owned()), Vec::new());
    }
    for bits in &before.bits {
        if now.bits.iter().any(|one| bits_name(one) == bits_name(bits)) {
            continue;
        }
        let gone = if now.bits.iter().any(|one| one.run == bits.run) {
            (LineVerdict::NotCompared, "this machine does not have that arithmetic".to_owned())
        } else {
            (LineVerdict::Changed, "in the baseline, but no longer run".to_owned())
        };
        line(bits_name(bits), gone, Vec::new());
    }
    lines
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Difference {
    None,
    Noise,
    Hidden { visible: f64, tolerance: f64 },
    Change { p_value: f64 },
}

/// A change of this much of a moment, relative to the moment or to the exact law, whichever is larger, matters.
const MOMENT_TOLERANCE: f64 = 0.02;
/// A change of this much of a strong error matters, relative to the error.
const STRONG_TOLERANCE: f64 = 0.1;
/// Orders come in halves.
const ORDER_TOLERANCE: f64 = 0.25;
/// Expected parts are closed forms of the oracle, right to many more digits.
const EXPECTED_TOLERANCE: f64 = 1e-9;

fn two_samples(now: (f64, f64), before: (f64, f64), replicas: u32, tolerance: f64, share: f64) -> Difference {
    let (difference, deviation) = (now.0 - before.0, now.1.hypot(before.1));
    if difference == 0.0 && now.1 == before.1 {
        return Difference::None;
    }
    let degrees_of_freedom = f64::from(replicas.max(2)) - 1.0;
    let p_value = if deviation == 0.0 {
        // Without noise every difference is one.
        f64::from(u8::from(difference == 0.0))
    } else {
        student_p_value(difference / deviation, degrees_of_freedom)
    };
    // What is not a number decides nothing, whatever the errors could have seen.
    if p_value.is_nan() {
        return Difference::Hidden { visible: f64::INFINITY, tolerance };
    }
    if p_value < share {
        return Difference::Change { p_value };
    }
    let visible =
        Sensitivity::Student { effect_per_standard_error: deviation, degrees_of_freedom }.detectable(share);
    if visible <= tolerance { Difference::Noise } else { Difference::Hidden { visible, tolerance } }
}

fn compare_points(now: &Ladder, before: &Ladder, index: usize, share: f64) -> Difference {
    let (point, earlier) = (&now.points[index], &before.points[index]);
    let numbers = |point: &Point| point.value.zip(point.standard_error);
    let (Some(of_now), Some(of_before)) = (numbers(point), numbers(earlier)) else {
        let alike = numbers(point).is_some() == numbers(earlier).is_some();
        return if alike { Difference::None } else { Difference::Change { p_value: 0.0 } };
    };
    let expected = (point.expected.unwrap_or(f64::NAN), earlier.expected.unwrap_or(f64::NAN));
    let same_expectation = point.expected.is_none() && earlier.expected.is_none()
        || (expected.0 - expected.1).abs() <= EXPECTED_TOLERANCE * expected.1.abs() + now.rounding_floor;
    if !same_expectation {
        return Difference::Change { p_value: 0.0 };
    }
    if (of_now.0 - of_before.0).abs() <= now.rounding_floor {
        return if of_now == of_before { Difference::None } else { Difference::Noise };
    }
    let tolerance = match now.quantity {
        Quantity::StrongError => STRONG_TOLERANCE * of_now.0.abs().max(of_before.0.abs()),
        Quantity::Mean | Quantity::MeanSquare => MOMENT_TOLERANCE * (1.0 + of_before.0).abs().max(1.0),
    };
    two_samples(of_now, of_before, now.replicas.min(before.replicas), tolerance, share)
}

fn compare_ladders(now: &Ladder, before: Option<&Ladder>, share: f64) -> (LineVerdict, String, Vec<String>) {
    let summary = ladder_summary(now);
    let all_points = || now.points.iter().map(point_text).collect();
    let Some(before) = before else {
        return (LineVerdict::Changed, format!("not in the baseline; now {summary}"), all_points());
    };
    // The reason for which there is no order is words.
    let wordless = |ladder: &Ladder| Ladder { no_order: None, ..ladder.clone() };
    if wordless(now) == wordless(before) {
        return (LineVerdict::Same, summary, all_points());
    }
    let steps = |ladder: &Ladder| ladder.points.iter().map(|point| point.dt).collect::<Vec<_>>();
    if steps(now) != steps(before) {
        let text = format!("measured at steps {:?}, in the baseline at {:?}", steps(now), steps(before));
        return (LineVerdict::Changed, text, all_points());
    }
    let mut verdict = LineVerdict::Agrees;
    let (mut points, mut changes, mut doubt) = (Vec::new(), 0_usize, None);
    let mut first_change = String::new();
    for (index, (point, earlier)) in now.points.iter().zip(&before.points).enumerate() {
        let mut text = point_text(point);
        match compare_points(now, before, index, share) {
            Difference::None | Difference::Noise => {}
            Difference::Hidden { visible, tolerance } => {
                verdict = verdict.max(LineVerdict::Undecided);
                doubt.get_or_insert_with(|| hidden("the error", visible, tolerance));
                text += &format!("; in the baseline {}", value_text(earlier));
            }
            Difference::Change { p_value } => {
                verdict = LineVerdict::Changed;
                changes += 1;
                if first_change.is_empty() {
                    first_change = format!(
                        "error at dt = {}: {} → {}",
                        point.dt,
                        value_text(earlier),
                        value_text(point)
                    );
                }
                text += &format!("; was {}: changed, p = {p_value:.1e}", value_text(earlier));
            }
        }
        points.push(text);
    }
    let (order_verdict, order_words) = compare_orders(now, before, share);
    let mut words: Vec<String> = Vec::new();
    match order_verdict {
        LineVerdict::Changed => words.push(order_words),
        LineVerdict::Undecided => doubt = doubt.or(Some(order_words)),
        _ if verdict == LineVerdict::Changed && now.order.is_some() != before.order.is_some() => {
            words.push(order_words);
        }
        _ => {}
    }
    verdict = verdict.max(order_verdict);
    if changes > 0 {
        let others = if changes > 1 { format!(" (and {} more)", changes - 1) } else { String::new() };
        words.push(format!("{first_change}{others}"));
    }
    let summary = match (verdict, doubt) {
        (LineVerdict::Changed, _) => words.join("; "),
        (LineVerdict::Undecided, Some(doubt)) => format!("{doubt}; {summary}"),
        _ => summary,
    };
    (verdict, summary, points)
}

fn hidden(what: &str, visible: f64, tolerance: f64) -> String {
    format!("cannot see a change of {what} below {visible:.2e}; {tolerance:.2e} matters")
}

/// Where only one has an order, its points decide.
fn compare_orders(now: &Ladder, before: &Ladder, share: f64) -> (LineVerdict, String) {
    let text = |ladder: &Ladder| match (&ladder.order, &ladder.no_order) {
        (Some(order), _) => order_text(order),
        (None, reason) => reason.clone().unwrap_or_default(),
    };
    let words = format!("order {} → {}", text(before), text(now));
    let (Some(order), Some(earlier)) = (&now.order, &before.order) else {
        return (LineVerdict::Agrees, words);
    };
    let replicas = now.replicas.min(before.replicas);
    let (of_now, of_before) = ((order.value, order.standard_error), (earlier.value, earlier.standard_error));
    // Rounding of the errors moves a slope of logarithms by about its share of the smallest error.
    let smallest =
        now.points.iter().filter_map(|point| point.value).map(f64::abs).fold(f64::INFINITY, f64::min);
    if (of_now.0 - of_before.0).abs() <= 4.0 * now.rounding_floor / smallest.max(now.rounding_floor) {
        return (LineVerdict::Agrees, words);
    }
    match two_samples(of_now, of_before, replicas, ORDER_TOLERANCE, share) {
        Difference::None | Difference::Noise => (LineVerdict::Agrees, words),
        Difference::Hidden { visible, tolerance } => {
            (LineVerdict::Undecided, hidden("the order", visible, tolerance))
        }
        Difference::Change { .. } => (LineVerdict::Changed, words),
    }
}

fn compare_stability(now: &Stability, before: Option<&Stability>) -> (LineVerdict, String) {
    let text = stability_text(now);
    let Some(before) = before else {
        return (LineVerdict::Changed, format!("not in the baseline; now {text}"));
    };
    if now == before {
        return (LineVerdict::Same, text);
    }
    let agrees = match (now.limit, before.limit) {
        (Some(now_at), Some(before_at)) => (now_at - before_at).abs() <= now.width,
        (None, None) => now.searched_to == before.searched_to,
        _ => false,
    };
    if agrees {
        (LineVerdict::Agrees, text)
    } else {
        (LineVerdict::Changed, format!("{} → {text}", stability_text(before)))
    }
}

fn compare_bits(now: &Bits, before: &[Bits]) -> (LineVerdict, String) {
    let text = bits_text(now);
    let of_run: Vec<&Bits> = before.iter().filter(|earlier| earlier.run == now.run).collect();
    match of_run.iter().find(|earlier| earlier.arithmetic == now.arithmetic) {
        Some(earlier) if *earlier == now => (LineVerdict::Same, text),
        Some(earlier) => (LineVerdict::Changed, format!("{} → {text}", bits_text(earlier))),
        None if of_run.is_empty() => (LineVerdict::Changed, format!("not in the baseline; now {text}")),
        None => {
            (LineVerdict::NotCompared, format!("the baseline was made without that arithmetic; now {text}"))
        }
    }
}

#[cfg(test)]
mod tests;
