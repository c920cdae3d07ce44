//! Open question: is the tail of the overlap, fitted as t^−0.48 in the paper, anything but free diffusion?

use super::Drawn;
use super::families::{log_slope, measured, point, relaxation_times};
use crate::Null;
use crate::analysis::Interval;
use crate::analysis::master_curve_fit::{Distinguishable, TailComparison, TailWindow, compare_tail};
use crate::analysis::power_law_fit::WindowScan;
use crate::analysis::relaxation_time::TAU_90;
use crate::results::{Curves, ResultError, Results};
use glassbox_oracle::laws::relaxation::free_master_curve;
use glassbox_reports::figures::plate::{Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::gallery::{Page, PageBlock};
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement, StatedValue};
use glassbox_simulations::network::Architecture;
use glassbox_simulations::observables::overlap;
use glassbox_simulations::protocol::{Block, Population, Task};
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// Points of the comparison.
const POINTS: usize = 5;

/// The tail in t/τ₉₀: from where Q is below 0.5 to where the well is felt a little (mu lambda t = 0.24 at the desk's scale), which
/// is why the well's exponent stands beside that of free diffusion.
const WINDOW: (f64, f64) = (6.0, 60.0);

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    let tail = &tasks.preset().tail;
    (0..tail.initial_conditions)
        .map(|network| tasks.trajectory(PhaseName::Regularised, network, tail.temperature, 0))
        .collect()
}

/// The curves of all networks that did not diverge.
fn curves(results: &Results<'_>) -> Result<Curves, ResultError> {
    let phase = results.tasks.phase(PhaseName::Regularised);
    let architecture = Architecture::paper(phase.width)?;
    let population = Population::of_overlap(&architecture, results.convention);
    let waiting = phase.waiting_times[0];
    let lags: Vec<u64> =
        phase.schedule.lags(phase.end - waiting).into_iter().filter(|lag| *lag > 0).collect();
    let mut all = Vec::new();
    for task in tasks(results.tasks) {
        let record = results.record(&task)?;
        if record.diverged.is_none()
            && let Some(block) = Block::new(&record, waiting)
        {
            all.push(block.curve(&lags, &population, |moved| overlap(moved, phase.window)));
        }
    }
    Ok(Curves::new(&lags, phase.steps_of_the_paper, all))
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let curves = curves(results)?;
    let temperature = results.tasks.preset().tail.temperature;
    let mean = results.bootstrap.mean_curve(&curves.curves)?;
    let times = relaxation_times(results, &curves, TAU_90)?;
    let tau90 = super::families::geometric_mean(results, &times);
    let window = TailWindow::new(WINDOW.0, WINDOW.1, POINTS)?;
    let comparison = compare_tail(&results.bootstrap, &curves.times, &curves.curves, &window).ok();
    let well = well_exponent(results)?;
    let claim = claim(results, comparison.as_ref(), well);
    let mut plate = Plate::new(
        "tail",
        "Is the tail anything but free diffusion?",
        format!(
            "a: mean overlap of {} regularised networks at T = {temperature:e} (bars: bootstrap intervals) against t/τ₉₀; \
             dashed: erf(x₉₀/√(t/τ₉₀)), nothing fitted. b: exponents of least squares in windows of one decade, beside \
             those of the dashed curve in the same windows.",
            curves.curves.len()
        ),
        results.provenance.clone(),
    )?
    .with_columns(2);
    if let Some(tau90) = tau90 {
        plate = plate
            .with_panel(decay_panel(&curves, &mean, tau90.value)?)
            .with_panel(window_panel(results, &curves, tau90.value)?.with_verdict(claim.verdict));
    }
    let page = page(comparison.as_ref(), temperature, curves.curves.len());
    Ok(Drawn { plate, claims: vec![claim], page: Some(page) })
}

fn decay_panel(curves: &Curves, mean: &[Interval], tau90: f64) -> Result<PlatePanel, ResultError> {
    let points: Vec<Measurement> = curves
        .times
        .iter()
        .zip(mean)
        .map(|(time, q)| point(time / tau90, *q))
        .filter(|point| point.x > 0.3)
        .collect();
    let free = points.iter().map(|point| Ok((point.x, free_master_curve(point.x, 0.9)?)));
    let free = free.collect::<Result<Vec<_>, ResultError>>()?;
    let middle = points.iter().find(|point| point.x > 20.0).map(|point| (point.x, point.y));
    let mut panel = PlatePanel::new(
        "a",
        "Overlap",
        PlateAxis::logarithmic("t / τ₉₀"),
        PlateAxis::logarithmic("overlap Q"),
    )
    .with_mark(Mark::line("free diffusion", free, Tone::Null))
    .with_mark(Mark::points("measured", points, Tone::Measured));
    if let Some((x, y)) = middle {
        panel = panel.with_mark(Mark::slope("paper: t⁻⁰·⁴⁸", (x, 1.5 * y), -0.48, (0.3 * x, 10.0 * x)));
    }
    Ok(panel)
}

/// The exponent of a weight in the regularisation's well over the same points, each law with its own τ₉₀.
fn well_exponent(results: &Results<'_>) -> Result<Option<f64>, ResultError> {
    let phase = results.tasks.phase(PhaseName::Regularised);
    let null = Null::idle(phase, results.tasks.preset().tail.temperature, phase.waiting_times[0])?;
    let Some(tau90) = null.relaxation_time(phase.window, TAU_90)? else { return Ok(None) };
    let mut points = Vec::new();
    for theta in super::families::decades(WINDOW.0, WINDOW.1, 5) {
        points.push((theta, null.overlap(&[theta * tau90], phase.window)?[0]));
    }
    Ok(log_slope(&points))
}

/// Exponents in windows of one decade, with their bootstrap intervals.
fn window_panel(results: &Results<'_>, curves: &Curves, tau90: f64) -> Result<PlatePanel, ResultError> {
    let last = curves.times[curves.times.len() - 1];
    let everyone =
        crate::analysis::bootstrap::mean_of(&curves.curves, &(0..curves.curves.len()).collect::<Vec<_>>());
    let scan = WindowScan::new(tau90, last, 1.0)?;
    let free = scan.free(&curves.times, &everyone, None, tau90)?;
    let mut points = Vec::new();
    let mut line = Vec::new();
    for fit in free.fits.iter().filter(|fit| fit.to / fit.from < 14.0) {
        let inside = |time: &f64| (fit.from..=fit.to).contains(time);
        let slope = results.bootstrap.interval(curves.curves.len(), |chosen| {
            let mean = crate::analysis::bootstrap::mean_of(&curves.curves, chosen);
            let tail: Vec<(f64, f64)> =
                curves.times.iter().copied().zip(mean).filter(|(time, _)| inside(time)).collect();
            tail.iter().all(|one| one.1 > 0.0).then(|| log_slope(&tail)).flatten()
        });
        let middle = (fit.from * fit.to).sqrt() / tau90;
        line.push((middle, fit.exponent));
        points.extend(slope.map(|slope| point(middle, slope)));
    }
    line.sort_by(|one, other| one.0.total_cmp(&other.0));
    Ok(PlatePanel::new(
        "b",
        "Exponent over a decade",
        PlateAxis::logarithmic("window, t / τ₉₀"),
        PlateAxis::linear("exponent of Q on t"),
    )
    .with_mark(Mark::line("free diffusion", line, Tone::Null))
    .with_mark(Mark::level(
        "paper: −0.48",
        glassbox_reports::figures::plate::Level::Horizontal(-0.48),
        Tone::Paper,
    ))
    .with_mark(Mark::points("measured", points, Tone::Measured)))
}

/// An exponent is resolved if its interval could tell −0.48 from −0.5.
const RESOLVED: f64 = 0.02;

fn claim(results: &Results<'_>, comparison: Option<&TailComparison>, well: Option<f64>) -> Claim {
    let claim = Claim::new(
        "open 1",
        "Fig. 4a",
        "The tail of the master curve is a power law of its own, not the tail of free diffusion.",
        "exponent −0.48, read as critical (F1 mode coupling: −0.5)",
    )
    .with_paper_value(StatedValue { value: -0.48, precision: 0.005 })
    .with_figure("tail");
    let Some(comparison) = comparison else { return claim.judged() };
    let claim = claim
        .with_measured(measured(
            results,
            comparison.exponent,
            &format!("exponent over t/τ₉₀ from {} to {}", WINDOW.0, WINDOW.1),
        ))
        .with_null("free diffusion in the same window", comparison.free_exponent);
    let difference = comparison.exponent_difference;
    let in_well = well.is_some_and(|well| comparison.exponent.contains(well));
    let also = well.map_or_else(String::new, |well| format!("; the well alone has {well:.3}"));
    let told = format!(
        "the exponent differs from that of free diffusion by {:.3} ({:.3} to {:.3}){also}",
        difference.value, difference.low, difference.high
    );
    let (verdict, reason) = match comparison.verdict {
        Distinguishable::FreeTail => (
            ClaimVerdict::ExplainedByNull,
            format!("Free diffusion is favoured by 20 to 1 over a power law: {told}."),
        ),
        _ if in_well && difference.half_width() <= RESOLVED => {
            (ClaimVerdict::ExplainedByNull, format!("The exponent is that of a weight in the well: {told}."))
        }
        Distinguishable::PowerLaw if !in_well => {
            (ClaimVerdict::Agrees, format!("A power law is favoured by 20 to 1 over free diffusion: {told}."))
        }
        Distinguishable::No if difference.contains(0.0) && difference.half_width() <= RESOLVED => {
            (ClaimVerdict::ExplainedByNull, format!("Not distinguishable: {told}."))
        }
        _ => (ClaimVerdict::NotResolved, format!("No law is favoured by 20 to 1: {told}.")),
    };
    claim.judged_as(Judgement::new(verdict, reason))
}

fn page(comparison: Option<&TailComparison>, temperature: f64, networks: usize) -> Page {
    let mut blocks = vec![
        PageBlock::Paragraph(
            "Asked: the paper fits the tail of Fig. 4a with an exponent of −0.48 and compares it with the −0.5 of critical \
             mode coupling. The overlap of a freely diffusing weight has a tail t^−1/2 too, and fits of the pure error \
             function in finite windows give −0.43 to −0.50 (PHYSICS.md, C.7): can the two be told apart?"
                .to_owned(),
        ),
        PageBlock::Figure { plate: "tail".to_owned(), caption: "Overlap and exponents beside free diffusion.".to_owned() },
    ];
    let text = comparison.map_or_else(
        || "The runs have no tail in the window, so that nothing can be said.".to_owned(),
        |one| {
            let models = one.models.as_ref().map_or_else(
                || " There are too few networks for a covariance, so that no law is preferred over another.".to_owned(),
                |models| {
                    format!(
                        " Generalised least squares on {POINTS} points: AICc {:.1} for free diffusion with nothing free, {:.1} \
                         with a free time, {:.1} for a power law (lower is better; 6 is 20 to 1).",
                        models.free.aicc, models.free_time.aicc, models.power_law.aicc
                    )
                },
            );
            format!(
                "Measured at T = {temperature:e} on {networks} networks, for t/τ₉₀ from {} to {}: exponent {:.3} ({:.3} to {:.3}); \
                 free diffusion has {:.3} in the same window. The difference is {:.3} ({:.3} to {:.3}).{models}",
                WINDOW.0,
                WINDOW.1,
                one.exponent.value,
                one.exponent.low,
                one.exponent.high,
                one.free_exponent,
                one.exponent_difference.value,
                one.exponent_difference.low,
                one.exponent_difference.high,
            )
        },
    );
    blocks.push(PageBlock::Paragraph(text));
    blocks.push(PageBlock::Paragraph(
        "What this does not show: an exponent near −1/2 in a window says nothing about critical dynamics, whichever way the \
         comparison falls; and departures from the free curve at long times are expected from the well, which every \
         regularised weight feels after 1/(mu lambda) steps."
            .to_owned(),
    ));
    Page { id: "tail".to_owned(), title: "Is the tail anything but free diffusion?".to_owned(), blocks }
}
