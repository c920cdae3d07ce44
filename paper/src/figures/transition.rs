//! Fig. 1c: single networks over lambda at one width, and what their average makes of them.

pub(super) mod networks;

use super::Drawn;
use super::end_points::{EndPoint, LAYERS, one_sample_network};
use super::evidence::measured;
use super::fraction::fraction;
use crate::results::{ResultError, Results};
use glassbox_oracle::networks::trivialisation::OneSampleNetwork;
use glassbox_reports::figures::plate::{
    ColourBar, Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone,
};
use glassbox_reports::scorecard::{Claim, ClaimVerdict, Judgement};
use glassbox_simulations::network::Architecture;
use glassbox_simulations::protocol::Task;
use glassbox_simulations::spectrum::Lanczos;
use glassbox_sweep::experiment::Tasks;
use networks::{Collapse, Networks, mean, median, sharpness};

/// A collapse is a jump if the data loss rises this many times as fast as in the median step before, per ln lambda.
const JUMP: f64 = 2.0;

/// Rate of rise (per ln lambda) of the step after `last_alive` over the median before; `None` without an earlier step.
///
/// A minimum that goes over into `W = 0` smoothly leaves a last step like those before it; the rate of a jump is the larger,
/// the finer the grid.
fn jump_over_earlier(ends: &[EndPoint], last_alive: usize) -> Option<f64> {
    let rate = |pair: &[EndPoint]| {
        (pair[1].data_loss - pair[0].data_loss) / (pair[1].regularisation / pair[0].regularisation).ln()
    };
    // The median, so that a network that collapses in two jumps is not held against its first.
    let mut rates: Vec<f64> = ends[..=last_alive].windows(2).map(rate).collect();
    rates.sort_by(f64::total_cmp);
    let earlier = *rates.get(rates.len() / 2)?;
    Some(rate(ends.get(last_alive..last_alive + 2)?) / earlier.max(f64::MIN_POSITIVE))
}

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    networks::tasks(tasks)
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let networks = Networks::measure(results)?;
    let one_sample = one_sample_network(results, &networks.some_quench(results))?;
    let sharp = judge_sharpness(results, &networks);
    let shift = judge_shift(results, &networks)?;
    let caption = format!(
        "Loss after the quench of {} networks of width {} at {} values of lambda. Dashed: the lowest loss that any weights have. \
         Middle: averages with intervals over networks. Right: rise of the data loss between the last lambda at which a network \
         learns and the next; dashed, the jump of one sample at its spinodal.{}",
        networks.numbers.len(),
        results.tasks.preset().transition.widths[0],
        networks.regularisations.len(),
        networks.lost()
    );
    let plate = Plate::new("1c", "Collapse of single networks", caption, results.provenance.clone())?
        .with_colour_bar(ColourBar::logarithmic("λ at which the network collapses"))
        .with_panel(each_network(&networks, &one_sample, "a")?.with_verdict(sharp.verdict))
        .with_panel(averages(results, &networks, "b")?)
        .with_panel(jumps(&networks, "c")?);
    Ok(Drawn { plate, claims: vec![sharp, shift], page: None })
}

fn axis(networks: &Networks) -> PlateAxis {
    let lambdas = &networks.regularisations;
    let (first, last) = (lambdas[0], lambdas[lambdas.len() - 1]);
    PlateAxis::logarithmic("regularisation λ").within(first / 1.1, last * 1.1)
}

/// Every network, coloured by where it collapses; those that do not are grey.
fn each_network(
    networks: &Networks,
    one_sample: &OneSampleNetwork,
    letter: &str,
) -> Result<PlatePanel, ResultError> {
    let lambdas = &networks.regularisations;
    let bound = lambdas.iter().map(|lambda| Ok((*lambda, one_sample.lowest_loss(*lambda)?)));
    let bound = bound.collect::<Result<Vec<_>, ResultError>>()?;
    let mut panel = PlatePanel::new(letter, "Every network", axis(networks), PlateAxis::linear("loss"))
        .with_mark(Mark::level("loss of W = 0", Level::Horizontal(0.5), Tone::Guide))
        .with_mark(Mark::line("lowest loss of any weights", bound, Tone::Null));
    for (losses, collapse) in networks.losses().iter().zip(networks.collapses()) {
        let points =
            lambdas.iter().zip(losses).map(|(lambda, loss)| Measurement::bare(*lambda, *loss)).collect();
        let tone = collapse.map_or(Tone::Guide, |collapse| Tone::Ordered(collapse.middle()));
        panel = panel.with_mark(Mark::joined("", points, tone));
    }
    Ok(panel)
}

/// Arithmetic and geometric mean, and median.
pub(super) fn averages(
    results: &Results<'_>,
    networks: &Networks,
    letter: &str,
) -> Result<PlatePanel, ResultError> {
    let losses = networks.losses();
    let lambdas = &networks.regularisations;
    let arithmetic = results.bootstrap.mean_curve(&losses)?;
    let logarithms: Vec<Vec<f64>> =
        losses.iter().map(|curve| curve.iter().map(|loss| loss.max(1e-20).ln()).collect()).collect();
    let geometric = results.bootstrap.mean_curve(&logarithms)?;
    let points = lambdas.iter().zip(&arithmetic);
    let points =
        points.map(|(lambda, mean)| Measurement::new(*lambda, mean.value, mean.low, mean.high)).collect();
    let line = |values: Vec<f64>| lambdas.iter().copied().zip(values).collect::<Vec<_>>();
    let geometric = line(geometric.iter().map(|mean| mean.value.exp()).collect());
    Ok(PlatePanel::new(letter, "Averages over networks", axis(networks), PlateAxis::linear("loss"))
        .with_mark(Mark::level("loss of W = 0", Level::Horizontal(0.5), Tone::Guide))
        .with_mark(Mark::joined("arithmetic mean", points, Tone::Measured))
        .with_mark(Mark::line("geometric", geometric, Tone::Category(0)).with_direct_label())
        .with_mark(Mark::line("median", line(median(&losses)), Tone::Category(1)).with_direct_label()))
}

fn jumps(networks: &Networks, letter: &str) -> Result<PlatePanel, ResultError> {
    let mut panel = PlatePanel::new(
        letter,
        "Jump of each network",
        axis(networks),
        PlateAxis::linear("rise of the data loss").within(0.0, 0.55),
    );
    if let Some(spinodal) = OneSampleNetwork::new(LAYERS, 1.0)?.spinodal() {
        // The jump does not depend on the input's norm.
        let jump = 0.5 - 0.5 * spinodal.shortfall * spinodal.shortfall;
        panel =
            panel.with_mark(Mark::level("one sample at its spinodal", Level::Horizontal(jump), Tone::Null));
    }
    for collapse in networks.collapses().into_iter().flatten() {
        let (at, tone) = (collapse.middle(), Tone::Ordered(collapse.middle()));
        panel = panel
            .with_mark(Mark::line(
                "",
                vec![(collapse.from, collapse.jump), (collapse.to, collapse.jump)],
                tone,
            ))
            .with_mark(Mark::points("", vec![Measurement::bare(at, collapse.jump)], tone));
    }
    Ok(panel)
}

/// Claim 11.
fn judge_sharpness(results: &Results<'_>, networks: &Networks) -> Claim {
    let claim = Claim::new(
        "11",
        "Fig. 1c",
        "Each network collapses at a sharp lambda of its own; these are scattered, so that the average is smooth.",
        "sharp for each of 20 networks, smooth on average",
    )
    .with_figure("1c");
    let collapses: Vec<(usize, Collapse)> = networks
        .collapses()
        .into_iter()
        .enumerate()
        .filter_map(|(network, at)| Some((network, at?)))
        .collect();
    let ratios: Vec<f64> = collapses
        .iter()
        .filter_map(|(network, at)| jump_over_earlier(&networks.ends[*network], at.last_alive))
        .collect();
    let sharp = ratios.iter().filter(|ratio| **ratio > JUMP).count();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let mut distinct: Vec<usize> = collapses.iter().map(|(_, at)| at.last_alive).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let losses = networks.losses();
    let all: Vec<usize> = (0..losses.len()).collect();
    let of_mean = results.bootstrap.interval(all.len(), |chosen| {
        let value = sharpness(&mean(&losses, chosen));
        value.is_finite().then_some(value)
    });
    let singles: Vec<f64> =
        losses.iter().map(|curve| sharpness(curve)).filter(|value| value.is_finite()).collect();
    let single = singles.iter().sum::<f64>() / singles.len() as f64;
    let above = networks.above_trivial();
    let highest =
        above.iter().flat_map(|network| &networks.ends[*network]).map(|end| end.loss).fold(0.5, f64::max);
    let share = fraction(sharp, ratios.len(), results.bootstrap.confidence());
    let claim = measured(results, share, "of collapses are jumps")
        .map_or(claim.clone(), |measured| claim.with_measured(measured));
    let span =
        |pick: fn(f64, f64) -> f64, start: f64| collapses.iter().map(|(_, at)| at.middle()).fold(start, pick);
    let smooth = of_mean.map_or_else(String::new, |mean| {
        format!(
            " The largest step makes {:.2} ({:.2} to {:.2}) of all change of the mean, and {single:.2} of that of a single network.",
            mean.value, mean.low, mean.high
        )
    });
    let reason = format!(
        "In {sharp} of {} collapses the data loss rises more than {JUMP} times as fast as in the median step of lambda before (at least {least:.1} times); \
         they lie at {} different steps, between {:.4} and {:.4}.{smooth} {} networks have a loss above 1/2 before they collapse (up to \
         {highest:.2}), and {} come back after a collapse at a smaller lambda.",
        ratios.len(),
        distinct.len(),
        span(f64::min, f64::INFINITY),
        span(f64::max, 0.0),
        above.len(),
        networks.returning()
    );
    let verdict = if ratios.len() < 2 {
        ClaimVerdict::NotResolved
    } else if sharp < ratios.len() {
        if share.high < 0.5 { ClaimVerdict::Differs } else { ClaimVerdict::NotResolved }
    } else if distinct.len() >= 2 && of_mean.is_some_and(|mean| mean.high < single) {
        // Scattered only if the average is smoother than what it averages.
        ClaimVerdict::Agrees
    } else {
        ClaimVerdict::NotResolved
    };
    claim.judged_as(Judgement::new(verdict, reason))
}

/// Claim 12: regularisation shifts the spectrum by lambda, at the same weights.
fn judge_shift(results: &Results<'_>, networks: &Networks) -> Result<Claim, ResultError> {
    let quench = networks.some_quench(results);
    let architecture = Architecture::paper(quench.problem.width)?;
    let dataset = results.samples.of(&quench.problem)?;
    let record = results.record(&Task::Quench(quench.clone()))?;
    let weights = record.last().unwrap_or_default();
    let steps = weights.len().min(200);
    let largest = |regularisation: f64| -> Result<(f64, f64), ResultError> {
        let landscape = glassbox_simulations::landscape::NetworkLandscape::new(
            architecture.clone(),
            (*dataset).clone(),
            regularisation,
        )?;
        let mut failed = None;
        let extremes = Lanczos::new(weights.len(), steps, results.tasks.preset().seed)?.extremes(
            |vector, product| {
                if let Err(error) = landscape.hessian_vector_product(weights, vector, product) {
                    failed.get_or_insert(error);
                }
            },
        )?;
        failed.map_or(Ok((extremes.largest.eigenvalue, extremes.largest.error_bound)), |error| {
            Err(error.into())
        })
    };
    let lambda = networks.regularisations[networks.regularisations.len() - 1];
    let ((bare, bare_error), (shifted, shifted_error)) = (largest(0.0)?, largest(lambda)?);
    let (shift, error) = (shifted - bare, bare_error + shifted_error);
    let verdict = if (shift - lambda).abs() <= error { ClaimVerdict::Agrees } else { ClaimVerdict::Differs };
    let reason = format!(
        "At the same weights lambda = {lambda} moves the largest eigenvalue of the Hessian from {bare:.6} by {shift:.9}; rounding and \
         residuals leave {error:.1e}."
    );
    let interval = crate::analysis::Interval { value: shift, low: shift - error, high: shift + error };
    let claim = Claim::new(
        "12",
        "Sec. III A",
        "Regularisation adds lambda times the identity to the Hessian: the spectrum moves by lambda.",
        "H → H + lambda I",
    )
    .with_figure("1c")
    .with_null("lambda", lambda);
    let claim = measured(results, interval, "shift of the largest eigenvalue")
        .map_or(claim.clone(), |measured| claim.with_measured(measured));
    Ok(claim.judged_as(Judgement::new(verdict, reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_faster_than_what_came_before() {
        let end = |regularisation: f64, data_loss: f64| EndPoint {
            regularisation,
            loss: data_loss,
            data_loss,
            mean_shortfall: 0.0,
            squared_layer_norms: vec![],
        };
        // Per ln lambda: 0.1/ln 2, then 0.3/ln 2.
        let ends = [end(0.01, 0.1), end(0.02, 0.2), end(0.04, 0.5)];
        assert!((jump_over_earlier(&ends, 1).unwrap() - 3.0).abs() < 1e-12);
        assert_eq!(jump_over_earlier(&ends, 0), None);
    }
}
