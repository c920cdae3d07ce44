//! The page and the claims on single precision.

use super::SinglePrecision;
use super::law::{self, SPREAD_OF_THE_PAPER, weights_of_the_paper};
use super::pairs::{Pair, freeze_at_once, mean_at};
use crate::analysis::Interval;
use crate::figures::families::measured;
use crate::figures::heterogeneity::power;
use crate::results::{ResultError, Results};
use glassbox_reports::gallery::{Page, PageBlock};
use glassbox_reports::numbers::typeset;
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement, judge_statement};

const FIGURE: &str = "precision";

/// Temperatures of the paper for which the page states the law.
const TEMPERATURES: [f64; 4] = [1e-10, 1e-8, 1e-6, 1e-5];

/// Distortion of a mean squared displacement below which a curve cannot be told apart in a logarithmic figure.
const VISIBLE: f64 = 0.1;

/// Resolution that the paper states.
const RESOLUTION_OF_THE_PAPER: f64 = 1e-7;

pub(super) fn claims(results: &Results<'_>, found: &SinglePrecision) -> Result<Vec<Claim>, ResultError> {
    Ok(vec![resolution(found)?, artefacts(results, found)?])
}

/// Claim 46.
fn resolution(found: &SinglePrecision) -> Result<Claim, ResultError> {
    let median = law::median_spacing(&found.weights)?;
    let of_paper = law::median_spacing(&weights_of_the_paper())?;
    let holds = (0.5..2.0).contains(&(median / RESOLUTION_OF_THE_PAPER));
    let (here, there) = (typeset(median, 2), typeset(of_paper, 2));
    let reason = format!(
        "1.2×10⁻⁷ is the spacing at 1; the median spacing at the weights of these networks is {here} and at weights of the paper's \
         spread ({SPREAD_OF_THE_PAPER}) {there}; the overlap's window is {} spacings",
        typeset(found.run.phase.window / median, 2)
    );
    Ok(Claim::new(
        "46",
        "App. B",
        "The resolution of single-precision weights is 1e-7, which the overlap's window must exceed.",
        "1e-7",
    )
    .with_null("spacing at 1", f64::from(f32::EPSILON))
    .with_figure(FIGURE)
    .judged_as(Judgement { verdict: judge_statement(Some(holds), None).verdict, reason }))
}

fn last(results: &Results<'_>, pair: &Pair) -> Option<Interval> {
    pair.ratio(results).last().copied().flatten()
}

/// How a ratio reads.
fn reading(ratio: &Interval) -> &'static str {
    if (1.0 - VISIBLE..=1.0 + VISIBLE).contains(&ratio.low)
        && (1.0 - VISIBLE..=1.0 + VISIBLE).contains(&ratio.high)
    {
        "not visibly distorted"
    } else if ratio.excludes(1.0) {
        "distorted"
    } else {
        "not resolved"
    }
}

fn artefacts(results: &Results<'_>, found: &SinglePrecision) -> Result<Claim, ResultError> {
    let claim = Claim::new(
        "open 5",
        "open question",
        "The lowest-temperature curves of mean squared displacement are artefacts of single precision.",
        "left open",
    )
    .with_figure(FIGURE);
    let ratios: Vec<(f64, Interval)> =
        found.pairs.iter().filter_map(|pair| Some((pair.temperature, last(results, pair)?))).collect();
    let Some((_, coldest)) = ratios.first() else {
        return Ok(claim.judged_as(Judgement {
            verdict: ClaimVerdict::NotResolved,
            reason: "fewer than two networks ran in both precisions".to_owned(),
        }));
    };
    let mut reason: Vec<String> = ratios
        .iter()
        .map(|(temperature, ratio)| {
            format!(
                "T = {}: {:.3} ({:.3} to {:.3}), {}",
                power(*temperature),
                ratio.value,
                ratio.low,
                ratio.high,
                reading(ratio)
            )
        })
        .collect();
    let verdict = match reading(coldest) {
        "distorted" => judge_statement(Some(true), Some(false)).verdict,
        "not resolved" => ClaimVerdict::NotResolved,
        _ => judge_statement(Some(false), Some(false)).verdict,
    };
    let unit = "single over double precision at the lowest T, last lag";
    let coldest_of_paper =
        law::at(&found.run.phase, found.paper_mobility, TEMPERATURES[0], &weights_of_the_paper())?;
    reason.push(format!(
        "by the law the paper's steps leave {:.2} of the diffusion of its weights at T = {}, where {:.0}% of them move in a step",
        coldest_of_paper.diffusion,
        power(TEMPERATURES[0]),
        100.0 * coldest_of_paper.moving,
    ));
    Ok(claim
        .with_measured(measured(results, *coldest, unit))
        .with_null("no artefact", 1.0)
        .judged_as(Judgement { verdict, reason: reason.join("; ") }))
}

pub(super) fn page(
    results: &Results<'_>,
    found: &SinglePrecision,
    claims: &[Claim],
) -> Result<Page, ResultError> {
    let phase = &found.run.phase;
    let noise =
        |mobility: f64, temperature: f64| (2.0 * mobility * temperature / phase.reference_samples).sqrt();
    let faster = phase.mobility / found.paper_mobility;
    let here = law::freezes_at(phase, phase.mobility, &found.weights)?;
    let own = law::freezes_at(phase, found.paper_mobility, &found.weights)?;
    let paper = law::freezes_at(phase, found.paper_mobility, &weights_of_the_paper())?;
    let number = |interval: Option<Interval>| {
        interval.map_or_else(
            || "no value".to_owned(),
            |one| format!("{:.3} ({:.3} to {:.3})", one.value, one.low, one.high),
        )
    };
    let networks = found.pairs.first().map_or(0, |pair| pair.single.len());
    let frozen = |factor: f64| {
        freeze_at_once(&found.run, networks, factor).and_then(|shares| mean_at(results, &shares))
    };
    let start = found.pairs.iter().find(|pair| pair.temperature == 0.0).map(|pair| {
        let first: Vec<f64> = pair.frozen_single.iter().map(|curve| curve[0]).collect();
        let end: Vec<f64> = pair.frozen_single.iter().map(|curve| curve[curve.len() - 1]).collect();
        (mean_at(results, &first), mean_at(results, &end))
    });
    let idle: Vec<String> = found
        .pairs
        .iter()
        .filter(|pair| pair.temperature > 0.0)
        .map(|pair| format!("{} at T = {}", number(mean_at(results, &pair.idle)), power(pair.temperature)))
        .collect();
    let mut text = vec![
        "The paper's programs keep weights in single precision. A move of less than half the spacing of the numbers at a weight is lost; \
         noise of about that size is distorted. Which of the cold curves does this decide?"
            .to_owned(),
        format!(
            "Measured: {networks} regularised networks with the same noise in both precisions. {}: {}.",
            claims[1].verdict, claims[1].reason
        ),
        format!(
            "Idle weights are so small that single precision resolves every move of theirs: the law gives them their true \
             diffusion. Their mean squared displacement in single over that in double precision is {}.",
            idle.join(", ")
        ),
    ];
    text.extend(early(results, found));
    if let Some((first, end)) = start {
        text.push(format!(
            "Drift at T = 0: the gradient of double precision says that the first step after t_w moves all but a share {} of the weights; \
             a share {} of them does not move in single precision, and {} has not moved by the last frame. With the paper's steps, \
             {faster:.0} times smaller, the share would be {}.",
            number(frozen(1.0)),
            number(first),
            number(end),
            number(frozen(1.0 / faster)),
        ));
    }
    text.push(format!(
        "From here to the paper: a step of this run is {faster:.0} of the paper's, and its noise √{faster:.0} times as large ({} against {} at \
         T = 10⁻⁸). By the law half of the diffusion is lost below T = {} here, below {} with the paper's steps on \
         these weights, and below {} with the paper's steps on weights of its own spread. Its curves at 10⁻¹⁰ {} that \
         temperature, those at 10⁻⁸ lie {}.",
        typeset(noise(phase.mobility, 1e-8), 2),
        typeset(noise(found.paper_mobility, 1e-8), 2),
        typeset(here, 2),
        typeset(own, 2),
        typeset(paper, 2),
        if paper > 1e-10 { "lie below" } else { "lie above" },
        if paper > 1e-8 { "below it too" } else { "above it" },
    ));
    text.push(
        "What it does not show: the law is for free weights, far from the ends of a binade; where drift and noise are both below the \
         spacing they freeze each other, and sums of gradients in single precision add errors of their own, which the simulated \
         runs do not have (only the weights are rounded)."
            .to_owned(),
    );
    let mut blocks =
        vec![PageBlock::Figure { plate: FIGURE.to_owned(), caption: "Both precisions.".to_owned() }];
    blocks.extend(text.into_iter().map(PageBlock::Paragraph));
    blocks.push(table(found)?);
    Ok(Page {
        id: FIGURE.to_owned(),
        title: "Which cold curves does single precision decide?".to_owned(),
        blocks,
    })
}

/// Until when the coldest curves of the two precisions differ visibly.
fn early(results: &Results<'_>, found: &SinglePrecision) -> Option<String> {
    let pair = found.pairs.first()?;
    let ratios = pair.ratio(results);
    let visible = |ratio: &Option<Interval>| ratio.is_some_and(|ratio| (ratio.value - 1.0).abs() > VISIBLE);
    let temperature = power(pair.temperature);
    Some(match ratios.iter().rposition(visible) {
        Some(last) => format!(
            "At T = {temperature} the two differ by more than {:.0}% up to {} steps of the paper, where the mean square is {}; not after.",
            100.0 * VISIBLE,
            typeset(pair.lags[last] as f64 * found.run.paper_steps(), 2),
            typeset(pair.double.iter().map(|curve| curve[last]).sum::<f64>() / pair.double.len() as f64, 2),
        ),
        None => format!("At T = {temperature} the two never differ by more than {:.0}%.", 100.0 * VISIBLE),
    })
}

/// The law at temperatures of the paper.
fn table(found: &SinglePrecision) -> Result<PageBlock, ResultError> {
    let phase = &found.run.phase;
    let mut rows = Vec::new();
    for temperature in TEMPERATURES {
        let own = law::at(phase, found.paper_mobility, temperature, &found.weights)?;
        let paper = law::at(phase, found.paper_mobility, temperature, &weights_of_the_paper())?;
        rows.push(vec![
            power(temperature),
            format!("{:.3}", paper.diffusion),
            format!("{:.0}%", 100.0 * paper.moving),
            format!("{:.3}", own.diffusion),
            format!("{:.0}%", 100.0 * own.moving),
        ]);
    }
    Ok(PageBlock::Table {
        caption: "The law for the paper's steps: diffusion over its true value, and share of the weights that the noise of one step moves."
            .to_owned(),
        columns: [
            "T",
            "diffusion, the paper's weights",
            "moved, the paper's weights",
            "diffusion, these weights",
            "moved, these weights",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows,
    })
}
