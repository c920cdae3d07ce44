//! What the way up and down says, in words made from its numbers.

use super::Paths;
use crate::results::Results;
use glassbox_reports::gallery::{Page, PageBlock};

/// Measured decay of the weights of collapsed networks over `mu lambda`, smallest and largest; `None` without any.
///
/// At `W = 0` the data exert no force, so that every step multiplies the weights by `1 − mu lambda`.
fn decay_rates(paths: &Paths, learning_rate: f64, steps: u64) -> Option<(f64, f64)> {
    let mut rates: Option<(f64, f64)> = None;
    for path in &paths.paths {
        let collapsed = path.up.last().into_iter().chain(&path.down).skip_while(|end| !end.has_collapsed());
        let norms: Vec<(f64, f64)> =
            collapsed.map(|end| (end.regularisation, end.squared_layer_norms.iter().sum::<f64>())).collect();
        for pair in norms.windows(2) {
            let ((_, before), (regularisation, after)) = (pair[0], pair[1]);
            // Squares below 1e-280 have lost digits on the way to underflow.
            if after > 1e-280 && regularisation > 0.0 {
                let expected = 2.0 * steps as f64 * (-learning_rate * regularisation).ln_1p();
                let ratio = (after / before).ln() / expected;
                rates = Some(rates.map_or((ratio, ratio), |(low, high)| (low.min(ratio), high.max(ratio))));
            }
        }
    }
    rates
}

pub(super) fn page(results: &Results<'_>, paths: &Paths) -> Page {
    let hysteresis = &results.tasks.preset().hysteresis;
    let count = paths.paths.len();
    let spinodal = paths.one_sample.spinodal().map_or(f64::NAN, |point| point.regularisation);
    let coexistence = paths.one_sample.coexistence().map_or(f64::NAN, |point| point.regularisation);
    let collapses: Vec<Option<(f64, f64)>> = paths.paths.iter().map(super::Path::collapse).collect();
    let collapsed = collapses.iter().flatten().count();
    let returns: Vec<f64> = paths.paths.iter().filter_map(super::Path::return_from_trivial).collect();
    let first = paths.regularisations[0];
    let rows = paths.paths.iter().zip(&collapses).map(|(path, collapse)| {
        let at =
            collapse.map_or_else(|| "none on this grid".to_owned(), |(from, to)| format!("{from} to {to}"));
        let back =
            path.return_from_trivial().map_or_else(|| "never".to_owned(), |lambda| format!("at {lambda}"));
        let end = path.down.last().map_or_else(String::new, |end| format!("{:.6}", end.data_loss));
        let start = path.up.first().map_or_else(String::new, |end| format!("{:.6}", end.data_loss));
        vec![path.number.to_string(), at, format!("{:.3}", path.highest()), start, end, back]
    });
    let columns = [
        "network",
        "collapses between λ",
        "highest loss before",
        &format!("data loss at {first}, up"),
        &format!("data loss at {first}, down"),
        "leaves W = 0",
    ];
    let table = PageBlock::Table {
        caption: "Each network on its way".to_owned(),
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        rows: rows.collect(),
    };
    let paragraph = PageBlock::Paragraph;
    let answer = if collapsed == 0 {
        format!(
            "None of the {count} networks collapses below lambda = {}, so that this run cannot answer.",
            paths.regularisations.last().copied().unwrap_or_default()
        )
    } else if returns.is_empty() {
        format!(
            "{collapsed} of {count} networks collapse on the way up, and none of them comes back on the way down: at lambda = {first}, where each started as \
             a trained network, the collapsed ones still have W = 0. The loss at one lambda depends on where the network comes from. The trivialisation \
             is hysteretic."
        )
    } else {
        format!(
            "{collapsed} of {count} networks collapse on the way up, and {} of them leave W = 0 again on the way down, the first at lambda = {}.",
            returns.len(),
            returns.iter().copied().fold(0.0, f64::max)
        )
    };
    let range = collapses
        .iter()
        .flatten()
        .fold((f64::INFINITY, 0.0_f64), |(low, high), at| (low.min(at.0), high.max(at.1)));
    let beyond = collapses.iter().flatten().filter(|at| at.0 > spinodal).count();
    let highest = paths.paths.iter().map(super::Path::highest).fold(0.0, f64::max);
    let above = paths.paths.iter().filter(|path| path.highest() > 0.5).count();
    let bound = if collapsed == 0 {
        String::new()
    } else {
        format!(
            "Collapses lie between lambda = {} and {}. For any data of this mean input norm no stationary point but W = 0 exists beyond {spinodal:.3}, the spinodal of \
             one sample; {}. Beyond {coexistence:.3} W = 0 is the only global minimum. {above} of {count} networks follow their minimum to a loss above 1/2, up to \
             {highest:.3}: they stay in it although W = 0 is lower, as a metastable state does; one sample would reach 1.021.",
            range.0,
            range.1,
            if beyond == 0 {
                "every network collapses before it, as it must"
            } else {
                "networks beyond it contradict the bound, which is an error in the simulation"
            }
        )
    };
    let decay = decay_rates(paths, hysteresis.learning_rate, hysteresis.steps).map_or_else(
        || "No network was followed at W = 0 long enough to measure how it decays.".to_owned(),
        |(low, high)| {
            format!(
                "That W = 0 is a minimum at every lambda > 0 follows from the network's six hidden layers: the data loss is of seventh order in the weights there, \
                 and the curvature is lambda in every direction. It can be seen in the decay of the weights once a network has collapsed: the measured rate over \
                 mu lambda lies between {low:.4} and {high:.4} at every lambda on the way down."
            )
        },
    );
    Page {
        id: "hysteresis".to_owned(),
        title: "Is the trivialisation hysteretic?".to_owned(),
        blocks: vec![
            paragraph(
                "The paper borrows the name topology trivialisation from random landscapes, where the last point to survive loses its stability continuously. In a \
                 deep network without biases W = 0 is a minimum for every lambda > 0, so the transition should instead be of first order: trained minima vanish \
                 one by one at a lambda of their own, and a network that has fallen to W = 0 should stay there whatever happens to lambda."
                    .to_owned(),
            ),
            paragraph(format!(
                "Each of {count} networks, trained at lambda = {first}, was taken up to lambda = {} by full-batch descent, {} steps of {} at each value, and down again the same way.",
                paths.regularisations.last().copied().unwrap_or_default(),
                hysteresis.steps,
                hysteresis.learning_rate
            )),
            PageBlock::Figure {
                plate: "hysteresis".to_owned(),
                caption: "Loss with and without the regularisation, on the way up and on the way down.".to_owned(),
            },
            paragraph(answer),
            table,
            paragraph(bound),
            paragraph(decay),
            paragraph(
                "What this does not show: where a network collapses depends on how long it is given at each lambda, since a minimum that has just vanished leaves a slow \
                 passage behind, and on the noise, which can carry a network over the barrier before. Full-batch descent has none; minibatch descent may collapse earlier."
                    .to_owned(),
            ),
        ],
    }
}
