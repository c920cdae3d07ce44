//! Claims 37 (alpha2 of free weights), 38, 39, 56 and 57.

use super::{Heterogeneity, power};
use crate::analysis::Interval;
use crate::figures::families;
use crate::results::{ResultError, Results};
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement, StatedValue, judge_statement};

/// Wider intervals than this half width cannot show that alpha2 is 0: it is the largest that the paper shows of
/// over-parameterised networks.
const RESOLVED: f64 = 0.2;

/// What is seen of alpha2 in one phase.
struct Signs {
    /// Share of the frames at the lowest temperature above 0 whose interval lies outside the Gaussian band.
    cold_share: f64,
    /// Share of the other frames there whose interval is too wide to tell.
    cold_unresolved: f64,
    /// Whether the last frame at the highest temperature is too wide to tell.
    hot_unresolved: bool,
    /// Whether the first and the last frame at the highest temperature lie outside it.
    hot: (bool, bool),
    /// Temperatures above 0 at which alpha2 falls from its peak to the last frame, of all.
    falls: (usize, usize),
    /// The largest alpha2 at any temperature above 0.
    largest: f64,
    /// Networks and temperatures above 0 at the last frame, by whether they lie outside.
    last_outside: (usize, usize),
}

fn signs(results: &Results<'_>, phase: &Heterogeneity) -> Option<Signs> {
    let outside = |interval: &Option<Interval>| interval.as_ref().is_some_and(|one| phase.band.excludes(one));
    let share = |frames: &[Option<Interval>]| {
        frames.iter().filter(|frame| outside(frame)).count() as f64 / frames.len().max(1) as f64
    };
    let wide = |interval: &Option<Interval>| {
        !outside(interval) && interval.is_none_or(|one| one.half_width() > RESOLVED)
    };
    let coldest = phase.coldest()?;
    let (cold, hot) = (&phase.alphas[coldest], phase.alphas.last()?);
    let warm = &phase.alphas[coldest..];
    let fell = warm.iter().filter(|alpha| alpha.fall(results).is_some_and(|fall| fall.low > 0.0)).count();
    let frames = warm.iter().flat_map(|alpha| alpha.mean_of_ratios.iter().flatten());
    Some(Signs {
        cold_share: share(&cold.mean_of_ratios),
        cold_unresolved: cold.mean_of_ratios.iter().filter(|frame| wide(frame)).count() as f64
            / cold.mean_of_ratios.len().max(1) as f64,
        hot_unresolved: wide(hot.mean_of_ratios.last()?),
        hot: (outside(hot.mean_of_ratios.first()?), outside(hot.mean_of_ratios.last()?)),
        falls: (fell, warm.len()),
        largest: frames.map(|frame| frame.value).fold(f64::NEG_INFINITY, f64::max),
        last_outside: (warm.iter().filter(|alpha| outside(&alpha.last())).count(), warm.len()),
    })
}

impl Signs {
    /// Whether all that the paper says of a phase is seen; `None` where intervals are too wide.
    ///
    /// One fall in several temperatures is what intervals of 95% give without any (0.15 of 6): two count.
    fn as_the_paper(&self) -> Option<bool> {
        let whole = match self.cold_share > 0.9 {
            true => Some(true),
            false => (self.cold_share + self.cold_unresolved <= 0.9).then_some(false),
        };
        let late = match self.hot {
            (false, true) => Some(true),
            (false, false) if self.hot_unresolved => None,
            _ => Some(false),
        };
        let parts = [whole, late, Some(self.falls.0 < 2)];
        if parts.contains(&Some(false)) {
            Some(false)
        } else {
            parts.iter().copied().collect::<Option<Vec<_>>>().map(|_| true)
        }
    }
}

/// Claims of one set of figures, and the verdicts of its panels, phase by phase.
pub(super) struct Verdicts {
    pub claims: Vec<Claim>,
    pub alpha: Vec<ClaimVerdict>,
    pub modes: Vec<ClaimVerdict>,
}

impl Verdicts {
    fn of(alpha: Vec<Claim>, modes: Vec<Claim>) -> Self {
        let verdicts = |claims: &[Claim]| claims.iter().map(|claim| claim.verdict).collect();
        let (of_alpha, of_modes) = (verdicts(&alpha), verdicts(&modes));
        Self { claims: [alpha, modes].concat(), alpha: of_alpha, modes: of_modes }
    }
}

/// Claims 37, 38 and 39.
pub(super) fn of_mnist(results: &Results<'_>, phases: &[Heterogeneity]) -> Result<Verdicts, ResultError> {
    let alpha = phases.iter().zip(["38a", "38b", "38c"]).map(|(phase, number)| shape(results, phase, number));
    let statement = "log |Δw| is bimodal at low T";
    let modes = phases
        .iter()
        .zip(["39d", "39e", "39f"])
        .map(|(phase, number)| modes(results, phase, number, statement, true))
        .collect::<Result<_, _>>()?;
    let mut found = Verdicts::of(alpha.collect(), modes);
    found.claims.extend(free(results, phases));
    Ok(found)
}

/// The first frame at the highest temperature of the last phase: one step of noise.
fn free(results: &Results<'_>, phases: &[Heterogeneity]) -> Option<Claim> {
    let phase = phases.last()?;
    let temperature = phase.run.temperatures.last()?;
    let first = phase.alphas.last()?.mean_of_ratios.first().copied().flatten()?;
    let agrees = !phase.band.excludes(&first);
    let reason = format!(
        "one step of noise at T = {} ({}): {:.3}, {} the band of Gaussian weights, {:.3} to {:.3}",
        power(*temperature),
        phase.run.name.title(),
        first.value,
        if agrees { "which meets" } else { "which misses" },
        phase.band.low(),
        phase.band.high(),
    );
    let verdict = judge_statement(Some(agrees), Some(agrees).filter(|agrees| !agrees)).verdict;
    Some(
        Claim::new("37b", "Eq. 9, Sec. III.E", "The non-Gaussian parameter of free diffusion is 0.", "0")
            .with_paper_value(StatedValue { value: 0.0, precision: 0.0 })
            .with_measured(families::measured(results, first, "α₂ after one step"))
            .with_null("Gaussian weights", phase.band.mean)
            .with_figure("7a-f")
            .judged_as(Judgement { verdict, reason }),
    )
}

fn shape(results: &Results<'_>, phase: &Heterogeneity, number: &str) -> Claim {
    let title = phase.run.name.title();
    let claim = Claim::new(
        number,
        "Fig. 7a-c",
        format!("{title}: α₂ is not 0 at late times at high T, nor at any time at low T, and does not fall at long times."),
        "in all three phases; up to about 10 (regularised), 4 (under), 0.2 (over)",
    )
    .with_null("Gaussian weights", phase.band.mean)
    .with_figure("7a-f");
    let Some(signs) = signs(results, phase) else {
        let reason = "no temperature above 0".to_owned();
        return claim.judged_as(Judgement { verdict: ClaimVerdict::NotResolved, reason });
    };
    let reason = format!(
        "outside the Gaussian band in {:.0}% of the frames at the lowest T, {} at the highest T; falls from its peak at {} of {} T; \
         at most {:.2}",
        100.0 * signs.cold_share,
        match signs.hot {
            (false, true) => "only late",
            (true, true) => "early and late",
            (false, false) => "neither early nor late",
            (true, false) => "only early",
        },
        signs.falls.0,
        signs.falls.1,
        signs.largest,
    );
    let last = phase.alphas.iter().skip(phase.coldest().unwrap_or(0)).filter_map(super::Alpha::last);
    let claim = match last.max_by(|one, other| one.value.total_cmp(&other.value)) {
        Some(largest) => claim.with_measured(families::measured(
            results,
            largest,
            "α₂ at the last frame, largest over T > 0",
        )),
        None => claim,
    };
    claim.judged_as(Judgement { verdict: judge_statement(signs.as_the_paper(), Some(false)).verdict, reason })
}

/// Whether the histogram at the lowest temperature above 0 has two modes, as `expected`.
fn modes(
    results: &Results<'_>,
    phase: &Heterogeneity,
    number: &str,
    statement: &str,
    expected: bool,
) -> Result<Claim, ResultError> {
    let title = phase.run.name.title();
    let (source, figure) =
        if number.starts_with("39") { ("Fig. 7d-f", "7a-f") } else { ("App. I, Fig. A8d-f", "a8") };
    let paper = if expected { "two modes" } else { "one mode" };
    let claim = Claim::new(number, source, format!("{title}: {statement}."), paper)
        .with_null("modes of one Gaussian", 1.0)
        .with_figure(figure);
    let Some(coldest) = phase.coldest() else { return Ok(claim) };
    let histogram = &phase.histograms[coldest];
    let Some(modes) = histogram.modes(results)? else { return Ok(claim) };
    let depth = histogram.valley.as_ref().map_or(0.0, |valley| valley.depth);
    let reason = format!(
        "at T = {}: {} (dip {:.3}, p = {:.3}; valley depth {depth:.2}; p < 0.05 in {} of {} networks)",
        power(phase.run.temperatures[coldest]),
        if modes.bimodal() { "two modes" } else { "one mode not rejected" },
        modes.all.dip,
        modes.all.p_value,
        modes.rejected(),
        modes.networks.len(),
    );
    let judgement = judge_statement(Some(modes.bimodal() == expected), Some(!expected));
    Ok(claim.judged_as(Judgement { verdict: judgement.verdict, reason }))
}

/// Claims 56 and 57.
pub(super) fn of_cifar10(results: &Results<'_>, phases: &[Heterogeneity]) -> Result<Verdicts, ResultError> {
    let all: Vec<Option<Signs>> = phases.iter().map(|phase| signs(results, phase)).collect();
    let largest = |index: usize| all[index].as_ref().map_or(f64::NAN, |signs| signs.largest);
    let alpha = (0..phases.len()).zip(["56a", "56b", "56c"]).map(|(index, number)| {
        let last = index == phases.len() - 1;
        let weaker = !last || (0..index).all(|other| largest(index) < largest(other));
        let statement =
            if last { "α₂ is not 0, and weaker than in the other phases" } else { "α₂ is not 0" };
        let claim = Claim::new(
            number,
            "App. I, Fig. A8a-c",
            format!("{}: {statement}.", phases[index].run.name.title()),
            "not 0 in any phase; weakest in the over-parameterised one",
        )
        .with_null("Gaussian weights", phases[index].band.mean)
        .with_figure("a8");
        let Some(signs) = &all[index] else { return claim };
        let (outside, count) = signs.last_outside;
        let reason = format!(
            "outside the Gaussian band at {outside} of {count} T in the last frame; at most {:.2}",
            signs.largest
        );
        // One temperature of several may lie outside by chance.
        let judgement = judge_statement((count > 1).then_some(outside > 1 && weaker), Some(false));
        claim.judged_as(Judgement { verdict: judgement.verdict, reason })
    });
    let expected = [("57d", true), ("57e", true), ("57f", false)];
    let modes = phases
        .iter()
        .zip(expected)
        .map(|(phase, (number, expected))| {
            let statement =
                format!("log |Δw| has {} at low T", if expected { "two modes" } else { "one mode" });
            modes(results, phase, number, &statement, expected)
        })
        .collect::<Result<_, _>>()?;
    Ok(Verdicts::of(alpha.collect(), modes))
}
