//! Fig. A7: the limit of the overlap in a well from w(0), whose exponent depends on w(0).

use super::Drawn;
use super::families::{decades, log_slope, measured, temperature_axis};
use crate::analysis::Interval;
use crate::results::{ResultError, Results};
use glassbox_oracle::laws::QuadraticWell;
use glassbox_oracle::{Bath, Clock, DisplacementLaw};
use glassbox_reports::figures::plate::{Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::scorecard::{Claim, StatedValue};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};

/// The minima whose weights are the starts.
pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    let networks = 0..tasks.phase(PhaseName::Regularised).initial_conditions;
    networks.map(|network| Task::Quench(tasks.quench(PhaseName::Regularised, network))).collect()
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let phase = results.tasks.phase(PhaseName::Regularised);
    let window = phase.window;
    let limit = |temperature: f64, start: f64| -> Result<f64, ResultError> {
        let bath = Bath::new(phase.mobility, temperature, phase.reference_samples)?;
        let well = QuadraticWell::new(bath, phase.regularisation, Clock::Continuous)?.from_fixed(start)?;
        Ok(well.overlap_limit(window)?)
    };
    let grid = decades(1e-4, 1.0, 80);
    let nine = decades(1e-4, 1.0, 9);
    let mut panel = PlatePanel::new(
        "",
        "Limit of the overlap in the regularisation's well",
        temperature_axis(),
        PlateAxis::logarithmic("overlap as t → ∞").within(1e-4, 2.0),
    );
    let mut exponents = Vec::new();
    for (index, start) in [0.0, window, 1e-3, 3e-3].into_iter().enumerate() {
        let line = grid.iter().map(|temperature| Ok((*temperature, limit(*temperature, start)?)));
        let label = format!("w(0) = {start:.1e}");
        panel = panel.with_mark(Mark::line(
            &label,
            line.collect::<Result<_, ResultError>>()?,
            Tone::Category(index),
        ));
        let points = nine.iter().map(|temperature| Ok((*temperature, limit(*temperature, start)?)));
        if let Some(slope) = log_slope(&points.collect::<Result<Vec<_>, ResultError>>()?) {
            exponents.push(slope);
        }
    }
    let exact = |value: f64| Interval { value, low: value, high: value };
    let mut claim = Claim::new(
        "53",
        "Eq. 22, Fig. A7",
        format!(
            "The limit of the overlap falls as T^−0.5 over T = 1e-4 to 1, for w(0) = 0; the exponents for w(0) = 0, {window:.1e}, \
             1e-3 and 3e-3 are {}.",
            exponents.iter().map(|slope| format!("{slope:.3}")).collect::<Vec<_>>().join(", ")
        ),
        "T^−0.5",
    )
    .with_paper_value(StatedValue { value: -0.5, precision: 0.05 })
    .with_figure("a7");
    if let Some(slope) = exponents.first() {
        claim = claim.with_measured(measured(
            results,
            exact(*slope),
            "exact exponent on nine temperatures, w(0) = 0",
        ));
    }
    let own = own_starts(results, &nine, limit)?;
    let plate = Plate::new(
        "a7",
        "Limit of the overlap",
        "Exact. A power law needs a start near the bottom of the well: from w(0) = 3e-3 on the overlap grows with T first.",
        results.provenance.clone(),
    )?
    .with_columns(1)
    .with_panel(panel);
    Ok(Drawn { plate, claims: vec![claim.judged(), own], page: None })
}

/// The same with the networks' own weights as starts: the limit is the mean over all weights.
fn own_starts(
    results: &Results<'_>,
    temperatures: &[f64],
    limit: impl Fn(f64, f64) -> Result<f64, ResultError>,
) -> Result<Claim, ResultError> {
    let mut limits: Vec<Vec<f64>> = Vec::new();
    for task in tasks(results.tasks) {
        let record = results.record(&task)?;
        let (None, Some(weights)) = (record.diverged, record.last()) else { continue };
        let means = temperatures.iter().map(|temperature| {
            let sum = weights
                .iter()
                .try_fold(0.0, |sum, weight| Ok::<f64, ResultError>(sum + limit(*temperature, *weight)?))?;
            Ok(sum / weights.len() as f64)
        });
        limits.push(means.collect::<Result<_, ResultError>>()?);
    }
    let slope = results.bootstrap.interval(limits.len(), |chosen| {
        let points: Vec<(f64, f64)> = (0..temperatures.len())
            .map(|index| {
                let sum = chosen.iter().map(|network| limits[*network][index]).sum::<f64>();
                (temperatures[index], sum / chosen.len() as f64)
            })
            .collect();
        log_slope(&points)
    });
    let mut claim = Claim::new(
        "53'",
        "Eq. 22, Fig. A7",
        "The limit of the overlap falls as T^−0.5 from the weights of the networks themselves, w(0) measured.",
        "T^−0.5, w(0) measured from the networks",
    )
    .with_paper_value(StatedValue { value: -0.5, precision: 0.05 })
    .with_figure("a7");
    if let Some(slope) = slope {
        claim = claim.with_measured(measured(results, slope, "exponent on nine temperatures, own weights"));
    }
    Ok(claim.judged())
}
