//! Open question: is the localisation of Fig. 5d that of minibatch noise in a harmonic well?

use super::Drawn;
use super::displacement::{minibatch_networks, minibatch_tasks};
use super::families::{mean_marks, measured, time_axis};
use crate::analysis::Interval;
use crate::results::{Curves, ResultError, Results};
use glassbox_oracle::laws::MinibatchWell;
use glassbox_reports::figures::plate::{ColourBar, Mark, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::gallery::{Page, PageBlock};
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement};
use glassbox_simulations::landscape::{NetworkLandscape, SampledLandscape};
use glassbox_simulations::network::Architecture;
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::{PhaseName, Tasks};
use nalgebra::SymmetricEigen;
use rayon::prelude::*;
use std::collections::BTreeMap;

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
        let modes: Vec<(f64, f64)> =
            self.stiffness.iter().copied().zip(self.gradient_variance.iter().copied()).collect();
        let squares = modes
            .par_iter()
            .map(|(stiffness, variance)| {
                MinibatchWell::new(rate, *stiffness, *variance, self.samples as u64, batch as u64)?
                    .mean_squared_displacement(waiting, lag)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(squares.iter().sum::<f64>() / modes.len() as f64)
    }

    /// Modes along which the loss curves down: there is no well there.
    fn unstable(&self) -> usize {
        self.stiffness.iter().filter(|stiffness| **stiffness < 0.0).count()
    }
}

/// Batch sizes whose noise is compared: those between 10 samples and a quarter of the data.
fn compared(results: &Results<'_>) -> Vec<usize> {
    let samples = results.tasks.phase(PhaseName::Regularised).samples;
    let sizes = &results.tasks.preset().minibatch.batch_sizes;
    sizes.iter().copied().filter(|size| (10..=samples / 4).contains(size)).collect()
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let phase = results.tasks.phase(PhaseName::Regularised);
    let Some(still) = minibatch_networks(results, phase.samples)? else {
        let left = 0;
        let all = results.tasks.preset().minibatch.initial_conditions;
        return Err(ResultError::TooFewNetworks { phase: PhaseName::Regularised.title(), left, all });
    };
    let mut modes = BTreeMap::new();
    for network in &still.0 {
        modes.extend(Modes::at(results, *network)?.map(|found| (*network, found)));
    }
    let mut panel = PlatePanel::new(
        "",
        "Regularised, beside wells",
        time_axis(),
        PlateAxis::logarithmic("mean squared displacement"),
    )
    .with_colour_bar(ColourBar::logarithmic("samples a batch"));
    let mut ratios = Vec::new();
    for size in compared(results) {
        let Some(noisy) = minibatch_networks(results, size)? else { continue };
        panel = panel.with_marks(mean_marks(results, &noisy.1, "", Tone::Ordered(size as f64))?);
        let pairs = predictions(results, &modes, &still, &noisy, size)?;
        let Some(first) = pairs.first() else { continue };
        let line = (0..first.lags.len()).map(|index| {
            let mean = pairs.iter().map(|pair| pair.predicted[index]).sum::<f64>() / pairs.len() as f64;
            (first.lags[index] * phase.steps_of_the_paper, mean)
        });
        panel = panel.with_mark(Mark::line("the Hessian's wells", line.collect(), Tone::Null));
        ratios.extend(flattest_ratio(results, &pairs).map(|(lag, ratio)| (size, lag, ratio)));
    }
    let claim = claim(results, &ratios);
    let plate = Plate::new(
        "minibatch",
        "Minibatch descent",
        "Mean over networks (bands: bootstrap intervals). Dashed: the displacement of the same networks under full-batch descent \
         plus the exact law of independent harmonic modes with the Hessian's eigenvalues and the gradient noise measured at \
         each minimum, batches without replacement.",
        results.provenance.clone(),
    )?
    .with_columns(1)
    .with_panel(panel.with_verdict(claim.verdict));
    let unstable: Vec<usize> = modes.values().map(Modes::unstable).collect();
    let page = page(&ratios, &unstable, phase.steps_of_the_paper);
    Ok(Drawn { plate, claims: vec![claim], page: Some(page) })
}

/// One network at some lags (steps).
struct Pair {
    lags: Vec<f64>,
    measured: Vec<f64>,
    predicted: Vec<f64>,
}

/// Descent without noise and the noise of the wells, for every network that has both, at every third lag and the last.
fn predictions(
    results: &Results<'_>,
    modes: &BTreeMap<u32, Modes>,
    still: &(Vec<u32>, Curves),
    noisy: &(Vec<u32>, Curves),
    size: usize,
) -> Result<Vec<Pair>, ResultError> {
    let phase = results.tasks.phase(PhaseName::Regularised);
    let last = noisy.1.lags.len() - 1;
    let chosen: Vec<usize> = (0..last).step_by(3).chain([last]).collect();
    let mut pairs = Vec::new();
    for (network, curve) in noisy.0.iter().zip(&noisy.1.curves) {
        let place = still.0.iter().position(|one| one == network);
        let (Some(place), Some(modes)) = (place, modes.get(network)) else { continue };
        let predicted = chosen
            .iter()
            .map(|index| {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "lags are whole steps"
                )]
                let lag = noisy.1.lags[*index] as u64;
                let noise =
                    modes.mean_squared_displacement(phase.mobility, size, phase.waiting_times[0], lag)?;
                Ok(still.1.curves[place][*index] + noise)
            })
            .collect::<Result<Vec<_>, ResultError>>()?;
        pairs.push(Pair {
            lags: chosen.iter().map(|index| noisy.1.lags[*index]).collect(),
            measured: chosen.iter().map(|index| curve[*index]).collect(),
            predicted,
        });
    }
    Ok(pairs)
}

/// Measured over predicted at the lag before which the prediction grows least (in a third of a decade or so), networks
/// resampled with their predictions.
fn flattest_ratio(results: &Results<'_>, pairs: &[Pair]) -> Option<(f64, Interval)> {
    let first = pairs.first()?;
    let mean = |index: usize| pairs.iter().map(|pair| pair.predicted[index]).sum::<f64>();
    let index = (1..first.lags.len()).min_by(|one, other| {
        let growth = |index: usize| {
            libm::log(mean(index) / mean(index - 1)) / libm::log(first.lags[index] / first.lags[index - 1])
        };
        growth(*one).total_cmp(&growth(*other))
    })?;
    let ratio = results.bootstrap.interval(pairs.len(), |chosen| {
        let sum = |of: &dyn Fn(&Pair) -> f64| chosen.iter().map(|one| of(&pairs[*one])).sum::<f64>();
        Some(sum(&|pair| pair.measured[index]) / sum(&|pair| pair.predicted[index]))
    })?;
    Some((first.lags[index], ratio))
}

/// The wells explain a displacement within this factor.
const EXPLAINED: f64 = 2.0;

fn claim(results: &Results<'_>, ratios: &[(usize, f64, Interval)]) -> Claim {
    let claim = Claim::new(
        "open 6",
        "Fig. 5d, App. H",
        format!(
            "Where minibatch descent localises is where its noise in harmonic wells does, within a factor of {EXPLAINED}: \
             measured over predicted on the plateau {}.",
            ratios.iter().map(|(size, _, ratio)| format!("{:.2} at b = {size}", ratio.value)).collect::<Vec<_>>().join(", ")
        ),
        "<w²> = T/(k P_D) = 1.6e-4, compared with curves that have no T",
    )
    .with_null("harmonic wells", 1.0)
    .with_figure("minibatch");
    let Some((size, _, ratio)) = ratios.get(ratios.len() / 2) else { return claim.judged() };
    let inside = |ratio: &Interval| ratio.low > 1.0 / EXPLAINED && ratio.high < EXPLAINED;
    let outside = |ratio: &Interval| ratio.high < 1.0 / EXPLAINED || ratio.low > EXPLAINED;
    let claim =
        claim.with_measured(measured(results, *ratio, &format!("MSD over that of the wells, b = {size}")));
    let judgement = if ratios.iter().all(|(_, _, ratio)| inside(ratio)) {
        Judgement::new(
            ClaimVerdict::ExplainedByNull,
            "The wells have the measured plateau at every batch size.",
        )
    } else if ratios.iter().any(|(_, _, ratio)| outside(ratio)) {
        Judgement::new(
            ClaimVerdict::Differs,
            "At one batch size or more the plateau is not that of the wells.",
        )
    } else {
        Judgement::new(ClaimVerdict::NotResolved, "The intervals are too wide to tell.")
    };
    claim.judged_as(judgement)
}

fn page(ratios: &[(usize, f64, Interval)], unstable: &[usize], paper_steps: f64) -> Page {
    let rows = ratios
        .iter()
        .map(|(size, lag, ratio)| {
            vec![
                size.to_string(),
                format!("{:.0}", lag * paper_steps),
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
             replacement, so that the noise of an epoch cancels for modes that relax more slowly than an epoch. To this is \
             added how far the same network moves without noise, because its descent has not ended. Nothing is fitted."
                .to_owned(),
        ),
        PageBlock::Table {
            caption: "Measured displacement over the prediction, where the prediction is flattest.".to_owned(),
            columns: ["samples a batch", "lag (paper steps)", "ratio", "interval"].map(str::to_owned).to_vec(),
            rows,
        },
        PageBlock::Paragraph(format!(
            "The Hessians of these minima have {} negative eigenvalues: along those there is no well, and the linear law grows \
             without bound, which it does slowly.",
            unstable.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        )),
        PageBlock::Paragraph(
            "A ratio above 1 means that the networks move further than their harmonic wells allow: curvature that changes on \
             the way, or flat directions. A ratio below 1 means that the wells overrate the noise. The law knows nothing of \
             the neurons that switch on and off under way."
                .to_owned(),
        ),
    ];
    Page {
        id: "minibatch".to_owned(),
        title: "Is localisation under minibatch descent a well?".to_owned(),
        blocks,
    }
}
