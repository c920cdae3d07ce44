//! Single networks over lambda, and their averages: the right ones and that of the authors' script.

use crate::figures::end_points::{EndPoint, of_quench};
use crate::results::{ResultError, Results};
use glassbox_simulations::protocol::{QuenchTask, Task};
use glassbox_sweep::experiment::Tasks;

/// The networks of one width, each quenched at every lambda from the same first weights.
#[derive(Clone, Debug)]
pub(in crate::figures) struct Networks {
    /// Values of lambda, ascending.
    pub(in crate::figures) regularisations: Vec<f64>,
    /// Networks that diverged nowhere, by number.
    pub(in crate::figures) numbers: Vec<u32>,
    /// `ends[network][regularisation]`.
    pub(in crate::figures) ends: Vec<Vec<EndPoint>>,
    /// Networks that diverged somewhere.
    pub(in crate::figures) diverged: Vec<u32>,
}

/// Where a network collapses for good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::figures) struct Collapse {
    /// Index of the last lambda at which it has not.
    pub(in crate::figures) last_alive: usize,
    /// Lambda there.
    pub(in crate::figures) from: f64,
    /// The next lambda.
    pub(in crate::figures) to: f64,
    /// Rise of the data loss between the two.
    pub(in crate::figures) jump: f64,
}

impl Collapse {
    /// The middle on a logarithmic axis.
    pub(in crate::figures) fn middle(&self) -> f64 {
        (self.from * self.to).sqrt()
    }
}

fn quench(tasks: &Tasks<'_>, regularisation: f64, network: u32) -> QuenchTask {
    let diagram = &tasks.preset().transition;
    tasks.diagram(diagram, diagram.gains[0], diagram.widths[0], regularisation, network)
}

/// The quenches of all networks.
pub(in crate::figures) fn tasks(tasks: &Tasks<'_>) -> Vec<Task> {
    let diagram = &tasks.preset().transition;
    let networks = 0..diagram.initial_conditions;
    let of = |network| {
        diagram.regularisations.iter().map(move |lambda| Task::Quench(quench(tasks, *lambda, network)))
    };
    networks.flat_map(of).collect()
}

impl Networks {
    /// Measures every end point.
    pub(in crate::figures) fn measure(results: &Results<'_>) -> Result<Self, ResultError> {
        let diagram = &results.tasks.preset().transition;
        // A logarithmic axis has no place for 0.
        let regularisations: Vec<f64> =
            diagram.regularisations.iter().copied().filter(|lambda| *lambda > 0.0).collect();
        let (mut numbers, mut ends, mut diverged) = (Vec::new(), Vec::new(), Vec::new());
        for network in 0..diagram.initial_conditions {
            let of = |lambda: &f64| of_quench(results, &quench(results.tasks, *lambda, network));
            let all = regularisations.iter().map(of).collect::<Result<Vec<_>, _>>()?;
            match all.into_iter().collect::<Option<Vec<_>>>() {
                Some(all) => {
                    numbers.push(network);
                    ends.push(all);
                }
                None => diverged.push(network),
            }
        }
        if numbers.len() < 2 {
            let (phase, all) = ("Transition", diagram.initial_conditions);
            return Err(ResultError::TooFewNetworks { phase, left: numbers.len(), all });
        }
        Ok(Self { regularisations, numbers, ends, diverged })
    }

    /// The quench of the first network at the first lambda, for its data.
    pub(in crate::figures) fn some_quench(&self, results: &Results<'_>) -> QuenchTask {
        quench(results.tasks, self.regularisations[0], self.numbers[0])
    }

    /// `losses[network][regularisation]`.
    pub(in crate::figures) fn losses(&self) -> Vec<Vec<f64>> {
        self.ends.iter().map(|ends| ends.iter().map(|end| end.loss).collect()).collect()
    }

    /// Where each network collapses for good; `None` if it never does or always has.
    pub(in crate::figures) fn collapses(&self) -> Vec<Option<Collapse>> {
        self.ends
            .iter()
            .map(|ends| {
                let last_alive = ends.iter().rposition(|end| !end.has_collapsed())?;
                let (before, after) = (&ends[last_alive], ends.get(last_alive + 1)?);
                Some(Collapse {
                    last_alive,
                    from: before.regularisation,
                    to: after.regularisation,
                    jump: after.data_loss - before.data_loss,
                })
            })
            .collect()
    }

    /// Networks that have collapsed at a lambda below one at which they have not.
    pub(in crate::figures) fn returning(&self) -> usize {
        let returns = |ends: &&Vec<EndPoint>| {
            ends.windows(2).any(|pair| pair[0].has_collapsed() && !pair[1].has_collapsed())
        };
        self.ends.iter().filter(returns).count()
    }

    /// Networks that have a loss above ½ at some lambda without having collapsed: they have not found `W = 0`, which is lower.
    pub(in crate::figures) fn above_trivial(&self) -> Vec<usize> {
        let above = |end: &EndPoint| !end.has_collapsed() && end.loss > 0.5;
        (0..self.ends.len()).filter(|network| self.ends[*network].iter().any(above)).collect()
    }

    /// One line on networks that diverged.
    pub(in crate::figures) fn lost(&self) -> String {
        if self.diverged.is_empty() {
            return String::new();
        }
        let numbers: Vec<String> = self.diverged.iter().map(u32::to_string).collect();
        format!(" Diverged, and left out: network {}.", numbers.join(", "))
    }
}

/// The mean curve of the chosen networks.
pub(in crate::figures) fn mean(losses: &[Vec<f64>], chosen: &[usize]) -> Vec<f64> {
    let points = losses.first().map_or(0, Vec::len);
    (0..points)
        .map(|point| chosen.iter().map(|one| losses[*one][point]).sum::<f64>() / chosen.len() as f64)
        .collect()
}

/// The median curve.
pub(in crate::figures) fn median(losses: &[Vec<f64>]) -> Vec<f64> {
    let points = losses.first().map_or(0, Vec::len);
    (0..points)
        .map(|point| {
            let mut values: Vec<f64> = losses.iter().map(|curve| curve[point]).collect();
            values.sort_by(f64::total_cmp);
            let count = values.len();
            0.5 * (values[(count - 1) / 2] + values[count / 2])
        })
        .collect()
}

/// What the authors' script draws as the average of n networks: its loop adds a variable that still holds the last network's
/// losses, so that it has `(L_first + (n − 1) L_last) / n` (PHYSICS.md, section A).
pub(in crate::figures) fn stale_average(first: &[f64], last: &[f64], networks: usize) -> Vec<f64> {
    let n = networks as f64;
    first.iter().zip(last).map(|(first, last)| (first + (n - 1.0) * last) / n).collect()
}

/// Largest step of a curve between neighbours over the sum of all its steps: 1 for a single jump, 1/steps for a straight
/// line. NaN for a constant.
pub(in crate::figures) fn sharpness(curve: &[f64]) -> f64 {
    let steps = curve.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let (largest, sum) = steps.fold((0.0_f64, 0.0), |(largest, sum), step| (largest.max(step), sum + step));
    largest / sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(regularisation: f64, data_loss: f64, loss: f64) -> EndPoint {
        EndPoint { regularisation, loss, data_loss, mean_shortfall: 0.0, squared_layer_norms: vec![] }
    }

    #[test]
    fn collapses_by_hand() {
        let lambdas = vec![0.01, 0.02, 0.04];
        let one = vec![end(0.01, 0.1, 0.3), end(0.02, 0.5, 0.5), end(0.04, 0.5, 0.5)];
        let late = vec![end(0.01, 0.5, 0.5), end(0.02, 0.2, 0.6), end(0.04, 0.5, 0.5)];
        let never = vec![end(0.01, 0.1, 0.2), end(0.02, 0.1, 0.3), end(0.04, 0.2, 0.4)];
        let networks = Networks {
            regularisations: lambdas,
            numbers: vec![0, 1, 2],
            ends: vec![one, late, never],
            diverged: vec![],
        };
        let collapses = networks.collapses();
        assert_eq!(collapses[0], Some(Collapse { last_alive: 0, from: 0.01, to: 0.02, jump: 0.4 }));
        assert!((collapses[1].unwrap().jump - 0.3).abs() < 1e-15 && collapses[2].is_none());
        assert_eq!((networks.returning(), networks.above_trivial()), (1, vec![1]));
    }

    #[test]
    fn averages_by_hand() {
        let losses = vec![vec![0.0, 1.0], vec![0.0, 0.0], vec![3.0, 2.0]];
        assert_eq!(mean(&losses, &[0, 1, 2]), [1.0, 1.0]);
        assert_eq!(median(&losses), [0.0, 1.0]);
        // As in the script, with 20 networks: (L_1 + 19 L_20)/20.
        assert_eq!(stale_average(&[0.0], &[1.0], 20), [0.95]);
        assert_eq!(sharpness(&[0.0, 0.0, 1.0, 1.0]), 1.0);
        assert_eq!(sharpness(&[0.0, 1.0, 0.0]), 0.5);
        assert!(sharpness(&[1.0, 1.0]).is_nan());
    }
}
