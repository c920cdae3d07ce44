//! Fig. A5: the overlap in wells of different stiffness, exactly.

use super::Drawn;
use super::families::{decades, measured};
use crate::analysis::Interval;
use crate::results::{ResultError, Results};
use glassbox_oracle::laws::QuadraticWell;
use glassbox_oracle::{Bath, Clock, DisplacementLaw};
use glassbox_reports::figures::plate::{Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::Tasks;
use std::f64::consts::PI;

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
            panel = panel.with_mark(Mark::line(format!("k = {stiffness}"), line, Tone::Category(index)));
            times.push((start, stiffness, law.relaxation_time(WINDOW, 0.9)?));
        }
        plate = plate.with_panel(panel);
    }
    let of = |start: f64, stiffness: f64| {
        times.iter().find(|one| one.0 == start && one.1 == stiffness).and_then(|one| one.2)
    };
    let exact = |value: f64| Interval { value, low: value, high: value };
    let ratio = |start: f64| Some(of(start, 100.0)? / of(start, 0.01)?);
    let mut faster = Claim::new(
        "52",
        "App. F, Fig. A5",
        "From w(0) = 1, ten windows away, a steeper well decorrelates faster.",
        "k = 100 decays faster than k = 0.01",
    )
    .with_figure("a5");
    let mut always = Claim::new(
        "24",
        "Sec. III.B",
        "A steeper well decorrelates faster from any start, w(0) = 0 among them.",
        "faster with larger k",
    )
    .with_figure("a5");
    if let Some(ratio) = ratio(1.0) {
        faster = faster
            .with_measured(measured(
                results,
                exact(ratio),
                "τ₉₀(k = 100) / τ₉₀(k = 0.01) from w(0) = 1, exact",
            ))
            .judged_as(judge_statement(Some(ratio < 1.0), None));
    }
    // From the bottom of a steep well the overlap may never fall to 0.9: then it is slower than any.
    let slow = ratio(0.0).or_else(|| of(0.0, 0.01).map(|_| f64::MAX));
    if let Some(ratio) = slow {
        always = always
            .with_measured(measured(
                results,
                exact(ratio),
                "τ₉₀(k = 100) / τ₉₀(k = 0.01) from w(0) = 0, exact",
            ))
            .judged_as(judge_statement(Some(ratio < 1.0), None));
    }
    let propagator = Claim::new(
        "51",
        "Eqs. 15–21",
        "The overlap in a well is the integral of its propagator over the window: largest difference between the closed form \
         and Simpson's rule, for all wells of the figure at t = 0.01, 0.1 and 1.",
        "formulas of App. F",
    )
    .with_figure("a5");
    let difference = quadrature_difference()?;
    let propagator = propagator
        .with_measured(measured(results, exact(difference), "difference of Q"))
        .judged_as(judge_statement(Some(difference < 1e-10), None));
    Ok(Drawn { plate, claims: vec![faster, always, propagator], page: None })
}

/// The paper's propagator (Eq. 16), integrated over the window by Simpson's rule, against the law's overlap.
fn quadrature_difference() -> Result<f64, ResultError> {
    let (mobility, temperature) = (1.0, 0.5);
    let intervals = 4000_u32;
    let mut largest = 0.0_f64;
    for stiffness in STIFFNESSES {
        for start in [0.0, 1.0] {
            for time in [0.01, 0.1, 1.0] {
                let decay = libm::exp(-mobility * stiffness * time);
                let variance = temperature / stiffness * (1.0 - decay * decay);
                let mean = start * (decay - 1.0);
                let density = |moved: f64| {
                    libm::exp(-(moved - mean) * (moved - mean) / (2.0 * variance))
                        / (2.0 * PI * variance).sqrt()
                };
                let step = 2.0 * WINDOW / f64::from(intervals);
                let sum: f64 = (0..=intervals)
                    .map(|index| {
                        let weight = match index {
                            0 => 1.0,
                            index if index == intervals => 1.0,
                            index if index % 2 == 1 => 4.0,
                            _ => 2.0,
                        };
                        weight * density(-WINDOW + step * f64::from(index))
                    })
                    .sum();
                let overlap = well(stiffness, start)?.overlap(time, WINDOW)?;
                largest = largest.max((sum * step / 3.0 - overlap).abs());
            }
        }
    }
    Ok(largest)
}
