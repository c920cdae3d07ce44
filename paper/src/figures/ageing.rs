//! Fig. 8: the overlap after different waiting times. Figs. A9 and A10 have the relaxation time at all temperatures, Fig. A11
//! the over-parameterised phase. The null of a regularised network is decay in the well: it ages by itself.

mod appendix;

pub(super) use appendix::{draw_over, draw_temperatures};

use super::Drawn;
use super::families::{
    geometric_mean, log_slope, mean_marks, measured, overlap_axis, point, power_of_ten, relaxation_times,
    spanning, time_axis,
};
use crate::Null;
use crate::analysis::Interval;
use crate::analysis::relaxation_time::TAU_90;
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{ColourBar, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::gallery::{Page, PageBlock};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

const LETTERS: [[&str; 2]; 2] = [["a", "b"], ["c", "d"]];

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    [PhaseName::Regularised, PhaseName::UnderParameterised]
        .into_iter()
        .flat_map(|name| trajectories(tasks, name))
        .collect()
}

pub(super) fn tasks_over(tasks: &Tasks<'_>) -> Vec<Task> {
    trajectories(tasks, PhaseName::OverParameterised)
}

/// Each network's relaxation time for each waiting time, at one temperature.
struct Ageing {
    waiting: Vec<f64>,
    times: Vec<Vec<Option<f64>>>,
}

impl Ageing {
    fn measure(results: &Results<'_>, run: &Run, temperature: usize) -> Result<Self, ResultError> {
        let waiting_times = &run.phase.waiting_times;
        let times = waiting_times
            .iter()
            .map(|waiting| relaxation_times(results, &run.overlap(temperature, *waiting, 1.0), TAU_90))
            .collect::<Result<_, _>>()?;
        let waiting = waiting_times.iter().map(|waiting| *waiting as f64 * run.paper_steps()).collect();
        Ok(Self { waiting, times })
    }

    fn points(&self, results: &Results<'_>) -> Vec<Measurement> {
        let rows = self.waiting.iter().zip(&self.times);
        rows.filter_map(|(waiting, times)| Some(point(*waiting, geometric_mean(results, times)?))).collect()
    }

    /// [`slowing`], the mean over networks that have both times.
    fn slowing(&self, results: &Results<'_>, run: &Run) -> Option<Interval> {
        let (first, last) = (self.times.first()?, self.times.last()?);
        let values: Vec<f64> =
            first.iter().zip(last).filter_map(|(first, last)| slowing(run, (*first)?, (*last)?)).collect();
        results.bootstrap.interval(values.len(), |chosen| {
            Some(chosen.iter().map(|index| values[*index]).sum::<f64>() / chosen.len() as f64)
        })
    }

    /// The exponent of tau on t_w, over networks that have every time.
    fn exponent(&self, results: &Results<'_>) -> Option<Interval> {
        let networks = self.times.first()?.len();
        let whole: Vec<usize> = (0..networks)
            .filter(|network| self.times.iter().all(|times| times[*network].is_some()))
            .collect();
        results.bootstrap.interval(whole.len(), |chosen| {
            let slopes = chosen.iter().map(|index| {
                let points: Vec<(f64, f64)> = self
                    .waiting
                    .iter()
                    .zip(&self.times)
                    .filter_map(|(waiting, times)| Some((*waiting, times[whole[*index]]?)))
                    .collect();
                log_slope(&points)
            });
            let slopes: Vec<f64> = slopes.collect::<Option<_>>()?;
            Some(slopes.iter().sum::<f64>() / slopes.len() as f64)
        })
    }
}

/// How a well slows down: ln(τ(last)/τ(first)) / (mu lambda (t_w(last) − t_w(first))), 1 for weights that decay in it at T = 0.
fn slowing(run: &Run, first: f64, last: f64) -> Option<f64> {
    let waiting = &run.phase.waiting_times;
    let steps = (waiting.last()? - waiting.first()?) as f64;
    let decay = run.phase.mobility * run.phase.regularisation * steps;
    (decay > 0.0).then(|| libm::log(last / first) / decay)
}

/// The well null's relaxation times: weights that start with the networks' own spread and feel the regularisation only.
fn null_times(run: &Run, temperature: f64) -> Result<Vec<(f64, f64)>, ResultError> {
    let spread = run.starting_spread();
    let mut points = Vec::new();
    for waiting in &run.phase.waiting_times {
        let null = Null::from_spread(&run.phase, temperature, *waiting, spread)?;
        if let Some(time) = null.relaxation_time(run.phase.window, TAU_90)? {
            points.push((*waiting as f64 * run.paper_steps(), time * run.paper_steps()));
        }
    }
    Ok(points)
}

const TAU: &str = "τ₉₀ (paper steps)";

fn tau_axis() -> PlateAxis {
    PlateAxis::logarithmic(TAU)
}

fn waiting_axis() -> PlateAxis {
    PlateAxis::logarithmic("t_w (paper steps)")
}

/// The overlap after each waiting time.
fn overlap_panel(
    results: &Results<'_>,
    run: &Run,
    letter: &str,
    temperature: usize,
) -> Result<PlatePanel, ResultError> {
    let title = format!("{}, T = {}", run.name.title(), power_of_ten(run.temperatures[temperature]));
    let mut panel = PlatePanel::new(letter, &title, time_axis(), overlap_axis());
    for waiting in &run.phase.waiting_times {
        let curves = run.overlap(temperature, *waiting, 1.0);
        let tone = Tone::Ordered(*waiting as f64 * run.paper_steps());
        panel = panel.with_marks(mean_marks(results, &curves, "", tone)?);
    }
    Ok(panel)
}

/// Ageing at one temperature: overlap, relaxation times, the claim and the exponents.
struct Aged {
    panels: [PlatePanel; 2],
    /// How times grow: [`slowing`] with regularisation, the exponent of tau on t_w without.
    growth: Option<Interval>,
    unit: &'static str,
    null: Option<f64>,
    /// Measured times over the null's, at the first waiting time.
    slower_than_null: Option<f64>,
}

fn aged(results: &Results<'_>, run: &Run, letters: [&str; 2]) -> Result<Option<Aged>, ResultError> {
    let Some(index) = run.index(run.phase.ageing_temperature) else { return Ok(None) };
    let ageing = Ageing::measure(results, run, index)?;
    let null = null_times(run, run.temperatures[index])?;
    let regularised = run.phase.regularisation > 0.0;
    let (growth, unit) = if regularised {
        (ageing.slowing(results, run), "growth of ln τ₉₀ over mu lambda t_w")
    } else {
        (ageing.exponent(results), "exponent of τ₉₀ on t_w")
    };
    let null_growth = match (null.first(), null.last()) {
        (Some(first), Some(last)) if regularised => slowing(run, first.1, last.1),
        _ => log_slope(&null),
    };
    let points = ageing.points(results);
    let slower_than_null = points.first().zip(null.first()).map(|(measured, null)| measured.y / null.1);
    let ends =
        points.iter().flat_map(|point| [point.low, point.high]).chain(null.iter().map(|point| point.1));
    let axis = spanning(TAU, ends.collect::<Vec<_>>().into_iter());
    let panel = PlatePanel::new(letters[1], run.name.title(), waiting_axis(), axis)
        .with_mark(Mark::line("weights that feel no data", null, Tone::Null))
        .with_mark(Mark::points("measured", points, Tone::Measured));
    let panels = [overlap_panel(results, run, letters[0], index)?, panel];
    Ok(Some(Aged { panels, growth, unit, null: null_growth, slower_than_null }))
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let mut plate = Plate::new("8a-d", "Ageing", String::new(), results.provenance.clone())?
        .with_columns(2)
        .with_colour_bar(ColourBar::logarithmic("t_w (paper steps)"));
    let (mut claims, mut lost, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    let phases =
        [(PhaseName::Regularised, "40", "Fig. 8a, b"), (PhaseName::UnderParameterised, "41", "Fig. 8c, d")];
    let wanted = phases.into_iter().zip(LETTERS).filter(|((name, _, _), _)| results.tasks.shows(*name));
    for ((name, number, source), letters) in wanted {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let title = name.title();
        let mut claim = Claim::new(
            number,
            source,
            format!(
                "{title}: at T = {} networks that waited longer relax more slowly.",
                power_of_ten(run.phase.ageing_temperature)
            ),
            "τ₉₀ grows with t_w",
        )
        .with_figure("8a-d");
        let Some(aged) = aged(results, &run, letters)? else {
            claims.push(claim.judged());
            continue;
        };
        if let Some(growth) = aged.growth {
            claim = claim.with_measured(measured(results, growth, aged.unit));
        }
        if let Some(value) = aged.null {
            claim = claim.with_null("decay in the regularisation's well", value);
        }
        // The null ages too: what exceeds it is the networks' own.
        let slower = aged.growth.map(|growth| growth.low > 0.0);
        let as_null = aged.growth.zip(aged.null).map(|(growth, null)| null >= growth.low && null > 0.0);
        let mut judgement = judge_statement(slower, as_null);
        if let Some(factor) = aged.slower_than_null {
            judgement.reason += &format!(" The networks' times are {factor:.2} times the null's.");
        }
        let claim = claim.judged_as(judgement);
        let [overlap, times] = aged.panels;
        plate = plate.with_panel(overlap).with_panel(times.with_verdict(claim.verdict));
        blocks.push(paragraph(title, aged.growth, aged.unit, aged.null, aged.slower_than_null));
        claims.push(claim);
    }
    plate.caption = format!(
        "Left: mean overlap after each waiting time. Right: geometric mean of τ₉₀ over networks; dashed: weights of the \
         networks' own spread that feel the regularisation only. {}",
        lost.join(" ")
    );
    Ok(Drawn { plate, claims, page: Some(page(blocks)) })
}

fn paragraph(
    title: &str,
    growth: Option<Interval>,
    unit: &str,
    null: Option<f64>,
    slower: Option<f64>,
) -> PageBlock {
    let measured = growth.map_or_else(
        || "not every network relaxes after every waiting time, so that no growth can be given".to_owned(),
        |one| format!("{unit}: {:.3} ({:.3} to {:.3})", one.value, one.low, one.high),
    );
    let null =
        null.map_or_else(|| "the null does not relax".to_owned(), |null| format!("the null has {null:.3}"));
    let slower = slower.map_or_else(String::new, |factor| {
        format!(" At the first waiting time the networks' relaxation time is {factor:.2} times the null's.")
    });
    PageBlock::Paragraph(format!("{title}: {measured}; {null}.{slower}"))
}

fn page(blocks: Vec<PageBlock>) -> Page {
    let mut all = vec![
        PageBlock::Paragraph(
            "Asked: does the slowing-down with the waiting time exceed what weights do that only feel the regularisation? \
             Such weights decay towards 0 and therefore move less the longer one waits, without any landscape: with the \
             spread that the networks have, their relaxation time grows as exp(mu lambda t_w) (PHYSICS.md, C.8)."
                .to_owned(),
        ),
        PageBlock::Figure { plate: "8a-d".to_owned(), caption: "Ageing beside its null.".to_owned() },
    ];
    all.extend(blocks);
    all.push(PageBlock::Paragraph(
        "What this does not show: the networks start at a minimum, not in free decay, so that the null decays faster than \
         they do. Without regularisation weights that feel no data do not age at all, and any growth is the \
         landscape's: the quench has not ended, and descent slows down as gradients vanish."
            .to_owned(),
    ));
    Page { id: "ageing".to_owned(), title: "Does ageing exceed the well?".to_owned(), blocks: all }
}
