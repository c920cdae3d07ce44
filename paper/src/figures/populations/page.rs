//! The page and the claims on idle and working weights.

use super::never_active;
use super::{Populations, Split};
use crate::Null;
use crate::analysis::Interval;
use crate::figures::families::measured;
use crate::figures::heterogeneity::power;
use crate::results::{ResultError, Results};
use glassbox_reports::gallery::{Page, PageBlock};
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement, judge_statement};
use glassbox_simulations::observables::{mean_squared_displacement, non_gaussian_parameter};
use glassbox_simulations::protocol::Population;
use glassbox_sweep::experiment::PhaseName;

const FIGURE: &str = "populations";

/// In the order of the panels d, e and f: modes, alpha2, late overlap.
pub(super) fn claims(results: &Results<'_>, populations: &Populations) -> Result<Vec<Claim>, ResultError> {
    Ok(vec![modes(results, populations)?, alpha(results, populations), overlap(results, populations)])
}

fn modes(results: &Results<'_>, populations: &Populations) -> Result<Claim, ResultError> {
    let cold = populations.coldest();
    let (all, working) = (cold.histograms.all.modes(results)?, cold.histograms.working.modes(results)?);
    let (exponent, law) = populations.mode;
    let (explained, reason) = match all.zip(working) {
        Some((all, working)) if all.bimodal() => {
            let explained = !working.bimodal();
            let reason = format!(
                "at T = {} one mode is rejected for all weights (p = {:.3}) and {} for working ones alone (p = {:.3}); idle weights have the median {} of their law's",
                power(cold.temperature),
                all.all.p_value,
                if explained { "not" } else { "also" },
                working.all.p_value,
                ratio_to_law(cold),
            );
            (Some(explained), reason)
        }
        Some((all, _)) => {
            let temperature = power(cold.temperature);
            let p = all.all.p_value;
            (None, format!("at T = {temperature} one mode is not rejected (p = {p:.3}): nothing to explain"))
        }
        None => (None, "too few weights moved".to_owned()),
    };
    let verdict = explained
        .map_or(ClaimVerdict::NotResolved, |holds| judge_statement(Some(holds), Some(false)).verdict);
    let mut claim = Claim::new(
        "open 4",
        "open question",
        "The two modes of log |Δw| are idle and working weights; the idle one moves as T^1/2.",
        "left open",
    )
    .with_figure(FIGURE);
    if let Some(exponent) = &exponent {
        claim = claim.with_measured(measured(
            results,
            *exponent,
            "exponent in T of the idle weights' median |Δw|",
        ));
    }
    if let Some(law) = law {
        claim = claim.with_null("law of idle weights", law);
    }
    Ok(claim.judged_as(Judgement { verdict, reason }))
}

fn ratio_to_law(split: &Split) -> String {
    let law =
        split.law.as_ref().map(|law| super::MEDIAN_OF_GAUSSIAN * law.mean_squared_displacement().sqrt());
    match split.median.idle.zip(law) {
        Some((median, law)) => {
            format!("{:.2} ({:.2} to {:.2})", median.value / law, median.low / law, median.high / law)
        }
        None => "unknown".to_owned(),
    }
}

fn alpha(results: &Results<'_>, populations: &Populations) -> Claim {
    let cold = populations.coldest();
    let claim = Claim::new(
        "open 4b",
        "open question",
        "α₂ of regularised networks is that of two Gaussian populations, idle and working.",
        "left open",
    )
    .with_figure(FIGURE);
    let (Some(all), Some(mixture), Some(working)) = (cold.alpha.all, cold.mixture, cold.alpha.working) else {
        return claim.judged_as(Judgement {
            verdict: ClaimVerdict::NotResolved,
            reason: "not every network has idle weights".to_owned(),
        });
    };
    // Without idle weights there are no two populations.
    let explained = (populations.share > 0.0).then_some(all.low <= mixture.high);
    let reason = format!(
        "at T = {} α₂ is {:.2} ({:.2} to {:.2}), two Gaussian populations give {:.2}; working weights alone have {:.2}",
        power(cold.temperature),
        all.value,
        all.low,
        all.high,
        mixture.value,
        working.value,
    );
    claim
        .with_measured(measured(results, all, "α₂"))
        .with_null("two Gaussian populations", mixture.value)
        .judged_as(Judgement { verdict: judge_statement(explained, Some(false)).verdict, reason })
}

fn overlap(results: &Results<'_>, populations: &Populations) -> Claim {
    let claim = Claim::new(
        "open 2",
        "open question",
        "The late overlap falls as T^-0.48 because of near-zero weights: idle weights carry the power law.",
        "left open; -0.48 for all weights",
    )
    .with_figure(FIGURE);
    let exponents = &populations.exponents;
    let (Some(idle), Some(working), Some(law)) =
        (&exponents.parts.idle, &exponents.parts.working, exponents.law)
    else {
        return claim.judged_as(Judgement {
            verdict: ClaimVerdict::NotResolved,
            reason: "an overlap of 0 at some temperature leaves an exponent without interval".to_owned(),
        });
    };
    // Carried by idle weights alone: they follow the law, and working ones do not have its exponent.
    let (follows, alone) = (idle.contains(law), working.excludes(law));
    let reason = format!(
        "exponent of all weights {}, of idle weights {:.2} ({:.2} to {:.2}; their law {law:.2}) and working ones {:.2} ({:.2} to {:.2}): {}",
        exponents.parts.all.map_or_else(|| "unknown".to_owned(), |all| format!("{:.2}", all.value)),
        idle.value,
        idle.low,
        idle.high,
        working.value,
        working.low,
        working.high,
        match (follows, alone) {
            (true, true) => "only idle weights follow it",
            (true, false) => "both follow it",
            (false, true) => "neither follows it",
            (false, false) => "working weights follow it, idle ones do not",
        },
    );
    claim
        .with_measured(measured(results, *idle, "exponent in T, idle weights"))
        .with_null("law of idle weights", law)
        .judged_as(Judgement {
            verdict: judge_statement(Some(follows && alone), Some(false)).verdict,
            reason,
        })
}

/// Explains the figure, and counts weights without data gradient in the phases without regularisation.
pub(super) fn page(
    results: &Results<'_>,
    populations: &Populations,
    claims: &[Claim],
) -> Result<Page, ResultError> {
    let cold = populations.coldest();
    let hot = populations.splits.last().unwrap_or(cold);
    let number = |interval: &Option<Interval>| {
        interval.map_or_else(
            || "no value".to_owned(),
            |one| format!("{:.2} ({:.2} to {:.2})", one.value, one.low, one.high),
        )
    };
    let kurtosis = cold.alpha.working.map(|alpha| (1.0 + alpha.value) / (1.0 - populations.share) - 1.0);
    let share = |split: &Split| {
        split
            .late
            .idle
            .zip(split.late.all)
            .map_or(f64::NAN, |(idle, all)| 100.0 * populations.share * idle.value / all.value)
    };
    let text = [
        "The paper finds two modes in the distribution of log |Δw| at low temperature, a non-Gaussian parameter far from 0, and a late \
         overlap that falls as T^-0.48. It leaves open which weights do this. Regularised descent switches some hidden neurons off; \
         their weights feel the regularisation alone. A weight that feels nothing else has an exactly known law, the well of the \
         regularisation."
            .to_owned(),
        format!(
            "At the end of the quench {:.0}% of the weights belong to neurons at rest. Over the lag of the paper their mean squared \
             displacement is {} of the law's at T = {} and {} at T = {}.",
            100.0 * populations.share,
            number(&cold.idle_ratio),
            power(cold.temperature),
            number(&hot.idle_ratio),
            power(hot.temperature),
        ),
        format!("Modes: {}. {}", claims[0].verdict, claims[0].reason),
        format!(
            "Non-Gaussian parameter: {}. {}. Idle weights that do not move at all would raise the working weights' own α₂ to \
             (1 + α₂)/(1 − share) − 1 = {}; what is measured for all is {}.",
            claims[1].verdict,
            claims[1].reason,
            kurtosis.map_or_else(|| "no value".to_owned(), |value| format!("{value:.2}")),
            number(&cold.alpha.all),
        ),
        format!(
            "Late overlap: {}. {}. Idle weights make up {:.0}% of the overlap at T = {} and {:.0}% at T = {}, against their {:.0}% of \
             the weights.",
            claims[2].verdict,
            claims[2].reason,
            share(cold),
            power(cold.temperature),
            share(hot),
            power(hot.temperature),
            100.0 * populations.share,
        ),
        "What it does not show: idle weights are chosen at the end of the quench; at high temperature their neurons can wake, and \
         incoming and outgoing weights of one neuron pull on each other through the data, which the law leaves out. The share of \
         idle weights is that of this width; the paper's networks are wider."
            .to_owned(),
    ];
    let mut blocks =
        vec![PageBlock::Figure { plate: FIGURE.to_owned(), caption: "Idle and working weights.".to_owned() }];
    blocks.extend(text.into_iter().map(PageBlock::Paragraph));
    blocks.push(without_regularisation(results)?);
    Ok(Page { id: FIGURE.to_owned(), title: "Do idle weights explain the heterogeneity?".to_owned(), blocks })
}

/// Neurons that no sample activates, phase by phase, and their displacements against free diffusion.
fn without_regularisation(results: &Results<'_>) -> Result<PageBlock, ResultError> {
    let mut rows = Vec::new();
    for name in PhaseName::MNIST {
        let run = results.run(name)?;
        let Some(found) = never_active::of(results, &run)? else { continue };
        let (neurons, weights) = found
            .iter()
            .fold((0, 0), |(neurons, weights), one| (neurons + one.neurons, weights + one.weights.len()));
        let networks = run.networks.len() as f64;
        let share = 100.0 * weights as f64 / networks / run.architecture.weight_count() as f64;
        for index in [run.temperatures.iter().position(|t| *t > 0.0), Some(run.temperatures.len() - 1)] {
            let Some(index) = index else { continue };
            let lag = super::nearest_lag(&run, super::LAG_OF_THE_PAPER / run.paper_steps());
            let law = Null::idle(&run.phase, run.temperatures[index], run.waiting_time())?;
            let law = law.law().displacement(lag as f64)?.mean_squared_displacement();
            // Networks in the order of `found`.
            let moved = |idle: bool, of: &dyn Fn(&[f64]) -> f64| {
                let values: Vec<f64> = run
                    .networks
                    .iter()
                    .zip(&found)
                    .filter_map(|(network, found)| {
                        let block = glassbox_simulations::protocol::Block::new(
                            &network.records[index],
                            run.waiting_time(),
                        )?;
                        let chosen = if idle {
                            found.weights.clone()
                        } else {
                            Population { chosen: vec![true; found.weights.chosen.len()] }
                        };
                        (!chosen.is_empty())
                            .then(|| block.displacements(lag, &chosen).map(|moved| of(&moved)))?
                    })
                    .collect();
                let count = values.len();
                (count > 0).then(|| values.iter().sum::<f64>() / count as f64)
            };
            let text =
                |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| format!("{value:.2}"));
            rows.push(vec![
                name.title().to_owned(),
                format!("{:.1}", neurons as f64 / networks),
                format!("{share:.0}%"),
                power(run.temperatures[index]),
                text(moved(true, &|moved| mean_squared_displacement(moved) / law)),
                text(moved(true, &non_gaussian_parameter)),
                text(moved(false, &non_gaussian_parameter)),
            ]);
        }
    }
    Ok(PageBlock::Table {
        caption: "Hidden neurons that no sample activates at the end of the quench: their weights have no data gradient at all. Mean \
                  over networks, over the lag of the paper; the law is the well of the regularisation, or free diffusion."
            .to_owned(),
        columns: ["phase", "neurons a network", "share of weights", "T", "mean square over law", "their α₂", "α₂ of all"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    })
}
