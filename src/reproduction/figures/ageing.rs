//! Fig. 8: the overlap after different waiting times. Figs. A9 and A10 have the relaxation time at all temperatures, Fig. A11
//! the over-parameterised phase. The null of a regularised network is decay in the well: it ages by itself.

use super::Drawn;
use super::families::{
    Relaxation, decades, geometric_mean, log_slope, mean_marks, measured, overlap_axis, point, power_of_ten,
    relaxation_times, spanning, temperature_axis, time_axis,
};
use crate::reproduction::Null;
use crate::reproduction::results::{ResultError, Results, Run, trajectories};
use glassbox_reports::figures::plate::{ColourBar, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::gallery::{Page, PageBlock};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_simulations::analysis::Interval;
use glassbox_simulations::analysis::relaxation_time::TAU_90;
use glassbox_simulations::experiment::{PhaseName, Tasks};
use glassbox_simulations::protocol::Task;

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

/// The well null's relaxation times: weights that start with the networks' own spread and feel the regularisation only.
fn null_times(run: &Run, temperature: f64) -> Result<Vec<(f64, f64)>, ResultError> {
    let spreads = run.spreads();
    let spread = spreads.iter().sum::<f64>() / spreads.len() as f64;
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
    exponent: Option<Interval>,
    null: Option<f64>,
}

fn aged(results: &Results<'_>, run: &Run, letters: [&str; 2]) -> Result<Option<Aged>, ResultError> {
    let Some(index) = run.index(run.phase.ageing_temperature) else { return Ok(None) };
    let ageing = Ageing::measure(results, run, index)?;
    let null = null_times(run, run.temperatures[index])?;
    let exponent = ageing.exponent(results);
    let null_exponent = log_slope(&null);
    let points = ageing.points(results);
    let ends =
        points.iter().flat_map(|point| [point.low, point.high]).chain(null.iter().map(|point| point.1));
    let axis = spanning(TAU, ends.collect::<Vec<_>>().into_iter());
    let panel = PlatePanel::new(letters[1], run.name.title(), waiting_axis(), axis)
        .with_mark(Mark::line("weights that feel no data", null, Tone::Null))
        .with_mark(Mark::points("measured", points, Tone::Measured));
    let panels = [overlap_panel(results, run, letters[0], index)?, panel];
    Ok(Some(Aged { panels, exponent, null: null_exponent }))
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let mut plate = Plate::new("8a-d", "Ageing", String::new(), results.provenance.clone())?
        .with_columns(2)
        .with_colour_bar(ColourBar::logarithmic("t_w (paper steps)"));
    let (mut claims, mut lost, mut blocks) = (Vec::new(), Vec::new(), Vec::new());
    let phases =
        [(PhaseName::Regularised, "40", "Fig. 8a, b"), (PhaseName::UnderParameterised, "41", "Fig. 8c, d")];
    for ((name, number, source), letters) in phases.into_iter().zip(LETTERS) {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let title = name.title();
        let mut claim = Claim::new(
            number,
            source,
            format!(
                "{title}: at T = {:e} networks that waited longer relax more slowly.",
                run.phase.ageing_temperature
            ),
            "τ₉₀ grows with t_w",
        )
        .with_figure("8a-d");
        let Some(aged) = aged(results, &run, letters)? else {
            claims.push(claim.judged());
            continue;
        };
        if let Some(exponent) = aged.exponent {
            claim = claim.with_measured(measured(results, exponent, "exponent of τ₉₀ on t_w"));
        }
        if let Some(value) = aged.null {
            claim = claim.with_null("decay in the regularisation's well", value);
        }
        // The null ages too: what exceeds it is the networks' own.
        let slower = aged.exponent.map(|exponent| exponent.low > 0.0);
        let as_null = aged.exponent.zip(aged.null).map(|(exponent, null)| null >= exponent.low);
        let claim = claim.judged_as(judge_statement(slower, as_null));
        let [overlap, times] = aged.panels;
        plate = plate.with_panel(overlap).with_panel(times.with_verdict(claim.verdict));
        blocks.push(paragraph(title, aged.exponent, aged.null));
        claims.push(claim);
    }
    plate.caption = format!(
        "Left: mean overlap after each waiting time. Right: geometric mean of τ₉₀ over networks; dashed: weights of the \
         networks' own spread that feel the regularisation only. {}",
        lost.join(" ")
    );
    Ok(Drawn { plate, claims, page: Some(page(blocks)) })
}

fn paragraph(title: &str, exponent: Option<Interval>, null: Option<f64>) -> PageBlock {
    let measured = exponent.map_or_else(
        || "not every network relaxes after every waiting time, so that no exponent can be given".to_owned(),
        |one| format!("τ₉₀ grows as t_w to the power {:.3} ({:.3} to {:.3})", one.value, one.low, one.high),
    );
    let null = null.map_or_else(
        || "the null does not relax".to_owned(),
        |null| format!("decay in the well alone gives {null:.3}"),
    );
    PageBlock::Paragraph(format!("{title}: {measured}; {null}."))
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
        "What this does not show: the networks start at a minimum, not in free decay, so that the null is an upper bound for \
         their own decay. Without regularisation weights that feel no data do not age at all, and any growth is the \
         landscape's: the quench has not ended, and descent slows down as gradients vanish."
            .to_owned(),
    ));
    Page { id: "ageing".to_owned(), title: "Does ageing exceed the well?".to_owned(), blocks: all }
}

/// Figs. A9 and A10: the relaxation time at all temperatures for every waiting time.
pub(super) fn draw_temperatures(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let mut plate = Plate::new(
        "a9-10",
        "Relaxation time for every waiting time",
        String::new(),
        results.provenance.clone(),
    )?
    .with_columns(2)
    .with_colour_bar(ColourBar::logarithmic("t_w (paper steps)"));
    let (mut claims, mut lost) = (Vec::new(), Vec::new());
    for (name, letter) in [(PhaseName::Regularised, "a"), (PhaseName::UnderParameterised, "b")] {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let mut panel = PlatePanel::new(letter, name.title(), temperature_axis(), tau_axis());
        let mut slopes = Vec::new();
        let from = super::relaxation::noise_branch(name) * 1.000_001;
        for waiting in &run.phase.waiting_times {
            let relaxation = Relaxation::measure(results, &run, *waiting, 1.0, TAU_90)?;
            let tone = Tone::Ordered(*waiting as f64 * run.paper_steps());
            panel = panel.with_mark(Mark::joined("", relaxation.points(results), tone));
            slopes.extend(relaxation.slope(results, from, f64::INFINITY)?);
        }
        let mut claim = Claim::new(
            format!("58{letter}"),
            "Figs. A9, A10",
            format!(
                "{}: the noise branch has slope −1 for every waiting time; slopes {}.",
                name.title(),
                slopes.iter().map(|slope| format!("{:.2}", slope.value)).collect::<Vec<_>>().join(", ")
            ),
            "slope −1 for all t_w; T* does not move",
        )
        .with_null("free diffusion", -1.0)
        .with_figure("a9-10");
        if let Some(last) = slopes.last() {
            claim =
                claim.with_measured(measured(results, *last, "exponent of τ₉₀ on T, longest waiting time"));
        }
        let holds = (!slopes.is_empty()).then(|| slopes.iter().all(|slope| (slope.value + 1.0).abs() < 0.1));
        let claim = claim.judged_as(judge_statement(holds, Some(true)));
        plate = plate.with_panel(panel.with_verdict(claim.verdict));
        claims.push(claim);
    }
    claims.push(hot_claim(results)?);
    plate.caption = format!("Geometric mean over networks. {}", lost.join(" "));
    Ok(Drawn { plate, claims, page: None })
}

/// Above T* nothing ages.
fn hot_claim(results: &Results<'_>) -> Result<Claim, ResultError> {
    let run = results.run(PhaseName::Regularised)?;
    let mut claim =
        Claim::new("42", "Sec. III.F", "Regularised: no ageing above T*.", "no t_w dependence for T > T*")
            .with_figure("a9-10");
    let mut hottest = None;
    for index in (0..run.temperatures.len()).rev() {
        let ageing = Ageing::measure(results, &run, index)?;
        if let Some(exponent) = ageing.exponent(results) {
            hottest = Some((
                run.temperatures[index],
                exponent,
                log_slope(&null_times(&run, run.temperatures[index])?),
            ));
            break;
        }
    }
    let Some((temperature, exponent, null)) = hottest else { return Ok(claim.judged()) };
    claim = claim.with_measured(measured(
        results,
        exponent,
        &format!("exponent of τ₉₀ on t_w at T = {temperature:e}"),
    ));
    if let Some(value) = null {
        claim = claim.with_null("decay in the regularisation's well", value);
    }
    let none = exponent.value.abs() < 0.1;
    Ok(claim.judged_as(judge_statement(Some(none), null.map(|null| null.abs() < 0.1))))
}

/// Fig. A11: over-parameterised networks do not age.
pub(super) fn draw_over(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let run = results.run(PhaseName::OverParameterised)?;
    let Some(index) = run.index(run.phase.ageing_temperature) else {
        let plate =
            Plate::new("a11", "Over-parameterised networks", String::new(), results.provenance.clone())?;
        return Ok(Drawn { plate, claims: Vec::new(), page: None });
    };
    let ageing = Ageing::measure(results, &run, index)?;
    let exponent = ageing.exponent(results);
    let free = null_times(&run, run.temperatures[index])?;
    let mut claim = Claim::new(
        "59",
        "Fig. A11",
        format!(
            "Over-parameterised: the relaxation time does not depend on t_w (T = {:e}).",
            run.temperatures[index]
        ),
        "no dependence",
    )
    .with_null("free diffusion", 0.0)
    .with_figure("a11");
    if let Some(exponent) = exponent {
        claim = claim.with_measured(measured(results, exponent, "exponent of τ₉₀ on t_w"));
    }
    let claim = claim.judged_as(judge_statement(exponent.map(|one| one.value.abs() < 0.1), Some(true)));
    let mut panel = PlatePanel::new("b", "Relaxation time", temperature_axis(), tau_axis());
    for waiting in &run.phase.waiting_times {
        let relaxation = Relaxation::measure(results, &run, *waiting, 1.0, TAU_90)?;
        let tone = Tone::Ordered(*waiting as f64 * run.paper_steps());
        panel = panel.with_mark(Mark::joined("", relaxation.points(results), tone));
    }
    let positive = run.temperatures.iter().copied().filter(|temperature| *temperature > 0.0);
    if let (Some(low), Some(high)) = (positive.clone().next(), positive.last()) {
        let grid = decades(low, high, 60);
        let null = super::families::null_relaxation_times(
            &run,
            run.waiting_time(),
            run.phase.window,
            TAU_90,
            &grid,
        )?;
        panel = panel.with_mark(Mark::line("free diffusion", null, Tone::Null));
    }
    let times = PlatePanel::new("c", "Against the waiting time", waiting_axis(), tau_axis())
        .with_mark(Mark::line("free diffusion", free, Tone::Null))
        .with_mark(Mark::points("measured", ageing.points(results), Tone::Measured))
        .with_verdict(claim.verdict);
    let plate = Plate::new(
        "a11",
        "Over-parameterised networks do not age",
        format!("Mean overlap and τ₉₀ for every waiting time. {}", run.lost().unwrap_or_default()),
        results.provenance.clone(),
    )?
    .with_colour_bar(ColourBar::logarithmic("t_w (paper steps)"))
    .with_panel(overlap_panel(results, &run, "a", index)?)
    .with_panel(panel)
    .with_panel(times);
    Ok(Drawn { plate, claims: vec![claim], page: None })
}
