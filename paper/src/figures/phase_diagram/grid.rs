//! All end points of a phase diagram, and the averages over its networks.

use crate::analysis::Interval;
use crate::figures::end_points::{EndPoint, of_quench};
use crate::figures::fraction::{half_crossing, on_grid};
use crate::results::{ResultError, Results};
use glassbox_simulations::protocol::{QuenchTask, Task};
use glassbox_sweep::experiment::{PhaseDiagram, Tasks};
use rayon::prelude::*;

/// Losses below it count as this in geometric means, as in the authors' scripts.
const FLOOR: f64 = 1e-20;

/// The end points of a diagram.
pub(super) struct Grid<'a> {
    /// What was run.
    pub(super) diagram: &'a PhaseDiagram,
    /// Weights N of each width.
    pub(super) weights: Vec<f64>,
    /// `ends[gain][width][regularisation][network]`; `None` for one that diverged.
    pub(super) ends: Vec<Vec<Vec<Vec<Option<EndPoint>>>>>,
}

/// The quenches of a diagram.
pub(super) fn tasks(tasks: &Tasks<'_>, diagram: &PhaseDiagram) -> Vec<Task> {
    let mut all = Vec::new();
    for gain in &diagram.gains {
        for width in &diagram.widths {
            for regularisation in &diagram.regularisations {
                for network in 0..diagram.initial_conditions {
                    all.push(Task::Quench(tasks.diagram(diagram, *gain, *width, *regularisation, network)));
                }
            }
        }
    }
    all
}

/// `exp <ln L>`, the paper's average.
pub(super) fn geometric_mean(losses: &[f64]) -> f64 {
    (losses.iter().map(|loss| loss.max(FLOOR).ln()).sum::<f64>() / losses.len() as f64).exp()
}

/// The plain average.
pub(super) fn arithmetic_mean(losses: &[f64]) -> f64 {
    losses.iter().sum::<f64>() / losses.len() as f64
}

impl<'a> Grid<'a> {
    /// Measures every end point.
    pub(super) fn measure(results: &Results<'_>, diagram: &'a PhaseDiagram) -> Result<Self, ResultError> {
        let of =
            |gain: f64, width: usize, regularisation: f64| -> Result<Vec<Option<EndPoint>>, ResultError> {
                let task = |network| -> QuenchTask {
                    results.tasks.diagram(diagram, gain, width, regularisation, network)
                };
                (0..diagram.initial_conditions)
                    .into_par_iter()
                    .map(|network| of_quench(results, &task(network)))
                    .collect()
            };
        let ends = diagram
            .gains
            .iter()
            .map(|gain| {
                diagram
                    .widths
                    .iter()
                    .map(|width| {
                        diagram.regularisations.par_iter().map(|lambda| of(*gain, *width, *lambda)).collect()
                    })
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        let weights = diagram.widths.iter().map(|width| (11 * width + 5 * width * width) as f64).collect();
        Ok(Self { diagram, weights, ends })
    }

    /// N/P_D of each width.
    pub(super) fn ratios(&self) -> Vec<f64> {
        self.weights.iter().map(|weights| weights / self.diagram.samples as f64).collect()
    }

    /// Index of lambda = 0, if it was run.
    pub(super) fn unregularised(&self) -> Option<usize> {
        self.diagram.regularisations.iter().position(|lambda| *lambda == 0.0)
    }

    /// Losses of the networks of a cell.
    pub(super) fn losses(&self, gain: usize, width: usize, regularisation: usize) -> Vec<f64> {
        self.ends[gain][width][regularisation].iter().flatten().map(|end| end.loss).collect()
    }

    /// Every end point with its gain and width.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, usize, &EndPoint)> {
        self.ends.iter().enumerate().flat_map(|(gain, widths)| {
            widths.iter().enumerate().flat_map(move |(width, cells)| {
                cells.iter().flatten().flatten().map(move |end| (gain, width, end))
            })
        })
    }

    /// `values[regularisation][width]` of an average over the networks of each cell; `None` where all diverged.
    pub(super) fn map(&self, gain: usize, average: impl Fn(&[f64]) -> f64) -> Vec<Vec<Option<f64>>> {
        (0..self.diagram.regularisations.len())
            .map(|regularisation| {
                (0..self.diagram.widths.len())
                    .map(|width| {
                        let losses = self.losses(gain, width, regularisation);
                        (!losses.is_empty()).then(|| average(&losses))
                    })
                    .collect()
            })
            .collect()
    }

    /// Networks that diverged, in words.
    pub(super) fn lost(&self) -> Option<String> {
        let mut named = Vec::new();
        for (gain, widths) in self.diagram.gains.iter().zip(&self.ends) {
            for (width, cells) in self.diagram.widths.iter().zip(widths) {
                for (lambda, networks) in self.diagram.regularisations.iter().zip(cells) {
                    let numbers: Vec<String> = (0..)
                        .zip(networks)
                        .filter(|(_, end)| end.is_none())
                        .map(|(n, _): (u32, _)| n.to_string())
                        .collect();
                    if !numbers.is_empty() {
                        named.push(format!(
                            "width {width}, lambda {lambda}, gain {gain:.3}: {}",
                            numbers.join(", ")
                        ));
                    }
                }
            }
        }
        (!named.is_empty()).then(|| format!("Diverged networks: {}.", named.join("; ")))
    }

    /// N*: where half of the networks of a gain reach a loss below `tolerance` at lambda = 0, in weights.
    pub(super) fn satisfied_from(
        &self,
        results: &Results<'_>,
        gain: usize,
        tolerance: f64,
    ) -> Option<Interval> {
        let zero = self.unregularised()?;
        let x: Vec<f64> = self.weights.iter().map(|weights| weights.ln()).collect();
        let cells: Vec<&Vec<Option<EndPoint>>> = self.ends[gain].iter().map(|cells| &cells[zero]).collect();
        let crossing = self.crossing(results, &x, &cells, |end| end.loss < tolerance);
        let [value, low, high] = [crossing.value, crossing.low, crossing.high].map(f64::exp);
        Some(Interval { value, low, high })
    }

    /// lambda*: from where on half of the networks of a width have collapsed.
    pub(super) fn collapsed_from(&self, results: &Results<'_>, gain: usize, width: usize) -> Interval {
        let cells: Vec<&Vec<Option<EndPoint>>> = self.ends[gain][width].iter().collect();
        self.crossing(results, &self.diagram.regularisations, &cells, EndPoint::has_collapsed)
    }

    /// The same for the networks of all widths together.
    pub(super) fn collapsed_from_at_any_width(&self, results: &Results<'_>, gain: usize) -> Interval {
        let pooled: Vec<Vec<Option<EndPoint>>> = (0..self.diagram.regularisations.len())
            .map(|lambda| self.ends[gain].iter().flat_map(|cells| cells[lambda].iter().cloned()).collect())
            .collect();
        self.crossing(
            results,
            &self.diagram.regularisations,
            &pooled.iter().collect::<Vec<_>>(),
            EndPoint::has_collapsed,
        )
    }

    /// Where half of the networks do something, with its interval over networks and at least that of the grid.
    fn crossing(
        &self,
        results: &Results<'_>,
        x: &[f64],
        cells: &[&Vec<Option<EndPoint>>],
        does: impl Fn(&EndPoint) -> bool,
    ) -> Interval {
        let count = cells.first().map_or(0, |cell| cell.len());
        let statistic = |chosen: &[usize]| {
            let fractions: Option<Vec<f64>> = cells
                .iter()
                .map(|cell| {
                    let ends: Vec<&EndPoint> =
                        chosen.iter().filter_map(|network| cell[*network].as_ref()).collect();
                    let hits = ends.iter().filter(|end| does(end)).count();
                    (!ends.is_empty()).then(|| hits as f64 / ends.len() as f64)
                })
                .collect();
            fractions.map(|fractions| half_crossing(x, &fractions))
        };
        let all: Vec<usize> = (0..count).collect();
        let value = statistic(&all).unwrap_or(f64::NAN);
        on_grid(x, value, results.bootstrap.interval(count, statistic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_by_hand() {
        assert!((geometric_mean(&[1e-4, 1e-2]) - 1e-3).abs() < 1e-15);
        // A loss of 0 counts as 1e-20.
        assert!((geometric_mean(&[0.0, 1.0]) - 1e-10).abs() < 1e-20);
        assert_eq!(arithmetic_mean(&[0.0, 1.0, 0.5]), 0.5);
    }
}
