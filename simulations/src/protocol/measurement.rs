//! Observables of a block: the frames of one record from one waiting time on.

use super::record::Record;
use crate::network::Architecture;
use crate::observables::{displacement, mean_squared_displacement, overlap};

/// Whose conventions an observable follows (PHYSICS.md, sections A and E).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Convention {
    /// All weights; relaxation times interpolated.
    #[default]
    Strict,
    /// As the authors' scripts: overlap and its window without the output layer, the first saved frame past a threshold.
    PaperCompatible,
}

/// Which weights are looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// One flag a weight.
    pub chosen: Vec<bool>,
}

/// One network from one waiting time on.
pub struct Block<'a> {
    record: &'a Record,
    origin: usize,
    end: usize,
}

impl<'a> Block<'a> {
    /// The block of `record` from `waiting_time` on; `None` if there is no frame at that time.
    #[must_use]
    pub fn new(record: &'a Record, waiting_time: u64) -> Option<Self> {
        let origin = record.times.binary_search(&waiting_time).ok()?;
        Some(Self { record, origin, end: record.times.len() })
    }

    /// Lags of the frames after the origin, in steps, from 1 on.
    #[must_use]
    pub fn lags(&self) -> Vec<u64> {
        let from = self.record.times[self.origin];
        self.record.times[self.origin + 1..self.end].iter().map(|time| time - from).collect()
    }

    /// Weights at the waiting time.
    #[must_use]
    pub fn origin(&self) -> &'a [f64] {
        self.record.frame(self.origin)
    }

    /// Displacements of the chosen weights at `lag`, if a frame was saved there.
    #[must_use]
    pub fn displacements(&self, lag: u64, population: &Population) -> Option<Vec<f64>> {
        let frame = self.record.at(self.record.times[self.origin] + lag)?;
        let all = displacement(self.origin(), frame);
        Some(population.of(&all))
    }

    /// An observable of the displacements at each of `lags`; NaN where no frame was saved.
    #[must_use]
    pub fn curve(
        &self,
        lags: &[u64],
        population: &Population,
        observable: impl Fn(&[f64]) -> f64,
    ) -> Vec<f64> {
        lags.iter()
            .map(|lag| self.displacements(*lag, population).map_or(f64::NAN, |moved| observable(&moved)))
            .collect()
    }

    /// The overlap at each of `lags` for a window of this half width.
    #[must_use]
    pub fn overlap(&self, lags: &[u64], population: &Population, half_width: f64) -> Vec<f64> {
        self.curve(lags, population, |moved| overlap(moved, half_width))
    }

    /// The mean squared displacement at each of `lags`.
    #[must_use]
    pub fn mean_squared_displacement(&self, lags: &[u64], population: &Population) -> Vec<f64> {
        self.curve(lags, population, mean_squared_displacement)
    }

    /// The overlap window: standard deviation of the population's weights at the origin, over `overlap_scale` (chi).
    #[must_use]
    pub fn half_width(&self, population: &Population, overlap_scale: f64) -> f64 {
        population.spread(self.origin()) / overlap_scale
    }
}

impl Population {
    /// All weights.
    #[must_use]
    pub fn all(architecture: &Architecture) -> Self {
        Self { chosen: vec![true; architecture.weight_count()] }
    }

    /// The weights whose overlap `convention` counts.
    #[must_use]
    pub fn of_overlap(architecture: &Architecture, convention: Convention) -> Self {
        let mut all = Self::all(architecture);
        if convention == Convention::PaperCompatible
            && let Some(last) = architecture.layers().last()
        {
            all.chosen[last.range.clone()].fill(false);
        }
        all
    }

    /// One layer.
    #[must_use]
    pub fn layer(architecture: &Architecture, layer: usize) -> Self {
        let mut none = Self { chosen: vec![false; architecture.weight_count()] };
        if let Some(layer) = architecture.layers().get(layer) {
            none.chosen[layer.range.clone()].fill(true);
        }
        none
    }

    /// The other weights.
    #[must_use]
    pub fn others(&self) -> Self {
        Self { chosen: self.chosen.iter().map(|chosen| !chosen).collect() }
    }

    /// The chosen ones of one value a weight.
    #[must_use]
    pub fn of(&self, values: &[f64]) -> Vec<f64> {
        values.iter().zip(&self.chosen).filter(|(_, chosen)| **chosen).map(|(value, _)| *value).collect()
    }

    /// Standard deviation of the chosen ones, about their mean.
    #[must_use]
    pub fn spread(&self, weights: &[f64]) -> f64 {
        let weights = self.of(weights);
        let count = weights.len() as f64;
        let mean = weights.iter().sum::<f64>() / count;
        let variance = weights.iter().map(|weight| (weight - mean) * (weight - mean)).sum::<f64>() / count;
        variance.sqrt()
    }

    /// Number of chosen weights.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chosen.iter().filter(|chosen| **chosen).count()
    }

    /// Whether no weight is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Weights that belong to a hidden neuron at rest: one whose incoming and outgoing weights together have less than `share`
/// (such as 1e-3) of the mean squared norm of the network's hidden neurons.
///
/// Regularised descent takes incoming and outgoing norm of a neuron to the same value, and those of an idle one to 0, so
/// that the two kinds lie many decades apart (PHYSICS.md, C.13). Without regularisation nothing is at rest.
#[must_use]
pub fn neurons_at_rest(architecture: &Architecture, weights: &[f64], share: f64) -> Population {
    let layers = architecture.layers();
    let mut resting = vec![false; weights.len()];
    let mut neurons = Vec::new();
    for pair in 0..layers.len().saturating_sub(1) {
        let (before, after) = (&layers[pair], &layers[pair + 1]);
        for neuron in 0..before.outputs {
            let incoming = before.range.start + neuron * before.inputs
                ..before.range.start + (neuron + 1) * before.inputs;
            let outgoing = (0..after.outputs).map(|row| after.range.start + row * after.inputs + neuron);
            let members: Vec<usize> = incoming.chain(outgoing).collect();
            let norm: f64 = members.iter().map(|member| weights[*member] * weights[*member]).sum();
            neurons.push((norm, members));
        }
    }
    let mean = neurons.iter().map(|(norm, _)| norm).sum::<f64>() / neurons.len().max(1) as f64;
    for (norm, members) in neurons {
        if norm < share * mean {
            members.into_iter().for_each(|member| resting[member] = true);
        }
    }
    Population { chosen: resting }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            times: vec![0, 2, 3, 7],
            losses: vec![0.0; 4],
            weights: vec![0.0, 0.0, 1.0, 3.0, 1.5, 3.0, 2.0, 5.0],
            ..Record::default()
        }
    }

    #[test]
    fn a_block_counts_from_its_waiting_time() {
        let record = record();
        let block = Block::new(&record, 2).unwrap();
        let all = Population { chosen: vec![true, true] };
        assert_eq!(block.lags(), [1, 5]);
        assert_eq!(block.mean_squared_displacement(&[1, 5], &all), [0.125, 2.5]);
        assert_eq!(block.overlap(&[1, 5], &all, 0.5), [1.0, 0.0]);
        assert_eq!(block.half_width(&all, 4.0), 0.25);
        assert!(block.overlap(&[2], &all, 0.5)[0].is_nan());
        assert!(Block::new(&record, 1).is_none());
    }

    #[test]
    fn populations_by_hand() {
        let architecture = Architecture::new(&[2, 2, 1]).unwrap();
        let compatible = Population::of_overlap(&architecture, Convention::PaperCompatible);
        assert_eq!(compatible.chosen, [true, true, true, true, false, false]);
        assert_eq!(Population::layer(&architecture, 1), compatible.others());
        // The second neuron rests: its incoming row and its outgoing weight.
        let resting = neurons_at_rest(&architecture, &[1.0, 2.0, 1e-9, 0.0, 1.0, 1e-9], 1e-3);
        assert_eq!(resting.chosen, [false, false, true, true, false, true]);
        assert_eq!(resting.of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), [3.0, 4.0, 6.0]);
    }
}
