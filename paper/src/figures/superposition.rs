//! Fig. 4: time-temperature superposition, and the overlap at the end of the runs.

mod others;

pub(super) use others::{draw_others, tasks_of_others};

use super::Drawn;
use super::families::{
    Relaxation, decades, log_slope, measured, noise_branch, point, power_of_ten, temperature_axis,
};
use crate::Null;
use crate::analysis::collapse::{Collapse, Spread, collapse};
use crate::analysis::relaxation_time::{TAU_90, TAU_E};
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_oracle::laws::relaxation::free_master_curve;
use glassbox_reports::figures::plate::{ColourBar, Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, StatedValue, judge_statement};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// The paper's last lag of Fig. 4b, in its steps.
const LAST_LAG: f64 = 3e5;

/// Collapse is judged over this range of t/τ₉₀: below 1 all curves are near 1, whatever they do later.
const COLLAPSE: (f64, f64) = (1.0, 10.0);

/// Curves within this of one another (rms of ln Q) fall on one.
const ONE_CURVE: f64 = 0.1;

/// A curve leaves the free master curve where it is this many times higher, or lower.
const LEAVES: f64 = 1.2;

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    trajectories(tasks, PhaseName::Regularised)
}

/// One temperature with its time.
pub(super) struct Rescaled {
    pub(super) index: usize,
    pub(super) temperature: f64,
    pub(super) tau90: f64,
}

/// Temperatures above 0 at which every network relaxes.
pub(super) fn rescaled(results: &Results<'_>, run: &Run) -> Result<Vec<Rescaled>, ResultError> {
    let relaxation = Relaxation::measure(results, run, run.waiting_time(), 1.0, TAU_90)?;
    Ok(run
        .temperatures
        .iter()
        .enumerate()
        .filter(|(_, temperature)| **temperature > 0.0)
        .filter_map(|(index, temperature)| {
            let tau90 = relaxation.at(results, *temperature)?.value;
            Some(Rescaled { index, temperature: *temperature, tau90 })
        })
        .collect())
}

/// Q(t/τ₉₀) with the free master curve.
pub(super) fn master_panel(
    results: &Results<'_>,
    run: &Run,
    letter: &str,
    rescaled: &[Rescaled],
) -> Result<PlatePanel, ResultError> {
    let axis = PlateAxis::logarithmic("t / τ₉₀").within(1e-2, 1e4);
    let mut panel = PlatePanel::new(
        letter,
        run.name.title(),
        axis,
        PlateAxis::logarithmic("overlap Q").within(3e-3, 1.3),
    );
    for one in rescaled {
        let curves = run.overlap(one.index, run.waiting_time(), 1.0);
        let mean = results.bootstrap.mean_curve(&curves.curves)?;
        let points = curves.times.iter().zip(&mean).map(|(time, q)| point(time / one.tau90, *q)).collect();
        panel = panel.with_mark(Mark::joined("", points, Tone::Ordered(one.temperature)));
    }
    let grid = decades(1e-2, 1e4, 120);
    let master = grid.iter().map(|theta| Ok((*theta, free_master_curve(*theta, 0.9)?)));
    let master = master.collect::<Result<_, ResultError>>()?;
    Ok(panel.with_mark(Mark::line("free diffusion", master, Tone::Null)))
}

/// The same temperatures' curves, for the collapse.
pub(super) fn collapse_of(
    results: &Results<'_>,
    run: &Run,
    rescaled: &[Rescaled],
) -> Result<Option<Collapse>, ResultError> {
    if rescaled.len() < 2 {
        return Ok(None);
    }
    let curves: Vec<_> = rescaled.iter().map(|one| run.overlap(one.index, run.waiting_time(), 1.0)).collect();
    let times = curves[0].times.clone();
    let temperatures: Vec<Vec<Vec<f64>>> = curves.into_iter().map(|curves| curves.curves).collect();
    // Theta is positive and the level is 0.9: the master curve always has a value.
    let master = |theta: f64| free_master_curve(theta, 0.9).unwrap_or(f64::NAN);
    Ok(collapse(&results.bootstrap, &times, &temperatures, Some(COLLAPSE), Spread::Logarithmic, master).ok())
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let run = results.run(PhaseName::Regularised)?;
    let rescaled = rescaled(results, &run)?;
    let collapse = collapse_of(results, &run, &rescaled)?;
    let mut claims = vec![collapse_claim(&run, collapse.as_ref(), "25", "Fig. 4a", "4a-b")];
    let tail = tail_claim(results, &run, &rescaled)?;
    let panel = master_panel(results, &run, "a", &rescaled)?.with_verdict(tail.verdict);
    claims.push(tail);
    claims.push(leaving_claim(results, &run, &rescaled)?);
    let (last, end) = last_overlap(results, &run)?;
    claims.push(end);
    let plate = Plate::new(
        "4a-b",
        "Time-temperature superposition",
        format!(
            "a: mean overlap of regularised networks against t/τ₉₀; dashed: erf(x₉₀/√(t/τ₉₀)), free diffusion, with nothing \
             fitted. b: overlap at the last lag against temperature; dashed: a weight in the regularisation's well from its \
             bottom. {}",
            run.lost().unwrap_or_default()
        ),
        results.provenance.clone(),
    )?
    .with_columns(2)
    .with_colour_bar(ColourBar::logarithmic("temperature T"))
    .with_panel(panel)
    .with_panel(last.with_verdict(claims[claims.len() - 1].verdict));
    Ok(Drawn { plate, claims, page: None })
}

fn collapse_claim(run: &Run, collapse: Option<&Collapse>, number: &str, source: &str, figure: &str) -> Claim {
    let statement = match collapse {
        Some(collapse) => format!(
            "{}: curves of all temperatures fall on one over t/τ₉₀ from {:.2} to {:.2}: rms spread of ln Q {:.3} ({:.3} from \
             statistics alone), rms distance {:.3} from free diffusion.",
            run.name.title(),
            collapse.from,
            collapse.to,
            collapse.spread,
            collapse.expected,
            collapse.from_master
        ),
        None => format!("{}: fewer than two temperatures relax; nothing to compare.", run.name.title()),
    };
    let holds = collapse.map(|collapse| collapse.spread < ONE_CURVE);
    let free = collapse.map(|collapse| collapse.from_master < ONE_CURVE);
    Claim::new(number, source, statement, "collapse on a master curve")
        .with_figure(figure)
        .judged_as(judge_statement(holds, free))
}

/// The exponent of the hottest curve in the authors' window, t/τₑ from 1 to 1,000.
fn tail_claim(results: &Results<'_>, run: &Run, rescaled: &[Rescaled]) -> Result<Claim, ResultError> {
    let slow = Relaxation::measure(results, run, run.waiting_time(), 1.0, TAU_E)?;
    let hottest = rescaled.iter().rev().find_map(|one| Some((one, slow.at(results, one.temperature)?.value)));
    let mut claim = Claim::new(
        "26",
        "Fig. 4a",
        "The master curve has a power-law tail, fitted to the hottest curve from its τₑ on.",
        "exponent −0.48 (critical F1 mode coupling: −0.5)",
    )
    .with_paper_value(StatedValue { value: -0.48, precision: 0.005 })
    .with_figure("4a-b");
    let Some((one, tau_e)) = hottest else { return Ok(claim.judged()) };
    let curves = run.overlap(one.index, run.waiting_time(), 1.0);
    let (from, to) = (tau_e, (1e3 * tau_e).min(curves.times[curves.times.len() - 1]));
    let inside = |time: &f64| (from..=to).contains(time);
    let points = curves.times.iter().filter(|time| inside(time)).count();
    if points < 3 || to < 3.0 * from {
        claim.statement += " The runs end before the tail.";
        return Ok(claim.judged());
    }
    let slope = results.bootstrap.interval(curves.curves.len(), |chosen| {
        let mean = crate::analysis::bootstrap::mean_of(&curves.curves, chosen);
        let tail: Vec<(f64, f64)> =
            curves.times.iter().copied().zip(mean).filter(|(time, q)| inside(time) && *q > 0.0).collect();
        log_slope(&tail)
    });
    if let Some(slope) = slope {
        claim = claim.with_measured(measured(results, slope, "exponent of Q on t"));
    }
    let own = Null::idle(&run.phase, one.temperature, run.waiting_time())?
        .overlap(&curves.lags, run.phase.window)?;
    let own: Vec<(f64, f64)> =
        curves.times.iter().copied().zip(own).filter(|(time, _)| inside(time)).collect();
    if let Some(value) = log_slope(&own) {
        claim = claim.with_null("a weight in the regularisation's well, on the same times", value);
    }
    claim.statement =
        format!("{} Here T = {:e}, t/τₑ from 1 to {:.0}.", claim.statement, one.temperature, to / from);
    Ok(claim.judged())
}

/// Hotter curves leave the master curve later in t/τ₉₀ and at lower overlap; the coldest have not left.
fn leaving_claim(results: &Results<'_>, run: &Run, rescaled: &[Rescaled]) -> Result<Claim, ResultError> {
    let mut left = Vec::new();
    let mut null_left = Vec::new();
    // The cold plateau has no free curve to leave.
    let relaxation = Relaxation::measure(results, run, run.waiting_time(), 1.0, TAU_90)?;
    let from = noise_branch(results, run, &relaxation, run.phase.window);
    let hot = rescaled.iter().filter(|one| one.temperature > from);
    for one in hot {
        let curves = run.overlap(one.index, run.waiting_time(), 1.0);
        let mean = results.bootstrap.mean_curve(&curves.curves)?;
        let null = Null::idle(&run.phase, one.temperature, run.waiting_time())?
            .overlap(&curves.lags, run.phase.window)?;
        // Left: above 1.2 times the free curve from here on.
        let leaves = |values: &[f64], tau90: f64| -> Result<Option<(f64, f64)>, ResultError> {
            let mut place = None;
            for (time, value) in curves.times.iter().zip(values).rev() {
                if *value < LEAVES * free_master_curve(time / tau90, 0.9)? {
                    break;
                }
                place = Some((time / tau90, *value));
            }
            Ok(place)
        };
        let values: Vec<f64> = mean.iter().map(|q| q.value).collect();
        left.push((one.temperature, leaves(&values, one.tau90)?));
        let own = Null::idle(&run.phase, one.temperature, run.waiting_time())?
            .relaxation_time(run.phase.window, TAU_90)?;
        let own = own.map_or(Ok(None), |time| leaves(&null, time * run.paper_steps()))?;
        null_left.push((one.temperature, own));
    }
    let later_and_lower = |places: &[(f64, Option<(f64, f64)>)]| {
        let seen: Vec<(f64, f64)> = places.iter().filter_map(|(_, place)| *place).collect();
        (seen.len() >= 2)
            .then(|| seen.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 >= pair[1].1))
    };
    let described: Vec<String> = left
        .iter()
        .map(|(temperature, place)| match place {
            Some((theta, q)) => format!("T = {} at {theta:.0} (Q = {q:.2})", power_of_ten(*temperature)),
            None => format!("T = {} not", power_of_ten(*temperature)),
        })
        .collect();
    Ok(Claim::new(
        "27",
        "Fig. 4a",
        format!(
            "Above 5 T* hotter curves leave the master curve later in t/τ₉₀ and at a lower overlap: {}.",
            described.join(", ")
        ),
        "later and lower",
    )
    .with_figure("4a-b")
    .judged_as(judge_statement(later_and_lower(&left), later_and_lower(&null_left))))
}

/// The index of the lag nearest to the paper's last one, or the last lag.
fn last_index(times: &[f64]) -> usize {
    let distance = |time: f64| libm::fabs(libm::log(time / LAST_LAG));
    (0..times.len())
        .min_by(|one, other| distance(times[*one]).total_cmp(&distance(times[*other])))
        .unwrap_or(0)
}

/// Fig. 4b: Q at the last lag against T, with its exponent from T = 1e-4 up as in the paper.
fn last_overlap(results: &Results<'_>, run: &Run) -> Result<(PlatePanel, Claim), ResultError> {
    let mut points = Vec::new();
    let mut fitted = Vec::new();
    let mut lag = 0.0;
    for (index, temperature) in
        run.temperatures.iter().enumerate().filter(|(_, temperature)| **temperature > 0.0)
    {
        let curves = run.overlap(index, run.waiting_time(), 1.0);
        let last = last_index(&curves.times);
        lag = curves.lags[last];
        let ends: Vec<f64> = curves.curves.iter().map(|curve| curve[last]).collect();
        let mean = |chosen: &[usize]| chosen.iter().map(|one| ends[*one]).sum::<f64>() / chosen.len() as f64;
        if let Some(interval) = results.bootstrap.interval(ends.len(), |chosen| Some(mean(chosen))) {
            points.push(point(*temperature, interval));
        }
        if *temperature >= 0.99e-4 {
            fitted.push((*temperature, ends));
        }
    }
    let slope = results.bootstrap.interval(run.networks.len(), |chosen| {
        let means: Vec<(f64, f64)> = fitted
            .iter()
            .map(|(temperature, ends)| {
                (*temperature, chosen.iter().map(|one| ends[*one]).sum::<f64>() / chosen.len() as f64)
            })
            .collect();
        means.iter().all(|point| point.1 > 0.0).then(|| log_slope(&means)).flatten()
    });
    let null = |temperature: f64| -> Result<f64, ResultError> {
        Ok(Null::idle(&run.phase, temperature, run.waiting_time())?.overlap(&[lag], run.phase.window)?[0])
    };
    let nulls = fitted.iter().map(|(temperature, _)| Ok((*temperature, null(*temperature)?)));
    let nulls = nulls.collect::<Result<Vec<_>, ResultError>>()?;
    let mut claim = Claim::new(
        "28",
        "Fig. 4b",
        format!(
            "The overlap after {:.1e} steps of the paper falls as a power of T, from T = 1e-4 up.",
            lag * run.paper_steps()
        ),
        "Q(t_f) ~ T^−0.48",
    )
    .with_paper_value(StatedValue { value: -0.48, precision: 0.005 })
    .with_figure("4a-b");
    if let Some(slope) = slope {
        claim = claim.with_measured(measured(results, slope, "exponent of Q on T"));
    }
    if let Some(value) = log_slope(&nulls) {
        claim = claim.with_null("a weight in the well, from its bottom", value);
    }
    let mut panel = PlatePanel::new(
        "b",
        "At the end of the runs",
        temperature_axis(),
        PlateAxis::logarithmic("overlap at the last lag"),
    );
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        let grid = decades(first.x, last.x, 60);
        let line = grid.into_iter().map(|temperature| Ok((temperature, null(temperature)?)));
        panel = panel.with_mark(Mark::line(
            "a weight that feels no data",
            line.collect::<Result<_, ResultError>>()?,
            Tone::Null,
        ));
    }
    if let Some(middle) = points.iter().find(|point| point.x >= 0.99e-3) {
        panel = panel.with_mark(Mark::slope("paper: T⁻⁰·⁴⁸", (middle.x, middle.y * 1.6), -0.48, (1e-4, 1.0)));
    }
    Ok((panel.with_mark(Mark::points("measured", points, Tone::Measured)), claim.judged()))
}
