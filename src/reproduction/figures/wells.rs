//! Fig. A5: the overlap in wells of different stiffness, exactly.

use super::Drawn;
use super::families::{decades, measured};
use crate::reproduction::results::{ResultError, Results};
use glassbox_oracle::laws::QuadraticWell;
use glassbox_oracle::{Bath, Clock, DisplacementLaw};
use glassbox_reports::figures::plate::{Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, StatedValue, judge_statement};
use glassbox_simulations::analysis::Interval;
use glassbox_simulations::experiment::Tasks;
use glassbox_simulations::protocol::Task;

/// The paper's: 2T = 1, mu = 1, no data set size; w(0) = 1 and a window of 0.1.
const WINDOW: f64 = 0.1;
const STIFFNESSES: [f64; 4] = [0.01, 1.0, 10.0, 100.0];

/// Nothing is simulated.
pub(super) fn tasks(_: &Tasks<'_>) -> Vec<Task> {
    Vec::new()
}

fn well(stiffness: f64, start: f64) -> Result<QuadraticWell, ResultError> {
    let bath = Bath::new(1.0, 0.5, 1.0)?;
    Ok(QuadraticWell::new(bath, stiffness, Clock::Continuous)?.from_fixed(start)?)
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let grid = decades(1e-5, 1e3, 160);
    let mut plate = Plate::new(
        "a5",
        "Overlap in a quadratic well",
        "Exact; w(0) = 1 as in the paper, and w(0) = 0, where the order of the stiffnesses turns round.",
        results.provenance.clone(),
    )?
    .with_columns(2);
    let mut times = Vec::new();
    for (start, letter) in [(1.0, "a"), (0.0, "b")] {
        let mut panel = PlatePanel::new(
            letter,
            format!("w(0) = {start}"),
            PlateAxis::logarithmic("time t"),
            PlateAxis::linear("overlap Q").within(0.0, 1.02),
        );
        for (index, stiffness) in STIFFNESSES.into_iter().enumerate() {
            let law = well(stiffness, start)?;
            let line = grid.iter().map(|time| Ok((*time, law.overlap(*time, WINDOW)?)));
            let line = line.collect::<Result<_, ResultError>>()?;
            panel = panel.with_mark(Mark::line(&format!("k = {stiffness}"), line, Tone::Category(index)));
            times.push((start, stiffness, law.relaxation_time(WINDOW, 0.9)?));
        }
        plate = plate.with_panel(panel);
    }
    let of = |start: f64, stiffness: f64| {
        times.iter().find(|one| one.0 == start && one.1 == stiffness).and_then(|one| one.2)
    };
    let exact = |value: f64| Interval { value, low: value, high: value };
    let mut faster = Claim::new(
        "52",
        "App. F, Fig. A5",
        "A steeper well decorrelates faster (w(0) = 1): τ₉₀ for k = 100 over that for k = 0.01.",
        "k = 100 decays faster",
    )
    .with_figure("a5");
    if let (Some(steep), Some(flat)) = (of(1.0, 100.0), of(1.0, 0.01)) {
        faster = faster.with_measured(measured(
            results,
            exact(steep / flat),
            "τ₉₀(k = 100) / τ₉₀(k = 0.01), exact",
        ));
        faster = faster.judged_as(judge_statement(Some(steep < flat), Some(true)));
    }
    let mut reversed = Claim::new(
        "24",
        "App. F",
        "A harmonic basin decorrelates faster with larger k only if |w(0)| is large: from the bottom the order turns round.",
        "faster with larger k",
    )
    .with_figure("a5");
    if let (Some(steep), Some(flat)) = (of(0.0, 100.0).or(Some(f64::INFINITY)), of(0.0, 0.01)) {
        reversed = reversed.with_null("τ₉₀ from w(0) = 0, k = 0.01", flat);
        reversed = reversed.judged_as(judge_statement(Some(steep < flat), None));
    }
    let limit = well(0.01, 1.0)?.overlap_limit(WINDOW)?;
    let end = Claim::new(
        "51",
        "Eqs. 15–21",
        "The propagator of the well: limit of the overlap for k = 0.01, w(0) = 1.",
        "formulas of App. F",
    )
    .with_paper_value(StatedValue { value: 0.01117, precision: 5e-6 })
    .with_measured(measured(results, exact(limit), "limit of Q, exact"))
    .with_figure("a5")
    .judged();
    Ok(Drawn { plate, claims: vec![faster, reversed, end], page: None })
}
