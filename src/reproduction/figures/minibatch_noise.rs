//! Open question: is the localisation of Fig. 5d that of minibatch noise in a harmonic well?

use super::Drawn;
use super::displacement::{minibatch_curves, minibatch_tasks};
use super::families::{mean_marks, measured, time_axis};
use crate::reproduction::results::{Curves, ResultError, Results};
use glassbox_oracle::laws::MinibatchWell;
use glassbox_reports::figures::plate::{ColourBar, Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::gallery::{Page, PageBlock};
use glassbox_reports::scorecard::{Claim, judge_statement};
use glassbox_simulations::analysis::Interval;
use glassbox_simulations::analysis::bootstrap::mean_of;
use glassbox_simulations::experiment::{PhaseName, Tasks};
use glassbox_simulations::landscape::{NetworkLandscape, SampledLandscape};
use glassbox_simulations::network::Architecture;
use glassbox_simulations::protocol::Task;
use nalgebra::SymmetricEigen;
use rayon::prelude::*;

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    minibatch_tasks(tasks)
}

/// Curvature and gradient noise along every eigenvector of the Hessian at a minimum.
struct Modes {
    stiffness: Vec<f64>,
    gradient_variance: Vec<f64>,
    samples: usize,
}

impl Modes {
    fn at(results: &Results<'_>, network: u32) -> Result<Option<Self>, ResultError> {
        let quench = results.tasks.quench(PhaseName::Regularised, network);
        let record = results.record(&Task::Quench(quench.clone()))?;
        let Some(weights) = record.last() else { return Ok(None) };
        let dataset = results.samples.of(&quench.problem)?;
        let architecture = Architecture::paper(quench.problem.width)?;
        let samples = quench.problem.samples;
        let landscape =
            NetworkLandscape::new(architecture, dataset.as_ref().clone(), quench.problem.regularisation)?;
        let eigen = SymmetricEigen::new(landscape.hessian(weights)?);
        let count = weights.len();
        // Sums and sums of squares of every sample's gradient along every eigenvector, in a fixed order.
        let chunks: Vec<Vec<f64>> = (0..samples)
            .collect::<Vec<_>>()
            .par_chunks(256)
            .map(|chunk| {
                let mut sums = vec![0.0; 2 * count];
                let mut gradient = vec![0.0; count];
                for sample in chunk {
                    #[allow(
                        clippy::cast_possible_truncation,
                        reason = "data sets have fewer than 2^32 samples"
                    )]
                    landscape.minibatch_loss_and_gradient(weights, &[*sample as u32], &mut gradient);
                    let along = eigen.eigenvectors.tr_mul(&nalgebra::DVector::from_column_slice(&gradient));
                    for (mode, value) in along.iter().enumerate() {
                        sums[mode] += value;
                        sums[count + mode] += value * value;
                    }
                }
                sums
            })
            .collect();
        let total = |index: usize| chunks.iter().map(|sums| sums[index]).sum::<f64>();
        let number = samples as f64;
        let gradient_variance = (0..count)
            .map(|mode| {
                ((total(count + mode) - total(mode) * total(mode) / number) / (number - 1.0)).max(0.0)
            })
            .collect();
        Ok(Some(Self { stiffness: eigen.eigenvalues.iter().copied().collect(), gradient_variance, samples }))
    }

    /// Mean squared displacement of a weight after `waiting` steps from the minimum.
    fn mean_squared_displacement(
        &self,
        rate: f64,
        batch: usize,
        waiting: u64,
        lag: u64,
    ) -> Result<f64, ResultError> {
        let batches = self.samples.div_ceil(batch) as u64;
        let modes: Vec<(f64, f64)> =
            self.stiffness.iter().copied().zip(self.gradient_variance.iter().copied()).collect();
        let squares = modes
            .par_iter()
            .map(|(stiffness, variance)| {
                MinibatchWell::new(rate, *stiffness, *variance, batch as f64, batches)?
                    .mean_squared_displacement(waiting, lag)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(squares.iter().sum::<f64>() / modes.len() as f64)
    }
}

/// Batch sizes whose noise is compared: those between 10 samples and a tenth of the data.
fn compared(results: &Results<'_>) -> Vec<usize> {
    let samples = results.tasks.phase(PhaseName::Regularised).samples;
    let sizes = &results.tasks.preset().minibatch.batch_sizes;
    sizes.iter().copied().filter(|size| (10..=samples / 4).contains(size)).collect()
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let phase = results.tasks.phase(PhaseName::Regularised);
    let waiting = phase.waiting_times[0];
    let networks = results.tasks.preset().minibatch.initial_conditions;
    let modes = (0..networks)
        .map(|network| Modes::at(results, network))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    let mut panel = PlatePanel::new(
        "",
        "Minibatch descent beside harmonic wells",
        time_axis(),
        PlateAxis::logarithmic("mean squared displacement"),
    )
    .with_colour_bar(ColourBar::logarithmic("samples a batch"));
    let mut ratios = Vec::new();
    for size in compared(results) {
        let Some(curves) = minibatch_curves(results, size)? else { continue };
        panel = panel.with_marks(mean_marks(results, &curves, "", Tone::Ordered(size as f64))?);
        let predicted = prediction(&modes, phase.mobility, size, waiting, &curves)?;
        let line = curves
            .times
            .iter()
            .copied()
            .zip(predicted.iter().copied())
            .filter(|(_, value)| value.is_finite());
        panel = panel.with_mark(Mark::line("noise in the wells of the Hessian", line.collect(), Tone::Null));
        ratios.extend(ratio_at_the_end(results, &curves, &predicted).map(|ratio| (size, ratio)));
    }
    let claim = claim(results, &ratios);
    let plate = Plate::new(
        "minibatch",
        "Localisation under minibatch descent",
        "Mean over networks (bands: bootstrap intervals). Dashed: the exact law of independent harmonic modes with the \
         Hessian's eigenvalues and the gradient noise measured at each minimum, batches without replacement.",
        results.provenance.clone(),
    )?
    .with_columns(1)
    .with_panel(panel.with_verdict(claim.verdict));
    let page = page(&ratios);
    Ok(Drawn { plate, claims: vec![claim], page: Some(page) })
}

/// The mean of all networks' laws at every third lag and the last; NaN between.
fn prediction(
    modes: &[Modes],
    rate: f64,
    size: usize,
    waiting: u64,
    curves: &Curves,
) -> Result<Vec<f64>, ResultError> {
    let last = curves.lags.len() - 1;
    let mut values = vec![f64::NAN; curves.lags.len()];
    for index in (0..last).step_by(3).chain([last]) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lags are whole steps")]
        let lag = curves.lags[index] as u64;
        let of_networks = modes
            .iter()
            .map(|modes| modes.mean_squared_displacement(rate, size, waiting, lag))
            .collect::<Result<Vec<_>, _>>()?;
        values[index] = of_networks.iter().sum::<f64>() / of_networks.len().max(1) as f64;
    }
    Ok(values)
}

fn ratio_at_the_end(results: &Results<'_>, curves: &Curves, predicted: &[f64]) -> Option<Interval> {
    let last = curves.lags.len() - 1;
    results
        .bootstrap
        .interval(curves.curves.len(), |chosen| Some(mean_of(&curves.curves, chosen)[last] / predicted[last]))
}

fn claim(results: &Results<'_>, ratios: &[(usize, Interval)]) -> Claim {
    let claim = Claim::new(
        "open 6",
        "Fig. 5d, App. H",
        format!(
            "The displacement at which minibatch descent localises is that of its noise in harmonic wells: measured over \
             predicted {}.",
            ratios.iter().map(|(size, ratio)| format!("{:.2} at b = {size}", ratio.value)).collect::<Vec<_>>().join(", ")
        ),
        "<w²> = T/(k P_D) = 1.6e-4, compared with curves that have no T",
    )
    .with_null("harmonic wells", 1.0)
    .with_figure("minibatch");
    let Some((size, ratio)) = ratios.get(ratios.len() / 2) else { return claim.judged() };
    let within = ratios.iter().all(|(_, ratio)| (0.5..=2.0).contains(&ratio.value));
    claim
        .with_measured(measured(
            results,
            *ratio,
            &format!("MSD over that of the wells at the last lag, b = {size}"),
        ))
        .judged_as(judge_statement(Some(within), Some(true)))
}

fn page(ratios: &[(usize, Interval)]) -> Page {
    let rows = ratios
        .iter()
        .map(|(size, ratio)| {
            vec![
                size.to_string(),
                format!("{:.3}", ratio.value),
                format!("{:.3} to {:.3}", ratio.low, ratio.high),
            ]
        })
        .collect();
    let blocks = vec![
        PageBlock::Paragraph(
            "Asked: the paper sees regularised networks localise at a mean squared displacement of about 1e-4 under minibatch \
             descent, and compares it with <w²> = T/(k P_D) of a well at T = 0.1. Minibatch descent has no such T, and <w²> \
             is not a two-time displacement (PHYSICS.md, C.4). What would the minibatches' own noise do in the wells that \
             these minima are?"
                .to_owned(),
        ),
        PageBlock::Figure { plate: "minibatch".to_owned(), caption: "Measured, and harmonic modes.".to_owned() },
        PageBlock::Paragraph(
            "Measured at every minimum: all eigenvalues of the Hessian, and the variance of single samples' gradients along \
             every eigenvector. Each mode is then a well with noise of known strength; batches are drawn without \
             replacement, so that the noise of an epoch cancels for modes that relax more slowly than an epoch. Nothing is \
             fitted."
                .to_owned(),
        ),
        PageBlock::Table {
            caption: "Mean squared displacement at the last lag over that of the wells.".to_owned(),
            columns: vec!["samples a batch".to_owned(), "ratio".to_owned(), "interval".to_owned()],
            rows,
        },
        PageBlock::Paragraph(
            "A ratio above 1 means that the networks move further than their harmonic wells allow: descent that has not \
             ended, curvature that changes on the way, or flat directions. A ratio below 1 means that the wells overrate the \
             noise. The law knows nothing of the neurons that switch on and off under way."
                .to_owned(),
        ),
    ];
    Page {
        id: "minibatch".to_owned(),
        title: "Is localisation under minibatch descent a well?".to_owned(),
        blocks,
    }
}
