//! Fig. A6: the same for the phases without regularisation, and on which side their curves leave free diffusion.

use super::super::Drawn;
use super::super::families::power_of_ten;
use super::{LEAVES, Rescaled, collapse_claim, collapse_of, master_panel, rescaled};
use crate::results::{ResultError, Results, Run, trajectories};
use glassbox_oracle::laws::relaxation::free_master_curve;
use glassbox_reports::figures::plate::{ColourBar, Plate};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

pub(in super::super) fn tasks_of_others(tasks: &Tasks<'_>) -> Vec<Task> {
    [PhaseName::UnderParameterised, PhaseName::OverParameterised]
        .into_iter()
        .flat_map(|name| trajectories(tasks, name))
        .collect()
}

pub(in super::super) fn draw_others(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let mut plate =
        Plate::new("a6", "Superposition in the other phases", String::new(), results.provenance.clone())?
            .with_columns(2)
            .with_colour_bar(ColourBar::logarithmic("temperature T"));
    let (mut claims, mut lost) = (Vec::new(), Vec::new());
    let both = [(PhaseName::UnderParameterised, "a"), (PhaseName::OverParameterised, "b")];
    for (name, letter) in both.into_iter().filter(|(name, _)| results.tasks.shows(*name)) {
        let run = results.run(name)?;
        lost.extend(run.lost());
        let rescaled = rescaled(results, &run)?;
        let collapse = collapse_of(results, &run, &rescaled)?;
        let source = format!("Fig. A6{letter}");
        claims.push(collapse_claim(&run, collapse.as_ref(), &format!("54{letter}"), &source, "a6"));
        let sides = sides_claim(results, &run, &rescaled, letter)?;
        plate = plate.with_panel(master_panel(results, &run, letter, &rescaled)?.with_verdict(sides.verdict));
        claims.push(sides);
    }
    plate.caption = format!(
        "Mean overlap against t/τ₉₀ without regularisation; dashed: free diffusion, nothing fitted. {}",
        lost.join(" ")
    );
    Ok(Drawn { plate, claims, page: None })
}

/// Under-parameterised curves leave free diffusion on both sides; over-parameterised ones never do.
fn sides_claim(
    results: &Results<'_>,
    run: &Run,
    rescaled: &[Rescaled],
    letter: &str,
) -> Result<Claim, ResultError> {
    // The largest and the smallest ratio to the free curve whose interval excludes 1, from τ₉₀ on.
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for one in rescaled {
        let curves = run.overlap(one.index, run.waiting_time(), 1.0);
        let mean = results.bootstrap.mean_curve(&curves.curves)?;
        for (time, q) in curves.times.iter().zip(&mean).filter(|(time, _)| **time > one.tau90) {
            let free = free_master_curve(time / one.tau90, 0.9)?;
            if q.low > LEAVES * free && !above.contains(&one.temperature) {
                above.push(one.temperature);
            }
            if q.high < free / LEAVES && !below.contains(&one.temperature) {
                below.push(one.temperature);
            }
        }
    }
    let listed = |temperatures: &[f64]| match temperatures {
        [] => "at no temperature".to_owned(),
        some => {
            format!("at T = {}", some.iter().map(|one| power_of_ten(*one)).collect::<Vec<_>>().join(", "))
        }
    };
    let found = format!("upwards {}, downwards {}", listed(&above), listed(&below));
    let under = letter == "a";
    let (statement, paper) = if under {
        ("curves leave free diffusion on both sides", "leaves irregularly, on both sides")
    } else {
        ("curves never leave free diffusion", "never leaves")
    };
    let holds =
        if under { !above.is_empty() && !below.is_empty() } else { above.is_empty() && below.is_empty() };
    Ok(Claim::new(
        format!("29{letter}"),
        format!("Fig. A6{letter}"),
        format!("{}: {statement} by a factor of {LEAVES} or more ({found}).", run.name.title()),
        paper,
    )
    .with_figure("a6")
    .judged_as(judge_statement((!rescaled.is_empty()).then_some(holds), Some(!under))))
}
