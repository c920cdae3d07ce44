//! Weights of hidden neurons that no sample activates: they have no data gradient, exactly, while that lasts.

use crate::results::{ResultError, Results, Run};
use glassbox_simulations::network::Architecture;
use glassbox_simulations::network::reference::{Samples as Rows, activation_pattern};
use glassbox_simulations::protocol::Population;
use glassbox_sweep::Samples;

/// What one network has of them at the end of its quench.
pub(super) struct NeverActive {
    pub neurons: usize,
    pub weights: Population,
}

/// Of each network of a run; `None` for data of one's own, which is not at hand while drawing.
pub(super) fn of(results: &Results<'_>, run: &Run) -> Result<Option<Vec<NeverActive>>, ResultError> {
    let problem = results.tasks.quench(run.name, 0).problem;
    let Ok(dataset) = Samples::new(None).of(&problem) else { return Ok(None) };
    let rows = Rows { inputs: dataset.inputs(), labels: dataset.labels() };
    run.networks
        .iter()
        .map(|network| {
            let weights = network.quench.last().unwrap_or_default();
            let pattern = activation_pattern(&run.architecture, rows, weights)?;
            Ok(of_pattern(&run.architecture, &pattern))
        })
        .collect::<Result<Vec<_>, ResultError>>()
        .map(Some)
}

/// `pattern`: for each sample a flag for every hidden neuron, and one for the hinge.
fn of_pattern(architecture: &Architecture, pattern: &[bool]) -> NeverActive {
    let layers = architecture.layers();
    let hidden: usize = layers.iter().rev().skip(1).map(|layer| layer.outputs).sum();
    let mut active = vec![false; hidden + 1];
    for sample in pattern.chunks(hidden + 1) {
        active.iter_mut().zip(sample).for_each(|(any, one)| *any |= one);
    }
    let mut chosen = vec![false; architecture.weight_count()];
    let (mut neuron, mut neurons) = (0, 0);
    for pair in layers.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        for index in 0..before.outputs {
            if !active[neuron] {
                neurons += 1;
                let row = before.range.start + index * before.inputs;
                chosen[row..row + before.inputs].fill(true);
                (0..after.outputs)
                    .for_each(|row| chosen[after.range.start + row * after.inputs + index] = true);
            }
            neuron += 1;
        }
    }
    NeverActive { neurons, weights: Population { chosen } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_neuron_that_no_sample_activates() {
        // Two inputs, two hidden neurons, one output: the second neuron has only negative weights on positive inputs.
        let architecture = Architecture::new(&[2, 2, 1]).unwrap();
        let rows = Rows { inputs: &[1.0, 2.0, 3.0, 1.0], labels: &[1.0, -1.0] };
        let weights = [1.0, -1.0, -1.0, -1.0, 1.0, 1.0];
        let found = of_pattern(&architecture, &activation_pattern(&architecture, rows, &weights).unwrap());
        // The first is active for the second sample only, which is enough.
        assert_eq!(found.neurons, 1);
        assert_eq!(found.weights.chosen, [false, false, true, true, false, true]);
    }
}
