//! Claims 47 (jump and relaxation of the loss) and 44 (spread of the weights within a phase).

use super::{Rise, idle_share, unstable};
use crate::analysis::Interval;
use crate::figures::evidence::measured;
use crate::results::{Results, Run};
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement, StatedValue, judge_statement};

/// Change of the rise after the waiting time, over the rise, below which the loss counts as relaxed.
const RELAXED: f64 = 0.25;

/// The paper's weights of a network of width 30, without the output layer.
const PAPER_WEIGHTS: f64 = 4_800.0;

/// What the hottest runs of a phase show.
struct Hottest {
    temperature: f64,
    /// Rise at the first frame, in the unit of the figure.
    first: Interval,
    /// Rise at the end over that at the waiting time, less 1.
    drift: Interval,
    /// The same for a weight in the well of the regularisation; `None` without one.
    null: Option<f64>,
}

fn hottest(results: &Results<'_>, run: &Run, rise: &Rise) -> Option<Hottest> {
    let (temperature, curves) = rise.temperatures.last().zip(rise.rises.last())?;
    let waiting = rise.at(run.waiting_time())?;
    let last = rise.steps.len() - 1;
    let mean = |chosen: &[usize], frame: usize| {
        chosen.iter().map(|network| curves[*network][frame]).sum::<f64>() / chosen.len() as f64
    };
    let interval = |statistic: &dyn Fn(&[usize]) -> f64| {
        results
            .bootstrap
            .interval(curves.len(), |chosen| Some(statistic(chosen)).filter(|value| value.is_finite()))
    };
    let null = (run.phase.regularisation > 0.0)
        .then(|| idle_share(run, rise.steps[last]) / idle_share(run, rise.steps[waiting]) - 1.0);
    Some(Hottest {
        temperature: run.temperatures[*temperature],
        first: interval(&|chosen| mean(chosen, 0))?,
        drift: interval(&|chosen| mean(chosen, last) / mean(chosen, waiting) - 1.0)?,
        null,
    })
}

/// Claim 47.
pub(super) fn relaxation(results: &Results<'_>, runs: &[Run], rises: &[Rise]) -> Claim {
    let claim = Claim::new(
        "47",
        "App. C, Fig. A2",
        "The loss decays in the quench, jumps up when the bath is switched on, and has relaxed by t_w = 2e4.",
        "jump at the switch, relaxed by t_w",
    )
    .with_figure("a2");
    let all: Vec<(&Run, Hottest)> =
        runs.iter().zip(rises).filter_map(|(run, rise)| Some((run, hottest(results, run, rise)?))).collect();
    if all.len() < runs.len() {
        return claim.judged_as(Judgement::new(
            ClaimVerdict::NotResolved,
            "A phase has no run at T = 0 to measure the rise from.",
        ));
    }
    let jumps = all.iter().map(|(_, one)| {
        if one.first.low > 0.0 {
            Some(true)
        } else if one.first.high <= 0.0 {
            Some(false)
        } else {
            None
        }
    });
    let relaxes = all.iter().map(|(_, one)| {
        if one.drift.low > -RELAXED && one.drift.high < RELAXED {
            Some(true)
        } else if one.drift.low > RELAXED || one.drift.high < -RELAXED {
            Some(false)
        } else {
            None
        }
    });
    // One phase that does not is enough against it; for it all must.
    let every: Vec<Option<bool>> = jumps.chain(relaxes).collect();
    let holds = if every.contains(&Some(false)) {
        Some(false)
    } else {
        every.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
    };
    let in_null = all[0].1.null.map(|null| null.abs() < RELAXED);
    let words: Vec<String> = all
        .iter()
        .map(|(run, one)| {
            let null = one.null.map_or_else(String::new, |null| format!("; a weight that feels the regularisation only: {:.0}%", 100.0 * null));
            let change = if one.drift.high - one.drift.low < 2.0 {
                let [value, low, high] = [one.drift.value, one.drift.low, one.drift.high].map(|drift| 100.0 * drift);
                format!("from t_w to the end that changes by {value:.0}% ({low:.0}% to {high:.0}%)")
            } else {
                "what it does after t_w is not resolved".to_owned()
            };
            let step = unstable(run).map_or_else(String::new, |unstable| format!(" ({unstable})"));
            format!(
                "{} at T = {:e}: the first frame is {:.2} ({:.2} to {:.2}) N T/(2 P_D) up, and {change}{null}{step}",
                run.name.title(), one.temperature, one.first.value, one.first.low, one.first.high
            )
        })
        .collect();
    let verdict = judge_statement(holds, in_null).verdict;
    let drift = all[0].1.drift;
    measured(results, drift, "change of the rise after t_w, regularised")
        .map_or(claim.clone(), |measured| claim.with_measured(measured))
        .judged_as(Judgement::new(verdict, format!("{}.", words.join(". "))))
}

/// The paper's 1% for fewer weights.
fn scaled_to(weights: usize) -> f64 {
    0.01 * (PAPER_WEIGHTS / weights as f64).max(1.0).sqrt()
}

/// Standard deviation over mean.
fn relative_deviation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
    variance.sqrt() / mean
}

/// Claim 44.
pub(super) fn spread(results: &Results<'_>, runs: &[Run]) -> Claim {
    let claim = Claim::new(
        "44",
        "App. B",
        "The standard deviation of the weights varies by less than about 1% within a phase.",
        "1%",
    )
    .with_figure("a2");
    let mut words = Vec::new();
    let mut shown: Option<(Interval, f64)> = None;
    let mut verdict = ClaimVerdict::Agrees;
    for run in runs {
        let spreads = run.spreads();
        let of = |chosen: &[usize]| {
            Some(relative_deviation(&chosen.iter().map(|one| spreads[*one]).collect::<Vec<_>>()))
        };
        let Some(interval) = results.bootstrap.interval(spreads.len(), of) else { continue };
        // The standard deviation of N independent Gaussian weights, measured from them, varies by 1/sqrt(2 N): the
        // paper's 1% at 4,800 weights is that too, and fewer weights vary more.
        let null = 1.0 / (2.0 * run.overlap_population.len() as f64).sqrt();
        let [value, low, high] = [interval.value, interval.low, interval.high].map(|one| 100.0 * one);
        words.push(format!(
            "{}: {value:.1}% ({low:.1}% to {high:.1}%), independent Gaussian weights {:.1}%",
            run.name.title(),
            100.0 * null
        ));
        let paper = scaled_to(run.overlap_population.len());
        verdict = verdict.max(if interval.contains(null) && interval.high < 2.0 * null {
            ClaimVerdict::ExplainedByNull
        } else if interval.high < paper {
            ClaimVerdict::Agrees
        } else if interval.low > paper {
            ClaimVerdict::Differs
        } else {
            ClaimVerdict::NotResolved
        });
        shown.get_or_insert((interval, null));
    }
    let Some((interval, null)) = shown else {
        return claim.judged_as(Judgement::new(ClaimVerdict::NotResolved, "Too few networks."));
    };
    let weights = runs[0].overlap_population.len();
    let reason = format!(
        "{}. The paper's 1% is what {PAPER_WEIGHTS} independent Gaussian weights give; for the {weights} here that is {:.1}%.",
        words.join("; "),
        100.0 * scaled_to(weights)
    );
    let claim = claim.with_null("1/sqrt(2 N), independent weights", null);
    let claim = StatedValue::from_digits("0.01").map_or(claim.clone(), |value| claim.with_paper_value(value));
    measured(results, interval, "standard deviation over mean, regularised")
        .map_or(claim.clone(), |measured| claim.with_measured(measured))
        .judged_as(Judgement::new(verdict, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_by_hand() {
        // Mean 2, variance 1 with n − 1.
        assert!((relative_deviation(&[1.0, 2.0, 3.0]) - 0.5).abs() < 1e-15);
    }
}
