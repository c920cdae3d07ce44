//! Open question: is the kink in the average of Fig. 1c an artefact of how it was averaged?

use super::Drawn;
use super::transition::networks::{self, Networks, mean, sharpness, stale_average};
use crate::analysis::Interval;
use crate::results::{ResultError, Results};
use glassbox_reports::figures::plate::{Level, Mark, Measurement, Plate, PlateAxis, PlatePanel, Tone};
use glassbox_reports::gallery::{Page, PageBlock};
use glassbox_simulations::protocol::Task;
use glassbox_sweep::experiment::Tasks;

pub(super) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    networks::tasks(tasks)
}

/// The largest step of averages, as a share of all their steps.
struct Kinks {
    /// Of the mean over networks.
    mean: Option<Interval>,
    /// Of single networks.
    singles: Vec<f64>,
    /// Of the script's average, for every choice of a first and a last network.
    stale: Vec<f64>,
    /// Of the script's average in the networks' own order.
    stale_in_order: f64,
    /// Of the mean without the networks that stay above ½.
    without_high: Option<f64>,
    /// Networks that stay above ½ at some lambda.
    high: usize,
}

impl Kinks {
    fn measure(results: &Results<'_>, networks: &Networks) -> Self {
        let losses = networks.losses();
        let count = losses.len();
        let finite = |value: f64| value.is_finite().then_some(value);
        let mut stale: Vec<f64> = (0..count)
            .flat_map(|first| (0..count).filter(move |last| *last != first).map(move |last| (first, last)))
            .filter_map(|(first, last)| {
                finite(sharpness(&stale_average(&losses[first], &losses[last], count)))
            })
            .collect();
        stale.sort_by(f64::total_cmp);
        let high = networks.above_trivial();
        let others: Vec<usize> = (0..count).filter(|network| !high.contains(network)).collect();
        Self {
            mean: results.bootstrap.interval(count, |chosen| finite(sharpness(&mean(&losses, chosen)))),
            singles: losses.iter().filter_map(|curve| finite(sharpness(curve))).collect(),
            stale,
            stale_in_order: sharpness(&stale_average(&losses[0], &losses[count - 1], count)),
            without_high: (others.len() >= 2).then(|| sharpness(&mean(&losses, &others))),
            high: high.len(),
        }
    }

    fn median(sorted: &[f64]) -> f64 {
        if sorted.is_empty() {
            f64::NAN
        } else {
            0.5 * (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2])
        }
    }

    /// Share of the script's averages, over all orders of the networks, that are sharper than the mean can be.
    fn sharper(&self) -> Option<f64> {
        let high = self.mean?.high;
        Some(self.stale.iter().filter(|value| **value > high).count() as f64 / self.stale.len().max(1) as f64)
    }
}

pub(super) fn draw(results: &Results<'_>) -> Result<Drawn, ResultError> {
    let networks = Networks::measure(results)?;
    let kinks = Kinks::measure(results, &networks);
    let caption = format!(
        "The average of {} networks, and what the authors' script draws in its place: (L_first + (n − 1) L_last)/n; grey, if another network came last. Right: the largest \
         step of a curve as a share of all its steps.{}",
        networks.numbers.len(),
        networks.lost()
    );
    let plate = Plate::new("kink", "The kink in the average", caption, results.provenance.clone())?
        .with_columns(2)
        .with_panel(curves(results, &networks)?)
        .with_panel(shares(&kinks));
    let page = page(&networks, &kinks);
    Ok(Drawn { plate, claims: Vec::new(), page: Some(page) })
}

fn curves(results: &Results<'_>, networks: &Networks) -> Result<PlatePanel, ResultError> {
    let losses = networks.losses();
    let lambdas = &networks.regularisations;
    let line = |values: Vec<f64>| lambdas.iter().copied().zip(values).collect::<Vec<_>>();
    let intervals = results.bootstrap.mean_curve(&losses)?;
    let points = lambdas.iter().zip(&intervals);
    let points =
        points.map(|(lambda, mean)| Measurement::new(*lambda, mean.value, mean.low, mean.high)).collect();
    let count = losses.len();
    let mut panel = PlatePanel::new(
        "a",
        "Mean and script's average",
        PlateAxis::logarithmic("regularisation λ"),
        PlateAxis::linear("loss"),
    )
    .with_mark(Mark::level("loss of W = 0", Level::Horizontal(0.5), Tone::Guide));
    for last in 1..count.saturating_sub(1) {
        panel = panel.with_mark(Mark::line(
            "",
            line(stale_average(&losses[0], &losses[last], count)),
            Tone::Guide,
        ));
    }
    let stale = line(stale_average(&losses[0], &losses[count - 1], count));
    Ok(panel.with_mark(Mark::line("script's average, in order", stale, Tone::Paper)).with_mark(Mark::joined(
        "mean over networks",
        points,
        Tone::Measured,
    )))
}

fn shares(kinks: &Kinks) -> PlatePanel {
    let row = |values: &[f64], x: f64| -> Vec<Measurement> {
        values.iter().map(|value| Measurement::bare(x, *value)).collect()
    };
    let mut panel = PlatePanel::new(
        "b",
        "Largest step over all steps",
        PlateAxis::linear("single network · script, any order · mean").within(0.5, 3.5),
        PlateAxis::linear("share of the largest step").within(0.0, 1.02),
    )
    .with_mark(Mark::points("single networks", row(&kinks.singles, 1.0), Tone::Category(2)))
    .with_mark(Mark::points("script's average, any order", row(&kinks.stale, 2.0), Tone::Paper));
    if let Some(mean) = kinks.mean {
        let point = Measurement::new(3.0, mean.value, mean.low, mean.high);
        panel = panel.with_mark(Mark::points("mean over networks", vec![point], Tone::Measured));
    }
    panel
}

fn page(networks: &Networks, kinks: &Kinks) -> Page {
    let count = networks.numbers.len();
    let paragraph = |text: String| PageBlock::Paragraph(text);
    let average = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let single = average(&kinks.singles);
    let mean_words = kinks.mean.map_or_else(
        || "has no value here".to_owned(),
        |mean| format!("is {:.2} ({:.2} to {:.2})", mean.value, mean.low, mean.high),
    );
    let verdict = match (kinks.mean, kinks.sharper()) {
        (Some(mean), Some(sharper)) if sharper > 0.5 && single > mean.high => format!(
            "Whichever networks come first and last, the script's line is sharper than the mean in {:.0}% of all orders. A kink in that line is therefore \
             what its averaging makes of the jump of one network, and says nothing about the mean.",
            100.0 * sharper
        ),
        (Some(mean), _) if single <= mean.high => {
            "Here the mean is as sharp as single networks are: they collapse together on this grid of lambda, so that these networks cannot tell one \
             average from the other."
                .to_owned()
        }
        (Some(_), Some(sharper)) => format!(
            "The script's line is sharper than the mean in only {:.0}% of all orders of the networks, so that the averaging alone does not make a kink in \
             most of them.",
            100.0 * sharper
        ),
        _ => "The mean has no interval here, so that the question stays open.".to_owned(),
    };
    let high = match (kinks.high, kinks.without_high, kinks.mean) {
        (0, _, _) => "No network stays above 1/2 before it collapses, so that long-lived minima of high loss, the paper's explanation, are absent from these \
                      networks and cannot be what sharpens their average."
            .to_owned(),
        (high, Some(without), Some(mean)) => format!(
            "The paper explains its kink by a few long-lived minima of high loss. {high} of {count} networks have a loss above 1/2 at some lambda \
             without having collapsed. Without them the largest step of the mean makes {without:.2} of its change, with them {:.2}: {}.",
            mean.value,
            if mean.contains(without) { "no difference that these networks resolve" } else { "a difference beyond the interval" }
        ),
        (high, _, _) => format!("{high} of {count} networks have a loss above 1/2 at some lambda without having collapsed; too few are left to compare."),
    };
    Page {
        id: "kink".to_owned(),
        title: "Is the kink in the average of Fig. 1c an averaging artefact?".to_owned(),
        blocks: vec![
            paragraph(
                "The paper shows 20 networks over lambda, each with a sharp collapse of its own, and an average that is smooth but for a kink, which it puts \
                 down to a few long-lived minima of high loss. The published script computes that average in a loop over a variable that still holds the \
                 last network's losses: what it draws is (L_first + (n − 1) L_last)/n, in other words the last network with a trace of the first."
                    .to_owned(),
            ),
            PageBlock::Figure {
                plate: "kink".to_owned(),
                caption: "Left: the mean of the networks with its interval, and the script's average of the same networks. Right: how sharp they are.".to_owned(),
            },
            paragraph(format!(
                "How sharp a curve is can be put in one number: its largest step between neighbouring values of lambda over the sum of all its steps; 1 is a \
                 single jump, {:.2} a straight line here. Over single networks it is {single:.2} on average. Of the mean over {count} networks it {mean_words}. \
                 Of the script's average it is {:.2} in the networks' own order, and {:.2} in the middle of all {} choices of a first and a last network.",
                1.0 / (networks.regularisations.len() - 1).max(1) as f64,
                kinks.stale_in_order,
                Kinks::median(&kinks.stale),
                kinks.stale.len()
            )),
            paragraph(verdict),
            paragraph(high),
            paragraph(
                "What this does not show: which script the published figure was made with. The code that was published computes the line as described; \
                 if the figure came from another version, only the numbers for the mean apply to it."
                    .to_owned(),
            ),
        ],
    }
}
